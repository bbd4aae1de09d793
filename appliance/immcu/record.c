/* record.c: conversations' records on their way to the disk: on it within a second, never the text. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/immcu_int.h"

/* One conversation's record as it was when it was handed over. */
struct record_row {
	struct db_record record;
	struct db_participant *people; /* owned; what they and the record name lies behind them */
	size_t count;
};

/* Many conversations change within one flush; together they cost one operation, one savepoint and one
 * wake-up of the store. */
struct record_op {
	struct im_op o;
	struct timer again;
	size_t count;
	struct record_row rows[];
};

static struct record_op *of(struct im_op *o)
{
	return CONTAINER_OF(o, struct record_op, o);
}

static void op_free(struct im_op *o)
{
	struct record_op *x = of(o);

	timer_stop(o->m->cfg.heap, &x->again);
	for (size_t i = 0; i < x->count; i++)
		free(x->rows[i].people);
	free(x);
}

static enum err op_run(struct store_op *op, struct db *db)
{
	struct record_op *x = of(CONTAINER_OF(op, struct im_op, op));
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < x->count; i++)
		e = db_record_put(db, &x->rows[i].record, x->rows[i].people, x->rows[i].count);
	return e;
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

static struct record_op *op_new(struct immcu *m, size_t rows)
{
	struct record_op *x = xcalloc(1, sizeof(*x) + rows * sizeof(x->rows[0]));

	x->o.m = m;
	timer_init(&x->again, on_again, x);
	return x;
}

static bool is_taken(const struct participant *p, size_t count)
{
	return p->is_dirty &&
	       count < DB_PARTICIPANTS_MAX; /* the rest stays dirty, for the next flush */
}

static struct str put(char **at, struct str s)
{
	struct str copy = str_n(*at, s.len);

	if (s.len > 0)
		memcpy(*at, s.p, s.len);
	*at += s.len;
	return copy;
}

/* A copy in one piece: people first, then the strings. */
static void row_fill(struct record_row *r, struct conversation *c)
{
	size_t bytes = c->record.begun_by.len, n_people = 0;
	char *at;

	LIST_EACH (&c->participants, n) {
		const struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

		if (!is_taken(p, n_people))
			continue;
		n_people++;
		bytes += p->uri.len + p->client.len + p->invited_by.len;
	}
	r->people = xmalloc(n_people * sizeof(*r->people) + bytes + 1);
	at = (char *)&r->people[n_people];
	r->record = c->record;
	r->record.begun_by = put(&at, c->record.begun_by);
	LIST_EACH (&c->participants, n) {
		struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

		if (!is_taken(p, r->count))
			continue;
		p->is_dirty = false;
		r->people[r->count++] = (struct db_participant){
			.uri = put(&at, p->uri),
			.account_id = p->account,
			.sent = p->sent,
			.received = p->received,
			.client = put(&at, p->client),
			.dialect = p->has_dialect ? str_of(dialect_name(p->dialect)) : STR_NULL,
			.joined_ms = p->joined_ms,
			.left_ms = p->left_ms,
			.invited_by = put(&at, p->invited_by),
		};
	}
}

/* Everything about it has to be written once more. */
static void soil(struct conversation *c)
{
	LIST_EACH (&c->participants, n)
		LIST_ITEM(n, struct participant, in_conversation)->is_dirty = true;
}

/* One that cannot be written must not keep the others from the disk: each tries again by itself, with
 * what the conversation has become, so that nothing newer is overwritten. */
static void split(struct record_op *x)
{
	for (size_t i = 0; i < x->count; i++) {
		struct record_op *one = op_new(x->o.m, 1);
		struct conversation *c = conversation_get(x->o.m, x->rows[i].record.id);

		one->count = 1;
		if (c == NULL) {
			one->rows[0] = x->rows[i];
			x->rows[i].people = NULL;
		} else {
			soil(c);
			list_del(&c->in_dirty);
			row_fill(&one->rows[0], c);
		}
		op_submit(one);
	}
	op_free(&x->o);
}

/* A disk that failed is asked again: with what the conversation has become, or for an ended one with
 * the same. */
static void op_done(struct im_op *o)
{
	struct record_op *x = of(o);
	struct conversation *c;

	if (o->op.err == E_OK || o->m->is_stopped) {
		op_free(o);
		return;
	}
	if (x->count > 1) {
		split(x);
		return;
	}
	c = conversation_get(o->m, x->rows[0].record.id);
	if (c != NULL) {
		soil(c);
		record_touch(c);
		op_free(o);
		return;
	}
	list_push_back(&o->m->ops, &o->in_ops); /* so that immcu_free finds it */
	timer_start(o->m->cfg.heap, &x->again, clk_ms() + IM_ROW_RETRY_MS);
}

static void write_some(struct immcu *m)
{
	struct record_op *x;
	size_t n = 0;
	struct list *l;

	for (l = m->dirty.next; l != &m->dirty && n < IM_RECORD_BATCH; l = l->next)
		n++;
	x = op_new(m, n);
	while (x->count < n && (l = list_pop_front(&m->dirty)) != NULL)
		row_fill(&x->rows[x->count++], LIST_ITEM(l, struct conversation, in_dirty));
	op_submit(x);
}

void record_flush(struct immcu *m)
{
	timer_stop(m->cfg.heap, &m->flush);
	while (!list_is_empty(&m->dirty))
		write_some(m);
}

/* Some at a time: the timer is due again at once, and the loop decides when. */
void record_flush_some(struct immcu *m)
{
	if (!list_is_empty(&m->dirty))
		write_some(m);
	if (!list_is_empty(&m->dirty))
		timer_start(m->cfg.heap, &m->flush, clk_ms());
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
