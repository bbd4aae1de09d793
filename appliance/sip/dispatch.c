/* What happens to a decoded message before, and instead of, a handler. */
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

#include "sip/quirks.h"
#include "sip/stack_int.h"

void sip_answer_stateless(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			  int code, struct str reason, struct str extra)
{
	char tag[SIP_TAG_LEN + 1];
	struct sip_response r = {
		.code = code,
		.reason = reason,
		.peer = &f->conn.info.peer,
		.extra_headers = extra,
		.conn = &f->conn,
	};

	/* The same request gets the same tag (RFC 3261 8.2.7). */
	(void)snprintf(tag, sizeof(tag), "%016llx",
		       (unsigned long long)str_hash(s->tag_seed, sip_msg_get(m, SIP_HDR_CALL_ID)));
	r.to_tag = str_n(tag, SIP_TAG_LEN);
	buf_reset(&s->out);
	sip_build_response(&s->out, m, &r);
	s->stats.responses_out[code / 100]++;
	if (buf_err(&s->out) == E_OK)
		/* the flow's end is told to us anyway */
		(void)sip_flow_send(s, f, buf_str(&s->out));
}

void sip_refuse_bad(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
		    struct sip_fault fault)
{
	bool answer = m != NULL && sip_msg_is_answerable(m);
	char peer[ADDR_PRINT_MAX];

	s->stats.bad_messages++;
	if (!answer)
		s->stats.dropped++;
	if (log_rate_ok(&s->bad_rate, 10))
		log_warn("sip", "conn=%llu peer=%s bad message: %d %s%s%.*s, %s",
			 (unsigned long long)f->conn.id, addr_print(&f->conn.info.peer, peer),
			 fault.code, fault.reason,
			 m == NULL ? "" : " method=", STR_ARG(m == NULL ? STR("") : m->method),
			 answer ? "answered" : "dropped");
	if (answer)
		sip_answer_stateless(s, f, m, fault.code, str_of(fault.reason), STR_NULL);
	if (++f->bad >= SIP_BAD_MESSAGES_MAX)
		sip_flow_close(s, f, true);
}

/* Challenges, and how calls end: nothing is wrong with the request. */
static bool is_usual(int code)
{
	return code < 400 || code == 401 || code == 407 || code == 480 || code == 486 ||
	       code == 487 || code >= 600;
}

void sip_note_refused(struct sip_stack *s, const struct sip_flow *f, const struct sip_msg *m,
		      int code, struct str reason)
{
	char peer[ADDR_PRINT_MAX];

	if (is_usual(code) || !log_rate_ok(&s->refused_rate, 10))
		return;
	if (reason.len == 0)
		reason = str_of(sip_reason(code));
	log_info("sip", "conn=%llu peer=%s method=%.*s from=%.*s refused=%d %.*s",
		 (unsigned long long)f->conn.id, addr_print(&f->conn.info.peer, peer),
		 LOG_PEER(m->method), LOG_PEER(m->from.uri), code, LOG_PEER(reason));
}

/* The connection's own, or whoever claims it now, or the last of the list (adapter.h). */
static const struct sip_adapter *adapter_of(struct sip_stack *s, struct sip_flow *f,
					    const struct sip_msg *m)
{
	const struct sip_adapter *a = f->conn.adapter;

	for (size_t i = 0; a == NULL && i < s->adapter_count; i++) {
		const struct sip_adapter *x = &s->adapters[i];

		if (x->claims == NULL || !x->claims(x->arg, &f->conn, m))
			continue;
		log_debug("sip", "conn=%llu adapter=%s", (unsigned long long)f->conn.id, x->name);
		a = f->conn.adapter = x;
	}
	return a != NULL ? a : &s->adapters[s->adapter_count - 1];
}

static const struct sip_verb *verb_in(const struct sip_verb *v, struct str method)
{
	for (; v != NULL && v->method != NULL; v++)
		if (str_eqz(method, v->method))
			return v;
	return NULL;
}

static const struct sip_verb *verb_of(const struct sip_stack *s, const struct sip_adapter *a,
				      struct str method, void **arg_out)
{
	const struct sip_verb *v = verb_in(a->verbs, method);

	*arg_out = a->arg;
	if (v == NULL) {
		v = verb_in(s->common_verbs, method);
		*arg_out = s->common_arg;
	}
	return v;
}

static void refuse(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m, int code,
		   const char *extra)
{
	sip_note_refused(s, f, m, code, STR_NULL);
	sip_answer_stateless(s, f, m, code, STR_NULL, str_of(extra));
}

/* Belongs into a dialog, and we have none: 12.2.2. */
static bool is_lost_in_dialog(const struct sip_msg *m)
{
	return m->to.tag.p != NULL &&
	       (m->method_id == SIP_METHOD_BYE || m->method_id == SIP_METHOD_INFO ||
		m->method_id == SIP_METHOD_PRACK || m->method_id == SIP_METHOD_UPDATE ||
		m->method_id == SIP_METHOD_NOTIFY);
}

void sip_allow_line(const struct sip_stack *s, const struct sip_adapter *a, struct buf *out)
{
	buf_addz(out, "Allow: CANCEL");
	for (const struct sip_verb *v = a->verbs; v != NULL && v->method != NULL; v++)
		buf_addf(out, ", %s", v->method);
	for (const struct sip_verb *v = s->common_verbs; v != NULL && v->method != NULL; v++)
		if (verb_in(a->verbs, str_of(v->method)) == NULL)
			buf_addf(out, ", %s", v->method);
	buf_addz(out, "\r\n");
}

/* 405 with what we can do (RFC 3261 8.2.1), 501 for what no RFC we know has. */
static void refuse_method(struct sip_stack *s, struct sip_flow *f, const struct sip_adapter *a,
			  const struct sip_msg *m)
{
	struct buf b;

	if (m->method_id == SIP_METHOD_OTHER) {
		refuse(s, f, m, 501, "");
		return;
	}
	if (is_lost_in_dialog(m)) {
		refuse(s, f, m, 481, "");
		return;
	}
	sip_note_refused(s, f, m, 405, STR_NULL);
	buf_init(&b, SIP_HEAD_MAX);
	sip_allow_line(s, a, &b);
	sip_answer_stateless(s, f, m, 405, STR_NULL, buf_str(&b));
	buf_fini(&b);
}

struct unsupported {
	const struct sip_adapter *adapter;
	struct buf list;
};

static bool collect_unsupported(void *arg, struct str token)
{
	struct unsupported *u = arg;
	const char *const *tag = u->adapter->supported;

	for (; tag != NULL && *tag != NULL; tag++)
		if (str_ieqz(token, *tag))
			return true;
	buf_add(&u->list, u->list.len == 0 ? STR("Unsupported: ") : STR(", "));
	buf_add(&u->list, token);
	return true;
}

/* true: a 420 with what we do not know has been sent (8.2.2.3, 16.3 item 5).  Require of what may go on to
 * another client is that client's business. */
static bool refuse_extensions(struct sip_stack *s, struct sip_flow *f, const struct sip_adapter *a,
			      const struct sip_msg *m)
{
	struct unsupported u = { .adapter = a };
	bool any;

	if (m->first[SIP_HDR_REQUIRE] == 0 && m->first[SIP_HDR_PROXY_REQUIRE] == 0)
		return false;
	buf_init(&u.list, SIP_HEAD_MAX);
	if (verb_in(s->common_verbs, m->method) == NULL)
		sip_msg_each_token(m, SIP_HDR_REQUIRE, collect_unsupported, &u);
	sip_msg_each_token(m, SIP_HDR_PROXY_REQUIRE, collect_unsupported, &u);
	any = u.list.len > 0;
	if (any) {
		sip_note_refused(s, f, m, 420, buf_str(&u.list));
		buf_addz(&u.list, "\r\n");
		sip_answer_stateless(s, f, m, 420, STR_NULL, buf_str(&u.list));
	}
	buf_fini(&u.list);
	return any;
}

/* A request that names no user is for the server itself, which forwards nothing (RFC 4475 3.3.11). */
static bool has_hops_left(const struct sip_stack *s, const struct sip_msg *m)
{
	return m->max_forwards > 0 ||
	       (m->ruri_uri.user.p == NULL && sip_stack_is_ours(s, &m->ruri_uri));
}

static bool may_wait(const struct sip_flow *f)
{
	return f->waiting_count <
	       (sip_flow_is_known(f) ? SIP_TXNS_PER_CONN : SIP_TXNS_PER_CONN_UNAUTH);
}

static bool is_within_budget(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			     unsigned cost)
{
	if (sip_flow_spend(f, cost))
		return true;
	s->stats.flood_refused++;
	if (log_rate_ok(&s->flood_rate, 1))
		log_warn("sip", "conn=%llu method=%.*s over the flood budget",
			 (unsigned long long)f->conn.id, STR_ARG(m->method));
	sip_answer_stateless(s, f, m, 503, STR_NULL, STR("Retry-After: 1\r\n"));
	if (++f->refusals >= SIP_FLOOD_REFUSALS_MAX)
		sip_flow_close(s, f, true);
	return false;
}

/* The checks of the verb table, the cheap ones first; true: the handler may have it. */
static bool passes(struct sip_stack *s, struct sip_flow *f, const struct sip_adapter *a,
		   const struct sip_msg *m, const struct sip_verb *v)
{
	if (!is_within_budget(s, f, m, v == NULL ? 1 : v->cost))
		return false;
	if (v == NULL) {
		refuse_method(s, f, a, m);
		return false;
	}
	if (!has_hops_left(s, m))
		refuse(s, f, m, 483, "");
	else if (sip_route_is_loop(&s->self, s->tag_seed, m))
		refuse(s, f, m, 482, "");
	else if (refuse_extensions(s, f, a, m))
		return false;
	else if (m->body.len > v->body_max)
		refuse(s, f, m, 413, "");
	else if (!may_wait(f))
		refuse(s, f, m, 503, "Retry-After: 1\r\n");
	else
		return true;
	return false;
}

void sip_run_handler(struct sip_stack *s, struct sip_txn *t, enum sip_auth_result allowed)
{
	if (allowed != SIP_AUTH_OK || (t->state == TXN_TERMINATED && !t->is_stray))
		return;
	/* Who was let in by an adapter is its client, even before a REGISTER: its on_close must come. */
	if (t->adapter != NULL && t->verb->auth == SIP_AUTH_REQUIRED &&
	    t->flow->conn.adapter == NULL)
		t->flow->conn.adapter = t->adapter;
	t->verb->on_request(t, t->verb_arg);
	if (t->state == TXN_TRYING && t->msg->method_id == SIP_METHOD_INVITE)
		sip_reply_code(s, t->id, 100); /* 17.2.1 */
}

void sip_pass(struct sip_txn *t)
{
	struct sip_stack *s = t->stack;
	const struct sip_verb *v = verb_in(s->common_verbs, t->msg->method);

	if (v != NULL)
		v->on_request(t, s->common_arg);
	else if (!t->is_stray)
		sip_reply_code(s, t->id, t->msg->to.tag.p != NULL ? 481 : 405);
}

void sip_auth_done(struct sip_stack *s, uint64_t txn_id, enum sip_auth_result result)
{
	struct sip_txn *t = sip_txn_get(s, txn_id);

	if (t == NULL)
		return;
	t->pinned = true;
	sip_run_handler(s, t, result);
	sip_txn_unpin(t);
}

static void on_ack(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m)
{
	struct sip_txn *t = sip_txn_find(s, f, m, STR("INVITE"));
	const struct sip_verb *v;
	void *arg;

	if ((t != NULL && sip_txn_acked(t)) || !sip_flow_is_known(f) || s->adapter_count == 0)
		return;
	v = verb_of(s, adapter_of(s, f, m), STR("ACK"), &arg);
	if (v == NULL)
		return;
	if (!sip_flow_spend(f, v->cost) || m->body.len > v->body_max)
		return; /* an ACK is never answered */
	t = sip_txn_new_stray(s, f, m, v);
	t->verb_arg = arg;
	sip_run_handler(s, t, SIP_AUTH_OK);
	sip_txn_unpin(t);
}

static void on_cancel(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m)
{
	struct sip_txn *t;

	if (!is_within_budget(s, f, m, 1))
		return;
	t = sip_txn_find(s, f, m, STR("INVITE"));
	if (t == NULL) {
		refuse(s, f, m, 481, "");
		return;
	}
	sip_answer_stateless(s, f, m, 200, STR_NULL, STR_NULL); /* 9.2: before the INVITE's 487 */
	sip_txn_cancelled(t);
}

static void on_request(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m)
{
	struct sip_txn *t = sip_txn_find(s, f, m, m->method);
	const struct sip_adapter *a;
	const struct sip_verb *v;
	void *arg;

	if (t != NULL) {
		sip_txn_retransmitted(t);
		return;
	}
	a = adapter_of(s, f, m);
	v = verb_of(s, a, m->method, &arg);
	if (!passes(s, f, a, m, v))
		return;
	t = sip_txn_new(s, f, m, v);
	t->adapter = a;
	t->verb_arg = arg;
	sip_run_handler(s, t, v->auth == SIP_AUTH_NONE ? SIP_AUTH_OK : a->authenticate(a->arg, t));
	sip_txn_unpin(t);
}

static void note_user_agent(struct sip_flow *f, const struct sip_msg *m)
{
	struct str ua = str_sub(m->user_agent, 0, LOG_PEER_TEXT_MAX);

	if (ua.len == 0 || str_eq(ua, f->conn.user_agent))
		return;
	str_free(&f->conn.user_agent);
	f->conn.user_agent = str_dup(ua);
	f->conn.quirks = sip_quirks_of(ua);
}

void sip_dispatch(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m)
{
	if (m->fault.code != 0) {
		if (sip_flow_spend(f, 1))
			sip_refuse_bad(s, f, m, m->fault);
		else
			sip_refuse_bad(s, f, NULL, m->fault);
		return;
	}
	note_user_agent(f, m);
	if (!sip_msg_is_request(m)) {
		sip_ctxn_on_response(s, f, m);
		return;
	}
	s->stats.requests_in[m->method_id]++;
	if (m->method_id == SIP_METHOD_ACK)
		on_ack(s, f, m);
	else if (s->self.domain.len == 0 || s->adapter_count == 0)
		refuse(s, f, m, 503, "Retry-After: 60\r\n");
	else if (m->method_id == SIP_METHOD_CANCEL)
		on_cancel(s, f, m);
	else
		on_request(s, f, m);
}
