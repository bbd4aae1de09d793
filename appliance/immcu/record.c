/* record.c: conversations' records on their way to the disk: on it within a second, never the text. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/immcu_int.h"

struct record_op {
	struct im_op o;
	struct db_record record;
	struct db_participant *participants; /* owned, with their strings */
	size_t count;
	struct timer again;
};

static struct record_op *of(struct im_op *o)
{
	return CONTAINER_OF(o, struct record_op, o);
}

static void op_free(struct im_op *o)
{
	struct record_op *x = of(o);

	timer_stop(o->m->cfg.heap, &x->again);
	for (size_t i = 0; i < x->count; i++) {
		str_free(&x->participants[i].uri);
		str_free(&x->participants[i].client);
		str_free(&x->participants[i].invited_by);
	}
	str_free(&x->record.begun_by);
	free(x->participants);
	free(x);
}

static enum err op_run(struct store_op *op, struct db *db)
{
	struct record_op *x = of(CONTAINER_OF(op, struct im_op, op));

	return db_record_put(db, &x->record, x->participants, x->count);
}

static void op_done(struct im_op *o);

static void op_submit(struct record_op *x)
{
	x->o.done = op_done;
	x->o.free = op_free;
	im_op_submit(x->o.m, &x->o, STORE_SOON, op_run);
}

static void on_again(struct timer *t, void *arg)
{
	(void)t;
	op_submit(arg);
}

/* A disk that failed is asked again: with what the conversation has become, or for an ended one with
 * the same. */
static void op_done(struct im_op *o)
{
	struct record_op *x = of(o);
	struct conversation *c = conversation_get(o->m, x->record.id);

	if (o->op.err == E_OK || o->m->is_stopped) {
		op_free(o);
		return;
	}
	if (c != NULL) {
		LIST_EACH (&c->participants, n)
			LIST_ITEM(n, struct participant, in_conversation)->is_dirty = true;
		record_touch(c);
		op_free(o);
		return;
	}
	list_push_back(&o->m->ops, &o->in_ops); /* so that immcu_free finds it */
	timer_start(o->m->cfg.heap, &x->again, clk_ms() + IM_ROW_RETRY_MS);
}

static void write_one(struct conversation *c)
{
	struct record_op *x = xcalloc(1, sizeof(*x));

	x->o.m = c->m;
	timer_init(&x->again, on_again, x);
	x->record = c->record;
	x->record.begun_by = str_dup(c->record.begun_by);
	x->participants = xcalloc(c->n_participants + 1, sizeof(*x->participants));
	LIST_EACH (&c->participants, n) {
		struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

		if (!p->is_dirty)
			continue;
		if (x->count == DB_PARTICIPANTS_MAX)
			break; /* the rest stays dirty, for the next flush */
		p->is_dirty = false;
		x->participants[x->count++] = (struct db_participant){
			.uri = str_dup(p->uri),
			.account_id = p->account,
			.sent = p->sent,
			.received = p->received,
			.client = str_dup(p->client),
			.dialect = p->has_dialect ? str_of(dialect_name(p->dialect)) : STR_NULL,
			.joined_ms = p->joined_ms,
			.left_ms = p->left_ms,
			.invited_by = str_dup(p->invited_by),
		};
	}
	op_submit(x);
}

void record_flush(struct immcu *m)
{
	struct list *n;

	timer_stop(m->cfg.heap, &m->flush);
	while ((n = list_pop_front(&m->dirty)) != NULL)
		write_one(LIST_ITEM(n, struct conversation, in_dirty));
}

void record_touch(struct conversation *c)
{
	struct immcu *m = c->m;

	if (!list_is_linked(&c->in_dirty))
		list_push_back(&m->dirty, &c->in_dirty);
	if (!timer_is_running(&m->flush))
		timer_start(m->cfg.heap, &m->flush, clk_ms() + IM_RECORD_FLUSH_MS);
}

/* --- a copy that arrived after the end --- */

struct late_op {
	struct im_op o;
	int64_t record;
	account_id to;
	struct str client; /* owned */
	struct str dialect;
	/* Read from the disk, and written back. */
	struct db_record found;
	struct db_participant who; /* owns its uri */
	bool is_found;
};

static void late_free(struct im_op *o)
{
	struct late_op *x = CONTAINER_OF(o, struct late_op, o);

	str_free(&x->client);
	str_free(&x->who.uri);
	str_free(&x->who.invited_by);
	str_free(&x->found.begun_by);
	free(x);
}

static void late_read(const struct db_record *r, const struct db_participant *p, size_t count,
		      void *arg)
{
	struct late_op *x = arg;

	for (size_t i = 0; i < count && !x->is_found; i++) {
		if (p[i].account_id != x->to)
			continue;
		x->is_found = true;
		x->found = *r;
		x->found.begun_by = str_dup(r->begun_by);
		x->who = p[i];
		x->who.uri = str_dup(p[i].uri);
		x->who.invited_by = str_dup(p[i].invited_by);
	}
}

static enum err late_run(struct store_op *op, struct db *db)
{
	struct late_op *x = CONTAINER_OF(CONTAINER_OF(op, struct im_op, op), struct late_op, o);
	enum err e = db_record_get(db, x->record, late_read, x);

	if (e != E_OK || !x->is_found)
		return e;
	x->who.received++;
	x->who.client = x->client;
	x->who.dialect = x->dialect;
	return db_record_put(db, &x->found, &x->who, 1);
}

static void late_done(struct im_op *o)
{
	if (o->op.err != E_OK && o->op.err != E_NOTFOUND)
		log_warn("immcu", "record=%lld event=late-copy-not-counted error=\"%s\"",
			 (long long)CONTAINER_OF(o, struct late_op, o)->record, err_str(o->op.err));
	late_free(o);
}

void record_late_copy(struct immcu *m, int64_t id, account_id to, const struct endpoint *e)
{
	struct late_op *x = xcalloc(1, sizeof(*x));

	x->record = id;
	x->to = to;
	if (e != NULL) {
		x->client = str_dup(e->user_agent);
		x->dialect = str_of(dialect_name(e->dialect));
	}
	x->o.done = late_done;
	x->o.free = late_free;
	im_op_submit(m, &x->o, STORE_SOON, late_run);
}

/* --- boot --- */

struct load_op {
	struct store_op op;
	int64_t last_id;
};

static enum err load_run(struct store_op *op, struct db *db)
{
	return db_record_last_id(db, &CONTAINER_OF(op, struct load_op, op)->last_id);
}

static enum err close_run(struct store_op *op, struct db *db)
{
	(void)op;
	return db_record_close_open(db, CONV_END_CRASH);
}

/* A full disk must not keep the server down: records left open are closed at the next start then. */
enum err record_load(struct immcu *m)
{
	struct load_op x = { .op = { .cls = STORE_QUERY, .run = load_run } };
	struct store_op close = { .cls = STORE_DURABLE, .run = close_run };
	enum err e = store_run_sync(m->cfg.store, &x.op);

	if (e != E_OK)
		return e;
	m->last_conversation = x.last_id;
	e = store_run_sync(m->cfg.store, &close);
	if (e != E_OK)
		log_warn("immcu", "event=records-left-open error=\"%s\"", err_str(e));
	return E_OK;
}
