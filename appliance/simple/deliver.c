/* One copy of a text to one endpoint: a MESSAGE over the connection the endpoint opened.
 *
 * Call-ID stays the sender's, so that a copy that comes twice is known as one;
 * Date says when the server got it, however long it waited. */
#include <stdio.h>

#include "sip/build.h"

#include "simple/simple_int.h"

static void on_response(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct simple *s = arg;

	(void)resp;
	immcu_on_answer(s->cfg.immcu, ctx, code);
}

static bool is_foreign(const struct im_text *t)
{
	return t->dialect != DIALECT_SIMPLE && t->plain.len > 0;
}

/* From, To and the header lines, one after the other in one buffer that is kept: this runs for every copy. */
static void write_head(struct simple *s, leg_id leg, const struct account *from,
		       const struct account *to, const struct im_text *t, struct sip_out *o)
{
	struct buf *b = &s->scratch;
	size_t to_at, headers_at;

	buf_reset(b);
	simple_name_addr(s, from, b);
	buf_addf(b, ";tag=%016llx",
		 (unsigned long long)str_hash(s->seed, str_n(&leg, sizeof(leg))));
	to_at = b->len;
	simple_name_addr(s, to, b);
	headers_at = b->len;
	simple_date_line(t->sent_ms, b);
	if (t->content_encoding.len > 0 && !is_foreign(t))
		sip_build_header(b, "Content-Encoding", t->content_encoding);
	if (t->dialect == DIALECT_SIMPLE)
		buf_add(b, t->headers);
	o->from = str_sub(buf_str(b), 0, to_at);
	o->to = str_sub(buf_str(b), to_at, headers_at);
	o->extra_headers = str_sub(buf_str(b), headers_at, b->len);
}

/* What the IMMCU wants shown and could not put into a body it does not read: a plain text of its own, behind it. */
static void send_notice(struct simple *s, leg_id leg, struct sip_out *o, struct str notice)
{
	char call_id[40];
	int n = snprintf(call_id, sizeof(call_id), "notice-%016llx",
			 (unsigned long long)str_hash(s->seed + 1, str_n(&leg, sizeof(leg))));

	o->call_id = str_n(call_id, n < 0 ? 0 : (size_t)n);
	o->extra_headers = STR_NULL;
	o->content_type = STR("text/plain;charset=UTF-8");
	o->body = notice;
	(void)sip_request_send(s->cfg.stack, o, NULL, NULL);
}

void simple_deliver(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		    const struct account *to, const struct im_text *t)
{
	struct simple *s = arg;
	struct sip_out o = {
		.conn = e->conn,
		.method = STR("MESSAGE"),
		.uri = e->contact,
		.call_id = t->call_id,
		.cseq = 1,
		.content_type = t->content_type,
		.body = t->body,
		.ctx = leg,
	};

	/* All texts of a Lync-class dialog have its Call-ID, and Linphone ignores a second MESSAGE with the same. */
	if (t->dialect != DIALECT_SIMPLE && t->message_id.len > 0)
		o.call_id = t->message_id;
	/* A client of ours shows neither HTML nor RTF of the other dialect, but everybody shows text. */
	if (is_foreign(t)) {
		o.content_type = STR("text/plain;charset=UTF-8");
		o.body = t->plain;
	}
	write_head(s, leg, from, to, t, &o);
	s->stats.copies_out++;
	(void)sip_request_send(s->cfg.stack, &o, on_response, s);
	if (t->notice.len > 0)
		send_notice(s, leg, &o, t->notice);
}
