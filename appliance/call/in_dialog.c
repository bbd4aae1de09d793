/* What the two sides of a call say to each other after the first INVITE. */
#include "call/call_int.h"

#include "base/limits.h"
#include "base/log.h"
#include "sip/forward.h"

struct call *call_of(const struct calls *c, const struct sip_msg *m, conn_id conn,
		     struct call_side **from_out)
{
	struct sip_dialog *d = sip_dialogs_get(&c->dialogs, m, conn);
	struct call_side *s;

	if (d == NULL)
		return NULL;
	s = CONTAINER_OF(d, struct call_side, dialog);
	*from_out = s;
	return s->call;
}

static struct call *call_get(struct calls *c, uint64_t id)
{
	struct map_node *n = map_get_id(&c->by_id, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct call, by_id);
}

static void on_bye_answered(void *arg, uint64_t ctx, int code, uint64_t winner,
			    const struct sip_msg *resp)
{
	struct call *k = call_get(arg, ctx);

	(void)code, (void)winner, (void)resp;
	if (k != NULL)
		/* whatever the other side said: who hung up is gone (RFC 3261 15.1.1) */
		call_over(k, 200);
}

/* RFC 5057: these two end the dialog, not only the request. */
static void on_answered(void *arg, uint64_t ctx, int code, uint64_t winner,
			const struct sip_msg *resp)
{
	struct call *k = call_get(arg, ctx);

	(void)winner, (void)resp;
	if (k != NULL && (code == 481 || code == 408))
		call_over(k, code);
}

static void forward_ack(struct calls *c, struct sip_txn *t, conn_id to, size_t popped)
{
	struct sip_forward f = { .conn = to, .popped = popped };
	struct sip_out o;
	struct buf scratch;

	buf_init(&scratch, SIP_OUT_MAX);
	if (sip_forward_request(t, &f, &scratch, &o) != E_OK ||
	    sip_request_send_once(c->cfg.stack, &o) != E_OK)
		log_debug("call", "conn=%llu an ACK could not be passed on",
			  (unsigned long long)to);
	buf_fini(&scratch);
}

/* Before the answer a dialog is known by its Call-ID, and only its caller and the called person's clients are in it: a
 * flow token alone, which others may have seen, opens no way into a call. */
static bool is_early_dialog(const struct calls *c, struct sip_txn *t, conn_id to)
{
	const struct sip_msg *m = sip_txn_msg(t);
	conn_id from = sip_txn_conn_id(t);
	struct map_iter it;

	for (struct map_node *n = map_first(&c->by_id, &it); n != NULL;
	     n = map_next(&c->by_id, &it)) {
		const struct call *k = CONTAINER_OF(n, struct call, by_id);

		if (k->state != CALL_RINGING || !str_eq(k->invite->call_id, m->call_id))
			continue;
		if (k->from == from &&
		    registrar_find_conn(c->cfg.registrar, k->callee.account, to) != NULL)
			return true;
		if (k->from == to && k->callee.account == (account_id)sip_txn_account(t))
			return true;
	}
	return false;
}

/* The connection to the other side: by the call, else (early dialogs) by the flow token; 0: none. */
static conn_id find_flow(struct calls *c, struct sip_txn *t, struct call **call_out,
			 size_t *popped_out)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct sip_next_hop next = sip_forward_next(t);
	struct call_side *from, *to;

	*popped_out = next.popped;
	*call_out = call_of(c, m, sip_txn_conn_id(t), &from);
	if (*call_out == NULL)
		return next.kind == SIP_NEXT_FLOW && is_early_dialog(c, t, next.conn) ? next.conn
										      : 0;
	to = call_other(*call_out, from);
	if (sip_dialog_on_request(&from->dialog, m) != E_OK)
		log_debug("call", "call=%llu an old CSeq, the far end will say so",
			  (unsigned long long)(*call_out)->id);
	if (to->has_dialog && m->cseq > to->dialog.local_cseq)
		to->dialog.local_cseq = m->cseq;
	return to->is_lost || !to->has_dialog ? 0 : to->dialog.conn;
}

void call_on_in_dialog(struct calls *c, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);
	bool is_bye = m->method_id == SIP_METHOD_BYE;
	struct sip_fork_target target = { 0 };
	struct call *k;
	size_t popped;

	target.conn = find_flow(c, t, &k, &popped);
	if (target.conn == 0) {
		if (m->method_id == SIP_METHOD_ACK)
			return;
		/* Hanging up works also when the other side is not there to hear it. */
		sip_reply_code(c->cfg.stack, sip_txn_id(t), k == NULL ? 481 : is_bye ? 200 : 480);
		if (k != NULL && is_bye)
			call_over(k, 200);
		return;
	}
	if (m->method_id == SIP_METHOD_ACK) {
		forward_ack(c, t, target.conn, popped);
		return;
	}
	sip_fork_start(c->forks, t,
		       &(struct sip_fork){ .target = &target,
					   .count = 1,
					   .popped = popped,
					   .record_route = m->method_id == SIP_METHOD_INVITE,
					   .on_final = is_bye ? on_bye_answered : on_answered,
					   .arg = c,
					   .ctx = k == NULL ? 0 : k->id });
}
