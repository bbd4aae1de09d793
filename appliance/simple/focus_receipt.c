/* focus_receipt.c: delivery notices (RFC 5438) to a room client for members whose own clients send none.
 *
 * Linphone shows a text as delivered when all members have said so; those on a Lync-class or plain client
 * have it when their client took it. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/cpim.h"
#include "codec/date.h"
#include "codec/xmlw.h"

#include "simple/focus.h"

void focus_receipt_wanted(struct focus *f, const struct group_leg *leg, uint64_t seq,
			  struct str message_id)
{
	struct focus_part *p = leg == NULL || leg->dialect != DIALECT_SIMPLE ? NULL : leg->ctx;
	struct focus_pending *x;

	(void)f;
	if (p == NULL || p->shape != FOCUS_ROOM || message_id.len == 0)
		return;
	if (p->n_pending == FOCUS_PENDING_MAX)
		focus_part_forget_pending(p,
					  LIST_ITEM(p->pending.next, struct focus_pending, link));
	x = xcalloc(1, sizeof(*x));
	x->seq = seq;
	x->message_id = str_dup(message_id);
	list_push_back(&p->pending, &x->link);
	p->n_pending++;
}

static void add_imdn(struct buf *out, struct str message_id, const char *when)
{
	struct xmlw w;

	xmlw_init(&w, out);
	xmlw_decl(&w);
	xmlw_start(&w, "imdn");
	xmlw_attrz(&w, "xmlns", "urn:ietf:params:xml:ns:imdn");
	xmlw_elem(&w, "message-id", message_id);
	xmlw_elemz(&w, "datetime", when);
	xmlw_start(&w, "delivery-notification");
	xmlw_start(&w, "status");
	xmlw_start(&w, "delivered");
	xmlw_end_all(&w);
}

/* The members of a text's report. */
struct report {
	struct focus *f;
	const struct group_info *g;
	const struct endpoint *to;
	struct str message_id;
	const struct group_failure *failures;
	size_t n_failures;
};

static void say_delivered(struct report *r, const struct account *a)
{
	char when[DATE_ISO_CAP];
	struct buf from, to, imdn, body;

	buf_init(&from, URI_MAX);
	buf_init(&to, URI_MAX);
	buf_init(&imdn, 4096);
	buf_init(&body, 8192);
	date_iso_encode(clk_wall_ms(), when);
	simple_aor(r->f->simple, a, &from);
	focus_uri(r->f, r->g, &to);
	add_imdn(&imdn, r->message_id, when);
	cpim_encode(&body, &(struct cpim_msg){ .from = buf_str(&from),
					       .to = buf_str(&to),
					       .date_time = str_of(when),
					       .content_type = STR("message/imdn+xml"),
					       .content = buf_str(&imdn) });
	if (buf_err(&body) == E_OK)
		focus_message(r->f,
			      &(struct focus_out){ .group = r->g,
						   .to = r->to,
						   .shape = FOCUS_ROOM,
						   .body = buf_str(&body),
						   .sent_ms = clk_wall_ms() },
			      NULL, 0);
	buf_fini(&body);
	buf_fini(&imdn);
	buf_fini(&to);
	buf_fini(&from);
}

struct look {
	bool has_silent, has_room;
};

static bool look_at_leg(const struct group_leg *l, void *arg)
{
	struct look *k = arg;

	if (l->takes_receipts && l->dialect == DIALECT_SIMPLE)
		k->has_room = true; /* it reports itself */
	else if (l->state == GROUP_LEG_OPEN)
		k->has_silent = true;
	return true;
}

static bool report_member(const struct group_member *p, void *arg)
{
	struct report *r = arg;
	const struct account *a = directory_get(r->f->simple->cfg.directory, p->account);
	struct look k = { 0 };

	if (a == NULL || p->account == r->to->account)
		return true;
	for (size_t i = 0; i < r->n_failures; i++)
		if (r->failures[i].account == p->account)
			return true;
	group_each_leg(r->f->immcu, r->g->id, p->account, look_at_leg, &k);
	if (k.has_silent && !k.has_room)
		say_delivered(r, a);
	return true;
}

static struct focus_pending *pending_of(struct focus_part *p, uint64_t seq)
{
	LIST_EACH (&p->pending, n) {
		struct focus_pending *x = LIST_ITEM(n, struct focus_pending, link);

		if (x->seq == seq)
			return x;
	}
	return NULL;
}

void focus_on_report(void *arg, const struct group_leg *author, uint64_t seq,
		     const struct group_failure *failures, size_t count)
{
	struct focus *f = arg;
	struct focus_part *p = author->ctx;
	struct focus_pending *x = pending_of(p, seq);
	struct report r = { .f = f,
			    .g = group_get(f->immcu, author->group),
			    .to = registrar_get(f->simple->cfg.registrar, author->endpoint),
			    .failures = failures,
			    .n_failures = count };

	if (x == NULL)
		return;
	r.message_id = x->message_id;
	/* In a large group nobody waits for all of them, and it would be a notice per member and text. */
	if (r.g != NULL && r.to != NULL && r.g->members <= FOCUS_RECEIPTS_MAX)
		group_each_member(f->immcu, r.g->id, report_member, &r);
	focus_part_forget_pending(p, x);
}
