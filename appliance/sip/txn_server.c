/* Server transactions over a reliable transport: nothing is ever sent twice by a timer.
 *
 *            1xx            2xx to INVITE              Timer L
 *   TRYING -----> PROCEEDING -----------> ACCEPTED ------------+
 *     |    other final |                                       v
 *     +----------------+----------------> COMPLETED ------> TERMINATED
 *                                          ACK or Timer H (INVITE), Timer J or
 *                                          the cap of kept answers (others)
 *
 * Timers J and I are 0 on reliable transports (RFC 3261 17.2); the answer is
 * kept all the same, because clients behind broken middleboxes do repeat
 * requests, and a MESSAGE must not be taken twice. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"

#include "sip/forward.h"
#include "sip/stack_int.h"

static const char *state_name(enum sip_txn_state state)
{
	switch (state) {
	case TXN_TRYING:
		return "trying";
	case TXN_PROCEEDING:
		return "proceeding";
	case TXN_ACCEPTED:
		return "accepted";
	case TXN_COMPLETED:
		return "completed";
	case TXN_TERMINATED:
		return "terminated";
	}
	return "?";
}

static bool is_waiting(const struct sip_txn *t)
{
	return t->state == TXN_TRYING || t->state == TXN_PROCEEDING;
}

static bool is_invite(const struct sip_txn *t)
{
	return t->verb != NULL && strcmp(t->verb->method, "INVITE") == 0;
}

static void txn_free(struct sip_txn *t)
{
	if (t->pinned)
		return; /* sip_txn_unpin comes back */
	str_free(&t->answer);
	sip_msg_unref(&t->msg);
	free(t);
}

/* Out of whatever list holds it. */
static void unlink_txn(struct sip_txn *t)
{
	if (!list_is_linked(&t->link))
		return;
	list_del(&t->link);
	if (is_waiting(t)) {
		t->flow->waiting_count--;
		map_del(&t->stack->txns, &t->by_id);
		t->stack->stats.server_txns--;
	} else {
		t->flow->done_count--;
	}
}

static void enter(struct sip_txn *t, enum sip_txn_state state);

static void keep_done(struct sip_txn *t)
{
	struct sip_flow *f = t->flow;

	if (!t->pinned)
		sip_msg_unref(&t->msg);
	list_push_back(&f->done, &t->link);
	if (++f->done_count > SIP_TXNS_DONE_PER_CONN)
		enter(LIST_ITEM(f->done.next, struct sip_txn, link), TXN_TERMINATED);
}

/* The one place where the state changes. */
static void enter(struct sip_txn *t, enum sip_txn_state state)
{
	struct heap *heap = t->stack->cfg.heap;

	log_trace("sip", "conn=%llu txn=%llu %s->%s", (unsigned long long)t->flow->conn.id,
		  (unsigned long long)t->id, state_name(t->state), state_name(state));
	if (state == TXN_PROCEEDING) {
		t->state = state;
		return;
	}
	unlink_txn(t);
	t->state = state;
	switch (state) {
	case TXN_TRYING:
		list_push_back(&t->flow->waiting, &t->link);
		t->flow->waiting_count++;
		map_put_id(&t->stack->txns, &t->by_id, t->id);
		t->stack->stats.server_txns++;
		timer_start(heap, &t->timer,
			    clk_ms() + (is_invite(t) ? SIP_INVITE_WAIT_MS + SIP_TXN_SILENT_MS
						     : SIP_TXN_SILENT_MS));
		return;
	case TXN_ACCEPTED:
	case TXN_COMPLETED:
		timer_start(heap, &t->timer, clk_ms() + SIP_TXN_LIFE_MS);
		keep_done(t);
		return;
	case TXN_TERMINATED:
		timer_stop(heap, &t->timer);
		map_del(&t->stack->txns_by_key, &t->by_key);
		txn_free(t);
		return;
	case TXN_PROCEEDING:
		return;
	}
}

static void on_timer(struct timer *timer, void *arg)
{
	struct sip_txn *t = arg;

	(void)timer;
	if (!is_waiting(t)) {
		enter(t, TXN_TERMINATED);
		return;
	}
	if (log_rate_ok(&t->stack->silent_rate, 2))
		log_error("sip", "conn=%llu method=%s nobody answered for %d s",
			  (unsigned long long)t->flow->conn.id, t->verb->method,
			  SIP_TXN_SILENT_MS / 1000);
	sip_reply_code(t->stack, t->id, 500);
}

/* RFC 3261 17.2.3, with the connection in every key: two pidgin-sipe started in the same second
 * use the same Call-IDs and tags, and nobody may cancel what came on another connection.  Without a
 * branch of RFC 3261 the request itself is the key (RFC 2543; pidgin-sipe in dialogs). */
static struct str make_key(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			   struct str method)
{
	struct buf *k = &s->key;
	bool to_counts = !str_eqz(method, "INVITE"); /* the ACK of an INVITE has a To tag more */

	buf_reset(k);
	buf_add(k, str_n(&f->conn.id, sizeof(f->conn.id)));
	buf_add(k, method);
	buf_addc(k, '\n');
	if (sip_via_is_3261(&m->via)) {
		buf_add(k, m->via.branch);
		buf_addc(k, '\n');
		buf_add(k, m->via.sent_by);
		return buf_str(k);
	}
	buf_add(k, m->ruri);
	buf_addc(k, '\n');
	buf_add(k, m->from.tag);
	buf_addc(k, '\n');
	buf_add(k, to_counts ? m->to.tag : STR_NULL);
	buf_addc(k, '\n');
	buf_add(k, m->call_id);
	buf_addc(k, '\n');
	buf_add_u64(k, m->cseq);
	buf_addc(k, '\n');
	buf_add(k, m->via.text);
	return buf_str(k);
}

struct sip_txn *sip_txn_find(struct sip_stack *s, struct sip_flow *f, const struct sip_msg *m,
			     struct str method)
{
	struct map_node *n = map_get(&s->txns_by_key, make_key(s, f, m, method));

	return n == NULL ? NULL : CONTAINER_OF(n, struct sip_txn, by_key);
}

static struct sip_txn *make(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m,
			    const struct sip_verb *verb, struct str key)
{
	static const char hex[] = "0123456789abcdef";
	struct sip_txn *t = xcalloc(1, sizeof(*t) + key.len);
	uint64_t tag;

	t->id = s->next_id++;
	t->stack = s;
	t->flow = f;
	t->verb = verb;
	t->msg = sip_msg_ref(m);
	t->pinned = true;
	t->key_len = key.len;
	if (key.len > 0)
		memcpy(t->key, key.p, key.len);
	tag = str_hash(s->tag_seed, str_n(&t->id, sizeof(t->id)));
	for (size_t i = 0; i < SIP_TAG_LEN; i++, tag >>= 4)
		t->tag[i] = hex[tag & 15];
	timer_init(&t->timer, on_timer, t);
	return t;
}

/* After sip_txn_find has made the key and found nothing. */
struct sip_txn *sip_txn_new(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m,
			    const struct sip_verb *verb)
{
	struct sip_txn *t = make(s, f, m, verb, make_key(s, f, m, m->method));

	map_put(&s->txns_by_key, &t->by_key, str_n(t->key, t->key_len));
	enter(t, TXN_TRYING);
	return t;
}

struct sip_txn *sip_txn_new_stray(struct sip_stack *s, struct sip_flow *f, struct sip_msg *m,
				  const struct sip_verb *verb)
{
	struct sip_txn *t = make(s, f, m, verb, STR_NULL);

	t->is_stray = true;
	t->state = TXN_TERMINATED;
	return t;
}

void sip_txn_unpin(struct sip_txn *t)
{
	t->pinned = false;
	if (t->state == TXN_TERMINATED)
		txn_free(t);
	else if (!is_waiting(t))
		sip_msg_unref(&t->msg);
}

void sip_txn_retransmitted(struct sip_txn *t)
{
	t->stack->stats.retransmissions++;
	if (t->answer.len > 0)
		/* the flow's end is told to us anyway */
		(void)sip_flow_send(t->stack, t->flow, t->answer);
}

bool sip_txn_acked(struct sip_txn *t)
{
	switch (t->state) {
	case TXN_COMPLETED:
		enter(t, TXN_TERMINATED); /* Timer I is 0 */
		return true;
	case TXN_TRYING:
	case TXN_PROCEEDING:
	case TXN_TERMINATED:
		return true;
	case TXN_ACCEPTED: /* an RFC 2543 ACK of a 2xx: the dialog's business */
		return false;
	}
	return false;
}

void sip_txn_cancelled(struct sip_txn *t)
{
	sip_cancel_fn *fn = t->on_cancel;

	if (!is_waiting(t))
		return;
	t->on_cancel = NULL;
	if (fn != NULL)
		fn(t->cancel_arg, t->id, true);
	else
		sip_reply_code(t->stack, t->id, 487);
}

void sip_txns_end(struct sip_flow *f)
{
	struct list *n;

	while ((n = f->done.next) != &f->done)
		enter(LIST_ITEM(n, struct sip_txn, link), TXN_TERMINATED);
	while ((n = f->waiting.next) != &f->waiting) {
		struct sip_txn *t = LIST_ITEM(n, struct sip_txn, link);
		sip_cancel_fn *fn = t->on_cancel;
		void *arg = t->cancel_arg;
		uint64_t id = t->id;

		enter(t, TXN_TERMINATED);
		if (fn != NULL)
			fn(arg, id, false);
	}
}

struct sip_txn *sip_txn_get(struct sip_stack *s, uint64_t txn_id)
{
	struct map_node *n = map_get_id(&s->txns, txn_id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct sip_txn, by_id);
}

/* Keeps what was sent for a request that comes again. */
static void keep_answer(struct sip_txn *t, struct str sent)
{
	str_free(&t->answer);
	if (sent.len <= SIP_TXN_ANSWER_MAX)
		t->answer = str_dup(sent);
}

/* What is in s->out goes out as the answer. */
static void send_answer(struct sip_txn *t, int code)
{
	struct sip_stack *s = t->stack;

	s->stats.responses_out[code / 100]++;
	(void)sip_flow_send(s, t->flow, buf_str(&s->out)); /* the flow's end is told to us anyway */
	if (code >= 200 || is_invite(t))
		keep_answer(t, buf_str(&s->out));
	if (code < 200)
		enter(t, TXN_PROCEEDING);
	else
		enter(t, code < 300 && is_invite(t) ? TXN_ACCEPTED : TXN_COMPLETED);
}

void sip_forward_response(struct sip_stack *s, uint64_t txn_id, const struct sip_msg *resp,
			  struct str extra)
{
	struct sip_txn *t = sip_txn_get(s, txn_id);

	if (t == NULL)
		return;
	buf_reset(&s->out);
	sip_build_forwarded(&s->out, t->msg, resp, &t->flow->conn, t->account, extra);
	if (buf_err(&s->out) != E_OK) {
		sip_reply_code(s, txn_id, resp->status < 200 ? 183 : 513);
		return;
	}
	send_answer(t, resp->status);
}

void sip_reply(struct sip_stack *s, uint64_t txn_id, int code, const char *reason,
	       struct str extra_headers, struct str content_type, struct str body)
{
	struct sip_txn *t = sip_txn_get(s, txn_id);
	struct sip_response r;

	if (t == NULL)
		return;
	r = (struct sip_response){
		.code = code,
		.reason = str_of(reason),
		.to_tag = str_n(t->tag, SIP_TAG_LEN),
		.peer = &t->flow->conn.info.peer,
		.extra_headers = extra_headers,
		.content_type = content_type,
		.body = body,
		.conn = &t->flow->conn,
		.account = t->account,
	};
	sip_note_refused(s, t->flow, t->msg, code, r.reason);
	buf_reset(&s->out);
	sip_build_response(&s->out, t->msg, &r);
	if (buf_err(&s->out) != E_OK) {
		log_error("sip", "txn=%llu answer %d does not fit", (unsigned long long)txn_id,
			  code);
		r = (struct sip_response){ .code = 513,
					   .to_tag = r.to_tag,
					   .peer = r.peer,
					   .conn = r.conn,
					   .account = r.account };
		code = code < 200 ? code : 513;
		buf_reset(&s->out);
		sip_build_response(&s->out, t->msg, &r);
	}
	send_answer(t, code);
}

void sip_reply_code(struct sip_stack *s, uint64_t txn_id, int code)
{
	sip_reply(s, txn_id, code, NULL, STR_NULL, STR_NULL, STR_NULL);
}

void sip_txn_on_cancel(struct sip_txn *t, sip_cancel_fn *fn, void *arg)
{
	t->on_cancel = fn;
	t->cancel_arg = arg;
}

uint64_t sip_txn_id(const struct sip_txn *t)
{
	return t->id;
}

const struct sip_msg *sip_txn_msg(const struct sip_txn *t)
{
	return t->msg;
}

struct sip_msg *sip_txn_msg_ref(struct sip_txn *t)
{
	return sip_msg_ref(t->msg);
}

struct sip_conn *sip_txn_conn(struct sip_txn *t)
{
	return &t->flow->conn;
}

conn_id sip_txn_conn_id(const struct sip_txn *t)
{
	return t->flow->conn.id;
}

struct sip_stack *sip_txn_stack(struct sip_txn *t)
{
	return t->stack;
}

uint64_t sip_txn_account(const struct sip_txn *t)
{
	return t->account;
}

void sip_txn_set_account(struct sip_txn *t, uint64_t account)
{
	t->account = account;
}

struct str sip_txn_to_tag(const struct sip_txn *t)
{
	return t->msg->to.tag.p != NULL ? t->msg->to.tag : str_n(t->tag, SIP_TAG_LEN);
}
