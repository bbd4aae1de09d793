#include "directory/directory_int.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"
#include "db/departments.h"
#include "db/settings.h"

#include "directory/roster_int.h"

#define KEY_NT "nt_hashes" /* 0: none are kept; absent: they are */

struct directory *directory_new(const struct directory_cfg *cfg)
{
	struct directory *d = xcalloc(1, sizeof(*d));

	d->cfg = *cfg;
	d->allows_nt = true;
	d->contacts_max = ROSTER_CONTACTS_DEFAULT;
	map_init(&d->by_id);
	map_init_fold(&d->by_name);
	map_init(&d->units);
	map_init_fold(&d->units_by_name);
	list_init(&d->changes);
	return d;
}

void directory_free(struct directory **dp)
{
	struct directory *d = *dp;
	struct map_iter it;

	if (d == NULL)
		return;
	for (size_t i = 0; i < d->by_id.count; i++)
		roster_abandon(d->sorted[i]);
	changes_abandon(d);
	for (struct map_node *n = map_first(&d->by_id, &it); n != NULL;
	     n = map_next(&d->by_id, &it))
		person_free(CONTAINER_OF(n, struct person, by_id));
	map_fini(&d->by_id);
	map_fini(&d->by_name);
	units_fini(d);
	free(d->sorted);
	str_free(&d->domain);
	free(d);
	*dp = NULL;
}

/* --- loading --- */

struct loading {
	struct store_op op;
	struct directory *d;
	struct person **v; /* owned */
	size_t count, cap;
};

static void load_department(const struct db_department *p, void *arg)
{
	struct loading *l = arg;

	unit_new(l->d, p->id, p->name);
}

static void load_account(const struct db_account *a, const struct db_credential *c, void *arg)
{
	struct loading *l = arg;

	if (l->count == l->cap) {
		l->cap = l->cap == 0 ? 256 : 2 * l->cap;
		l->v = xrealloc(l->v, l->cap * sizeof(struct person *));
	}
	l->v[l->count++] = person_new(l->d, a, c);
}

static enum err load(struct store_op *op, struct db *db)
{
	struct loading *l = CONTAINER_OF(op, struct loading, op);
	int64_t nt = 1;
	enum err e = db_setting_get_i64(db, STR(KEY_NT), 0, 1, &nt);

	if (e == E_OK || e == E_NOTFOUND) {
		l->d->allows_nt = nt != 0;
		e = db_department_each(db, load_department, l);
	}
	if (e == E_OK)
		e = db_account_each(db, load_account, l);
	if (e == E_OK)
		e = photos_load(l->d, db);
	if (e == E_OK)
		e = rosters_load(l->d, db);
	return e == E_OK ? subscribers_load(l->d, db) : e;
}

enum err directory_load(struct directory *d, struct str domain)
{
	struct loading l = { .op = { .cls = STORE_QUERY, .run = load }, .d = d };
	enum err e;

	assert(d->by_id.count == 0);
	if (domain.len > 0)
		directory_set_domain(d, domain);
	e = store_run_sync(d->cfg.store, &l.op);
	persons_sort_in(d, l.v, l.count);
	free(l.v);
	if (e != E_OK)
		log_error("directory", "accounts could not be read: %s", err_str(e));
	else
		log_info("directory", "accounts=%zu departments=%zu", d->by_id.count,
			 d->units.count);
	return e;
}

void directory_set_domain(struct directory *d, struct str domain)
{
	str_free(&d->domain);
	d->domain = str_dup(domain);
}

struct str directory_domain(const struct directory *d)
{
	return d->domain;
}

/* --- looking --- */

const struct account *directory_get(const struct directory *d, account_id id)
{
	const struct person *p = person_get(d, id);

	return p == NULL ? NULL : &p->a;
}

const struct account *directory_find(const struct directory *d, struct str name)
{
	struct map_node *n = map_get(&d->by_name, name);

	return n == NULL ? NULL : &CONTAINER_OF(n, struct person, by_name)->a;
}

size_t directory_count(const struct directory *d)
{
	return d->by_id.count;
}

/* --- what texts are allowed --- */

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

enum err directory_check_name(struct str name, const char **why_out)
{
	if (name.len == 0 || name.len > ACCOUNT_NAME_MAX) {
		*why_out = "a name has 1 to 64 characters";
		return E_BAD;
	}
	for (size_t i = 0; i < name.len; i++)
		if (!is_name_char(name.p[i])) {
			*why_out =
				"a name consists of lower-case letters a to z, digits, dots, hyphens and underscores";
			return E_BAD;
		}
	if (str_eqz(name, "conference-factory")) {
		*why_out = "this name is the address that makes group chats";
		return E_BAD;
	}
	if (name.p[0] == '.' || name.p[name.len - 1] == '.') {
		*why_out = "a name neither begins nor ends with a dot";
		return E_BAD;
	}
	return E_OK;
}

enum err text_check(struct str s)
{
	if (s.len > ACCOUNT_TEXT_MAX)
		return E_TOOBIG;
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return E_BAD;
	return str_is_utf8(s) ? E_OK : E_BAD;
}

/* --- NT hashes --- */

struct allow_nt {
	struct change c;
	bool is_allowed;
};

static enum err store_allow_nt(struct store_op *op, struct db *db)
{
	struct allow_nt *x = CONTAINER_OF(change_of(op), struct allow_nt, c);
	enum err e = db_setting_set(db, STR(KEY_NT), x->is_allowed ? STR("1") : STR("0"));

	return e == E_OK && !x->is_allowed ? db_account_drop_nt(db) : e;
}

static bool apply_allow_nt(struct change *c)
{
	struct allow_nt *x = CONTAINER_OF(c, struct allow_nt, c);

	if (x->is_allowed)
		return true;
	for (size_t i = 0; i < c->d->by_id.count; i++) {
		struct account *a = &c->d->sorted[i]->a;

		mem_wipe(a->nt_hash, sizeof(a->nt_hash));
		a->has_nt = false;
	}
	return true;
}

void directory_allow_nt(struct directory *d, bool is_allowed, directory_done_fn *done, void *arg)
{
	struct allow_nt *x = change_new(d, sizeof(*x), done, arg);

	/* At once, so that no password which is being hashed gets one behind the sweep. */
	d->allows_nt = is_allowed;
	x->is_allowed = is_allowed;
	x->c.apply = apply_allow_nt;
	change_store(&x->c, store_allow_nt);
}

bool directory_allows_nt(const struct directory *d)
{
	return d->allows_nt;
}

/* --- listeners --- */

void directory_listen(struct directory *d, directory_event_fn *fn, void *arg)
{
	assert(d->n_listeners < DIRECTORY_LISTENERS_MAX);
	d->listener[d->n_listeners++] = (struct listener){ fn, arg };
}

void directory_listen_departments(struct directory *d, department_event_fn *fn, void *arg)
{
	assert(d->n_department_listeners < DIRECTORY_LISTENERS_MAX);
	d->department_listener[d->n_department_listeners++] = (struct department_listener){ fn,
											    arg };
}

void directory_tell(struct directory *d, enum directory_event event, const struct account *a)
{
	for (size_t i = 0; i < d->n_listeners; i++)
		d->listener[i].fn(d->listener[i].arg, event, a);
}

void directory_tell_departments(struct directory *d, enum department_event event,
				const struct department *p)
{
	for (size_t i = 0; i < d->n_department_listeners; i++)
		d->department_listener[i].fn(d->department_listener[i].arg, event, p);
}
