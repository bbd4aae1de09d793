/* REGISTER (RFC 3261 10.3) with GRUU (RFC 5627) and Outbound (RFC 5626).
 *
 * All contacts of a request are taken or none.  The answer lists what is bound
 * now; the client is reached over the connection it came on, whatever its
 * Contact says, so neither Path nor Service-Route has anything to add. */
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/num.h"
#include "sip/build.h"
#include "sip/lex.h"
#include "sip/route.h"

#include "simple/simple_int.h"

/* What one request asks for. */
struct wanted {
	struct binding binding[SIP_LISTED_MAX];
	size_t count;
	struct buf params; /* backing of binding[].params, one after the other */
	size_t at[SIP_LISTED_MAX + 1];
	bool outbound; /* a reg-id was taken */
};

struct refusal {
	int code; /* 0: none */
	const char *reason;
	struct str headers;
};

/* Parameters that are ours to answer, or that last one request only. */
static bool is_ours_to_write(struct str name)
{
	return str_ieqz(name, "expires") || str_ieqz(name, "pub-gruu") ||
	       str_ieqz(name, "temp-gruu") || str_ieqz(name, "temp-gruu-cookie") ||
	       str_ieqz(name, "q");
}

/* The rest goes back in answers as it came. */
static void keep_params(const struct sip_addr *c, struct buf *out)
{
	struct sip_lex l = sip_lex_of(c->params);
	struct str name, value;
	bool bad = false;

	while (sip_lex_param(&l, &name, &value, &bad)) {
		if (is_ours_to_write(name))
			continue;
		buf_addc(out, ';');
		buf_add(out, name);
		if (value.p == NULL)
			continue;
		buf_addc(out, '=');
		buf_add(out, value);
	}
}

/* "0", "1", "0.7", "1.000": thousandths; 1000 when absent (10.2.1.2).  E_BAD. */
static enum err decode_q(struct str text, uint32_t *out)
{
	struct str rest = text, whole = str_cut(&rest, '.');
	uint32_t n, frac = 0;

	*out = 1000;
	if (text.p == NULL)
		return E_OK;
	if (num_u32(whole, 0, 1, &n) != E_OK || rest.len > 3)
		return E_BAD;
	if (rest.len > 0 && num_u32(rest, 0, 999, &frac) != E_OK)
		return E_BAD;
	for (size_t i = rest.len; i < 3; i++)
		frac *= 10;
	*out = n * 1000 + frac;
	return *out <= 1000 ? E_OK : E_BAD;
}

/* +sip.instance="<urn:uuid:...>": what is between the angle brackets. */
static struct str instance_of(const struct sip_addr *c)
{
	struct str s = sip_unquoted(sip_addr_param(c, STR("+sip.instance")));

	if (s.len > 2 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		return str_sub(s, 1, s.len - 1);
	return STR_NULL;
}

static struct refusal bad(const char *reason)
{
	return (struct refusal){ 400, reason, STR_NULL };
}

static struct refusal take_contact(const struct simple *s, const struct sip_msg *m,
				   const struct sip_addr *c, struct wanted *w)
{
	struct binding *b = &w->binding[w->count];
	struct str reg_id = sip_addr_param(c, STR("reg-id"));

	if (!uri_is_sip(&c->u))
		return bad("Bad Contact: Not A SIP URI");
	if (sip_gruu_is(&c->u) && sip_stack_is_ours(s->cfg.stack, &c->u))
		/* RFC 5627 5.2 */
		return (struct refusal){ 403, "Contact Is A GRUU Of Ours", STR_NULL };
	*b = (struct binding){
		.contact = c->uri,
		.instance = instance_of(c),
		.expires_s = sip_contact_expires_s(m, c, REG_EXPIRES_DEFAULT_S),
	};
	if (decode_q(sip_addr_param(c, STR("q")), &b->q_milli) != E_OK)
		return bad("Bad Contact: q");
	if (b->expires_s > 0 && b->expires_s < REG_EXPIRES_MIN_S)
		return (struct refusal){ 423, NULL, STR("Min-Expires: 60\r\n") };
	if (b->expires_s > REG_EXPIRES_MAX_S)
		b->expires_s = REG_EXPIRES_MAX_S;
	/* A reg-id without an instance is ignored (RFC 5626 6). */
	if (reg_id.p != NULL && b->instance.len > 0 &&
	    sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("outbound"))) {
		if (num_u32(reg_id, 1, INT32_MAX, &b->reg_id) != E_OK)
			return bad("Bad Contact: reg-id");
		w->outbound = true;
	}
	w->at[w->count++] = w->params.len;
	keep_params(c, &w->params);
	w->at[w->count] = w->params.len;
	return (struct refusal){ 0 };
}

static struct refusal take_contacts(const struct simple *s, const struct sip_msg *m,
				    struct wanted *w)
{
	_Static_assert(REG_EXPIRES_MIN_S == 60, "the Min-Expires line says 60");

	for (size_t i = 0; i < m->contact.len; i++) {
		struct refusal r = take_contact(s, m, &m->contact.v[i], w);

		if (r.code != 0)
			return r;
	}
	if (buf_err(&w->params) != E_OK)
		return (struct refusal){ 513, NULL, STR_NULL };
	for (size_t i = 0; i < w->count; i++)
		w->binding[i].params = str_sub(buf_str(&w->params), w->at[i], w->at[i + 1]);
	return (struct refusal){ 0 };
}

static struct refusal refusal_of(enum err e)
{
	switch (e) {
	case E_OK:
		return (struct refusal){ 0 };
	case E_FULL:
		return (struct refusal){ 403, "Too Many Endpoints", STR_NULL };
	case E_STALE:
		/* 10.3 step 7 */
		return (struct refusal){ 500, "CSeq Is Not Above The Last", STR_NULL };
	default:
		return (struct refusal){ sip_status_of_err(e), NULL, STR_NULL };
	}
}

static bool has_star(const struct sip_msg *m)
{
	for (size_t i = 0; i < m->contact.len; i++)
		if (m->contact.v[i].is_star)
			return true;
	return false;
}

static struct refusal remove_all(struct simple *s, const struct sip_msg *m, account_id account)
{
	if (m->contact.len != 1 || !m->has_expires || m->expires_s != 0)
		return bad("Bad Contact: * Needs Expires 0 And Nothing Else");
	return refusal_of(registrar_clear(s->cfg.registrar, account, m->call_id, m->cseq));
}

static struct refusal carry_out(struct simple *s, struct sip_txn *t, struct wanted *w)
{
	const struct sip_msg *m = sip_txn_msg(t);
	account_id account = (account_id)sip_txn_account(t);
	struct registration reg = {
		.account = account,
		.conn = sip_txn_conn_id(t),
		.dialect = DIALECT_SIMPLE,
		.call_id = m->call_id,
		.user_agent = m->user_agent,
		.cseq = m->cseq,
		.binding = w->binding,
	};
	struct refusal r;

	if (has_star(m))
		return remove_all(s, m, account);
	r = take_contacts(s, m, w);
	if (r.code != 0 || w->count == 0) /* without a Contact it only asks */
		return r;
	reg.count = w->count;
	return refusal_of(registrar_put(s->cfg.registrar, &reg));
}

static void add_gruus(const struct simple *s, const struct endpoint *e, const struct account *a,
		      struct buf *out)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	sip_gruu_public(&uri, a->name, sip_stack_domain(s->cfg.stack), e->instance);
	buf_addz(out, ";pub-gruu=");
	sip_quote(out, buf_str(&uri));
	buf_reset(&uri);
	sip_gruu_temp(sip_stack_secret(s->cfg.stack), &uri, e->id, sip_stack_domain(s->cfg.stack));
	buf_addz(out, ";temp-gruu=");
	sip_quote(out, buf_str(&uri));
	buf_fini(&uri);
}

static void add_contact(const struct simple *s, const struct endpoint *e, const struct account *a,
			bool gruu, struct buf *out)
{
	int64_t left_ms = e->expires_ms - clk_ms();

	buf_addz(out, "Contact: <");
	buf_add(out, e->contact);
	buf_addc(out, '>');
	buf_add(out, e->params);
	if (e->q_milli < 1000)
		buf_addf(out, ";q=0.%03u", (unsigned)e->q_milli);
	if (gruu && e->instance.len > 0)
		add_gruus(s, e, a, out);
	buf_addf(out, ";expires=%lld\r\n", (long long)(left_ms > 0 ? (left_ms + 999) / 1000 : 0));
}

static void answer(struct simple *s, struct sip_txn *t, const struct account *a, bool outbound)
{
	const struct sip_msg *m = sip_txn_msg(t);
	bool gruu = sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("gruu"));
	endpoint_id id[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(s->cfg.registrar, a->id, id, ARRAY_LEN(id));
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	for (size_t i = 0; i < n; i++) {
		const struct endpoint *e = registrar_get(s->cfg.registrar, id[i]);

		if (e != NULL && e->dialect == DIALECT_SIMPLE)
			add_contact(s, e, a, gruu, &lines);
	}
	simple_date_line(clk_wall_ms(), &lines);
	buf_addz(&lines, "Supported: gruu, outbound\r\n");
	if (outbound)
		buf_addf(&lines, "Require: outbound\r\nFlow-Timer: %d\r\n", SIP_FLOW_TIMER_S);
	sip_reply(s->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}

/* After the answer: what waited for the account goes out, and who has left is not signed in any more. */
static void follow_up(struct simple *s, struct sip_conn *c, account_id account)
{
	const struct endpoint *e = registrar_find_conn(s->cfg.registrar, account, c->id);

	if (e == NULL) {
		sip_conn_drop_account(s->cfg.stack, c, (uint64_t)account);
		return;
	}
	immcu_on_sign_in(s->cfg.immcu, e->id);
}

void simple_on_register(struct sip_txn *t, void *arg)
{
	struct simple *s = arg;
	struct sip_conn *c = sip_txn_conn(t);
	const struct account *a = directory_get(s->cfg.directory, (account_id)sip_txn_account(t));
	bool asks_only = sip_txn_msg(t)->contact.len == 0;
	struct wanted w = { .count = 0 };
	struct refusal r;

	buf_init(&w.params, SIP_HEAD_MAX);
	r = carry_out(s, t, &w);
	if (r.code != 0) {
		sip_reply(s->cfg.stack, sip_txn_id(t), r.code, r.reason, r.headers, STR_NULL,
			  STR_NULL);
	} else {
		answer(s, t, a, w.outbound);
		if (!asks_only)
			follow_up(s, c, a->id);
	}
	buf_fini(&w.params);
}
