/* filter_disk.c: the policy among the settings: im.links, im.link_hosts, im.link_warning, im.files, im.extensions,
 * im.disclaimer. */
#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/settings.h"

#include "immcu/filter_int.h"

static const char *const action_name[] = {
	[FILTER_ALLOW] = "allow", [FILTER_WARN] = "warn", [FILTER_BLOCK] = "block"
};

/* --- saving --- */

struct save_op {
	struct im_op o;
	struct filter_policy v; /* owned strings */
	filter_done_fn *done;
	void *arg;
};

static struct save_op *save_of(struct im_op *o)
{
	return CONTAINER_OF(o, struct save_op, o);
}

static enum err save_run(struct store_op *op, struct db *db)
{
	const struct filter_policy *p = &save_of(CONTAINER_OF(op, struct im_op, op))->v;
	const struct {
		struct str key, value;
	} rows[] = {
		{ STR("im.links"), str_of(action_name[p->links]) },
		{ STR("im.link_hosts"), p->link_hosts },
		{ STR("im.link_warning"), p->link_warning },
		{ STR("im.files"), str_of(action_name[p->files]) },
		{ STR("im.extensions"), p->extensions },
		{ STR("im.disclaimer"), p->disclaimer },
	};
	enum err e = E_OK;

	for (size_t i = 0; i < ARRAY_LEN(rows) && e == E_OK; i++)
		e = db_setting_set(db, rows[i].key, rows[i].value);
	return e;
}

static void save_free(struct im_op *o)
{
	filter_policy_fini(&save_of(o)->v);
	free(save_of(o));
}

static void save_done(struct im_op *o)
{
	struct save_op *x = save_of(o);

	if (o->op.err == E_OK)
		filter_set(o->m, &x->v);
	if (x->done != NULL)
		x->done(x->arg, o->op.err);
	save_free(o);
}

void filter_save(struct immcu *m, const struct filter_policy *p, filter_done_fn *done, void *arg)
{
	struct save_op *x = xcalloc(1, sizeof(*x));

	filter_policy_copy(&x->v, p);
	x->done = done;
	x->arg = arg;
	x->o.done = save_done;
	x->o.free = save_free;
	im_op_submit(m, &x->o, STORE_DURABLE, save_run);
}

/* --- boot --- */

struct load_op {
	struct store_op op;
	struct filter_policy v; /* owned strings */
};

static enum err load_text(struct db *db, struct str key, struct str *out)
{
	struct buf b;
	enum err e;

	buf_init(&b, FILTER_LIST_MAX);
	e = db_setting_get(db, key, &b);
	if (e == E_OK && buf_err(&b) == E_OK)
		*out = str_dup(buf_str(&b));
	buf_fini(&b);
	return e == E_NOTFOUND ? E_OK : e;
}

/* A word this program does not know blocks: the rule was meant to hold something up. */
static enum err load_action(struct db *db, struct str key, enum filter_action *out)
{
	struct str s = STR_NULL;
	enum err e = load_text(db, key, &s);

	*out = s.len == 0 || str_eqz(s, action_name[FILTER_ALLOW]) ? FILTER_ALLOW
	       : str_eqz(s, action_name[FILTER_WARN])		   ? FILTER_WARN
								   : FILTER_BLOCK;
	str_free(&s);
	return e;
}

static enum err load_run(struct store_op *op, struct db *db)
{
	struct filter_policy *v = &CONTAINER_OF(op, struct load_op, op)->v;
	enum err e = load_action(db, STR("im.links"), &v->links);

	if (e == E_OK)
		e = load_action(db, STR("im.files"), &v->files);
	if (e == E_OK)
		e = load_text(db, STR("im.link_hosts"), &v->link_hosts);
	if (e == E_OK)
		e = load_text(db, STR("im.link_warning"), &v->link_warning);
	if (e == E_OK)
		e = load_text(db, STR("im.extensions"), &v->extensions);
	return e != E_OK ? e : load_text(db, STR("im.disclaimer"), &v->disclaimer);
}

enum err filter_load(struct immcu *m)
{
	struct load_op x = { .op = { .cls = STORE_QUERY, .run = load_run } };
	enum err e = store_run_sync(m->cfg.store, &x.op);

	if (e == E_OK)
		filter_set(m, &x.v);
	filter_policy_fini(&x.v);
	return e;
}
