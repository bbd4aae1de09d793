/* focus_join.c: INVITE, ACK and BYE of clients: making a group, joining, renaming, leaving it.
 *
 *   INVITE factory ─→ group, its members ─┐
 *   INVITE group ─────────────────────────┴─→ 200 ── ACK ─→ texts ── BYE ─→ left
 *
 * What is no conference's goes to the calls (sip_pass). */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "sip/lex.h"

#include "simple/focus.h"

/* Whom a request names. */
struct wanted {
	const struct focus *focus;
	account_id self;
	account_id who[GROUP_MEMBERS_MAX];
	size_t count, entries;
	bool is_too_many;
};

static void want(void *arg, struct str text)
{
	struct wanted *w = arg;
	const struct account *a;
	struct uri u;

	w->entries++;
	if (uri_decode(text, &u) != E_OK || !sip_stack_is_ours(w->focus->simple->cfg.stack, &u))
		return;
	a = simple_account_of(w->focus->simple, &u);
	if (a == NULL || a->id == w->self)
		return;
	for (size_t i = 0; i < w->count; i++)
		if (w->who[i] == a->id)
			return;
	if (w->count == ARRAY_LEN(w->who))
		w->is_too_many = true;
	else
		w->who[w->count++] = a->id;
}

static bool says(const struct sip_msg *m, const char *header)
{
	return str_ieqz(sip_msg_get_name(m, str_of(header)), "true");
}

/* One INVITE on its way. */
struct join {
	struct focus *f;
	struct sip_txn *t;
	const struct sip_msg *m;
	const struct endpoint *e;
	enum focus_shape shape;
	struct wanted *wanted; /* owned */
	struct str sdp;
	struct buf scratch, sdp_scratch;
};

static void join_init(struct join *j, struct focus *f, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);

	*j = (struct join){ .f = f, .t = t, .m = m, .e = focus_sender(f, t) };
	j->wanted = xcalloc(1, sizeof(*j->wanted));
	j->wanted->focus = f;
	j->wanted->self = (account_id)sip_txn_account(t);
	buf_init(&j->scratch, CALL_BODY_MAX * 4);
	buf_init(&j->sdp_scratch, CALL_BODY_MAX * 4);
	j->sdp = focus_body(m, "application/sdp", &j->sdp_scratch);
	j->shape = j->e != NULL && focus_is_room_client(j->e) && m->contact.len > 0 &&
				   sip_param_has(m->contact.v[0].params, STR("text"))
			   ? FOCUS_ROOM
			   : FOCUS_PLAIN;
}

static void join_fini(struct join *j)
{
	buf_fini(&j->scratch);
	buf_fini(&j->sdp_scratch);
	free(j->wanted);
}

/* A group carries texts alone.  A client that knows conferences takes part without media; a telephone is told
 * that there is nothing to hear. */
static bool refuses_media(struct join *j)
{
	if (j->sdp.len == 0 || sip_msg_has_token(j->m, SIP_HDR_ALLOW_EVENTS, STR("conference")))
		return false;
	focus_refuse(
		j->f, j->t, 488, NULL,
		"Warning: 304 porchlight \"A group carries texts, neither audio nor video\"\r\n");
	return true;
}

/* false: answered. */
static bool reads_list(struct join *j)
{
	struct str list = focus_body(j->m, "application/resource-lists+xml", &j->scratch);

	if (list.len > 0 && focus_list_decode(list, want, j->wanted) != E_OK) {
		focus_refuse(j->f, j->t, 400, "Bad Resource List", NULL);
		return false;
	}
	if (j->wanted->is_too_many) {
		focus_refuse(j->f, j->t, 413, "Too Many Entries In The List", NULL);
		return false;
	}
	return true;
}

static void answer(struct join *j, const struct group_info *g)
{
	struct buf lines, sdp;

	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&sdp, CALL_BODY_MAX);
	focus_dialog_lines(j->f, g, sip_txn_conn_id(j->t), &lines);
	buf_addz(&lines,
		 "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE\r\n"
		 "Allow-Events: conference\r\n");
	if (j->sdp.len > 0)
		focus_sdp_decline(j->sdp, &sdp);
	sip_reply(j->f->simple->cfg.stack, sip_txn_id(j->t), 200, NULL, buf_str(&lines),
		  sdp.len > 0 ? STR("application/sdp") : STR_NULL, buf_str(&sdp));
	buf_fini(&sdp);
	buf_fini(&lines);
}

/* Texts wait for the ACK: before it the client may not know the room yet. */
static void take_in(struct join *j, group_id id)
{
	struct focus *f = j->f;
	struct sip_msg *m = sip_txn_msg_ref(j->t);
	struct focus_part *p = focus_part_open(f, id, j->e, j->shape, GROUP_LEG_JOINED);
	const struct group_info *g = group_get(f->immcu, id);

	if (p == NULL || g == NULL) {
		focus_refuse(f, j->t, 503, NULL, NULL);
	} else if (sip_dialog_init_uas(&p->dialog, m, sip_txn_to_tag(j->t),
				       sip_txn_conn_id(j->t)) != E_OK) {
		group_leg_close(f->immcu, p->leg, GROUP_LEG_FAILED);
		focus_refuse(f, j->t, 400, "Bad Record-Route", NULL);
	} else {
		p->has_dialog = true;
		sip_dialogs_put(&f->dialogs, &p->dialog);
		answer(j, g);
	}
	sip_msg_unref(&m);
}

static void add_wanted(struct join *j, group_id id, account_id by)
{
	for (size_t i = 0; i < j->wanted->count; i++)
		if (group_add(j->f->immcu, id, by, j->wanted->who[i], GROUP_ATTENDEE) != E_OK)
			log_info("focus", "group=%lld account=%lld could not be added",
				 (long long)id, (long long)j->wanted->who[i]);
}

/* --- the factory --- */

static void redirect(struct join *j, const struct group_info *g)
{
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	focus_contact_line(j->f, g, &lines);
	sip_reply(j->f->simple->cfg.stack, sip_txn_id(j->t), 302, NULL, buf_str(&lines), STR_NULL,
		  STR_NULL);
	buf_fini(&lines);
}

/* A room of two is found by the two; when one leaves it ends, and the next one is another. */
static void make_pair(struct join *j)
{
	struct immcu *m = j->f->immcu;
	account_id a = j->wanted->self, b = j->wanted->count == 1 ? j->wanted->who[0] : 0;
	char key[33];
	struct group_new n = { .kind = GROUP_STANDING, .access = GROUP_CLOSED };
	const struct group_info *g;
	group_id id;
	int len;

	if (j->wanted->entries != 1 || b == 0) {
		focus_refuse(j->f, j->t, 488, NULL,
			     "Warning: 399 porchlight \"A one-to-one room is of two people\"\r\n");
		return;
	}
	/* Clients give the room one name, whoever opened it. */
	len = snprintf(key, sizeof(key), "pair%llxx%llx", (unsigned long long)(a < b ? a : b),
		       (unsigned long long)(a < b ? b : a));
	n.conf_id = str_n(key, len < 0 ? 0 : (size_t)len);
	g = group_find_conf(m, 0, n.conf_id);
	if (g != NULL) {
		redirect(j, g);
		return;
	}
	if (group_create(m, &n, NULL, NULL, &id) != E_OK ||
	    group_add(m, id, 0, a, GROUP_ATTENDEE) != E_OK ||
	    group_add(m, id, 0, b, GROUP_ATTENDEE) != E_OK) {
		focus_refuse(j->f, j->t, 503, NULL, NULL);
		return;
	}
	take_in(j, id);
	focus_invite_waiting(j->f, id);
}

/* A room of a room client is its users' until the last of them leaves it; the conference of any other client
 * is for now, and open to whom its address is given. */
static void make_group(struct join *j)
{
	bool is_room = j->shape == FOCUS_ROOM;
	struct group_new n = { .kind = is_room ? GROUP_STANDING : GROUP_ADHOC,
			       .access = is_room ? GROUP_CLOSED : GROUP_OPEN,
			       .subject = sip_msg_get(j->m, SIP_HDR_SUBJECT),
			       .organizer = j->wanted->self };
	group_id id;
	enum err e;

	if (j->wanted->entries > 0 && j->wanted->count == 0) {
		focus_refuse(j->f, j->t, 488, NULL,
			     "Warning: 399 porchlight \"None of these people is known here\"\r\n");
		return;
	}
	e = group_create(j->f->immcu, &n, NULL, NULL, &id);
	if (e == E_OK) {
		add_wanted(j, id, j->wanted->self);
		take_in(j, id);
	} else {
		focus_refuse(j->f, j->t, e == E_BAD ? 400 : 503, e == E_BAD ? "Bad Subject" : NULL,
			     NULL);
	}
}

static void on_factory(struct join *j)
{
	if (says(j->m, "End-To-End-Encrypted"))
		focus_refuse(j->f, j->t, 488, NULL,
			     "Warning: 399 porchlight \"Encrypted rooms are not supported\"\r\n");
	else if (!reads_list(j))
		return;
	else if (says(j->m, "One-To-One-Chat-Room"))
		make_pair(j);
	else
		make_group(j);
}

/* --- a group --- */

/* A new name by its Subject; a client that only comes back repeats the old one, or has none. */
static enum err rename_to(struct focus *f, const struct group_info *g, account_id by,
			  const struct sip_msg *m)
{
	struct str subject = sip_msg_get(m, SIP_HDR_SUBJECT);

	if (subject.len == 0 || str_eq(subject, focus_name_of(g)) || focus_is_pair(g))
		return E_OK;
	return group_set_subject(f->immcu, g->id, by, subject);
}

static void on_group(struct join *j, const struct group_info *g)
{
	struct immcu *m = j->f->immcu;
	group_id id = g->id;
	enum err e;

	if (!reads_list(j))
		return;
	e = group_join(m, id, j->wanted->self, j->shape == FOCUS_ROOM);
	g = group_get(m, id);
	if (e == E_OK)
		e = g == NULL ? E_NOTFOUND : rename_to(j->f, g, j->wanted->self, j->m);
	if (e != E_OK) {
		focus_refuse(j->f, j->t, focus_code_of(e), NULL, NULL);
		return;
	}
	add_wanted(j, id, j->wanted->self);
	take_in(j, id);
}

static void on_new(struct focus *f, struct sip_txn *t, const struct group_info *g)
{
	struct join j;

	join_init(&j, f, t);
	if (j.e == NULL)
		focus_refuse(f, t, 403, "Not Registered On This Connection", NULL);
	else if (!refuses_media(&j)) {
		if (g == NULL)
			on_factory(&j);
		else
			on_group(&j, g);
	}
	join_fini(&j);
}

/* --- in the dialog --- */

static void on_reinvite(struct focus *f, struct sip_txn *t, struct focus_part *p)
{
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g = group_get(f->immcu, p->group);
	struct join j;
	enum err e;

	if (g == NULL || sip_dialog_on_request(&p->dialog, m) != E_OK) {
		focus_refuse(f, t, g == NULL ? 481 : 500, NULL, NULL);
		return;
	}
	e = rename_to(f, g, p->account, m);
	if (e != E_OK) {
		focus_refuse(f, t, focus_code_of(e), NULL, NULL);
		return;
	}
	join_init(&j, f, t);
	answer(&j, group_get(f->immcu, p->group));
	join_fini(&j);
}

/* A restart of ours, or another connection, took the dialog a room client still has; the room is the same, and so
 * is who speaks, so that what is said in it counts (RFC 3261 12.2.2 allows it). */
static bool is_of_lost_dialog(const struct focus *f, const struct sip_txn *t,
			      const struct group_info *g)
{
	const struct endpoint *e = focus_sender(f, t);
	const struct focus_part *p = e == NULL || g == NULL ? NULL
							    : focus_part_find(f, g->id, e->id);

	return p != NULL && p->shape == FOCUS_ROOM && !p->has_dialog;
}

void focus_on_invite(struct sip_txn *t, void *simple)
{
	struct focus *f = ((struct simple *)simple)->focus;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g = focus_group_of(f, &m->ruri_uri);
	struct focus_part *p = focus_part_of(f, t);

	if (p != NULL)
		on_reinvite(f, t, p);
	else if (g == NULL && !focus_is_factory(f, &m->ruri_uri))
		sip_pass(t);
	else if (m->to.tag.p != NULL && !is_of_lost_dialog(f, t, g))
		focus_refuse(f, t, 481, NULL, NULL);
	else
		on_new(f, t, g);
}

void focus_on_ack(struct sip_txn *t, void *simple)
{
	struct focus *f = ((struct simple *)simple)->focus;
	struct focus_part *p = focus_part_of(f, t);

	if (p == NULL)
		sip_pass(t);
	else
		group_leg_set_state(f->immcu, p->leg, GROUP_LEG_OPEN);
}

/* A room client leaves the room for good; any other hangs up, which leaves what is
 * for now, while a standing group stays his if somebody made him a member. */
static void leave(struct focus *f, struct focus_part *p)
{
	const struct group_info *g = group_get(f->immcu, p->group);
	bool is_room = p->shape == FOCUS_ROOM, is_pair = g != NULL && focus_is_pair(g);
	bool is_adhoc = g != NULL && g->kind == GROUP_ADHOC;
	group_id id = p->group;
	account_id who = p->account;
	struct group_member member;
	enum err e = E_OK;

	p->has_left = true;
	group_leg_close(f->immcu, p->leg, GROUP_LEG_LEFT); /* frees p */
	if (is_pair)
		e = group_end(f->immcu, id, 0);
	else if (group_get_member(f->immcu, id, who, &member) &&
		 (is_room || (member.legs == 0 && (!member.is_sticky || is_adhoc))))
		e = group_remove(f->immcu, id, who, who);
	if (e != E_OK)
		log_debug("focus", "group=%lld account=%lld was gone already", (long long)id,
			  (long long)who);
}

void focus_on_bye(struct sip_txn *t, void *simple)
{
	struct focus *f = ((struct simple *)simple)->focus;
	const struct group_info *g = focus_group_of(f, &sip_txn_msg(t)->ruri_uri);
	struct focus_part *p = focus_part_of(f, t);

	if (p == NULL && is_of_lost_dialog(f, t, g)) {
		sip_reply_code(f->simple->cfg.stack, sip_txn_id(t), 200);
		leave(f, focus_part_find(f, g->id, focus_sender(f, t)->id));
		return;
	}
	if (p == NULL) {
		sip_pass(t);
		return;
	}
	if (sip_dialog_on_request(&p->dialog, sip_txn_msg(t)) != E_OK) {
		focus_refuse(f, t, 500, NULL, NULL);
		return;
	}
	sip_reply_code(f->simple->cfg.stack, sip_txn_id(t), 200);
	leave(f, p);
}
