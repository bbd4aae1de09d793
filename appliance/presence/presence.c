#include "presence/presence.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

/* Invariants:
 * 1. A watch is in exactly one presentity's list and one watcher's list, and in p->dirty or not.
 * 2. A presentity exists while it has a facet, a watcher, a watch of its own or an access entry.
 * 3. shown[] is what presence_aggregate says of facets, but for since_ms.
 * 4. rendering[d][l] is either empty or made from the current view of level l. */
struct watch {
	struct map_node node;	/* in p->watches, by id */
	struct list in_target;	/* in target->watchers */
	struct list in_watcher; /* in watcher->watching */
	struct list in_dirty;	/* in p->dirty, or unlinked */
	struct presentity *target, *watcher;
	uint64_t ctx;
	int dialect;
};

struct presentity {
	struct map_node node; /* in p->presentities, by account id */
	struct presence *owner;
	struct facets facets;
	struct access access;
	struct list watchers; /* of struct watch, who watch this one */
	struct list watching; /* of struct watch, whom this one watches */
	size_t n_watchers, n_watching;
	struct presence_state shown[2]; /* by facet_audience */
	struct buf rendering[PRESENCE_DIALECTS_MAX][ACCESS_LEVELS];
	struct timer expiry;
};

struct presence {
	struct presence_cfg cfg;
	struct presence_dialect dialect[PRESENCE_DIALECTS_MAX];
	int n_dialects;
	struct map presentities, watches;
	struct list dirty;
	size_t n_dirty;
	watch_id last_id;
	struct presence_stats stats;
};

static const struct presence_state offline = { .avail = AVAIL_OFFLINE };

static int64_t account_of(const struct presentity *t)
{
	return (int64_t)t->node.hash;
}

static struct presentity *find(const struct presence *p, int64_t account)
{
	struct map_node *n = map_get_id(&p->presentities, (uint64_t)account);

	return n == NULL ? NULL : CONTAINER_OF(n, struct presentity, node);
}

static struct watch *find_watch(const struct presence *p, watch_id id)
{
	struct map_node *n = map_get_id(&p->watches, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct watch, node);
}

/* --- renderings and views --- */

static void renderings_drop(struct presentity *t)
{
	for (size_t d = 0; d < PRESENCE_DIALECTS_MAX; d++)
		for (size_t l = 0; l < ACCESS_LEVELS; l++)
			buf_fini(&t->rendering[d][l]);
}

/* The state a level shows; *tmp keeps it where it must be cut down. */
static const struct presence_state *state_at(const struct presentity *t, enum access_level l,
					     struct presence_state *tmp)
{
	switch (l) {
	case ACCESS_BLOCKED:
		return &offline;
	case ACCESS_PUBLIC:
		*tmp = (struct presence_state){ .avail = t->shown[FACET_FOR_ALL].avail };
		return tmp;
	case ACCESS_TEAM:
		return &t->shown[FACET_FOR_TEAM];
	case ACCESS_COLLEAGUES:
	case ACCESS_PERSONAL:
	case ACCESS_LEVELS:
		break;
	}
	return &t->shown[FACET_FOR_ALL];
}

static struct str render(struct presence *p, struct presentity *t, int dialect,
			 const struct presence_view *v)
{
	struct buf *b = &t->rendering[dialect][v->level];

	if (b->len == 0) {
		buf_init(b, PRESENCE_RENDERING_MAX);
		p->dialect[dialect].render(p->dialect[dialect].arg, v, b);
		buf_fit(b);
		p->stats.renderings++;
	}
	return buf_str(b);
}

/* --- presentities --- */

static void on_expiry(struct timer *timer, void *arg);

static struct presentity *get_or_make(struct presence *p, int64_t account)
{
	struct presentity *t = find(p, account);

	if (t != NULL)
		return t;
	t = xcalloc(1, sizeof(*t));
	t->owner = p;
	facets_init(&t->facets);
	access_init(&t->access);
	list_init(&t->watchers);
	list_init(&t->watching);
	timer_init(&t->expiry, on_expiry, t);
	t->shown[FACET_FOR_ALL] = t->shown[FACET_FOR_TEAM] = offline;
	map_put_id(&p->presentities, &t->node, (uint64_t)account);
	return t;
}

/* The one teardown; watches must be gone. */
static void presentity_free(struct presence *p, struct presentity *t)
{
	assert(list_is_empty(&t->watchers) && list_is_empty(&t->watching));
	timer_stop(p->cfg.heap, &t->expiry);
	map_del(&p->presentities, &t->node);
	facets_fini(&t->facets);
	access_fini(&t->access);
	presence_state_fini(&t->shown[FACET_FOR_ALL]);
	presence_state_fini(&t->shown[FACET_FOR_TEAM]);
	renderings_drop(t);
	free(t);
}

static void free_if_unused(struct presence *p, struct presentity *t)
{
	if (t->facets.count == 0 && t->access.by_member.count == 0 && list_is_empty(&t->watchers) &&
	    list_is_empty(&t->watching))
		presentity_free(p, t);
}

static void make_dirty(struct presence *p, struct watch *w)
{
	if (list_is_linked(&w->in_dirty))
		return;
	list_push_back(&p->dirty, &w->in_dirty);
	p->n_dirty++;
	if (p->n_dirty == 1)
		p->cfg.wake(p->cfg.arg);
}

static void make_clean(struct presence *p, struct watch *w)
{
	if (!list_is_linked(&w->in_dirty))
		return;
	list_del(&w->in_dirty);
	p->n_dirty--;
}

/* Takes over what the facets now say; true when a watcher for this audience sees a difference. */
static bool take_over(struct presentity *t, enum facet_audience audience)
{
	struct presence_state now, *shown = &t->shown[audience];
	int64_t since_ms;

	presence_aggregate(&t->facets, audience, &now);
	if (presence_state_same(&now, shown))
		return false;
	since_ms = now.avail == shown->avail ? shown->since_ms : clk_wall_ms();
	presence_state_copy(shown, &now);
	shown->since_ms = since_ms;
	return true;
}

static void refresh_expiry(struct presence *p, struct presentity *t)
{
	int64_t at = facets_next_expiry(&t->facets);

	if (at == INT64_MAX)
		timer_stop(p->cfg.heap, &t->expiry);
	else
		timer_start(p->cfg.heap, &t->expiry, at);
}

/* After the facets changed: recompute, and make those dirty who see a difference. */
static void on_change(struct presence *p, struct presentity *t)
{
	enum avail before = t->shown[FACET_FOR_ALL].avail;
	bool all = take_over(t, FACET_FOR_ALL), team = take_over(t, FACET_FOR_TEAM);
	bool public = before != t->shown[FACET_FOR_ALL].avail;

	refresh_expiry(p, t);
	if (!all && !team)
		return;
	p->stats.changes++;
	renderings_drop(t);
	log_debug("presence", "account=%lld state=%s activity=%s watchers=%zu",
		  (long long)account_of(t), avail_name(t->shown[FACET_FOR_ALL].avail),
		  activity_name(t->shown[FACET_FOR_ALL].activity), t->n_watchers);
	LIST_EACH (&t->watchers, n) {
		struct watch *w = LIST_ITEM(n, struct watch, in_target);
		enum access_level l = access_of(&t->access, account_of(w->watcher));

		if (l == ACCESS_BLOCKED || (l == ACCESS_PUBLIC && !public) ||
		    (l == ACCESS_TEAM && !team) || (l != ACCESS_TEAM && l != ACCESS_PUBLIC && !all))
			continue;
		make_dirty(p, w);
	}
}

static void on_expiry(struct timer *timer, void *arg)
{
	struct presentity *t = arg;
	struct presence *p = t->owner;

	(void)timer;
	facets_expire(&t->facets, clk_ms());
	on_change(p, t);
	free_if_unused(p, t);
}

/* --- published --- */

enum err presence_put(struct presence *p, int64_t account, const struct facet *f)
{
	struct presentity *t = get_or_make(p, account);
	enum err e = f->note.len > PRESENCE_NOTE_MAX ? E_TOOBIG : facets_put(&t->facets, f);

	if (e == E_OK)
		on_change(p, t);
	free_if_unused(p, t);
	return e;
}

void presence_drop(struct presence *p, int64_t account, uint64_t endpoint, uint64_t source)
{
	struct presentity *t = find(p, account);

	if (t == NULL || facets_drop(&t->facets, endpoint, source) == 0)
		return;
	on_change(p, t);
	free_if_unused(p, t);
}

void presence_endpoint_on(struct presence *p, int64_t account, uint64_t endpoint)
{
	struct facet f = {
		.endpoint = endpoint,
		.source = FACET_SOURCE_SIGN_IN,
		.kind = FACET_MACHINE,
		.avail = AVAIL_AVAILABLE,
		.published_ms = clk_wall_ms(),
		.expires_ms = INT64_MAX,
	};

	if (presence_put(p, account, &f) != E_OK)
		log_warn("presence", "account=%lld has too many facets; endpoint not counted",
			 (long long)account);
}

void presence_endpoint_off(struct presence *p, int64_t account, uint64_t endpoint)
{
	struct presentity *t = find(p, account);

	if (t == NULL || facets_drop_endpoint(&t->facets, endpoint) == 0)
		return;
	on_change(p, t);
	free_if_unused(p, t);
}

/* --- watches --- */

/* The one teardown of a watch. */
static void watch_free(struct presence *p, struct watch *w)
{
	make_clean(p, w);
	list_del(&w->in_target);
	list_del(&w->in_watcher);
	w->target->n_watchers--;
	w->watcher->n_watching--;
	map_del(&p->watches, &w->node);
	free(w);
}

static void watch_end(struct presence *p, struct watch *w, enum presence_end why)
{
	const struct presence_dialect *d = &p->dialect[w->dialect];
	watch_id id = w->node.hash;
	uint64_t ctx = w->ctx;

	watch_free(p, w);
	d->on_end(d->arg, id, ctx, why);
}

enum err presence_watch(struct presence *p, int64_t presentity, int64_t watcher, int dialect,
			uint64_t ctx, watch_id *out)
{
	struct presentity *t = get_or_make(p, presentity), *by = get_or_make(p, watcher);
	struct watch *w;

	assert(dialect >= 0 && dialect < p->n_dialects);
	if (t->n_watchers >= PRESENCE_WATCHERS_MAX || by->n_watching >= PRESENCE_WATCHES_MAX) {
		free_if_unused(p, t);
		if (by != t)
			free_if_unused(p, by);
		return E_FULL;
	}
	w = xcalloc(1, sizeof(*w));
	w->target = t;
	w->watcher = by;
	w->ctx = ctx;
	w->dialect = dialect;
	list_push_back(&t->watchers, &w->in_target);
	list_push_back(&by->watching, &w->in_watcher);
	t->n_watchers++;
	by->n_watching++;
	map_put_id(&p->watches, &w->node, ++p->last_id);
	*out = p->last_id;
	return E_OK;
}

void presence_unwatch(struct presence *p, watch_id id)
{
	struct watch *w = find_watch(p, id);
	struct presentity *t, *by;

	if (w == NULL)
		return;
	t = w->target;
	by = w->watcher;
	watch_free(p, w);
	free_if_unused(p, t);
	if (by != t)
		free_if_unused(p, by);
}

void presence_watch_again(struct presence *p, watch_id id)
{
	struct watch *w = find_watch(p, id);

	if (w != NULL)
		make_dirty(p, w);
}

static void view_of(const struct watch *w, struct presence_state *tmp, struct presence_view *v)
{
	v->presentity = account_of(w->target);
	v->level = access_of(&w->target->access, account_of(w->watcher));
	v->state = state_at(w->target, v->level, tmp);
}

enum err presence_watch_now(struct presence *p, watch_id id, struct str *rendering_out)
{
	struct watch *w = find_watch(p, id);
	struct presence_state tmp;
	struct presence_view v;

	if (w == NULL)
		return E_GONE;
	view_of(w, &tmp, &v);
	make_clean(p, w);
	*rendering_out = render(p, w->target, w->dialect, &v);
	return E_OK;
}

bool presence_work(struct presence *p, size_t max)
{
	/* The dialect may change anything from inside notify, so the head is looked up anew each time. */
	for (size_t i = 0; i < max && !list_is_empty(&p->dirty); i++) {
		struct watch *w = LIST_ITEM(p->dirty.next, struct watch, in_dirty);
		const struct presence_dialect *d = &p->dialect[w->dialect];
		watch_id id = w->node.hash;
		struct presence_state tmp;
		struct presence_view v;
		enum err e;

		view_of(w, &tmp, &v);
		make_clean(p, w);
		p->stats.notifications++;
		e = d->notify(d->arg, id, w->ctx, &v, render(p, w->target, w->dialect, &v));
		w = find_watch(p, id);
		if (e != E_OK && e != E_AGAIN && w != NULL) {
			struct presentity *t = w->target, *by = w->watcher;

			watch_end(p, w, PRESENCE_END_REFUSED);
			free_if_unused(p, t);
			if (by != t)
				free_if_unused(p, by);
		}
	}
	return p->n_dirty > 0;
}

/* --- access --- */

enum err presence_access_set(struct presence *p, int64_t owner, int64_t member, enum access_level l)
{
	struct presentity *t = get_or_make(p, owner);
	enum access_level before = access_of(&t->access, member);
	enum err e = access_set(&t->access, member, l);

	if (e == E_OK && before != l) {
		LIST_EACH (&t->watchers, n) {
			struct watch *w = LIST_ITEM(n, struct watch, in_target);

			if (account_of(w->watcher) == member)
				make_dirty(p, w);
		}
	}
	free_if_unused(p, t);
	return e;
}

void presence_access_clear(struct presence *p, int64_t owner, int64_t member)
{
	struct presentity *t = find(p, owner);

	if (t == NULL || presence_access_set(p, owner, member, ACCESS_COLLEAGUES) != E_OK)
		return;
	access_clear(&t->access, member);
	free_if_unused(p, t);
}

enum access_level presence_access_of(const struct presence *p, int64_t owner, int64_t member)
{
	const struct presentity *t = find(p, owner);

	return t == NULL ? ACCESS_COLLEAGUES : access_of(&t->access, member);
}

void presence_access_each(const struct presence *p, int64_t owner, access_fn *fn, void *arg)
{
	const struct presentity *t = find(p, owner);

	if (t != NULL)
		access_each(&t->access, fn, arg);
}

void presence_get(const struct presence *p, int64_t account, int64_t member,
		  struct presence_state *out)
{
	const struct presentity *t = find(p, account);
	struct presence_state tmp;

	*out = t == NULL ? offline : *state_at(t, access_of(&t->access, member), &tmp);
}

void presence_state_for(const struct presence *p, int64_t account, enum facet_audience audience,
			struct presence_state *out)
{
	const struct presentity *t = find(p, account);

	*out = t == NULL ? offline : t->shown[audience];
}

void presence_touch(struct presence *p, int64_t account, int dialect)
{
	struct presentity *t = find(p, account);

	if (t == NULL)
		return;
	for (size_t l = 0; l < ACCESS_LEVELS; l++)
		buf_fini(&t->rendering[dialect][l]);
	LIST_EACH (&t->watchers, n) {
		struct watch *w = LIST_ITEM(n, struct watch, in_target);

		if (w->dialect == dialect)
			make_dirty(p, w);
	}
}

/* --- life --- */

static void end_all(struct presence *p, struct list *watches, size_t member_offset)
{
	while (!list_is_empty(watches))
		watch_end(p, (struct watch *)(void *)((char *)watches->next - member_offset),
			  PRESENCE_END_ACCOUNT_GONE);
}

void presence_account_gone(struct presence *p, int64_t account)
{
	struct presentity *t = find(p, account);

	if (t == NULL)
		return;
	facets_fini(&t->facets);
	facets_init(&t->facets);
	end_all(p, &t->watching, offsetof(struct watch, in_watcher));
	end_all(p, &t->watchers, offsetof(struct watch, in_target));
	presentity_free(p, t);
}

struct presence *presence_new(const struct presence_cfg *cfg)
{
	struct presence *p = xcalloc(1, sizeof(*p));

	p->cfg = *cfg;
	map_init(&p->presentities);
	map_init(&p->watches);
	list_init(&p->dirty);
	return p;
}

int presence_add_dialect(struct presence *p, const struct presence_dialect *d)
{
	assert(p->n_dialects < PRESENCE_DIALECTS_MAX);
	p->dialect[p->n_dialects] = *d;
	return p->n_dialects++;
}

void presence_stats_get(const struct presence *p, struct presence_stats *out)
{
	*out = p->stats;
	out->presentities = p->presentities.count;
	out->watches = p->watches.count;
	out->dirty = p->n_dirty;
}

void presence_free(struct presence **pp)
{
	struct presence *p = *pp;
	struct map_iter it;

	if (p == NULL)
		return;
	for (struct map_node *n = map_first(&p->watches, &it); n != NULL;
	     n = map_next(&p->watches, &it))
		watch_free(p, CONTAINER_OF(n, struct watch, node));
	for (struct map_node *n = map_first(&p->presentities, &it); n != NULL;
	     n = map_next(&p->presentities, &it))
		presentity_free(p, CONTAINER_OF(n, struct presentity, node));
	map_fini(&p->presentities);
	map_fini(&p->watches);
	free(p);
	*pp = NULL;
}
