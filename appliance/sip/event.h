/* event.h: subscriptions as their notifier keeps them (RFC 6665), for every event package of every dialect.
 *
 * A subscription lives on the connection it came on and ends with it, with its
 * expiry, with Expires 0, or with a NOTIFY the watcher refuses.  One NOTIFY is
 * under way at a time, so states never overtake each other.  What the states
 * are only its owner knows: the package.  Switch thread only. */
#ifndef SIP_EVENT_H
#define SIP_EVENT_H

#include <stdint.h>

#include "base/heap.h"
#include "base/str.h"
#include "net/conn_id.h"
#include "sip/msg.h"
#include "sip/txn_server.h"

struct sip_subs; /* opaque */

typedef uint64_t sub_id; /* 0: none; never reused */

enum sub_end {
	SUB_END_EXPIRED,      /* the last NOTIFY has gone out */
	SUB_END_UNSUBSCRIBED, /* likewise */
	/* a NOTIFY got 481, another failure without Retry-After, or no answer */
	SUB_END_REFUSED,
	SUB_END_CONN,  /* the connection is gone */
	SUB_END_OWNER, /* sip_sub_end */
};

/* What a package's owner is told; never from inside sip_sub_accept.  ctx is its own. */
struct sip_sub_hooks {
	/* Refreshed, due again after a Retry-After, or about to end by Expires 0 or time: call sip_sub_notify with the whole state now. */
	void (*on_due)(void *arg, sub_id id, uint64_t ctx, bool is_last);
	/* the NOTIFY was taken; NULL allowed */
	void (*on_ready)(void *arg, sub_id id, uint64_t ctx);
	void (*on_end)(void *arg, sub_id id, uint64_t ctx, enum sub_end why);
	void *arg;
};

struct sip_sub_accept {
	const char *event;	       /* static: the Event value of its NOTIFYs */
	uint32_t expires_s;	       /* granted; 0: a fetch, the first NOTIFY is the last */
	struct str contact;	       /* ours: a URI; len 0: the server itself */
	const char *contact_params;    /* static: ";isfocus"; NULL: none */
	struct str headers;	       /* more complete lines for the 200 and refreshes' 200 */
	struct str content_type, body; /* of the 200 (piggy-backed first state); len 0: none */
	bool is_silent;		       /* BENOTIFY in place of NOTIFY: no answers are waited for */
	uint64_t account, ctx;
	const struct sip_sub_hooks *hooks; /* borrowed, outlives the subscription */
};

struct sip_subs *sip_subs_new(struct sip_stack *s, struct heap *heap);
void sip_subs_free(struct sip_subs **xp); /* no hooks */

/* The expiry to grant: wanted from the Expires header (dflt without it), at most max.  False: it is under min
 * and not 0: 423 with Min-Expires has been sent (RFC 6665 4.2.1.1). */
bool sip_sub_expires(struct sip_txn *t, uint32_t min_s, uint32_t dflt_s, uint32_t max_s,
		     uint32_t *out);

/* Answers 200 and makes the subscription; the first NOTIFY is the caller's next call (unless body was
 * piggy-backed).  Returns 0 after answering 503: too many on this connection. */
sub_id sip_sub_accept(struct sip_subs *x, struct sip_txn *t, const struct sip_sub_accept *a);
/* A SUBSCRIBE with a To tag: refresh or end; 481 when there is none, 500 when it is old. */
void sip_sub_on_request(struct sip_subs *x, struct sip_txn *t, uint32_t min_s, uint32_t max_s);

/* Sends the state.  E_AGAIN: the last NOTIFY is not answered yet or the watcher wants none for now; on_ready or on_due will come.  E_GONE.
 * After a last one the subscription is over and on_end has been called. */
MUST_USE enum err sip_sub_notify(struct sip_subs *x, sub_id id, struct str headers,
				 struct str content_type, struct str body);
/* The owner ends it: NOTIFY with terminated;reason (static, RFC 6665 4.1.3) and no body; on_end is called. */
void sip_sub_end(struct sip_subs *x, sub_id id, const char *reason);
void sip_subs_conn_closed(struct sip_subs *x, conn_id conn);

uint64_t sip_sub_account(const struct sip_subs *x, sub_id id); /* 0: gone */

struct sip_subs_stats {
	uint64_t subscriptions;			     /* now */
	uint64_t accepted, ended, notified, refused; /* ever */
};
void sip_subs_stats_get(const struct sip_subs *x, struct sip_subs_stats *out);

#endif
