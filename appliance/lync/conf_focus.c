/* A client's focus dialog ([MS-CONFBAS] 3.5): INVITE with addUser, INFO with commands, BYE. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"
#include "codec/mime.h"
#include "lync/conf.h"

/* --- parts and their dialogs --- */

static struct str part_key(const struct conf_part *p)
{
	return str_n(&p->key, sizeof(p->key));
}

struct conf_part *conf_part_get(struct conf *c, group_id group, endpoint_id endpoint)
{
	struct conf_part key = { .key = { .group = group, .endpoint = endpoint } };
	struct map_node *n = map_get(&c->parts, part_key(&key));

	return n == NULL ? NULL : CONTAINER_OF(n, struct conf_part, by_key);
}

struct conf_dialog *conf_dialog_of(struct conf *c, struct sip_txn *t)
{
	struct sip_dialog *d = sip_dialogs_get(&c->dialogs, sip_txn_msg(t), sip_txn_conn_id(t));

	return d == NULL ? NULL : CONTAINER_OF(d, struct conf_dialog, d);
}

void conf_dialog_open(struct conf_dialog *d, struct sip_txn *t)
{
	struct conf *c = d->part->conf;
	struct sip_msg *m = sip_txn_msg_ref(t);
	unsigned char r[16];

	conf_dialog_close(d, false);
	if (sip_dialog_init_uas(&d->d, m, sip_txn_to_tag(t), sip_txn_conn_id(t)) == E_OK) {
		sip_dialogs_put(&c->dialogs, &d->d);
		d->is_open = true;
	}
	sip_msg_unref(&m);
	if (d->guid[0] != '\0')
		return;
	rand_bytes(r, sizeof(r));
	(void)snprintf(d->guid, sizeof(d->guid),
		       "{%02X%02X%02X%02X-%02X%02X-%02X%02X-%02X%02X-%02X%02X%02X%02X%02X%02X}",
		       r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7], r[8], r[9], r[10], r[11],
		       r[12], r[13], r[14], r[15]);
}

void conf_dialog_close(struct conf_dialog *d, bool say_bye)
{
	struct conf *c = d->part->conf;
	struct sip_out o = { 0 };
	struct buf scratch;

	if (!d->is_open)
		return;
	d->is_open = false;
	if (say_bye) {
		buf_init(&scratch, SIP_OUT_MAX);
		sip_dialog_request(&d->d, STR("BYE"), STR_NULL, &scratch, &o);
		/* whatever is answered, it is over */
		(void)sip_request_send(c->lync->cfg.stack, &o, NULL, NULL);
		buf_fini(&scratch);
	}
	sip_dialogs_del(&c->dialogs, &d->d);
	sip_dialog_fini(&d->d);
}

static void part_free(struct conf_part *p, bool say_bye)
{
	struct conf *c = p->conf;

	/* The IM MCU first: its BYE is what the client shows. */
	conf_dialog_close(&p->dialog[CONF_MCU], say_bye);
	conf_subs_end(c, p);
	conf_dialog_close(&p->dialog[CONF_FOCUS], say_bye);
	map_del(&c->parts, &p->by_key);
	free(p);
}

static void on_leg_end(void *arg, const struct group_leg *leg, enum group_leg_end why)
{
	(void)arg;
	part_free(leg->ctx, why != GROUP_LEG_LOST && why != GROUP_LEG_REPLACED);
}

void conf_refuse(struct conf *c, struct sip_txn *t, enum err e)
{
	switch (e) {
	case E_DENIED:
		lync_refuse(c->lync, t, 403, 3014,
			    "You may not join this conference, or it is locked.");
		return;
	case E_FULL:
		lync_refuse(c->lync, t, 486, 3014, "The conference is full.");
		return;
	default:
		lync_refuse(c->lync, t, 404, 3012, "The conference does not exist or has ended.");
		return;
	}
}

/* pidgin-sipe shows no typing in conferences. */
static bool takes_typing(const struct endpoint *e)
{
	return str_search(e->user_agent, STR(" Sipe/")) >= e->user_agent.len;
}

struct conf_part *conf_part_join(struct conf *c, struct sip_txn *t, const struct group_info *g)
{
	struct immcu *m = c->lync->cfg.immcu;
	account_id who = (account_id)sip_txn_account(t);
	const struct endpoint *e = registrar_find_conn(c->lync->cfg.registrar, who,
						       sip_txn_conn_id(t));
	struct conf_part *p = e == NULL ? NULL : conf_part_get(c, g->id, e->id);
	struct group_leg_new n = { .account = who, .state = GROUP_LEG_JOINED, .window = 4 };
	group_id id = g->id;
	enum err err;

	if (p != NULL)
		return p;
	if (e == NULL) {
		lync_refuse(c->lync, t, 403, 3014, "This client is not signed in.");
		return NULL;
	}
	err = group_join(m, id, who, false);
	if (err != E_OK) {
		conf_refuse(c, t, err);
		return NULL;
	}
	p = xcalloc(1, sizeof(*p));
	p->conf = c;
	p->key.group = id;
	p->key.endpoint = e->id;
	p->account = who;
	p->conn = e->conn;
	for (int i = 0; i < CONF_ROLES; i++) {
		p->dialog[i].part = p;
		p->dialog[i].role = i;
	}
	map_put(&c->parts, &p->by_key, part_key(p));
	n.endpoint = e->id;
	n.label = e->contact;
	n.ctx = p;
	n.takes_typing = takes_typing(e);
	err = group_leg_open(m, id, &n, &p->leg);
	if (err != E_OK) {
		part_free(p, false);
		conf_refuse(c, t, err);
		return NULL;
	}
	return p;
}

/* --- joining --- */

static const char *role_name(struct conf *c, group_id id, account_id who)
{
	struct group_member p;

	return group_get_member(c->lync->cfg.immcu, id, who, &p) && p.role == GROUP_PRESENTER
		       ? "presenter"
		       : "attendee";
}

static void contact_line(struct conf *c, const struct group_info *g, const char *kind,
			 struct buf *out)
{
	buf_addz(out, "Contact: <");
	conf_uri(c, g, kind, out);
	buf_addz(
		out,
		">;isfocus\r\nAllow: INVITE, ACK, BYE, CANCEL, INFO, MESSAGE, UPDATE, OPTIONS\r\n");
}

static void add_joined(struct xmlw *w, const struct c3p *r, const char *role)
{
	const struct xml_node *keys = xml_child(r->command, NULL, "conferenceKeys");
	const struct xml_node *user = xml_child(r->command, NULL, "user");

	c3p_keys(w, xml_attr(keys, "confEntity"));
	xmlw_start(w, "user");
	xmlw_attrz(w, "xmlns", NS_CONF_INFO);
	xmlw_attr(w, "entity", xml_attr(user, "entity"));
	xmlw_start(w, "roles");
	xmlw_elemz(w, "entry", role);
	xmlw_end(w);
	xmlw_end(w);
}

static void answer_joined(struct conf *c, struct sip_txn *t, const struct group_info *g,
			  const struct c3p *r)
{
	struct buf lines, body;
	struct xmlw w;

	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&body, SIP_BODY_MAX);
	contact_line(c, g, "focus", &lines);
	c3p_response(&w, &body, r, "addUser", NULL);
	add_joined(&w, r, role_name(c, g->id, (account_id)sip_txn_account(t)));
	c3p_end(&w);
	sip_reply(c->lync->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), C3P_TYPE,
		  buf_str(&body));
	buf_fini(&body);
	buf_fini(&lines);
}

static void focus_invite(struct conf *c, struct sip_txn *t, const struct group_info *g)
{
	const struct xml_node *endpoint;
	struct conf_part *p;
	struct conf_dialog *d;
	struct xml_doc doc;
	struct c3p r;
	group_id id = g->id;
	int n;

	if (!mime_is(sip_txn_msg(t)->content_type, "application/cccp+xml") ||
	    xml_decode(sip_txn_msg(t)->body, &doc) != E_OK) {
		lync_refuse(c->lync, t, 400, 3006,
			    "Joining a conference needs an addUser request.");
		return;
	}
	if (c3p_decode(doc.root, &r) != E_OK || !xml_is(r.command, NULL, "addUser")) {
		lync_refuse(c->lync, t, 400, 3006,
			    "Joining a conference needs an addUser request.");
	} else if ((p = conf_part_join(c, t, g)) != NULL) {
		endpoint = xml_child(xml_child(r.command, NULL, "user"), NULL, "endpoint");
		d = &p->dialog[CONF_FOCUS];
		n = snprintf(d->guid, sizeof(d->guid), "%.*s",
			     STR_ARG(xml_attr(endpoint, "entity")));
		if (n <= 0 || (size_t)n >= sizeof(d->guid))
			d->guid[0] = '\0';
		conf_dialog_open(d, t);
		g = group_get(c->lync->cfg.immcu, id);
		if (g != NULL)
			answer_joined(c, t, g, &r);
	}
	xml_fini(&doc);
}

bool conf_on_invite(struct conf *c, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g;
	struct xml_doc doc;
	struct str id;
	enum conf_target target = conf_target_of(&m->ruri_uri, &id);

	if (conf_dialog_of(c, t) != NULL) { /* a refresh of the session: nothing changes */
		sip_reply_code(c->lync->cfg.stack, sip_txn_id(t), 200);
		return true;
	}
	if (target == CONF_NONE) {
		if (!mime_is(m->content_type, "application/ms-conf-invite+xml"))
			return false;
		if (xml_decode(m->body, &doc) != E_OK) {
			lync_refuse(c->lync, t, 400, 3006, "The invitation is not well-formed.");
			return true;
		}
		conf_app_invite(c, t, doc.root);
		xml_fini(&doc);
		return true;
	}
	g = conf_group_of(c, &m->ruri_uri);
	if (target != CONF_TO_FOCUS && target != CONF_TO_CHAT)
		lync_refuse(c->lync, t, 603, 3013, "This server has no such conferencing service.");
	else if (g == NULL)
		conf_refuse(c, t, E_NOTFOUND);
	else if (target == CONF_TO_FOCUS)
		focus_invite(c, t, g);
	else
		conf_mcu_invite(c, t, g);
	return true;
}

/* --- commands --- */

static account_id user_of(struct conf *c, struct str entity)
{
	struct uri u;
	const struct account *a = uri_decode(entity, &u) == E_OK ? lync_account_of(c->lync, &u)
								 : NULL;

	return a == NULL ? 0 : a->id;
}

static enum err run(struct conf *c, group_id id, account_id by, const struct xml_node *cmd)
{
	struct immcu *m = c->lync->cfg.immcu;
	struct str user = xml_attr(xml_child(cmd, NULL, "userKeys"), "userEntity");

	if (xml_is(cmd, NULL, "modifyConferenceLock"))
		return group_set_lock(m, id, by,
				      str_eqz(xml_child_text(cmd, NULL, "locked"), "true"));
	if (xml_is(cmd, NULL, "modifyUserRoles"))
		return group_set_role(
			m, id, by, user_of(c, user),
			str_eqz(xml_child_text(xml_child(cmd, NULL, "user-roles"), NULL, "entry"),
				"presenter")
				? GROUP_PRESENTER
				: GROUP_ATTENDEE);
	if (xml_is(cmd, NULL, "deleteUser"))
		return group_remove(m, id, by, user_of(c, user));
	/* dial-out: bring in somebody who cannot come by himself */
	if (xml_is(cmd, NULL, "addUser"))
		return group_add(m, id, by,
				 user_of(c, xml_attr(xml_child(cmd, NULL, "user"), "entity")),
				 GROUP_ATTENDEE);
	if (xml_is(cmd, NULL, "deleteConference"))
		return group_end(m, id, by);
	return E_UNSUPPORTED;
}

static void on_command(struct conf *c, struct sip_txn *t, const struct conf_part *p,
		       const struct c3p *r)
{
	account_id by = p->account;
	uint64_t txn = sip_txn_id(t);
	enum err e = run(c, p->key.group, by, r->command); /* p may be gone after it */
	char name[64];
	struct buf body;
	struct xmlw w;

	(void)snprintf(name, sizeof(name), "%.*s", STR_ARG(r->command->name));
	buf_init(&body, SIP_BODY_MAX);
	c3p_response(&w, &body, r, name, e == E_OK ? NULL : c3p_reason(e));
	if (e == E_OK)
		c3p_keys(&w, r->to);
	c3p_end(&w);
	sip_reply(c->lync->cfg.stack, txn, 200, NULL, STR_NULL, C3P_TYPE, buf_str(&body));
	buf_fini(&body);
}

bool conf_on_info(struct conf *c, struct sip_txn *t)
{
	struct conf_dialog *d = conf_dialog_of(c, t);
	struct xml_doc doc;
	struct c3p r;

	if (d == NULL)
		return false;
	if (d->role == CONF_MCU) { /* typing: told to nobody who could not show it */
		sip_reply_code(c->lync->cfg.stack, sip_txn_id(t), 200);
		return true;
	}
	if (!mime_is(sip_txn_msg(t)->content_type, "application/cccp+xml") ||
	    xml_decode(sip_txn_msg(t)->body, &doc) != E_OK) {
		lync_refuse(c->lync, t, 400, 3006, "The request is not C3P");
		return true;
	}
	if (c3p_decode(doc.root, &r) != E_OK)
		lync_refuse(c->lync, t, 400, 3006, "The request is not C3P");
	else
		on_command(c, t, d->part, &r);
	xml_fini(&doc);
	return true;
}

/* --- leaving --- */

bool conf_on_bye(struct conf *c, struct sip_txn *t)
{
	struct conf_dialog *d = conf_dialog_of(c, t);
	struct immcu *m = c->lync->cfg.immcu;
	struct conf_part *p;
	const struct group_info *g;
	struct group_member member;
	account_id who;
	group_id id;
	bool is_mcu;

	if (d == NULL)
		return false;
	sip_reply_code(c->lync->cfg.stack, sip_txn_id(t), 200);
	p = d->part;
	is_mcu = d->role == CONF_MCU;
	conf_dialog_close(d, false);
	if (is_mcu) {
		group_leg_set_state(m, p->leg, GROUP_LEG_JOINED);
		return true;
	}
	who = p->account;
	id = p->key.group;
	group_leg_close(m, p->leg, GROUP_LEG_LEFT); /* frees p */
	/* Who closes the window leaves what is for now, whoever brought him; a standing group stays his. */
	g = group_get(m, id);
	if (g != NULL && group_get_member(m, id, who, &member) && member.legs == 0 &&
	    (!member.is_sticky || g->kind == GROUP_ADHOC) && group_remove(m, id, who, who) != E_OK)
		log_debug("lync", "group=%lld account=%lld could not leave", (long long)id,
			  (long long)who);
	return true;
}

bool conf_on_ack(struct conf *c, struct sip_txn *t)
{
	return conf_dialog_of(c, t) != NULL;
}

/* --- all of it --- */

static struct conf_part *part_on(struct conf *c, conn_id conn)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&c->parts, &it); n != NULL;
	     n = map_next(&c->parts, &it))
		if (CONTAINER_OF(n, struct conf_part, by_key)->conn == conn)
			return CONTAINER_OF(n, struct conf_part, by_key);
	return NULL;
}

/* Parts are few beside connections, so a scan serves; anew each time, for one leg's end may end others. */
void conf_conn_closed(struct conf *c, conn_id conn)
{
	struct conf_part *p;

	while ((p = part_on(c, conn)) != NULL) {
		p->conn = 0;
		group_leg_close(c->lync->cfg.immcu, p->leg, GROUP_LEG_LOST);
	}
}

struct conf *conf_new(struct lync *l)
{
	struct conf *c = xcalloc(1, sizeof(*c));

	c->lync = l;
	c->forks = sip_forks_new(l->cfg.stack);
	sip_dialogs_init(&c->dialogs);
	map_init(&c->parts);
	list_init(&c->texts);
	group_set_dialect(l->cfg.immcu, DIALECT_LYNC,
			  &(struct group_dialect){ .render = conf_render,
						   .send = conf_send,
						   .invite = conf_invite,
						   .on_event = conf_on_event,
						   .on_leg_end = on_leg_end,
						   .on_report = conf_on_report,
						   .arg = c });
	return c;
}

void conf_free(struct conf **cp)
{
	struct conf *c = *cp;
	struct map_iter it;

	if (c == NULL)
		return;
	sip_forks_free(&c->forks);
	for (struct map_node *n = map_first(&c->parts, &it); n != NULL;
	     n = map_next(&c->parts, &it))
		part_free(CONTAINER_OF(n, struct conf_part, by_key), false);
	conf_texts_fini(c);
	map_fini(&c->parts);
	sip_dialogs_fini(&c->dialogs);
	free(c);
	*cp = NULL;
}
