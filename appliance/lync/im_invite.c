/* An INVITE for a chat ([MS-SIPRE] IM sessions; RFC 3261 13).
 *
 * It goes to all Lync-class endpoints of the callee.  If none is there, or none answers, the server is the
 * other end itself: what is then said reaches his other clients, or waits on disk.
 * pidgin-sipe answers no CANCEL and acknowledges no failure of these: both are normal. */
#include "lync/conf.h"
#include "lync/file_offer.h"
#include "lync/im.h"
#include "lync/richtext.h"
#include "lync/text_format.h"

#include "sip/forward.h"

#define ACCEPT_TYPES \
	"text/plain text/html text/rtf multipart/alternative application/im-iscomposing+xml"

/* "m=message PORT sip ..." (Lync-class) or "m=x-ms-message ..." (Communicator 2005). */
static bool is_chat_sdp(const struct sip_msg *m)
{
	struct str rest = m->body;

	if (!str_istarts(m->content_type, STR("application/sdp")))
		return false;
	while (rest.p != NULL) {
		struct str line = str_cut(&rest, '\n');

		if (str_starts(line, STR("m=")))
			return str_starts(line, STR("m=message ")) ||
			       str_starts(line, STR("m=x-ms-message "));
	}
	return false;
}

void im_sdp(struct im *im, account_id as, struct buf *out)
{
	const struct account *a = directory_get(im->lync->cfg.directory, as);

	buf_addz(
		out,
		"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=session\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=message 5061 sip ");
	if (a != NULL)
		lync_aor(im->lync, a, out);
	buf_addz(out, "\r\na=accept-types:" ACCEPT_TYPES "\r\n");
}

/* --- the server answers --- */

/* A Contact that is routable to us and to nobody else: the address itself would be forked. */
static void add_contact(struct im *im, const struct chat *c, struct buf *b)
{
	const struct account *a = directory_get(im->lync->cfg.directory, c->b.account);

	buf_addz(b, "Contact: <");
	if (a != NULL)
		lync_aor(im->lync, a, b);
	buf_addf(b, ";opaque=app:im:%llx;gruu>\r\n", (unsigned long long)c->id);
	buf_addz(b, "Allow: INVITE, BYE, ACK, CANCEL, INFO, MESSAGE\r\n");
}

static void answer_by_server(struct chat *c)
{
	struct im *im = c->im;
	struct sip_stack *stack = im->lync->cfg.stack;
	struct sip_txn *t = sip_txn_get(stack, c->txn);
	uint64_t txn = c->txn;
	struct buf lines, sdp;

	if (t == NULL ||
	    sip_dialog_init_uas(&c->a.dialog, c->invite, sip_txn_to_tag(t), c->from) != E_OK) {
		sip_reply_code(stack, txn, 400);
		chat_free(c);
		return;
	}
	c->a.has_dialog = true;
	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&sdp, SIP_HEAD_MAX);
	add_contact(im, c, &lines);
	im_sdp(im, c->b.account, &sdp);
	/* no ms-text-format: the caller says his first text again, and that one counts */
	if (chat_open(c))
		sip_reply(stack, txn, 200, NULL, buf_str(&lines), STR("application/sdp"),
			  buf_str(&sdp));
	else
		sip_reply_code(stack, txn, 404);
	buf_fini(&sdp);
	buf_fini(&lines);
}

/* --- the callee's clients answer --- */

static void on_final(void *arg, uint64_t ctx, int code, uint64_t winner, const struct sip_msg *resp)
{
	struct im *im = arg;
	struct chat *c = chat_get(im, ctx);
	const struct endpoint *e;
	struct sip_msg *answer;

	if (c == NULL)
		return;
	if (code >= 300 || resp == NULL) {
		immcu_session_failed(im->lync->cfg.immcu,
				     &(struct im_session){ .from = c->a.account,
							   .to = c->b.account,
							   .from_endpoint = c->a.endpoint,
							   .dialect = DIALECT_LYNC },
				     code);
		chat_free(c);
		return;
	}
	e = registrar_find_conn(im->lync->cfg.registrar, c->b.account, winner);
	c->b.endpoint = e == NULL ? 0 : e->id;
	answer = sip_msg_ref(resp);
	c->a.has_dialog = sip_dialog_init_uas(&c->a.dialog, c->invite, resp->to.tag, c->from) ==
			  E_OK;
	c->b.has_dialog = sip_dialog_init_uac(&c->b.dialog, answer, c->invite->cseq, winner) ==
			  E_OK;
	sip_msg_unref(&answer);
	(void)chat_open(c); /* closed again when an account is gone meanwhile */
}

/* Nobody answered: not a refusal, so the server takes what is to be said.  A person who declined, or does
 * not want to be disturbed, has decided. */
static bool on_failed(void *arg, uint64_t ctx, int code)
{
	struct chat *c = chat_get(arg, ctx);

	if (c == NULL || (code != 408 && code != 480 && code != 481 && code != 404 && code != 410 &&
			  code != 430 && code != 487 && code < 500))
		return false;
	if (code >= 600)
		return false;
	answer_by_server(c);
	return true;
}

/* The callee's Lync-class endpoints, or the one a GRUU names. */
static size_t find_targets(struct im *im, const struct account *callee, const struct sip_msg *m,
			   conn_id from, struct sip_fork_target *out)
{
	endpoint_id ids[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(im->lync->cfg.registrar, callee->id, ids,
					ENDPOINTS_PER_ACCOUNT),
	       count = 0;
	bool is_gruu = uri_param(&m->ruri_uri, "gruu").p != NULL;

	for (size_t i = 0; i < n; i++) {
		const struct endpoint *e = registrar_get(im->lync->cfg.registrar, ids[i]);

		if (e == NULL || e->dialect != DIALECT_LYNC || e->conn == from)
			continue;
		if (is_gruu && !lync_is_gruu_of(im->lync, &m->ruri_uri, e))
			continue;
		out[count++] = (struct sip_fork_target){ .conn = e->conn,
							 .uri = e->contact,
							 .ctx = e->conn };
	}
	return count;
}

static void begin(struct im *im, struct sip_txn *t, const struct account *callee)
{
	account_id caller = (account_id)sip_txn_account(t);
	const struct endpoint *e = registrar_find_conn(im->lync->cfg.registrar, caller,
						       sip_txn_conn_id(t));
	struct sip_fork_target target[ENDPOINTS_PER_ACCOUNT];
	struct sip_fork f = { .target = target,
			      .record_route = true,
			      .on_final = on_final,
			      .on_failed = on_failed,
			      .arg = im };
	struct chat *c = chat_new(im, caller, e == NULL ? 0 : e->id, callee->id);

	c->invite = sip_txn_msg_ref(t);
	c->from = sip_txn_conn_id(t);
	c->txn = sip_txn_id(t);
	f.ctx = c->id;
	f.count = find_targets(im, callee, sip_txn_msg(t), c->from, target);
	f.popped = sip_forward_next(t).popped;
	if (f.count == 0)
		answer_by_server(c);
	else
		sip_fork_start(im->forks, t, &f);
}

/* A re-INVITE changes nothing here; the other client may see something in it. */
static void again(struct im *im, struct sip_txn *t, struct chat_side *from)
{
	struct chat_side *to = chat_other(from);
	struct buf sdp, lines;

	if (to->has_dialog) {
		struct sip_fork_target target = { .conn = to->dialog.conn };

		sip_fork_start(
			im->forks, t,
			&(struct sip_fork){ .target = &target, .count = 1, .record_route = true });
		return;
	}
	buf_init(&sdp, SIP_HEAD_MAX);
	buf_init(&lines, SIP_HEAD_MAX);
	add_contact(im, from->chat, &lines);
	im_sdp(im, to->account, &sdp);
	sip_reply(im->lync->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines),
		  STR("application/sdp"), buf_str(&sdp));
	buf_fini(&lines);
	buf_fini(&sdp);
}

static enum filter_action link_in_text_format(const struct filter_policy *p, struct str value)
{
	enum filter_action a = FILTER_ALLOW;
	struct buf body, plain, said;

	buf_init(&body, SIP_HEAD_MAX);
	buf_init(&plain, IM_BODY_MAX);
	buf_init(&said, IM_SAID_MAX);
	if (text_format_body(value, &body) == E_OK &&
	    richtext_of_body(value, buf_str(&body), &plain))
		a = filter_text(p, buf_str(&plain), &said);
	buf_fini(&said);
	buf_fini(&plain);
	buf_fini(&body);
	return a;
}

/* 606 for what is embedded in a chat's INVITE, 488 for a file's of its own: pidgin-sipe then gives up at once. */
static bool is_forbidden(struct im *im, struct sip_txn *t)
{
	const struct filter_policy *p = filter_get(im->lync->cfg.immcu);
	const struct sip_msg *m = sip_txn_msg(t);
	struct str first = sip_msg_get_name(m, STR("ms-text-format"));

	return im_is_refused(im, t, 606, file_offer_in_text_format(p, first), "file") ||
	       im_is_refused(im, t, 606, link_in_text_format(p, first), "link") ||
	       im_is_refused(im, t, 488, file_offer_in_body(p, m->content_type, m->body), "file");
}

void im_on_invite(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct account *callee;
	struct chat_side *from;

	if (conf_on_invite(l->conf, t) || is_forbidden(l->im, t))
		return;
	if (chat_of(l->im, m, sip_txn_conn_id(t), &from) != NULL) {
		again(l->im, t, from);
		return;
	}
	if (m->to.tag.p != NULL || !is_chat_sdp(m)) {
		sip_pass(t);
		return;
	}
	/* Communicator 2005's mesh of three and more would bypass the IMMCU (im-session groups do not). */
	if (str_ieqz(sip_msg_get_name(m, STR("TriggeredInvite")), "TRUE")) {
		sip_reply(l->cfg.stack, sip_txn_id(t), 420, NULL,
			  STR("Unsupported: com.microsoft.rtc-multiparty\r\n"), STR_NULL, STR_NULL);
		return;
	}
	callee = lync_account_of(l, &m->ruri_uri);
	if (callee == NULL || !callee->enabled)
		lync_refuse(l, t, 404, 1003, "User does not exist");
	else if (!immcu_may_write(l->cfg.immcu, (account_id)sip_txn_account(t), callee->id))
		sip_reply_code(l->cfg.stack, sip_txn_id(t), 480);
	else
		begin(l->im, t, callee);
}
