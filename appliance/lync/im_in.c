/* What a client says in a chat: texts, typing, goodbye. */
#include <stdio.h>

#include "base/clk.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "lync/conf.h"
#include "lync/file_offer.h"
#include "lync/im.h"
#include "lync/richtext.h"
#include "sip/forward.h"

/* The mapping of the IMMCU's answers to what a Lync-class client shows for it: 5xx "the service is not
 * available", 486 "do not want to be disturbed", 606 "blocked by policy", anything else "offline". */
static int code_for_client(int code)
{
	switch (code) {
	case 404:
		return 480;
	case 413: /* shown as "offline" otherwise, which is less true */
		return 500;
	default:
		return code;
	}
}

static void add_policy_warning(const struct im *im, struct buf *lines)
{
	buf_addf(lines, "Warning: 309 %.*s \"Message contents not allowed by policy\"\r\n",
		 STR_ARG(sip_stack_host(im->lync->cfg.stack)));
}

bool im_is_refused(struct im *im, struct sip_txn *t, int code, enum filter_action action,
		   const char *what)
{
	struct buf lines;

	if (action != FILTER_BLOCK)
		return false;
	log_info("lync", "event=blocked reason=%s from=%lld", what, (long long)sip_txn_account(t));
	buf_init(&lines, SIP_HEAD_MAX);
	add_policy_warning(im, &lines);
	sip_reply(im->lync->cfg.stack, sip_txn_id(t), code, NULL, buf_str(&lines), STR_NULL,
		  STR_NULL);
	buf_fini(&lines);
	return true;
}

static bool is_typing_notice(const struct sip_msg *m)
{
	return mime_is(m->content_type, "application/im-iscomposing+xml");
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	struct im *im = arg;
	struct sip_stack *stack = im->lync->cfg.stack;
	struct sip_txn *t = sip_txn_get(stack, token);
	struct chat_side *from;
	struct buf lines;

	if (t == NULL)
		return;
	buf_init(&lines, SIP_HEAD_MAX);
	if (retry_after_s > 0)
		buf_addf(&lines, "Retry-After: %d\r\n", retry_after_s);
	if (code == 606)
		add_policy_warning(im, &lines);
	if (chat_of(im, sip_txn_msg(t), sip_txn_conn_id(t), &from) != NULL) {
		if (from->texts > 0 && !is_typing_notice(sip_txn_msg(t)))
			from->texts--;
		if (code == 202)
			im_tell_offline(from);
		else if (code == 200)
			from->chat->is_offline_told = false; /* he is back, and may leave again */
	}
	sip_reply(stack, token, code_for_client(code), NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}

/* Never the same for two texts, and the same when the client repeats one. */
static struct str message_id(struct buf *b, const struct sip_msg *m)
{
	buf_add(b, m->call_id);
	buf_addf(b, ".%.*s.%u", STR_ARG(m->from.tag), m->cseq);
	return buf_str(b);
}

/* side: of the chat it was said in; NULL: none. */
static void submit(struct im *im, struct sip_txn *t, struct chat_side *side, account_id to)
{
	endpoint_id to_endpoint = side == NULL ? 0 : chat_other(side)->endpoint;
	const struct sip_msg *m = sip_txn_msg(t);
	account_id from = (account_id)sip_txn_account(t);
	const struct endpoint *e = registrar_find_conn(im->lync->cfg.registrar, from,
						       sip_txn_conn_id(t));
	bool is_typing = is_typing_notice(m), has_text;
	struct im_text text = { .from = from,
				.to = to,
				.from_endpoint = e == NULL ? 0 : e->id,
				.to_endpoint = to_endpoint,
				.kind = is_typing ? IM_TYPING : IM_TEXT,
				.dialect = DIALECT_LYNC,
				.content_type = m->content_type,
				.body = m->body,
				.call_id = m->call_id,
				.client = sip_txn_conn(t)->user_agent,
				.sent_ms = clk_wall_ms() };
	struct buf plain, id;

	buf_init(&plain, IM_BODY_MAX);
	buf_init(&id, SIP_HEAD_MAX);
	has_text = is_typing || richtext_of_body(m->content_type, m->body, &plain);
	text.message_id = message_id(&id, m);
	if (!is_typing)
		text.plain = plain.len > 0 ? buf_str(&plain) : STR("");
	/* a picture or ink: only another such client could show it */
	if (!has_text && to_endpoint == 0) {
		sip_reply(im->lync->cfg.stack, sip_txn_id(t), 415, NULL,
			  STR("Accept: text/plain\r\n"), STR_NULL, STR_NULL);
	} else {
		if (side != NULL && !is_typing)
			side->texts++;
		immcu_submit(im->lync->cfg.immcu, &text, sip_txn_id(t), on_answer, im);
	}
	buf_fini(&id);
	buf_fini(&plain);
}

/* To the other client as it came, over the other dialog: what is the two clients' own (file transfer). */
static void pass_over(struct im *im, struct sip_txn *t, struct chat_side *from)
{
	struct chat_side *to = chat_other(from);
	struct sip_fork_target target = { .conn = to->has_dialog ? to->dialog.conn : 0 };

	if (target.conn == 0) {
		sip_reply(im->lync->cfg.stack, sip_txn_id(t), 415, NULL,
			  STR("Accept: text/plain\r\n"), STR_NULL, STR_NULL);
		return;
	}
	if (sip_txn_msg(t)->cseq > to->dialog.local_cseq)
		to->dialog.local_cseq = sip_txn_msg(t)->cseq;
	sip_fork_start(im->forks, t, &(struct sip_fork){ .target = &target, .count = 1 });
}

/* A mere refusal leaves pidgin-sipe's transfer waiting for ever: the other's cancelling ends it. */
static void cancel_file(struct chat_side *offering, struct str offer)
{
	struct str cookie = file_offer_cookie(offer);
	struct buf b;

	if (cookie.len == 0)
		return;
	buf_init(&b, SIP_HEAD_MAX);
	buf_addf(&b,
		 "Invitation-Command: CANCEL\r\nInvitation-Cookie: %.*s\r\nCancel-Code: REJECT\r\n",
		 STR_ARG(cookie));
	im_say(offering, STR("text/x-msmsgsinvite; charset=UTF-8"), buf_str(&b));
	buf_fini(&b);
}

/* Offered, taken or cancelled: the two clients' own, but for what may not be offered. */
static void on_file(struct im *im, struct sip_txn *t, struct chat_side *from)
{
	const struct sip_msg *m = sip_txn_msg(t);
	enum filter_action a = file_offer_in_body(filter_get(im->lync->cfg.immcu), m->content_type,
						  m->body);

	if (im_is_refused(im, t, 606, a, "file")) {
		cancel_file(from, m->body);
		return;
	}
	if (a == FILTER_WARN)
		im_tell(chat_other(from), STR("Take care: a file of this kind may do harm."));
	if (!chat_other(from)->has_dialog)
		cancel_file(from, m->body);
	pass_over(im, t, from);
}

void im_on_message(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	struct chat_side *from;
	const struct account *to;

	if (conf_on_message(l->conf, t))
		return;
	if (m->body.len == 0 || m->content_type.len == 0) {
		lync_refuse(l, t, 415, 1000, "A message needs a body and its Content-Type");
		return;
	}
	if (chat_of(l->im, m, sip_txn_conn_id(t), &from) != NULL) {
		if (mime_is(m->content_type, "text/x-msmsgsinvite"))
			on_file(l->im, t, from);
		else
			submit(l->im, t, from, chat_other(from)->account);
		return;
	}
	/* Outside a dialog, or in one from before a restart: the text is worth more than the dialog. */
	to = lync_account_of(l, m->to.tag.p != NULL ? &m->to.u : &m->ruri_uri);
	if (to == NULL || !to->enabled)
		lync_refuse(l, t, m->to.tag.p != NULL ? 481 : 404, 1003, "User does not exist");
	else
		submit(l->im, t, NULL, to->id);
}

/* <KeyboardActivity><status status="type|idle"/></KeyboardActivity> as RFC 3994 says it. */
static bool read_activity(const struct sip_msg *m, bool *typing_out)
{
	struct xml_doc d;
	bool is_activity;

	if (!str_istarts(m->content_type, STR("application/xml")) ||
	    xml_decode(m->body, &d) != E_OK)
		return false;
	is_activity = xml_is(d.root, NULL, "KeyboardActivity");
	*typing_out = str_ieqz(xml_attr(xml_child(d.root, NULL, "status"), "status"), "type");
	xml_fini(&d);
	return is_activity;
}

static void on_typing_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	(void)arg, (void)token, (void)code, (void)retry_after_s;
}

static void submit_typing(struct im *im, struct sip_txn *t, struct chat_side *from, bool is_typing)
{
	static const char document[] =
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		"<isComposing xmlns=\"urn:ietf:params:xml:ns:im-iscomposing\"><state>%s</state>"
		"<contenttype>text/plain</contenttype>%s</isComposing>";
	char body[320];
	int n = is_typing
			? snprintf(body, sizeof(body), document, "active", "<refresh>60</refresh>")
			: snprintf(body, sizeof(body), document, "idle", "");

	immcu_submit(im->lync->cfg.immcu,
		     &(struct im_text){ .from = from->account,
					.to = chat_other(from)->account,
					.from_endpoint = from->endpoint,
					.to_endpoint = chat_other(from)->endpoint,
					.kind = IM_TYPING,
					.dialect = DIALECT_LYNC,
					.content_type = STR("application/im-iscomposing+xml"),
					.body = str_n(body, n < 0 ? 0 : (size_t)n),
					.call_id = sip_txn_msg(t)->call_id,
					.client = sip_txn_conn(t)->user_agent,
					.sent_ms = clk_wall_ms() },
		     0, on_typing_answer, im);
}

void im_on_info(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	struct chat_side *from;
	bool is_typing;

	if (conf_on_info(l->conf, t))
		return;
	if (chat_of(l->im, m, sip_txn_conn_id(t), &from) == NULL) {
		sip_pass(t);
		return;
	}
	if (read_activity(m, &is_typing)) {
		/* a failure would end the sender's dialog */
		sip_reply_code(l->cfg.stack, sip_txn_id(t), 200);
		submit_typing(l->im, t, from, is_typing);
	} else if (chat_other(from)->has_dialog) {
		pass_over(l->im, t, from);
	} else {
		sip_reply_code(l->cfg.stack, sip_txn_id(t), 200);
	}
}

void im_on_bye(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	struct chat_side *from;
	struct chat *c = chat_of(l->im, sip_txn_msg(t), sip_txn_conn_id(t), &from);

	if (conf_on_bye(l->conf, t))
		return;
	if (c == NULL) {
		sip_pass(t);
		return;
	}
	sip_reply_code(l->cfg.stack, sip_txn_id(t), 200);
	chat_close(c, 200, from);
}

void im_on_ack(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	struct chat_side *from, *to;
	struct sip_forward f = { 0 };
	struct sip_out o;
	struct buf scratch;

	if (conf_on_ack(l->conf, t))
		return;
	if (chat_of(l->im, sip_txn_msg(t), sip_txn_conn_id(t), &from) == NULL) {
		sip_pass(t);
		return;
	}
	to = chat_other(from);
	if (!to->has_dialog)
		return;
	f.conn = to->dialog.conn;
	f.popped = sip_forward_next(t).popped;
	buf_init(&scratch, SIP_OUT_MAX);
	if (sip_forward_request(t, &f, &scratch, &o) != E_OK ||
	    sip_request_send_once(l->cfg.stack, &o) != E_OK)
		log_debug("lync", "conn=%llu an ACK could not be passed on",
			  (unsigned long long)f.conn);
	buf_fini(&scratch);
}
