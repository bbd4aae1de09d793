#include "presence/access.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

struct entry {
	struct map_node node; /* by member */
	enum access_level level;
};

static const char *const names[ACCESS_LEVELS] = {
	[ACCESS_BLOCKED] = "blocked",	    [ACCESS_PUBLIC] = "public",
	[ACCESS_COLLEAGUES] = "colleagues", [ACCESS_TEAM] = "team",
	[ACCESS_PERSONAL] = "personal",
};

const char *access_level_name(enum access_level l)
{
	return names[l];
}

enum err access_level_decode(struct str name, enum access_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_eqz(name, names[i])) {
			*out = (enum access_level)i;
			return E_OK;
		}
	}
	return E_BAD;
}

void access_init(struct access *a)
{
	map_init(&a->by_member);
}

static struct entry *find(const struct access *a, int64_t member)
{
	struct map_node *n = map_get_id(&a->by_member, (uint64_t)member);

	return n == NULL ? NULL : CONTAINER_OF(n, struct entry, node);
}

enum access_level access_of(const struct access *a, int64_t member)
{
	const struct entry *e = find(a, member);

	return e == NULL ? ACCESS_COLLEAGUES : e->level;
}

enum err access_set(struct access *a, int64_t member, enum access_level l)
{
	struct entry *e = find(a, member);

	if (e == NULL) {
		if (a->by_member.count >= ACCESS_ENTRIES_MAX)
			return E_FULL;
		e = xcalloc(1, sizeof(*e));
		map_put_id(&a->by_member, &e->node, (uint64_t)member);
	}
	e->level = l;
	return E_OK;
}

static void drop(struct access *a, struct entry *e)
{
	map_del(&a->by_member, &e->node);
	free(e);
}

void access_clear(struct access *a, int64_t member)
{
	struct entry *e = find(a, member);

	if (e != NULL)
		drop(a, e);
}

void access_each(const struct access *a, access_fn *fn, void *arg)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&a->by_member, &it); n != NULL;
	     n = map_next(&a->by_member, &it))
		fn((int64_t)n->hash, CONTAINER_OF(n, struct entry, node)->level, arg);
}

void access_fini(struct access *a)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&a->by_member, &it); n != NULL;
	     n = map_next(&a->by_member, &it))
		drop(a, CONTAINER_OF(n, struct entry, node));
	map_fini(&a->by_member);
}
