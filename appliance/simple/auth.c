/* Digest for standards clients (RFC 3261 22, RFC 7616, RFC 8760), and who may say to be whom.
 *
 * REGISTER always shows credentials.  Anything else passes on a connection its
 * sender has shown them on, and is challenged on any other.  Wrong password,
 * unknown user and disabled user get the same answer by the same way. */
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"

#include "simple/simple_int.h"

/* One look-up of a hash, and what the throttle said to it. */
struct lookup {
	struct simple *s;
	const struct addr *peer;
	enum throttle_why why;
	int64_t wait_ms;
};

static const struct addr *peer_of(struct sip_txn *t)
{
	return &sip_txn_conn(t)->info.peer;
}

static bool find_ha1(void *arg, struct str name, enum sip_ha1 which, unsigned char out[SIP_HA1_MAX],
		     uint64_t *id_out)
{
	struct lookup *l = arg;
	const struct account *a = directory_find(l->s->cfg.directory, name);

	l->why = throttle_check(l->s->cfg.throttle, name, l->peer, clk_ms(), &l->wait_ms);
	if (l->why != THROTTLE_PASS || a == NULL || !a->enabled)
		return false;
	switch (which) {
	case SIP_HA1_MD5:
		memcpy(out, a->ha1_md5, sizeof(a->ha1_md5));
		break;
	case SIP_HA1_MD5_DOMAIN:
		memcpy(out, a->ha1_md5_domain, sizeof(a->ha1_md5_domain));
		break;
	case SIP_HA1_SHA256:
		memcpy(out, a->ha1_sha256, sizeof(a->ha1_sha256));
		break;
	case SIP_HA1_SHA256_DOMAIN:
		memcpy(out, a->ha1_sha256_domain, sizeof(a->ha1_sha256_domain));
		break;
	}
	*id_out = (uint64_t)a->id;
	return true;
}

static uint64_t offer_key(const struct simple *s, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);

	return sip_offers_who(s->offers, addr_source(peer_of(t), s->seed), m->from.u.user,
			      sip_txn_conn(t)->user_agent);
}

static void challenge(struct simple *s, struct sip_txn *t, enum sip_digest_fresh fresh)
{
	struct sip_conn *c = sip_txn_conn(t);
	enum sip_digest_offer offer = sip_offers_choose(s->offers, offer_key(s, t), c->quirks,
							clk_wall_ms());
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	sip_digest_challenge(s->digest, sip_stack_domain(s->cfg.stack), c->id, offer, fresh,
			     clk_wall_ms(), &lines);
	s->stats.challenges++;
	sip_reply(s->cfg.stack, sip_txn_id(t), 401, NULL, buf_str(&lines), STR_NULL, STR_NULL);
	buf_fini(&lines);
}

/* Only wrong credentials count; an attempt that had to wait was not looked at. */
static void on_wrong(struct simple *s, struct sip_txn *t, const struct lookup *l,
		     const struct sip_digest_out *d)
{
	char peer[ADDR_PRINT_MAX];
	struct buf line;

	if (l->why == THROTTLE_PASS) {
		s->stats.wrong_credentials++;
		throttle_fail(s->cfg.throttle, d->name, l->peer, clk_ms());
		if (log_rate_ok(&s->wrong_rate, 5))
			log_warn("simple", "conn=%llu peer=%s account=%.*s wrong credentials",
				 (unsigned long long)sip_txn_conn_id(t), addr_print(l->peer, peer),
				 LOG_PEER(d->name));
		challenge(s, t, SIP_NONCE_FIRST);
		return;
	}
	s->stats.throttled++;
	if (log_rate_ok(&s->throttle_rate, 1))
		log_warn("simple",
			 "conn=%llu peer=%s account=%.*s too many wrong credentials, wait_ms=%lld",
			 (unsigned long long)sip_txn_conn_id(t), addr_print(l->peer, peer),
			 LOG_PEER(d->name), (long long)l->wait_ms);
	buf_init(&line, SIP_HEAD_MAX);
	buf_addf(&line, "Retry-After: %lld\r\n", (long long)(l->wait_ms + 999) / 1000);
	sip_reply(s->cfg.stack, sip_txn_id(t), 503, NULL, buf_str(&line), STR_NULL, STR_NULL);
	buf_fini(&line);
}

static enum sip_auth_result forbid(struct simple *s, struct sip_txn *t, const char *reason)
{
	s->stats.spoofed++;
	sip_reply(s->cfg.stack, sip_txn_id(t), 403, reason, STR_NULL, STR_NULL, STR_NULL);
	return SIP_AUTH_ANSWERED;
}

/* The From of our domain names this account. */
static bool is_from(const struct simple *s, const struct sip_msg *m, const struct account *a)
{
	return sip_stack_is_ours(s->cfg.stack, &m->from.u) && simple_account_of(s, &m->from.u) == a;
}

/* The credentials were right: for this From, and (REGISTER) for this To? */
static enum sip_auth_result admit(struct simple *s, struct sip_txn *t, const struct account *a)
{
	const struct sip_msg *m = sip_txn_msg(t);

	if (!is_from(s, m, a))
		return forbid(s, t, "From Is Someone Else");
	if (m->method_id == SIP_METHOD_REGISTER &&
	    !(sip_stack_is_ours(s->cfg.stack, &m->to.u) && simple_account_of(s, &m->to.u) == a))
		return forbid(s, t, "To Is Someone Else"); /* third-party registration: 10.2 */
	if (sip_conn_add_account(s->cfg.stack, sip_txn_conn(t), (uint64_t)a->id) != E_OK)
		return forbid(s, t, "Too Many Accounts On One Connection");
	sip_txn_set_account(t, (uint64_t)a->id);
	return SIP_AUTH_OK;
}

static bool has_credentials(const struct sip_msg *m)
{
	return m->first[SIP_HDR_AUTHORIZATION] != 0 || m->first[SIP_HDR_PROXY_AUTHORIZATION] != 0;
}

/* A right password with a nonce too old, used or of another connection, or no credentials for us at all. */
static void note_unusable(struct simple *s, struct sip_txn *t, const char *why)
{
	char peer[ADDR_PRINT_MAX];

	if (log_rate_ok(&s->unusable_rate, 5))
		log_info("simple", "conn=%llu peer=%s from=%.*s credentials refused: %s",
			 (unsigned long long)sip_txn_conn_id(t), addr_print(peer_of(t), peer),
			 LOG_PEER(sip_txn_msg(t)->from.uri), why);
}

static enum sip_auth_result check_credentials(struct simple *s, struct sip_txn *t)
{
	struct lookup l = { .s = s, .peer = peer_of(t) };
	struct sip_digest_in in = {
		.msg = sip_txn_msg(t),
		.realm = sip_stack_domain(s->cfg.stack),
		.binding = sip_txn_conn_id(t),
		.now_ms = clk_wall_ms(),
		.ha1 = find_ha1,
		.arg = &l,
	};
	struct sip_digest_out d;
	enum sip_digest_verdict v = sip_digest_check(s->digest, &in, &d);

	if (v != SIP_DIGEST_NONE)
		sip_offers_answered(s->offers, offer_key(s, t));
	switch (v) {
	case SIP_DIGEST_NONE:
		if (has_credentials(in.msg))
			note_unusable(s, t, "not for this realm");
		challenge(s, t, SIP_NONCE_FIRST);
		return SIP_AUTH_ANSWERED;
	case SIP_DIGEST_BAD:
		sip_reply(s->cfg.stack, sip_txn_id(t), 400, d.reason, STR_NULL, STR_NULL, STR_NULL);
		return SIP_AUTH_ANSWERED;
	case SIP_DIGEST_STALE:
		s->stats.stale++;
		note_unusable(s, t, "their nonce is old, used, or not this connection's");
		challenge(s, t, SIP_NONCE_STALE);
		return SIP_AUTH_ANSWERED;
	case SIP_DIGEST_WRONG:
		on_wrong(s, t, &l, &d);
		return SIP_AUTH_ANSWERED;
	case SIP_DIGEST_OK:
		throttle_ok(s->cfg.throttle, d.name, l.peer, clk_ms());
		return admit(s, t, directory_get(s->cfg.directory, (account_id)d.id));
	}
	return SIP_AUTH_ANSWERED;
}

enum sip_auth_result simple_authenticate(void *arg, struct sip_txn *t)
{
	struct simple *s = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct sip_conn *c = sip_txn_conn(t);
	const struct account *a;

	if (m->method_id == SIP_METHOD_REGISTER)
		return check_credentials(s, t);
	a = sip_stack_is_ours(s->cfg.stack, &m->from.u) ? simple_account_of(s, &m->from.u) : NULL;
	if (a != NULL && sip_conn_has_account(c, (uint64_t)a->id)) {
		sip_txn_set_account(t, (uint64_t)a->id);
		return SIP_AUTH_OK;
	}
	/* Whoever is signed in as one and speaks as another must show that he is both. */
	if (c->account_count > 0 && !has_credentials(m))
		return forbid(s, t, "From Is Someone Else");
	return check_credentials(s, t);
}

account_id simple_authenticate_web(struct simple *s, const struct simple_web_auth *a,
				   int *status_out, struct buf *lines_out)
{
	uint64_t binding = addr_source(a->peer, s->seed);
	struct lookup l = { .s = s, .peer = a->peer, .why = THROTTLE_PASS };
	struct sip_digest_in in = { .realm = sip_stack_domain(s->cfg.stack),
				    .method = a->method,
				    .target = a->target,
				    .credentials = a->credentials,
				    .binding = binding,
				    .now_ms = clk_wall_ms(),
				    .ha1 = find_ha1,
				    .arg = &l };
	struct sip_digest_out out;
	enum sip_digest_verdict v = sip_digest_check(s->digest, &in, &out);

	if (v == SIP_DIGEST_OK) {
		throttle_ok(s->cfg.throttle, out.name, a->peer, clk_ms());
		return (account_id)out.id;
	}
	if (v == SIP_DIGEST_BAD) {
		*status_out = 400;
		return 0;
	}
	if (v == SIP_DIGEST_WRONG && l.why != THROTTLE_PASS) {
		s->stats.throttled++;
		*status_out = 503;
		return 0;
	}
	if (v == SIP_DIGEST_WRONG) {
		char peer[ADDR_PRINT_MAX];

		s->stats.wrong_credentials++;
		throttle_fail(s->cfg.throttle, out.name, a->peer, clk_ms());
		if (log_rate_ok(&s->wrong_rate, 5))
			log_warn("simple",
				 "peer=%s account=%.*s wrong credentials for a contact list",
				 addr_print(a->peer, peer), LOG_PEER(out.name));
	}
	*status_out = 401;
	sip_digest_challenge(s->digest, in.realm, binding, SIP_OFFER_PAIR,
			     v == SIP_DIGEST_STALE ? SIP_NONCE_STALE : SIP_NONCE_FIRST, in.now_ms,
			     lines_out);
	return 0;
}
