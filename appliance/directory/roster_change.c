/* Changing a list: the operations are done on a copy, the copy's differences are stored, then the copy takes the
 * list's place.
 *
 *   waiting ──► begun (first of its list) ──fault──► answered
 *                  │
 *               stored ──► in memory ──► done, then the next one begins, then the listeners
 *
 * One at a time for each list, so that a copy is never out of date.  What raises the version meanwhile (the
 * department) adds to it, here and on disk alike. */
#include "directory/roster_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/rosters.h"

/* One event to tell, and what it changed on disk. */
struct step {
	enum roster_event_kind kind;
	roster_group_id group;
	struct str uri; /* owned if not empty */
};

struct edit {
	struct change c;
	struct list in_person; /* in person.roster_edits */
	account_id owner;
	uint64_t version;     /* wanted */
	uint64_t was_version; /* before the first step */
	struct roster_op *op; /* owned, with its texts */
	size_t count;
	struct roster *made; /* owned until it is the list */
	struct step *step;   /* owned */
	size_t n_steps, cap;
	bool is_reset; /* the one step says all of it */
	size_t contacts_max;
};

static struct edit *edit_of(struct change *c)
{
	return CONTAINER_OF(c, struct edit, c);
}

static void op_fini(struct roster_op *op)
{
	text_set(&op->uri, STR(""));
	text_set(&op->name, STR(""));
	text_set(&op->external, STR(""));
	text_set(&op->extension, STR(""));
}

static void drop_steps(struct edit *x)
{
	for (size_t i = 0; i < x->n_steps; i++)
		text_set(&x->step[i].uri, STR(""));
	x->n_steps = 0;
}

static void edit_fini(struct change *c)
{
	struct edit *x = edit_of(c);

	drop_steps(x);
	free(x->step);
	for (size_t i = 0; i < x->count; i++)
		op_fini(&x->op[i]);
	free(x->op);
	roster_free(&x->made);
}

static void add_step(struct edit *x, enum roster_event_kind kind, roster_group_id group,
		     struct str uri)
{
	if (x->is_reset)
		return;
	if (x->n_steps == x->cap) {
		x->cap = x->cap == 0 ? 4 : 2 * x->cap;
		x->step = xrealloc(x->step, x->cap * sizeof(*x->step));
	}
	x->step[x->n_steps] = (struct step){ .kind = kind, .group = group };
	text_set(&x->step[x->n_steps++].uri, uri);
}

/* --- the operations, on the copy --- */

static enum err check_opaque(struct str s)
{
	if (s.len > ROSTER_OPAQUE_MAX)
		return E_TOOBIG;
	return str_is_utf8(s) && str_find(s, '\0', 0) == s.len ? E_OK : E_BAD;
}

static enum err check_name(struct str s)
{
	return s.len > ROSTER_NAME_MAX ? E_TOOBIG : text_check(s);
}

/* A scheme and something behind it, without blanks; what it means is its user's business. */
static enum err check_uri(struct str uri)
{
	size_t colon = str_find(uri, ':', 0);

	if (uri.len > ROSTER_URI_MAX)
		return E_TOOBIG;
	if (colon == 0 || colon + 1 >= uri.len || !str_is_utf8(uri))
		return E_BAD;
	for (size_t i = 0; i < uri.len; i++)
		if ((unsigned char)uri.p[i] <= 0x20 || uri.p[i] == 0x7f)
			return E_BAD;
	return E_OK;
}

static enum err check_group(const struct roster *r, const struct roster_op *op)
{
	enum err e = check_name(op->name);

	if (e == E_OK)
		e = check_opaque(op->external);
	if (e == E_OK && str_trim(op->name).len == 0 && op->group != GROUP_DEFAULT)
		e = E_BAD;
	for (size_t i = 0; e == E_OK && i < r->n_groups; i++)
		if (r->group[i].id != op->group && str_ieq(r->group[i].name, op->name))
			e = E_EXISTS;
	return e;
}

static enum err add_group(struct edit *x, struct roster_op *op)
{
	struct roster *r = x->made;
	enum err e;

	if (op->group == 0) {
		if (r->n_groups >= ROSTER_GROUPS_MAX)
			return E_FULL;
		for (op->group = GROUP_DEFAULT + 1; roster_find_group(r, op->group) != NULL;
		     op->group++) {
		}
	}
	if (op->group >= GROUP_DEPARTMENT)
		return E_BAD;
	if (roster_find_group(r, op->group) != NULL)
		return E_EXISTS;
	e = check_group(r, op);
	if (e == E_OK) {
		roster_insert_group(r, op->group, op->name, op->external);
		add_step(x, ROSTER_GROUP_ADDED, op->group, STR(""));
	}
	return e;
}

static enum err change_group(struct edit *x, const struct roster_op *op)
{
	struct group *g = roster_find_group(x->made, op->group);
	enum err e;

	if (op->group == GROUP_DEPARTMENT)
		return E_DENIED;
	if (g == NULL)
		return E_NOTFOUND;
	e = check_group(x->made, op);
	if (e == E_OK) {
		text_set(&g->name, op->name);
		text_set(&g->external, op->external);
		add_step(x, ROSTER_GROUP_CHANGED, g->id, STR(""));
	}
	return e;
}

static enum err move_group(struct edit *x, const struct roster_op *op)
{
	if (op->group == GROUP_DEPARTMENT)
		return E_DENIED;
	if (roster_find_group(x->made, op->group) == NULL)
		return E_NOTFOUND;
	roster_move_group(x->made, op->group, op->position);
	add_step(x, ROSTER_GROUP_CHANGED, op->group, STR(""));
	return E_OK;
}

/* Its contacts first: a client told of the group's end alone would still hold them in it. */
static enum err remove_group(struct edit *x, const struct roster_op *op)
{
	struct roster *r = x->made;

	if (op->group == GROUP_DEFAULT || op->group == GROUP_DEPARTMENT)
		return E_DENIED;
	if (roster_find_group(r, op->group) == NULL)
		return E_NOTFOUND;
	for (size_t i = 0; i < r->n_contacts; i++) {
		struct contact *c = &r->contact[i];

		if ((c->groups & group_bit(op->group)) == 0)
			continue;
		c->groups &= ~group_bit(op->group);
		add_step(x, ROSTER_CONTACT_CHANGED, 0, c->uri);
	}
	roster_delete_group(r, op->group);
	add_step(x, ROSTER_GROUP_REMOVED, op->group, STR(""));
	return E_OK;
}

static enum err put_contact(struct edit *x, const struct person *p, const struct roster_op *op)
{
	struct roster *r = x->made;
	bool is_own = roster_find_contact(r, op->uri) != NULL;
	uint64_t known = group_bit(GROUP_DEPARTMENT);
	enum err e = check_uri(op->uri);

	for (size_t i = 0; i < r->n_groups; i++)
		known |= group_bit(r->group[i].id);
	if (e == E_OK)
		e = check_name(op->name);
	if (e == E_OK)
		e = check_opaque(op->external);
	if (e == E_OK)
		e = check_opaque(op->extension);
	if (e == E_OK && (op->groups & ~known) != 0)
		e = E_NOTFOUND;
	if (e == E_OK && !is_own && r->n_contacts >= x->contacts_max)
		e = E_FULL;
	if (e != E_OK)
		return e;
	add_step(x,
		 is_own || roster_is_colleague(x->c.d, p, op->uri) ? ROSTER_CONTACT_CHANGED
								   : ROSTER_CONTACT_ADDED,
		 0, op->uri);
	roster_put_contact(r, op);
	return E_OK;
}

static enum err remove_contact(struct edit *x, const struct person *p, const struct roster_op *op)
{
	struct contact *c = roster_find_contact(x->made, op->uri);
	bool is_colleague = roster_is_colleague(x->c.d, p, op->uri);

	if (c == NULL)
		return is_colleague ? E_DENIED : E_NOTFOUND;
	roster_delete_contact(x->made, c);
	add_step(x, is_colleague ? ROSTER_CONTACT_CHANGED : ROSTER_CONTACT_REMOVED, 0, op->uri);
	return E_OK;
}

static enum err clear(struct edit *x)
{
	roster_free(&x->made);
	x->made = roster_copy(NULL);
	drop_steps(x);
	add_step(x, ROSTER_RESET, 0, STR(""));
	x->is_reset = true;
	return E_OK;
}

static enum err do_op(struct edit *x, const struct person *p, struct roster_op *op)
{
	switch (op->kind) {
	case ROSTER_ADD_GROUP:
		return add_group(x, op);
	case ROSTER_CHANGE_GROUP:
		return change_group(x, op);
	case ROSTER_MOVE_GROUP:
		return move_group(x, op);
	case ROSTER_REMOVE_GROUP:
		return remove_group(x, op);
	case ROSTER_PUT_CONTACT:
		return put_contact(x, p, op);
	case ROSTER_REMOVE_CONTACT:
		return remove_contact(x, p, op);
	case ROSTER_CLEAR:
		return clear(x);
	}
	return E_BAD;
}

/* --- the disk: the store thread, which alone looks at the copy meanwhile --- */

static enum err store_contact(struct db *db, account_id owner, const struct contact *c)
{
	struct db_roster_contact row = {
		.account_id = owner,
		.uri = c->uri,
		.name = c->name,
		.external = c->external,
		.extension = c->extension,
		.groups = c->groups,
		.is_subscribed = c->is_subscribed,
	};

	return db_roster_put_contact(db, &row);
}

static enum err store_groups(struct db *db, const struct edit *x)
{
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < x->made->n_groups; i++) {
		const struct group *g = &x->made->group[i];
		struct db_roster_group row = {
			.account_id = x->owner,
			.id = g->id,
			.position = (int64_t)i,
			.name = g->name,
			.external = g->external,
		};

		e = db_roster_put_group(db, &row);
	}
	return e;
}

static enum err store_all(struct db *db, const struct edit *x)
{
	enum err e = db_roster_clear(db, x->owner);

	for (size_t i = 0; e == E_OK && i < x->made->n_contacts; i++)
		e = store_contact(db, x->owner, &x->made->contact[i]);
	return e == E_OK ? store_groups(db, x) : e;
}

static enum err store_step(struct db *db, const struct edit *x, const struct step *s,
			   bool *has_groups)
{
	const struct contact *c;

	switch (s->kind) {
	case ROSTER_GROUP_ADDED:
	case ROSTER_GROUP_CHANGED:
		*has_groups = true;
		return E_OK;
	case ROSTER_GROUP_REMOVED:
		*has_groups = true;
		return db_roster_drop_group(db, x->owner, s->group);
	case ROSTER_CONTACT_ADDED:
	case ROSTER_CONTACT_CHANGED:
	case ROSTER_CONTACT_REMOVED:
		c = roster_find_contact(x->made, s->uri);
		return c != NULL ? store_contact(db, x->owner, c)
				 : db_roster_drop_contact(db, x->owner, s->uri);
	case ROSTER_RESET:
		return store_all(db, x);
	}
	return E_INTERNAL;
}

static enum err store_edit(struct store_op *op, struct db *db)
{
	const struct edit *x = edit_of(change_of(op));
	bool has_groups = false;
	enum err e = db_roster_bump(db, x->owner, (int64_t)x->n_steps);

	for (size_t i = 0; e == E_OK && i < x->n_steps; i++)
		e = store_step(db, x, &x->step[i], &has_groups);
	return e == E_OK && has_groups ? store_groups(db, x) : e;
}

/* --- memory --- */

static bool apply_edit(struct change *c)
{
	struct edit *x = edit_of(c);
	struct person *p = person_get(c->d, x->owner);

	if (p == NULL)
		return true;
	roster_free(&p->roster);
	p->roster = x->made;
	x->made = NULL;
	x->was_version = p->roster_version;
	p->roster_version += x->n_steps;
	return true;
}

static void begin(struct edit *x, const struct person *p)
{
	enum err e = E_OK;

	if (x->version != ROSTER_ANY_VERSION && x->version != p->roster_version)
		e = E_STALE;
	x->contacts_max = x->c.d->contacts_max;
	x->made = roster_copy(p->roster);
	for (size_t i = 0; e == E_OK && i < x->count; i++)
		e = do_op(x, p, &x->op[i]);
	if (e == E_OK && x->count > 0 && x->op[0].kind == ROSTER_ADD_GROUP)
		x->c.id = x->op[0].group;
	if (e == E_OK && x->n_steps > 0)
		change_store(&x->c, store_edit);
	else
		change_answer(&x->c, e);
}

static void after(struct change *c, struct directory *d, enum err err)
{
	struct edit *x = edit_of(c);
	struct person *p = person_get(d, x->owner);

	list_del(&x->in_person);
	if (p == NULL)
		return;
	if (!list_is_empty(&p->roster_edits))
		begin(LIST_ITEM(p->roster_edits.next, struct edit, in_person), p);
	for (size_t i = 0; err == E_OK && i < x->n_steps; i++) {
		struct roster_event e = {
			.kind = x->step[i].kind,
			.owner = x->owner,
			.version = x->was_version + i + 1,
			.group = x->step[i].group,
			.uri = x->step[i].uri,
		};

		roster_tell(d, &e);
	}
}

/* The first is under way and ends by itself. */
void roster_abandon(struct person *p)
{
	list_pop_front(&p->roster_edits);
	while (!list_is_empty(&p->roster_edits)) {
		struct list *n = list_pop_front(&p->roster_edits);

		change_answer(&LIST_ITEM(n, struct edit, in_person)->c, E_NOTFOUND);
	}
}

static void copy_op(struct roster_op *to, const struct roster_op *from)
{
	*to = *from;
	to->uri = from->uri.len == 0 ? STR("") : str_dup_lower(from->uri);
	to->name = to->external = to->extension = STR("");
	text_set(&to->name, from->name);
	text_set(&to->external, from->external);
	text_set(&to->extension, from->extension);
}

void roster_change(struct directory *d, account_id owner, uint64_t version,
		   const struct roster_op *ops, size_t count, directory_done_fn *done, void *arg)
{
	struct edit *x = change_new(d, sizeof(*x), done, arg);
	struct person *p = person_get(d, owner);
	bool is_first;

	x->c.apply = apply_edit;
	x->c.after = after;
	x->c.fini = edit_fini;
	x->owner = owner;
	x->version = version;
	if (p == NULL || count > ROSTER_OPS_MAX) {
		change_answer(&x->c, p == NULL ? E_NOTFOUND : E_TOOBIG);
		return;
	}
	x->op = xcalloc(count + 1, sizeof(*x->op));
	x->count = count;
	for (size_t i = 0; i < count; i++)
		copy_op(&x->op[i], &ops[i]);
	is_first = list_is_empty(&p->roster_edits);
	list_push_back(&p->roster_edits, &x->in_person);
	if (is_first)
		begin(x, p);
}
