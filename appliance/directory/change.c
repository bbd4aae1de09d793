#include "directory/directory_int.h"

#include <stdlib.h>

#include "base/mem.h"

void *change_new(struct directory *d, size_t size, directory_done_fn *done, void *arg)
{
	struct change *c = xcalloc(1, size);

	c->d = d;
	c->done = done;
	c->arg = arg;
	list_push_back(&d->changes, &c->node);
	return c;
}

/* The one place that frees. */
void change_end(struct change *c, enum err err)
{
	struct directory *d = c->d;

	if (d != NULL) {
		list_del(&c->node);
		d->adding -= c->adding;
		if (err != E_OK && c->on_fail != NULL)
			c->on_fail(c);
		if (c->done != NULL)
			c->done(c->arg, err, err == E_OK ? c->id : 0);
		if (c->after != NULL)
			c->after(c, d, err);
	}
	if (c->fini != NULL)
		c->fini(c);
	free(c);
}

static void on_answer(struct job *j)
{
	struct change *c = CONTAINER_OF(j, struct change, later);

	change_end(c, c->err);
}

void change_answer(struct change *c, enum err err)
{
	c->err = err;
	c->later = (struct job){ .fn = on_answer };
	queue_push(c->d->cfg.queue, &c->later);
}

/* A large import goes into memory in slices, so that no turn is long. */
static void on_apply(struct job *j)
{
	struct change *c = CONTAINER_OF(j, struct change, later);

	if (c->d != NULL && c->apply != NULL && !c->apply(c)) {
		c->later = (struct job){ .fn = on_apply };
		queue_push(c->d->cfg.queue, &c->later);
		return;
	}
	change_end(c, E_OK);
}

static void on_stored(struct store_op *op)
{
	struct change *c = change_of(op);

	if (op->err == E_OK)
		on_apply(&c->later);
	else
		change_end(c, op->err);
}

static void submit(struct change *c, enum store_class cls,
		   enum err (*run)(struct store_op *op, struct db *db))
{
	c->op = (struct store_op){
		.reply = c->d->cfg.queue,
		.cls = cls,
		.run = run,
		.done = on_stored,
	};
	store_submit(c->d->cfg.store, &c->op);
}

void change_store(struct change *c, enum err (*run)(struct store_op *op, struct db *db))
{
	submit(c, STORE_DURABLE, run);
}

void change_read(struct change *c, enum err (*run)(struct store_op *op, struct db *db))
{
	submit(c, STORE_QUERY, run);
}

void changes_abandon(struct directory *d)
{
	struct list *n;

	while ((n = list_pop_front(&d->changes)) != NULL) {
		struct change *c = LIST_ITEM(n, struct change, node);

		c->d = NULL;
		if (c->done != NULL)
			c->done(c->arg, E_GONE, 0);
	}
}
