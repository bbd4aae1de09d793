/* group_member.c: who is in a group, and what he may.
 *
 *     added ─→ with legs ⇄ without ── left, removed, not sticky and away too long ─→ out
 *
 * Who was removed does not come back by himself; adding him again lifts that. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/group_int.h"

/* --- finding --- */

static struct gaccount *ga_get(const struct immcu *m, account_id account)
{
	struct map_node *n = map_get_id(&m->groups->accounts, (uint64_t)account);

	return n == NULL ? NULL : CONTAINER_OF(n, struct gaccount, node);
}

/* By way of the account: it is in few groups, while the group may have many members. */
struct gmember *gm_get(const struct group *g, account_id account)
{
	struct gaccount *a = ga_get(g->m, account);

	if (a == NULL)
		return NULL;
	LIST_EACH (&a->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_account);

		if (p->g == g)
			return p;
	}
	return NULL;
}

static void view(const struct gmember *p, struct group_member *out)
{
	*out = (struct group_member){
		.account = p->account,
		.role = p->role,
		.is_organizer = p->account == p->g->v.organizer,
		.is_sticky = p->is_sticky,
		.joined_ms = p->joined_ms,
		.version = p->version,
		.legs = p->n_legs,
		.open = p->n_open,
	};
}

bool group_get_member(const struct immcu *m, group_id id, account_id who, struct group_member *out)
{
	struct group *g = g_get(m, id);
	struct gmember *p = g == NULL ? NULL : gm_get(g, who);

	if (p == NULL)
		return false;
	view(p, out);
	return true;
}

void group_each_member(const struct immcu *m, group_id id, group_member_fn *fn, void *arg)
{
	struct group *g = g_get(m, id);

	if (g == NULL)
		return;
	LIST_EACH (&g->members, n) {
		struct group_member v;

		view(LIST_ITEM(n, struct gmember, in_group), &v);
		if (!fn(&v, arg))
			return;
	}
}

bool gm_is_banned(const struct group *g, account_id account)
{
	for (size_t i = 0; i < g->n_banned; i++)
		if (g->banned[i] == account)
			return true;
	return false;
}

void gm_ban(struct group *g, account_id account)
{
	if (gm_is_banned(g, account) || g->n_banned >= 4 * GROUP_MEMBERS_MAX)
		return;
	g->banned = xrealloc(g->banned, (g->n_banned + 1) * sizeof(*g->banned));
	g->banned[g->n_banned++] = account;
}

static void unban(struct group *g, account_id account)
{
	for (size_t i = 0; i < g->n_banned; i++)
		if (g->banned[i] == account)
			g->banned[i--] = g->banned[--g->n_banned];
}

/* Nobody asked is the server or an administrator. */
enum err g_may(const struct group *g, account_id by)
{
	const struct gmember *p = by == 0 ? NULL : gm_get(g, by);

	if (by == 0 || (by == g->v.organizer && by != 0))
		return E_OK;
	return p != NULL && p->role == GROUP_PRESENTER ? E_OK : E_DENIED;
}

/* --- telling --- */

static void log_event(struct group *g, const struct group_event *ev)
{
	if (g->n_log == GROUP_EVENTS_KEPT)
		memmove(g->log, g->log + 1, --g->n_log * sizeof(*g->log));
	else
		g->log = xrealloc(g->log, (g->n_log + 1) * sizeof(*g->log));
	g->log[g->n_log++] = *ev;
}

void g_emit(struct group *g, enum group_event_kind kind, account_id account, account_id by)
{
	struct groups *gs = g->m->groups;
	struct group_event ev = { .group = g->v.id,
				  .version = ++g->v.version,
				  .kind = kind,
				  .account = account,
				  .by = by };
	struct gmember *p = kind == GROUP_EV_MEMBER ? gm_get(g, account) : NULL;

	if (p != NULL)
		p->version = ev.version;
	log_event(g, &ev);
	g_touch(g);
	for (int i = 0; i < DIALECTS; i++)
		if (gs->dialect[i].on_event != NULL)
			gs->dialect[i].on_event(gs->dialect[i].arg, &g->v, &ev);
}

enum err group_events_since(const struct immcu *m, group_id id, uint64_t after, group_event_fn *fn,
			    void *arg)
{
	struct group *g = g_get(m, id);

	if (g == NULL)
		return E_NOTFOUND;
	if (after > g->v.version ||
	    (after < g->v.version && (g->n_log == 0 || g->log[0].version > after + 1)))
		return E_STALE;
	for (size_t i = 0; i < g->n_log; i++)
		if (g->log[i].version > after)
			fn(&g->log[i], arg);
	return E_OK;
}

/* --- coming --- */

static void on_absent(struct timer *t, void *arg)
{
	struct gmember *p = arg;

	(void)t;
	gm_remove(p, p->account, GROUP_LEG_LEFT);
}

void gm_check_absent(struct gmember *p)
{
	struct heap *h = p->g->m->cfg.heap;

	if (p->is_sticky || p->n_legs > 0)
		timer_stop(h, &p->absent);
	else if (!timer_is_running(&p->absent))
		timer_start(h, &p->absent, clk_ms() + GROUP_REJOIN_MS);
}

struct gmember *gm_link(struct group *g, account_id account)
{
	struct groups *gs = g->m->groups;
	struct gaccount *a = ga_get(g->m, account);
	struct gmember *p = xcalloc(1, sizeof(*p));

	if (a == NULL) {
		a = xcalloc(1, sizeof(*a));
		list_init(&a->members);
		map_put_id(&gs->accounts, &a->node, (uint64_t)account);
	}
	a->count++;
	p->g = g;
	p->owner = a;
	p->account = account;
	list_init(&p->legs);
	timer_init(&p->absent, on_absent, p);
	p->flood_milli = GROUP_FLOOD_BURST * 1000;
	p->flood_ms = clk_ms();
	list_push_back(&g->members, &p->in_group);
	list_push_back(&a->members, &p->in_account);
	g->v.members++;
	gs->stats.members++;
	return p;
}

struct gmember *gm_add(struct group *g, account_id account, enum group_role role, bool is_sticky,
		       account_id by)
{
	const struct account *a = directory_get(g->m->cfg.directory, account);
	struct gmember *p = gm_link(g, account);
	struct conversation *c;
	uint64_t replay = g->v.kind == GROUP_STANDING ? GROUP_JOIN_REPLAY : 0;

	p->role = role;
	p->is_sticky = is_sticky;
	p->is_dirty = g->is_roster_dirty = true;
	p->joined_ms = clk_wall_ms();
	p->seen = g->released > replay ? g->released - replay : 0;
	unban(g, account);
	gm_check_absent(p);
	g_start_timers(g);
	if (g->v.members == 2)
		g_need_conversation(g);
	c = conversation_get(g->m, g->v.conversation);
	if (c != NULL && a != NULL)
		conversation_join(c, a, by);
	log_debug("group", "group=%lld member=%lld event=joined", (long long)g->v.id,
		  (long long)account);
	g_emit(g, GROUP_EV_MEMBER, account, by);
	return p;
}

enum err group_join(struct immcu *m, group_id id, account_id who, bool is_sticky)
{
	struct group *g = g_get(m, id);
	struct gmember *p = g == NULL ? NULL : gm_get(g, who);
	const struct account *a = directory_get(m->cfg.directory, who);

	if (g == NULL || a == NULL || !a->enabled)
		return E_NOTFOUND;
	if (p != NULL) {
		if (is_sticky && !p->is_sticky) {
			p->is_sticky = p->is_dirty = g->is_roster_dirty = true;
			gm_check_absent(p);
			g_touch(g);
		}
		return E_OK;
	}
	if (who != g->v.organizer &&
	    (g->v.is_locked || g->v.access == GROUP_CLOSED || gm_is_banned(g, who)))
		return E_DENIED;
	if (g->v.members >= GROUP_MEMBERS_MAX)
		return E_FULL;
	(void)gm_add(g, who, who == g->v.organizer ? GROUP_PRESENTER : GROUP_ATTENDEE, is_sticky,
		     who);
	return E_OK;
}

/* --- inviting --- */

void gm_invite(struct gmember *p, account_id by)
{
	struct group *g = p->g;
	struct immcu *m = g->m;
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(m->cfg.registrar, p->account, ids, ENDPOINTS_PER_ACCOUNT);

	for (size_t i = n; i > 0; i--) {
		const struct endpoint *e = registrar_get(m->cfg.registrar, ids[i - 1]);
		const struct group_dialect *d = e == NULL ? NULL : &m->groups->dialect[e->dialect];

		if (d != NULL && d->invite != NULL && gl_find(p, e->id) == NULL)
			d->invite(d->arg, &g->v, p->account, e, by);
	}
}

static enum err may_add(const struct group *g, account_id by)
{
	if (g_may(g, by) == E_OK)
		return E_OK;
	if (gm_get(g, by) == NULL)
		return E_DENIED;
	return g->v.access == GROUP_OPEN && !g->v.is_locked ? E_OK : E_DENIED;
}

enum err group_add(struct immcu *m, group_id id, account_id by, account_id who,
		   enum group_role role)
{
	struct group *g = g_get(m, id);
	const struct account *a = directory_get(m->cfg.directory, who);
	struct gmember *p;
	enum err e;

	if (g == NULL || a == NULL || !a->enabled)
		return E_NOTFOUND;
	e = may_add(g, by);
	if (e != E_OK)
		return e;
	p = gm_get(g, who);
	if (p == NULL && g->v.members >= GROUP_MEMBERS_MAX)
		return E_FULL;
	/* Who was added by another stays until he leaves: he may not have a client that can join by itself. */
	if (p == NULL)
		p = gm_add(g, who, g_may(g, by) == E_OK ? role : GROUP_ATTENDEE, true, by);
	gm_invite(p, by);
	return E_OK;
}

void groups_sign_in(struct immcu *m, const struct endpoint *e)
{
	struct gaccount *a = ga_get(m, e->account);
	const struct group_dialect *d = &m->groups->dialect[e->dialect];

	if (a == NULL || d->invite == NULL)
		return;
	LIST_EACH (&a->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_account);

		if (gl_find(p, e->id) == NULL)
			d->invite(d->arg, &p->g->v, e->account, e, 0);
	}
}

void groups_sign_out(struct immcu *m, const struct endpoint *e)
{
	struct gaccount *a = ga_get(m, e->account);

	if (a == NULL)
		return;
	LIST_EACH (&a->members, n) {
		struct gleg *l = gl_find(LIST_ITEM(n, struct gmember, in_account), e->id);

		if (l != NULL)
			gl_end(l, GROUP_LEG_LOST);
	}
}

/* --- changing --- */

enum err group_set_role(struct immcu *m, group_id id, account_id by, account_id who,
			enum group_role role)
{
	struct group *g = g_get(m, id);
	struct gmember *p = g == NULL ? NULL : gm_get(g, who);
	enum err e = p == NULL ? E_NOTFOUND : g_may(g, by);

	if (e != E_OK)
		return e;
	if (who == g->v.organizer && role != GROUP_PRESENTER)
		return E_DENIED;
	if (p->role == role)
		return E_OK;
	p->role = role;
	p->is_dirty = g->is_roster_dirty = true;
	g_emit(g, GROUP_EV_MEMBER, who, by);
	return E_OK;
}

/* --- going --- */

/* The one place that frees. */
void gm_free(struct gmember *p)
{
	struct group *g = p->g;
	struct groups *gs = g->m->groups;

	LIST_EACH (&p->legs, n)
		gl_free(LIST_ITEM(n, struct gleg, in_member));
	timer_stop(g->m->cfg.heap, &p->absent);
	list_del(&p->in_group);
	list_del(&p->in_account);
	if (--p->owner->count == 0) {
		map_del(&gs->accounts, &p->owner->node);
		free(p->owner);
	}
	g->v.members--;
	gs->stats.members--;
	free(p);
}

void gm_note_gone(struct group *g, account_id account)
{
	g->is_roster_dirty = true;
	g->gone = xrealloc(g->gone, (g->n_gone + 1) * sizeof(*g->gone));
	g->gone[g->n_gone++] = (struct db_member){
		.account_id = account,
		.state = gm_is_banned(g, account) ? DB_MEMBER_BANNED : DB_MEMBER_OUT,
		.joined_ms = clk_wall_ms(),
	};
}

/* A group whose last presenter left gets its oldest member as one, so that it can be led. */
static void heir(struct group *g, account_id by)
{
	LIST_EACH (&g->members, n)
		if (LIST_ITEM(n, struct gmember, in_group)->role == GROUP_PRESENTER)
			return;
	if (!list_is_empty(&g->members) && g->v.kind == GROUP_ADHOC) {
		struct gmember *p = LIST_ITEM(g->members.next, struct gmember, in_group);

		p->role = GROUP_PRESENTER;
		p->is_dirty = true;
		g_emit(g, GROUP_EV_MEMBER, p->account, by);
	}
}

void gm_remove(struct gmember *p, account_id by, enum group_leg_end why)
{
	struct group *g = p->g;
	account_id who = p->account;
	struct conversation *c;
	bool was_presenter = p->role == GROUP_PRESENTER;

	p->is_going = true; /* its legs' ends are no events of their own */
	while (!list_is_empty(&p->legs))
		gl_end(LIST_ITEM(p->legs.next, struct gleg, in_member), why);
	g_count_flush(g);
	c = conversation_get(g->m, g->v.conversation);
	if (c != NULL)
		conversation_leave(c, who);
	gm_note_gone(g, who);
	gm_free(p);
	log_debug("group", "group=%lld member=%lld event=left by=%lld", (long long)g->v.id,
		  (long long)who, (long long)by);
	g_emit(g, GROUP_EV_MEMBER_GONE, who, by);
	if (who == g->v.organizer && g->v.ends_with_organizer) {
		g_end(g);
		return;
	}
	if (was_presenter)
		heir(g, by);
	g_start_timers(g);
}

enum err group_remove(struct immcu *m, group_id id, account_id by, account_id who)
{
	struct group *g = g_get(m, id);
	struct gmember *p = g == NULL ? NULL : gm_get(g, who);
	enum err e;

	if (p == NULL)
		return E_NOTFOUND;
	e = by == who ? E_OK : g_may(g, by);
	if (e != E_OK)
		return e;
	if (by != who && who == g->v.organizer && by != 0)
		return E_DENIED;
	if (by != who)
		gm_ban(g, who);
	gm_remove(p, by, by == who ? GROUP_LEG_LEFT : GROUP_LEG_REMOVED);
	return E_OK;
}

void groups_account_gone(struct immcu *m, account_id account)
{
	struct gaccount *a;

	while ((a = ga_get(m, account)) != NULL)
		gm_remove(LIST_ITEM(a->members.next, struct gmember, in_account), 0,
			  GROUP_LEG_REMOVED);
}
