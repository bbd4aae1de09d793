/* The read-only group: it is made when somebody looks, so a change of the directory has only to raise the
 * versions of the lists that show it and to tell their owners' clients. */
#include "directory/roster_int.h"

#include <stdlib.h>

#include "base/mem.h"
#include "db/rosters.h"

const struct unit *roster_unit(const struct directory *d, const struct person *p)
{
	const struct unit *u = unit_get(d, p->a.department);

	return u != NULL && u->d.members <= ROSTER_DEPARTMENT_MAX ? u : NULL;
}

bool roster_is_colleague(const struct directory *d, const struct person *p, struct str uri)
{
	const struct account *a = roster_unit(d, p) == NULL ? NULL : directory_find_uri(d, uri);

	return a != NULL && a->id != p->a.id && a->department == p->a.department;
}

/* --- many lists at once --- */

enum bump_kind { BUMP_CAME, BUMP_WENT, BUMP_RENAMED, BUMP_RESET };

struct bump {
	struct change c;
	enum bump_kind kind;
	char *uri;	   /* owned; of who came or went */
	account_id *owner; /* owned */
	size_t count;
};

static void bump_fini(struct change *c)
{
	struct bump *b = CONTAINER_OF(c, struct bump, c);

	free(b->uri);
	free(b->owner);
}

static enum err store_bump(struct store_op *op, struct db *db)
{
	struct bump *b = CONTAINER_OF(change_of(op), struct bump, c);
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < b->count; i++) {
		e = db_roster_bump(db, b->owner[i], 1);
		if (e == E_NOTFOUND) /* deleted meanwhile */
			e = E_OK;
	}
	return e;
}

static void fill(const struct directory *d, const struct bump *b, struct roster_event *e)
{
	struct roster_contact now;
	bool is_there;

	switch (b->kind) {
	case BUMP_CAME:
	case BUMP_WENT:
		e->uri = str_of(b->uri);
		is_there = roster_get_contact(d, e->owner, e->uri, &now);
		if (!is_there)
			e->kind = ROSTER_CONTACT_REMOVED;
		else if (b->kind == BUMP_CAME && now.is_read_only)
			e->kind = ROSTER_CONTACT_ADDED;
		else
			e->kind = ROSTER_CONTACT_CHANGED; /* also the owner's own contact */
		return;
	case BUMP_RENAMED:
		e->kind = ROSTER_GROUP_CHANGED;
		e->group = GROUP_DEPARTMENT;
		return;
	case BUMP_RESET:
		e->kind = ROSTER_RESET;
		return;
	}
}

static bool apply_bump(struct change *c)
{
	struct bump *b = CONTAINER_OF(c, struct bump, c);

	for (size_t i = 0; i < b->count; i++) {
		struct person *p = person_get(c->d, b->owner[i]);
		struct roster_event e = { .owner = b->owner[i] };

		if (p == NULL)
			continue;
		e.version = ++p->roster_version;
		fill(c->d, b, &e);
		roster_tell(c->d, &e);
	}
	return true;
}

static struct bump *bump_new(struct directory *d, enum bump_kind kind, size_t max)
{
	struct bump *b = change_new(d, sizeof(*b), NULL, NULL);

	b->kind = kind;
	b->owner = xcalloc(max + 1, sizeof(*b->owner));
	b->c.fini = bump_fini;
	b->c.apply = apply_bump;
	return b;
}

/* A list that nobody can have seen needs no new version: an import costs nothing here. */
static void bump_add(struct bump *b, const struct person *p)
{
	if (p->a.last_sign_in_ms != 0 || p->roster_version > 1)
		b->owner[b->count++] = p->a.id;
}

static void bump_go(struct bump *b)
{
	if (b->count > 0)
		change_store(&b->c, store_bump);
	else
		change_answer(&b->c, E_OK);
}

/* Those of u, but for the account `except`. */
static void bump_members(struct directory *d, const struct unit *u, enum bump_kind kind,
			 account_id except, char *uri)
{
	struct bump *b = bump_new(d, kind, u->d.members);

	b->uri = uri;
	LIST_EACH (&u->members, n) {
		const struct person *p = LIST_ITEM(n, struct person, in_unit);

		if (p->a.id != except)
			bump_add(b, p);
	}
	bump_go(b);
}

/* --- what happened --- */

/* With one member more than lists show, the group goes as a whole, and comes back with one less. */
static void left(struct directory *d, const struct account *a, const struct unit *u)
{
	if (u->d.members == ROSTER_DEPARTMENT_MAX)
		bump_members(d, u, BUMP_RESET, a->id, NULL);
	else if (u->d.members < ROSTER_DEPARTMENT_MAX)
		bump_members(d, u, BUMP_WENT, a->id, uri_of(d, a));
}

static void joined(struct directory *d, const struct account *a, const struct unit *u)
{
	if (u->d.members == ROSTER_DEPARTMENT_MAX + 1)
		bump_members(d, u, BUMP_RESET, a->id, NULL);
	else if (u->d.members <= ROSTER_DEPARTMENT_MAX)
		bump_members(d, u, BUMP_CAME, a->id, uri_of(d, a));
}

void roster_on_moved(struct directory *d, const struct account *a, department_id was_in)
{
	const struct person *p = person_get(d, a->id);
	const struct unit *was = unit_get(d, was_in), *is = unit_get(d, a->department);

	if (was == is)
		return;
	if (was != NULL)
		left(d, a, was);
	if (is != NULL)
		joined(d, a, is);
	if (p != NULL) {
		struct bump *b = bump_new(d, BUMP_RESET, 1);

		bump_add(b, p);
		bump_go(b);
	}
}

void roster_on_renamed(struct directory *d, const struct unit *u)
{
	if (u->d.members <= ROSTER_DEPARTMENT_MAX)
		bump_members(d, u, BUMP_RENAMED, 0, NULL);
}

void roster_on_dissolved(struct directory *d, const struct unit *u)
{
	if (u->d.members <= ROSTER_DEPARTMENT_MAX)
		bump_members(d, u, BUMP_RESET, 0, NULL);
}
