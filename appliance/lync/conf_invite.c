/* Asking people to come ([MS-CONFAV] appINVITE): a client's own invitation to others, and the server's in a
 * member's name.  It only says "join that conference"; the invited client then joins the focus by itself. */
#include "lync/conf.h"

#include "sip/forward.h"

#define INVITE_TYPE STR("application/ms-conf-invite+xml")

/* --- the server's --- */

static void on_invited(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct conf *c = arg;
	struct sip_dialog d = { .conn = ctx };
	struct sip_out o = { 0 };
	struct sip_msg *m;
	struct buf scratch;

	if (code >= 300 || resp == NULL)
		return; /* whoever does not want to come stays away */
	m = sip_msg_ref(resp);
	if (sip_dialog_init_uac(&d, m, m->cseq, ctx) == E_OK) {
		buf_init(&scratch, SIP_OUT_MAX);
		sip_dialog_request(&d, STR("ACK"), STR_NULL, &scratch, &o);
		if (sip_request_send_once(c->lync->cfg.stack, &o) != E_OK)
			log_debug("lync", "conn=%llu an ACK could not be sent",
				  (unsigned long long)ctx);
		buf_fini(&scratch);
		sip_dialog_fini(&d);
	}
	sip_msg_unref(&m);
}

static void invitation(struct conf *c, const struct group_info *g, struct buf *out)
{
	struct buf focus;
	struct xmlw w;

	buf_init(&focus, URI_MAX);
	conf_uri(c, g, "focus", &focus);
	xmlw_init(&w, out);
	xmlw_start(&w, "Conferencing");
	xmlw_attrz(&w, "version", "2.0");
	xmlw_elem(&w, "focus-uri", buf_str(&focus));
	xmlw_elem(&w, "subject", g->subject);
	xmlw_start(&w, "im");
	xmlw_attrz(&w, "available", "true");
	xmlw_start(&w, "first-im");
	xmlw_end_all(&w);
	buf_fini(&focus);
}

void conf_invite(void *arg, const struct group_info *g, account_id who, const struct endpoint *e,
		 account_id by)
{
	struct conf *c = arg;
	struct lync *l = c->lync;
	const struct account *from = directory_get(l->cfg.directory,
						   by != 0 && by != who ? by : g->organizer);
	const struct account *to = directory_get(l->cfg.directory, who);
	struct buf f, d, id, lines, body;
	struct sip_out o = { .conn = e->conn,
			     .method = STR("INVITE"),
			     .uri = e->contact,
			     .cseq = 1,
			     .ctx = e->conn };

	if (c->is_passing_on || to == NULL || e->dialect != DIALECT_LYNC)
		return;
	buf_init(&f, SIP_HEAD_MAX);
	buf_init(&d, SIP_HEAD_MAX);
	buf_init(&id, 64);
	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&body, SIP_BODY_MAX);
	buf_addz(&f, "<");
	uri_encode_aor(&f, from != NULL ? from->name : g->name, sip_stack_domain(l->cfg.stack));
	c->last_id++;
	buf_addf(&f, ">;tag=%016llx",
		 (unsigned long long)str_hash(l->seed, str_n(&c->last_id, sizeof(c->last_id))));
	buf_addz(&d, "<");
	lync_aor(l, to, &d);
	buf_addz(&d, ">");
	buf_addf(&id, "%016llx%016llx",
		 (unsigned long long)str_hash(l->seed + 1, str_n(&c->last_id, sizeof(c->last_id))),
		 (unsigned long long)c->last_id);
	buf_addz(&lines, "Contact: <");
	conf_uri(c, g, "focus", &lines);
	buf_addz(&lines, ">\r\nSupported: ms-sender\r\n");
	invitation(c, g, &body);
	o.from = buf_str(&f);
	o.to = buf_str(&d);
	o.call_id = buf_str(&id);
	o.extra_headers = buf_str(&lines);
	o.content_type = INVITE_TYPE;
	o.body = buf_str(&body);
	(void)sip_request_send(l->cfg.stack, &o, on_invited, c);
	buf_fini(&body);
	buf_fini(&lines);
	buf_fini(&id);
	buf_fini(&d);
	buf_fini(&f);
}

/* --- a client's --- */

/* To the invited person's Lync-class clients as it came; 0: there are none. */
static size_t pass_on(struct conf *c, struct sip_txn *t, const struct account *to)
{
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(c->lync->cfg.registrar, to->id, ids, ENDPOINTS_PER_ACCOUNT),
	       count = 0;
	struct sip_fork_target target[ENDPOINTS_PER_ACCOUNT];

	for (size_t i = 0; i < n; i++) {
		const struct endpoint *e = registrar_get(c->lync->cfg.registrar, ids[i]);

		if (e != NULL && e->dialect == DIALECT_LYNC && e->conn != sip_txn_conn_id(t))
			target[count++] = (struct sip_fork_target){ .conn = e->conn,
								    .uri = e->contact };
	}
	if (count > 0)
		sip_fork_start(c->forks, t,
			       &(struct sip_fork){ .target = target,
						   .count = count,
						   .popped = sip_forward_next(t).popped,
						   .record_route = true });
	return count;
}

/* Nobody's Lync-class client is there: the group has asked his others in its own way; the answer is ours. */
static void answer_for(struct conf *c, struct sip_txn *t, const struct group_info *g,
		       const struct account *to)
{
	endpoint_id id;
	struct buf lines;

	if (registrar_of_account(c->lync->cfg.registrar, to->id, &id, 1) == 0) {
		lync_refuse(c->lync, t, 480, 1014, "The person is offline.");
		return;
	}
	buf_init(&lines, SIP_HEAD_MAX);
	buf_addz(&lines, "Contact: <");
	conf_uri(c, g, "focus", &lines);
	buf_addz(&lines, ">\r\n");
	sip_reply(c->lync->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), STR_NULL,
		  STR_NULL);
	buf_fini(&lines);
}

void conf_app_invite(struct conf *c, struct sip_txn *t, const struct xml_node *root)
{
	struct immcu *m = c->lync->cfg.immcu;
	const struct group_info *g = conf_group_of_text(c, xml_child_text(root, NULL, "focus-uri"));
	const struct account *to = lync_account_of(c->lync, &sip_txn_msg(t)->ruri_uri);
	account_id by = (account_id)sip_txn_account(t);
	enum err e;

	if (to == NULL || !to->enabled) {
		lync_refuse(c->lync, t, 404, 1003, "User does not exist");
		return;
	}
	if (g == NULL) {
		conf_refuse(c, t, E_NOTFOUND);
		return;
	}
	/* What these two said to each other goes on here: same conversation, same record. */
	if (g->conversation == 0 && group_adopt_pair(m, g->id, by, to->id) != E_OK)
		log_debug("lync", "group=%lld begins anew", (long long)g->id);
	c->is_passing_on = true;
	e = group_add(m, g->id, by, to->id, GROUP_ATTENDEE);
	c->is_passing_on = false;
	if (e != E_OK)
		conf_refuse(c, t, e);
	else if (pass_on(c, t, to) == 0)
		answer_for(c, t, g, to);
}
