/* MESSAGE (RFC 3428) into the IMMCU: who it is for, what kind it is, and the answer when it comes. */
#include "base/clk.h"
#include "simple/focus.h"
#include "simple/kind.h"
#include "simple/simple_int.h"

/* What the receiver needs of the head; the rest was between the sender and us. */
static const enum sip_hdr_id passed_on[] = {
	SIP_HDR_SUBJECT,
	SIP_HDR_PRIORITY,
	SIP_HDR_CONTENT_DISPOSITION,
};
static const char *const passed_on_names[] = { "Content-Language", "MIME-Version", "In-Reply-To",
					       "Reply-To" };

static void pass_on(const struct sip_msg *m, struct buf *out)
{
	for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++) {
		struct str value = sip_msg_get(m, passed_on[i]);

		if (value.p != NULL)
			buf_addf(out, "%.*s: %.*s\r\n", STR_ARG(sip_hdr_name(passed_on[i])),
				 STR_ARG(value));
	}
	for (size_t i = 0; i < sizeof(passed_on_names) / sizeof(passed_on_names[0]); i++) {
		struct str value = sip_msg_get_name(m, str_of(passed_on_names[i]));

		if (value.p != NULL)
			buf_addf(out, "%s: %.*s\r\n", passed_on_names[i], STR_ARG(value));
	}
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	struct simple *s = arg;
	struct buf line;

	buf_init(&line, SIP_HEAD_MAX);
	if (retry_after_s > 0)
		buf_addf(&line, "Retry-After: %d\r\n", retry_after_s);
	sip_reply(s->cfg.stack, token, code, NULL, buf_str(&line), STR_NULL, STR_NULL);
	buf_fini(&line);
}

static void submit(struct simple *s, struct sip_txn *t, const struct account *to)
{
	const struct sip_msg *m = sip_txn_msg(t);
	account_id from = (account_id)sip_txn_account(t);
	const struct endpoint *e = registrar_find_conn(s->cfg.registrar, from, sip_txn_conn_id(t));
	struct simple_kind k;
	struct buf headers;

	buf_init(&headers, SIP_HEAD_MAX);
	simple_kind_of(m->content_type, m->content_encoding, m->body, &k);
	pass_on(m, &headers);
	s->stats.texts_in++;
	immcu_submit(s->cfg.immcu,
		     &(struct im_text){
			     .from = from,
			     .to = to->id,
			     .from_endpoint = e == NULL ? 0 : e->id,
			     .kind = k.kind,
			     .dialect = DIALECT_SIMPLE,
			     .content_type = m->content_type,
			     .content_encoding = m->content_encoding,
			     .body = m->body,
			     .plain = k.plain,
			     .about = k.about,
			     .call_id = m->call_id,
			     .message_id = k.message_id.len > 0 ? k.message_id : m->call_id,
			     .headers = buf_str(&headers),
			     .client = sip_txn_conn(t)->user_agent,
			     .sent_ms = clk_wall_ms(),
		     },
		     sip_txn_id(t), on_answer, s);
	buf_fini(&headers);
	simple_kind_fini(&k);
}

void simple_on_message(struct sip_txn *t, void *arg)
{
	struct simple *s = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct account *to;
	int code;

	if (m->body.len == 0) {
		sip_reply(s->cfg.stack, sip_txn_id(t), 400, "Empty Message", STR_NULL, STR_NULL,
			  STR_NULL);
		return;
	}
	if (focus_on_message(s->focus, t))
		return;
	to = simple_target_of(s, t, &code);
	if (to == NULL)
		sip_reply_code(s->cfg.stack, sip_txn_id(t), code);
	else
		submit(s, t, to);
}
