/* Changing, disabling and deleting one account; its password. */
#include "directory/directory_int.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/password.h"

#include "directory/credential.h"
#include "directory/roster_int.h"

/* --- data --- */

struct edit {
	struct change c;
	struct account_change want;		 /* its texts point below */
	struct str display, email, title, phone; /* owned */
	department_id department;
	bool enabled;
};

static struct edit *edit_of(struct change *c)
{
	return CONTAINER_OF(c, struct edit, c);
}

static void edit_fini(struct change *c)
{
	struct edit *x = edit_of(c);

	str_free(&x->display);
	str_free(&x->email);
	str_free(&x->title);
	str_free(&x->phone);
}

static enum err store_edit(struct store_op *op, struct db *db)
{
	const struct account_change *w = &edit_of(change_of(op))->want;
	struct db_account_change c = {
		.id = w->id,
		.display = w->display,
		.email = w->email,
		.title = w->title,
		.phone = w->phone,
		.department_id = w->department,
		.enabled = w->enabled,
	};

	return db_account_update(db, &c);
}

static bool apply_edit(struct change *c)
{
	const struct account_change *w = &edit_of(c)->want;
	struct person *p = person_get(c->d, w->id);
	department_id was_in;
	bool was_enabled;

	if (p == NULL)
		return true;
	was_enabled = p->a.enabled;
	was_in = p->a.department;
	if (w->display != NULL)
		text_set(&p->a.display, *w->display);
	if (w->email != NULL)
		text_set(&p->a.email, *w->email);
	if (w->title != NULL)
		text_set(&p->a.title, *w->title);
	if (w->phone != NULL)
		text_set(&p->a.phone, *w->phone);
	if (w->department != NULL)
		person_set_department(c->d, p, *w->department);
	if (w->enabled != NULL)
		p->a.enabled = *w->enabled;
	if (w->display != NULL || w->email != NULL || w->title != NULL || w->phone != NULL ||
	    w->department != NULL)
		directory_tell(c->d, DIRECTORY_CHANGED, &p->a);
	if (p->a.enabled != was_enabled)
		directory_tell(c->d, DIRECTORY_DISABLED, &p->a);
	roster_on_moved(c->d, &p->a, was_in);
	return true;
}

static enum err keep_text(struct str *own, const struct str **field)
{
	if (*field == NULL)
		return E_OK;
	*own = str_dup(**field);
	*field = own;
	return text_check(*own);
}

static enum err keep(struct edit *x)
{
	struct account_change *w = &x->want;
	enum err e = keep_text(&x->display, &w->display);

	if (e == E_OK)
		e = keep_text(&x->email, &w->email);
	if (e == E_OK)
		e = keep_text(&x->title, &w->title);
	if (e == E_OK)
		e = keep_text(&x->phone, &w->phone);
	if (w->department != NULL) {
		x->department = *w->department;
		w->department = &x->department;
	}
	if (w->enabled != NULL) {
		x->enabled = *w->enabled;
		w->enabled = &x->enabled;
	}
	return e;
}

void directory_change(struct directory *d, const struct account_change *c, directory_done_fn *done,
		      void *arg)
{
	struct edit *x = change_new(d, sizeof(*x), done, arg);
	enum err e;

	x->c.id = c->id;
	x->c.apply = apply_edit;
	x->c.fini = edit_fini;
	x->want = *c;
	e = keep(x);
	if (e == E_OK)
		change_store(&x->c, store_edit);
	else
		change_answer(&x->c, e);
}

/* --- password --- */

struct new_password {
	struct change c;
	struct work work;
	struct credential cred;
	int64_t now_ms;
};

static struct new_password *new_password_of(struct change *c)
{
	return CONTAINER_OF(c, struct new_password, c);
}

static void new_password_fini(struct change *c)
{
	credential_fini(&new_password_of(c)->cred);
}

static enum err store_password(struct store_op *op, struct db *db)
{
	struct new_password *x = new_password_of(change_of(op));

	return db_account_set_password(db, x->c.id, &x->cred.made, x->now_ms);
}

static bool apply_password(struct change *c)
{
	struct new_password *x = new_password_of(c);
	struct person *p = person_get(c->d, c->id);

	if (p == NULL)
		return true;
	person_set_credential(p, &x->cred.made);
	p->a.password_set_ms = x->now_ms;
	directory_tell(c->d, DIRECTORY_PASSWORD, &p->a);
	return true;
}

static void hash(struct work *w)
{
	struct new_password *x = CONTAINER_OF(w, struct new_password, work);

	x->c.err = credential_make(&x->cred);
}

static void on_hashed(struct work *w)
{
	struct new_password *x = CONTAINER_OF(w, struct new_password, work);

	if (x->c.d == NULL || w->cancelled || x->c.err != E_OK) {
		change_end(&x->c, w->cancelled ? E_GONE : x->c.err);
		return;
	}
	/* Forbidden since: see directory_allow_nt. */
	x->cred.made.has_nt = x->cred.made.has_nt && x->c.d->allows_nt;
	change_store(&x->c, store_password);
}

void directory_set_password(struct directory *d, account_id id, struct str password,
			    directory_done_fn *done, void *arg)
{
	struct new_password *x = change_new(d, sizeof(*x), done, arg);
	const struct person *p = person_get(d, id);
	const char *why;
	enum err e = E_OK;

	x->c.id = id;
	x->c.apply = apply_password;
	x->c.fini = new_password_fini;
	x->now_ms = clk_wall_ms();
	if (p == NULL)
		e = E_NOTFOUND;
	else if (d->domain.len == 0)
		e = E_DENIED;
	else if (password_check(password, p->a.name, &why) != E_OK)
		e = E_BAD;
	if (e == E_OK) {
		credential_init(&x->cred, p->a.name, d->domain, password, d->allows_nt);
		x->work = (struct work){
			.run = hash,
			.done = on_hashed,
			.reply = d->cfg.queue,
			.cls = WORK_HEAVY,
		};
		e = worker_submit(d->cfg.workers, &x->work) == E_OK ? E_OK : E_AGAIN;
	}
	if (e != E_OK)
		change_answer(&x->c, e);
}

/* --- going --- */

static enum err store_delete(struct store_op *op, struct db *db)
{
	return db_account_delete(db, change_of(op)->id);
}

static bool apply_delete(struct change *c)
{
	struct person *p = person_get(c->d, c->id);
	department_id was_in;

	if (p == NULL)
		return true;
	was_in = p->a.department;
	roster_abandon(p);
	person_remove(c->d, p);
	log_info("directory", "deleted=%.*s", STR_ARG(p->a.name));
	directory_tell(c->d, DIRECTORY_DELETED, &p->a);
	subscribers_drop_watcher(c->d, p->a.id);
	roster_on_moved(c->d, &p->a, was_in);
	person_free(p);
	return true;
}

void directory_delete(struct directory *d, account_id id, directory_done_fn *done, void *arg)
{
	struct change *c = change_new(d, sizeof(*c), done, arg);

	c->id = id;
	c->apply = apply_delete;
	change_store(c, store_delete);
}

/* --- the last sign-in --- */

struct sign_in {
	struct store_op op;
	account_id id;
	int64_t now_ms;
};

static enum err store_sign_in(struct store_op *op, struct db *db)
{
	struct sign_in *x = CONTAINER_OF(op, struct sign_in, op);
	enum err e = db_account_signed_in(db, x->id, x->now_ms);

	return e == E_NOTFOUND ? E_OK : e; /* deleted meanwhile */
}

static void sign_in_free(struct store_op *op)
{
	free(CONTAINER_OF(op, struct sign_in, op));
}

void directory_signed_in(struct directory *d, account_id id)
{
	struct person *p = person_get(d, id);
	struct sign_in *x;

	if (p == NULL)
		return;
	p->a.last_sign_in_ms = clk_wall_ms();
	x = xcalloc(1, sizeof(*x));
	*x = (struct sign_in){
		.op = { .cls = STORE_SOON, .run = store_sign_in, .done = sign_in_free },
		.id = id,
		.now_ms = p->a.last_sign_in_ms,
	};
	store_submit(d->cfg.store, &x->op);
}
