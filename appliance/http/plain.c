#include "http/plain.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

enum { HTTPS_PORT = 443 };

struct plain {
	struct loop *loop;
	struct http_server *server;
	int fd;
};

static void on_accept(int listener, uint32_t events, void *arg)
{
	struct plain *p = arg;
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);
	struct addr peer;
	int fd;

	(void)events;
	while ((fd = accept4(listener, (struct sockaddr *)&ss, &len,
			     SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		addr_from((struct sockaddr *)&ss, len, &peer);
		http_server_add_plain(p->server, fd, &peer);
		len = sizeof(ss);
	}
}

enum err plain_new(struct loop *l, struct http_server *s, int fd, struct plain **out)
{
	struct plain *p = xcalloc(1, sizeof(*p));
	enum err e;

	*p = (struct plain){ .loop = l, .server = s, .fd = fd };
	e = loop_add_fd(l, fd, EPOLLIN, on_accept, p);
	if (e == E_OK) {
		*out = p;
		return E_OK;
	}
	close(fd);
	free(p);
	return e;
}

void plain_free(struct plain **pp)
{
	struct plain *p = *pp;

	if (p == NULL)
		return;
	loop_del_fd(p->loop, p->fd);
	close(p->fd);
	free(p);
	*pp = NULL;
}

static bool is_host_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.';
}

/* The name or address without its port; len 0: it is none. */
static struct str host_alone(struct str host)
{
	size_t n = 0;

	if (host.len > 2 && host.p[0] == '[') {
		size_t end = str_find(host, ']', 0);
		struct addr a;
		struct buf text;
		bool ok;

		buf_init(&text, ADDR_PRINT_MAX);
		buf_add(&text, str_sub(host, 0, end + 1));
		buf_addz(&text, ":1");
		ok = end < host.len && (end + 1 == host.len || host.p[end + 1] == ':') &&
		     addr_decode(buf_str(&text), &a) == E_OK;
		buf_fini(&text);
		return ok ? str_sub(host, 0, end + 1) : STR_NULL;
	}
	while (n < host.len && is_host_char(host.p[n]))
		n++;
	return n == host.len || host.p[n] == ':' ? str_sub(host, 0, n) : STR_NULL;
}

enum err plain_location(struct str host, struct str target, uint16_t https_port, struct buf *out)
{
	struct str name = host_alone(host);

	if (name.len == 0 || target.len == 0 || target.p[0] != '/')
		return E_BAD;
	for (size_t i = 0; i < target.len; i++)
		if ((unsigned char)target.p[i] <= ' ' || (unsigned char)target.p[i] >= 0x7f)
			return E_BAD;
	buf_addz(out, "https://");
	buf_add(out, name);
	if (https_port != 0 && https_port != HTTPS_PORT)
		buf_addf(out, ":%u", (unsigned)https_port);
	buf_add(out, target);
	return buf_err(out);
}
