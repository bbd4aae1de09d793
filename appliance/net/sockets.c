#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/num.h"

#include "net/sockets.h"

enum { INHERITED_FIRST_FD = 3 }; /* sd_listen_fds(3): SD_LISTEN_FDS_START */

static bool is_listening_stream(int fd)
{
	int type = 0, listening = 0;
	socklen_t len = sizeof(type);

	if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_STREAM)
		return false;
	len = sizeof(listening);
	return getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &len) == 0 && listening != 0;
}

static void set_flags(int fd)
{
	int fl = fcntl(fd, F_GETFL);

	fcntl(fd, F_SETFD, FD_CLOEXEC);
	if (fl >= 0)
		fcntl(fd, F_SETFL, fl | O_NONBLOCK);
}

/* How many fds the environment passes to this very process. */
static uint32_t inherited_count(void)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	uint64_t p;
	uint32_t n;

	if (pid == NULL || fds == NULL)
		return 0;
	if (num_u64(str_of(pid), 1, INT32_MAX, &p) != E_OK || (pid_t)p != getpid())
		return 0;
	if (num_u32(str_of(fds), 0, 1024, &n) != E_OK)
		return 0;
	return n;
}

size_t sockets_inherited(struct inherited_socket out[static SOCKETS_INHERITED_MAX])
{
	uint32_t n = inherited_count();
	struct str names = str_of(getenv("LISTEN_FDNAMES"));
	size_t got = 0;

	for (uint32_t i = 0; i < n; i++) {
		struct str name = names.p == NULL ? STR_NULL : str_cut(&names, ':');
		struct inherited_socket s = { .fd = INHERITED_FIRST_FD + (int)i };

		set_flags(s.fd);
		if (got == SOCKETS_INHERITED_MAX || !is_listening_stream(s.fd) ||
		    sockets_local(s.fd, &s.local) != E_OK) {
			log_warn("sockets", "inherited fd=%d is no listening stream socket, closed",
				 s.fd);
			close(s.fd);
			continue;
		}
		name = str_sub(name, 0, SOCKETS_NAME_MAX - 1);
		if (name.len > 0)
			memcpy(s.name, name.p, name.len);
		out[got++] = s;
	}
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	return got;
}

static enum err errno_err(void)
{
	switch (errno) {
	case EADDRINUSE:
		return E_EXISTS;
	case EACCES:
	case EPERM:
		return E_DENIED;
	case EAFNOSUPPORT:
		return E_UNSUPPORTED;
	default:
		return E_IO;
	}
}

static enum err listen_on(const struct addr *a, int *fd_out)
{
	static const int on = 1, off = 0;
	enum err e;
	int fd, saved;

	fd = socket(a->sa.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return errno_err();
	/* A restart must not wait for the TIME_WAIT of the connections before it. */
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) != 0)
		goto fail;
	if (addr_is_v6(a) && setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off)) != 0)
		goto fail;
	if (bind(fd, &a->sa, a->len) != 0 || listen(fd, NET_LISTEN_BACKLOG) != 0)
		goto fail;
	*fd_out = fd;
	return E_OK;
fail:
	saved = errno;
	e = errno_err();
	close(fd);
	errno = saved;
	return e;
}

enum err sockets_listen(const struct addr *a, int *fd_out)
{
	enum err e = listen_on(a, fd_out);
	struct addr v4 = { .len = sizeof(v4.v4) };

	/* Without IPv6 in the kernel socket() says EAFNOSUPPORT; with it switched off, bind() says
	 * EADDRNOTAVAIL. */
	if (e == E_OK || !addr_is_v6(a) || !IN6_IS_ADDR_UNSPECIFIED(&a->v6.sin6_addr))
		return e;
	if (errno != EAFNOSUPPORT && errno != EADDRNOTAVAIL)
		return e;
	v4.v4.sin_family = AF_INET;
	v4.v4.sin_port = a->v6.sin6_port;
	return listen_on(&v4, fd_out);
}

enum err sockets_local(int fd, struct addr *out)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getsockname(fd, (struct sockaddr *)&ss, &len) != 0)
		return E_IO;
	addr_from((struct sockaddr *)&ss, len, out);
	return E_OK;
}

void sockets_tune(int fd)
{
	static const int on = 1, idle = NET_KEEPALIVE_IDLE_S, intvl = NET_KEEPALIVE_INTVL_S,
			 count = NET_KEEPALIVE_COUNT;
	static const unsigned int user_ms = NET_USER_TIMEOUT_MS;

	/* A failure costs some speed or a later notice of a dead peer; not worth a refusal. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &intvl, sizeof(intvl));
	setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof(count));
	setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &user_ms, sizeof(user_ms));
}
