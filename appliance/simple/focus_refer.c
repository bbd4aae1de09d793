/* focus_refer.c: REFER to a group (RFC 4579 5.5 to 5.7): adding and removing people, and Linphone's admin=0|1. */
#include "sip/lex.h"

#include "simple/focus.h"

struct refer {
	struct focus *f;
	struct sip_txn *t;
	group_id group;
	account_id by;
	struct sip_addr to;
	const struct account *who;
};

static enum err carry_out(struct refer *r)
{
	struct immcu *m = r->f->immcu;
	struct str method = uri_param(&r->to.u, "method"),
		   admin = sip_addr_param(&r->to, STR("admin"));

	if (admin.len > 0)
		return group_set_role(m, r->group, r->by, r->who->id,
				      str_eqz(admin, "1") || str_ieqz(admin, "true")
					      ? GROUP_PRESENTER
					      : GROUP_ATTENDEE);
	if (str_ieqz(method, "BYE"))
		return group_remove(m, r->group, r->by, r->who->id);
	if (method.len == 0 || str_ieqz(method, "INVITE"))
		return group_add(m, r->group, r->by, r->who->id, GROUP_ATTENDEE);
	return E_BAD;
}

/* RFC 4488: who does not want to hear how it went says so; room clients never listen. */
static bool wants_report(const struct refer *r)
{
	const struct endpoint *e = focus_sender(r->f, r->t);

	return !str_ieqz(sip_msg_get_name(sip_txn_msg(r->t), STR("Refer-Sub")), "false") &&
	       (e == NULL || !focus_is_room_client(e));
}

/* It is done when it is answered, so that one NOTIFY is all of the implicit subscription (RFC 3515 2.4.4). */
static void report(struct refer *r, struct sip_dialog *d)
{
	struct sip_out o = { 0 };
	struct buf lines, scratch;

	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&scratch, SIP_OUT_MAX);
	buf_addf(&lines,
		 "Event: refer;id=%u\r\nSubscription-State: terminated;reason=noresource\r\n",
		 sip_txn_msg(r->t)->cseq);
	sip_dialog_request(d, STR("NOTIFY"), buf_str(&lines), &scratch, &o);
	o.content_type = STR("message/sipfrag;version=2.0");
	o.body = STR("SIP/2.0 200 OK\r\n");
	(void)sip_request_send(r->f->simple->cfg.stack, &o, NULL, NULL);
	buf_fini(&scratch);
	buf_fini(&lines);
}

static void answer(struct refer *r, struct focus_part *p)
{
	struct sip_msg *m = sip_txn_msg_ref(r->t);
	const struct group_info *g = group_get(r->f->immcu, r->group);
	bool is_reported = wants_report(r);
	struct sip_dialog d;
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	if (g != NULL)
		focus_dialog_lines(r->f, g, sip_txn_conn_id(r->t), &lines);
	if (!is_reported)
		buf_addz(&lines, "Refer-Sub: false\r\n");
	sip_reply(r->f->simple->cfg.stack, sip_txn_id(r->t), 202, NULL, buf_str(&lines), STR_NULL,
		  STR_NULL);
	if (is_reported && p != NULL) {
		report(r, &p->dialog);
	} else if (is_reported && sip_dialog_init_uas(&d, m, sip_txn_to_tag(r->t),
						      sip_txn_conn_id(r->t)) == E_OK) {
		report(r, &d);
		sip_dialog_fini(&d);
	}
	buf_fini(&lines);
	sip_msg_unref(&m);
}

static void on_refer(struct refer *r, struct focus_part *p)
{
	struct focus *f = r->f;
	struct str text = sip_msg_get(sip_txn_msg(r->t), SIP_HDR_REFER_TO);
	uint64_t part = p == NULL ? 0 : p->id;
	struct group_member me;
	enum err e;

	if (sip_addr_decode(text, &r->to) != E_OK) {
		focus_refuse(f, r->t, 400, "Bad Refer-To", NULL);
		return;
	}
	if (!group_get_member(f->immcu, r->group, r->by, &me)) {
		focus_refuse(f, r->t, 403, NULL, NULL);
		return;
	}
	r->who = sip_stack_is_ours(f->simple->cfg.stack, &r->to.u)
			 ? simple_account_of(f->simple, &r->to.u)
			 : NULL;
	e = r->who == NULL ? E_NOTFOUND : carry_out(r);
	if (e != E_OK)
		focus_refuse(f, r->t, e == E_BAD ? 501 : focus_code_of(e), NULL, NULL);
	else
		answer(r, focus_part_get(f, part)); /* it may have removed itself */
}

void focus_on_refer(struct sip_txn *t, void *simple)
{
	struct focus *f = ((struct simple *)simple)->focus;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct group_info *g = focus_group_of(f, &m->ruri_uri);
	struct focus_part *p = focus_part_of(f, t);
	struct refer r = { .f = f, .t = t, .by = (account_id)sip_txn_account(t) };

	if (p != NULL && sip_dialog_on_request(&p->dialog, m) != E_OK) {
		focus_refuse(f, t, 500, NULL, NULL);
		return;
	}
	if (p == NULL && g == NULL) {
		sip_pass(t);
		return;
	}
	if (p == NULL && m->to.tag.p != NULL) {
		focus_refuse(f, t, 481, NULL, NULL);
		return;
	}
	r.group = p != NULL ? p->group : g->id;
	on_refer(&r, p);
}
