/* call_int.h: one call from the inside.
 *
 *   call.c      its states, its two sides, its end
 *   invite.c    who is called: from the Request-URI to endpoints
 *   in_dialog.c what the two say to each other afterwards */
#ifndef CALL_CALL_INT_H
#define CALL_CALL_INT_H

#include "base/list.h"
#include "base/map.h"
#include "call/call.h"
#include "sip/dialog.h"
#include "sip/fork.h"

enum call_state {
	CALL_RINGING, /* forked, no final answer yet */
	CALL_UP,      /* answered 2xx */
	CALL_LOST,    /* up, but a side's connection is gone */
	CALL_OVER,
};

/* One party, as the other one's requests reach it.  The dialog is the one we would speak to it. */
struct call_side {
	struct call *call;
	account_id account;
	endpoint_id endpoint; /* 0: unknown */
	/* owned: how it is recognised on a new connection; len 0: it cannot be */
	struct str instance;
	struct sip_dialog dialog;
	bool has_dialog, is_lost;
};

/* Invariants:
 * 1. In by_id always; its dialogs are in calls.dialogs exactly in CALL_UP and CALL_LOST.
 * 2. The timer runs exactly in CALL_LOST.
 * 3. Facets are published exactly in CALL_UP and CALL_LOST. */
struct call {
	struct map_node by_id;
	struct calls *calls;
	uint64_t id;
	enum call_state state;
	struct call_side caller, callee;
	struct sip_msg *invite; /* until it is answered */
	conn_id from;		/* the connection it came on */
	struct timer lost;
};

struct calls {
	struct calls_cfg cfg;
	struct sip_forks *forks;
	struct sip_dialogs dialogs;
	struct map by_id;
	uint64_t last_id; /* names facets too */
	struct calls_stats stats;
};

void call_enter(struct call *k, enum call_state state);
/* The dialog a request came in, and its call; NULL: none. */
struct call *call_of(const struct calls *c, const struct sip_msg *m, conn_id conn,
		     struct call_side **from_out);
struct call_side *call_other(struct call *k, struct call_side *side);
/* from: the caller's endpoint; NULL: it has none on this connection. */
struct call *call_new(struct calls *c, struct sip_txn *t, const struct endpoint *from,
		      account_id callee);
void call_answered(struct call *k, const struct sip_msg *resp, conn_id callee);
void call_over(struct call *k, int code);

void call_on_invite(struct calls *c, struct sip_txn *t);
/* Passed to the other side; 481 if there is none. */
void call_on_in_dialog(struct calls *c, struct sip_txn *t);

#endif
