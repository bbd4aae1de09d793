/* control.h: DIR/control.sock, where the command line speaks HTTP to the running server.
 *
 * The socket has mode 0600, and each peer is asked for its uid (SO_PEERCRED):
 * root and the server's own user are administrators, all others are closed.
 * Web thread. */
#ifndef HTTP_CONTROL_H
#define HTTP_CONTROL_H

#include "base/err.h"
#include "http/server.h"
#include "net/loop.h"

struct control; /* opaque */

/* Replaces a socket left behind by a crash; the caller holds the data directory. */
MUST_USE enum err control_new(struct loop *l, struct http_server *s, const char *path,
			      struct control **out);
void control_free(struct control **cp); /* removes the socket */

#endif
