/* focus_text.c: texts between groups and standards clients.
 *
 * In: MESSAGE to the group's address, plain or wrapped in message/cpim.  Out: MESSAGE from the group's address;
 * to room clients in message/cpim, which says who wrote it, to others as plain text that begins with his name,
 * because nothing but the text itself is shown by them. */
#include "base/clk.h"
#include "base/rand.h"
#include "codec/cpim.h"
#include "codec/date.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "sip/build.h"
#include "sip/forward.h"

#include "simple/focus.h"
#include "simple/kind.h"

#define ACCEPT_LINE \
	"Accept: text/plain, message/cpim, application/im-iscomposing+xml, message/imdn+xml\r\n"

/* --- in --- */

/* One delivery notice: Linphone sends several in one MESSAGE when it was away. */
struct receipt {
	struct str about; /* owned */
	struct str xml;
};

/* A MESSAGE being read.  t's views are of the message or of kind. */
struct incoming {
	struct focus *f;
	struct im_text t;
	struct simple_kind kind;
	struct receipt receipt[MIME_PARTS_MAX];
	size_t n_receipts;
	bool wants_receipt;
	int code; /* why it is refused; 0: it is not */
	const char *reason;
};

static void refuse(struct incoming *in, int code, const char *reason)
{
	in->code = code;
	in->reason = reason;
}

static void read_receipt(struct incoming *in, struct str xml)
{
	struct xml_doc d;

	if (xml_decode(xml, &d) != E_OK) {
		refuse(in, 400, "Bad Notification");
		return;
	}
	in->t.kind = IM_RECEIPT;
	in->receipt[in->n_receipts++] = (struct receipt){
		str_dup(xml_child_text(d.root, NULL, "message-id")), xml
	};
	xml_fini(&d);
}

static void read_receipts(struct incoming *in)
{
	struct str type = in->kind.inner_type;
	struct mime_multipart parts;

	if (mime_is(type, "message/imdn+xml"))
		read_receipt(in, in->kind.inner);
	if (!str_istarts(type, STR("multipart/")) ||
	    mime_split(type, in->kind.inner, &parts) != E_OK)
		return;
	for (size_t i = 0; i < parts.count && in->code == 0; i++)
		if (mime_is(parts.part[i].content_type, "message/imdn+xml"))
			read_receipt(in, parts.part[i].body);
}

/* Who wrote it is who signed in: what stands in the wrapping must not say otherwise. */
static bool is_authors(const struct incoming *in, struct str from)
{
	const struct account *a;
	struct uri u;

	if (from.len == 0)
		return true;
	a = uri_decode(from, &u) == E_OK && sip_stack_is_ours(in->f->simple->cfg.stack, &u)
		    ? simple_account_of(in->f->simple, &u)
		    : NULL;
	return a != NULL && a->id == in->t.from;
}

/* A text for this room alone; kept as it was wrapped, for clients that unwrap it. */
static void read_wrapped(struct incoming *in, const struct sip_msg *m)
{
	struct cpim_msg c;

	in->t.content_type = STR("message/cpim");
	in->t.body = in->kind.inflated.len > 0 ? buf_str(&in->kind.inflated) : m->body;
	if (!in->kind.is_wrapped || cpim_decode(in->t.body, &c) != E_OK) {
		refuse(in, 400, "Bad Message/CPIM");
		return;
	}
	if (!is_authors(in, c.from)) {
		refuse(in, 403, "The CPIM From Is Somebody Else");
		return;
	}
	if (c.message_id.len > 0)
		in->t.message_id = c.message_id;
	in->wants_receipt = cpim_list_has(c.notification, "positive-delivery");
	in->t.plain = in->kind.plain;
}

/* What every member can be shown. */
static void read_bare(struct incoming *in, const struct sip_msg *m)
{
	in->t.content_type = m->content_type;
	in->t.body = in->kind.inner;
	if (in->t.kind != IM_TEXT)
		return;
	in->t.content_type = STR("text/plain;charset=UTF-8");
	if (in->kind.plain.len > 0)
		in->t.body = in->kind.plain;
	else if (!mime_is(m->content_type, "text/plain") || in->t.body.len == 0)
		refuse(in, 415, NULL);
	in->t.plain = in->t.body;
}

static void read_body(struct incoming *in, const struct sip_msg *m)
{
	simple_kind_of(m->content_type, m->content_encoding, m->body, &in->kind);
	in->t.kind = in->kind.kind;
	if (in->kind.inner.p == NULL) {
		refuse(in, 415, NULL);
		return;
	}
	if (mime_is(m->content_type, "message/cpim"))
		read_wrapped(in, m);
	else
		read_bare(in, m);
	if (in->code == 0)
		read_receipts(in);
	if (in->code == 0 && in->t.kind == IM_TEXT && !str_is_utf8(in->t.plain))
		refuse(in, 415, "Texts Are UTF-8");
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	struct focus *f = arg;
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	if (retry_after_s > 0)
		buf_addf(&lines, "Retry-After: %d\r\n", retry_after_s);
	if (code == 606)
		buf_addz(&lines,
			 "Warning: 399 porchlight \"Message contents not allowed by policy\"\r\n");
	sip_reply(f->simple->cfg.stack, token, code, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}

static void on_part_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	(void)arg, (void)token, (void)code, (void)retry_after_s;
}

/* Each goes to the author of what it is about; the last one's answer is that of all. */
static void submit_receipts(struct incoming *in, struct sip_txn *t, group_id id, group_leg_id leg)
{
	for (size_t i = 0; i < in->n_receipts; i++) {
		struct im_text r = in->t;

		r.content_type = STR("message/imdn+xml");
		r.body = in->receipt[i].xml;
		r.about = in->receipt[i].about;
		r.plain = STR_NULL;
		group_submit(in->f->immcu, id, leg, &r, sip_txn_id(t),
			     i + 1 == in->n_receipts ? on_answer : on_part_answer, in->f);
	}
}

static void submit(struct incoming *in, struct sip_txn *t, const struct group_info *g)
{
	struct focus *f = in->f;
	const struct endpoint *e = focus_sender(f, t);
	group_id id = g->id;
	uint64_t before = g->last_seq;
	const struct group_leg *l;
	struct group_member p;

	/* Whoever wraps its texts for this room knows the room. */
	if (e != NULL && mime_is(in->t.content_type, "message/cpim") &&
	    group_get_member(f->immcu, id, in->t.from, &p))
		focus_part_resume(f, g, e);
	l = e == NULL ? NULL : group_leg_find(f->immcu, id, e->id);
	in->t.from_endpoint = e == NULL ? 0 : e->id;
	if (in->n_receipts > 0) {
		submit_receipts(in, t, id, l == NULL ? 0 : l->id);
		return;
	}
	f->simple->stats.texts_in++;
	group_submit(f->immcu, id, l == NULL ? 0 : l->id, &in->t, sip_txn_id(t), on_answer, f);
	g = group_get(f->immcu, id);
	if (in->wants_receipt && in->t.kind == IM_TEXT && l != NULL && g != NULL &&
	    g->last_seq > before)
		focus_receipt_wanted(f, group_leg_find(f->immcu, id, in->t.from_endpoint),
				     before + 1, in->t.message_id);
}

bool focus_on_message(struct focus *f, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g = sip_forward_next(t).kind == SIP_NEXT_LOCAL
					     ? focus_group_of(f, &m->ruri_uri)
					     : NULL;
	struct incoming in = { .f = f,
			       .t = { .from = (account_id)sip_txn_account(t),
				      .kind = IM_TEXT,
				      .dialect = DIALECT_SIMPLE,
				      .call_id = m->call_id,
				      .message_id = m->call_id,
				      .client = sip_txn_conn(t)->user_agent,
				      .sent_ms = clk_wall_ms() } };

	if (g == NULL)
		return false;
	read_body(&in, m);
	if (in.code != 0)
		focus_refuse(f, t, in.code, in.reason, in.code == 415 ? ACCEPT_LINE : NULL);
	else
		submit(&in, t, g);
	for (size_t i = 0; i < in.n_receipts; i++)
		str_free(&in.receipt[i].about);
	simple_kind_fini(&in.kind);
	return true;
}

/* --- out --- */

static struct str author_of(const struct group_text *t)
{
	return t->author_display.len > 0 ? t->author_display : t->author_name;
}

/* What everybody can read; a text that has no such form is at least told of. */
static void add_plain(const struct group_text *t, struct buf *out)
{
	if (t->t.plain.len > 0)
		buf_add(out, t->t.plain);
	else if (mime_is(t->t.content_type, "text/plain"))
		buf_add(out, t->t.body);
	else
		buf_addz(out, "(something this client cannot show)");
	if (t->t.notice.len > 0) {
		buf_addz(out, "\r\n");
		buf_add(out, t->t.notice);
	}
}

/* As it was wrapped by its author's client, if nothing has to be added. */
static bool is_wrapped(const struct group_text *t)
{
	return t->t.dialect == DIALECT_SIMPLE && t->t.notice.len == 0 &&
	       mime_is(t->t.content_type, "message/cpim");
}

static void wrap(const struct focus *f, const struct group_info *g, const struct group_text *t,
		 struct buf *out)
{
	struct str name = t->author != NULL ? t->author->name : t->author_name;
	struct buf from, to, content;
	char when[DATE_ISO_CAP];
	struct cpim_msg c;

	buf_init(&from, URI_MAX);
	buf_init(&to, URI_MAX);
	buf_init(&content, GROUP_RENDERING_MAX);
	focus_uri(f, g, &to);
	if (name.len > 0)
		uri_encode_aor(&from, name, sip_stack_domain(f->simple->cfg.stack));
	else
		buf_add(&from, buf_str(&to));
	date_iso_encode(t->t.sent_ms, when);
	c = (struct cpim_msg){ .from = buf_str(&from),
			       .to = buf_str(&to),
			       .date_time = str_of(when),
			       .message_id = t->t.message_id,
			       .content_type = STR("text/plain;charset=UTF-8") };
	if (t->t.kind != IM_TEXT) {
		c.content_type = t->t.content_type;
		buf_add(&content, t->t.body);
	} else {
		add_plain(t, &content);
	}
	c.content = buf_str(&content);
	cpim_encode(out, &c);
	buf_fini(&content);
	buf_fini(&to);
	buf_fini(&from);
}

void focus_render(void *arg, unsigned shape, const struct group_text *t, struct buf *out)
{
	struct focus *f = arg;
	const struct group_info *g = group_get(f->immcu, t->group);

	if (shape == FOCUS_PLAIN) {
		if (author_of(t).len > 0)
			buf_addf(out, "%.*s: ", STR_ARG(author_of(t)));
		add_plain(t, out);
	} else if (is_wrapped(t)) {
		buf_add(out, t->t.body);
	} else if (g != NULL) {
		wrap(f, g, t, out);
	}
}

void focus_message(struct focus *f, const struct focus_out *o, sip_response_fn *fn, uint64_t ctx)
{
	bool is_room = o->shape == FOCUS_ROOM;
	const struct account *a = directory_get(f->simple->cfg.directory, o->to->account);
	struct buf from, to, call_id, lines;

	buf_init(&from, SIP_HEAD_MAX);
	buf_init(&to, SIP_HEAD_MAX);
	buf_init(&call_id, 64);
	buf_init(&lines, SIP_HEAD_MAX);
	buf_addc(&from, '<');
	focus_uri(f, o->group, &from);
	buf_addf(&from, ">;tag=%016llx", (unsigned long long)rand_u64());
	buf_addc(&to, '<');
	if (is_room || a == NULL)
		focus_endpoint_uri(f, o->to, &to);
	else
		simple_aor(f->simple, a, &to);
	buf_addc(&to, '>');
	buf_addf(&call_id, "%016llx%016llx", (unsigned long long)rand_u64(),
		 (unsigned long long)rand_u64());
	simple_date_line(o->sent_ms, &lines);
	/* An unknown room is then answered 488, and not taken for a chat with the group's address. */
	if (is_room)
		buf_addz(&lines, "Session-mode: true\r\n");
	if (!o->is_urgent)
		buf_addz(&lines, "Priority: non-urgent\r\n");
	f->simple->stats.copies_out++;
	(void)sip_request_send(
		f->simple->cfg.stack,
		&(struct sip_out){ .conn = o->to->conn,
				   .method = STR("MESSAGE"),
				   .uri = o->to->contact,
				   .from = buf_str(&from),
				   .to = buf_str(&to),
				   .call_id = o->call_id.len > 0 ? o->call_id : buf_str(&call_id),
				   .cseq = 1,
				   .extra_headers = buf_str(&lines),
				   .content_type = is_room ? STR("message/cpim")
							   : STR("text/plain;charset=UTF-8"),
				   .body = o->body,
				   .ctx = ctx },
		fn, f);
	buf_fini(&lines);
	buf_fini(&call_id);
	buf_fini(&to);
	buf_fini(&from);
}

/* It has lost the room it had joined: it is asked in again, and gets the text after that. */
static void rejoin(struct focus *f, struct focus_part *p)
{
	const struct endpoint *e = registrar_get(f->simple->cfg.registrar, p->endpoint);
	unsigned rejoins = p->rejoins + 1;
	group_id group = p->group;

	group_leg_close(f->immcu, p->leg, GROUP_LEG_LOST); /* frees p */
	p = e == NULL ? NULL : focus_part_open(f, group, e, FOCUS_ROOM, GROUP_LEG_INVITED);
	if (p == NULL)
		return;
	p->rejoins = rejoins;
	focus_invite_part(p);
}

static void on_copy_answered(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct focus *f = arg;
	struct focus_part *p = focus_part_get(f, ctx);
	uint64_t seq;

	(void)resp;
	if (p == NULL || p->seq == 0)
		return;
	seq = p->seq;
	p->seq = 0;
	if (p->shape == FOCUS_ROOM && (code == 488 || code == 404 || code == 481) &&
	    p->rejoins < FOCUS_REJOINS_MAX)
		rejoin(f, p);
	else
		group_on_answer(f->immcu, p->leg, seq, code);
}

enum err focus_send(void *arg, const struct group_leg *leg, const struct group_text *t,
		    struct str rendering)
{
	struct focus *f = arg;
	struct focus_part *p = leg->ctx;
	struct focus_out o = { .group = group_get(f->immcu, leg->group),
			       .to = registrar_get(f->simple->cfg.registrar, leg->endpoint),
			       .shape = p->shape,
			       .body = rendering,
			       .sent_ms = t->t.sent_ms,
			       .is_urgent = t->t.kind == IM_TEXT };

	if (o.group == NULL || o.to == NULL)
		return E_GONE;
	if (t->seq == 0) {
		focus_message(f, &o, NULL, 0);
		return E_OK;
	}
	p->seq = t->seq;
	focus_message(f, &o, on_copy_answered, p->id);
	return E_OK;
}
