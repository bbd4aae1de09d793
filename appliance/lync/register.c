/* REGISTER of a Lync-class client ([MS-SIPREGE] 3.2): one contact, named by epid and instance, with a GRUU.
 *
 * pidgin-sipe reads the answer by plain search, so the shape of each line counts:
 * two Supported lines with one tag each, Allow-Events without blanks, Expires
 * as a header of its own. */
#include "base/clk.h"
#include "sip/build.h"
#include "sip/lex.h"

#include "lync/instance.h"
#include "lync/lync_int.h"

struct wanted {
	struct str epid;
	struct str uuid; /* of the instance: as sent, or made from the epid in made */
	struct str urn;	 /* urn:uuid:... */
	struct str contact;
	uint32_t expires_s;
	struct buf made;
};

struct refusal {
	int code; /* 0: none */
	unsigned id;
	const char *reason;
};

/* "<urn:uuid:...>" in quotes. */
static struct str urn_of(const struct sip_addr *c)
{
	struct str s = sip_unquoted(sip_addr_param(c, STR("+sip.instance")));

	if (s.len > 2 && s.p[0] == '<' && s.p[s.len - 1] == '>')
		s = str_sub(s, 1, s.len - 1);
	return str_istarts(s, STR("urn:uuid:")) ? s : STR("");
}

static struct refusal read_names(const struct sip_msg *m, struct wanted *w)
{
	char code[INSTANCE_CODE_LEN + 1];

	w->epid = sip_addr_param(&m->from, STR("epid"));
	w->urn = urn_of(&m->contact.v[0]);
	if (w->epid.len > LYNC_EPID_MAX)
		return (struct refusal){ 400, 4012, "The epid is too long" };
	if (w->urn.len == 0 && w->epid.len == 0)
		return (struct refusal){ 400, 4010, "Neither epid nor sip.instance was given" };
	if (w->urn.len == 0) {
		char uuid[INSTANCE_UUID_LEN + 1];

		instance_of_epid(w->epid, uuid);
		buf_addf(&w->made, "urn:uuid:%s", uuid);
		w->urn = buf_str(&w->made);
	}
	w->uuid = str_sub(w->urn, STR("urn:uuid:").len, w->urn.len);
	if (instance_code(w->uuid, code) != E_OK)
		return (struct refusal){ 400, 4010, "The sip.instance is no UUID" };
	return (struct refusal){ 0 };
}

static struct refusal read_request(const struct sip_msg *m, struct wanted *w)
{
	struct str event = sip_msg_get(m, SIP_HDR_EVENT);

	if (m->contact.len != 1 || m->contact.v[0].is_star || !uri_is_sip(&m->contact.v[0].u))
		return (struct refusal){ 400, 4010, "One SIP Contact is expected" };
	if (event.p != NULL && !str_ieqz(event, "registration"))
		return (struct refusal){ 489, 4055, "The Event of a REGISTER is registration" };
	if (sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("msrtc-event-categories")) &&
	    !sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("gruu-10")))
		return (struct refusal){ 421, 2057, "gruu-10 is required" };
	w->contact = m->contact.v[0].uri;
	w->expires_s = sip_contact_expires_s(m, &m->contact.v[0], LYNC_REG_EXPIRES_S);
	if (w->expires_s > LYNC_REG_EXPIRES_S)
		w->expires_s = LYNC_REG_EXPIRES_S;
	else if (w->expires_s > 0 && w->expires_s < REG_EXPIRES_MIN_S)
		w->expires_s = REG_EXPIRES_MIN_S;
	return read_names(m, w);
}

static struct refusal carry_out(struct lync *l, struct sip_txn *t, const struct wanted *w)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct binding b = { .contact = w->contact,
			     .instance = w->urn,
			     .q_milli = 1000,
			     .expires_s = w->expires_s };
	struct registration reg = {
		.account = (account_id)sip_txn_account(t),
		.conn = sip_txn_conn_id(t),
		.dialect = DIALECT_LYNC,
		.call_id = m->call_id,
		.user_agent = m->user_agent,
		.cseq = m->cseq,
		.binding = &b,
		.count = 1,
	};

	switch (registrar_put(l->cfg.registrar, &reg)) {
	case E_OK:
		return (struct refusal){ 0 };
	case E_FULL:
		return (struct refusal){ 403, 4140, "Too many endpoints" };
	case E_STALE:
		return (struct refusal){ 400, 4000, "CSeq is not above the last" };
	default:
		return (struct refusal){ 503, 4000, "The registration could not be kept" };
	}
}

static void contact_line(struct lync *l, const struct account *a, const struct wanted *w,
			 struct buf *out)
{
	buf_addf(out, "Contact: <%.*s>;expires=%u;+sip.instance=\"<%.*s>\"", STR_ARG(w->contact),
		 w->expires_s, STR_ARG(w->urn));
	buf_addz(out, ";gruu=\"");
	if (instance_gruu(out, a->name, sip_stack_domain(l->cfg.stack), w->uuid) != E_OK)
		log_warn("lync", "account=%.*s has a name too long for a GRUU", STR_ARG(a->name));
	buf_addz(out, "\"\r\n");
}

static void answer(struct lync *l, struct sip_txn *t, const struct account *a,
		   const struct wanted *w, bool is_refresh)
{
	struct buf b;

	buf_init(&b, SIP_HEAD_MAX);
	contact_line(l, a, w, &b);
	buf_addf(&b, "Expires: %u\r\n", w->expires_s);
	/* A genuine client starts over if a refresh is answered "added". */
	buf_addf(&b,
		 "presence-state: register-action=\"%s\";primary-cluster-type=\"central\";"
		 "is-connected-to-primary=\"yes\"\r\n",
		 is_refresh ? "refreshed" : "added");
	buf_addz(&b,
		 "Allow-Events: vnd-microsoft-provisioning,vnd-microsoft-roaming-contacts,"
		 "vnd-microsoft-roaming-ACL,presence,presence.wpending,vnd-microsoft-roaming-self,"
		 "vnd-microsoft-provisioning-v2\r\n"
		 "Supported: adhoclist\r\n"
		 "Server: RTC/5.0\r\n"
		 "Supported: msrtc-event-categories\r\n");
	buf_addf(&b, "ms-keep-alive: UAS; tcp=no; hop-hop=yes; end-end=no; timeout=%d\r\n",
		 LYNC_KEEP_ALIVE_S);
	sip_reply(l->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&b), STR_NULL, STR_NULL);
	buf_fini(&b);
}

static void keep(struct str *to, struct str value)
{
	str_free(to);
	*to = str_dup(value);
}

/* The dialog of the REGISTER: a notice that ends the registration is a request in it. */
static void keep_dialog(struct lync_conn *lc, struct sip_txn *t, struct str epid)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct buf from;

	buf_init(&from, SIP_HEAD_MAX);
	buf_add(&from, sip_msg_get(m, SIP_HDR_TO));
	if (m->to.tag.p == NULL)
		buf_addf(&from, ";tag=%.*s", STR_ARG(sip_txn_to_tag(t)));
	keep(&lc->reg_from, buf_str(&from));
	keep(&lc->reg_to, sip_msg_get(m, SIP_HDR_FROM));
	keep(&lc->reg_call_id, m->call_id);
	keep(&lc->epid, epid);
	buf_fini(&from);
}

static bool is_bound(struct lync *l, struct sip_txn *t)
{
	return registrar_find_conn(l->cfg.registrar, (account_id)sip_txn_account(t),
				   sip_txn_conn_id(t)) != NULL;
}

void lync_on_register(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	struct sip_conn *c = sip_txn_conn(t);
	const struct account *a = directory_get(l->cfg.directory, (account_id)sip_txn_account(t));
	bool is_refresh = is_bound(l, t);
	struct wanted w = { .expires_s = 0 };
	const struct endpoint *e;
	struct refusal r;

	buf_init(&w.made, 64);
	r = read_request(sip_txn_msg(t), &w);
	if (r.code == 0) {
		keep_dialog(c->owner, t, w.epid);
		r = carry_out(l, t, &w);
	}
	if (r.code != 0) {
		log_info("lync", "conn=%llu account=%.*s register refused=%d %s",
			 (unsigned long long)c->id, STR_ARG(a->name), r.code, r.reason);
		lync_refuse(l, t, r.code, r.id, r.reason);
	} else {
		answer(l, t, a, &w, is_refresh);
		e = registrar_find_conn(l->cfg.registrar, a->id, c->id);
		if (e != NULL)
			immcu_on_sign_in(l->cfg.immcu, e->id);
		else
			sip_conn_drop_account(l->cfg.stack, c, (uint64_t)a->id);
	}
	buf_fini(&w.made);
}
