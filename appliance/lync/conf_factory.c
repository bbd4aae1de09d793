/* The focus factory ([MS-CONFBAS] 3.4): SERVICE requests that make, show, change and end conferences. */
#include <stdio.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/date.h"
#include "lync/conf.h"

enum { CONF_ID_MIN = 8, CONF_ID_MAX = 32 };

struct order {
	struct conf *c;
	struct sip_txn *txn;
	struct c3p request;
	account_id by;
};

static void reply(struct order *o, struct buf *body)
{
	sip_reply(o->c->lync->cfg.stack, sip_txn_id(o->txn), 200, NULL, STR_NULL, C3P_TYPE,
		  buf_str(body));
}

static void fail(struct order *o, const char *reason)
{
	char name[64];
	struct buf body;
	struct xmlw w;

	/* The command's own name, whatever it was: xmlw keeps names by pointer until the end tag. */
	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(o->request.command->name));
	buf_init(&body, SIP_BODY_MAX);
	c3p_response(&w, &body, &o->request, name, reason);
	c3p_end(&w);
	reply(o, &body);
	buf_fini(&body);
}

/* --- what clients ask before they make one --- */

static void add_mcu_types(struct xmlw *w)
{
	xmlw_start(w, "mcu-types");
	xmlw_elemz(w, "mcuType", "chat");
	xmlw_end(w);
}

/* chat alone: a type that is listed is asked for. */
static void get_capabilities(struct order *o)
{
	struct buf body;
	struct xmlw w;

	buf_init(&body, SIP_BODY_MAX);
	c3p_response(&w, &body, &o->request, "getConferencingCapabilities", NULL);
	xmlw_attrz(&w, "capability-version", "1");
	add_mcu_types(&w);
	c3p_end(&w);
	reply(o, &body);
	buf_fini(&body);
}

static void get_mcu_types(struct order *o)
{
	struct buf body;
	struct xmlw w;

	buf_init(&body, SIP_BODY_MAX);
	c3p_response(&w, &body, &o->request, "getAvailableMcuTypes", NULL);
	add_mcu_types(&w);
	c3p_end(&w);
	reply(o, &body);
	buf_fini(&body);
}

/* --- one conference --- */

static void add_description(struct xmlw *w, const struct group_info *g)
{
	char last_update[DATE_ISO_CAP];

	date_iso_encode(g->created_ms, last_update);
	xmlw_start(w, "conference-description");
	xmlw_elem(w, "subject", g->subject);
	xmlw_elem(w, "msci:conference-id", g->conf_id);
	xmlw_elemz(w, "msci:last-update", last_update);
	xmlw_elemz(w, "msci:is-active", g->members > 0 ? "true" : "false");
	xmlw_elemz(w, "msci:admission-policy",
		   g->access == GROUP_OPEN ? "openAuthenticated" : "closedAuthenticated");
	xmlw_end(w);
}

static void add_info(struct order *o, struct xmlw *w, const struct group_info *g)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	conf_uri(o->c, g, "focus", &uri);
	xmlw_start(w, "conference-info");
	xmlw_attrz(w, "xmlns", NS_CONF_INFO);
	xmlw_attr(w, "entity", buf_str(&uri));
	xmlw_attrz(w, "state", "full");
	xmlw_attr_u64(w, "version", g->version);
	add_description(w, g);
	xmlw_end(w);
	buf_fini(&uri);
}

static void reply_info(struct order *o, const char *command, const struct group_info *g)
{
	struct buf body;
	struct xmlw w;

	buf_init(&body, SIP_BODY_MAX);
	c3p_response(&w, &body, &o->request, command, NULL);
	add_info(o, &w, g);
	c3p_end(&w);
	reply(o, &body);
	buf_fini(&body);
}

static bool is_conf_id(struct str s)
{
	if (s.len < CONF_ID_MIN || s.len > CONF_ID_MAX)
		return false;
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
		      (s.p[i] >= 'A' && s.p[i] <= 'Z')))
			return false;
	return true;
}

/* One who comes by a text of his own may come too, unless the record says who may. */
static enum group_access admission(const struct xml_node *description)
{
	return str_ieqz(xml_child_text(description, NULL, "admission-policy"),
			"closedAuthenticated")
		       ? GROUP_CLOSED
		       : GROUP_OPEN;
}

static void add_conference(struct order *o)
{
	const struct xml_node *info = xml_child(o->request.command, NULL, "conference-info");
	const struct xml_node *d = xml_child(info, NULL, "conference-description");
	struct group_new n = { .kind = GROUP_ADHOC,
			       .access = admission(d),
			       .conf_id = xml_child_text(d, NULL, "conference-id"),
			       .subject = xml_child_text(d, NULL, "subject"),
			       .organizer = o->by };
	struct immcu *m = o->c->lync->cfg.immcu;
	group_id id;
	enum err e;

	if (n.conf_id.len > 0 && !is_conf_id(n.conf_id)) {
		fail(o, "invalidConferenceId");
		return;
	}
	e = group_create(m, &n, NULL, NULL, &id);
	if (e == E_EXISTS) { /* the client follows whatever id the answer has */
		n.conf_id = STR_NULL;
		e = group_create(m, &n, NULL, NULL, &id);
	}
	if (e != E_OK)
		fail(o, e == E_FULL ? "maximumConferencesExceeded" : c3p_reason(e));
	else
		reply_info(o, "addConference", group_get(m, id));
}

static const struct group_info *keyed(struct order *o)
{
	const struct xml_node *keys = xml_child(o->request.command, NULL, "conferenceKeys");
	struct str focus = xml_attr(keys, "confEntity"),
		   id = xml_attr_ns(keys, NS_MSCI, "conference-id");

	if (keys == NULL) /* modifyConference names it in the document */
		focus = xml_attr(xml_child(o->request.command, NULL, "conference-info"), "entity");
	if (focus.len > 0)
		return conf_group_of_text(o->c, focus);
	return id.len > 0 ? group_find_conf(o->c->lync->cfg.immcu, o->by, id) : NULL;
}

static void get_conference(struct order *o)
{
	const struct group_info *g = keyed(o);

	if (g == NULL)
		fail(o, "conferenceDoesNotExist");
	else if (g->organizer != o->by)
		fail(o, "unauthorized");
	else
		reply_info(o, "getConference", g);
}

struct listing {
	struct order *o;
	struct xmlw *w;
};

static bool add_own(const struct group_info *g, void *arg)
{
	struct listing *l = arg;

	if (g->organizer == l->o->by)
		add_info(l->o, l->w, g);
	return true;
}

static void get_conferences(struct order *o)
{
	struct buf body;
	struct xmlw w;
	struct listing l = { o, &w };

	buf_init(&body, SIP_BODY_MAX);
	c3p_response(&w, &body, &o->request, "getConferences", NULL);
	group_each(o->c->lync->cfg.immcu, add_own, &l);
	c3p_end(&w);
	reply(o, &body);
	buf_fini(&body);
}

static void modify_conference(struct order *o)
{
	const struct xml_node *d = xml_child(xml_child(o->request.command, NULL, "conference-info"),
					     NULL, "conference-description");
	const struct xml_node *subject = xml_child(d, NULL, "subject");
	const struct group_info *g = keyed(o);
	struct immcu *m = o->c->lync->cfg.immcu;
	group_id id = g == NULL ? 0 : g->id;
	enum err e = E_OK;

	if (g == NULL) {
		fail(o, "conferenceDoesNotExist");
		return;
	}
	if (g->organizer != o->by)
		e = E_DENIED;
	if (e == E_OK && subject != NULL && !str_eq(xml_text(subject), g->subject))
		e = group_set_subject(m, id, o->by, xml_text(subject));
	if (e == E_OK && xml_child(d, NULL, "admission-policy") != NULL)
		e = group_set_access(m, id, o->by, admission(d));
	if (e != E_OK)
		fail(o, c3p_reason(e));
	else
		reply_info(o, "modifyConference", group_get(m, id));
}

static void delete_conference(struct order *o)
{
	const struct group_info *g = keyed(o);
	struct buf body, uri;
	struct xmlw w;

	if (g == NULL || g->organizer != o->by) {
		fail(o, g == NULL ? "conferenceDoesNotExist" : "unauthorized");
		return;
	}
	buf_init(&body, SIP_BODY_MAX);
	buf_init(&uri, URI_MAX);
	conf_uri(o->c, g, "focus", &uri);
	c3p_response(&w, &body, &o->request, "deleteConference", NULL);
	xmlw_start(&w, "conference-info");
	xmlw_attrz(&w, "xmlns", NS_CONF_INFO);
	xmlw_attr(&w, "entity", buf_str(&uri));
	c3p_end(&w);
	if (group_end(o->c->lync->cfg.immcu, g->id, o->by) == E_OK)
		reply(o, &body);
	else
		fail(o, "unauthorized");
	buf_fini(&uri);
	buf_fini(&body);
}

static const struct {
	const char *name;
	void (*fn)(struct order *o);
} commands[] = {
	{ "getConferencingCapabilities", get_capabilities },
	{ "getAvailableMcuTypes", get_mcu_types },
	{ "addConference", add_conference },
	{ "getConference", get_conference },
	{ "getConferences", get_conferences },
	{ "modifyConference", modify_conference },
	{ "deleteConference", delete_conference },
};

void conf_on_service(struct lync *l, struct sip_txn *t, const struct xml_node *root)
{
	struct order o = { .c = l->conf, .txn = t, .by = (account_id)sip_txn_account(t) };
	const struct sip_msg *m = sip_txn_msg(t);
	struct uri from;

	if (c3p_decode(root, &o.request) != E_OK) {
		lync_refuse(l, t, 400, 3006, "The request is not C3P");
		return;
	}
	if (uri_decode(o.request.from, &from) != E_OK || !uri_eq_aor(&from, &m->from.u)) {
		lync_refuse(l, t, 400, 3000, "Bad From in C3P request");
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(commands); i++) {
		if (str_eqz(o.request.command->name, commands[i].name)) {
			commands[i].fn(&o);
			return;
		}
	}
	fail(&o, "notSupported");
}
