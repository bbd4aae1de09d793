#include "lync/user.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"

#include "lync/facet_map.h"
#include "lync/self.h"
#include "lync/state_xml.h"
#include "lync/stored.h"

const uint32_t lync_containers[LYNC_CONTAINERS] = { 0,	 1,   2,
						    3,	 100, 200,
						    300, 400, CONTAINER_BLOCKED };

enum { INSTANCE_AGGREGATE = 1 };

struct lync_user *lync_user_find(const struct lync *l, account_id account)
{
	struct map_node *n = map_get_id(&l->users, (uint64_t)account);

	return n == NULL ? NULL : CONTAINER_OF(n, struct lync_user, by_account);
}

static void on_expiry(struct timer *t, void *arg);

struct lync_user *lync_user_of(struct lync *l, account_id account)
{
	struct lync_user *u = lync_user_find(l, account);

	if (u != NULL)
		return u;
	u = xcalloc(1, sizeof(*u));
	u->lync = l;
	u->account = account;
	categories_init(&u->categories);
	timer_init(&u->expiry, on_expiry, u);
	for (size_t i = 0; i < LYNC_CONTAINERS; i++)
		u->container_version[i] = 1;
	u->shown_version = 1;
	u->shown_ms = clk_wall_ms();
	map_put_id(&l->users, &u->by_account, (uint64_t)account);
	return u;
}

static void user_free(struct lync_user *u)
{
	presence_unwatch(u->lync->cfg.presence, u->self_watch);
	timer_stop(u->lync->cfg.heap, &u->expiry);
	map_del(&u->lync->users, &u->by_account);
	categories_fini(&u->categories);
	presence_state_fini(&u->shown[FACET_FOR_ALL]);
	presence_state_fini(&u->shown[FACET_FOR_TEAM]);
	free(u);
}

void lync_user_forget(struct lync *l, account_id account)
{
	struct lync_user *u = lync_user_find(l, account);

	if (u != NULL)
		user_free(u);
}

void lync_users_fini(struct lync *l)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&l->users, &it); n != NULL;
	     n = map_next(&l->users, &it))
		user_free(CONTAINER_OF(n, struct lync_user, by_account));
	map_fini(&l->users);
}

/* --- facets --- */

static void put_facet(struct lync_user *u, const struct category *c)
{
	struct facet f;
	struct buf note;

	buf_init(&note, PRESENCE_NOTE_MAX);
	if (facet_of_category(c, &note, &f) &&
	    presence_put(u->lync->cfg.presence, u->account, &f) != E_OK)
		log_warn("lync", "account=%lld publishes more than is counted",
			 (long long)u->account);
	buf_fini(&note);
}

/* One source has a facet per audience, and the presence room drops them together: so all of one number
 * are dropped, and those that live are put again. */
void lync_user_sync(struct lync_user *u, const struct category *key)
{
	uint64_t source = facet_source_of(key);

	presence_drop(u->lync->cfg.presence, u->account, 0, source);
	if (key->endpoint != 0)
		presence_drop(u->lync->cfg.presence, u->account, key->endpoint, source);
	LIST_EACH (&u->categories.list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);

		if (c->instance == key->instance && str_eq(c->name, key->name) &&
		    facet_source_of(c) == source)
			put_facet(u, c);
	}
}

void lync_user_sync_all(struct lync_user *u)
{
	LIST_EACH (&u->categories.list, n)
		lync_user_sync(u, LIST_ITEM(n, struct category, node));
	lync_user_refresh(u);
	lync_user_wake_expiry(u);
}

bool lync_user_refresh(struct lync_user *u)
{
	bool changed = false;

	for (int a = FACET_FOR_ALL; a <= FACET_FOR_TEAM; a++) {
		struct presence_state now;

		presence_state_for(u->lync->cfg.presence, u->account, a, &now);
		if (presence_state_same(&now, &u->shown[a]))
			continue;
		presence_state_copy(&u->shown[a], &now);
		changed = true;
	}
	if (changed) {
		u->shown_version++;
		u->shown_ms = clk_wall_ms();
	}
	return changed;
}

/* --- ends --- */

struct names {
	struct str name[SELF_NAMES_MAX]; /* owned */
	size_t count;
};

static void remember(struct names *ns, struct str name)
{
	for (size_t i = 0; i < ns->count; i++)
		if (str_eq(ns->name[i], name))
			return;
	if (ns->count < SELF_NAMES_MAX)
		ns->name[ns->count++] = str_dup(name);
}

/* Drops what pred says; tells the person's endpoints and who watches. */
static void drop_some(struct lync_user *u, bool (*pred)(const struct category *c, uint64_t arg),
		      uint64_t arg)
{
	struct names ns = { .count = 0 };

	LIST_EACH (&u->categories.list, n) {
		struct category *c = LIST_ITEM(n, struct category, node);
		struct category key;

		if (!pred(c, arg))
			continue;
		remember(&ns, c->name);
		key = *c;
		key.name = str_dup(c->name);
		lync_stored_drop(u->lync, u->account, c);
		categories_drop(&u->categories, c);
		lync_user_sync(u, &key);
		str_free(&key.name);
	}
	if (ns.count > 0) {
		lync_user_refresh(u);
		lync_self_changed(u, ns.name, ns.count, 0);
		presence_touch(u->lync->cfg.presence, u->account, u->lync->dialect);
	}
	for (size_t i = 0; i < ns.count; i++)
		str_free(&ns.name[i]);
}

static bool is_over(const struct category *c, uint64_t now_ms)
{
	return c->expires_ms != 0 && c->expires_ms <= (int64_t)now_ms;
}

static void on_expiry(struct timer *t, void *arg)
{
	struct lync_user *u = arg;

	(void)t;
	drop_some(u, is_over, (uint64_t)clk_wall_ms());
	lync_user_wake_expiry(u);
}

void lync_user_wake_expiry(struct lync_user *u)
{
	int64_t next = 0;

	LIST_EACH (&u->categories.list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);

		if (c->expires_ms != 0 && (next == 0 || c->expires_ms < next))
			next = c->expires_ms;
	}
	if (next == 0)
		timer_stop(u->lync->cfg.heap, &u->expiry);
	else
		timer_start(u->lync->cfg.heap, &u->expiry, clk_ms() + (next - clk_wall_ms()));
}

static bool is_of_endpoint(const struct category *c, uint64_t endpoint)
{
	return c->expire == EXPIRE_ENDPOINT && c->endpoint == endpoint;
}

static bool is_of_sessions(const struct category *c, uint64_t arg)
{
	(void)arg;
	return c->expire == EXPIRE_ENDPOINT || c->expire == EXPIRE_USER;
}

static bool has_lync_endpoint(struct lync *l, account_id account)
{
	endpoint_id id[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(l->cfg.registrar, account, id, ENDPOINTS_PER_ACCOUNT);

	for (size_t i = 0; i < n; i++) {
		const struct endpoint *e = registrar_get(l->cfg.registrar, id[i]);

		if (e != NULL && e->dialect == DIALECT_LYNC)
			return true;
	}
	return false;
}

void lync_user_endpoint_gone(struct lync *l, const struct endpoint *e)
{
	struct lync_user *u = lync_user_find(l, e->account);

	if (u == NULL)
		return;
	drop_some(u, is_of_endpoint, e->id);
	if (has_lync_endpoint(l, e->account))
		return;
	drop_some(u, is_of_sessions, 0);
	presence_unwatch(l->cfg.presence, u->self_watch);
	u->self_watch = 0;
}

/* --- documents --- */

static void start_category(struct xmlw *w, struct str name, uint32_t instance, uint32_t container,
			   uint32_t version, int64_t published_ms, enum category_expire expire)
{
	struct buf when;

	buf_init(&when, 64);
	category_time(&when, published_ms);
	xmlw_start(w, "category");
	xmlw_attr(w, "name", name);
	xmlw_attr_u64(w, "instance", instance);
	xmlw_attr(w, "publishTime", buf_str(&when));
	xmlw_attr_u64(w, "container", container);
	xmlw_attr_u64(w, "version", version);
	xmlw_attrz(w, "expireType", category_expire_name(expire));
	buf_fini(&when);
}

static void write_cards(struct lync_user *u, struct xmlw *w)
{
	const struct account *a = directory_get(u->lync->cfg.directory, u->account);

	for (size_t i = 0; a != NULL && i < LYNC_CONTAINERS; i++) {
		uint32_t c = lync_containers[i];

		if (c >= 1 && c <= 3)
			continue;
		start_category(w, STR("contactCard"), 0, c, 1, a->created_ms, EXPIRE_STATIC);
		state_xml_card(u->lync, w, a, c >= 200 && c <= 400 ? CARD_FULL : CARD_IDENTITY);
		xmlw_end(w);
	}
}

/* Container 3 feeds 300; 2 feeds the others. */
static void write_states(struct lync_user *u, struct xmlw *w)
{
	for (size_t i = 0; i < LYNC_CONTAINERS; i++) {
		uint32_t c = lync_containers[i];

		if (c < 2 || c == CONTAINER_BLOCKED)
			continue;
		start_category(w, STR("state"), INSTANCE_AGGREGATE, c, u->shown_version,
			       u->shown_ms, EXPIRE_USER);
		state_xml_aggregate(w,
				    &u->shown[c == 3 || c == 300 ? FACET_FOR_TEAM : FACET_FOR_ALL]);
		xmlw_end(w);
	}
	start_category(w, STR("state"), 0, CONTAINER_BLOCKED, 1, u->shown_ms, EXPIRE_STATIC);
	state_xml_offline(w);
	xmlw_end(w);
}

static void write_added(struct lync_user *u, struct str name, struct xmlw *w)
{
	if (str_eqz(name, "contactCard")) {
		write_cards(u, w);
	} else if (str_eqz(name, "state")) {
		write_states(u, w);
	} else if (str_eqz(name, "userProperties")) {
		start_category(w, name, 0, 1, 1, u->shown_ms, EXPIRE_STATIC);
		state_xml_properties(w);
		xmlw_end(w);
	}
}

void lync_user_write_category(struct lync_user *u, struct str name, struct xmlw *w)
{
	LIST_EACH (&u->categories.list, n) {
		const struct category *c = LIST_ITEM(n, struct category, node);

		if (!str_eq(c->name, name))
			continue;
		start_category(w, name, c->instance, c->container, c->version, c->published_ms,
			       c->expire);
		xmlw_raw(w, c->xml);
		xmlw_end(w);
	}
	write_added(u, name, w);
}

void lync_user_write_all(struct lync_user *u, struct xmlw *w)
{
	static const char *const added[] = { "contactCard", "userProperties", "state" };
	struct names ns = { .count = 0 };

	for (size_t i = 0; i < ARRAY_LEN(added); i++)
		remember(&ns, str_of(added[i]));
	LIST_EACH (&u->categories.list, n)
		remember(&ns, LIST_ITEM(n, struct category, node)->name);
	for (size_t i = 0; i < ns.count; i++) {
		lync_user_write_category(u, ns.name[i], w);
		str_free(&ns.name[i]);
	}
}
