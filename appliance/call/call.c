/* A call from its first INVITE to its end.
 *
 *              2xx            a connection dies
 *   RINGING --------> UP ---------------------------> LOST
 *      |              |  <--------------------------   |
 *      | failed,      |        it came back            | CALL_LOST_MS: BYE to the other side
 *      | cancelled    | BYE, 481, 408                  |
 *      +------------> OVER <---------------------------+ */
#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "immcu/call_record.h"
#include "presence/presence.h"

#include "call/call_int.h"

static void on_request(struct sip_txn *t, void *arg)
{
	const struct sip_msg *m = sip_txn_msg(t);

	if (m->to.tag.p != NULL)
		call_on_in_dialog(arg, t);
	else if (m->method_id == SIP_METHOD_INVITE)
		call_on_invite(arg, t);
	else
		/* outside a dialog these mean nothing here */
		sip_reply_code(sip_txn_stack(t), sip_txn_id(t), 481);
}

const struct sip_verb calls_verbs[] = {
	{ "INVITE", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 4 },
	{ "ACK", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ "BYE", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ "UPDATE", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 2 },
	{ "PRACK", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ "INFO", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ "REFER", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 2 },
	{ "NOTIFY", on_request, SIP_AUTH_REQUIRED, CALL_BODY_MAX, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

static const char *state_name(enum call_state s)
{
	switch (s) {
	case CALL_RINGING:
		return "ringing";
	case CALL_UP:
		return "up";
	case CALL_LOST:
		return "lost";
	case CALL_OVER:
		return "over";
	}
	return "?";
}

static bool is_talking(enum call_state s)
{
	return s == CALL_UP || s == CALL_LOST;
}

static void publish(struct call *k, const struct call_side *side)
{
	struct facet f = { .endpoint = side->endpoint,
			   .source = k->id,
			   .kind = FACET_PHONE,
			   .avail = AVAIL_BUSY,
			   .activity = ACTIVITY_ON_THE_PHONE,
			   .published_ms = clk_wall_ms(),
			   .expires_ms = INT64_MAX };

	registrar_hold(k->calls->cfg.registrar, side->endpoint);
	if (presence_put(k->calls->cfg.presence, side->account, &f) != E_OK)
		log_warn("call", "call=%llu account=%lld has too many facets to show the call",
			 (unsigned long long)k->id, (long long)side->account);
}

static void unpublish(struct call *k, const struct call_side *side)
{
	presence_drop(k->calls->cfg.presence, side->account, side->endpoint, k->id);
	registrar_release(k->calls->cfg.registrar, side->endpoint);
}

/* The one place where the state changes. */
void call_enter(struct call *k, enum call_state state)
{
	struct calls *c = k->calls;
	enum call_state before = k->state;

	log_debug("call", "call=%llu %s->%s", (unsigned long long)k->id, state_name(before),
		  state_name(state));
	k->state = state;
	if (before == CALL_RINGING)
		c->stats.ringing--;
	if (is_talking(state) && !is_talking(before)) {
		c->stats.up++;
		c->stats.answered++;
		publish(k, &k->caller);
		publish(k, &k->callee);
	}
	if (!is_talking(state) && is_talking(before)) {
		c->stats.up--;
		unpublish(k, &k->caller);
		unpublish(k, &k->callee);
	}
	if (state == CALL_LOST)
		timer_start(c->cfg.heap, &k->lost, clk_ms() + CALL_LOST_MS);
	else
		timer_stop(c->cfg.heap, &k->lost);
}

static void side_fini(struct calls *c, struct call_side *s)
{
	if (s->has_dialog) {
		sip_dialogs_del(&c->dialogs, &s->dialog);
		sip_dialog_fini(&s->dialog);
		s->has_dialog = false;
	}
	str_free(&s->instance);
}

static void call_free(struct call *k)
{
	struct calls *c = k->calls;

	side_fini(c, &k->caller);
	side_fini(c, &k->callee);
	sip_msg_unref(&k->invite);
	map_del(&c->by_id, &k->by_id);
	free(k);
}

void call_over(struct call *k, int code)
{
	struct calls *c = k->calls;

	if (!is_talking(k->state))
		c->stats.failed++;
	call_enter(k, CALL_OVER);
	call_record_end(c->cfg.immcu, k->id, code);
	call_free(k);
}

/* Hangs up towards one side in the other's name. */
static void send_bye(struct call *k, struct call_side *to)
{
	struct calls *c = k->calls;
	struct sip_out o = { .conn = to->dialog.conn };
	struct buf scratch;

	if (!to->has_dialog || to->is_lost)
		return;
	buf_init(&scratch, SIP_OUT_MAX);
	sip_dialog_request(&to->dialog, STR("BYE"),
			   STR("Reason: SIP;cause=408;text=\"The other side is gone\"\r\n"),
			   &scratch, &o);
	/* whatever is answered, the call is over */
	(void)sip_request_send(c->cfg.stack, &o, NULL, NULL);
	buf_fini(&scratch);
}

static void on_lost_too_long(struct timer *t, void *arg)
{
	struct call *k = arg;

	(void)t;
	k->calls->stats.lost++;
	send_bye(k, &k->caller);
	send_bye(k, &k->callee);
	call_over(k, 408);
}

struct call *call_new(struct calls *c, struct sip_txn *t, const struct endpoint *from,
		      account_id callee)
{
	struct call *k = xcalloc(1, sizeof(*k));

	k->calls = c;
	k->caller.call = k->callee.call = k;
	k->invite = sip_txn_msg_ref(t);
	k->from = sip_txn_conn_id(t);
	k->caller.account = (account_id)sip_txn_account(t);
	k->callee.account = callee;
	if (from != NULL) {
		k->caller.endpoint = from->id;
		k->caller.instance = str_dup(from->instance);
	}
	k->id = call_record_begin(c->cfg.immcu, k->caller.account, from, callee);
	timer_init(&k->lost, on_lost_too_long, k);
	map_put_id(&c->by_id, &k->by_id, k->id);
	c->stats.tried++;
	c->stats.ringing++;
	return k;
}

/* The far end's Route set names our flows, which these requests need not pass. */
static void put_dialog(struct calls *c, struct call_side *s)
{
	s->dialog.route_lines = STR_NULL;
	sip_dialogs_put(&c->dialogs, &s->dialog);
	s->has_dialog = true;
}

void call_answered(struct call *k, const struct sip_msg *resp, conn_id callee)
{
	struct calls *c = k->calls;
	const struct endpoint *e = registrar_find_conn(c->cfg.registrar, k->callee.account, callee);
	struct sip_msg *answer = sip_msg_ref(resp);

	if (e != NULL) {
		k->callee.endpoint = e->id;
		k->callee.instance = str_dup(e->instance);
	}
	if (sip_dialog_init_uas(&k->caller.dialog, k->invite, resp->to.tag, k->from) == E_OK)
		put_dialog(c, &k->caller);
	if (sip_dialog_init_uac(&k->callee.dialog, answer, k->invite->cseq, callee) == E_OK)
		put_dialog(c, &k->callee);
	sip_msg_unref(&answer);
	sip_msg_unref(&k->invite);
	call_record_answered(c->cfg.immcu, k->id, e);
	call_enter(k, CALL_UP);
}

struct call_side *call_other(struct call *k, struct call_side *side)
{
	return side == &k->caller ? &k->callee : &k->caller;
}

static void lose(struct call *k, struct call_side *s, conn_id conn)
{
	if (!s->has_dialog || s->is_lost || s->dialog.conn != conn)
		return;
	s->is_lost = true;
	if (k->state == CALL_UP)
		call_enter(k, CALL_LOST);
}

/* Calls are few beside connections, so a scan serves. */
void calls_on_conn_closed(struct calls *c, conn_id conn)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&c->by_id, &it); n != NULL;
	     n = map_next(&c->by_id, &it)) {
		struct call *k = CONTAINER_OF(n, struct call, by_id);

		lose(k, &k->caller, conn);
		lose(k, &k->callee, conn);
	}
}

static void find_again(struct call *k, struct call_side *s, const struct endpoint *e)
{
	if (!s->is_lost || s->account != e->account || s->instance.len == 0 ||
	    !str_eq(s->instance, e->instance))
		return;
	unpublish(k, s);
	s->is_lost = false;
	s->endpoint = e->id;
	sip_dialogs_move(&k->calls->dialogs, &s->dialog, e->conn);
	publish(k, s);
}

static void on_sign_in(void *arg, const struct endpoint *e)
{
	struct calls *c = arg;
	struct map_iter it;

	for (struct map_node *n = map_first(&c->by_id, &it); n != NULL;
	     n = map_next(&c->by_id, &it)) {
		struct call *k = CONTAINER_OF(n, struct call, by_id);

		if (k->state != CALL_LOST)
			continue;
		find_again(k, &k->caller, e);
		find_again(k, &k->callee, e);
		if (!k->caller.is_lost && !k->callee.is_lost)
			call_enter(k, CALL_UP);
	}
}

struct calls *calls_new(const struct calls_cfg *cfg)
{
	struct calls *c = xcalloc(1, sizeof(*c));
	struct registrar_hooks hooks = { .on_sign_in = on_sign_in, .arg = c };

	c->cfg = *cfg;
	c->forks = sip_forks_new(cfg->stack);
	sip_dialogs_init(&c->dialogs);
	map_init(&c->by_id);
	registrar_listen(cfg->registrar, &hooks);
	return c;
}

void calls_free(struct calls **cp)
{
	struct calls *c = *cp;
	struct map_iter it;
	struct map_node *n;

	if (c == NULL)
		return;
	sip_forks_free(&c->forks); /* first: its hooks name calls */
	while ((n = map_first(&c->by_id, &it)) != NULL)
		call_over(CONTAINER_OF(n, struct call, by_id), 503);
	map_fini(&c->by_id);
	sip_dialogs_fini(&c->dialogs);
	free(c);
	*cp = NULL;
}

void calls_stats_get(const struct calls *c, struct calls_stats *out)
{
	*out = c->stats;
}
