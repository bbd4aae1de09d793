#include "directory/directory_int.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "db/departments.h"

#include "directory/roster_int.h"

struct unit *unit_get(const struct directory *d, department_id id)
{
	struct map_node *n = map_get_id(&d->units, (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct unit, by_id);
}

struct unit *unit_new(struct directory *d, department_id id, struct str name)
{
	struct unit *u = xcalloc(1, sizeof(*u));

	u->d = (struct department){ .id = id, .name = str_dup(name) };
	list_init(&u->members);
	map_put_id(&d->units, &u->by_id, (uint64_t)id);
	map_put(&d->units_by_name, &u->by_name, u->d.name);
	return u;
}

/* The one place that frees. */
static void unit_free(struct unit *u)
{
	str_free(&u->d.name);
	free(u);
}

void units_fini(struct directory *d)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&d->units, &it); n != NULL;
	     n = map_next(&d->units, &it))
		unit_free(CONTAINER_OF(n, struct unit, by_id));
	map_fini(&d->units);
	map_fini(&d->units_by_name);
}

const struct department *directory_department(const struct directory *d, department_id id)
{
	const struct unit *u = unit_get(d, id);

	return u == NULL ? NULL : &u->d;
}

const struct department *directory_department_find(const struct directory *d, struct str name)
{
	struct map_node *n = map_get(&d->units_by_name, name);

	return n == NULL ? NULL : &CONTAINER_OF(n, struct unit, by_name)->d;
}

static int compare(const void *a, const void *b)
{
	const struct unit *const *x = a, *const *y = b;

	return str_cmp((*x)->d.name, (*y)->d.name);
}

void directory_each_department(const struct directory *d, directory_department_fn *fn, void *arg)
{
	struct unit **v = xcalloc(d->units.count + 1, sizeof(struct unit *));
	size_t count = 0;
	struct map_iter it;

	for (struct map_node *n = map_first(&d->units, &it); n != NULL;
	     n = map_next(&d->units, &it))
		v[count++] = CONTAINER_OF(n, struct unit, by_id);
	qsort(v, count, sizeof(struct unit *), compare);
	for (size_t i = 0; i < count && fn(&v[i]->d, arg); i++) {
	}
	free(v);
}

/* --- changing --- */

struct unit_change {
	struct change c;
	struct str name; /* owned */
	int64_t now_ms;
};

static void unit_change_fini(struct change *c)
{
	str_free(&CONTAINER_OF(c, struct unit_change, c)->name);
}

static struct unit_change *unit_change_new(struct directory *d, department_id id, struct str name,
					   directory_done_fn *done, void *arg)
{
	struct unit_change *x = change_new(d, sizeof(*x), done, arg);

	x->c.id = id;
	x->c.fini = unit_change_fini;
	x->name = str_dup(name);
	x->now_ms = clk_wall_ms();
	return x;
}

static struct unit_change *unit_change_of(struct store_op *op)
{
	return CONTAINER_OF(change_of(op), struct unit_change, c);
}

static enum err name_check(struct str name)
{
	return str_trim(name).len == 0 ? E_BAD : text_check(name);
}

static enum err store_add(struct store_op *op, struct db *db)
{
	struct unit_change *x = unit_change_of(op);

	return db_department_add(db, x->name, x->now_ms, &x->c.id);
}

static bool apply_add(struct change *c)
{
	struct unit *u = unit_new(c->d, c->id, CONTAINER_OF(c, struct unit_change, c)->name);

	directory_tell_departments(c->d, DEPARTMENT_ADDED, &u->d);
	return true;
}

void directory_department_add(struct directory *d, struct str name, directory_done_fn *done,
			      void *arg)
{
	struct unit_change *x = unit_change_new(d, 0, name, done, arg);
	enum err e = name_check(name);

	if (e == E_OK && d->units.count >= DEPARTMENTS_MAX)
		e = E_FULL;
	x->c.apply = apply_add;
	if (e == E_OK)
		change_store(&x->c, store_add);
	else
		change_answer(&x->c, e);
}

static enum err store_rename(struct store_op *op, struct db *db)
{
	struct unit_change *x = unit_change_of(op);

	return db_department_rename(db, x->c.id, x->name);
}

static bool apply_rename(struct change *c)
{
	struct unit *u = unit_get(c->d, c->id);

	if (u == NULL)
		return true;
	map_del(&c->d->units_by_name, &u->by_name);
	text_set(&u->d.name, CONTAINER_OF(c, struct unit_change, c)->name);
	map_put(&c->d->units_by_name, &u->by_name, u->d.name);
	directory_tell_departments(c->d, DEPARTMENT_RENAMED, &u->d);
	roster_on_renamed(c->d, u);
	return true;
}

void directory_department_rename(struct directory *d, department_id id, struct str name,
				 directory_done_fn *done, void *arg)
{
	struct unit_change *x = unit_change_new(d, id, name, done, arg);
	enum err e = name_check(name);

	x->c.apply = apply_rename;
	if (e == E_OK)
		change_store(&x->c, store_rename);
	else
		change_answer(&x->c, e);
}

static enum err store_delete(struct store_op *op, struct db *db)
{
	return db_department_delete(db, unit_change_of(op)->c.id);
}

static bool apply_delete(struct change *c)
{
	struct directory *d = c->d;
	struct unit *u = unit_get(d, c->id);

	if (u == NULL)
		return true;
	roster_on_dissolved(d, u);
	while (!list_is_empty(&u->members)) {
		struct person *p = LIST_ITEM(u->members.next, struct person, in_unit);

		person_set_department(d, p, 0);
		directory_tell(d, DIRECTORY_CHANGED, &p->a);
	}
	map_del(&d->units, &u->by_id);
	map_del(&d->units_by_name, &u->by_name);
	directory_tell_departments(d, DEPARTMENT_DELETED, &u->d);
	unit_free(u);
	return true;
}

void directory_department_delete(struct directory *d, department_id id, directory_done_fn *done,
				 void *arg)
{
	struct unit_change *x = unit_change_new(d, id, STR(""), done, arg);

	x->c.apply = apply_delete;
	change_store(&x->c, store_delete);
}
