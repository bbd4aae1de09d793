/* sockets.h: listening sockets, made or inherited from systemd, and options of connected ones. */
#ifndef NET_SOCKETS_H
#define NET_SOCKETS_H

#include <stddef.h>

#include "base/err.h"
#include "net/addr.h"

enum { SOCKETS_INHERITED_MAX = 16, SOCKETS_NAME_MAX = 32 };

struct inherited_socket {
	int fd;			     /* listening stream socket, close-on-exec, non-blocking */
	char name[SOCKETS_NAME_MAX]; /* FileDescriptorName= of the socket unit: "sip", "web" */
	struct addr local;
};

/* The sockets systemd passed to this process (LISTEN_PID, LISTEN_FDS, LISTEN_FDNAMES); clears those
 * variables so that children do not take them.  Returns how many, at most SOCKETS_INHERITED_MAX. */
size_t sockets_inherited(struct inherited_socket out[static SOCKETS_INHERITED_MAX]);

/* Binds and listens.  [::] is dual-stack; where the kernel has no IPv6, "[::]" becomes "0.0.0.0".
 * E_EXISTS: address in use.  E_DENIED: not allowed.  errno is kept for the message. */
MUST_USE enum err sockets_listen(const struct addr *a, int *fd_out);
MUST_USE enum err sockets_local(int fd, struct addr *out); /* the bound address, after port 0 */

/* No Nagle; a silent peer is dead after 60 + 3 * 15 s, or 30 s with unacknowledged data. */
void sockets_tune(int fd);

#endif
