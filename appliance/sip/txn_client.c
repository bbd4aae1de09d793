/* Client transactions over a reliable transport: nothing is ever sent twice.
 *
 *              1xx              final, not INVITE: TERMINATED (Timer K is 0)
 *   CALLING -------> PROCEEDING
 *      |                 |      2xx to INVITE          Timer M
 *      +-----------------+----------------> ACCEPTED ----------> TERMINATED
 *      |                 |      3xx-6xx to INVITE: ACK, TERMINATED (Timer D is 0)
 *      |                 |      Timer B, C, F: 408
 *      +---> FAILED -----+----> the connection is gone: 503
 *
 * The branch names the transaction: cookie, loop hash, id and 64 random bits. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rand.h"

#include "sip/stack_int.h"

enum {
	COOKIE_LEN = 7,
	LOOP_LEN = 8,
	BRANCH_LEN = COOKIE_LEN + LOOP_LEN + 32,
	CANCEL_WAIT_MS = SIP_TXN_LIFE_MS
};

enum ctxn_state {
	CTXN_CALLING,
	CTXN_PROCEEDING,
	CTXN_ACCEPTED,
	CTXN_FAILED, /* fn is told from the timer */
	CTXN_TERMINATED,
};

/* Invariants:
 * 1. flow is NULL exactly in FAILED; else the transaction is in flow->clients.
 * 2. fn is called once, then set to NULL. */
struct sip_ctxn {
	uint64_t id;
	struct map_node by_id;
	struct list link;
	struct sip_stack *stack;
	struct sip_flow *flow;
	enum ctxn_state state;
	bool is_invite, cancelled;
	enum sip_method method_id;
	struct timer timer;
	sip_response_fn *fn, *progress;
	void *arg;
	uint64_t ctx;
	int64_t timeout_ms;
	struct sip_msg *req; /* INVITE only: ACK and CANCEL are made from it */
	char branch[BRANCH_LEN + 1];
};

static const char *state_name(enum ctxn_state state)
{
	switch (state) {
	case CTXN_CALLING:
		return "calling";
	case CTXN_PROCEEDING:
		return "proceeding";
	case CTXN_ACCEPTED:
		return "accepted";
	case CTXN_FAILED:
		return "failed";
	case CTXN_TERMINATED:
		return "terminated";
	}
	return "?";
}

static void leave_flow(struct sip_ctxn *c)
{
	if (c->flow == NULL)
		return;
	list_del(&c->link);
	c->flow->client_count--;
	c->flow = NULL;
}

/* The one place where the state changes; TERMINATED frees. */
static void enter(struct sip_ctxn *c, enum ctxn_state state)
{
	struct heap *heap = c->stack->cfg.heap;

	log_trace("sip", "ctxn=%llu %s->%s", (unsigned long long)c->id, state_name(c->state),
		  state_name(state));
	c->state = state;
	switch (state) {
	case CTXN_CALLING:
		timer_start(heap, &c->timer, clk_ms() + c->timeout_ms);
		return;
	case CTXN_PROCEEDING:
		return;
	case CTXN_ACCEPTED:
		timer_start(heap, &c->timer, clk_ms() + SIP_TXN_LIFE_MS);
		return;
	case CTXN_FAILED:
		leave_flow(c);
		timer_start(heap, &c->timer, clk_ms());
		return;
	case CTXN_TERMINATED:
		timer_stop(heap, &c->timer);
		leave_flow(c);
		map_del(&c->stack->ctxns, &c->by_id);
		c->stack->stats.client_txns--;
		sip_msg_unref(&c->req);
		free(c);
		return;
	}
}

/* The last call for everyone but INVITEs that were accepted; next is entered before it. */
static void finish(struct sip_ctxn *c, enum ctxn_state next, int code, const struct sip_msg *resp)
{
	sip_response_fn *fn = c->fn;
	void *arg = c->arg;
	uint64_t ctx = c->ctx;

	c->fn = NULL;
	enter(c, next);
	if (fn != NULL)
		fn(arg, ctx, code, resp);
}

static void send_cancel(struct sip_ctxn *c);

static void on_timer(struct timer *timer, void *arg)
{
	struct sip_ctxn *c = arg;

	(void)timer;
	switch (c->state) {
	case CTXN_CALLING:
	case CTXN_PROCEEDING:
		if (c->is_invite && !c->cancelled && c->state == CTXN_PROCEEDING) {
			send_cancel(c); /* Timer C: 16.8; a phone that rings for ever */
			return;
		}
		finish(c, CTXN_TERMINATED, 408, NULL);
		return;
	case CTXN_FAILED:
		finish(c, CTXN_TERMINATED, 503, NULL);
		return;
	case CTXN_ACCEPTED:
	case CTXN_TERMINATED:
		enter(c, CTXN_TERMINATED);
		return;
	}
}

/* Lower-case hex, most significant digit first; every request has one of these, so no printf. */
static char *put_hex(char *out, uint64_t v, int digits)
{
	static const char hex[] = "0123456789abcdef";

	for (int i = digits - 1; i >= 0; i--, v >>= 4)
		out[i] = hex[v & 15];
	return out + digits;
}

static void make_branch(struct sip_stack *s, uint64_t id, const struct sip_out *o,
			char out[static BRANCH_LEN + 1])
{
	char *p = out;

	memcpy(p, "z9hG4bK", COOKIE_LEN);
	p = put_hex(p + COOKIE_LEN, sip_route_loop_hash(s->tag_seed, o->uri, o->call_id, o->cseq),
		    LOOP_LEN);
	p = put_hex(p, id, 16);
	p = put_hex(p, rand_u64(), 16);
	*p = '\0';
}

static void encode(struct sip_stack *s, struct sip_flow *f, const struct sip_out *o,
		   const char *branch)
{
	struct sip_request r = {
		.method = o->method,
		.uri = o->uri,
		.from = o->from,
		.to = o->to,
		.call_id = o->call_id,
		.cseq = o->cseq,
		.max_forwards = o->max_forwards == 0 ? SIP_MAX_FORWARDS : o->max_forwards,
		.extra_headers = o->extra_headers,
		.content_type = o->content_type,
		.body = o->body,
		.conn = f == NULL ? NULL : &f->conn,
	};

	buf_reset(&s->via);
	buf_add(&s->via, STR("SIP/2.0/TLS "));
	buf_add(&s->via, s->self.host);
	buf_addc(&s->via, ':');
	buf_add_u64(&s->via, s->self.port);
	buf_add(&s->via, STR(";branch="));
	buf_add(&s->via, str_n(branch, BRANCH_LEN));
	r.via = buf_str(&s->via);
	buf_reset(&s->out);
	sip_build_request(&s->out, &r);
	s->stats.requests_out++;
}

uint64_t sip_request_send(struct sip_stack *s, const struct sip_out *o, sip_response_fn *fn,
			  void *arg)
{
	struct sip_flow *f = sip_flow_get(s, o->conn);
	struct sip_ctxn *c = xcalloc(1, sizeof(*c));

	c->id = s->next_id++;
	c->stack = s;
	c->method_id = sip_method_of(o->method);
	c->is_invite = c->method_id == SIP_METHOD_INVITE;
	c->fn = fn;
	c->progress = o->progress;
	c->arg = arg;
	c->ctx = o->ctx;
	c->timeout_ms = o->timeout_ms > 0 ? o->timeout_ms
			: c->is_invite	  ? SIP_INVITE_WAIT_MS
					  : SIP_TXN_LIFE_MS;
	timer_init(&c->timer, on_timer, c);
	map_put_id(&s->ctxns, &c->by_id, c->id);
	s->stats.client_txns++;
	make_branch(s, c->id, o, c->branch);
	encode(s, f, o, c->branch);
	if (f == NULL || f->closing || f->client_count >= SIP_CLIENT_TXNS_PER_CONN ||
	    buf_err(&s->out) != E_OK || sip_flow_send(s, f, buf_str(&s->out)) != E_OK) {
		enter(c, CTXN_FAILED);
		return c->id;
	}
	c->flow = f;
	list_push_back(&f->clients, &c->link);
	f->client_count++;
	if (c->is_invite) {
		size_t head = str_search(buf_str(&s->out), STR("\r\n\r\n")) + 4;

		if (sip_msg_decode(buf_str(&s->out), head, SIP_LINES_STRICT, &c->req) != E_OK)
			c->req = NULL; /* then it can be neither cancelled nor acknowledged */
	}
	enter(c, CTXN_CALLING);
	return c->id;
}

enum err sip_request_send_once(struct sip_stack *s, const struct sip_out *o)
{
	struct sip_flow *f = sip_flow_get(s, o->conn);
	char branch[BRANCH_LEN + 1];

	if (f == NULL || f->closing)
		return E_GONE;
	make_branch(s, s->next_id++, o, branch);
	encode(s, f, o, branch);
	if (buf_err(&s->out) != E_OK)
		return buf_err(&s->out);
	return sip_flow_send(s, f, buf_str(&s->out));
}

static struct sip_ctxn *ctxn_get(struct sip_stack *s, uint64_t id)
{
	struct map_node *n = map_get_id(&s->ctxns, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct sip_ctxn, by_id);
}

void sip_request_forget(struct sip_stack *s, uint64_t id)
{
	struct sip_ctxn *c = ctxn_get(s, id);

	if (c != NULL)
		c->fn = c->progress = NULL;
}

/* ACK of a non-2xx (17.1.1.3) and CANCEL (9.1): the INVITE's Via, Request-URI, Routes and CSeq number. */
static void send_companion(struct sip_ctxn *c, struct str method, struct str to)
{
	struct sip_stack *s = c->stack;
	struct sip_request r;
	struct buf routes;

	if (c->req == NULL || c->flow == NULL)
		return;
	buf_init(&routes, SIP_HEAD_MAX);
	for (const struct sip_hdr *h = sip_msg_first(c->req, SIP_HDR_ROUTE); h != NULL;
	     h = sip_msg_next(c->req, h))
		sip_build_header(&routes, "Route", h->value);
	r = (struct sip_request){
		.method = method,
		.uri = c->req->ruri,
		.via = c->req->via.text,
		.from = sip_msg_get(c->req, SIP_HDR_FROM),
		.to = to,
		.call_id = c->req->call_id,
		.cseq = c->req->cseq,
		.max_forwards = SIP_MAX_FORWARDS,
		.extra_headers = buf_str(&routes),
		.conn = &c->flow->conn,
	};
	buf_reset(&s->out);
	sip_build_request(&s->out, &r);
	buf_fini(&routes);
	s->stats.requests_out++;
	(void)sip_flow_send(s, c->flow, buf_str(&s->out)); /* the flow's end is told to us anyway */
}

static void send_cancel(struct sip_ctxn *c)
{
	c->cancelled = true;
	send_companion(c, STR("CANCEL"), sip_msg_get(c->req, SIP_HDR_TO));
	/* pidgin-sipe answers no CANCEL, and may accept up to 10 s later: wait for either. */
	timer_start(c->stack->cfg.heap, &c->timer, clk_ms() + CANCEL_WAIT_MS);
}

void sip_request_cancel(struct sip_stack *s, uint64_t id)
{
	struct sip_ctxn *c = ctxn_get(s, id);

	if (c == NULL || c->req == NULL || c->cancelled)
		return;
	switch (c->state) {
	case CTXN_CALLING:
	case CTXN_PROCEEDING:
		send_cancel(c);
		return;
	case CTXN_ACCEPTED:
	case CTXN_FAILED:
	case CTXN_TERMINATED:
		return;
	}
}

static struct sip_ctxn *match(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m)
{
	struct sip_ctxn *c;
	uint64_t id;

	if (m->via.branch.len != BRANCH_LEN ||
	    num_hex_u64(str_sub(m->via.branch, COOKIE_LEN + LOOP_LEN, COOKIE_LEN + LOOP_LEN + 16),
			&id) != E_OK)
		return NULL;
	c = ctxn_get(s, id);
	if (c == NULL || c->flow != f || !str_ieqz(m->via.branch, c->branch) ||
	    m->method_id != c->method_id)
		return NULL;
	return c;
}

static void on_provisional(struct sip_ctxn *c, const struct sip_msg *m)
{
	if (c->state == CTXN_CALLING)
		enter(c, CTXN_PROCEEDING);
	if (c->state == CTXN_PROCEEDING && c->progress != NULL)
		c->progress(c->arg, c->ctx, m->status, m);
}

static void on_final(struct sip_ctxn *c, const struct sip_msg *m)
{
	if (!c->is_invite) {
		finish(c, CTXN_TERMINATED, m->status, m);
	} else if (m->status < 300) {
		finish(c, CTXN_ACCEPTED, m->status, m);
	} else {
		send_companion(c, STR("ACK"), sip_msg_get(m, SIP_HDR_TO));
		finish(c, CTXN_TERMINATED, m->status, m);
	}
}

static bool is_accepted(struct sip_flow *f, const struct sip_msg *m)
{
	const struct sip_adapter *a = f->conn.adapter;

	return m->status < 200 || a == NULL || a->accepts_response == NULL ||
	       a->accepts_response(a->arg, &f->conn, m);
}

void sip_ctxn_on_response(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m)
{
	struct sip_ctxn *c = match(s, f, m);

	s->stats.responses_in++;
	if (c == NULL) {
		/* late answers are normal, floods of them are not */
		s->stats.unmatched_responses++;
		if (!sip_flow_spend(f, 1) && ++f->refusals >= SIP_FLOOD_REFUSALS_MAX)
			sip_flow_close(s, f, true);
		log_debug("sip", "conn=%llu status=%d answers nothing we wait for",
			  (unsigned long long)f->conn.id, m->status);
		return;
	}
	if (!is_accepted(f, m))
		return;
	switch (c->state) {
	case CTXN_CALLING:
	case CTXN_PROCEEDING:
		if (m->status < 200)
			on_provisional(c, m);
		else
			on_final(c, m);
		return;
	case CTXN_ACCEPTED:
		if (m->status >= 200 && m->status < 300 && c->progress != NULL)
			c->progress(c->arg, c->ctx, m->status, m);
		return;
	case CTXN_FAILED:
	case CTXN_TERMINATED:
		return;
	}
}

void sip_ctxns_end(struct sip_stack *s, struct sip_flow *f)
{
	struct list *n;

	(void)s;
	while ((n = f->clients.next) != &f->clients)
		finish(LIST_ITEM(n, struct sip_ctxn, link), CTXN_TERMINATED, 503, NULL);
}

void sip_ctxns_fini(struct sip_stack *s)
{
	struct map_iter it;
	struct map_node *n;

	while ((n = map_first(&s->ctxns, &it)) != NULL)
		finish(CONTAINER_OF(n, struct sip_ctxn, by_id), CTXN_TERMINATED, 503, NULL);
	map_fini(&s->ctxns);
}
