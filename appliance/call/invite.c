/* Who is called: from the Request-URI to the endpoints that ring. */
#include "base/limits.h"
#include "directory/directory.h"
#include "presence/presence.h"
#include "sip/forward.h"
#include "sip/route.h"

#include "call/call_int.h"

/* One INVITE on its way through the checks. */
struct invite {
	struct calls *calls;
	struct sip_txn *txn;
	const struct sip_msg *m;
	const struct endpoint *from; /* NULL: not registered on this connection */
	struct sip_fork_target target[ENDPOINTS_PER_ACCOUNT];
	size_t count;
	bool has_other_dialect;
};

static void add_target(struct invite *v, const struct endpoint *e)
{
	if (e == NULL || e->conn == sip_txn_conn_id(v->txn) || v->count == ENDPOINTS_PER_ACCOUNT)
		return;
	if (v->from != NULL && e->dialect != v->from->dialect) {
		v->has_other_dialect = true;
		return;
	}
	v->target[v->count++] = (struct sip_fork_target){ .conn = e->conn,
							  .uri = e->contact,
							  .ctx = e->conn };
}

static void add_account(struct invite *v, account_id account)
{
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(v->calls->cfg.registrar, account, ids,
					ENDPOINTS_PER_ACCOUNT);

	for (size_t i = 0; i < n; i++)
		add_target(v, registrar_get(v->calls->cfg.registrar, ids[i]));
}

/* The account of the Request-URI; targets are filled.  0: nobody of ours. */
static account_id find_callee(struct invite *v)
{
	const struct calls *c = v->calls;
	const struct uri *u = &v->m->ruri_uri;
	const struct account *a;
	const struct endpoint *e;
	endpoint_id id;
	struct buf name;

	if (!uri_is_sip(u) || !sip_stack_is_ours(c->cfg.stack, u) || u->user.len == 0)
		return 0;
	if (sip_gruu_is(u) &&
	    sip_gruu_temp_decode(sip_stack_secret(c->cfg.stack), u->user, &id) == E_OK) {
		e = registrar_get(c->cfg.registrar, id);
		add_target(v, e);
		return e == NULL ? 0 : e->account;
	}
	buf_init(&name, URI_MAX);
	uri_unescape(&name, u->user);
	a = directory_find(c->cfg.directory, buf_str(&name));
	buf_fini(&name);
	if (a == NULL || !a->enabled)
		return 0;
	if (sip_gruu_is(u))
		add_target(v,
			   registrar_find_instance(c->cfg.registrar, a->id, sip_gruu_instance(u)));
	else
		add_account(v, a->id);
	return a->id;
}

static void on_final(void *arg, uint64_t ctx, int code, uint64_t winner, const struct sip_msg *resp)
{
	struct calls *c = arg;
	struct map_node *n = map_get_id(&c->by_id, ctx);
	struct call *k;

	if (n == NULL)
		return;
	k = CONTAINER_OF(n, struct call, by_id);
	if (code >= 300 || resp == NULL) {
		call_over(k, code);
		return;
	}
	call_answered(k, resp, winner);
}

static void refuse_dialect(struct invite *v)
{
	sip_reply(
		v->calls->cfg.stack, sip_txn_id(v->txn), 488, NULL,
		STR("Warning: 399 porchlight \"Calls between Lync-class and standards clients are not "
		    "possible: their media differ\"\r\n"),
		STR_NULL, STR_NULL);
}

static bool has_room(const struct calls *c, account_id caller)
{
	struct map_iter it;
	size_t begun = 0;

	for (struct map_node *n = map_first(&c->by_id, &it); n != NULL;
	     n = map_next(&c->by_id, &it))
		begun += CONTAINER_OF(n, struct call, by_id)->caller.account == caller;
	return begun < CALLS_PER_ACCOUNT_MAX;
}

void call_on_invite(struct calls *c, struct sip_txn *t)
{
	struct invite v = { .calls = c, .txn = t, .m = sip_txn_msg(t) };
	account_id caller = (account_id)sip_txn_account(t), callee;
	struct call *k;
	struct sip_fork f;

	if (sip_forward_next(t).kind == SIP_NEXT_FORGED) {
		/* a Route with a token that we never gave */
		sip_reply_code(c->cfg.stack, sip_txn_id(t), 403);
		return;
	}
	if (!has_room(c, caller)) {
		sip_reply(c->cfg.stack, sip_txn_id(t), 503, "Too Many Calls At Once",
			  STR("Retry-After: 60\r\n"), STR_NULL, STR_NULL);
		return;
	}
	v.from = registrar_find_conn(c->cfg.registrar, caller, sip_txn_conn_id(t));
	callee = find_callee(&v);
	if (callee == 0) {
		sip_reply_code(c->cfg.stack, sip_txn_id(t), 404);
		return;
	}
	k = call_new(c, t, v.from, callee);
	/* Who is blocked cannot tell it from a phone that is off. */
	if (v.count == 0 || presence_access_of(c->cfg.presence, callee, caller) == ACCESS_BLOCKED) {
		bool differs = v.count == 0 && v.has_other_dialect;

		if (differs)
			refuse_dialect(&v);
		else
			sip_reply_code(c->cfg.stack, sip_txn_id(t), 480);
		call_over(k, differs ? 488 : 480);
		return;
	}
	f = (struct sip_fork){ .target = v.target,
			       .count = v.count,
			       .popped = sip_forward_next(t).popped,
			       .record_route = true,
			       .on_final = on_final,
			       .arg = c,
			       .ctx = k->id };
	sip_fork_start(c->forks, t, &f);
}
