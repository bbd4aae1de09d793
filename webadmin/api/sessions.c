#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "crypto/digest.h"

#include "webadmin/api/sessions.h"

struct entry {
	struct map_node node; /* key: s.hash */
	struct list all;
	struct session s;
};

struct sessions {
	struct map by_hash;
	struct list all;
};

struct sessions *sessions_new(void)
{
	struct sessions *t = xcalloc(1, sizeof(*t));

	map_init(&t->by_hash);
	list_init(&t->all);
	return t;
}

static void end(struct sessions *t, struct entry *e)
{
	map_del(&t->by_hash, &e->node);
	list_del(&e->all);
	mem_wipe(&e->s, sizeof(e->s));
	free(e);
}

void sessions_free(struct sessions **sp)
{
	struct sessions *t = *sp;

	if (t == NULL)
		return;
	while (!list_is_empty(&t->all))
		end(t, LIST_ITEM(t->all.next, struct entry, all));
	map_fini(&t->by_hash);
	free(t);
	*sp = NULL;
}

static struct entry *find(const struct sessions *t, const unsigned char hash[TOKEN_HASH_LEN])
{
	struct map_node *n = map_get(&t->by_hash, str_n(hash, TOKEN_HASH_LEN));

	return n != NULL ? CONTAINER_OF(n, struct entry, node) : NULL;
}

static struct entry *find_token(const struct sessions *t, struct str token)
{
	unsigned char hash[TOKEN_HASH_LEN];

	token_hash(token, hash);
	return find(t, hash);
}

/* The session of admin unused for longest, when there are as many as may be. */
static struct entry *surplus(const struct sessions *t, int64_t admin)
{
	struct entry *oldest = NULL;
	size_t n = 0;

	LIST_EACH (&t->all, l) {
		struct entry *e = LIST_ITEM(l, struct entry, all);

		if (e->s.admin != admin)
			continue;
		n++;
		if (oldest == NULL || e->s.used_ms < oldest->s.used_ms)
			oldest = e;
	}
	return n >= SESSIONS_PER_ADMIN ? oldest : NULL;
}

void sessions_put(struct sessions *t, const struct session *s,
		  unsigned char ended_out[TOKEN_HASH_LEN])
{
	struct entry *e = surplus(t, s->admin);

	memset(ended_out, 0, TOKEN_HASH_LEN);
	if (e != NULL) {
		memcpy(ended_out, e->s.hash, TOKEN_HASH_LEN);
		end(t, e);
	}
	if (find(t, s->hash) != NULL)
		return;
	e = xcalloc(1, sizeof(*e));
	e->s = *s;
	map_put(&t->by_hash, &e->node, str_n(e->s.hash, TOKEN_HASH_LEN));
	list_push_back(&t->all, &e->all);
}

struct session *sessions_get(struct sessions *t, struct str token, int64_t wall_ms)
{
	struct entry *e = find_token(t, token);

	if (e == NULL)
		return NULL;
	if (wall_ms - e->s.used_ms > SESSION_IDLE_MS ||
	    wall_ms - e->s.created_ms > SESSION_MAX_MS) {
		end(t, e);
		return NULL;
	}
	e->s.used_ms = wall_ms;
	return &e->s;
}

bool sessions_end(struct sessions *t, struct str token)
{
	struct entry *e = find_token(t, token);

	if (e != NULL)
		end(t, e);
	return e != NULL;
}

void sessions_end_admin(struct sessions *t, int64_t admin, struct str keep)
{
	struct entry *kept = keep.p != NULL ? find_token(t, keep) : NULL;

	LIST_EACH (&t->all, l) {
		struct entry *e = LIST_ITEM(l, struct entry, all);

		if (e->s.admin == admin && e != kept)
			end(t, e);
	}
}

size_t sessions_count(const struct sessions *t)
{
	return t->by_hash.count;
}

void sessions_csrf(struct str token, char out[TOKEN_CAP])
{
	unsigned char mac[DIGEST_SHA256_LEN];

	digest_hmac(DIGEST_SHA256, token, STR("porchlight csrf"), mac);
	digest_hex(mac, (TOKEN_CAP - 1) / 2, out);
}

bool sessions_csrf_fits(struct str token, struct str csrf)
{
	char want[TOKEN_CAP];

	sessions_csrf(token, want);
	return token_eq(str_of(want), csrf);
}
