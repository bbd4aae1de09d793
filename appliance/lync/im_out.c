/* A copy of a text to one Lync-class client.
 *
 *   in a chat with the sender   MESSAGE (or INFO for typing) inside its dialog
 *   pidgin-sipe, outside one    MESSAGE without a dialog: it shows them in a new window
 *   any other client            an INVITE first (genuine clients take nothing outside a dialog) */
#include <stdio.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/cpim.h"
#include "codec/date.h"
#include "codec/inflate.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "lync/im.h"
#include "sip/build.h"

/* What one client is shown of a text. */
struct shown {
	struct str content_type, body;
	bool is_typing, is_active; /* INFO in a dialog */
	struct buf scratch;	   /* owns what the views name, if it was converted */
};

/* A copy that waits for its dialog. */
struct im_waiting {
	struct list link;
	leg_id leg;
	struct str content_type, body; /* owned */
};

static bool is_active(struct str iscomposing)
{
	struct xml_doc d;
	bool active;

	if (xml_decode(iscomposing, &d) != E_OK)
		return false;
	active = str_ieqz(xml_child_text(d.root, NULL, "state"), "active");
	xml_fini(&d);
	return active;
}

/* A text of a standards client: inflated, out of its CPIM, as text/plain.  *plain_out is a view of scratch
 * or of t. */
static bool unwrap(const struct im_text *t, struct buf *scratch, struct str *type_out,
		   struct str *body_out)
{
	struct str body = t->body, type = t->content_type;
	struct cpim_msg c;

	if (t->content_encoding.len > 0) {
		bool is_gzip = str_ieqz(t->content_encoding, "gzip");

		if (!is_gzip && !str_ieqz(t->content_encoding, "deflate"))
			return false;
		if (inflate_decode(is_gzip ? INFLATE_GZIP : INFLATE_DEFLATE, body, scratch) != E_OK)
			return false;
		body = buf_str(scratch);
	}
	if (mime_is(type, "message/cpim") && cpim_decode(body, &c) == E_OK) {
		type = c.content_type;
		body = c.content;
	}
	*type_out = type.len > 0 ? type : STR("text/plain");
	*body_out = body;
	return true;
}

/* "[sent 2026-01-31 12:00] " before what has waited: pidgin-sipe shows no Date. */
static void add_sent(struct buf *b, const struct im_text *t)
{
	char when[DATE_ISO_CAP];

	if (!t->is_stored)
		return;
	date_iso_encode(t->sent_ms, when);
	buf_addf(b, "[sent %.10s %.5s UTC] ", when, when + 11);
}

/* False: this client can show nothing of it. */
static bool show(const struct im_text *t, struct shown *v)
{
	struct str type, body;
	struct buf inflated;
	bool ok;

	buf_init(&v->scratch, 2 * IM_BODY_MAX);
	if (t->kind == IM_TYPING) {
		v->is_typing = true;
		v->is_active = is_active(t->body);
		v->content_type = t->content_type;
		v->body = t->body;
		return true;
	}
	if (t->kind == IM_RECEIPT)
		return false;
	if (t->dialect == DIALECT_LYNC && !t->is_stored && t->notice.len == 0) {
		v->content_type = t->content_type; /* as its sender formatted it */
		v->body = t->body;
		return true;
	}
	buf_init(&inflated, IM_BODY_MAX);
	add_sent(&v->scratch, t);
	ok = true;
	if (t->plain.len > 0)
		buf_add(&v->scratch, t->plain);
	else if ((ok = unwrap(t, &inflated, &type, &body) && mime_is(type, "text/plain")))
		buf_add(&v->scratch, body);
	if (t->notice.len > 0) {
		buf_addz(&v->scratch, "\r\n");
		buf_add(&v->scratch, t->notice);
	}
	buf_fini(&inflated);
	v->content_type = STR("text/plain; charset=UTF-8");
	v->body = buf_str(&v->scratch);
	return ok && buf_err(&v->scratch) == E_OK;
}

/* --- inside a dialog --- */

static void on_answered(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct im *im = arg;

	(void)resp;
	immcu_on_answer(im->lync->cfg.immcu, ctx, code);
}

static void send_in(struct chat_side *s, struct str method, struct str type, struct str body,
		    leg_id leg)
{
	struct im *im = s->chat->im;
	struct sip_out o = { 0 };
	struct buf scratch;

	buf_init(&scratch, SIP_OUT_MAX);
	sip_dialog_request(&s->dialog, method, STR_NULL, &scratch, &o);
	o.content_type = type;
	o.body = body;
	o.ctx = leg;
	(void)sip_request_send(im->lync->cfg.stack, &o, leg == 0 ? NULL : on_answered, im);
	buf_fini(&scratch);
}

static void send_shown(struct chat_side *s, const struct shown *v, leg_id leg)
{
	if (v->is_typing)
		send_in(s, STR("INFO"), STR("application/xml"),
			v->is_active
				? STR("<?xml version=\"1.0\"?><KeyboardActivity><status status=\"type\" /></KeyboardActivity>")
				: STR("<?xml version=\"1.0\"?><KeyboardActivity><status status=\"idle\" /></KeyboardActivity>"),
			leg);
	else
		send_in(s, STR("MESSAGE"), v->content_type, v->body, leg);
}

void im_say(struct chat_side *s, struct str type, struct str body)
{
	if (s->has_dialog)
		send_in(s, STR("MESSAGE"), type, body, 0);
}

void im_tell(struct chat_side *s, struct str text)
{
	im_say(s, STR("text/plain; charset=UTF-8"), text);
}

void im_tell_offline(struct chat_side *s)
{
	if (s->chat->is_offline_told)
		return;
	s->chat->is_offline_told = true;
	im_tell(s, STR("I am offline. Your messages are kept and reach me when I sign in."));
}

/* --- outside one --- */

/* Names exactly as the client stored them, or it opens another window: no port, no parameters. */
static void from_value(struct im *im, const struct account *a, uint64_t tag_of, struct buf *b)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	lync_aor(im->lync, a, &uri);
	sip_addr_encode(b, a->display, buf_str(&uri));
	buf_addf(b, ";tag=%016llx",
		 (unsigned long long)str_hash(im->lync->seed, str_n(&tag_of, sizeof(tag_of))));
	buf_fini(&uri);
}

static void to_value(struct im *im, const struct account *a, struct buf *b)
{
	buf_addc(b, '<');
	lync_aor(im->lync, a, b);
	buf_addc(b, '>');
}

/* Not the sender's own Call-ID: two pidgin-sipe that started in one second use the same, and the receiver
 * finds its window by it.  The same text always gets the same, so a repeated copy is known. */
static void call_id_of(struct im *im, const struct im_text *t, struct buf *b)
{
	buf_addf(b, "%016llx%016llx",
		 (unsigned long long)str_hash(im->lync->seed ^ (uint64_t)t->from, t->call_id),
		 (unsigned long long)str_hash(im->lync->seed ^ (uint64_t)t->to, t->message_id));
}

static void send_alone(struct im *im, const struct endpoint *e, const struct account *from,
		       const struct account *to, const struct im_text *t, const struct shown *v,
		       leg_id leg)
{
	struct buf f, d, id;
	struct sip_out o = { .conn = e->conn,
			     .method = STR("MESSAGE"),
			     .uri = e->contact,
			     .cseq = 1,
			     .content_type = v->content_type,
			     .body = v->body,
			     .ctx = leg };

	buf_init(&f, SIP_HEAD_MAX);
	buf_init(&d, SIP_HEAD_MAX);
	buf_init(&id, 64);
	from_value(im, from, leg, &f);
	to_value(im, to, &d);
	call_id_of(im, t, &id);
	o.from = buf_str(&f);
	o.to = buf_str(&d);
	o.call_id = buf_str(&id);
	(void)sip_request_send(im->lync->cfg.stack, &o, on_answered, im);
	buf_fini(&id);
	buf_fini(&d);
	buf_fini(&f);
}

/* --- an INVITE first --- */

static void wait_for_dialog(struct chat *c, const struct shown *v, leg_id leg)
{
	struct im_waiting *w = xcalloc(1, sizeof(*w));

	w->leg = leg;
	w->content_type = str_dup(v->content_type);
	w->body = str_dup(v->body);
	list_push_back(&c->waiting, &w->link);
}

void im_flush_waiting(struct chat *c, int code)
{
	struct list *n;

	while ((n = list_pop_front(&c->waiting)) != NULL) {
		struct im_waiting *w = LIST_ITEM(n, struct im_waiting, link);

		if (code < 300)
			send_in(&c->b, STR("MESSAGE"), w->content_type, w->body, w->leg);
		else
			im_answer_later(c->im, w->leg, code);
		str_free(&w->content_type);
		str_free(&w->body);
		free(w);
	}
}

static void on_called(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct im *im = arg;
	struct chat *c = chat_get(im, ctx);
	struct sip_msg *m;
	struct sip_out o = { 0 };
	struct buf scratch;
	conn_id conn;

	if (c == NULL) {
		return;
	}
	conn = c->from;
	if (code >= 300 || resp == NULL) {
		im_flush_waiting(c, code);
		chat_free(c);
		return;
	}
	m = sip_msg_ref(resp);
	c->b.has_dialog = sip_dialog_init_uac(&c->b.dialog, m, m->cseq, conn) == E_OK;
	sip_msg_unref(&m);
	if (!c->b.has_dialog || !chat_open(c))
		return;
	buf_init(&scratch, SIP_OUT_MAX);
	sip_dialog_request(&c->b.dialog, STR("ACK"), STR_NULL, &scratch, &o);
	if (sip_request_send_once(im->lync->cfg.stack, &o) != E_OK)
		log_debug("lync", "conn=%llu an ACK could not be sent", (unsigned long long)conn);
	buf_fini(&scratch);
	im_flush_waiting(c, 200);
}

/* The chat that is being opened towards that client in that name, if any. */
static struct chat *find_calling(struct im *im, const struct endpoint *e,
				 const struct account *from)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&im->chats, &it); n != NULL;
	     n = map_next(&im->chats, &it)) {
		struct chat *c = CONTAINER_OF(n, struct chat, by_id);

		if (c->state == CHAT_CALLING && c->b.endpoint == e->id && c->a.account == from->id)
			return c;
	}
	return NULL;
}

static void call(struct im *im, const struct endpoint *e, const struct account *from,
		 const struct account *to, const struct shown *v, leg_id leg)
{
	struct chat *c = find_calling(im, e, from);
	struct sip_out o = { .conn = e->conn,
			     .method = STR("INVITE"),
			     .uri = e->contact,
			     .cseq = 1,
			     .content_type = STR("application/sdp") };
	struct buf f, d, id, lines, sdp;

	if (c != NULL) {
		wait_for_dialog(c, v, leg);
		return;
	}
	c = chat_new(im, from->id, 0, to->id);
	c->state = CHAT_CALLING;
	c->b.endpoint = e->id;
	c->from = e->conn;
	wait_for_dialog(c, v, leg);
	buf_init(&f, SIP_HEAD_MAX);
	buf_init(&d, SIP_HEAD_MAX);
	buf_init(&id, 64);
	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&sdp, SIP_HEAD_MAX);
	from_value(im, from, leg, &f);
	to_value(im, to, &d);
	buf_addf(&id, "%016llx%016llx",
		 (unsigned long long)str_hash(im->lync->seed, str_n(&leg, sizeof(leg))),
		 (unsigned long long)c->id);
	buf_addz(&lines, "Contact: <");
	lync_aor(im->lync, from, &lines);
	buf_addf(
		&lines,
		";opaque=app:im:%llx;gruu>\r\nSupported: ms-sender\r\nSupported: ms-delayed-accept\r\n",
		(unsigned long long)c->id);
	buf_addf(&lines, "Ms-Conversation-ID: %llu\r\n", (unsigned long long)c->id);
	im_sdp(im, from->id, &sdp);
	o.from = buf_str(&f);
	o.to = buf_str(&d);
	o.call_id = buf_str(&id);
	o.extra_headers = buf_str(&lines);
	o.body = buf_str(&sdp);
	o.ctx = c->id;
	(void)sip_request_send(im->lync->cfg.stack, &o, on_called, im);
	buf_fini(&sdp);
	buf_fini(&lines);
	buf_fini(&id);
	buf_fini(&d);
	buf_fini(&f);
}

static bool takes_texts_alone(const struct endpoint *e)
{
	return str_search(e->user_agent, STR(" Sipe/")) < e->user_agent.len;
}

void im_send(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
	     const struct account *to, const struct im_text *t)
{
	struct im *im = arg;
	struct chat_side *s = from->id == 0 ? NULL : chat_find(im, e->id, from->id);
	struct shown v = { .is_typing = false };

	if (!show(t, &v))
		/* receipts have no place here: swallowed */
		im_answer_later(im, leg, t->kind == IM_TEXT ? 415 : 200);
	else if (s != NULL)
		send_shown(s, &v, leg);
	else if (takes_texts_alone(e))
		send_alone(im, e, from, to, t, &v, leg);
	else if (v.is_typing || from->id == 0)
		im_answer_later(im, leg, v.is_typing ? 200 : 480);
	else
		call(im, e, from, to, &v, leg);
	buf_fini(&v.scratch);
}
