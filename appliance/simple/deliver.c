/* One copy of a text to one endpoint: a MESSAGE over the connection the endpoint opened.
 *
 * Call-ID stays the sender's, so that a copy that comes twice is known as one;
 * Date says when the server got it, however long it waited. */
#include "sip/build.h"

#include "simple/simple_int.h"

static void on_response(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct simple *s = arg;

	(void)resp;
	immcu_on_answer(s->cfg.immcu, ctx, code);
}

void simple_deliver(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		    const struct account *to, const struct im_text *t)
{
	struct simple *s = arg;
	struct buf from_value, to_value, headers;
	/* The other dialect's own forms are not for these clients: they get what a plain one shows. */
	bool is_foreign = t->dialect != DIALECT_SIMPLE && t->plain.p != NULL;
	struct sip_out o;

	buf_init(&from_value, SIP_HEAD_MAX);
	buf_init(&to_value, SIP_HEAD_MAX);
	buf_init(&headers, SIP_HEAD_MAX);
	simple_name_addr(s, from, &from_value);
	buf_addf(&from_value, ";tag=%016llx", (unsigned long long)str_hash(s->seed, str_n(&leg, sizeof(leg))));
	simple_name_addr(s, to, &to_value);
	simple_date_line(t->sent_ms, &headers);
	if (!is_foreign && t->content_encoding.len > 0)
		sip_build_header(&headers, "Content-Encoding", t->content_encoding);
	if (t->dialect == DIALECT_SIMPLE)
		buf_add(&headers, t->headers);
	s->stats.copies_out++;
	o = (struct sip_out){
		.conn = e->conn,
		.method = STR("MESSAGE"),
		.uri = e->contact,
		.from = buf_str(&from_value),
		.to = buf_str(&to_value),
		.call_id = t->call_id,
		.cseq = 1,
		.extra_headers = buf_str(&headers),
		.content_type = is_foreign ? STR("text/plain;charset=UTF-8") : t->content_type,
		.body = is_foreign ? t->plain : t->body,
		.ctx = leg,
	};
	(void)sip_request_send(s->cfg.stack, &o, on_response, s);
	buf_fini(&headers);
	buf_fini(&to_value);
	buf_fini(&from_value);
}
