/* conn.h: the hub: all established connections of one loop.
 *
 * Loop thread only, but for hub_adopt and hub_stats_get.  Input is handed up
 * as views; output is copied, gathered and written once per connection at the
 * end of the turn.  Nothing is freed inside a handler: a close is carried out
 * at the end of the turn, so hooks may send to and close any connection. */
#ifndef NET_CONN_H
#define NET_CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/conn_id.h"
#include "net/loop.h"
#include "net/stream.h"

struct hub; /* opaque */

struct conn_info {
	struct addr peer, local;
	const char *tls_version, *cipher; /* static; "" on a plain connection */
	int64_t since_ms;		  /* loop clock at adoption */
};

struct hub_hooks {
	void (*on_open)(void *arg, conn_id id, const struct conn_info *info);
	/* Returns the bytes consumed; the rest is kept and offered again, with more behind it.
	 * A negative enum err closes the connection after what was sent has gone out. */
	ssize_t (*on_bytes)(void *arg, conn_id id, struct str bytes);
	/* Once per connection, at the end of a turn; hub_send to this id says E_GONE from here on.
	 * E_CLOSED the peer ended it, E_GONE we did, E_TIMEOUT, E_FULL, E_TOOBIG, E_IO, E_BAD as they say. */
	void (*on_close)(void *arg, conn_id id, enum err why);
	void *arg;
};

/* Zero fields take the values of limits.h. */
struct hub_cfg {
	size_t conns_max;	  /* NET_CONNS_MAX */
	size_t unauth_max;	  /* NET_UNAUTH_MAX: the oldest goes when one more comes */
	size_t input_max_unauth;  /* NET_INPUT_MAX_UNAUTH: unconsumed bytes kept */
	size_t input_max;	  /* NET_INPUT_MAX */
	size_t output_max_unauth; /* NET_OUTPUT_MAX_UNAUTH: bytes that wait for the peer */
	size_t output_max;	  /* NET_OUTPUT_MAX */
	int64_t first_request_ms; /* NET_FIRST_REQUEST_MS */
	int64_t sign_in_ms;	  /* NET_SIGN_IN_MS */
	int64_t idle_trim_ms;	  /* NET_IDLE_TRIM_MS */
};

enum hub_close {
	/* output goes out first (NET_DRAIN_MS at most), the peer can read it all */
	HUB_CLOSE_AFTER_FLUSH,
	HUB_CLOSE_NOW, /* output is dropped */
};

struct hub *hub_new(struct loop *l, const struct hub_hooks *hooks,
		    const struct hub_cfg *cfg /* NULL: defaults */);
void hub_free(struct hub **hp); /* closes all (on_close E_GONE); after the doors have stopped */

/* Any thread: a job carries the stream to the hub's loop.  first: bytes already read from it. */
void hub_adopt(struct hub *h, struct stream *s, const struct addr *peer, const struct addr *local,
	       struct str first);
/* Loop thread: the same at once.  Takes the stream; 0 when the hub is full (the stream is then freed). */
conn_id hub_open(struct hub *h, struct stream *s, const struct addr *peer, const struct addr *local,
		 struct str first);

/* E_GONE: no such connection, or it is closing.  E_FULL: over the output budget; the connection is
 * then closed (why E_FULL), because a peer that does not read for so long would only lag further. */
MUST_USE enum err hub_send(struct hub *h, conn_id id, struct str bytes);
void hub_close(struct hub *h, conn_id id, enum hub_close how); /* gone is fine */

/* Lifts the sign-in deadline and the smaller caps, leaves the source table. */
void hub_set_authenticated(struct hub *h, conn_id id);
/* A longer way to sign in was offered (TLS-DSK): the deadline becomes now + ms. */
void hub_set_deadline(struct hub *h, conn_id id, int64_t ms);

void hub_pause(struct hub *h, conn_id id); /* no more on_bytes; TCP holds the peer back */
void hub_resume(struct hub *h, conn_id id);

const struct conn_info *hub_info(const struct hub *h,
				 conn_id id); /* NULL: gone; borrowed until the turn ends */
size_t hub_output_bytes(const struct hub *h, conn_id id); /* that wait; 0 when gone */
typedef void hub_each_fn(void *arg, conn_id id, const struct conn_info *info);
void hub_each(struct hub *h, hub_each_fn *fn, void *arg); /* fn may close and send */
size_t hub_count(const struct hub *h);

struct net_stats {
	uint64_t open, authenticated; /* now */
	uint64_t adopted, refused;    /* ever; refused: hub full */
	uint64_t closed, closed_timeout, closed_output_full, closed_input_full,
		closed_unauth_dropped, closed_error;
	uint64_t bytes_in, bytes_out, reads, writes;
	uint64_t trims;
	uint64_t output_waiting; /* bytes, all connections, now */
};
void hub_stats_get(const struct hub *h, struct net_stats *out); /* any thread */

#endif
