#include "directory/grants.h"

#include "base/log.h"
#include "base/mem.h"
#include "db/rosters.h"

#include "directory/directory_int.h"

struct loading {
	struct store_op op;
	grant_fn *fn;
	void *arg;
};

static enum err load(struct store_op *op, struct db *db)
{
	const struct loading *l = CONTAINER_OF(op, struct loading, op);

	return db_grant_each(db, l->fn, l->arg);
}

enum err grants_load(struct directory *d, grant_fn *fn, void *arg)
{
	struct loading l = { .op = { .cls = STORE_QUERY, .run = load }, .fn = fn, .arg = arg };
	enum err e = store_run_sync(d->cfg.store, &l.op);

	if (e != E_OK)
		log_error("directory", "access levels could not be read: %s", err_str(e));
	return e;
}

struct grant {
	struct change c;
	account_id owner, member;
	int level;
	bool is_gone;
};

static enum err store(struct store_op *op, struct db *db)
{
	const struct grant *x = CONTAINER_OF(change_of(op), struct grant, c);

	return x->is_gone ? db_grant_drop(db, x->owner, x->member)
			  : db_grant_put(db, x->owner, x->member, x->level);
}

static void submit(struct directory *d, struct grant x, directory_done_fn *done, void *arg)
{
	struct grant *g = change_new(d, sizeof(*g), done, arg);

	g->owner = x.owner;
	g->member = x.member;
	g->level = x.level;
	g->is_gone = x.is_gone;
	change_store(&g->c, store);
}

void grant_set(struct directory *d, account_id owner, account_id member, int level,
	       directory_done_fn *done, void *arg)
{
	submit(d, (struct grant){ .owner = owner, .member = member, .level = level }, done, arg);
}

void grant_clear(struct directory *d, account_id owner, account_id member, directory_done_fn *done,
		 void *arg)
{
	submit(d, (struct grant){ .owner = owner, .member = member, .is_gone = true }, done, arg);
}
