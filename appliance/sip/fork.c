#include "sip/fork.h"

#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"

#include "sip/dialog.h"
#include "sip/forward.h"
#include "sip/stack.h"

/* Invariants:
 * 1. A leg is in forks.legs until its target has given its final answer.
 * 2. A fork lives while it has legs; pending counts them.
 * 3. by_txn is linked until the caller has its final answer or is gone. */
struct fork {
	struct map_node by_txn;
	struct list legs;
	size_t pending;
	uint64_t txn;
	bool is_answered; /* the caller has its final answer, or is gone */
	bool is_invite, is_cancelled;
	int best;	      /* 0: none yet */
	struct sip_msg *resp; /* of best; NULL: made here */
	uint64_t best_ctx;
	void (*on_final)(void *arg, uint64_t ctx, int code, uint64_t winner,
			 const struct sip_msg *resp);
	bool (*on_failed)(void *arg, uint64_t ctx, int code);
	void *arg;
	uint64_t ctx;
};

struct leg {
	struct map_node by_id;
	struct list link;
	struct fork *fork;
	uint64_t id, request, ctx;
	conn_id conn;
};

struct sip_forks {
	struct sip_stack *stack;
	struct map forks, legs; /* by transaction, by leg id */
	struct buf scratch;
	uint64_t next_leg;
};

struct sip_forks *sip_forks_new(struct sip_stack *s)
{
	struct sip_forks *x = xcalloc(1, sizeof(*x));

	x->stack = s;
	x->next_leg = 1;
	map_init(&x->forks);
	map_init(&x->legs);
	buf_init(&x->scratch, SIP_OUT_MAX);
	return x;
}

static void leg_free(struct sip_forks *x, struct leg *l)
{
	list_del(&l->link);
	map_del(&x->legs, &l->by_id);
	l->fork->pending--;
	free(l);
}

static void fork_free(struct fork *k)
{
	sip_msg_unref(&k->resp);
	free(k);
}

static struct leg *leg_get(struct sip_forks *x, uint64_t id)
{
	struct map_node *n = map_get_id(&x->legs, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct leg, by_id);
}

static void cancel_legs(struct sip_forks *x, struct fork *k)
{
	if (!k->is_invite)
		return;
	LIST_EACH (&k->legs, n)
		sip_request_cancel(x->stack, LIST_ITEM(n, struct leg, link)->request);
}

/* Tells the owner once; resp may be NULL. */
static void conclude(struct sip_forks *x, struct fork *k, int code, uint64_t winner,
		     const struct sip_msg *resp)
{
	map_del(&x->forks, &k->by_txn);
	k->is_answered = true;
	if (k->on_final != NULL)
		k->on_final(k->arg, k->ctx, code, winner, resp);
}

/* 16.7 step 6: a decision of the person first, then what the caller can mend, then the rest; that nobody
 * answered says least. */
static int rank(int code)
{
	if (code >= 600)
		return 0;
	if (code == 401 || code == 407 || code == 415 || code == 420 || code == 484 || code == 488)
		return 1;
	if (code == 408)
		return 4;
	if (code == 480)
		return 5;
	return code < 500 ? 2 : 3;
}

static void note_failure(struct fork *k, int code, uint64_t ctx, const struct sip_msg *resp)
{
	if (resp == NULL && code == 503)
		code = 480; /* the target's connection is gone, we are not */
	if (k->best != 0 && rank(code) >= rank(k->best))
		return;
	k->best = code;
	k->best_ctx = ctx;
	sip_msg_unref(&k->resp);
	if (resp != NULL && resp->status != 503)
		k->resp = sip_msg_ref(resp);
}

/* 16.7 step 6: a 503 of one target is not ours to pass on. */
static void answer_best(struct sip_forks *x, struct fork *k)
{
	int code = k->best == 503 ? 500 : k->best;
	uint64_t txn = k->txn;

	if (k->on_failed != NULL && !k->is_cancelled && k->on_failed(k->arg, k->ctx, code)) {
		map_del(&x->forks, &k->by_txn);
		k->is_answered = true;
		return;
	}
	if (k->resp != NULL)
		sip_forward_response(x->stack, txn, k->resp, STR_NULL);
	else
		sip_reply_code(x->stack, txn, code);
	conclude(x, k, code, k->best_ctx, k->resp);
}

void sip_hang_up(struct sip_stack *s, conn_id conn, const struct sip_msg *resp)
{
	struct sip_msg *m = sip_msg_ref(resp);
	struct sip_dialog d = { .conn = conn };
	struct sip_out o = { .conn = conn };
	struct buf scratch;

	if (sip_dialog_init_uac(&d, m, m->cseq, conn) == E_OK) {
		buf_init(&scratch, SIP_OUT_MAX);
		sip_dialog_request(&d, STR("ACK"), STR_NULL, &scratch, &o);
		if (sip_request_send_once(s, &o) == E_OK) {
			o = (struct sip_out){ .conn = conn };
			sip_dialog_request(&d, STR("BYE"), STR_NULL, &scratch, &o);
			/* whatever is answered, we are done */
			(void)sip_request_send(s, &o, NULL, NULL);
		}
		buf_fini(&scratch);
		sip_dialog_fini(&d);
	}
	sip_msg_unref(&m);
}

static void on_success(struct sip_forks *x, struct leg *l, int code, const struct sip_msg *resp)
{
	struct fork *k = l->fork;

	if (k->is_answered) {
		if (k->is_invite)
			sip_hang_up(x->stack, l->conn, resp);
		return;
	}
	sip_forward_response(x->stack, k->txn, resp, STR_NULL);
	conclude(x, k, code, l->ctx, resp);
}

static void on_response(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct sip_forks *x = arg;
	struct leg *l = leg_get(x, ctx);
	struct fork *k;

	if (l == NULL)
		return;
	k = l->fork;
	if (code < 300)
		on_success(x, l, code, resp);
	else
		note_failure(k, code, l->ctx, resp);
	leg_free(x, l);
	if (code < 300 || code >= 600)
		cancel_legs(x, k);
	if (k->pending > 0)
		return;
	if (!k->is_answered)
		answer_best(x, k);
	fork_free(k);
}

static void on_progress(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct sip_forks *x = arg;
	struct leg *l = leg_get(x, ctx);

	if (l != NULL && !l->fork->is_answered && code > 100 && code < 200)
		sip_forward_response(x->stack, l->fork->txn, resp, STR_NULL);
}

static void on_cancel(void *arg, uint64_t txn_id, bool cancelled)
{
	struct sip_forks *x = arg;
	struct map_node *n = map_get_id(&x->forks, txn_id);
	struct fork *k;

	if (n == NULL)
		return;
	k = CONTAINER_OF(n, struct fork, by_txn);
	k->is_cancelled = true;
	if (!cancelled)
		conclude(x, k, 487, 0, NULL); /* nobody is there to be answered */
	cancel_legs(x, k);
}

static void send_leg(struct sip_forks *x, struct sip_txn *t, struct fork *k,
		     const struct sip_fork *f, const struct sip_fork_target *target)
{
	struct leg *l = xcalloc(1, sizeof(*l));
	struct sip_forward fw = { .conn = target->conn,
				  .uri = target->uri,
				  .popped = f->popped,
				  .record_route = f->record_route,
				  .extra = f->extra };
	struct sip_out o;

	l->id = x->next_leg++;
	l->fork = k;
	l->ctx = target->ctx;
	l->conn = target->conn;
	map_put_id(&x->legs, &l->by_id, l->id);
	list_push_back(&k->legs, &l->link);
	k->pending++;
	if (sip_forward_request(t, &fw, &x->scratch, &o) != E_OK)
		o.conn = 0; /* too big to send: fails like a connection that is gone */
	o.ctx = l->id;
	o.progress = on_progress;
	l->request = sip_request_send(x->stack, &o, on_response, x);
}

void sip_fork_start(struct sip_forks *x, struct sip_txn *t, const struct sip_fork *f)
{
	struct fork *k = xcalloc(1, sizeof(*k));

	assert(f->count > 0 && f->count <= SIP_FORK_MAX);
	k->txn = sip_txn_id(t);
	k->is_invite = sip_txn_msg(t)->method_id == SIP_METHOD_INVITE;
	k->on_final = f->on_final;
	k->on_failed = f->on_failed;
	k->arg = f->arg;
	k->ctx = f->ctx;
	list_init(&k->legs);
	map_put_id(&x->forks, &k->by_txn, k->txn);
	if (k->is_invite)
		sip_txn_on_cancel(t, on_cancel, x);
	for (size_t i = 0; i < f->count; i++)
		send_leg(x, t, k, f, &f->target[i]);
}

void sip_forks_free(struct sip_forks **xp)
{
	struct sip_forks *x = *xp;
	struct map_iter it;
	struct map_node *n;

	if (x == NULL)
		return;
	while ((n = map_first(&x->legs, &it)) != NULL) {
		struct leg *l = CONTAINER_OF(n, struct leg, by_id);
		struct fork *k = l->fork;

		sip_request_forget(x->stack, l->request);
		leg_free(x, l);
		if (k->pending > 0)
			continue;
		if (!k->is_answered) {
			struct sip_txn *t = sip_txn_get(x->stack, k->txn);

			map_del(&x->forks, &k->by_txn);
			if (t != NULL) /* the stack goes later, and would tell us of its end */
				sip_txn_on_cancel(t, NULL, NULL);
		}
		fork_free(k);
	}
	map_fini(&x->legs);
	map_fini(&x->forks);
	buf_fini(&x->scratch);
	free(x);
	*xp = NULL;
}
