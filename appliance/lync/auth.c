/* Who a Lync-class client is ([MS-SIPAE] 3.3): NTLM inside REGISTER, then a signature on every request.
 *
 *   no Authorization ──────────────→ 401 with the schemes
 *   gssapi-data="" ────────────────→ 401 with the challenge
 *   gssapi-data=AUTHENTICATE ──────→ the password was right: an association, and the REGISTER runs
 *   signed, association known ─────→ the request runs
 *
 * A refused REGISTER gets a 401 with the schemes again; a client sends any other
 * refused request again at once and without end, so the second one closes the
 * connection, and a wrong signature does so at once. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/base64.h"
#include "codec/date.h"

#include "lync/conf.h"
#include "lync/auth.h"
#include "lync/dsk_auth.h"
#include "lync/im.h"
#include "lync/sub.h"

/* --- connections --- */

struct lync_conn *lync_conn_of(struct sip_conn *c)
{
	return c->adapter == NULL || c->adapter->authenticate != lync_authenticate ? NULL
										   : c->owner;
}

static struct lync_conn *conn_make(struct lync *l, struct sip_conn *c)
{
	struct lync_conn *lc = c->owner;

	if (lc != NULL)
		return lc;
	lc = xcalloc(1, sizeof(*lc));
	lc->lync = l;
	lc->id = c->id;
	buf_init(&lc->handshake.challenge, NTLM_TOKEN_MAX);
	list_init(&lc->subs);
	c->owner = lc;
	l->stats.conns++;
	return lc;
}

/* The one teardown. */
void lync_on_close(void *arg, struct sip_conn *c)
{
	struct lync *l = arg;
	struct lync_conn *lc = c->owner;

	im_conn_closed(l->im, c->id);
	conf_conn_closed(l->conf, c->id);
	if (lc == NULL)
		return;
	c->owner = NULL;
	c->finisher.fn = NULL;
	lync_subs_end(l, lc);
	auth_ntlm_end(lc);
	dsk_auth_drop(lc);
	sa_fini(&lc->sa);
	sa_fini(&lc->previous);
	sa_fini(&lc->pending);
	str_free(&lc->reg_from);
	str_free(&lc->reg_to);
	str_free(&lc->reg_call_id);
	str_free(&lc->epid);
	free(lc);
	l->stats.conns--;
}

/* --- 401 --- */

/* Clients see by the date that their clock is off, which NTLM does not forgive everywhere. */
static void date_line(struct buf *out)
{
	char text[DATE_SIP_CAP];

	date_sip_encode(clk_wall_ms() / 1000, text);
	buf_addf(out, "Date: %s\r\n", text);
}

/* Where certificates come from. */
static void sts_uri(const struct lync *l, struct buf *out)
{
	buf_addf(out, "https://%.*s:%u/CertProv/CertProvisioningService.svc",
		 STR_ARG(sip_stack_host(l->cfg.stack)), l->cfg.web_port);
}

static bool offers_dsk(const struct lync *l)
{
	return l->cfg.web_port != 0 && dsk_auth_is_ready(l);
}

void lync_challenge(struct lync *l, uint64_t txn, const char *why)
{
	struct auth_challenge c = {
		.scheme = AUTH_TLS_DSK,
		.realm = LYNC_REALM,
		.target = sip_stack_host(l->cfg.stack),
	};
	struct buf lines, uri;

	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&uri, URI_MAX);
	sts_uri(l, &uri);
	c.sts_uri = buf_str(&uri);
	if (offers_dsk(l))
		auth_challenge_line(&lines, &c);
	c.scheme = AUTH_NTLM;
	c.sts_uri = STR("");
	if (!l->is_ntlm_off)
		auth_challenge_line(&lines, &c);
	date_line(&lines);
	if (why != NULL)
		buf_addf(&lines, "ms-diagnostics: 1000;reason=\"%s\";source=\"%.*s\"\r\n", why,
			 STR_ARG(sip_stack_host(l->cfg.stack)));
	l->stats.challenges++;
	sip_reply(l->cfg.stack, txn, 401, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&uri);
	buf_fini(&lines);
}

void lync_challenge_token(struct lync *l, uint64_t txn, enum auth_scheme scheme, const char *opaque,
			  struct str token)
{
	struct auth_challenge c = {
		.scheme = scheme,
		.realm = LYNC_REALM,
		.target = sip_stack_host(l->cfg.stack),
		.opaque = str_of(opaque),
		.gssapi = token,
	};
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	auth_challenge_line(&lines, &c);
	date_line(&lines);
	l->stats.challenges++;
	sip_reply(l->cfg.stack, txn, 401, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}

enum sip_auth_result auth_challenge_again(struct lync *l, struct sip_txn *t, const char *why)
{
	lync_challenge(l, sip_txn_id(t), why);
	return SIP_AUTH_ANSWERED;
}

static enum sip_auth_result forbid(struct lync *l, struct sip_txn *t, unsigned id,
				   const char *reason)
{
	char peer[ADDR_PRINT_MAX];

	l->stats.spoofed++;
	if (log_rate_ok(&l->spoof_rate, 5))
		log_warn("lync", "conn=%llu peer=%s method=%.*s from=%.*s refused: %s",
			 (unsigned long long)sip_txn_conn_id(t), addr_print(auth_peer(t), peer),
			 LOG_PEER(sip_txn_msg(t)->method), LOG_PEER(sip_txn_msg(t)->from.uri),
			 reason);
	lync_refuse_public(l, t, 403, id, reason);
	return SIP_AUTH_ANSWERED;
}

/* --- who is let in --- */

static bool is_somebody_elses(struct sip_txn *t, const struct account *a)
{
	const struct sip_conn *c = sip_txn_conn(t);
	const struct lync_conn *lc = c->owner;

	return lc->has_sa && lc->account != a->id && sip_conn_has_account(c, (uint64_t)lc->account);
}

/* The account of the credentials is the one of From and To. */
enum sip_auth_result auth_admit(struct lync *l, struct sip_txn *t, const struct account *a)
{
	const struct sip_msg *m = sip_txn_msg(t);

	if (lync_account_of(l, &m->from.u) != a ||
	    (m->method_id == SIP_METHOD_REGISTER && lync_account_of(l, &m->to.u) != a))
		return forbid(
			l, t, 4004,
			"Credentials provided are not authorized to act as specified from URI");
	/* What is sent to the one would be signed with, and read by, the other. */
	if (is_somebody_elses(t, a))
		return forbid(l, t, 4004, "Another account is signed in on this connection");
	if (!a->enabled)
		return forbid(l, t, 4141, "User disabled");
	if (sip_conn_add_account(l->cfg.stack, sip_txn_conn(t), (uint64_t)a->id) != E_OK)
		return forbid(l, t, 4000, "Too many accounts on one connection");
	sip_txn_set_account(t, (uint64_t)a->id);
	return SIP_AUTH_OK;
}

/* From here on the connection signs and is signed with it. */
void auth_install(struct sip_txn *t, struct lync_conn *lc, const struct sa *sa, account_id account)
{
	sa_fini(&lc->previous);
	lc->previous = lc->sa;
	lc->has_previous = lc->has_sa;
	sa_fini(&lc->sa);
	lc->sa = *sa;
	lc->has_sa = true;
	lc->account = account;
	lc->refusals = 0;
	sip_txn_conn(t)->finisher = (struct sip_finisher){ lync_finish, lc };
}

/* --- tokens --- */

static enum sip_auth_result on_gssapi(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				      const struct auth_hdr *h)
{
	enum sip_auth_result result;
	struct buf token;

	buf_init(&token, DSK_TRANSCRIPT_MAX);
	if (base64_decode(h->gssapi, &token) != E_OK)
		result = auth_challenge_again(l, t, "Bad gssapi-data");
	else if (h->scheme == AUTH_NTLM)
		result = auth_on_ntlm(l, t, lc, h, buf_str(&token));
	else if (offers_dsk(l))
		result = dsk_auth_on_token(l, t, lc, h, buf_str(&token));
	else
		result = auth_challenge_again(l, t, "That scheme is not offered");
	buf_fini(&token);
	return result;
}

/* --- signatures --- */

/* The credentials meant for us, among those of other schemes; false: none. */
static bool find_auth(const struct sip_msg *m, struct auth_hdr *out)
{
	static const enum sip_hdr_id ids[] = { SIP_HDR_AUTHORIZATION, SIP_HDR_PROXY_AUTHORIZATION };

	for (size_t i = 0; i < ARRAY_LEN(ids); i++)
		for (const struct sip_hdr *h = sip_msg_first(m, ids[i]); h != NULL;
		     h = sip_msg_next(m, h))
			if (auth_hdr_decode(h->value, out) == E_OK)
				return true;
	return false;
}

static enum err check_signature(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				const struct auth_hdr *h)
{
	const struct sa_names names = { LYNC_REALM, sip_stack_host(l->cfg.stack) };
	struct sign_head head;

	if (!lc->has_sa || h->response.p == NULL || !str_ieqz(h->opaque, lc->sa.opaque))
		return E_NOTFOUND;
	if (sign_head_of(sip_txn_msg(t)->bytes, &head) != E_OK)
		return E_BAD;
	return sa_verify(&lc->sa, &names, h, &head, clk_ms());
}

static struct sa *sa_of(struct lync_conn *lc, const struct auth_hdr *h)
{
	if (str_ieqz(h->opaque, lc->sa.opaque))
		return &lc->sa;
	return lc->has_previous && str_ieqz(h->opaque, lc->previous.opaque) ? &lc->previous : NULL;
}

/* Clients sign their answers with the same keys and numbers as their requests ([MS-SIPAE] 3.2.4.1).  An
 * association that has run out still signs answers: it is requests that must renew it, and an answer not
 * taken would have the text delivered again. */
bool lync_accepts_response(void *arg, struct sip_conn *c, const struct sip_msg *m)
{
	struct lync *l = arg;
	const struct sa_names names = { LYNC_REALM, sip_stack_host(l->cfg.stack) };
	struct lync_conn *lc = c->owner;
	char peer[ADDR_PRINT_MAX];
	struct sign_head head;
	struct auth_hdr h;
	struct sa *sa;

	if (lc == NULL || !lc->has_sa)
		return true;
	if (find_auth(m, &h) && (sa = sa_of(lc, &h)) != NULL &&
	    sign_head_of(m->bytes, &head) == E_OK && sa_verify(sa, &names, &h, &head, 0) == E_OK)
		return true;
	l->stats.bad_signatures++;
	if (log_rate_ok(&l->signature_rate, 5))
		log_warn("lync",
			 "conn=%llu peer=%s status=%d ignored: its signature is missing or wrong",
			 (unsigned long long)c->id, addr_print(&c->info.peer, peer), m->status);
	return false;
}

/* The account an association stands for; NULL: it has gone, or may not any more. */
static const struct account *holder_of(struct lync *l, struct sip_txn *t,
				       const struct lync_conn *lc)
{
	const struct account *a = directory_get(l->cfg.directory, lc->account);

	return a != NULL && sip_conn_has_account(sip_txn_conn(t), (uint64_t)a->id) ? a : NULL;
}

static enum sip_auth_result drop(struct lync *l, struct sip_txn *t, const char *why)
{
	char peer[ADDR_PRINT_MAX];

	if (log_rate_ok(&l->signature_rate, 5))
		log_warn("lync", "conn=%llu peer=%s method=%.*s closed: %s",
			 (unsigned long long)sip_txn_conn_id(t), addr_print(auth_peer(t), peer),
			 LOG_PEER(sip_txn_msg(t)->method), why);
	sip_conn_close(l->cfg.stack, sip_txn_conn_id(t), true);
	return SIP_AUTH_ANSWERED;
}

static enum sip_auth_result refuse_request(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
					   const char *why)
{
	enum sip_auth_result result = auth_challenge_again(l, t, why);

	if (++lc->refusals > 1 + LYNC_REFUSALS_MAX)
		return drop(l, t, "it goes on asking without credentials");
	return result;
}

static enum sip_auth_result on_signed(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				      enum err verdict)
{
	const struct account *a;

	switch (verdict) {
	case E_OK:
		break;
	case E_EXISTS:
		l->stats.replays++;
		return drop(l, t, "a number was used twice: replayed");
	case E_AUTH:
		l->stats.bad_signatures++;
		return drop(l, t, "wrong signature");
	case E_STALE:
		return sip_txn_msg(t)->method_id == SIP_METHOD_REGISTER
			       ? auth_challenge_again(l, t, "The security association has expired")
			       : refuse_request(l, t, lc, "The security association has expired");
	default:
		return sip_txn_msg(t)->method_id == SIP_METHOD_REGISTER
			       ? auth_challenge_again(l, t, NULL)
			       : refuse_request(l, t, lc, "No such security association");
	}
	lc->refusals = 0;
	a = holder_of(l, t, lc);
	if (a == NULL)
		return auth_challenge_again(l, t, "The security association has ended");
	return auth_admit(l, t, a);
}

/* The REGISTER after a TLS-DSK handshake, which is signed with what came of it. */
static enum sip_auth_result on_pending(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				       const struct auth_hdr *h)
{
	const struct sa_names names = { LYNC_REALM, sip_stack_host(l->cfg.stack) };
	const struct account *a = directory_get(l->cfg.directory, lc->pending_account);
	enum sip_auth_result result;
	struct sign_head head;

	lc->has_pending = false;
	if (a == NULL || sign_head_of(sip_txn_msg(t)->bytes, &head) != E_OK ||
	    sa_verify(&lc->pending, &names, h, &head, clk_ms()) != E_OK) {
		l->stats.bad_signatures++;
		sa_fini(&lc->pending);
		return auth_challenge_again(l, t, "Final handshake failed");
	}
	result = auth_admit(l, t, a);
	if (result == SIP_AUTH_OK)
		auth_install(t, lc, &lc->pending, a->id);
	sa_fini(&lc->pending);
	return result;
}

static bool is_for_pending(const struct lync_conn *lc, const struct auth_hdr *h)
{
	return lc->has_pending && h->response.p != NULL && h->scheme == AUTH_TLS_DSK &&
	       str_ieqz(h->opaque, lc->pending.opaque);
}

enum sip_auth_result lync_authenticate(void *arg, struct sip_txn *t)
{
	struct lync *l = arg;
	struct lync_conn *lc = conn_make(l, sip_txn_conn(t));
	bool is_register = sip_txn_msg(t)->method_id == SIP_METHOD_REGISTER;
	struct auth_hdr h;

	if (!find_auth(sip_txn_msg(t), &h)) {
		if (!is_register)
			return refuse_request(l, t, lc, NULL);
		auth_ntlm_end(lc);
		dsk_auth_drop(lc);
		if (offers_dsk(l) && !lc->has_sa && l->cfg.allow_sign_in_ms != NULL)
			l->cfg.allow_sign_in_ms(l->cfg.arg, lc->id, DSK_SIGN_IN_MS);
		return auth_challenge_again(l, t, NULL);
	}
	if (is_register && h.gssapi.p != NULL)
		return on_gssapi(l, t, lc, &h);
	if (is_register && is_for_pending(lc, &h))
		return on_pending(l, t, lc, &h);
	return on_signed(l, t, lc, check_signature(l, t, lc, &h));
}
