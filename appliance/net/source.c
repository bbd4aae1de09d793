#include <stdatomic.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"

#include "net/source.h"

enum { BUCKETS = 16384 };

/* Invariant: each counted connection adds one to one bucket of each row, named by the two halves
 * of its key. */
struct source_table {
	uint64_t seed;
	uint32_t cap;
	_Atomic uint32_t row[2][BUCKETS];
};

struct source_table *source_table_new(uint32_t cap_per_source)
{
	struct source_table *t = xcalloc(1, sizeof(*t));

	t->seed = rand_u64();
	t->cap = cap_per_source;
	return t;
}

void source_table_free(struct source_table **tp)
{
	free(*tp);
	*tp = NULL;
}

static _Atomic uint32_t *bucket(struct source_table *t, int row, uint64_t key)
{
	return &t->row[row][(key >> (row * 32)) % BUCKETS];
}

enum err source_enter(struct source_table *t, const struct addr *peer, uint64_t *key_out)
{
	uint64_t key = addr_source(peer, t->seed);
	uint32_t a = atomic_fetch_add_explicit(bucket(t, 0, key), 1, memory_order_relaxed);
	uint32_t b = atomic_fetch_add_explicit(bucket(t, 1, key), 1, memory_order_relaxed);

	if (a >= t->cap && b >= t->cap) {
		source_leave(t, key);
		return E_FULL;
	}
	*key_out = key;
	return E_OK;
}

void source_leave(struct source_table *t, uint64_t key)
{
	atomic_fetch_sub_explicit(bucket(t, 0, key), 1, memory_order_relaxed);
	atomic_fetch_sub_explicit(bucket(t, 1, key), 1, memory_order_relaxed);
}

uint32_t source_count(const struct source_table *t, const struct addr *peer)
{
	uint64_t key = addr_source(peer, t->seed);
	uint32_t a = atomic_load_explicit(&t->row[0][key % BUCKETS], memory_order_relaxed);
	uint32_t b = atomic_load_explicit(&t->row[1][(key >> 32) % BUCKETS], memory_order_relaxed);

	return a < b ? a : b;
}
