#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "http/control.h"

enum { CONTROL_BACKLOG = 16 };

struct control {
	struct loop *loop;
	struct http_server *server;
	int fd;
	char *path; /* owned */
};

static bool is_ours(int fd)
{
	struct ucred peer;
	socklen_t len = sizeof(peer);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	if (peer.uid == 0 || peer.uid == geteuid())
		return true;
	log_warn("control", "connection refused uid=%u", (unsigned)peer.uid);
	return false;
}

static void on_accept(int listener, uint32_t events, void *arg)
{
	struct control *c = arg;
	int fd;

	(void)events;
	while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		if (is_ours(fd))
			http_server_add_local(c->server, fd);
		else
			close(fd);
	}
}

enum err control_new(struct loop *l, struct http_server *s, const char *path, struct control **out)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	struct control *c = NULL;
	int fd = -1;

	if (strlen(path) >= sizeof(un.sun_path)) {
		log_error("control", "path too long for a socket: %s", path);
		return E_TOOBIG;
	}
	memcpy(un.sun_path, path, strlen(path) + 1);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		goto fail;
	if (unlink(path) != 0 && errno != ENOENT)
		goto fail;
	/* The process umask is 077, so the socket never exists with a wider mode. */
	if (bind(fd, (struct sockaddr *)&un, sizeof(un)) != 0 || chmod(path, 0600) != 0 ||
	    listen(fd, CONTROL_BACKLOG) != 0)
		goto fail;
	c = xcalloc(1, sizeof(*c));
	*c = (struct control){ .loop = l, .server = s, .fd = fd, .path = xstrdup(path) };
	if (loop_add_fd(l, fd, EPOLLIN, on_accept, c) != E_OK)
		goto fail;
	*out = c;
	return E_OK;
fail:
	log_error("control", "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (c != NULL)
		free(c->path);
	free(c);
	return E_IO;
}

void control_free(struct control **cp)
{
	struct control *c = *cp;

	if (c == NULL)
		return;
	loop_del_fd(c->loop, c->fd);
	close(c->fd);
	(void)unlink(c->path);
	free(c->path);
	free(c);
	*cp = NULL;
}
