/* group_leg.c: endpoints in groups: each follows the texts with a cursor.
 *
 *     INVITED ─→ JOINED ⇄ OPEN ── left, lost, refused, full, member gone, group ended ─→ freed
 *
 * Copies go out from a work list, one per leg and round, so that all members see a text at about the
 * same time and nobody's backlog holds the others up. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/group_int.h"

/* --- finding --- */

struct gleg *gl_get(const struct immcu *m, group_leg_id id)
{
	struct map_node *n = map_get_id(&m->groups->legs, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct gleg, by_id);
}

struct gleg *gl_find(const struct gmember *p, endpoint_id endpoint)
{
	LIST_EACH (&p->legs, n) {
		struct gleg *l = LIST_ITEM(n, struct gleg, in_member);

		if (l->v.endpoint == endpoint)
			return l;
	}
	return NULL;
}

const struct group_leg *group_leg_get(const struct immcu *m, group_leg_id id)
{
	struct gleg *l = gl_get(m, id);

	return l == NULL ? NULL : &l->v;
}

const struct group_leg *group_leg_find(const struct immcu *m, group_id id, endpoint_id endpoint)
{
	const struct endpoint *e = registrar_get(m->cfg.registrar, endpoint);
	struct group *g = g_get(m, id);
	struct gmember *p = g == NULL || e == NULL ? NULL : gm_get(g, e->account);
	struct gleg *l = p == NULL ? NULL : gl_find(p, endpoint);

	return l == NULL ? NULL : &l->v;
}

void group_each_leg(const struct immcu *m, group_id id, account_id who, group_leg_fn *fn, void *arg)
{
	struct group *g = g_get(m, id);

	if (g == NULL)
		return;
	LIST_EACH (&g->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_group);

		if (who != 0 && p->account != who)
			continue;
		LIST_EACH (&p->legs, k)
			if (!fn(&LIST_ITEM(k, struct gleg, in_member)->v, arg))
				return;
	}
}

/* --- what a leg is owed --- */

bool gl_is_own(const struct gtext *x, const struct gleg *l)
{
	return (x->author_leg != 0 && x->author_leg == l->v.id) ||
	       (x->text.v.from_endpoint != 0 && x->text.v.from_endpoint == l->v.endpoint);
}

/* Who comes back is not told what he said himself, whichever of his clients it was. */
static bool is_skipped(const struct gtext *x, const struct gleg *l)
{
	return x->is_dropped || gl_is_own(x, l) ||
	       (x->seq < l->counted_from && x->text.v.from == l->v.account);
}

static bool is_ready(const struct gleg *l)
{
	return l->v.state == GROUP_LEG_OPEN && l->n_flight < l->window &&
	       l->cursor <= l->member->g->released;
}

void gl_wake(struct gleg *l)
{
	if (is_ready(l) && !list_is_linked(&l->in_ready))
		list_push_back(&l->member->g->m->groups->ready, &l->in_ready);
}

void gl_wake_all(struct group *g)
{
	LIST_EACH (&g->members, n)
		LIST_EACH (&LIST_ITEM(n, struct gmember, in_group)->legs, k)
			gl_wake(LIST_ITEM(k, struct gleg, in_member));
}

/* What is answered without a gap is seen. */
static void note_seen(struct gleg *l)
{
	struct gmember *p = l->member;
	uint64_t seen = l->n_flight > 0 ? l->flight[0] - 1 : l->cursor - 1;

	if (seen <= p->seen)
		return;
	p->seen = seen;
	p->is_dirty = true;
	g_touch(p->g);
}

/* --- sending --- */

static void send_next(struct gleg *l)
{
	struct group *g = l->member->g;
	struct groups *gs = g->m->groups;
	const struct group_dialect *d = &gs->dialect[l->v.dialect];
	struct group_text t;
	struct gtext *x;

	if (l->cursor < g->first_seq)
		l->cursor = g->first_seq;
	while ((x = gt_find(g, l->cursor)) != NULL && l->cursor <= g->released && is_skipped(x, l))
		l->cursor++;
	note_seen(l);
	if (x == NULL || l->cursor > g->released)
		return;
	gt_view(x, l, &t);
	l->flight[l->n_flight++] = l->cursor++;
	gs->stats.copies++;
	gs->stats.replayed += t.is_replayed;
	if (d->send == NULL || d->send(d->arg, &l->v, &t, gt_render(x, l)) != E_OK) {
		log_info("group",
			 "group=%lld leg=%llu account=%lld event=dropped reason=queue-full",
			 (long long)g->v.id, (unsigned long long)l->v.id, (long long)l->v.account);
		gl_end(l, GROUP_LEG_FULL);
		return;
	}
	gl_wake(l);
}

void gl_pump_soon(struct immcu *m)
{
	if (!timer_is_running(&m->groups->pump))
		timer_start(m->cfg.heap, &m->groups->pump, clk_ms());
}

void gl_pump(struct immcu *m)
{
	struct groups *gs = m->groups;
	struct list *n;

	if (gs->is_pumping)
		return;
	gs->is_pumping = true;
	for (int i = 0; i < GROUP_TURN_COPIES && (n = list_pop_front(&gs->ready)) != NULL; i++)
		send_next(LIST_ITEM(n, struct gleg, in_ready));
	gs->is_pumping = false;
	if (list_is_empty(&gs->ready))
		gt_drop_renderings(gs);
	else if (!timer_is_running(&gs->pump)) /* later, so that others get their turn */
		timer_start(m->cfg.heap, &gs->pump, clk_ms() + 1);
}

/* --- answers --- */

static bool ends_leg(int code)
{
	switch (code) {
	case 404:
	case 408:
	case 410:
	case 430:
	case 480:
	case 481:
	case 503:
	case 504:
		return true;
	default:
		return false;
	}
}

static bool take_from_flight(struct gleg *l, uint64_t seq)
{
	for (unsigned i = 0; i < l->n_flight; i++) {
		if (l->flight[i] != seq)
			continue;
		memmove(l->flight + i, l->flight + i + 1,
			(l->n_flight - i - 1) * sizeof(l->flight[0]));
		l->n_flight--;
		return true;
	}
	return false;
}

void group_on_answer(struct immcu *m, group_leg_id leg, uint64_t seq, int code)
{
	struct gleg *l = gl_get(m, leg);
	struct gtext *x;

	if (l == NULL || code < 200)
		return;
	/* A leg about to end keeps it in flight, so that it is not taken for seen. */
	if (ends_leg(code)) {
		gl_end(l, code == 481 || code == 404 ? GROUP_LEG_FAILED : GROUP_LEG_LOST);
		return;
	}
	if (!take_from_flight(l, seq))
		return;
	x = gt_find(l->member->g, seq);
	m->groups->stats.answered++;
	m->groups->stats.failed += code >= 300;
	if (code < 300)
		l->member->received++;
	if (x != NULL)
		gt_copy_done(x, l, code);
	note_seen(l);
	gl_wake(l);
	gl_pump(m);
}

/* --- opening and ending --- */

static void open_texts(struct gleg *l)
{
	struct group *g = l->member->g;

	l->cursor = l->member->seen + 1;
	l->counted_from = g->v.last_seq + 1;
	if (l->cursor < g->first_seq)
		l->cursor = g->first_seq;
	l->n_flight = 0;
	l->member->n_open++;
	gl_wake(l);
	/* The adapter may have yet to tell its client that it is in. */
	gl_pump_soon(g->m);
}

static void close_texts(struct gleg *l)
{
	struct group *g = l->member->g;
	struct gtext *x;

	list_del(&l->in_ready);
	l->member->n_open--;
	for (unsigned i = 0; i < l->n_flight; i++)
		if ((x = gt_find(g, l->flight[i])) != NULL)
			gt_copy_done(x, l, 480);
	for (uint64_t seq = l->cursor > l->counted_from ? l->cursor : l->counted_from;
	     seq <= g->v.last_seq; seq++)
		if ((x = gt_find(g, seq)) != NULL && !gl_is_own(x, l))
			gt_copy_done(x, l, 480);
	l->n_flight = 0;
}

/* The one place that frees. */
void gl_free(struct gleg *l)
{
	struct group *g = l->member->g;

	list_del(&l->in_ready);
	list_del(&l->in_member);
	map_del(&g->m->groups->legs, &l->by_id);
	l->member->n_legs--;
	g->v.legs--;
	g->m->groups->stats.legs--;
	str_free(&l->v.label);
	free(l);
}

void gl_end(struct gleg *l, enum group_leg_end why)
{
	struct gmember *p = l->member;
	struct group *g = p->g;
	struct groups *gs = g->m->groups;
	const struct group_dialect *d = &gs->dialect[l->v.dialect];

	if (l->is_in_hook)
		return;
	l->is_in_hook = true;
	if (l->v.state == GROUP_LEG_OPEN)
		close_texts(l);
	gs->stats.legs_lost += why == GROUP_LEG_LOST;
	gs->stats.legs_full += why == GROUP_LEG_FULL;
	if (d->on_leg_end != NULL)
		d->on_leg_end(d->arg, &l->v, why);
	gl_free(l);
	if (p->is_going || g->is_ending)
		return;
	gm_check_absent(p);
	g_emit(g, GROUP_EV_MEMBER, p->account, 0);
}

void group_leg_close(struct immcu *m, group_leg_id leg, enum group_leg_end why)
{
	struct gleg *l = gl_get(m, leg);

	if (l != NULL)
		gl_end(l, why);
}

static struct gleg *l_new(struct gmember *p, const struct group_leg_new *n)
{
	struct groups *gs = p->g->m->groups;
	const struct endpoint *e = registrar_get(p->g->m->cfg.registrar, n->endpoint);
	struct gleg *l = xcalloc(1, sizeof(*l));

	l->member = p;
	l->window = n->window == 0 ? 1 : n->window < GLEG_WINDOW_MAX ? n->window : GLEG_WINDOW_MAX;
	l->v = (struct group_leg){
		.id = ++gs->last_leg,
		.group = p->g->v.id,
		.account = p->account,
		.endpoint = n->endpoint,
		.dialect = e->dialect,
		.state = n->state,
		.shape = n->shape,
		.label = str_dup(n->label),
		.ctx = n->ctx,
		.takes_typing = n->takes_typing,
		.takes_receipts = n->takes_receipts,
		.has_commands = n->has_commands,
		.since_ms = clk_wall_ms(),
	};
	list_init(&l->in_ready);
	list_push_back(&p->legs, &l->in_member);
	map_put_id(&gs->legs, &l->by_id, l->v.id);
	p->n_legs++;
	p->g->v.legs++;
	gs->stats.legs++;
	return l;
}

void gl_note_client(const struct gleg *l)
{
	const struct group *g = l->member->g;
	struct conversation *c = conversation_get(g->m, g->v.conversation);
	const struct endpoint *e = registrar_get(g->m->cfg.registrar, l->v.endpoint);

	if (c != NULL && e != NULL)
		conversation_note_client(c, l->v.account, e->user_agent, e->dialect);
}

enum err group_leg_open(struct immcu *m, group_id id, const struct group_leg_new *n,
			group_leg_id *out)
{
	struct group *g = g_get(m, id);
	struct gmember *p = g == NULL ? NULL : gm_get(g, n->account);
	const struct endpoint *e = registrar_get(m->cfg.registrar, n->endpoint);
	struct gleg *l;

	if (p == NULL || e == NULL || e->account != n->account)
		return E_NOTFOUND;
	assert(n->shape < GROUP_SHAPES_MAX);
	l = gl_find(p, n->endpoint);
	if (l != NULL)
		gl_end(l, GROUP_LEG_REPLACED);
	if (p->n_legs >= GROUP_LEGS_PER_MEMBER)
		return E_FULL;
	l = l_new(p, n);
	if (l->v.state == GROUP_LEG_OPEN)
		open_texts(l);
	gl_note_client(l);
	gm_check_absent(p);
	*out = l->v.id;
	g_emit(g, GROUP_EV_MEMBER, p->account, n->account);
	return E_OK;
}

void group_leg_set_state(struct immcu *m, group_leg_id leg, enum group_leg_state state)
{
	struct gleg *l = gl_get(m, leg);

	if (l == NULL || l->v.state == state)
		return;
	if (l->v.state == GROUP_LEG_OPEN)
		close_texts(l);
	l->v.state = state;
	if (state == GROUP_LEG_OPEN)
		open_texts(l);
	g_emit(l->member->g, GROUP_EV_MEMBER, l->v.account, l->v.account);
}
