/* Adding accounts: checked, hashed one after the other on a worker, stored together, then in memory.
 *
 *   checked ──fault──► refused
 *      │
 *   hashing (one job each, so that other passwords get their turn between two of an import)
 *      │
 *   storing (one operation: all or none) ──► in memory, in slices ──► done */
#include "directory/directory_int.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/password.h"

#include "directory/credential.h"
#include "directory/roster_int.h"

enum { SLICE = 256 }; /* accounts that come into memory in one turn: under 1 ms with their listeners */

/* One account; its texts are owned. */
struct row {
	struct db_account a;
	struct credential cred;
	struct map_node by_name; /* while checking */
};

struct adding {
	struct change c;
	struct work work;
	struct worker_pool *workers;
	struct row *row; /* owned */
	size_t count;
	size_t hashed, applied;
	size_t fault;    /* index of the row to blame; count: none */
	size_t *bad_out; /* may be NULL */
	int64_t now_ms;
};

static struct adding *adding_of(struct change *c)
{
	return CONTAINER_OF(c, struct adding, c);
}

static void adding_fini(struct change *c)
{
	struct adding *x = adding_of(c);

	for (size_t i = 0; i < x->count; i++) {
		struct row *r = &x->row[i];

		str_free(&r->a.name);
		str_free(&r->a.display);
		str_free(&r->a.email);
		str_free(&r->a.title);
		str_free(&r->a.phone);
		credential_fini(&r->cred);
	}
	free(x->row);
}

static void on_fail(struct change *c)
{
	struct adding *x = adding_of(c);

	if (x->bad_out != NULL)
		*x->bad_out = x->fault;
}

/* --- checking --- */

static enum err check_row(const struct directory *d, const struct account_new *n)
{
	const struct str text[] = { n->display, n->email, n->title, n->phone };
	const char *why;
	enum err e = directory_check_name(n->name, &why);

	for (size_t i = 0; e == E_OK && i < ARRAY_LEN(text); i++)
		e = text_check(text[i]);
	if (e == E_OK && password_check(n->password, n->name, &why) != E_OK)
		e = E_BAD;
	if (e == E_OK && directory_find(d, n->name) != NULL)
		e = E_EXISTS;
	if (e == E_OK && n->department != 0 && unit_get(d, n->department) == NULL)
		e = E_NOTFOUND;
	return e;
}

static enum err check(struct adding *x, const struct account_new *n)
{
	struct directory *d = x->c.d;
	enum err e = E_OK;
	struct map names;

	if (d->domain.len == 0)
		return E_DENIED;
	if (d->by_id.count + d->adding > ACCOUNTS_MAX)
		return E_FULL;
	map_init(&names);
	for (size_t i = 0; e == E_OK && i < x->count; i++) {
		e = check_row(d, &n[i]);
		if (e == E_OK && map_get(&names, n[i].name) != NULL)
			e = E_EXISTS;
		if (e == E_OK)
			map_put(&names, &x->row[i].by_name, x->row[i].a.name);
		else
			x->fault = i;
	}
	map_fini(&names);
	return e;
}

/* --- storing --- */

static enum err store(struct store_op *op, struct db *db)
{
	struct adding *x = adding_of(change_of(op));
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < x->count; i++) {
		struct row *r = &x->row[i];

		e = db_account_add(db, &r->a, &r->cred.made, &r->a.id);
		if (e == E_EXISTS || e == E_NOTFOUND) /* an earlier change took the name, or the department away */
			x->fault = i;
	}
	if (x->count == 1)
		x->c.id = x->row[0].a.id;
	return e;
}

static bool apply(struct change *c)
{
	struct adding *x = adding_of(c);
	struct person *p[SLICE];
	size_t n = 0;

	for (; n < SLICE && x->applied < x->count; n++, x->applied++)
		p[n] = person_new(c->d, &x->row[x->applied].a, &x->row[x->applied].cred.made);
	persons_sort_in(c->d, p, n);
	for (size_t i = 0; i < n; i++) {
		directory_tell(c->d, DIRECTORY_ADDED, &p[i]->a);
		roster_on_moved(c->d, &p[i]->a, 0);
	}
	if (x->applied < x->count)
		return false;
	log_info("directory", "added=%zu first=%.*s", x->count, STR_ARG(x->row[0].a.name));
	return true;
}

/* --- hashing --- */

static void hash(struct work *w)
{
	struct adding *x = CONTAINER_OF(w, struct adding, work);

	x->c.err = credential_make(&x->row[x->hashed].cred);
}

static void hash_next(struct adding *x);

static void on_hashed(struct work *w)
{
	struct adding *x = CONTAINER_OF(w, struct adding, work);
	struct directory *d = x->c.d;

	if (d == NULL || w->cancelled || x->c.err != E_OK) {
		change_end(&x->c, w->cancelled ? E_GONE : x->c.err);
		return;
	}
	if (++x->hashed < x->count) {
		hash_next(x);
		return;
	}
	for (size_t i = 0; i < x->count; i++) /* forbidden since: see directory_allow_nt */
		x->row[i].cred.made.has_nt = x->row[i].cred.made.has_nt && d->allows_nt;
	change_store(&x->c, store);
}

static void hash_next(struct adding *x)
{
	x->work = (struct work){
		.run = hash,
		.done = on_hashed,
		.reply = x->c.d->cfg.queue,
		.cls = WORK_HEAVY,
	};
	if (worker_submit(x->workers, &x->work) != E_OK)
		change_answer(&x->c, E_AGAIN);
}

/* --- beginning --- */

static void fill(struct adding *x, const struct account_new *n)
{
	for (size_t i = 0; i < x->count; i++) {
		struct row *r = &x->row[i];

		r->a = (struct db_account){
			.name = str_dup(n[i].name),
			.display = str_dup(n[i].display),
			.email = str_dup(n[i].email),
			.title = str_dup(n[i].title),
			.phone = str_dup(n[i].phone),
			.department_id = n[i].department,
			.enabled = true,
			.created_ms = x->now_ms,
			.password_set_ms = x->now_ms,
		};
		credential_init(&r->cred, n[i].name, x->c.d->domain, n[i].password, x->c.d->allows_nt);
	}
}

void directory_add_many(struct directory *d, const struct account_new *n, size_t count, size_t *bad_out,
			directory_done_fn *done, void *arg)
{
	struct adding *x = change_new(d, sizeof(*x), done, arg);
	enum err e;

	x->c.apply = apply;
	x->c.on_fail = on_fail;
	x->c.fini = adding_fini;
	x->c.adding = count;
	x->workers = d->cfg.workers;
	x->row = xcalloc(count + 1, sizeof(*x->row));
	x->count = x->fault = count;
	x->bad_out = bad_out;
	x->now_ms = clk_wall_ms();
	if (bad_out != NULL)
		*bad_out = count;
	d->adding += count;
	fill(x, n);
	e = count == 0 ? E_BAD : check(x, n);
	if (e == E_OK)
		hash_next(x);
	else
		change_answer(&x->c, e);
}

void directory_add(struct directory *d, const struct account_new *n, directory_done_fn *done, void *arg)
{
	directory_add_many(d, n, 1, NULL, done, arg);
}
