#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/rand.h"

#include "net/throttle.h"

struct entry {
	struct map_node node; /* by id */
	struct list lru;
	int64_t last_ms;     /* of the last counted failure */
	int64_t until_ms;    /* blocked till then */
	int64_t good_ms;     /* pair: last sign-in; 0 never */
	int64_t forgiven_ms; /* account: failures of its pairs up to then are void */
	uint32_t failures;   /* source: distinct accounts that failed */
};

/* Invariants (under lock):
 * 1. An entry's id is a keyed hash of its kind and of what it counts.
 * 2. Every entry is in the map and in lru, the longest untouched in front; at most THROTTLE_ENTRIES_MAX. */
struct throttle {
	pthread_mutex_t lock;
	struct map map;
	struct list lru;
	uint64_t pair_seed, account_seed, source_seed;
	struct throttle_stats stats;
	struct log_rate rate;
};

struct ids {
	uint64_t pair, account, source;
};

struct throttle *throttle_new(void)
{
	struct throttle *t = xcalloc(1, sizeof(*t));

	pthread_mutex_init(&t->lock, NULL);
	map_init(&t->map);
	list_init(&t->lru);
	t->pair_seed = rand_u64();
	t->account_seed = rand_u64();
	t->source_seed = rand_u64();
	return t;
}

static void entry_end(struct throttle *t, struct entry *e)
{
	map_del(&t->map, &e->node);
	list_del(&e->lru);
	free(e);
}

void throttle_free(struct throttle **tp)
{
	struct throttle *t = *tp;

	if (t == NULL)
		return;
	while (!list_is_empty(&t->lru))
		entry_end(t, LIST_ITEM(t->lru.next, struct entry, lru));
	map_fini(&t->map);
	pthread_mutex_destroy(&t->lock);
	free(t);
	*tp = NULL;
}

static struct ids ids_of(const struct throttle *t, struct str account, const struct addr *peer)
{
	struct ids id = {
		.account = str_ihash(t->account_seed, account),
		.source = addr_source(peer, t->source_seed),
	};

	id.pair = str_hash(t->pair_seed, str_n(&id, sizeof(id)));
	return id;
}

static struct entry *find(const struct throttle *t, uint64_t id)
{
	struct map_node *n = map_get_id(&t->map, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct entry, node);
}

static struct entry *touch(struct throttle *t, uint64_t id)
{
	struct entry *e = find(t, id);

	if (e == NULL) {
		if (t->map.count >= THROTTLE_ENTRIES_MAX)
			entry_end(t, LIST_ITEM(t->lru.next, struct entry, lru));
		e = xcalloc(1, sizeof(*e));
		map_put_id(&t->map, &e->node, id);
	}
	list_del(&e->lru);
	list_push_back(&t->lru, &e->lru);
	return e;
}

/* Failures that still count. */
static uint32_t failures(const struct entry *e, int64_t now_ms)
{
	return now_ms - e->last_ms > THROTTLE_WINDOW_MS && now_ms >= e->until_ms ? 0 : e->failures;
}

static bool is_forgiven(const struct entry *pair, const struct entry *account)
{
	return account != NULL && account->forgiven_ms != 0 &&
	       pair->last_ms <= account->forgiven_ms;
}

static int64_t pair_wait_ms(uint32_t n)
{
	int64_t wait = THROTTLE_WAIT_MIN_MS;

	for (uint32_t i = THROTTLE_PAIR_FREE + 1; i < n && wait < THROTTLE_WAIT_MAX_MS; i++)
		wait *= 2;
	return wait < THROTTLE_WAIT_MAX_MS ? wait : THROTTLE_WAIT_MAX_MS;
}

static void log_block(struct throttle *t, const char *why, struct str account,
		      const struct addr *peer, int64_t wait_ms)
{
	char text[ADDR_PRINT_MAX];

	if (log_rate_ok(&t->rate, 10))
		log_warn("throttle", "blocked=%s account=%.*s source=%s wait_ms=%lld", why,
			 STR_ARG(account), addr_print_host(peer, text), (long long)wait_ms);
}

/* Counts a failure of the pair; true if it is the pair's first that counts. */
static bool fail_pair(struct throttle *t, struct entry *pair, const struct entry *account,
		      struct str name, const struct addr *peer, int64_t now_ms)
{
	uint32_t before = is_forgiven(pair, account) ? 0 : failures(pair, now_ms);

	if (before == 0)
		pair->until_ms = 0;
	pair->failures = before + 1;
	pair->last_ms = now_ms;
	if (pair->failures > THROTTLE_PAIR_FREE) {
		int64_t wait = pair_wait_ms(pair->failures);

		pair->until_ms = now_ms + wait;
		log_block(t, "pair", name, peer, wait);
	}
	return before == 0;
}

/* An account or a source: every failure beyond the free ones blocks strangers for a while. */
static void fail_spread(struct throttle *t, struct entry *e, uint32_t free_failures,
			const char *why, struct str name, const struct addr *peer, int64_t now_ms)
{
	e->failures = failures(e, now_ms) + 1;
	e->last_ms = now_ms;
	if (e->failures < free_failures)
		return;
	e->until_ms = now_ms + THROTTLE_SPREAD_WAIT_MS;
	if (e->failures == free_failures)
		log_block(t, why, name, peer, THROTTLE_SPREAD_WAIT_MS);
}

void throttle_fail(struct throttle *t, struct str account, const struct addr *peer, int64_t now_ms)
{
	struct ids id = ids_of(t, account, peer);
	bool first;

	pthread_mutex_lock(&t->lock);
	t->stats.failures++;
	first = fail_pair(t, touch(t, id.pair), find(t, id.account), account, peer, now_ms);
	fail_spread(t, touch(t, id.account), THROTTLE_ACCOUNT_FREE, "account", account, peer,
		    now_ms);
	/* One phone that repeats itself stays one account, however long it does so. */
	if (first)
		fail_spread(t, touch(t, id.source), THROTTLE_SOURCE_ACCOUNTS, "source", account,
			    peer, now_ms);
	pthread_mutex_unlock(&t->lock);
}

void throttle_ok(struct throttle *t, struct str account, const struct addr *peer, int64_t now_ms)
{
	struct ids id = ids_of(t, account, peer);
	struct entry *pair, *source;

	pthread_mutex_lock(&t->lock);
	pair = touch(t, id.pair);
	source = find(t, id.source);
	if (failures(pair, now_ms) > 0 && source != NULL && source->failures > 0)
		source->failures--; /* a typing error, corrected */
	pair->failures = 0;
	pair->until_ms = 0;
	pair->good_ms = now_ms == 0 ? 1 : now_ms;
	pthread_mutex_unlock(&t->lock);
}

static enum throttle_why judge(struct throttle *t, const struct ids *id, int64_t now_ms,
			       int64_t *until_out)
{
	const struct entry *pair = find(t, id->pair), *account = find(t, id->account), *source;

	if (pair != NULL && now_ms < pair->until_ms && !is_forgiven(pair, account)) {
		*until_out = pair->until_ms;
		return THROTTLE_PAIR;
	}
	if (pair != NULL && pair->good_ms != 0 && now_ms - pair->good_ms < THROTTLE_GOOD_MS)
		return THROTTLE_PASS;
	source = find(t, id->source);
	if (source != NULL && now_ms < source->until_ms) {
		*until_out = source->until_ms;
		return THROTTLE_SOURCE;
	}
	if (account != NULL && now_ms < account->until_ms) {
		*until_out = account->until_ms;
		return THROTTLE_ACCOUNT;
	}
	return THROTTLE_PASS;
}

enum throttle_why throttle_check(struct throttle *t, struct str account, const struct addr *peer,
				 int64_t now_ms, int64_t *wait_ms_out)
{
	struct ids id = ids_of(t, account, peer);
	int64_t until = now_ms;
	enum throttle_why why;

	pthread_mutex_lock(&t->lock);
	why = judge(t, &id, now_ms, &until);
	t->stats.blocked_pair += why == THROTTLE_PAIR;
	t->stats.blocked_account += why == THROTTLE_ACCOUNT;
	t->stats.blocked_source += why == THROTTLE_SOURCE;
	pthread_mutex_unlock(&t->lock);
	if (why != THROTTLE_PASS)
		*wait_ms_out = until - now_ms;
	return why;
}

bool throttle_is_blocked(struct throttle *t, struct str account, const struct addr *peer,
			 int64_t now_ms)
{
	int64_t wait_ms;

	return throttle_check(t, account, peer, now_ms, &wait_ms) != THROTTLE_PASS;
}

void throttle_forget(struct throttle *t, struct str account, int64_t now_ms)
{
	struct entry *e;

	pthread_mutex_lock(&t->lock);
	e = touch(t, str_ihash(t->account_seed, account));
	e->failures = 0;
	e->until_ms = 0;
	e->forgiven_ms = now_ms == 0 ? 1 : now_ms;
	pthread_mutex_unlock(&t->lock);
}

void throttle_stats_get(struct throttle *t, struct throttle_stats *out)
{
	pthread_mutex_lock(&t->lock);
	*out = t->stats;
	out->entries = t->map.count;
	pthread_mutex_unlock(&t->lock);
}
