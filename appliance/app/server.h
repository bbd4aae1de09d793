/* server.h: the whole server in one object: the rooms wired together, started and stopped in order.
 *
 * Two uses: `serve`, with doors, on the main thread until a signal; and a
 * command with the server stopped, without doors, on a thread of its own. */
#ifndef APP_SERVER_H
#define APP_SERVER_H

#include <stdbool.h>

#include "app/config.h"
#include "base/err.h"

struct server; /* opaque */

/* Boots everything bottom to top; failures are logged.  E_AGAIN: the file is in use by another process. */
MUST_USE enum err server_new(const struct config *cfg, struct server **out);
/* The calling thread becomes the switch until server_stop and the clean stop that follows. */
void server_run(struct server *s);
void server_stop(struct server *s); /* any thread, any number of times */
/* One end of a socketpair whose other end has the rights of control.sock; the caller's. */
MUST_USE enum err server_local_fd(struct server *s, int *fd_out);
void server_free(struct server **sp);

#endif
