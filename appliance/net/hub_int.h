/* hub_int.h: what hub.c (life of a connection) and hub_io.c (its bytes) share. */
#ifndef NET_HUB_INT_H
#define NET_HUB_INT_H

#include <stdatomic.h>

#include "base/buf.h"
#include "base/limits.h"
#include "net/conn.h"

enum {
	BLOCK_BYTES = 16384,  /* one full TLS record */
	BLOCKS_PER_FLUSH = 4, /* per connection and turn: sealing them takes 0.25 ms */
	SPARE_BLOCKS_MAX = 64,
	SLOT_BITS = 20,
};

/* Output that waits: a chain, sealed one record per block. */
struct block {
	struct block *next;
	size_t pos, len; /* [pos, len) has not been taken by the stream */
	char p[BLOCK_BYTES];
};

enum conn_state {
	CONN_OPEN,
	CONN_DRAINING, /* closing: what was sent goes out, input is left alone */
	CONN_DYING,    /* ends with this turn */
	CONN_LINGER,   /* closed for everybody else; waits for the peer's FIN */
};

/* Invariants:
 * 1. hub->slot[id & mask] == c while state is not CONN_LINGER; its serial is in the upper bits.
 * 2. In hub->dying exactly while CONN_DYING; in hub->lingering exactly while CONN_LINGER.
 * 3. In hub->unauth exactly while not authenticated and not CONN_LINGER.
 * 4. write_blocked: the socket was full; the next EPOLLOUT puts it into hub->dirty.
 * 5. out_bytes is the sum of len - pos over the chain; the chain has no empty block. */
struct conn {
	struct hub *hub;
	conn_id id;
	struct stream *stream; /* owned */
	enum conn_state state;
	enum err why; /* from CONN_DRAINING on */
	bool authenticated, paused, write_blocked, trimmed;
	bool hup;	 /* the event carried HUP, RDHUP or ERR: read to the end */
	bool offer;	 /* bytes in `in` have not been offered since they or a resume came */
	bool seen_bytes; /* some input was consumed */
	bool fin_after;	 /* close by FIN and linger, so that the peer can read the last answer */
	struct list ready_node, dirty_node, end_node, unauth_node;
	struct timer timer; /* sign-in deadline, then drain, then linger */
	struct buf in;	    /* unconsumed input */
	struct block *out_head, *out_tail;
	size_t out_bytes;
	int64_t active_ms;
	struct conn_info info;
};

struct hub_counters {
	_Atomic uint64_t open, authenticated, adopted, refused, closed, timeout, output_full,
		input_full, unauth_dropped, error, bytes_in, bytes_out, reads, writes, trims,
		output_waiting;
};

struct hub {
	struct loop *loop;
	struct hub_hooks hooks;
	struct hub_cfg cfg;
	struct conn **slot;  /* NULL: free */
	uint32_t *free_slot; /* stack */
	size_t n_slots, n_free, n_unauth, n_lingering;
	uint64_t serial;
	struct list ready, again, dirty, later, dying, lingering, unauth /* the oldest in front */;
	struct loop_work visit;
	/* deferred while dirty or dying is not empty: the next turn must not sleep */
	struct loop_work wake;
	struct timer sweep;
	size_t sweep_at;
	struct block *spare;
	size_t n_spare;
	struct stream_ahead ahead; /* one for all: empty between visits */
	char *plain;		   /* what one visit decrypts */
	struct hub_counters n;
};

/* One writer, the loop's thread: no locked instruction needed. */
static inline void stat_add(_Atomic uint64_t *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) + n,
			      memory_order_relaxed);
}

static inline void stat_sub(_Atomic uint64_t *c, uint64_t n)
{
	atomic_store_explicit(c, atomic_load_explicit(c, memory_order_relaxed) - n,
			      memory_order_relaxed);
}

/* hub.c */
struct conn *hub_conn(const struct hub *h, conn_id id); /* NULL: gone */
void conn_end(struct conn *c, enum err why);   /* with this turn; a second call changes nothing */
void conn_drain(struct conn *c, enum err why); /* after the flush */

/* hub_io.c */
enum { HUB_PLAIN_BYTES = 2 * NET_READ_MAX + BLOCK_BYTES };
void conn_ready(struct conn *c);
void conn_dirty(struct conn *c);
bool conn_flush(struct conn *c); /* true: more is left for the next turn */
void conn_drop_output(struct conn *c);
void hub_visit_ready(struct loop_work *w);
void hub_free_spare(struct hub *h);

#endif
