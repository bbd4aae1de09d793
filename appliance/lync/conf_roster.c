/* Who is in a conference: the conference-info document (RFC 4575 with [MS-CONFBAS]' extensions).
 *
 * A touched user is always told whole, never one endpoint of him; who is gone as deleted.  Clients compare
 * addresses and states as text: nothing stands between tags that is not meant. */
#include "lync/conf.h"
#include "lync/packages.h"

#define INFO_TYPE STR("application/conference-info+xml")

/* --- pieces --- */

struct users {
	struct conf *c;
	struct xmlw *w;
	group_id group;
};

static void add_endpoint(struct xmlw *w, struct str guid, const char *session, struct str uri,
			 bool is_dialed_in)
{
	xmlw_start(w, "endpoint");
	xmlw_attr(w, "entity", guid);
	xmlw_attrz(w, "msci:session-type", session);
	if (uri.len > 0)
		xmlw_attr(w, "msci:endpoint-uri", uri);
	xmlw_elemz(w, "status", "connected");
	xmlw_elemz(w, "joining-method", is_dialed_in ? "dialed-in" : "dialed-out");
	if (str_eqz(str_of(session), "chat")) {
		xmlw_start(w, "media");
		xmlw_attrz(w, "id", "1");
		xmlw_elemz(w, "type", "chat");
		xmlw_end(w);
	}
	xmlw_end(w);
}

/* Clients of other dialects are connected endpoints of type chat, or they would not be listed. */
static bool add_leg(const struct group_leg *leg, void *arg)
{
	struct users *u = arg;
	struct buf guid;

	if (leg->dialect == DIALECT_LYNC) {
		const struct conf_part *p = leg->ctx;

		if (p->dialog[CONF_FOCUS].is_open)
			add_endpoint(u->w, str_of(p->dialog[CONF_FOCUS].guid), "focus", leg->label,
				     true);
		if (p->dialog[CONF_MCU].is_open)
			add_endpoint(u->w, str_of(p->dialog[CONF_MCU].guid), "chat", leg->label,
				     true);
	} else if (leg->state == GROUP_LEG_OPEN) {
		buf_init(&guid, 64);
		buf_addf(&guid, "{00000000-0000-0000-0000-%012llX}",
			 (unsigned long long)leg->id & 0xffffffffffffull);
		add_endpoint(u->w, buf_str(&guid), "chat", STR_NULL, false);
		buf_fini(&guid);
	}
	return true;
}

static bool add_member(const struct group_member *p, void *arg)
{
	struct users *u = arg;
	const struct account *a = directory_get(u->c->lync->cfg.directory, p->account);
	struct buf uri;

	if (a == NULL)
		return true;
	buf_init(&uri, URI_MAX);
	lync_aor(u->c->lync, a, &uri);
	xmlw_start(u->w, "user");
	xmlw_attr(u->w, "entity", buf_str(&uri));
	xmlw_attrz(u->w, "state", "full");
	xmlw_elem(u->w, "display-text", a->display.len > 0 ? a->display : a->name);
	xmlw_start(u->w, "roles");
	xmlw_elemz(u->w, "entry", p->role == GROUP_PRESENTER ? "presenter" : "attendee");
	xmlw_end(u->w);
	group_each_leg(u->c->lync->cfg.immcu, u->group, p->account, add_leg, u);
	xmlw_end(u->w);
	buf_fini(&uri);
	return true;
}

static void add_gone(struct users *u, account_id account)
{
	const struct account *a = directory_get(u->c->lync->cfg.directory, account);
	struct buf uri;

	if (a == NULL)
		return;
	buf_init(&uri, URI_MAX);
	lync_aor(u->c->lync, a, &uri);
	xmlw_start(u->w, "user");
	xmlw_attr(u->w, "entity", buf_str(&uri));
	xmlw_attrz(u->w, "state", "deleted");
	xmlw_end(u->w);
	buf_fini(&uri);
}

static void add_description(struct conf *c, struct xmlw *w, const struct group_info *g)
{
	const struct account *organizer = directory_get(c->lync->cfg.directory, g->organizer);
	struct buf uri;

	buf_init(&uri, URI_MAX);
	conf_uri(c, g, "chat", &uri);
	xmlw_start(w, "conference-description");
	xmlw_elemz(w, "display-text", "");
	xmlw_elem(w, "subject", g->subject);
	xmlw_start(w, "conf-uris");
	xmlw_attrz(w, "state", "full");
	xmlw_start(w, "entry");
	xmlw_elem(w, "uri", buf_str(&uri));
	xmlw_elemz(w, "display-text", "chat");
	xmlw_elemz(w, "purpose", "chat");
	xmlw_end(w);
	xmlw_end(w);
	if (organizer != NULL) {
		buf_reset(&uri);
		lync_aor(c->lync, organizer, &uri);
		xmlw_start(w, "organizer");
		xmlw_attrz(w, "xmlns", NS_MSCI2);
		xmlw_elem(w, "display-name",
			  organizer->display.len > 0 ? organizer->display : organizer->name);
		xmlw_elem(w, "uri", buf_str(&uri));
		xmlw_end(w);
	}
	xmlw_elem(w, "msci:conference-id", g->conf_id);
	xmlw_elemz(w, "msci:admission-policy",
		   g->access == GROUP_OPEN ? "openAuthenticated" : "closedAuthenticated");
	xmlw_end(w);
	buf_fini(&uri);
}

static void add_state(struct xmlw *w, const struct group_info *g)
{
	xmlw_start(w, "conference-state");
	xmlw_start(w, "user-count");
	{
		struct buf n;

		buf_init(&n, 32);
		buf_add_u64(&n, g->members);
		xmlw_text(w, buf_str(&n));
		buf_fini(&n);
	}
	xmlw_end(w);
	xmlw_elemz(w, "active", "true");
	xmlw_elemz(w, "locked", g->is_locked ? "true" : "false");
	xmlw_end(w);
}

static void add_entity_view(struct conf *c, struct xmlw *w, const struct group_info *g,
			    const char *kind)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	conf_uri(c, g, kind, &uri);
	xmlw_start(w, "msci:entity-view");
	xmlw_attr(w, "entity", buf_str(&uri));
	xmlw_attrz(w, "state", "full");
	xmlw_start(w, "msci:entity-state");
	xmlw_elemz(w, "msci:locked", g->is_locked ? "true" : "false");
	if (str_eqz(str_of(kind), "chat")) {
		xmlw_start(w, "msci:media");
		xmlw_start(w, "entry");
		xmlw_attrz(w, "label", "chat");
		xmlw_elemz(w, "type", "chat");
		xmlw_end(w);
		xmlw_end(w);
	}
	xmlw_end(w);
	xmlw_end(w);
	buf_fini(&uri);
}

static void add_views(struct conf *c, struct xmlw *w, const struct group_info *g)
{
	xmlw_start(w, "msci:conference-view");
	xmlw_attrz(w, "state", "full");
	add_entity_view(c, w, g, "focus");
	add_entity_view(c, w, g, "chat");
	xmlw_end(w);
}

static void start(struct conf *c, struct xmlw *w, struct buf *b, const struct group_info *g,
		  const char *state, uint64_t version)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	conf_uri(c, g, "focus", &uri);
	xmlw_init(w, b);
	xmlw_decl(w);
	xmlw_start(w, "conference-info");
	xmlw_attrz(w, "xmlns", NS_CONF_INFO);
	xmlw_attrz(w, "xmlns:msci", NS_MSCI);
	xmlw_attr(w, "entity", buf_str(&uri));
	xmlw_attrz(w, "state", state);
	xmlw_attr_u64(w, "version", version);
	buf_fini(&uri);
}

/* --- whole --- */

void conf_roster_full(struct conf *c, const struct group_info *g, struct buf *out)
{
	struct xmlw w;
	struct users u = { c, &w, g->id };

	start(c, &w, out, g, "full", g->version);
	add_description(c, &w, g);
	add_state(&w, g);
	xmlw_start(&w, "users");
	xmlw_attrz(&w, "state", "full");
	group_each_member(c->lync->cfg.immcu, g->id, add_member, &u);
	xmlw_end(&w);
	add_views(c, &w, g);
	xmlw_end_all(&w);
}

/* --- in parts --- */

static void partial(struct conf *c, const struct group_info *g, const struct group_event *ev,
		    struct buf *out)
{
	struct xmlw w;
	struct users u = { c, &w, g->id };
	struct group_member p;

	start(c, &w, out, g, "partial", ev->version);
	switch (ev->kind) {
	case GROUP_EV_STATE:
		add_description(c, &w, g);
		add_state(&w, g);
		add_views(c, &w, g);
		break;
	case GROUP_EV_MEMBER:
	case GROUP_EV_MEMBER_GONE:
		xmlw_start(&w, "users");
		xmlw_attrz(&w, "state", "partial");
		if (ev->kind == GROUP_EV_MEMBER &&
		    group_get_member(c->lync->cfg.immcu, g->id, ev->account, &p))
			(void)add_member(&p, &u);
		else
			add_gone(&u, ev->account);
		xmlw_end(&w);
		break;
	case GROUP_EV_ENDED:
		xmlw_start(&w, "conference-state");
		xmlw_elemz(&w, "active", "false");
		xmlw_end(&w);
		break;
	}
	xmlw_end_all(&w);
}

struct telling {
	struct conf *c;
	group_id group;
	struct str body;
};

static struct lync_conn *conn_of(struct conf *c, const struct conf_part *p)
{
	struct sip_conn *sc = sip_conn_get(c->lync->cfg.stack, p->conn);

	return sc == NULL ? NULL : lync_conn_of(sc);
}

static bool tell(const struct group_leg *leg, void *arg)
{
	struct telling *x = arg;
	struct lync_conn *lc = leg->dialect == DIALECT_LYNC ? conn_of(x->c, leg->ctx) : NULL;

	if (lc == NULL)
		return true;
	LIST_EACH (&lc->subs, n) {
		struct lync_sub *s = LIST_ITEM(n, struct lync_sub, in_conn);

		if (s->package == PACKAGE_CONFERENCE && s->group == x->group)
			lync_sub_notify(x->c->lync, s, STR_NULL, INFO_TYPE, x->body);
	}
	return true;
}

void conf_on_event(void *arg, const struct group_info *g, const struct group_event *ev)
{
	struct conf *c = arg;
	struct buf body;
	struct telling x = { c, g->id, STR_NULL };

	buf_init(&body, SIP_BODY_MAX);
	partial(c, g, ev, &body);
	x.body = buf_str(&body);
	group_each_leg(c->lync->cfg.immcu, g->id, 0, tell, &x);
	buf_fini(&body);
}

/* --- subscriptions --- */

static void end_subs(struct lync *l, struct lync_conn *lc, group_id group)
{
	LIST_EACH (&lc->subs, n) {
		struct lync_sub *s = LIST_ITEM(n, struct lync_sub, in_conn);

		if (s->package == PACKAGE_CONFERENCE && s->group == group)
			lync_sub_end(l, s);
	}
}

void conf_subs_end(struct conf *c, const struct conf_part *p)
{
	struct lync_conn *lc = conn_of(c, p);

	if (lc != NULL)
		end_subs(c->lync, lc, p->key.group);
}

/* pidgin-sipe leaves with a SUBSCRIBE outside the dialog; it means all it has of that conference. */
void conf_subscribe(struct lync *l, struct sip_txn *t)
{
	struct conf *c = l->conf;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g = conf_group_of(c, &m->ruri_uri);
	const struct endpoint *e = registrar_find_conn(
		l->cfg.registrar, (account_id)sip_txn_account(t), sip_txn_conn_id(t));
	struct lync_sub *s;
	struct buf body;

	if (m->has_expires && m->expires_s == 0) {
		if (g != NULL)
			end_subs(l, lync_conn_of(sip_txn_conn(t)), g->id);
		lync_sub_answer_once(l, t, STR_NULL, STR_NULL, STR_NULL);
		return;
	}
	if (g == NULL || e == NULL || conf_part_get(c, g->id, e->id) == NULL) {
		conf_refuse(c, t, g == NULL ? E_NOTFOUND : E_DENIED);
		return;
	}
	s = lync_sub_make(l, t, PACKAGE_CONFERENCE);
	if (s == NULL)
		return;
	s->group = g->id;
	buf_init(&body, SIP_BODY_MAX);
	conf_roster_full(c, g, &body);
	lync_sub_answer(l, t, s, STR_NULL, INFO_TYPE, buf_str(&body));
	buf_fini(&body);
}
