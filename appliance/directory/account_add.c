/* Adding accounts: checked, hashed one after the other on a worker, stored together, then in memory.
 *
 *   checking, in slices ──fault──► answered
 *      │
 *   hashing (one job each, so that other passwords get their turn between two of an import)
 *      │
 *   storing (one operation: all or none) ──► in memory, in slices ──► done */
#include "directory/directory_int.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/password.h"

#include "directory/credential.h"
#include "directory/roster_int.h"

enum { SLICE = 64 }; /* accounts that are checked, or come into memory, in one turn: under 0.5 ms */

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
	struct account_new *in; /* owned; its texts lie in block */
	char *block;		/* owned; has passwords */
	size_t block_len;
	struct row *row;  /* owned; filled as far as checked */
	struct map names; /* of those */
	size_t count;
	size_t checked, hashed, applied;
	size_t fault;	 /* index of the row to blame; count: none */
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

	for (size_t i = 0; i < x->checked; i++) {
		struct row *r = &x->row[i];

		str_free(&r->a.name);
		str_free(&r->a.display);
		str_free(&r->a.email);
		str_free(&r->a.title);
		str_free(&r->a.phone);
		credential_fini(&r->cred);
	}
	map_fini(&x->names);
	free(x->row);
	free(x->in);
	if (x->block != NULL)
		mem_wipe(x->block, x->block_len);
	free(x->block);
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

static void fill(struct adding *x, struct row *r, const struct account_new *n)
{
	r->a = (struct db_account){
		.name = str_dup(n->name),
		.display = str_dup(n->display),
		.email = str_dup(n->email),
		.title = str_dup(n->title),
		.phone = str_dup(n->phone),
		.department_id = n->department,
		.enabled = true,
		.created_ms = x->now_ms,
		.password_set_ms = x->now_ms,
	};
	credential_init(&r->cred, n->name, x->c.d->domain, n->password, x->c.d->allows_nt);
	map_put(&x->names, &r->by_name, r->a.name);
}

static void hash_next(struct adding *x);

static void on_check(struct job *j)
{
	struct adding *x = adding_of(CONTAINER_OF(j, struct change, later));
	enum err e = E_OK;

	for (size_t left = SLICE; x->c.d != NULL && left > 0 && x->checked < x->count; left--) {
		const struct account_new *n = &x->in[x->checked];

		e = check_row(x->c.d, n);
		if (e == E_OK && map_get(&x->names, n->name) != NULL)
			e = E_EXISTS;
		if (e != E_OK) {
			x->fault = x->checked;
			break;
		}
		fill(x, &x->row[x->checked++], n);
	}
	if (x->c.d == NULL || e != E_OK)
		change_end(&x->c, e);
	else if (x->checked < x->count)
		queue_push(x->c.d->cfg.queue, &x->c.later);
	else
		hash_next(x);
}

/* --- storing --- */

static enum err store(struct store_op *op, struct db *db)
{
	struct adding *x = adding_of(change_of(op));
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < x->count; i++) {
		struct row *r = &x->row[i];

		e = db_account_add(db, &r->a, &r->cred.made, &r->a.id);
		/* an earlier change took the name, or the department away */
		if (e == E_EXISTS || e == E_NOTFOUND)
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

static struct str pack(struct adding *x, struct str s)
{
	struct str copy = { x->block + x->block_len, s.len };

	if (s.len > 0)
		memcpy(x->block + x->block_len, s.p, s.len);
	x->block_len += s.len;
	return copy;
}

/* One block for all texts: a copy of thousands of rows must not take a turn's time either. */
static void keep(struct adding *x, const struct account_new *n)
{
	size_t len = 1;

	for (size_t i = 0; i < x->count; i++)
		len += n[i].name.len + n[i].display.len + n[i].email.len + n[i].title.len +
		       n[i].phone.len + n[i].password.len;
	x->block = xmalloc(len);
	x->in = xcalloc(x->count, sizeof(*x->in));
	x->row = xcalloc(x->count, sizeof(*x->row));
	for (size_t i = 0; i < x->count; i++)
		x->in[i] = (struct account_new){
			.name = pack(x, n[i].name),
			.display = pack(x, n[i].display),
			.email = pack(x, n[i].email),
			.title = pack(x, n[i].title),
			.phone = pack(x, n[i].phone),
			.password = pack(x, n[i].password),
			.department = n[i].department,
		};
}

void directory_add_many(struct directory *d, const struct account_new *n, size_t count,
			size_t *bad_out, directory_done_fn *done, void *arg)
{
	struct adding *x = change_new(d, sizeof(*x), done, arg);
	enum err e = E_OK;

	x->c.apply = apply;
	x->c.on_fail = on_fail;
	x->c.fini = adding_fini;
	x->workers = d->cfg.workers;
	x->count = x->fault = count;
	x->bad_out = bad_out;
	x->now_ms = clk_wall_ms();
	map_init(&x->names);
	if (bad_out != NULL)
		*bad_out = count;
	if (count == 0)
		e = E_BAD;
	else if (d->domain.len == 0)
		e = E_DENIED;
	else if (count > ACCOUNTS_MAX || d->by_id.count + d->adding + count > ACCOUNTS_MAX)
		e = E_FULL;
	if (e != E_OK) {
		change_answer(&x->c, e);
		return;
	}
	x->c.adding = count;
	d->adding += count;
	keep(x, n);
	x->c.later = (struct job){ .fn = on_check };
	queue_push(d->cfg.queue, &x->c.later);
}

void directory_add(struct directory *d, const struct account_new *n, directory_done_fn *done,
		   void *arg)
{
	directory_add_many(d, n, 1, NULL, done, arg);
}
