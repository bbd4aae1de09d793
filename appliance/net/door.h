/* door.h: listeners and TLS handshakes, on their own threads (nice +10).
 *
 * A door accepts, shakes hands, waits for the first decrypted bytes, sees
 * whether they are SIP or HTTP and hands the connection over once, for life.
 * So a sign-in storm keeps the doors busy while chat flows on.  Every door
 * thread listens on every listener. */
#ifndef NET_DOOR_H
#define NET_DOOR_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/conn.h"
#include "net/stream.h"
#include "net/tls.h"

struct doors; /* opaque */

/* A connection whose first bytes are HTTP.  The callback runs on a door thread, takes the stream
 * (and with it fd, TLS context and source count) and copies what it keeps of the rest. */
struct door_web {
	struct stream *stream;
	struct addr peer, local;
	/* decrypted, borrowed; more may sit inside the TLS context: read before epoll */
	struct str first;
};

struct doors_cfg {
	const int *fds; /* listening sockets (net/sockets.h), taken over */
	size_t n_fds;
	size_t threads;					     /* 0: one per core */
	struct tls_config *tls;				     /* a reference is taken */
	struct hub *sip;				     /* NULL: SIP connections are closed */
	void (*on_web)(void *arg, const struct door_web *w); /* NULL: HTTP connections are closed */
	void *on_web_arg;
	/* Zero takes the value of limits.h. */
	uint32_t per_source_max;  /* NET_UNAUTH_PER_SOURCE */
	size_t handshakes_max;	  /* NET_HANDSHAKES_PER_DOOR; the oldest goes when one more comes */
	int64_t handshake_ms;	  /* NET_HANDSHAKE_MS */
	int64_t first_request_ms; /* NET_FIRST_REQUEST_MS */
};

MUST_USE enum err doors_start(const struct doors_cfg *cfg, struct doors **out);
void doors_reload(struct doors *d,
		  struct tls_config *tls); /* any thread; for connections accepted from now on */
/* Stops listening and ends the threads.  Streams already handed over stay counted in the doors'
 * source table, so free the hub and the web side's streams before doors_free. */
void doors_stop(struct doors *d);
void doors_free(struct doors **dp); /* stops first */

struct door_stats {
	uint64_t accepted, handshakes, resumed, to_sip, to_web;
	uint64_t failed_handshake, timed_out, refused_source, dropped_full, accept_errors;
	uint64_t active; /* now, between accept and hand-over */
	uint64_t tls12, tls13;
};
void doors_stats_get(struct doors *d, struct door_stats *out); /* any thread */

#endif
