/* Subscriptions (RFC 6665).
 *
 *             NOTIFY sent           2xx
 *   READY ------------------> BUSY -----> READY
 *     |  Expires 0, time out    |
 *     v                         v  (the last NOTIFY waits until the one under way is answered)
 *   LAST ---- last NOTIFY ---> gone   <---- 481, failure, connection closed, owner
 *
 * A NOTIFY refused with Retry-After makes it HELD for that long, or until it is refreshed or ends. */
#include "sip/event.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"

#include "sip/dialog.h"
#include "sip/stack.h"

enum sub_state {
	SUB_READY, /* a NOTIFY may go out */
	SUB_BUSY,  /* one is not answered yet */
	SUB_HELD,  /* the watcher wants none for a while */
};

/* Invariants:
 * 1. In by_id, in the dialogs and in its connection's list always.
 * 2. request is the NOTIFY under way exactly in SUB_BUSY.
 * 3. retry is there, and runs, exactly in SUB_HELD: few ever need it, and there are many subscriptions.
 * 4. is_last: the next NOTIFY ends it; why and reason say how. */
struct sub {
	struct map_node by_id;
	struct list in_conn;
	struct sip_dialog dialog;
	struct timer expiry, *retry; /* retry: owned */
	struct sip_subs *subs;
	uint64_t id, account, ctx, request;
	const struct sip_sub_hooks *hooks;
	const char *event, *reason;
	const char *contact_params; /* static */
	struct str contact;	    /* owned; len 0: the server itself */
	enum sub_state state;
	enum sub_end why;
	bool is_last, is_silent;
};

struct conn_subs {
	struct map_node by_conn;
	struct list list;
	size_t count;
};

struct sip_subs {
	struct sip_stack *stack;
	struct heap *heap;
	struct map by_id, by_conn;
	struct sip_dialogs dialogs;
	struct buf scratch, lines;
	uint64_t last_id;
	struct sip_subs_stats stats;
};

struct sip_subs *sip_subs_new(struct sip_stack *s, struct heap *heap)
{
	struct sip_subs *x = xcalloc(1, sizeof(*x));

	x->stack = s;
	x->heap = heap;
	map_init(&x->by_id);
	map_init(&x->by_conn);
	sip_dialogs_init(&x->dialogs);
	buf_init(&x->scratch, SIP_OUT_MAX);
	buf_init(&x->lines, SIP_HEAD_MAX);
	return x;
}

static struct sub *sub_get(const struct sip_subs *x, sub_id id)
{
	struct map_node *n = map_get_id(&x->by_id, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct sub, by_id);
}

static struct conn_subs *conn_get(const struct sip_subs *x, conn_id conn)
{
	struct map_node *n = map_get_id(&x->by_conn, conn);

	return n == NULL ? NULL : CONTAINER_OF(n, struct conn_subs, by_conn);
}

static struct conn_subs *conn_make(struct sip_subs *x, conn_id conn)
{
	struct conn_subs *c = conn_get(x, conn);

	if (c == NULL) {
		c = xcalloc(1, sizeof(*c));
		list_init(&c->list);
		map_put_id(&x->by_conn, &c->by_conn, conn);
	}
	return c;
}

static void release(struct sub *u)
{
	if (u->state != SUB_HELD)
		return;
	timer_stop(u->subs->heap, u->retry);
	free(u->retry);
	u->retry = NULL;
	u->state = SUB_READY;
}

static void on_retry(struct timer *t, void *arg)
{
	struct sub *u = arg;

	(void)t;
	release(u);
	u->hooks->on_due(u->hooks->arg, u->id, u->ctx, false);
}

static void hold(struct sub *u, uint32_t seconds)
{
	u->retry = xcalloc(1, sizeof(*u->retry));
	timer_init(u->retry, on_retry, u);
	timer_start(u->subs->heap, u->retry, clk_ms() + (int64_t)seconds * 1000);
	u->state = SUB_HELD;
}

/* The one teardown. */
static void sub_free(struct sub *u)
{
	struct sip_subs *x = u->subs;
	struct conn_subs *c = conn_get(x, u->dialog.conn);

	timer_stop(x->heap, &u->expiry);
	release(u);
	if (u->state == SUB_BUSY)
		sip_request_forget(x->stack, u->request);
	list_del(&u->in_conn);
	if (--c->count == 0) {
		map_del(&x->by_conn, &c->by_conn);
		free(c);
	}
	map_del(&x->by_id, &u->by_id);
	sip_dialogs_del(&x->dialogs, &u->dialog);
	sip_dialog_fini(&u->dialog);
	str_free(&u->contact);
	free(u);
}

static void end(struct sub *u, enum sub_end why)
{
	const struct sip_sub_hooks *h = u->hooks;
	uint64_t ctx = u->ctx;
	sub_id id = u->id;

	u->subs->stats.ended++;
	sub_free(u);
	h->on_end(h->arg, id, ctx, why);
}

static uint32_t remaining_s(const struct sub *u)
{
	int64_t left = (u->expiry.at_ms - clk_ms() + 999) / 1000;

	return left < 0 ? 0 : (uint32_t)left;
}

/* Seconds of Retry-After, whatever comment or parameter follows them (RFC 3261 20.33); 0: none. */
static uint32_t retry_after_s(const struct sip_msg *resp)
{
	struct str v = resp == NULL ? STR_NULL : sip_msg_get(resp, SIP_HDR_RETRY_AFTER);
	size_t digits = 0;
	uint32_t s;

	while (digits < v.len && v.p[digits] >= '0' && v.p[digits] <= '9')
		digits++;
	return num_u32(str_sub(v, 0, digits), 1, UINT32_MAX, &s) == E_OK ? s : 0;
}

/* The state goes out for the last time; the owner sends it, or it goes without a body. */
static void finish(struct sub *u, enum sub_end why, const char *reason)
{
	struct sip_subs *x = u->subs;
	sub_id id = u->id;

	timer_stop(x->heap, &u->expiry);
	u->is_last = true;
	u->why = why;
	u->reason = reason;
	if (u->state == SUB_BUSY)
		return; /* on_notified comes back here */
	release(u);
	u->hooks->on_due(u->hooks->arg, id, u->ctx, true);
	u = sub_get(x, id);
	if (u != NULL && sip_sub_notify(x, id, STR_NULL, STR_NULL, STR_NULL) != E_OK &&
	    (u = sub_get(x, id)) != NULL)
		end(u, why);
}

static void on_expiry(struct timer *t, void *arg)
{
	(void)t;
	finish(arg, SUB_END_EXPIRED, "timeout");
}

bool sip_sub_expires(struct sip_txn *t, uint32_t min_s, uint32_t dflt_s, uint32_t max_s,
		     uint32_t *out)
{
	const struct sip_msg *m = sip_txn_msg(t);
	uint32_t wanted = m->has_expires ? m->expires_s : dflt_s;
	struct buf b;

	if (wanted == 0 || wanted >= min_s) {
		*out = wanted > max_s ? max_s : wanted;
		return true;
	}
	buf_init(&b, 64);
	buf_addf(&b, "Min-Expires: %u\r\n", min_s);
	sip_reply(sip_txn_stack(t), sip_txn_id(t), 423, NULL, buf_str(&b), STR_NULL, STR_NULL);
	buf_fini(&b);
	return false;
}

static void contact_line(struct sip_subs *x, conn_id conn, struct str contact, const char *params,
			 struct buf *b)
{
	buf_add(b, STR("Contact: <"));
	if (contact.len > 0) {
		buf_add(b, contact);
	} else {
		buf_add(b, STR("sip:"));
		sip_stack_host_port(x->stack, conn, b);
		buf_add(b, STR(";transport=tls"));
	}
	buf_addc(b, '>');
	if (params != NULL)
		buf_addz(b, params);
	buf_add(b, STR("\r\n"));
}

static void reply_ok(struct sip_subs *x, struct sip_txn *t, uint32_t expires_s, struct str contact,
		     const char *params, struct str headers, struct str content_type,
		     struct str body)
{
	buf_reset(&x->lines);
	buf_addf(&x->lines, "Expires: %u\r\n", expires_s);
	contact_line(x, sip_txn_conn_id(t), contact, params, &x->lines);
	buf_add(&x->lines, headers);
	sip_reply(x->stack, sip_txn_id(t), 200, NULL, buf_str(&x->lines), content_type, body);
}

sub_id sip_sub_accept(struct sip_subs *x, struct sip_txn *t, const struct sip_sub_accept *a)
{
	struct conn_subs *c = conn_make(x, sip_txn_conn_id(t));
	struct sip_msg *m = sip_txn_msg_ref(t);
	struct sub *u = xcalloc(1, sizeof(*u));
	sub_id id = 0;

	if (c->count >= SIP_SUBS_PER_CONN ||
	    sip_dialog_init_uas(&u->dialog, m, sip_txn_to_tag(t), sip_txn_conn_id(t)) != E_OK) {
		if (c->count == 0) {
			map_del(&x->by_conn, &c->by_conn);
			free(c);
		}
		free(u);
		sip_reply(x->stack, sip_txn_id(t), 503, NULL, STR("Retry-After: 60\r\n"), STR_NULL,
			  STR_NULL);
	} else {
		u->subs = x;
		u->id = id = ++x->last_id;
		u->account = a->account;
		u->ctx = a->ctx;
		u->hooks = a->hooks;
		u->event = a->event;
		if (a->contact.len > 0)
			u->contact = str_dup(a->contact);
		u->contact_params = a->contact_params;
		u->is_silent = a->is_silent;
		c->count++;
		list_push_back(&c->list, &u->in_conn);
		map_put_id(&x->by_id, &u->by_id, id);
		sip_dialogs_put(&x->dialogs, &u->dialog);
		timer_init(&u->expiry, on_expiry, u);
		if (a->expires_s > 0)
			timer_start(x->heap, &u->expiry, clk_ms() + (int64_t)a->expires_s * 1000);
		u->is_last = a->expires_s == 0;
		u->why = SUB_END_UNSUBSCRIBED;
		u->reason = "timeout";
		x->stats.accepted++;
		reply_ok(x, t, a->expires_s, a->contact, a->contact_params, a->headers,
			 a->content_type, a->body);
	}
	sip_msg_unref(&m);
	return id;
}

void sip_sub_on_request(struct sip_subs *x, struct sip_txn *t, uint32_t min_s, uint32_t max_s)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct sip_dialog *d = sip_dialogs_get(&x->dialogs, m, sip_txn_conn_id(t));
	struct sub *u;
	uint32_t expires;
	sub_id id;

	if (d == NULL) {
		sip_reply_code(x->stack, sip_txn_id(t), 481);
		return;
	}
	u = CONTAINER_OF(d, struct sub, dialog);
	if (!sip_sub_expires(t, min_s, max_s, max_s, &expires))
		return;
	if (sip_dialog_on_request(d, m) != E_OK) {
		/* RFC 3261 12.2.2: it came late, a newer one was here */
		sip_reply_code(x->stack, sip_txn_id(t), 500);
		return;
	}
	id = u->id;
	reply_ok(x, t, expires, u->contact, u->contact_params, STR_NULL, STR_NULL, STR_NULL);
	if (u->is_last)
		return;
	if (expires == 0) {
		finish(u, SUB_END_UNSUBSCRIBED, "timeout");
		return;
	}
	timer_start(x->heap, &u->expiry, clk_ms() + (int64_t)expires * 1000);
	release(u);
	u->hooks->on_due(u->hooks->arg, id, u->ctx, false);
}

/* 4.2.2: any failure ends it, but for one that says when to try again: then it is told all at that time. */
static void on_notified(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct sip_subs *x = arg;
	struct sub *u = sub_get(x, ctx);
	uint32_t retry_s = retry_after_s(resp);

	if (u == NULL)
		return;
	u->state = SUB_READY;
	u->request = 0;
	if (code >= 300 && retry_s > 0 && !u->is_last) {
		hold(u, retry_s);
		return;
	}
	if (code >= 300) {
		x->stats.refused++;
		end(u, code == 503 && resp == NULL ? SUB_END_CONN : SUB_END_REFUSED);
		return;
	}
	if (u->is_last)
		finish(u, u->why, u->reason);
	else if (u->hooks->on_ready != NULL)
		u->hooks->on_ready(u->hooks->arg, u->id, u->ctx);
}

static void state_line(struct buf *b, const struct sub *u)
{
	if (u->is_last) {
		buf_add(b, STR("Subscription-State: terminated;reason="));
		buf_addz(b, u->reason);
	} else {
		buf_add(b, STR("Subscription-State: active;expires="));
		buf_add_u64(b, remaining_s(u));
	}
	buf_add(b, STR("\r\n"));
}

enum err sip_sub_notify(struct sip_subs *x, sub_id id, struct str headers, struct str content_type,
			struct str body)
{
	struct sub *u = sub_get(x, id);
	struct sip_out o = { 0 };
	enum err e = E_OK;

	if (u == NULL)
		return E_GONE;
	if (u->state != SUB_READY)
		return E_AGAIN;
	buf_reset(&x->lines);
	buf_add(&x->lines, STR("Event: "));
	buf_addz(&x->lines, u->event);
	buf_add(&x->lines, STR("\r\n"));
	state_line(&x->lines, u);
	contact_line(x, u->dialog.conn, u->contact, u->contact_params, &x->lines);
	buf_add(&x->lines, headers);
	sip_dialog_request(&u->dialog, u->is_silent ? STR("BENOTIFY") : STR("NOTIFY"),
			   buf_str(&x->lines), &x->scratch, &o);
	o.content_type = content_type;
	o.body = body;
	o.ctx = id;
	x->stats.notified++;
	if (u->is_silent) {
		e = sip_request_send_once(x->stack, &o);
	} else if (u->is_last) {
		/* whatever is answered, it is over */
		(void)sip_request_send(x->stack, &o, NULL, NULL);
	} else {
		u->request = sip_request_send(x->stack, &o, on_notified, x);
		u->state = SUB_BUSY;
	}
	if (u->is_last)
		end(u, u->why);
	return e;
}

void sip_sub_end(struct sip_subs *x, sub_id id, const char *reason)
{
	struct sub *u = sub_get(x, id);

	if (u == NULL)
		return;
	if (u->state == SUB_BUSY) { /* its answer no longer matters */
		sip_request_forget(x->stack, u->request);
		u->state = SUB_READY;
	}
	release(u);
	u->is_last = true;
	u->why = SUB_END_OWNER;
	u->reason = reason;
	if (sip_sub_notify(x, id, STR_NULL, STR_NULL, STR_NULL) != E_OK &&
	    (u = sub_get(x, id)) != NULL)
		end(u, SUB_END_OWNER);
}

void sip_subs_conn_closed(struct sip_subs *x, conn_id conn)
{
	struct conn_subs *c;

	while ((c = conn_get(x, conn)) != NULL)
		end(LIST_ITEM(c->list.next, struct sub, in_conn), SUB_END_CONN);
}

uint64_t sip_sub_account(const struct sip_subs *x, sub_id id)
{
	const struct sub *u = sub_get(x, id);

	return u == NULL ? 0 : u->account;
}

void sip_subs_stats_get(const struct sip_subs *x, struct sip_subs_stats *out)
{
	*out = x->stats;
	out->subscriptions = x->by_id.count;
}

void sip_subs_free(struct sip_subs **xp)
{
	struct sip_subs *x = *xp;
	struct map_iter it;
	struct map_node *n;

	if (x == NULL)
		return;
	while ((n = map_first(&x->by_id, &it)) != NULL)
		sub_free(CONTAINER_OF(n, struct sub, by_id));
	map_fini(&x->by_id);
	map_fini(&x->by_conn);
	sip_dialogs_fini(&x->dialogs);
	buf_fini(&x->scratch);
	buf_fini(&x->lines);
	free(x);
	*xp = NULL;
}
