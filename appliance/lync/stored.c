#include "lync/stored.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "db/lync_categories.h"
#include "db/store.h"

struct stored_op {
	struct store_op op;
	struct db_lync_category c; /* owns its strings */
};

static void op_done(struct store_op *op)
{
	struct stored_op *o = CONTAINER_OF(op, struct stored_op, op);

	if (op->err != E_OK &&
	    op->err != E_NOTFOUND) /* the account may have been deleted meanwhile */
		log_warn("lync", "a published category could not be kept: %s", err_str(op->err));
	str_free(&o->c.name);
	str_free(&o->c.xml);
	free(o);
}

static enum err put_run(struct store_op *op, struct db *db)
{
	return db_lync_category_put(db, &CONTAINER_OF(op, struct stored_op, op)->c);
}

static enum err drop_run(struct store_op *op, struct db *db)
{
	return db_lync_category_drop(db, &CONTAINER_OF(op, struct stored_op, op)->c);
}

static void submit(struct lync *l, account_id account, const struct category *c, bool is_drop)
{
	struct stored_op *o;

	if (l->cfg.store == NULL || (c->expire != EXPIRE_STATIC && c->expire != EXPIRE_TIME))
		return;
	o = xcalloc(1, sizeof(*o));
	o->op = (struct store_op){ .cls = STORE_SOON,
				   .run = is_drop ? drop_run : put_run,
				   .done = op_done };
	o->c = (struct db_lync_category){
		.account_id = account,
		.name = str_dup(c->name),
		.instance = c->instance,
		.container = c->container,
		.version = c->version,
		.published_ms = c->published_ms,
		.expires_ms = c->expires_ms,
		.xml = is_drop ? STR_NULL : str_dup(c->xml),
	};
	store_submit(l->cfg.store, &o->op);
}

void lync_stored_put(struct lync *l, account_id account, const struct category *c)
{
	submit(l, account, c, false);
}

void lync_stored_drop(struct lync *l, account_id account, const struct category *c)
{
	submit(l, account, c, true);
}

/* --- boot --- */

struct loading {
	struct store_op op;
	struct lync *lync;
	size_t count;
};

static void load_one(const struct db_lync_category *in, void *arg)
{
	struct loading *ld = arg;
	struct lync_user *u;
	struct category *c;

	if (in->expires_ms != 0 && in->expires_ms <= clk_wall_ms())
		return;
	u = lync_user_of(ld->lync, in->account_id);
	c = categories_make(&u->categories, in->name, (uint32_t)in->instance,
			    (uint32_t)in->container);
	if (c == NULL)
		return;
	c->version = (uint32_t)in->version;
	c->expire = in->expires_ms != 0 ? EXPIRE_TIME : EXPIRE_STATIC;
	c->published_ms = in->published_ms;
	c->expires_ms = in->expires_ms;
	c->xml = str_dup(in->xml);
	ld->count++;
}

static enum err load_run(struct store_op *op, struct db *db)
{
	return db_lync_category_each(db, load_one, CONTAINER_OF(op, struct loading, op));
}

/* All of one person's instances are there before the first of them becomes a facet. */
static void wake(struct lync *l)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&l->users, &it); n != NULL;
	     n = map_next(&l->users, &it))
		lync_user_sync_all(CONTAINER_OF(n, struct lync_user, by_account));
}

enum err lync_stored_load(struct lync *l)
{
	struct loading ld = { .op = { .cls = STORE_QUERY, .run = load_run }, .lync = l };
	enum err err;

	if (l->cfg.store == NULL)
		return E_OK;
	err = store_run_sync(l->cfg.store, &ld.op);
	wake(l);
	log_info("lync", "published categories=%zu people=%zu", ld.count, l->users.count);
	return err;
}
