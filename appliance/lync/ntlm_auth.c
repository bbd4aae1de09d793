/* NTLM inside REGISTER: our challenge, the client's answer, and the keys that come of it. */
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/rand.h"
#include "codec/utf16.h"

#include "lync/auth.h"

void auth_ntlm_end(struct lync_conn *lc)
{
	lc->handshake.is_open = false;
	buf_fini(&lc->handshake.challenge);
}

static enum sip_auth_result send_challenge(struct lync *l, struct sip_txn *t, struct lync_conn *lc)
{
	struct lync_handshake *h = &lc->handshake;
	struct str domain = sip_stack_domain(l->cfg.stack), host = sip_stack_host(l->cfg.stack);
	struct str label = domain, machine = host;
	struct ntlm_names names = { .dns_domain = domain, .dns_host = host };

	auth_ntlm_end(lc);
	names.netbios_domain = str_cut(&label, '.');
	names.netbios_host = str_cut(&machine, '.');
	rand_bytes(h->server_challenge, sizeof(h->server_challenge));
	sa_make_opaque(h->opaque);
	ntlm_challenge(&h->challenge, NTLM_FOR_SIP, &names, h->server_challenge);
	h->is_open = true;
	lync_challenge_token(l, sip_txn_id(t), AUTH_NTLM, h->opaque, buf_str(&h->challenge));
	return SIP_AUTH_ANSWERED;
}

/* What an AUTHENTICATE said, looked at once. */
struct ntlm_try {
	struct buf user, domain;       /* UTF-8 */
	const struct account *account; /* whose name it is; NULL: nobody's */
	unsigned char exported[NTLM_KEY_LEN];
	struct ntlm_auth auth;
};

static enum err read_names(struct ntlm_try *y)
{
	enum err err = utf16le_decode(&y->user, y->auth.user);

	return err != E_OK ? err : utf16le_decode(&y->domain, y->auth.domain);
}

/* An unknown name, and one that may not use NTLM, cost the same look at a hash nobody has. */
static enum err verify(struct lync *l, struct lync_conn *lc, struct ntlm_try *y)
{
	unsigned char nobody[NTHASH_LEN];
	struct ntlm_check check = {
		.server_challenge = lc->handshake.server_challenge,
		.challenge = buf_str(&lc->handshake.challenge),
		.negotiate = STR(""),
	};

	y->account = lync_account_named(l, buf_str(&y->domain), buf_str(&y->user));
	rand_bytes(nobody, sizeof(nobody));
	check.nt_hash = y->account != NULL && y->account->has_nt ? y->account->nt_hash : nobody;
	return ntlm_verify(&y->auth, &check, y->exported);
}

static void note_skew(struct lync_conn *lc, const struct ntlm_auth *a)
{
	int64_t skew_s = ntlm_skew_s(a, clk_wall_ms());

	if (a->time != 0 && (skew_s > NTLM_SKEW_WARN_S || skew_s < -NTLM_SKEW_WARN_S))
		log_warn("lync", "conn=%llu the client's clock is off by seconds=%lld",
			 (unsigned long long)lc->id, (long long)skew_s);
}

/* 503 makes a client try again later; a 401 would make it ask for another password. */
static enum sip_auth_result throttled(struct lync *l, struct sip_txn *t, struct str name,
				      int64_t wait_ms)
{
	char peer[ADDR_PRINT_MAX];
	struct buf lines;

	l->stats.throttled++;
	if (log_rate_ok(&l->throttle_rate, 1))
		log_warn("lync",
			 "conn=%llu peer=%s account=%.*s too many wrong credentials, wait_ms=%lld",
			 (unsigned long long)sip_txn_conn_id(t), addr_print(auth_peer(t), peer),
			 LOG_PEER(name), (long long)wait_ms);
	buf_init(&lines, SIP_HEAD_MAX);
	buf_addf(
		&lines,
		"Retry-After: %lld\r\nms-diagnostics: 1000;reason=\"Too many wrong passwords: try later\";"
		"source=\"%.*s\"\r\n",
		(long long)(wait_ms + 999) / 1000, STR_ARG(sip_stack_host(l->cfg.stack)));
	sip_reply(l->cfg.stack, sip_txn_id(t), 503, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
	return SIP_AUTH_ANSWERED;
}

static enum sip_auth_result wrong(struct lync *l, struct sip_txn *t, struct str name)
{
	char peer[ADDR_PRINT_MAX];

	l->stats.wrong_credentials++;
	throttle_fail(l->cfg.throttle, name, auth_peer(t), clk_ms());
	if (log_rate_ok(&l->wrong_rate, 5))
		log_warn("lync", "conn=%llu peer=%s account=%.*s wrong credentials",
			 (unsigned long long)sip_txn_conn_id(t), addr_print(auth_peer(t), peer),
			 LOG_PEER(name));
	return auth_challenge_again(l, t, "Final handshake failed");
}

static void make_keys(const struct ntlm_try *y, unsigned version, struct sa_keys *out)
{
	memset(out, 0, sizeof(*out));
	out->scheme = AUTH_NTLM;
	out->version = version == 0 ? 2 : version;
	ntlm_keys_derive(y->exported, y->auth.flags, NTLM_SIP_SEQ, &out->ntlm);
}

/* The password was right.  A version 4 client has signed this very request with the new keys. */
static enum sip_auth_result take_over(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				      const struct ntlm_try *y, const struct auth_hdr *h)
{
	const struct sa_names names = { LYNC_REALM, sip_stack_host(l->cfg.stack) };
	struct sign_head head;
	struct sa_keys keys;
	struct sa sa;
	enum sip_auth_result result;

	make_keys(y, h->version, &keys);
	sa_init(&sa, lc->handshake.opaque, &keys, clk_ms() + SA_LIFE_MS);
	mem_wipe(&keys, sizeof(keys));
	if (h->response.p != NULL && (sign_head_of(sip_txn_msg(t)->bytes, &head) != E_OK ||
				      sa_verify(&sa, &names, h, &head, clk_ms()) != E_OK)) {
		l->stats.bad_signatures++;
		sa_fini(&sa);
		return auth_challenge_again(l, t,
					    "The signature of the last token's request is wrong");
	}
	result = auth_admit(l, t, y->account);
	if (result == SIP_AUTH_OK)
		auth_install(t, lc, &sa, y->account->id);
	sa_fini(&sa);
	return result;
}

static enum sip_auth_result judge(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				  struct ntlm_try *y, const struct auth_hdr *h)
{
	struct str name;
	int64_t wait_ms;

	if (read_names(y) != E_OK)
		return auth_challenge_again(l, t, "Bad name in the NTLM token");
	name = buf_str(&y->user);
	name = str_cut(&name, '@');
	if (throttle_check(l->cfg.throttle, name, auth_peer(t), clk_ms(), &wait_ms) !=
	    THROTTLE_PASS)
		return throttled(l, t, name, wait_ms);
	if (verify(l, lc, y) != E_OK || y->account == NULL || !y->account->has_nt)
		return wrong(l, t, name);
	throttle_ok(l->cfg.throttle, name, auth_peer(t), clk_ms());
	note_skew(lc, &y->auth);
	return take_over(l, t, lc, y, h);
}

static enum sip_auth_result check_token(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
					const struct auth_hdr *h, struct str token)
{
	struct ntlm_try y = { .account = NULL };
	enum sip_auth_result result;

	if (!lc->handshake.is_open || !str_eqz(h->opaque, lc->handshake.opaque))
		return auth_challenge_again(l, t, "No such handshake");
	if (ntlm_auth_decode(token, &y.auth) != E_OK)
		return auth_challenge_again(l, t, "NTLMv2 with session security is required");
	buf_init(&y.user, NTLM_TOKEN_MAX);
	buf_init(&y.domain, NTLM_TOKEN_MAX);
	result = judge(l, t, lc, &y, h);
	buf_fini(&y.user);
	buf_fini(&y.domain);
	mem_wipe(y.exported, sizeof(y.exported));
	auth_ntlm_end(lc); /* one token per challenge */
	return result;
}

enum sip_auth_result auth_on_ntlm(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				  const struct auth_hdr *h, struct str token)
{
	if (l->is_ntlm_off)
		return auth_challenge_again(l, t, "That scheme is not offered");
	if (ntlm_token_type(token) == 3)
		return check_token(l, t, lc, h, token);
	return send_challenge(
		l, t, lc); /* nothing yet, or a NEGOTIATE that the datagram form does without */
}
