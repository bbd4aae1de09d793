/* focus_event.c: SUBSCRIBE for the conference package (RFC 4575), of one group or, by Linphone, of all the rooms
 * a device knows in one dialog with the factory.
 *
 * A subscriber is told what changed since his last document, whatever happened meanwhile: documents go out from
 * a work list, one per subscription at a time. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/num.h"

#include "simple/focus.h"
#include "simple/watching.h"

/* One group in one subscription.  Invariant: in its room's list exactly while group is not 0. */
struct focus_watch {
	struct list in_room;
	struct focus_sub *sub;
	group_id group;
	bool is_due, is_full;
	uint64_t sent;	 /* the group's version that was told */
	uint64_t number; /* of the next document, for who counts documents */
};

struct focus_sub {
	struct map_node by_id;
	struct list in_due;
	struct focus *f;
	sub_id id;
	account_id account;
	enum focus_flavour flavour;
	bool is_list;
	size_t count;
	struct focus_watch watch[];
};

static struct sip_subs *subs_of(const struct focus *f)
{
	return f->simple->watching->subs;
}

static struct focus_sub *find(const struct focus *f, sub_id id)
{
	struct map_node *n = map_get_id(&f->subs, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct focus_sub, by_id);
}

static void unwatch(struct focus_watch *w)
{
	struct focus *f = w->sub->f;
	group_id group = w->group;

	list_del(&w->in_room);
	w->group = 0;
	if (group != 0 && !f->is_telling)
		focus_room_release(f, group);
}

/* The one teardown. */
static void sub_free(struct focus_sub *u)
{
	for (size_t i = 0; i < u->count; i++)
		unwatch(&u->watch[i]);
	list_del(&u->in_due);
	map_del(&u->f->subs, &u->by_id);
	free(u);
}

/* --- telling --- */

static void queue(struct focus_sub *u)
{
	if (!list_is_linked(&u->in_due))
		list_push_back(&u->f->due, &u->in_due);
	if (!timer_is_running(&u->f->pump))
		timer_start(u->f->simple->cfg.heap, &u->f->pump, clk_ms());
}

static void render(struct focus_watch *w, const struct group_info *g, struct buf *out)
{
	struct focus_sub *u = w->sub;
	uint64_t version = u->flavour == FOCUS_LINPHONE ? g->version : w->number;

	if (w->is_full || focus_roster_since(u->f, g, u->flavour, w->sent, version, out) != E_OK)
		focus_roster_full(u->f, g, u->flavour, version, out);
}

/* true: no more can be sent now, or ever. */
static bool send_one(struct focus_watch *w)
{
	struct focus_sub *u = w->sub;
	struct focus *f = u->f;
	const struct group_info *g = group_get(f->immcu, w->group);
	sub_id id = u->id;
	uint64_t version;
	struct buf body;
	enum err e;

	if (g == NULL || (!w->is_full && w->sent == g->version)) {
		w->is_due = false;
		return false;
	}
	version = g->version;
	buf_init(&body, SIP_OUT_MAX);
	render(w, g, &body);
	e = buf_err(&body) != E_OK
		    ? buf_err(&body)
		    : sip_sub_notify(subs_of(f), id, STR_NULL,
				     STR("application/conference-info+xml"), buf_str(&body));
	buf_fini(&body);
	if (e == E_TOOBIG)
		sip_sub_end(subs_of(f), id, "rejected");
	if (e == E_OK && find(f, id) == u) { /* the last NOTIFY ends it */
		w->sent = version;
		w->number++;
		w->is_due = w->is_full = false;
	}
	return true;
}

static void flush(struct focus_sub *u)
{
	for (size_t i = 0; i < u->count; i++)
		if (u->watch[i].is_due && send_one(&u->watch[i]))
			return;
}

static void on_pump(struct timer *t, void *arg)
{
	struct focus *f = arg;
	struct list *n;

	(void)t;
	for (int i = 0; i < FOCUS_TURN_NOTIFIES && (n = list_pop_front(&f->due)) != NULL; i++)
		flush(LIST_ITEM(n, struct focus_sub, in_due));
	if (!list_is_empty(&f->due))
		timer_start(f->simple->cfg.heap, &f->pump, clk_ms() + 1);
}

static void drop(struct focus_watch *w)
{
	struct focus_sub *u = w->sub;

	unwatch(w);
	if (!u->is_list)
		sip_sub_end(subs_of(u->f), u->id, "noresource"); /* frees it */
}

void focus_tell(struct focus *f, const struct group_info *g, const struct group_event *ev)
{
	struct focus_room *r = focus_room_get(f, g->id);

	if (r == NULL)
		return;
	f->is_telling = true;
	LIST_EACH (&r->watches, n) {
		struct focus_watch *w = LIST_ITEM(n, struct focus_watch, in_room);

		if (ev->kind == GROUP_EV_ENDED ||
		    (ev->kind == GROUP_EV_MEMBER_GONE && ev->account == w->sub->account)) {
			drop(w);
		} else {
			w->is_due = true;
			queue(w->sub);
		}
	}
	f->is_telling = false;
}

/* --- what the subscription says --- */

static void on_due(void *arg, sub_id id, uint64_t ctx, bool is_last)
{
	struct focus_sub *u = find(arg, id);

	(void)ctx;
	if (u == NULL || is_last) /* who is leaving need not know who stays */
		return;
	for (size_t i = 0; i < u->count; i++)
		u->watch[i].is_due = u->watch[i].is_full = u->watch[i].group != 0;
	queue(u);
}

static void on_ready(void *arg, sub_id id, uint64_t ctx)
{
	struct focus_sub *u = find(arg, id);

	(void)ctx;
	if (u != NULL)
		queue(u);
}

static void on_end(void *arg, sub_id id, uint64_t ctx, enum sub_end why)
{
	struct focus_sub *u = find(arg, id);

	(void)ctx, (void)why;
	if (u != NULL)
		sub_free(u);
}

/* --- SUBSCRIBE --- */

/* A group that is asked for, and the version its subscriber has. */
struct asked {
	group_id group;
	uint64_t known;
};

struct asking {
	struct focus *f;
	account_id who;
	struct asked v[LIST_ENTRIES_MAX];
	size_t count;
};

static void ask(struct asking *a, const struct group_info *g, struct str known)
{
	struct group_member p;

	if (a->count == ARRAY_LEN(a->v) || !group_get_member(a->f->immcu, g->id, a->who, &p))
		return;
	for (size_t i = 0; i < a->count; i++)
		if (a->v[i].group == g->id)
			return;
	a->v[a->count] = (struct asked){ .group = g->id };
	if (num_u64(known, 0, UINT64_MAX, &a->v[a->count].known) != E_OK)
		a->v[a->count].known = 0;
	a->count++;
}

static void ask_entry(void *arg, struct str text)
{
	struct asking *a = arg;
	const struct group_info *g;
	struct uri u;

	if (uri_decode(text, &u) != E_OK)
		return;
	g = focus_group_of(a->f, &u);
	if (g != NULL)
		ask(a, g, uri_param(&u, "Last-Notify"));
}

static void start_watch(struct focus_sub *u, const struct asked *a)
{
	struct focus_watch *w = &u->watch[u->count++];
	const struct group_info *g = group_get(u->f->immcu, a->group);

	w->sub = u;
	w->group = a->group;
	w->sent = a->known;
	w->is_full = a->known == 0 || u->flavour == FOCUS_STANDARD;
	w->is_due = w->is_full || g == NULL || a->known != g->version;
	list_push_back(&focus_room_make(u->f, a->group)->watches, &w->in_room);
}

static void take(struct asking *a, struct sip_txn *t, uint32_t expires_s, bool is_list)
{
	struct focus *f = a->f;
	const struct endpoint *e = focus_sender(f, t);
	struct sip_sub_accept x = { .event = "conference",
				    .expires_s = expires_s,
				    .contact_params = ";isfocus",
				    .account = sip_txn_account(t),
				    .hooks = &f->sub_hooks };
	struct focus_sub *u;
	struct buf contact, lines;

	buf_init(&contact, URI_MAX);
	buf_init(&lines, SIP_HEAD_MAX);
	if (is_list)
		focus_factory_uri(f, &contact);
	else
		focus_uri(f, group_get(f->immcu, a->v[0].group), &contact);
	sip_stack_record_route(f->simple->cfg.stack, sip_txn_conn_id(t), &lines);
	x.contact = buf_str(&contact);
	x.headers = buf_str(&lines);
	u = xcalloc(1, sizeof(*u) + a->count * sizeof(u->watch[0]));
	u->f = f;
	u->account = a->who;
	u->is_list = is_list;
	u->flavour = watch_flavour(sip_txn_msg(t)) == PIDF_LINPHONE ? FOCUS_LINPHONE
								    : FOCUS_STANDARD;
	list_init(&u->in_due);
	u->id = sip_sub_accept(subs_of(f), t, &x);
	buf_fini(&lines);
	buf_fini(&contact);
	if (u->id == 0) {
		free(u);
		return;
	}
	map_put_id(&f->subs, &u->by_id, u->id);
	for (size_t i = 0; i < a->count; i++)
		start_watch(u, &a->v[i]);
	/* A subscription begins with a NOTIFY (RFC 6665 4.2.1.2), also when nothing was missed: the same
	 * document again changes nothing. */
	if (u->count > 0 && !u->watch[0].is_due)
		u->watch[0].is_due = u->watch[0].is_full = true;
	queue(u);
	for (size_t i = 0; i < a->count && e != NULL && expires_s > 0; i++) {
		const struct group_info *g = group_get(f->immcu, a->v[i].group);

		if (g != NULL)
			focus_part_resume(f, g, e);
	}
}

static void subscribe_list(struct asking *a, struct sip_txn *t, uint32_t expires_s)
{
	struct buf scratch;
	struct str list;

	buf_init(&scratch, PRESENCE_BODY_MAX * 4);
	list = focus_body(sip_txn_msg(t), "application/resource-lists+xml", &scratch);
	if (list.len > 0 && focus_list_decode(list, ask_entry, a) != E_OK)
		focus_refuse(a->f, t, 400, "Bad Resource List", NULL);
	else
		take(a, t, expires_s, true);
	buf_fini(&scratch);
}

void focus_on_subscribe(struct focus *f, struct sip_txn *t, uint32_t expires_s)
{
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g = focus_group_of(f, &m->ruri_uri);
	struct asking *a = xcalloc(1, sizeof(*a));

	a->f = f;
	a->who = (account_id)sip_txn_account(t);
	if (focus_is_factory(f, &m->ruri_uri)) {
		subscribe_list(a, t, expires_s);
	} else if (g == NULL) {
		focus_refuse(f, t, 404, NULL, NULL);
	} else {
		ask(a, g, sip_msg_get_name(m, STR("Last-Notify-Version")));
		if (a->count == 0)
			focus_refuse(f, t, 403, NULL, NULL);
		else
			take(a, t, expires_s, false);
	}
	free(a);
}

/* --- life --- */

void focus_events_init(struct focus *f)
{
	map_init(&f->subs);
	list_init(&f->due);
	timer_init(&f->pump, on_pump, f);
	f->sub_hooks = (struct sip_sub_hooks){
		.on_due = on_due, .on_ready = on_ready, .on_end = on_end, .arg = f
	};
}

void focus_events_fini(struct focus *f)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&f->subs, &it); n != NULL; n = map_next(&f->subs, &it))
		sub_free(CONTAINER_OF(n, struct focus_sub, by_id));
	timer_stop(f->simple->cfg.heap, &f->pump);
	map_fini(&f->subs);
}
