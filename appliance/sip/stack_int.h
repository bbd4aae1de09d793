/* stack_int.h: the stack from the inside: flows, transactions, and how they hang together.
 *
 * A flow (one connection) owns its server transactions and its client
 * transactions; both are also in the stack's maps by id, server transactions
 * by key too.  Pointers to them never leave the switch's current call. */
#ifndef SIP_STACK_INT_H
#define SIP_STACK_INT_H

#include "base/buf.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "sip/build.h"
#include "sip/frame.h"
#include "sip/route.h"
#include "sip/stack.h"

enum { SIP_TAG_LEN = 16 };

struct sip_flow {
	struct sip_conn conn;
	struct map_node node; /* in stack.flows by conn.id */
	struct sip_frame frame;
	struct list waiting; /* struct sip_txn without a final answer */
	struct list done;    /* struct sip_txn kept for retransmissions, oldest first */
	struct list clients; /* struct sip_ctxn */
	size_t waiting_count, done_count, client_count;
	int64_t budget_milli, budget_at_ms; /* token bucket, thousandths of a cost unit */
	unsigned refusals, bad;
	bool closing;
};

struct sip_stack {
	struct sip_stack_cfg cfg;
	struct sip_self self; /* owns domain and host */
	struct sip_adapter adapters[SIP_ADAPTERS_MAX];
	size_t adapter_count;
	const struct sip_verb *common_verbs;
	void *common_arg;
	struct map flows, txns, txns_by_key, ctxns;
	struct buf out;	  /* the message being encoded; the send hook copies */
	struct buf key;	  /* the transaction key being looked up */
	struct buf via;	  /* ours, of the request being encoded */
	uint64_t next_id; /* of transactions of both kinds */
	uint64_t tag_seed;
	struct sip_stats stats;
	struct log_rate bad_rate, flood_rate, silent_rate, refused_rate;
};

enum sip_txn_state {
	TXN_TRYING,	/* no answer yet */
	TXN_PROCEEDING, /* 1xx sent */
	TXN_ACCEPTED,	/* INVITE: 2xx sent (RFC 6026) */
	TXN_COMPLETED,	/* other final answer sent */
	TXN_TERMINATED,
};

/* Invariants:
 * 1. TRYING and PROCEEDING are in flow->waiting and by_id; msg is set.
 * 2. ACCEPTED and COMPLETED are in flow->done and no longer by_id.
 * 3. by_key is linked from creation to the end, but for an ACK's, which never is.
 * 4. A pinned one is not freed: its handler is on the call stack. */
struct sip_txn {
	uint64_t id;
	struct map_node by_id, by_key;
	struct list link;
	struct sip_flow *flow;
	struct sip_stack *stack;
	const struct sip_adapter *adapter;
	const struct sip_verb *verb;
	void *verb_arg;
	enum sip_txn_state state;
	bool pinned, is_stray; /* stray: an ACK, which is never answered */
	struct sip_msg *msg;
	uint64_t account;
	struct timer timer;
	sip_cancel_fn *on_cancel;
	void *cancel_arg;
	struct str answer; /* owned: the last one, while short enough to keep */
	char tag[SIP_TAG_LEN];
	size_t key_len;
	char key[];
};

/* stack.c */
struct sip_flow *sip_flow_get(struct sip_stack *s, conn_id id);
enum err sip_flow_send(struct sip_stack *s, struct sip_flow *f, struct str bytes);
void sip_flow_close(struct sip_stack *s, struct sip_flow *f, bool after_flush);
/* Takes cost out of the flow's budget; false: it is spent. */
bool sip_flow_spend(struct sip_flow *f, unsigned cost);
static inline bool sip_flow_is_known(const struct sip_flow *f)
{
	return f->conn.account_count > 0;
}

/* dispatch.c */
void sip_dispatch(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m);
/* One rate-limited line and, where possible, the answer; counts against the flow. */
void sip_refuse_bad(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
		    struct sip_fault fault);
/* One rate-limited line about a request that was refused; what is every day's business leaves none. */
void sip_note_refused(struct sip_stack *s, const struct sip_flow *f, const struct sip_msg *m,
		      int code, struct str reason);
void sip_run_handler(struct sip_stack *s, struct sip_txn *t, enum sip_auth_result allowed);
void sip_answer_stateless(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			  int code, struct str reason, struct str extra);

/* txn_server.c */
struct sip_txn *sip_txn_find(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			     struct str method);
struct sip_txn *sip_txn_new(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m,
			    const struct sip_verb *verb);
struct sip_txn *sip_txn_new_stray(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m,
				  const struct sip_verb *verb);
void sip_txn_unpin(struct sip_txn *t);
void sip_txn_retransmitted(struct sip_txn *t);
/* true: the ACK belonged to a non-2xx answer and ends here. */
bool sip_txn_acked(struct sip_txn *t);
void sip_txn_cancelled(struct sip_txn *t);
void sip_txns_end(struct sip_flow *f); /* the connection is gone */

/* txn_client.c */
void sip_ctxn_on_response(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m);
void sip_ctxns_end(struct sip_stack *s, struct sip_flow *f);
void sip_ctxns_fini(struct sip_stack *s);

#endif
