/* group.c: groups from their making to their end. */
#include <assert.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"

#include "immcu/group_int.h"

/* --- finding --- */

struct group *g_get(const struct immcu *m, group_id id)
{
	struct map_node *n = map_get_id(&m->groups->by_id, (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct group, by_id);
}

const struct group_info *group_get(const struct immcu *m, group_id id)
{
	struct group *g = g_get(m, id);

	return g == NULL ? NULL : &g->v;
}

const struct group_info *group_find(const struct immcu *m, struct str name)
{
	struct map_node *n = map_get(&m->groups->by_name, name);

	return n == NULL ? NULL : &CONTAINER_OF(n, struct group, by_name)->v;
}

static struct str conf_key(account_id organizer, struct str conf_id)
{
	return str_of(xasprintf("%lld/%.*s", (long long)organizer, STR_ARG(conf_id)));
}

const struct group_info *group_find_conf(const struct immcu *m, account_id organizer,
					 struct str conf_id)
{
	struct str key = conf_key(organizer, conf_id);
	struct map_node *n = map_get(&m->groups->by_conf, key);

	str_free(&key);
	return n == NULL ? NULL : &CONTAINER_OF(n, struct group, by_conf)->v;
}

void group_each(const struct immcu *m, group_each_fn *fn, void *arg)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&m->groups->by_id, &it); n != NULL;
	     n = map_next(&m->groups->by_id, &it))
		if (!fn(&CONTAINER_OF(n, struct group, by_id)->v, arg))
			return;
}

/* --- timers --- */

static void on_idle(struct timer *t, void *arg)
{
	struct group *g = arg;

	(void)t;
	log_info("group", "group=%lld event=ended reason=idle", (long long)g->v.id);
	g_end(g);
}

static void on_empty(struct timer *t, void *arg)
{
	struct group *g = arg;

	(void)t;
	log_info("group", "group=%lld event=ended reason=empty", (long long)g->v.id);
	g_end(g);
}

/* A standing group's silence ends its conversation, not the group: records are of what was said, not of
 * how long a room existed. */
static void on_quiet(struct group *g)
{
	struct conversation *c = conversation_get(g->m, g->v.conversation);

	g_count_flush(g);
	conversation_end(&c, CONV_END_SILENCE);
	g->v.conversation = 0;
}

static void on_idle_standing(struct timer *t, void *arg)
{
	(void)t;
	on_quiet(arg);
}

void g_start_timers(struct group *g)
{
	struct heap *h = g->m->cfg.heap;
	int64_t silent_ms = g->last_text_ms == 0 ? 0 : clk_wall_ms() - g->last_text_ms;

	if (silent_ms < 0 || silent_ms > GROUP_IDLE_MS)
		silent_ms = 0; /* after a restart everybody gets the time to come back */
	g->idle.fn = g->v.kind == GROUP_ADHOC ? on_idle : on_idle_standing;
	timer_start(h, &g->idle, clk_ms() + GROUP_IDLE_MS - silent_ms);
	if (g->v.kind != GROUP_ADHOC || g->v.members > 0)
		timer_stop(h, &g->empty);
	else if (!timer_is_running(&g->empty))
		timer_start(h, &g->empty, clk_ms() + GROUP_EMPTY_MS);
}

static void on_save(struct timer *t, void *arg)
{
	struct group *g = arg;

	(void)t;
	g_count_flush(g);
	group_disk_save(g);
}

void g_touch(struct group *g)
{
	if (!timer_is_running(&g->save))
		timer_start(g->m->cfg.heap, &g->save, clk_ms() + GROUP_SAVE_MS);
}

void group_save(struct immcu *m, group_id id, group_done_fn *done, void *arg)
{
	struct group *g = g_get(m, id);

	if (g == NULL) {
		done(arg, E_NOTFOUND, id);
		return;
	}
	timer_stop(m->cfg.heap, &g->save);
	g_count_flush(g);
	group_disk_save_now(g, done, arg);
}

/* --- its conversation --- */

/* Who was there before the record began. */
static void record_members(const struct group *g, struct conversation *c)
{
	LIST_EACH (&g->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_group);
		const struct account *a = directory_get(g->m->cfg.directory, p->account);

		if (a != NULL)
			conversation_join(c, a, 0);
		LIST_EACH (&p->legs, k)
			gl_note_client(LIST_ITEM(k, struct gleg, in_member));
	}
}

void g_need_conversation(struct group *g)
{
	struct conversation *c;

	if (g->v.conversation != 0 && conversation_get(g->m, g->v.conversation) != NULL)
		return;
	c = conversation_open_group(g->m, g->v.organizer);
	g->v.conversation = c->record.id;
	record_members(g, c);
}

/* Counts are gathered in the members: a participant is found by walking, which is too dear per copy. */
void g_count_flush(struct group *g)
{
	struct conversation *c = conversation_get(g->m, g->v.conversation);

	LIST_EACH (&g->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_group);

		if (c != NULL)
			conversation_count(c, p->account, p->sent, p->received);
		p->sent = p->received = 0;
	}
}

enum err group_adopt_pair(struct immcu *m, group_id id, account_id a, account_id b)
{
	struct group *g = g_get(m, id);
	struct conversation *c = conversation_find_pair(m, a, b);

	if (g == NULL || c == NULL)
		return E_NOTFOUND;
	if (conversation_get(m, g->v.conversation) != NULL)
		return E_EXISTS;
	conversation_become_group(c);
	g->v.conversation = c->record.id;
	g_need_conversation(g);
	record_members(g, c);
	log_info("group", "group=%lld event=escalated conversation=%lld", (long long)id,
		 (long long)c->record.id);
	return E_OK;
}

/* --- making --- */

struct group *g_new(struct immcu *m, group_id id)
{
	struct group *g = xcalloc(1, sizeof(*g));

	g->m = m;
	g->v.id = id;
	g->first_seq = 1;
	list_init(&g->members);
	list_init(&g->texts);
	timer_init(&g->idle, on_idle, g);
	timer_init(&g->empty, on_empty, g);
	timer_init(&g->save, on_save, g);
	map_put_id(&m->groups->by_id, &g->by_id, (uint64_t)id);
	m->groups->stats.groups++;
	return g;
}

void g_link(struct group *g)
{
	g->conf_key = conf_key(g->v.organizer, g->v.conf_id);
	map_put(&g->m->groups->by_name, &g->by_name, g->v.name);
	map_put(&g->m->groups->by_conf, &g->by_conf, g->conf_key);
	g->m->groups->stats.standing += g->v.kind == GROUP_STANDING;
}

/* MS-CONFIM's ids are 8 to 32 letters and digits; 32 hexadecimal ones are what clients make up. */
static struct str make_conf_id(void)
{
	return str_of(xasprintf("%016llX%016llX", (unsigned long long)rand_u64(),
				(unsigned long long)rand_u64()));
}

static bool is_conf_id(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!((s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
		      (s.p[i] >= 'A' && s.p[i] <= 'Z')))
			return false;
	return s.len >= 1 && s.len <= 32;
}

static bool is_name_free(const struct immcu *m, struct str name)
{
	return directory_find(m->cfg.directory, name) == NULL &&
	       map_get(&m->groups->by_name, name) == NULL;
}

/* "conf-7c31a9e2": short enough to be typed, and free. */
static struct str make_name(const struct immcu *m)
{
	for (;;) {
		struct str name = str_of(xasprintf("conf-%08x", rand_below(UINT32_MAX)));

		if (is_name_free(m, name))
			return name;
		str_free(&name);
	}
}

static enum err check_new(const struct immcu *m, const struct group_new *n)
{
	const char *why;

	if (m->is_stopped || m->groups->by_id.count >= GROUPS_MAX)
		return E_FULL;
	if (n->organizer != 0 && directory_get(m->cfg.directory, n->organizer) == NULL)
		return E_NOTFOUND;
	if (n->name.len > 0 && directory_check_name(n->name, &why) != E_OK)
		return E_BAD;
	if (n->subject.len > GROUP_SUBJECT_MAX || !str_is_utf8(n->subject) ||
	    (n->conf_id.len > 0 && !is_conf_id(n->conf_id)))
		return E_BAD;
	if (n->name.len > 0 && !is_name_free(m, n->name))
		return E_EXISTS;
	if (n->conf_id.len > 0 && group_find_conf(m, n->organizer, n->conf_id) != NULL)
		return E_EXISTS;
	return E_OK;
}

enum err group_create(struct immcu *m, const struct group_new *n, group_done_fn *done, void *arg,
		      group_id *out)
{
	enum err e = check_new(m, n);
	struct group *g;

	if (e != E_OK)
		return e;
	g = g_new(m, ++m->groups->last_id);
	g->v.kind = n->kind;
	g->v.access = n->access;
	g->v.organizer = n->organizer;
	g->v.ends_with_organizer = n->ends_with_organizer;
	g->v.created_ms = clk_wall_ms();
	g->v.version = 1;
	g->v.name = n->name.len > 0 ? str_dup_lower(n->name) : make_name(m);
	g->v.conf_id = n->conf_id.len > 0 ? str_dup(n->conf_id) : make_conf_id();
	g->v.subject = str_dup(n->subject);
	g_link(g);
	group_disk_add(g, done, arg);
	if (n->organizer != 0)
		(void)gm_add(g, n->organizer, GROUP_PRESENTER, n->kind == GROUP_STANDING,
			     n->organizer);
	g_start_timers(g);
	log_info("group", "group=%lld event=made name=%.*s organizer=%lld kind=%s",
		 (long long)g->v.id, STR_ARG(g->v.name), (long long)n->organizer,
		 n->kind == GROUP_ADHOC ? "ad-hoc" : "standing");
	*out = g->v.id;
	return E_OK;
}

/* --- changing --- */

enum err group_set_lock(struct immcu *m, group_id id, account_id by, bool is_locked)
{
	struct group *g = g_get(m, id);
	enum err e = g == NULL ? E_NOTFOUND : g_may(g, by);

	if (e != E_OK || g->v.is_locked == is_locked)
		return e;
	g->v.is_locked = is_locked;
	g_emit(g, GROUP_EV_STATE, 0, by);
	return E_OK;
}

enum err group_set_access(struct immcu *m, group_id id, account_id by, enum group_access access)
{
	struct group *g = g_get(m, id);
	enum err e = g == NULL ? E_NOTFOUND : g_may(g, by);

	if (e != E_OK || g->v.access == access)
		return e;
	g->v.access = access;
	g_emit(g, GROUP_EV_STATE, 0, by);
	return E_OK;
}

enum err group_set_subject(struct immcu *m, group_id id, account_id by, struct str subject)
{
	struct group *g = g_get(m, id);
	enum err e = g == NULL ? E_NOTFOUND : g_may(g, by);

	if (e != E_OK)
		return e;
	if (subject.len > GROUP_SUBJECT_MAX || !str_is_utf8(subject))
		return E_BAD;
	if (str_eq(g->v.subject, subject))
		return E_OK;
	str_free(&g->v.subject);
	g->v.subject = str_dup(subject);
	g_emit(g, GROUP_EV_STATE, 0, by);
	return E_OK;
}

/* --- ending --- */

/* The one place that frees. */
static void g_free(struct group *g)
{
	struct groups *gs = g->m->groups;
	struct heap *h = g->m->cfg.heap;

	LIST_EACH (&g->members, n)
		gm_free(LIST_ITEM(n, struct gmember, in_group));
	LIST_EACH (&g->texts, n)
		gt_free(LIST_ITEM(n, struct gtext, in_group));
	timer_stop(h, &g->idle);
	timer_stop(h, &g->empty);
	timer_stop(h, &g->save);
	map_del(&gs->by_id, &g->by_id);
	map_del(&gs->by_name, &g->by_name);
	map_del(&gs->by_conf, &g->by_conf);
	gs->stats.groups--;
	gs->stats.standing -= g->v.kind == GROUP_STANDING;
	str_free(&g->v.name);
	str_free(&g->v.conf_id);
	str_free(&g->v.subject);
	str_free(&g->conf_key);
	free(g->log);
	free(g->banned);
	free(g->gone);
	free(g);
}

void g_end(struct group *g)
{
	struct immcu *m = g->m;
	struct conversation *c;

	if (g->is_ending)
		return;
	g->is_ending = true;
	g_emit(g, GROUP_EV_ENDED, 0, 0);
	LIST_EACH (&g->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_group);

		while (!list_is_empty(&p->legs))
			gl_end(LIST_ITEM(p->legs.next, struct gleg, in_member),
			       GROUP_LEG_GROUP_ENDED);
	}
	g_count_flush(g);
	c = conversation_get(m, g->v.conversation);
	conversation_end(&c, g->v.members == 0 ? CONV_END_EMPTY : CONV_END_CLOSED);
	group_disk_delete(m, g->v.id);
	m->groups->stats.ended++;
	g_free(g);
}

enum err group_end(struct immcu *m, group_id id, account_id by)
{
	struct group *g = g_get(m, id);
	enum err e = g == NULL ? E_NOTFOUND : g_may(g, by);

	if (e != E_OK)
		return e;
	log_info("group", "group=%lld event=ended by=%lld", (long long)id, (long long)by);
	g_end(g);
	return E_OK;
}

/* --- all of them --- */

void group_set_dialect(struct immcu *m, enum dialect which, const struct group_dialect *d)
{
	m->groups->dialect[which] = *d;
}

static void on_pump(struct timer *t, void *arg)
{
	(void)t;
	gl_pump(arg);
}

struct groups *groups_new(struct immcu *m)
{
	struct groups *gs = xcalloc(1, sizeof(*gs));

	gs->m = m;
	map_init(&gs->by_id);
	map_init_fold(&gs->by_name);
	map_init_fold(&gs->by_conf);
	map_init(&gs->accounts);
	map_init(&gs->legs);
	list_init(&gs->ready);
	list_init(&gs->rendered);
	timer_init(&gs->pump, on_pump, m);
	return gs;
}

void groups_stop(struct immcu *m)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&m->groups->by_id, &it); n != NULL;
	     n = map_next(&m->groups->by_id, &it)) {
		struct group *g = CONTAINER_OF(n, struct group, by_id);

		timer_stop(m->cfg.heap, &g->save);
		g_count_flush(g);
		group_disk_save(g);
	}
}

void groups_free(struct groups **gp)
{
	struct groups *gs = *gp;
	struct map_iter it;

	if (gs == NULL)
		return;
	for (struct map_node *n = map_first(&gs->by_id, &it); n != NULL;
	     n = map_next(&gs->by_id, &it))
		g_free(CONTAINER_OF(n, struct group, by_id));
	timer_stop(gs->m->cfg.heap, &gs->pump);
	map_fini(&gs->by_id);
	map_fini(&gs->by_name);
	map_fini(&gs->by_conf);
	map_fini(&gs->accounts);
	map_fini(&gs->legs);
	free(gs);
	*gp = NULL;
}

void group_stats_get(const struct immcu *m, struct group_stats *out)
{
	*out = m->groups->stats;
}
