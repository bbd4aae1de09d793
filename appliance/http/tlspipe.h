/* tlspipe.h: moves bytes between a TLS stream and the socketpair of libmicrohttpd.
 *
 * One 16 KiB buffer each way; when one side does not take its bytes the other
 * is not read.  Owns the stream and its end of the pair; ends itself when
 * either side is through, or after HTTP_IDLE_MS without a byte.  Web thread. */
#ifndef HTTP_TLSPIPE_H
#define HTTP_TLSPIPE_H

#include "base/list.h"
#include "base/str.h"
#include "net/loop.h"
#include "net/stream.h"

struct tlspipe; /* opaque */

/* pipes: the server's list, from which the pipe unlinks itself.  first: bytes already decrypted,
 * at most HTTP_PIPE_BUF. */
void tlspipe_start(struct loop *l, struct list *pipes, struct stream *stream, int pair_fd,
		   struct str first);
/* The one that has gone longest without an answer: who sends a byte now and then to keep a
 * connection busy is the first to go. */
void tlspipe_close_oldest(struct list *pipes);
void tlspipe_close_all(struct list *pipes);

#endif
