/* offline.c: what waits on disk, and its delivery: oldest first, one at a time.
 *
 *     IDLE ── sign-in, new row ─→ READING ── rows ─→ SENDING ── taken, refused ─→ SENDING or READING
 *      ↑                             └─ none ─→ IDLE     └─ nobody answered ─→ BLOCKED
 *      └──────────── a minute, sign-in, late 2xx ──────────────────────────────────┘
 *
 * Deletions and readings are of one class of the store, so that a page never holds a row whose deletion was
 * asked for before. */
#include <assert.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"

#include "immcu/filter_int.h"
#include "immcu/immcu_int.h"

struct paged {
	struct list in_page;
	int64_t row;
	struct im_copy text;
};

static void drain(struct mailbox *b);

/* --- mailboxes --- */

struct mailbox *mailbox_get(struct immcu *m, account_id account)
{
	struct map_node *n = map_get_id(&m->mailboxes, (uint64_t)account);

	return n == NULL ? NULL : CONTAINER_OF(n, struct mailbox, by_account);
}

static void on_retry(struct timer *t, void *arg)
{
	struct mailbox *b = arg;

	(void)t;
	b->state = DRAIN_IDLE;
	drain(b);
}

struct mailbox *mailbox_make(struct immcu *m, account_id account)
{
	struct mailbox *b = mailbox_get(m, account);

	if (b != NULL)
		return b;
	b = xcalloc(1, sizeof(*b));
	b->m = m;
	b->account = account;
	list_init(&b->live);
	list_init(&b->skipped);
	list_init(&b->page);
	timer_init(&b->retry, on_retry, b);
	map_put_id(&m->mailboxes, &b->by_account, (uint64_t)account);
	return b;
}

static void paged_free(struct paged *p)
{
	list_del(&p->in_page);
	im_copy_fini(&p->text);
	free(p);
}

static void drop_page(struct mailbox *b)
{
	LIST_EACH (&b->page, n)
		paged_free(LIST_ITEM(n, struct paged, in_page));
}

static struct row *row_get(struct immcu *m, int64_t id)
{
	struct map_node *n = map_get_id(&m->rows, (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct row, by_id);
}

static void row_free(struct row *r)
{
	timer_stop(r->m->cfg.heap, &r->retry);
	list_del(&r->in_skipped);
	map_del(&r->m->rows, &r->by_id);
	free(r);
}

/* The one place that frees. */
static void mailbox_free(struct mailbox *b)
{
	drop_page(b);
	timer_stop(b->m->cfg.heap, &b->retry);
	b->m->stats.waiting -= b->rows;
	LIST_EACH (&b->skipped, n)
		row_free(LIST_ITEM(n, struct row, in_skipped));
	map_del(&b->m->mailboxes, &b->by_account);
	free(b);
}

void mailbox_release(struct immcu *m, account_id account)
{
	struct mailbox *b = mailbox_get(m, account);

	if (b != NULL && list_is_empty(&b->live) && b->storing == 0 && b->rows == 0 &&
	    (b->state == DRAIN_IDLE || b->state == DRAIN_BLOCKED))
		mailbox_free(b);
}

bool mailbox_has_backlog(const struct mailbox *b)
{
	return b->storing > 0 || b->rows > b->n_skipped || b->state == DRAIN_READING ||
	       b->state == DRAIN_SENDING;
}

bool mailbox_is_full(const struct mailbox *b, size_t size)
{
	return b->rows + b->storing >= IM_OFFLINE_TEXTS_MAX ||
	       b->bytes + size > IM_OFFLINE_BYTES_MAX;
}

static void b_enter(struct mailbox *b, enum drain_state state)
{
	if (b->state == DRAIN_BLOCKED)
		timer_stop(b->m->cfg.heap, &b->retry);
	b->state = state;
	if (state == DRAIN_BLOCKED)
		timer_start(b->m->cfg.heap, &b->retry, clk_ms() + IM_BACKLOG_RETRY_MS);
	if (state != DRAIN_SENDING)
		b->sending = 0;
}

void offline_block(struct mailbox *b)
{
	if (b->state == DRAIN_IDLE)
		b_enter(b, DRAIN_BLOCKED);
}

/* --- putting --- */

struct put_op {
	struct im_op o;
	uint64_t delivery;
	account_id to;
	struct im_copy text; /* owned, from the delivery */
	size_t size;
	int64_t expires_ms, row;
	struct str sender_uri, from_display; /* owned */
	struct buf extra;
};

static struct put_op *put_of(struct im_op *o)
{
	return CONTAINER_OF(o, struct put_op, o);
}

static void put_free(struct im_op *o)
{
	struct put_op *x = put_of(o);

	o->m->stats.live_bytes -= x->size;
	im_copy_fini(&x->text);
	str_free(&x->sender_uri);
	str_free(&x->from_display);
	buf_fini(&x->extra);
	free(x);
}

static enum err put_run(struct store_op *op, struct db *db)
{
	struct put_op *x = put_of(CONTAINER_OF(op, struct im_op, op));
	const struct im_text *t = &x->text.v;
	const struct db_offline row = {
		.account_id = t->to,
		.sender_id = t->from,
		.sender_uri = x->sender_uri,
		.from_display = x->from_display,
		.content_type = t->content_type,
		.content_encoding = t->content_encoding,
		.body = t->body,
		.call_id = t->call_id,
		.message_id = t->message_id,
		.extra = buf_str(&x->extra),
		.kind = t->kind,
		.conversation = t->conversation,
		.sent_ms = t->sent_ms,
		.accepted_ms = clk_wall_ms(),
		.expires_ms = x->expires_ms,
	};

	return db_offline_put(db, &row, &x->row);
}

static void put_done(struct im_op *o)
{
	struct put_op *x = put_of(o);
	struct immcu *m = o->m;
	struct mailbox *b = mailbox_get(m, x->to);
	struct delivery *d = delivery_get(m, x->delivery);
	account_id to = x->to;

	if (b == NULL) { /* the account is gone, and the row with it */
		put_free(o);
		return;
	}
	b->storing--;
	if (o->op.err == E_OK) {
		b->rows++;
		b->bytes += x->size;
		m->stats.waiting++;
	}
	if (d != NULL)
		delivery_on_stored(d, o->op.err, x->row);
	put_free(o);
	b = mailbox_get(m, to);
	if (b != NULL && b->state == DRAIN_IDLE)
		drain(b);
	mailbox_release(m, to);
}

/* What the row has no column for.  The first two never hold a line break, as they come from header values:
 * "lync\nUser-Agent\n12 34\n", 12 octets of notice, 34 of the plain rendition, then the headers. */
static void extra_encode(struct buf *b, const struct im_text *t)
{
	struct str plain = str_eq(t->plain, t->body) ? STR_NULL : t->plain;

	buf_init(b, t->client.len + t->headers.len + t->notice.len + plain.len + 96);
	buf_addf(b, "%s\n%.*s\n%zu %zu\n", dialect_name(t->dialect), STR_ARG(t->client),
		 t->notice.len, plain.len);
	buf_add(b, t->notice);
	buf_add(b, plain);
	buf_add(b, t->headers);
}

static void extra_decode(struct str extra, struct im_text *t)
{
	struct str name = str_cut(&extra, '\n'), client = str_cut(&extra, '\n'), rest = extra;
	struct str plain = str_cut(&rest, '\n'), notice = str_cut(&plain, ' ');
	uint64_t n = 0, p = 0;

	t->client = client;
	if (num_u64(notice, 0, rest.len, &n) == E_OK &&
	    num_u64(plain, 0, rest.len - n, &p) == E_OK) {
		t->notice = str_sub(rest, 0, n);
		t->plain = p > 0 ? str_sub(rest, n, n + p) : STR_NULL;
		extra = str_sub(rest, n + p, rest.len);
	}
	t->headers = extra;
	t->dialect = DIALECT_SIMPLE;
	for (int i = 0; i < DIALECTS; i++)
		if (str_eqz(name, dialect_name((enum dialect)i)))
			t->dialect = (enum dialect)i;
	policy_fill_plain(t);
}

void offline_put(struct delivery *d)
{
	struct immcu *m = d->m;
	const struct account *from = directory_get(m->cfg.directory, d->text.v.from);
	struct put_op *x = xcalloc(1, sizeof(*x));

	x->delivery = d->id;
	x->to = d->to;
	x->text = d->text;
	x->size = d->size;
	d->text = (struct im_copy){ .bytes = NULL };
	if (from != NULL) {
		x->sender_uri = im_uri_of(m, from);
		x->from_display = str_dup(from->display);
	}
	x->expires_ms = clk_wall_ms() + m->offline_keep_s * 1000;
	extra_encode(&x->extra, &x->text.v);
	mailbox_get(m, d->to)->storing++;
	x->o.done = put_done;
	x->o.free = put_free;
	im_op_submit(m, &x->o, STORE_DURABLE, put_run);
}

/* --- rows --- */

void offline_hold(struct delivery *d)
{
	struct row *r = xcalloc(1, sizeof(*r));

	r->m = d->m;
	r->id = d->row;
	r->account = d->to;
	r->state = ROW_KEPT;
	r->delivery = d->id;
	list_init(&r->in_skipped);
	map_put_id(&d->m->rows, &r->by_id, (uint64_t)r->id);
}

struct delete_op {
	struct im_op o;
	int64_t row;
};

static enum err delete_run(struct store_op *op, struct db *db)
{
	struct delete_op *x = CONTAINER_OF(CONTAINER_OF(op, struct im_op, op), struct delete_op, o);

	return db_offline_delete(db, x->row);
}

static void delete_free(struct im_op *o)
{
	free(CONTAINER_OF(o, struct delete_op, o));
}

/* A disk that does not delete now is asked again; until then the row is known to be dead. */
static void delete_done(struct im_op *o)
{
	struct row *r = row_get(o->m, CONTAINER_OF(o, struct delete_op, o)->row);

	if (r != NULL && (o->op.err == E_OK || o->op.err == E_NOTFOUND))
		row_free(r);
	else if (r != NULL)
		timer_start(o->m->cfg.heap, &r->retry, clk_ms() + IM_ROW_RETRY_MS);
	delete_free(o);
}

static void delete_row(struct row *r)
{
	struct delete_op *x = xcalloc(1, sizeof(*x));

	x->row = r->id;
	x->o.done = delete_done;
	x->o.free = delete_free;
	im_op_submit(r->m, &x->o, STORE_DURABLE, delete_run);
}

static void on_delete_retry(struct timer *t, void *arg)
{
	(void)t;
	delete_row(arg);
}

static void row_die(struct row *r, struct mailbox *b, size_t size)
{
	r->state = ROW_DEAD;
	/* Read already: once the deletion is done nothing would tell that it is dead. */
	LIST_EACH (&b->page, n)
		if (LIST_ITEM(n, struct paged, in_page)->row == r->id)
			paged_free(LIST_ITEM(n, struct paged, in_page));
	timer_init(&r->retry, on_delete_retry, r);
	delete_row(r);
	if (b->rows > 0) {
		b->rows--;
		b->m->stats.waiting--;
	}
	b->bytes = b->rows == 0 ? 0 : b->bytes - (size < b->bytes ? size : b->bytes);
}

/* Endpoint ids ascend, so a later one is a client that was not asked yet. */
static endpoint_id newest_endpoint(const struct mailbox *b)
{
	endpoint_id newest = 0;

	return registrar_of_account(b->m->cfg.registrar, b->account, &newest, 1) > 0 ? newest : 0;
}

static void row_skip(struct row *r, struct mailbox *b)
{
	r->state = ROW_SKIPPED;
	list_push_back(&b->skipped, &r->in_skipped);
	b->n_skipped++;
	if (newest_endpoint(b) > b->newest_asked)
		b->newest_asked = newest_endpoint(b);
}

void offline_release(struct delivery *d, enum row_fate fate)
{
	struct row *r = row_get(d->m, d->row);
	struct mailbox *b = mailbox_get(d->m, d->to);
	bool is_turn = b != NULL && b->state == DRAIN_SENDING && b->sending == d->id;

	assert(r != NULL && b != NULL);
	switch (fate) {
	case ROW_TAKEN:
		row_die(r, b, d->size);
		if (!is_turn && b->state == DRAIN_BLOCKED) /* somebody answers again */
			b_enter(b, DRAIN_IDLE);
		break;
	case ROW_REFUSED:
		row_skip(r, b);
		break;
	case ROW_FAILED:
	case ROW_LEFT:
		row_free(r);
		break;
	}
	if (!is_turn) {
		if (b->state == DRAIN_IDLE)
			drain(b);
		return;
	}
	b->sending = 0;
	if (fate == ROW_FAILED || fate == ROW_LEFT) {
		drop_page(b);
		b_enter(b, DRAIN_BLOCKED);
		return;
	}
	if (b->is_rewound)
		b->is_rewound = false;
	else if (d->row > b->cursor)
		b->cursor = d->row;
	drain(b);
}

/* --- draining --- */

struct page_op {
	struct im_op o;
	account_id account;
	uint64_t reading;
	int64_t after, now_ms;
	struct list page;
	size_t count;
};

static void page_free(struct im_op *o)
{
	struct page_op *x = CONTAINER_OF(o, struct page_op, o);

	LIST_EACH (&x->page, n)
		paged_free(LIST_ITEM(n, struct paged, in_page));
	free(x);
}

/* "sip:alice@example.org": alice. */
static struct str name_of(struct str uri)
{
	struct str rest = uri;

	(void)str_cut(&rest, ':');
	return str_cut(&rest, '@');
}

static void page_row(const struct db_offline *r, void *arg)
{
	struct page_op *x = arg;
	struct paged *p = xcalloc(1, sizeof(*p));
	struct im_text t = {
		.from = r->sender_id,
		.to = r->account_id,
		.kind = r->kind == IM_RECEIPT ? IM_RECEIPT : IM_TEXT,
		.content_type = r->content_type,
		.content_encoding = r->content_encoding,
		.body = r->body,
		.call_id = r->call_id,
		.message_id = r->message_id,
		.sent_ms = r->sent_ms,
		.is_stored = true,
		.from_name = name_of(r->sender_uri),
		.from_display = r->from_display,
		.conversation = r->conversation,
	};

	extra_decode(r->extra, &t);
	p->row = r->id;
	im_copy_init(&p->text, &t);
	list_push_back(&x->page, &p->in_page);
	x->count++;
}

static enum err page_run(struct store_op *op, struct db *db)
{
	struct page_op *x = CONTAINER_OF(CONTAINER_OF(op, struct im_op, op), struct page_op, o);

	return db_offline_list(db, x->account, x->after, IM_OFFLINE_PAGE, x->now_ms, page_row, x);
}

static void page_done(struct im_op *o)
{
	struct page_op *x = CONTAINER_OF(o, struct page_op, o);
	struct mailbox *b = mailbox_get(o->m, x->account);
	account_id account = x->account;
	struct immcu *m = o->m;

	if (b == NULL || b->state != DRAIN_READING || b->reading != x->reading) {
		page_free(o);
		return;
	}
	b_enter(b, DRAIN_IDLE);
	if (o->op.err != E_OK) {
		log_warn("immcu", "event=backlog-not-read account=%lld error=\"%s\"",
			 (long long)account, err_str(o->op.err));
		b_enter(b, DRAIN_BLOCKED);
	} else if (x->count > 0) {
		struct list *n;

		while ((n = list_pop_front(&x->page)) != NULL) {
			struct row *r = row_get(m, LIST_ITEM(n, struct paged, in_page)->row);

			if (r != NULL && r->state == ROW_DEAD)
				paged_free(LIST_ITEM(n, struct paged, in_page));
			else
				list_push_back(&b->page, n);
		}
		b_enter(b, DRAIN_SENDING);
		drain(b);
	} else if (b->storing == 0) {
		/* What the count says beyond these has expired. */
		m->stats.waiting -= b->rows - b->n_skipped;
		b->rows = b->n_skipped;
	}
	page_free(o);
	mailbox_release(m, account);
}

static void read_page(struct mailbox *b)
{
	struct page_op *x = xcalloc(1, sizeof(*x));

	list_init(&x->page);
	x->account = b->account;
	x->reading = b->reading = ++b->m->last_id;
	x->after = b->cursor;
	x->now_ms = clk_wall_ms();
	b_enter(b, DRAIN_READING);
	x->o.done = page_done;
	x->o.free = page_free;
	im_op_submit(b->m, &x->o, STORE_DURABLE, page_run);
}

/* The first row of the page; false: it went on to the next, or nobody is there. */
static bool send_one(struct mailbox *b, struct paged *p)
{
	struct immcu *m = b->m;
	struct row *r = row_get(m, p->row);
	struct delivery *d = NULL;

	if (r != NULL && r->state != ROW_KEPT)
		return false;
	if (r != NULL)
		d = delivery_get(m, r->delivery);
	d = delivery_again(m, d, p->row, &p->text.v);
	if (d->n_legs > 0) {
		b->sending = d->id;
		return true;
	}
	if (d->last_code == 413) { /* not for the clients that are there */
		b->cursor = p->row > b->cursor ? p->row : b->cursor;
		row_skip(row_get(m, p->row), b);
		delivery_free(&d);
		return false;
	}
	row_free(row_get(m, p->row));
	delivery_free(&d);
	drop_page(b);
	b_enter(b, DRAIN_IDLE);
	return true;
}

/* Goes on as far as it can without waiting. */
static void drain(struct mailbox *b)
{
	endpoint_id any;
	struct list *n;

	if (b->m->is_stopped)
		return;
	switch (b->state) {
	case DRAIN_READING:
	case DRAIN_BLOCKED:
		return;
	case DRAIN_SENDING:
		while (b->sending == 0 && (n = list_pop_front(&b->page)) != NULL) {
			struct paged *p = LIST_ITEM(n, struct paged, in_page);
			bool is_sent = send_one(b, p);

			paged_free(p);
			if (is_sent)
				return;
		}
		if (b->sending != 0)
			return;
		b_enter(b, DRAIN_IDLE);
		break;
	case DRAIN_IDLE:
		break;
	}
	if (b->rows > b->n_skipped &&
	    registrar_of_account(b->m->cfg.registrar, b->account, &any, 1) > 0)
		read_page(b);
}

/* A refresh asks nobody again for what he refused; a new client gets all of it. */
void offline_sign_in(struct immcu *m, account_id account)
{
	struct mailbox *b = mailbox_get(m, account);
	endpoint_id newest;
	struct delivery *d;

	if (b == NULL)
		return;
	newest = newest_endpoint(b);
	d = b->sending != 0 ? delivery_get(m, b->sending) : NULL;
	if (newest > b->newest_asked && b->n_skipped > 0) {
		LIST_EACH (&b->skipped, n)
			row_free(LIST_ITEM(n, struct row, in_skipped));
		b->n_skipped = 0;
		b->cursor = 0;
		b->is_rewound = b->sending != 0;
		drop_page(b); /* older ones come first: it is read again */
		if (b->state == DRAIN_READING)
			b_enter(b, DRAIN_IDLE);
	}
	b->newest_asked = newest > b->newest_asked ? newest : b->newest_asked;
	if (d != NULL)
		delivery_send_more(d);
	/* Nor may a text to come overtake those on their way to others. */
	LIST_EACH (&b->live, n)
		delivery_send_more(LIST_ITEM(n, struct delivery, in_live));
	if (b->state == DRAIN_BLOCKED)
		b_enter(b, DRAIN_IDLE);
	drain(b);
}

void mailbox_drop(struct immcu *m, account_id account)
{
	struct mailbox *b;
	struct map_iter it;

	/* Deliveries first: they sit in the mailbox's lists. */
	for (struct map_node *n = map_first(&m->deliveries, &it); n != NULL;
	     n = map_next(&m->deliveries, &it)) {
		struct delivery *d = CONTAINER_OF(n, struct delivery, by_id);

		if (d->to == account)
			delivery_fail(d, 404, 0);
	}
	for (struct map_node *n = map_first(&m->rows, &it); n != NULL;
	     n = map_next(&m->rows, &it)) {
		struct row *r = CONTAINER_OF(n, struct row, by_id);

		if (r->account == account)
			row_free(r);
	}
	b = mailbox_get(m, account);
	if (b != NULL)
		mailbox_free(b);
}

/* --- boot --- */

struct load_op {
	struct store_op op;
	struct immcu *m;
};

static void load_one(const struct db_offline_count *c, void *arg)
{
	struct immcu *m = arg;
	struct mailbox *b = mailbox_make(m, c->account_id);

	b->rows = (size_t)c->messages;
	b->bytes = (size_t)c->bytes;
	m->stats.waiting += b->rows;
}

static enum err load_run(struct store_op *op, struct db *db)
{
	/* Before the store has its thread: this runs on ours. */
	return db_offline_counts(db, load_one, CONTAINER_OF(op, struct load_op, op)->m);
}

enum err offline_load(struct immcu *m)
{
	struct load_op x = { .op = { .cls = STORE_QUERY, .run = load_run }, .m = m };

	return store_run_sync(m->cfg.store, &x.op);
}

void offline_stop(struct immcu *m)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&m->rows, &it); n != NULL;
	     n = map_next(&m->rows, &it)) {
		struct row *r = CONTAINER_OF(n, struct row, by_id);

		if (r->state != ROW_DEAD || !timer_is_running(&r->retry))
			continue;
		timer_stop(m->cfg.heap, &r->retry);
		delete_row(r);
	}
}

void offline_fini(struct immcu *m)
{
	struct map_iter it;
	struct map_node *n;

	for (n = map_first(&m->mailboxes, &it); n != NULL; n = map_next(&m->mailboxes, &it))
		mailbox_free(CONTAINER_OF(n, struct mailbox, by_account));
	for (n = map_first(&m->rows, &it); n != NULL; n = map_next(&m->rows, &it))
		row_free(CONTAINER_OF(n, struct row, by_id));
}
