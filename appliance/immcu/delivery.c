/* delivery.c: one text to one account.
 *
 *     LIVE ── 2xx ──────────────────────────────→ 200, end
 *      │└─ all failed, 8 s ─→ STORING ── disk fails ─→ 503, end
 *      │    none there, backlog ─┘│ └─ 2xx ─→ 200 ─ on disk ─→ row deleted, end
 *      │                      on disk → 202
 *      │                          ↓
 *      │                       STORED ── 2xx ─→ row deleted, end
 *      │                        │  └─ all copies answered ─→ end (the row stays)
 *      │             its turn ↓
 *     row's turn ────────────→ AGAIN ── 2xx ─→ row deleted, end
 *                               └─ all failed ─→ end (the row stays) */
#include <assert.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/immcu_int.h"

static const char *state_name(enum delivery_state s)
{
	switch (s) {
	case DELIVERY_LIVE:
		return "live";
	case DELIVERY_STORING:
		return "storing";
	case DELIVERY_STORED:
		return "stored";
	case DELIVERY_AGAIN:
		return "again";
	}
	return "unknown";
}

struct delivery *delivery_get(struct immcu *m, uint64_t id)
{
	struct map_node *n = map_get_id(&m->deliveries, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct delivery, by_id);
}

static void d_enter(struct delivery *d, enum delivery_state state)
{
	struct immcu *m = d->m;

	log_debug("immcu", "delivery=%llu state=%s->%s", (unsigned long long)d->id,
		  state_name(d->state), state_name(state));
	if (d->state == DELIVERY_LIVE) {
		list_del(&d->in_live);
		timer_stop(m->cfg.heap, &d->wait);
		m->stats.live--;
	}
	d->state = state;
}

static void answer(struct delivery *d, int code, int retry_after_s)
{
	im_answer_fn *fn = d->answer;

	if (fn == NULL)
		return;
	d->answer = NULL;
	if (d->kind == IM_TEXT)
		conversation_on_result(d->m, d->conversation, code);
	if (code >= 300)
		d->m->stats.refused++;
	fn(d->arg, d->token, code, retry_after_s);
}

/* --- legs --- */

static void leg_free(struct immcu *m, struct leg *l)
{
	map_del(&m->legs, &l->by_id);
	list_del(&l->in_delivery);
	free(l);
}

static bool has_leg(const struct delivery *d, endpoint_id endpoint)
{
	LIST_EACH (&d->legs, n)
		if (LIST_ITEM(n, struct leg, in_delivery)->endpoint == endpoint)
			return true;
	return false;
}

static void leg_send(struct delivery *d, const struct endpoint *e, const struct account *from,
		     const struct account *to)
{
	struct immcu *m = d->m;
	struct leg *l = xcalloc(1, sizeof(*l));

	l->delivery = d->id;
	l->endpoint = e->id;
	map_put_id(&m->legs, &l->by_id, ++m->last_id);
	list_push_back(&d->legs, &l->in_delivery);
	d->n_legs++;
	m->stats.copies_out++;
	m->dialect[e->dialect].send(m->dialect[e->dialect].arg, l->by_id.hash, e, from, to,
				    &d->text.v);
}

/* A session has its peer already: the other endpoints of that dialect leave the text to it. */
static bool is_left_out(const struct endpoint *e, const struct endpoint *peer)
{
	return peer != NULL && e->dialect == peer->dialect && e->id != peer->id;
}

/* RFC 3428 has no way to say "for that client only"; the caps of the dialects are the product's. */
static bool is_too_big_for(const struct delivery *d, const struct endpoint *e)
{
	return e->dialect != d->text.v.dialect && d->text.v.body.len > IM_BODY_CROSS_MAX;
}

static void send_all(struct delivery *d)
{
	struct immcu *m = d->m;
	const struct account *from = directory_get(m->cfg.directory, d->text.v.from);
	const struct account *to = directory_get(m->cfg.directory, d->to);
	struct account gone = { .name = d->text.v.from_name, .display = d->text.v.from_display };
	const struct endpoint *peer = d->text.v.to_endpoint == 0
					      ? NULL
					      : registrar_get(m->cfg.registrar,
							      d->text.v.to_endpoint);
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(m->cfg.registrar, d->to, ids, ENDPOINTS_PER_ACCOUNT);

	for (size_t i = 0; i < n && to != NULL; i++) {
		const struct endpoint *e = registrar_get(m->cfg.registrar, ids[i]);

		/* No echo: who wrote to himself has it where he wrote it. */
		if (e == NULL || m->dialect[e->dialect].send == NULL || has_leg(d, e->id) ||
		    is_left_out(e, peer) ||
		    (!d->text.v.is_stored && e->id == d->text.v.from_endpoint))
			continue;
		if (is_too_big_for(d, e))
			d->last_code = 413;
		else
			leg_send(d, e, from != NULL ? from : &gone, to);
	}
}

/* --- making and ending --- */

static struct delivery *d_new(struct immcu *m, const struct im_text *t, int64_t conversation)
{
	struct delivery *d = xcalloc(1, sizeof(*d));

	d->m = m;
	d->id = ++m->last_id;
	d->to = t->to;
	d->kind = t->kind;
	d->conversation = conversation;
	d->is_refused = true;
	list_init(&d->legs);
	list_init(&d->in_live);
	im_copy_init(&d->text, t);
	d->text.v.conversation = conversation;
	d->size = d->text.size;
	m->stats.live_bytes += d->size;
	map_put_id(&m->deliveries, &d->by_id, d->id);
	return d;
}

/* The one place that frees. */
void delivery_free(struct delivery **dp)
{
	struct delivery *d = *dp;
	struct immcu *m;

	if (d == NULL)
		return;
	m = d->m;
	if (d->state == DELIVERY_LIVE) {
		list_del(&d->in_live);
		timer_stop(m->cfg.heap, &d->wait);
		m->stats.live--;
	}
	LIST_EACH (&d->legs, n)
		leg_free(m, LIST_ITEM(n, struct leg, in_delivery));
	if (d->text.bytes != NULL)
		m->stats.live_bytes -= d->size;
	im_copy_fini(&d->text);
	map_del(&m->deliveries, &d->by_id);
	mailbox_release(m, d->to);
	free(d);
	*dp = NULL;
}

void delivery_fail(struct delivery *d, int code, int retry_after_s)
{
	answer(d, code, retry_after_s);
	delivery_free(&d);
}

/* --- to the disk --- */

static void store(struct delivery *d)
{
	d_enter(d, DELIVERY_STORING);
	offline_put(d);
}

void delivery_store_live(struct immcu *m, account_id account)
{
	struct mailbox *b = mailbox_get(m, account);

	if (b == NULL)
		return;
	LIST_EACH (&b->live, n)
		store(LIST_ITEM(n, struct delivery, in_live));
}

void delivery_on_stored(struct delivery *d, enum err err, int64_t row)
{
	if (err != E_OK) {
		static struct log_rate rate;

		if (log_rate_ok(&rate, 1))
			log_error("immcu", "event=not-stored account=%lld error=\"%s\"",
				  (long long)d->to, err_str(err));
		delivery_fail(d, err == E_NOTFOUND ? 404 : 503,
			      err == E_NOTFOUND ? 0 : IM_RETRY_AFTER_S);
		return;
	}
	d->row = row;
	d->m->stats.stored++;
	offline_hold(d);
	if (d->is_taken) {
		offline_release(d, ROW_TAKEN);
		delivery_free(&d);
		return;
	}
	d_enter(d, DELIVERY_STORED);
	answer(d, 202, 0);
	if (d->n_legs > 0)
		return; /* a late 2xx may come: see the diagram */
	offline_release(d, d->last_code != 0 && d->is_refused ? ROW_REFUSED : ROW_LEFT);
	delivery_free(&d);
}

/* --- what happens --- */

static void on_taken(struct delivery *d, endpoint_id endpoint)
{
	struct immcu *m = d->m;

	if (d->is_taken)
		return;
	d->is_taken = true;
	m->stats.delivered++;
	if (d->kind == IM_TEXT)
		conversation_on_copy(m, d->conversation, d->to,
				     registrar_get(m->cfg.registrar, endpoint));
	answer(d, 200, 0);
	switch (d->state) {
	case DELIVERY_LIVE:
		break;
	case DELIVERY_STORING:
		return; /* the row must go when it is there: delivery_on_stored */
	case DELIVERY_AGAIN:
		m->stats.redelivered++;
		offline_release(d, ROW_TAKEN);
		break;
	case DELIVERY_STORED:
		offline_release(d, ROW_TAKEN);
		break;
	}
	delivery_free(&d);
}

/* Nobody took a live text.  What was behind it on its way may not overtake it to the disk. */
static void live_failed(struct delivery *d, bool is_silent)
{
	if (d->kind == IM_TYPING || (d->kind == IM_RECEIPT && !is_silent && d->is_refused)) {
		delivery_fail(d, d->last_code != 0 ? d->last_code : 480, 0);
		return;
	}
	if (!is_silent && d->is_refused) {
		store(d);
		return;
	}
	offline_block(mailbox_get(d->m, d->to));
	delivery_store_live(d->m, d->to);
}

static void on_failed(struct delivery *d)
{
	switch (d->state) {
	case DELIVERY_LIVE:
		live_failed(d, false);
		break;
	case DELIVERY_STORING:
		break;
	case DELIVERY_STORED:
		offline_release(d, d->is_refused ? ROW_REFUSED : ROW_LEFT);
		delivery_free(&d);
		break;
	case DELIVERY_AGAIN:
		offline_release(d, d->is_refused ? ROW_REFUSED : ROW_FAILED);
		delivery_free(&d);
		break;
	}
}

void immcu_on_answer(struct immcu *m, leg_id leg, int code)
{
	struct map_node *n = map_get_id(&m->legs, leg);
	struct leg *l = n == NULL ? NULL : CONTAINER_OF(n, struct leg, by_id);
	struct delivery *d = l == NULL ? NULL : delivery_get(m, l->delivery);
	endpoint_id endpoint;

	if (d == NULL || code < 200)
		return;
	endpoint = l->endpoint;
	leg_free(m, l);
	d->n_legs--;
	if (code < 300) {
		on_taken(d, endpoint);
		return;
	}
	d->last_code = code;
	if (!im_code_is_refusal(code))
		d->is_refused = false;
	if (d->n_legs == 0 && !d->is_taken)
		on_failed(d);
}

static void on_wait(struct timer *t, void *arg)
{
	(void)t;
	live_failed(arg, true);
}

void delivery_submit(struct immcu *m, const struct im_text *t, int64_t conversation, uint64_t token,
		     im_answer_fn *fn, void *arg)
{
	struct mailbox *b = t->kind == IM_TYPING ? NULL : mailbox_make(m, t->to);
	struct delivery *d = d_new(m, t, conversation);

	d->token = token;
	d->answer = fn;
	d->arg = arg;
	d->state = DELIVERY_LIVE;
	m->stats.live++;
	timer_init(&d->wait, on_wait, d);
	timer_start(m->cfg.heap, &d->wait, clk_ms() + IM_DELIVERY_WAIT_MS);
	if (b == NULL || !mailbox_has_backlog(b))
		send_all(d);
	if (b != NULL)
		list_push_back(&b->live, &d->in_live);
	if (d->n_legs > 0)
		return;
	if (d->last_code != 0) /* too big for every client there is */
		delivery_fail(d, d->last_code, 0);
	else if (b == NULL || mailbox_is_full(b, d->size))
		delivery_fail(d, 480, 0);
	else
		store(d);
}

struct delivery *delivery_again(struct immcu *m, struct delivery *d, int64_t row,
				const struct im_text *t)
{
	if (d == NULL) {
		d = d_new(m, t, t->conversation);
		d->state = DELIVERY_AGAIN;
		d->row = row;
		offline_hold(d);
	} else {
		d_enter(d, DELIVERY_AGAIN);
		d->is_refused = true;
		d->last_code = 0;
		if (d->text.bytes == NULL) {
			im_copy_init(&d->text, t);
			m->stats.live_bytes += d->text.size;
			d->size = d->text.size;
		}
	}
	send_all(d);
	return d;
}

void delivery_send_more(struct delivery *d)
{
	send_all(d);
}
