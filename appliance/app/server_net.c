/* server_net.c: listening sockets, inherited from systemd or made here, and the doors behind them. */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "net/sockets.h"

#include "app/server_int.h"

/* Which configured addresses a socket of that name stands for. */
static bool is_for_sip(const struct inherited_socket *in)
{
	return strcmp(in->name, "web") != 0;
}

/* Without TLS; the web thread accepts there. */
static void take_plain(struct server *s, int fd)
{
	char text[ADDR_PRINT_MAX] = "?";
	struct addr local;

	if (s->n_plain_fds == CONFIG_ADDRS_MAX) {
		close(fd);
		return;
	}
	s->plain_fd[s->n_plain_fds++] = fd;
	if (sockets_local(fd, &local) == E_OK)
		addr_print(&local, text);
	log_info("boot", "listening http=%s", text);
}

static void take(struct server *s, int fd, const char *what, uint16_t *port)
{
	char text[ADDR_PRINT_MAX] = "?";
	struct addr local;

	s->fd[s->n_fds++] = fd;
	if (sockets_local(fd, &local) == E_OK) {
		addr_print(&local, text);
		if (*port == 0)
			*port = addr_port(&local);
	}
	log_info("boot", "listening %s=%s", what, text);
}

/* port NULL: without TLS. */
static enum err listen_all(struct server *s, const struct addr *list, size_t n, const char *what,
			   uint16_t *port)
{
	for (size_t i = 0; i < n; i++) {
		char text[ADDR_PRINT_MAX];
		int fd;
		enum err e = sockets_listen(&list[i], &fd);

		if (e != E_OK) {
			log_error("boot", "cannot listen on %s %s: %s", what,
				  addr_print(&list[i], text), strerror(errno));
			return e;
		}
		if (port == NULL)
			take_plain(s, fd);
		else
			take(s, fd, what, port);
	}
	return E_OK;
}

enum err server_net_listen(struct server *s)
{
	struct inherited_socket in[SOCKETS_INHERITED_MAX];
	size_t n = sockets_inherited(in), n_sip = 0, n_web = 0;
	enum err e = E_OK;

	/* A connection is told apart by its first bytes, so a socket of any name but "http" serves both; the
	 * names only say which ports we need not open ourselves. */
	for (size_t i = 0; i < n; i++) {
		if (strcmp(in[i].name, "http") == 0) {
			take_plain(s, in[i].fd);
		} else if (is_for_sip(&in[i])) {
			take(s, in[i].fd, "sip", &s->sip_port);
			n_sip++;
		} else {
			take(s, in[i].fd, "web", &s->web_port);
			n_web++;
		}
	}
	if (n_sip == 0)
		e = listen_all(s, s->cfg->sip, s->cfg->n_sip, "sip", &s->sip_port);
	if (e == E_OK && n_web == 0)
		e = listen_all(s, s->cfg->web, s->cfg->n_web, "web", &s->web_port);
	if (e == E_OK && s->n_plain_fds == 0)
		e = listen_all(s, s->cfg->http, s->cfg->n_http, "http", NULL);
	return e;
}

enum err server_net_open_doors(struct server *s)
{
	struct doors_cfg cfg = {
		.fds = s->fd,
		.n_fds = s->n_fds,
		.tls = s->tls,
		.sip = s->hub,
		.on_web = http_server_on_web,
		.on_web_arg = s->http,
	};
	enum err e;

	s->n_fds = 0; /* the doors own them from here on, also when they do not start */
	e = doors_start(&cfg, &s->doors);
	if (e != E_OK)
		log_error("boot", "the doors do not open: %s", err_str(e));
	return e;
}
