#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/mem.h"

#include "webadmin/api/admins.h"

struct admin_entry {
	struct list node;
	struct admin a;
};

struct key_entry {
	struct list node;
	struct api_key k;
};

/* Both lists are short (API_KEYS_MAX, a handful of people) and in the order of their ids. */
struct admins {
	struct list admins, keys;
	size_t n_admins, n_keys;
};

struct admins *admins_new(void)
{
	struct admins *t = xcalloc(1, sizeof(*t));

	list_init(&t->admins);
	list_init(&t->keys);
	return t;
}

static void admin_end(struct admins *t, struct admin_entry *e)
{
	list_del(&e->node);
	t->n_admins--;
	str_free(&e->a.name);
	str_free(&e->a.argon2);
	free(e);
}

static void key_end(struct admins *t, struct key_entry *e)
{
	list_del(&e->node);
	t->n_keys--;
	str_free(&e->k.name);
	free(e);
}

void admins_free(struct admins **ap)
{
	struct admins *t = *ap;

	if (t == NULL)
		return;
	while (!list_is_empty(&t->admins))
		admin_end(t, LIST_ITEM(t->admins.next, struct admin_entry, node));
	while (!list_is_empty(&t->keys))
		key_end(t, LIST_ITEM(t->keys.next, struct key_entry, node));
	free(t);
	*ap = NULL;
}

void admins_put(struct admins *t, const struct admin *a)
{
	struct admin_entry *e = xcalloc(1, sizeof(*e));

	e->a = *a;
	e->a.name = str_dup(a->name);
	e->a.argon2 = str_dup(a->argon2);
	list_push_back(&t->admins, &e->node);
	t->n_admins++;
}

struct admin *admins_find(struct admins *t, struct str name)
{
	LIST_EACH (&t->admins, n) {
		struct admin_entry *e = LIST_ITEM(n, struct admin_entry, node);

		if (str_ieq(e->a.name, name))
			return &e->a;
	}
	return NULL;
}

struct admin *admins_get(struct admins *t, int64_t id)
{
	LIST_EACH (&t->admins, n) {
		struct admin_entry *e = LIST_ITEM(n, struct admin_entry, node);

		if (e->a.id == id)
			return &e->a;
	}
	return NULL;
}

void admins_set_password(struct admin *a, struct str argon2)
{
	str_free(&a->argon2);
	a->argon2 = str_dup(argon2);
}

void admins_del(struct admins *t, int64_t id)
{
	struct admin *a = admins_get(t, id);

	if (a == NULL)
		return;
	LIST_EACH (&t->keys, n) {
		struct key_entry *e = LIST_ITEM(n, struct key_entry, node);

		if (e->k.admin == id)
			key_end(t, e);
	}
	admin_end(t, CONTAINER_OF(a, struct admin_entry, a));
}

size_t admins_count(const struct admins *t)
{
	return t->n_admins;
}

void admins_each(const struct admins *t, admin_fn *fn, void *arg)
{
	LIST_EACH (&t->admins, n)
		fn(&LIST_ITEM(n, struct admin_entry, node)->a, arg);
}

void admins_put_key(struct admins *t, const struct api_key *k)
{
	struct key_entry *e = xcalloc(1, sizeof(*e));

	e->k = *k;
	e->k.name = str_dup(k->name);
	list_push_back(&t->keys, &e->node);
	t->n_keys++;
}

struct api_key *admins_find_key(struct admins *t, struct str token, int64_t wall_ms)
{
	unsigned char hash[TOKEN_HASH_LEN];

	token_hash(token, hash);
	LIST_EACH (&t->keys, n) {
		struct key_entry *e = LIST_ITEM(n, struct key_entry, node);

		if (token_eq(str_n(e->k.hash, TOKEN_HASH_LEN), str_n(hash, TOKEN_HASH_LEN)))
			return e->k.expires_ms == 0 || e->k.expires_ms > wall_ms ? &e->k : NULL;
	}
	return NULL;
}

struct api_key *admins_get_key(struct admins *t, int64_t id)
{
	LIST_EACH (&t->keys, n) {
		struct key_entry *e = LIST_ITEM(n, struct key_entry, node);

		if (e->k.id == id)
			return &e->k;
	}
	return NULL;
}

void admins_del_key(struct admins *t, int64_t id)
{
	struct api_key *k = admins_get_key(t, id);

	if (k != NULL)
		key_end(t, CONTAINER_OF(k, struct key_entry, k));
}

size_t admins_key_count(const struct admins *t)
{
	return t->n_keys;
}

void admins_each_key(const struct admins *t, api_key_fn *fn, void *arg)
{
	LIST_EACH (&t->keys, n)
		fn(&LIST_ITEM(n, struct key_entry, node)->k, arg);
}
