#include "base/map.h"

#include <assert.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rand.h"

enum { FIRST_BUCKETS = 16 };

static void init(struct map *m, bool fold)
{
	*m = (struct map){ .mask = FIRST_BUCKETS - 1, .seed = rand_u64(), .fold = fold };
}

void map_init(struct map *m)
{
	init(m, false);
}

void map_init_fold(struct map *m)
{
	init(m, true);
}

void map_fini(struct map *m)
{
	free(m->bucket);
	init(m, m->fold);
}

/* Ids count up, so their bits are spread before the mask takes the lower ones. */
static size_t bucket_of(const struct map *m, uint64_t hash)
{
	uint64_t x = hash * 0x9e3779b97f4a7c15u;

	return (size_t)(x ^ (x >> 32)) & m->mask;
}

static void rehash(struct map *m, size_t buckets)
{
	struct map_node **old = m->bucket, *n, *next;
	size_t old_buckets = old == NULL ? 0 : m->mask + 1;

	m->bucket = xcalloc(buckets, sizeof(*m->bucket));
	m->mask = buckets - 1;
	for (size_t i = 0; i < old_buckets; i++) {
		for (n = old[i]; n != NULL; n = next) {
			size_t b = bucket_of(m, n->hash);

			next = n->next;
			n->next = m->bucket[b];
			m->bucket[b] = n;
		}
	}
	free(old);
}

static void put(struct map *m, struct map_node *n)
{
	size_t b;

	if (m->bucket == NULL)
		rehash(m, FIRST_BUCKETS);
	else if (2 * m->count >
		 /* sparse: a lookup that finds nothing then mostly touches one cache line */
		 m->mask)
		rehash(m, (m->mask + 1) * 2);
	b = bucket_of(m, n->hash);
	n->next = m->bucket[b];
	m->bucket[b] = n;
	m->count++;
}

static uint64_t hash_of(const struct map *m, struct str key)
{
	return m->fold ? str_ihash(m->seed, key) : str_hash(m->seed, key);
}

struct map_node *map_get(const struct map *m, struct str key)
{
	uint64_t h;

	if (m->count == 0)
		return NULL;
	h = hash_of(m, key);
	for (struct map_node *n = m->bucket[bucket_of(m, h)]; n != NULL; n = n->next)
		if (n->hash == h && (m->fold ? str_ieq(n->key, key) : str_eq(n->key, key)))
			return n;
	return NULL;
}

void map_put(struct map *m, struct map_node *n, struct str key)
{
	n->key = key;
	n->hash = hash_of(m, key);
	put(m, n);
}

struct map_node *map_get_id(const struct map *m, uint64_t id)
{
	if (m->count == 0)
		return NULL;
	for (struct map_node *n = m->bucket[bucket_of(m, id)]; n != NULL; n = n->next)
		if (n->hash == id)
			return n;
	return NULL;
}

void map_put_id(struct map *m, struct map_node *n, uint64_t id)
{
	n->key = STR_NULL;
	n->hash = id;
	put(m, n);
}

void map_del(struct map *m, struct map_node *n)
{
	struct map_node **np = &m->bucket[bucket_of(m, n->hash)];

	while (*np != n) {
		assert(*np != NULL); /* n is not in m: our bug */
		np = &(*np)->next;
	}
	*np = n->next;
	n->next = NULL;
	m->count--;
}

struct map_node *map_next(const struct map *m, struct map_iter *it)
{
	struct map_node *n = it->next;

	while (n == NULL && m->bucket != NULL && it->bucket <= m->mask)
		n = m->bucket[it->bucket++];
	it->next = n == NULL ? NULL : n->next;
	return n;
}

struct map_node *map_first(const struct map *m, struct map_iter *it)
{
	*it = (struct map_iter){ 0, NULL };
	return map_next(m, it);
}
