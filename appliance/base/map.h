/* map.h: intrusive hash maps, by string (keyed hash: peers choose the keys) and by 64-bit id.
 *
 * The map links nodes that live in their objects and owns only its buckets.
 * Keys are borrowed from the object and must not change while linked.
 * Grows by doubling; never shrinks below what it started with. */
#ifndef BASE_MAP_H
#define BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct map_node {
	struct map_node *next;
	uint64_t hash;	/* of the string, or the id itself */
	struct str key; /* unused in an id map */
};

struct map {
	struct map_node **bucket;
	size_t mask, count;
	uint64_t seed;
	bool fold; /* ASCII case ignored */
};

void map_init(struct map *m);	   /* string keys, octet for octet */
void map_init_fold(struct map *m); /* string keys, ASCII case ignored */
void map_fini(struct map *m);	   /* frees the buckets, not the objects */

struct map_node *map_get(const struct map *m, struct str key);
void map_put(struct map *m, struct map_node *n, struct str key); /* key must not be in */
struct map_node *map_get_id(const struct map *m, uint64_t id);
void map_put_id(struct map *m, struct map_node *n, uint64_t id);
void map_del(struct map *m, struct map_node *n); /* n must be in m */

/* Walk: for (n = map_first(m, &it); n; n = map_next(m, &it)); the current node may be deleted. */
struct map_iter {
	size_t bucket;
	struct map_node *next;
};
struct map_node *map_first(const struct map *m, struct map_iter *it);
struct map_node *map_next(const struct map *m, struct map_iter *it);

#endif
