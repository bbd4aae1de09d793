/* A client's dialog with the IM MCU ([MS-CONFIM]): texts in, texts out, and who did not get one. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/date.h"
#include "codec/mime.h"
#include "lync/conf.h"
#include "lync/richtext.h"

#define ACCEPT_TYPES "text/plain multipart/alternative text/rtf text/html application/ms-imdn+xml"

/* --- joining --- */

void conf_mcu_invite(struct conf *c, struct sip_txn *t, const struct group_info *g)
{
	struct conf_part *p = conf_part_join(
		c, t, g); /* genuine servers take a media INVITE without the focus, too */
	struct buf uri, lines, sdp;

	if (p == NULL)
		return;
	g = group_get(c->lync->cfg.immcu, p->key.group);
	conf_dialog_open(&p->dialog[CONF_MCU], t);
	buf_init(&uri, URI_MAX);
	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&sdp, SIP_HEAD_MAX);
	conf_uri(c, g, "chat", &uri);
	buf_addf(
		&lines,
		"Contact: <%.*s>;isfocus\r\nSupported: ms-sender\r\nAllow: INVITE, ACK, BYE, CANCEL, INFO, MESSAGE, OPTIONS\r\n",
		STR_ARG(buf_str(&uri)));
	buf_addf(
		&sdp,
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5061 sip %.*s\r\n"
		"a=accept-types:" ACCEPT_TYPES "\r\n",
		STR_ARG(buf_str(&uri)));
	sip_reply(c->lync->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines),
		  STR("application/sdp"), buf_str(&sdp));
	buf_fini(&sdp);
	buf_fini(&lines);
	buf_fini(&uri);
	/* What was said so far goes out behind the 200, on the same connection. */
	group_leg_set_state(c->lync->cfg.immcu, p->leg, GROUP_LEG_OPEN);
}

/* --- texts in --- */

/* One that waits for its answer; the group's number of it is also its Message-Id. */
struct conf_text {
	struct list link;
	uint64_t token, seq;
};

static struct conf_text *text_of(struct conf *c, uint64_t token)
{
	LIST_EACH (&c->texts, n) {
		struct conf_text *x = LIST_ITEM(n, struct conf_text, link);

		if (x->token == token)
			return x;
	}
	return NULL;
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	struct conf *c = arg;
	struct conf_text *x = text_of(c, token);
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	if (retry_after_s > 0)
		buf_addf(&lines, "Retry-After: %d\r\n", retry_after_s);
	if (code == 606)
		buf_addf(&lines, "Warning: 309 %.*s \"Message contents not allowed by policy\"\r\n",
			 STR_ARG(sip_stack_host(c->lync->cfg.stack)));
	if (code < 300 && x != NULL)
		buf_addf(&lines, "Message-Id: %llu\r\n", (unsigned long long)x->seq);
	/* 404 would be shown as "recipients are offline": the conference is gone, which 481 says to the client. */
	sip_reply(c->lync->cfg.stack, token, code == 404 ? 481 : code, NULL, buf_str(&lines),
		  STR_NULL, STR_NULL);
	buf_fini(&lines);
	if (x == NULL)
		return;
	list_del(&x->link);
	free(x);
}

static void submit(struct conf *c, struct sip_txn *t, const struct conf_part *p)
{
	const struct sip_msg *m = sip_txn_msg(t);
	group_id group = p->key.group;
	group_leg_id leg = p->leg;
	struct im_text text = { .from = p->account,
				.from_endpoint = p->key.endpoint,
				.kind = IM_TEXT,
				.dialect = DIALECT_LYNC,
				.content_type = m->content_type,
				.body = m->body,
				.call_id = m->call_id,
				.client = sip_txn_conn(t)->user_agent,
				.sent_ms = clk_wall_ms() };
	const struct group_info *g;
	struct conf_text *x = xcalloc(1, sizeof(*x));
	struct buf plain, id;

	buf_init(&plain, IM_BODY_MAX);
	buf_init(&id, SIP_HEAD_MAX);
	buf_addf(&id, "%.*s.%u", STR_ARG(m->call_id), m->cseq);
	text.message_id = buf_str(&id);
	if (!richtext_of_body(m->content_type, m->body, &plain)) {
		free(x);
		sip_reply(c->lync->cfg.stack, sip_txn_id(t), 415, NULL,
			  STR("Accept: text/plain\r\n"), STR_NULL, STR_NULL);
	} else {
		text.plain = buf_str(&plain);
		g = group_get(c->lync->cfg.immcu, group);
		x->token = sip_txn_id(t);
		x->seq = g == NULL ? 0 : g->last_seq + 1;
		list_push_back(&c->texts, &x->link);
		group_submit(c->lync->cfg.immcu, group, leg, &text, x->token, on_answer, c);
	}
	buf_fini(&id);
	buf_fini(&plain);
}

bool conf_on_message(struct conf *c, struct sip_txn *t)
{
	struct conf_dialog *d = conf_dialog_of(c, t);
	struct str id;

	if (d == NULL) {
		if (conf_target_of(&sip_txn_msg(t)->ruri_uri, &id) == CONF_NONE)
			return false;
		lync_refuse(c->lync, t, 481, 3013, "There is no such conference session.");
		return true;
	}
	if (d->role == CONF_FOCUS || sip_txn_msg(t)->content_type.len == 0)
		sip_reply_code(c->lync->cfg.stack, sip_txn_id(t), 415);
	else if (mime_is(sip_txn_msg(t)->content_type, "application/im-iscomposing+xml"))
		sip_reply_code(c->lync->cfg.stack, sip_txn_id(t), 200);
	else
		submit(c, t, d->part);
	return true;
}

void conf_texts_fini(struct conf *c)
{
	struct list *n;

	while ((n = list_pop_front(&c->texts)) != NULL)
		free(LIST_ITEM(n, struct conf_text, link));
}

/* --- texts out --- */

/* As its author formatted it, if he has such a client too and there is nothing to be added. */
static bool is_as_written(const struct group_text *t)
{
	return t->author != NULL && t->t.dialect == DIALECT_LYNC && t->t.notice.len == 0 &&
	       !t->is_replayed;
}

void conf_render(void *arg, unsigned shape, const struct group_text *t, struct buf *out)
{
	char when[DATE_ISO_CAP];

	(void)arg, (void)shape;
	if (is_as_written(t)) {
		buf_add(out, t->t.body);
		return;
	}
	if (t->is_replayed) {
		date_iso_encode(t->t.sent_ms, when);
		buf_addf(out, "[%.10s %.5s UTC] ", when, when + 11);
	}
	buf_add(out, t->t.plain.len > 0 ? t->t.plain : t->t.body);
	if (t->t.notice.len > 0) {
		buf_addz(out, "\r\n");
		buf_add(out, t->t.notice);
	}
}

struct copy {
	struct conf *conf;
	group_leg_id leg;
	uint64_t seq;
};

static void on_copy_answered(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct copy *k = arg;

	(void)ctx, (void)resp;
	group_on_answer(k->conf->lync->cfg.immcu, k->leg, k->seq, code);
	free(k);
}

/* The author's address is what the client shows him by; the server itself is nobody of the roster. */
static void sender_line(struct conf *c, const struct group_text *t, struct buf *out)
{
	struct str name = t->author != NULL ? t->author->name : t->author_name;

	buf_addz(out, "Ms-Sender: ");
	uri_encode_aor(out, name.len > 0 ? name : STR("conference"),
		       sip_stack_domain(c->lync->cfg.stack));
	buf_addz(out, "\r\n");
}

enum err conf_send(void *arg, const struct group_leg *leg, const struct group_text *t,
		   struct str rendering)
{
	struct conf *c = arg;
	struct conf_part *p = leg->ctx;
	struct conf_dialog *d = &p->dialog[CONF_MCU];
	struct sip_out o = { 0 };
	struct buf lines, scratch, replayed;
	struct copy *k;

	if (t->t.kind != IM_TEXT || !d->is_open)
		return E_OK;
	buf_init(&replayed, GROUP_RENDERING_MAX);
	if (t->is_replayed) { /* says when it was; the shared rendering does not */
		conf_render(c, leg->shape, t, &replayed);
		rendering = buf_str(&replayed);
	}
	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&scratch, SIP_HEAD_MAX);
	sender_line(c, t, &lines);
	sip_dialog_request(&d->d, STR("MESSAGE"), buf_str(&lines), &scratch, &o);
	o.content_type = is_as_written(t) ? t->t.content_type : STR("text/plain; charset=UTF-8");
	o.body = rendering;
	if (t->seq == 0) { /* nobody waits for it */
		(void)sip_request_send(c->lync->cfg.stack, &o, NULL, NULL);
	} else {
		k = xcalloc(1, sizeof(*k));
		*k = (struct copy){ c, leg->id, t->seq };
		(void)sip_request_send(c->lync->cfg.stack, &o, on_copy_answered, k);
	}
	buf_fini(&replayed);
	buf_fini(&scratch);
	buf_fini(&lines);
	return E_OK;
}

/* --- who did not get it --- */

static void add_failure(struct conf *c, struct xmlw *w, const struct group_failure *f)
{
	const struct account *a = directory_get(c->lync->cfg.directory, f->account);
	struct buf b;

	if (a == NULL)
		return;
	buf_init(&b, URI_MAX);
	buf_addc(&b, '<');
	lync_aor(c->lync, a, &b);
	buf_addc(&b, '>');
	xmlw_start(w, "recipient");
	xmlw_attr(w, "uri", buf_str(&b));
	buf_reset(&b);
	buf_addf(&b, "%d", f->code);
	xmlw_elem(w, "status", buf_str(&b));
	xmlw_end(w);
	buf_fini(&b);
}

/* Complete success is told, too: it frees what the client keeps of the text. */
void conf_on_report(void *arg, const struct group_leg *author, uint64_t seq,
		    const struct group_failure *f, size_t count)
{
	struct conf *c = arg;
	struct conf_part *p = author->ctx;
	struct conf_dialog *d = &p->dialog[CONF_MCU];
	struct sip_out o = { 0 };
	struct buf body, scratch, id;
	struct xmlw w;

	if (!d->is_open)
		return;
	buf_init(&body, SIP_BODY_MAX);
	buf_init(&scratch, SIP_HEAD_MAX);
	buf_init(&id, 32);
	buf_add_u64(&id, seq);
	xmlw_init(&w, &body);
	xmlw_decl(&w);
	xmlw_start(&w, "imdn");
	xmlw_attrz(&w, "xmlns", "http://schemas.microsoft.com/rtc/2005/08/imdn");
	xmlw_elem(&w, "message-id", buf_str(&id));
	for (size_t i = 0; i < count; i++)
		add_failure(c, &w, &f[i]);
	xmlw_end_all(&w);
	sip_dialog_request(&d->d, STR("BENOTIFY"), STR_NULL, &scratch, &o);
	o.content_type = STR("application/ms-imdn+xml");
	o.body = buf_str(&body);
	if (sip_request_send_once(c->lync->cfg.stack, &o) != E_OK)
		log_debug("lync", "group=%lld a report finds no connection",
			  (long long)author->group);
	buf_fini(&id);
	buf_fini(&scratch);
	buf_fini(&body);
}
