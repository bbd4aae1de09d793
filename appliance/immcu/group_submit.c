/* group_submit.c: the way of a text into a group.
 *
 *     member? ─ flood ─ command? ─ policy ─ number ─→ legs, and the disk ─→ 202
 */
#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/filter_int.h"
#include "immcu/group_int.h"

struct reply {
	uint64_t token;
	im_answer_fn *answer;
	void *arg;
};

static void say(const struct reply *r, int code, int retry_after_s)
{
	r->answer(r->arg, r->token, code, retry_after_s);
}

/* --- at once: typing, receipts, notices --- */

void gl_send_loose(struct gleg *l, const struct group_text *t)
{
	const struct group_dialect *d = &l->member->g->m->groups->dialect[l->v.dialect];
	struct buf b;

	if (d->send == NULL || d->render == NULL)
		return;
	buf_init(&b, GROUP_RENDERING_MAX);
	d->render(d->arg, l->v.shape, t, &b);
	if (d->send(d->arg, &l->v, t, buf_str(&b)) != E_OK)
		gl_end(l, GROUP_LEG_FULL);
	buf_fini(&b);
}

static void loose_view(const struct group *g, const struct im_text *t, struct group_text *out)
{
	const struct account *a = directory_get(g->m->cfg.directory, t->from);

	*out = (struct group_text){ .group = g->v.id, .author = a, .t = *t };
	if (a != NULL) {
		out->author_name = a->name;
		out->author_display = a->display;
	}
}

static bool is_from(const struct gleg *l, group_leg_id leg, const struct im_text *t)
{
	return l->v.id == leg || (t->from_endpoint != 0 && l->v.endpoint == t->from_endpoint);
}

static void spread_typing(struct group *g, group_leg_id leg, const struct im_text *t)
{
	struct group_text v;

	loose_view(g, t, &v);
	LIST_EACH (&g->members, n)
		LIST_EACH (&LIST_ITEM(n, struct gmember, in_group)->legs, k) {
			struct gleg *l = LIST_ITEM(k, struct gleg, in_member);

			if (l->v.state == GROUP_LEG_OPEN && l->v.takes_typing &&
			    !is_from(l, leg, t))
				gl_send_loose(l, &v);
		}
}

/* Only the author wants to know: a receipt to everybody would be the square of the members per text. */
static void send_receipt(struct group *g, const struct im_text *t)
{
	struct gmember *author = NULL;
	struct group_text v;

	for (struct list *n = g->texts.prev; n != &g->texts && author == NULL; n = n->prev) {
		const struct gtext *x = LIST_ITEM(n, struct gtext, in_group);

		if (t->about.len > 0 && str_eq(x->text.v.message_id, t->about))
			author = gm_get(g, x->text.v.from);
	}
	if (author == NULL)
		return;
	loose_view(g, t, &v);
	LIST_EACH (&author->legs, k) {
		struct gleg *l = LIST_ITEM(k, struct gleg, in_member);

		if (l->v.state == GROUP_LEG_OPEN && l->v.takes_receipts)
			gl_send_loose(l, &v);
	}
}

/* --- commands --- */

static struct str shown(const struct account *a)
{
	return a == NULL ? STR("somebody") : a->display.len > 0 ? a->display : a->name;
}

static void command_who(struct group *g, struct buf *out)
{
	buf_addf(out, "%zu here:", g->v.members);
	LIST_EACH (&g->members, n) {
		const struct gmember *p = LIST_ITEM(n, struct gmember, in_group);
		const struct account *a = directory_get(g->m->cfg.directory, p->account);

		if (a != NULL)
			buf_addf(out, "\n%.*s (%.*s)%s%s", STR_ARG(shown(a)), STR_ARG(a->name),
				 p->role == GROUP_PRESENTER ? ", presenter" : "",
				 p->n_open == 0 ? ", away" : "");
	}
}

/* "sip:bob@example.org", "bob@example.org" or "bob". */
static const struct account *named(const struct immcu *m, struct str s)
{
	if (str_istarts(s, STR("sip:")))
		s = str_sub(s, 4, s.len);
	return directory_find(m->cfg.directory, str_cut(&s, '@'));
}

static void command_add(struct group *g, account_id by, struct str who, struct buf *out)
{
	const struct account *a = named(g->m, who);
	enum err e = a == NULL ? E_NOTFOUND : group_add(g->m, g->v.id, by, a->id, GROUP_ATTENDEE);

	if (e == E_OK)
		buf_addf(out, "%.*s was added.", STR_ARG(shown(a)));
	else if (e == E_NOTFOUND)
		buf_addf(out, "There is nobody called %.*s.", LOG_PEER(who));
	else if (e == E_FULL)
		buf_addz(out, "The group is full.");
	else
		buf_addz(out, "Only a presenter may add people here.");
}

static void command_topic(struct group *g, account_id by, struct str topic, struct buf *out)
{
	enum err e = group_set_subject(g->m, g->v.id, by, topic);

	buf_addz(out, e == E_OK	      ? "The topic was changed."
		      : e == E_DENIED ? "Only a presenter may change the topic."
				      : "This topic is too long.");
}

/* The member may be gone afterwards, and with an ad-hoc group's last one the leg. */
static void command(struct group *g, struct gleg *l, struct str line)
{
	struct immcu *m = g->m;
	group_leg_id leg = l->v.id;
	account_id by = l->v.account;
	struct str word, rest = line;
	struct buf out;

	word = str_cut(&rest, ' ');
	rest = str_trim(rest);
	buf_init(&out, IM_BODY_MAX);
	if (str_ieqz(word, "/who"))
		command_who(g, &out);
	else if (str_ieqz(word, "/add") && rest.len > 0)
		command_add(g, by, rest, &out);
	else if (str_ieqz(word, "/topic") && rest.len > 0)
		command_topic(g, by, rest, &out);
	else if (str_ieqz(word, "/leave"))
		buf_addz(&out, "You have left the group.");
	else
		buf_addz(&out, "/who shows who is here, /add NAME adds somebody, /topic TEXT names "
			       "the group, /leave leaves "
			       "it. Everything else goes to all.");
	l = gl_get(m, leg);
	if (l != NULL && buf_err(&out) == E_OK)
		tell_leg(l, buf_str(&out));
	buf_fini(&out);
	if (str_ieqz(word, "/leave"))
		gm_remove(gm_get(g, by), by, GROUP_LEG_LEFT);
}

static bool is_command(const struct gleg *l, const struct im_text *t)
{
	struct str line = str_trim(t->plain);

	return l != NULL && l->v.has_commands && line.len > 1 && line.p[0] == '/' &&
	       line.p[1] >= 'a' && line.p[1] <= 'z' && str_find(line, '\n', 0) == line.len;
}

/* --- texts --- */

/* A bucket per sender and group: texts in thousandths. */
static bool is_flood(struct gmember *p)
{
	int64_t now = clk_ms();

	p->flood_milli += (now - p->flood_ms) * GROUP_FLOOD_PER_S;
	p->flood_ms = now;
	if (p->flood_milli > GROUP_FLOOD_BURST * 1000)
		p->flood_milli = GROUP_FLOOD_BURST * 1000;
	if (p->flood_milli < 1000)
		return true;
	p->flood_milli -= 1000;
	return false;
}

static enum archive_mode archive_mode_of(const struct group *g)
{
	enum archive_mode mode = ARCHIVE_OFF;

	LIST_EACH (&g->members, n) {
		enum archive_mode one = archive_applies(
			g->m, &LIST_ITEM(n, struct gmember, in_group)->account, 1);

		mode = one > mode ? one : mode;
	}
	return mode;
}

static void refuse_text(struct group *g, group_leg_id leg, const struct conversation *c,
			const struct im_text *t, int code)
{
	struct gleg *l = gl_get(g->m, leg);

	if (c != NULL)
		conversation_on_result(g->m, c->record.id, code);
	if (l != NULL && t->dialect != DIALECT_LYNC) /* whose clients show a reason by themselves */
		tell_leg(l, tell_link_refused);
}

static void take(struct group *g, struct gmember *p, group_leg_id leg, const struct im_text *t,
		 const struct reply *r)
{
	struct immcu *m = g->m;
	const struct account *a = directory_get(m->cfg.directory, t->from);
	struct im_text v = *t;
	struct conversation *c;
	struct gtext *x;
	struct buf said, body;
	enum archive_mode mode = archive_mode_of(g);
	int code;

	buf_init(&said, IM_SAID_MAX);
	buf_init(&body, IM_BODY_MAX + IM_SAID_MAX);
	g_need_conversation(g);
	c = conversation_get(m, g->v.conversation);
	code = policy_apply(m, &v, c == NULL || c->record.messages == 0, false, &said, &body);
	if (code != 0) {
		buf_fini(&said);
		buf_fini(&body);
		refuse_text(g, leg, c, t, code);
		say(r, code, 0);
		return;
	}
	v.from_name = a->name;
	v.from_display = a->display;
	v.is_stored = false;
	v.conversation = g->v.conversation;
	if (c != NULL)
		conversation_count_text(c, t->sent_ms);
	p->sent++;
	m->groups->stats.texts++;
	g->last_text_ms = t->sent_ms;
	g_start_timers(g);
	g_touch(g);
	if (mode != ARCHIVE_OFF)
		tell_group_archived(g);
	x = gt_add(g, &v, leg, mode == ARCHIVE_REQUIRED);
	archive_group_text(g, x);
	group_disk_put_text(x, g->first_seq - 1, r->token, r->answer, r->arg);
	buf_fini(&said);
	buf_fini(&body);
	gl_wake_all(g);
	gl_pump(m);
}

/* Who may write and does not belong yet joins by writing. */
static struct gmember *member_of(struct group *g, const struct im_text *t)
{
	struct gmember *p = gm_get(g, t->from);

	if (p == NULL && t->kind == IM_TEXT && group_join(g->m, g->v.id, t->from, true) == E_OK)
		p = gm_get(g, t->from);
	return p;
}

/* The client that wrote without a leg is asked to have one: a pager gets it at once. */
static struct gleg *leg_of(struct group *g, struct gmember *p, group_leg_id leg,
			   const struct im_text *t)
{
	struct gleg *l = leg != 0 ? gl_get(g->m, leg) : gl_find(p, t->from_endpoint);
	const struct endpoint *e = registrar_get(g->m->cfg.registrar, t->from_endpoint);
	const struct group_dialect *d = e == NULL ? NULL : &g->m->groups->dialect[e->dialect];

	if (l != NULL || d == NULL || d->invite == NULL || t->kind != IM_TEXT)
		return l;
	d->invite(d->arg, &g->v, p->account, e, 0);
	return gl_find(p, t->from_endpoint);
}

void group_submit(struct immcu *m, group_id id, group_leg_id leg, const struct im_text *text,
		  uint64_t token, im_answer_fn *answer, void *arg)
{
	const struct reply r = { .token = token, .answer = answer, .arg = arg };
	struct group *g = g_get(m, id);
	const struct account *a = directory_get(m->cfg.directory, text->from);
	struct im_text t = *text;
	struct gmember *p;
	struct gleg *l;

	if (g == NULL || a == NULL || !a->enabled) {
		say(&r, g == NULL ? 404 : 403, 0);
		return;
	}
	if (m->is_stopped || m->is_paused) {
		say(&r, 503, IM_RETRY_AFTER_S);
		return;
	}
	if (t.body.len > IM_BODY_MAX) {
		say(&r, 413, 0);
		return;
	}
	p = member_of(g, &t);
	if (p == NULL) {
		say(&r, 403, 0);
		return;
	}
	if (t.kind != IM_RECEIPT)
		registrar_touch(m->cfg.registrar, t.from_endpoint);
	policy_fill_plain(&t);
	l = leg_of(g, p, leg, &t);
	switch (t.kind) {
	case IM_TYPING:
		spread_typing(g, leg, &t);
		say(&r, 200, 0);
		return;
	case IM_RECEIPT:
		send_receipt(g, &t);
		say(&r, 200, 0);
		return;
	case IM_TEXT:
		break;
	}
	if (is_flood(p)) {
		m->groups->stats.flood_refused++;
		say(&r, 503, 1);
	} else if (is_command(l, &t)) {
		command(g, l, str_trim(t.plain));
		say(&r, 200, 0);
	} else {
		take(g, p, l != NULL ? l->v.id : 0, &t, &r);
	}
}
