#include "sip/digest.h"

#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rand.h"
#include "codec/uri.h"
#include "crypto/digest.h"
#include "crypto/token.h"

#include "sip/lex.h"
#include "sip/msg.h"

enum {
	STAMP_LEN = 16, /* time and random bytes */
	MAC_LEN = 16,
	NONCE_LEN = 2 * (STAMP_LEN + MAC_LEN),
	WINDOW_BITS = 64,
	SKEW_MS = 60000, /* the wall clock may be set back a little */
};

/* A nonce that was used with the right password, and the counts seen with it. */
struct used {
	struct map_node node; /* key: stamp */
	struct list link;     /* in the order of first use */
	unsigned char stamp[STAMP_LEN];
	int64_t minted_ms;
	uint32_t top;	 /* highest nonce count */
	uint64_t window; /* bit k: count top - k was seen */
};

/* Invariants:
 * 1. used_by_stamp and used_order hold the same entries, at most SIP_NONCES_MAX.
 * 2. No nonce minted at or before floor_ms is fresh unless it is among them: so one whose
 *    counts were forgotten cannot be replayed. */
struct sip_digest {
	unsigned char secret[32];
	unsigned char nobody[SIP_HA1_MAX]; /* the HA1 of users who do not exist */
	struct map used_by_stamp;
	struct list used_order;
	int64_t floor_ms;
};

struct sip_digest *sip_digest_new(void)
{
	struct sip_digest *d = xcalloc(1, sizeof(*d));

	rand_bytes(d->secret, sizeof(d->secret));
	rand_bytes(d->nobody, sizeof(d->nobody));
	map_init(&d->used_by_stamp);
	list_init(&d->used_order);
	d->floor_ms = INT64_MIN;
	return d;
}

static void forget(struct sip_digest *d, struct used *u)
{
	map_del(&d->used_by_stamp, &u->node);
	list_del(&u->link);
	free(u);
}

void sip_digest_free(struct sip_digest **dp)
{
	struct sip_digest *d = *dp;

	*dp = NULL;
	if (d == NULL)
		return;
	while (!list_is_empty(&d->used_order))
		forget(d, LIST_ITEM(d->used_order.next, struct used, link));
	map_fini(&d->used_by_stamp);
	mem_wipe(d, sizeof(*d));
	free(d);
}

static void put_time(unsigned char *p, int64_t ms)
{
	for (int i = 0; i < 8; i++)
		p[i] = (unsigned char)((uint64_t)ms >> (56 - 8 * i));
}

static int64_t get_time(const unsigned char *p)
{
	uint64_t n = 0;

	for (int i = 0; i < 8; i++)
		n = n << 8 | p[i];
	return (int64_t)n;
}

static void nonce_mac(const struct sip_digest *d, const unsigned char *stamp, uint64_t binding,
		      struct str realm, unsigned char out[DIGEST_SHA256_LEN])
{
	struct str parts[3] = { str_n(stamp, STAMP_LEN), str_n(&binding, sizeof(binding)), realm };

	digest_hmac_parts(DIGEST_SHA256, str_n(d->secret, sizeof(d->secret)), parts, 3, out);
}

static void mint(const struct sip_digest *d, struct str realm, uint64_t binding, int64_t now_ms,
		 char out[NONCE_LEN + 1])
{
	unsigned char bytes[STAMP_LEN + DIGEST_SHA256_LEN];

	put_time(bytes, now_ms);
	rand_bytes(bytes + 8, STAMP_LEN - 8);
	nonce_mac(d, bytes, binding, realm, bytes + STAMP_LEN);
	digest_hex(bytes, STAMP_LEN + MAC_LEN, out);
}

static void challenge(struct buf *out, struct str realm, const char *nonce, const char *algorithm,
		      enum sip_digest_fresh fresh)
{
	buf_addz(out, "WWW-Authenticate: Digest realm=");
	sip_quote(out, realm);
	buf_addz(out, ", nonce=\"");
	buf_addz(out, nonce);
	buf_addz(out, "\", algorithm=");
	buf_addz(out, algorithm);
	buf_addz(out, ", qop=\"auth\"");
	if (fresh == SIP_NONCE_STALE)
		buf_addz(out, ", stale=true");
	buf_addz(out, "\r\n");
}

void sip_digest_challenge(const struct sip_digest *d, struct str realm, uint64_t binding,
			  enum sip_digest_offer offer, enum sip_digest_fresh fresh, int64_t now_ms,
			  struct buf *out)
{
	char nonce[NONCE_LEN + 1];

	mint(d, realm, binding, now_ms, nonce);
	if (offer == SIP_OFFER_PAIR)
		/* the preferred one first: RFC 8760 2.4 */
		challenge(out, realm, nonce, "SHA-256", fresh);
	challenge(out, realm, nonce, "MD5", fresh);
}

/* Ours, for this binding and realm, and young.  Fills stamp in any case it could be read. */
static bool is_fresh(const struct sip_digest *d, const struct sip_digest_in *in, struct str nonce,
		     unsigned char stamp[STAMP_LEN])
{
	unsigned char bytes[STAMP_LEN + MAC_LEN], want[DIGEST_SHA256_LEN];
	int64_t minted_ms;

	if (nonce.len != NONCE_LEN || digest_unhex(nonce, bytes, sizeof(bytes)) != E_OK)
		return false;
	memcpy(stamp, bytes, STAMP_LEN);
	nonce_mac(d, stamp, in->binding, in->realm, want);
	if (!token_eq(str_n(bytes + STAMP_LEN, MAC_LEN), str_n(want, MAC_LEN)))
		return false;
	minted_ms = get_time(stamp);
	return minted_ms <= in->now_ms + SKEW_MS && in->now_ms - minted_ms < SIP_NONCE_LIFE_MS;
}

static void make_room(struct sip_digest *d, int64_t now_ms)
{
	while (!list_is_empty(&d->used_order)) {
		struct used *oldest = LIST_ITEM(d->used_order.next, struct used, link);
		bool expired = now_ms - oldest->minted_ms >= SIP_NONCE_LIFE_MS + SKEW_MS;

		if (!expired && d->used_by_stamp.count < SIP_NONCES_MAX)
			return;
		if (!expired && oldest->minted_ms > d->floor_ms)
			d->floor_ms = oldest->minted_ms;
		forget(d, oldest);
	}
}

/* true: this count was not seen with this nonce before; now it is. */
static bool take_count(struct sip_digest *d, const unsigned char stamp[STAMP_LEN], uint32_t nc,
		       int64_t now_ms)
{
	struct map_node *n = map_get(&d->used_by_stamp, str_n(stamp, STAMP_LEN));
	struct used *u;

	if (n == NULL) {
		int64_t minted_ms = get_time(stamp);

		make_room(d, now_ms);
		if (minted_ms <= d->floor_ms)
			return false;
		u = xcalloc(1, sizeof(*u));
		memcpy(u->stamp, stamp, STAMP_LEN);
		u->minted_ms = minted_ms;
		u->top = nc;
		u->window = 1;
		map_put(&d->used_by_stamp, &u->node, str_n(u->stamp, STAMP_LEN));
		list_push_back(&d->used_order, &u->link);
		return true;
	}
	u = CONTAINER_OF(n, struct used, node);
	if (nc > u->top) {
		uint32_t up = nc - u->top;

		u->window = up < WINDOW_BITS ? u->window << up | 1 : 1;
		u->top = nc;
		return true;
	}
	if (u->top - nc >= WINDOW_BITS || (u->window >> (u->top - nc) & 1) != 0)
		return false;
	u->window |= (uint64_t)1 << (u->top - nc);
	return true;
}

static struct str *param_slot(struct sip_digest_params *p, struct str name)
{
	const struct {
		const char *name;
		struct str *slot;
	} slots[] = {
		{ "username", &p->username },
		{ "realm", &p->realm },
		{ "nonce", &p->nonce },
		{ "uri", &p->uri },
		{ "response", &p->response },
		{ "algorithm", &p->algorithm },
		{ "cnonce", &p->cnonce },
		{ "qop", &p->qop },
		{ "nc", &p->nc },
		{ "opaque", &p->opaque },
		{ "userhash", &p->userhash },
	};

	for (size_t i = 0; i < ARRAY_LEN(slots); i++)
		if (str_ieqz(name, slots[i].name))
			return slots[i].slot;
	return NULL;
}

/* "Digest" and then name=value, comma separated; clients quote where they should not and the other
 * way round, so both are read.  No name twice; unknown ones are skipped (RFC 7616 3.4). */
enum err sip_digest_params_decode(struct str credentials, struct sip_digest_params *out)
{
	struct sip_lex l = sip_lex_of(credentials);
	struct sip_digest_params p = { 0 };
	struct str name, value, *slot;

	if (!sip_lex_token(&l, &name) || !str_ieqz(name, "Digest"))
		return E_UNSUPPORTED;
	sip_lex_blank(&l);
	do {
		if (sip_lex_is_end(&l))
			break;
		if (!sip_lex_token(&l, &name) || !sip_lex_sep(&l, '=') ||
		    !(sip_lex_quoted(&l, &value) || sip_lex_token(&l, &value)))
			return E_BAD;
		slot = param_slot(&p, name);
		if (slot == NULL)
			continue;
		if (slot->p != NULL)
			return E_BAD;
		*slot = sip_unquoted(value);
	} while (sip_lex_sep(&l, ','));
	sip_lex_blank(&l);
	if (!sip_lex_is_end(&l))
		return E_BAD;
	*out = p;
	return E_OK;
}

/* The first Digest credentials for our realm in either header. */
static enum err find_credentials(const struct sip_digest_in *in, struct sip_digest_params *out)
{
	static const enum sip_hdr_id ids[] = { SIP_HDR_AUTHORIZATION, SIP_HDR_PROXY_AUTHORIZATION };

	if (in->msg == NULL) {
		enum err e = in->credentials.len == 0
				     ? E_NOTFOUND
				     : sip_digest_params_decode(in->credentials, out);

		return e == E_OK && !str_ieq(out->realm, in->realm) ? E_NOTFOUND : e;
	}
	for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
		const struct sip_hdr *h = sip_msg_first(in->msg, ids[i]);

		for (; h != NULL; h = sip_msg_next(in->msg, h)) {
			enum err e = sip_digest_params_decode(h->value, out);

			if (e == E_BAD)
				return E_BAD;
			if (e == E_OK && str_ieq(out->realm, in->realm))
				return E_OK;
		}
	}
	return E_NOTFOUND;
}

/* The digest uri must be the Request-URI; parameters may differ, because clients put the
 * ;transport=tls of their configuration into one and not into the other. */
static bool is_same_target(const struct sip_digest_in *in, struct str digest_uri)
{
	struct uri u;

	if (str_eq(in->msg == NULL ? in->target : in->msg->ruri, digest_uri))
		return true;
	return in->msg != NULL && uri_decode(digest_uri, &u) == E_OK &&
	       uri_eq_aor(&u, &in->msg->ruri_uri);
}

/* What is wrong with the parameters themselves; NULL: nothing. */
static const char *find_fault(const struct sip_digest_in *in, const struct sip_digest_params *p,
			      bool *sha256, uint32_t *nc)
{
	uint64_t count;

	*sha256 = str_ieqz(p->algorithm, "SHA-256");
	if (p->algorithm.p != NULL && !*sha256 && !str_ieqz(p->algorithm, "MD5"))
		return "Bad Authorization algorithm";
	if (p->username.len == 0)
		return "Bad Authorization username";
	if (str_ieqz(p->userhash, "true"))
		return "Bad Authorization userhash";
	if (!str_ieqz(p->qop, "auth"))
		return "Bad Authorization qop";
	if (p->nc.len != 8 || num_hex_u64(p->nc, &count) != E_OK || count == 0)
		return "Bad Authorization nc";
	if (p->cnonce.len == 0)
		return "Bad Authorization cnonce";
	if (p->nonce.len == 0)
		return "Bad Authorization nonce";
	if (p->response.len != (*sha256 ? 2 * DIGEST_SHA256_LEN : 2 * DIGEST_MD5_LEN))
		return "Bad Authorization response";
	if (!is_same_target(in, p->uri))
		return "Bad Authorization uri";
	*nc = (uint32_t)count;
	return NULL;
}

/* RFC 7616 3.4.1 with qop=auth: H(HA1 : nonce : nc : cnonce : qop : H(method : uri)). */
static void expected_response(enum digest_alg alg, const unsigned char *ha1, struct str method,
			      const struct sip_digest_params *p, unsigned char out[DIGEST_MAX])
{
	char ha1_hex[2 * DIGEST_MAX + 1], ha2_hex[2 * DIGEST_MAX + 1];
	size_t len = digest_len(alg);
	unsigned char ha2[DIGEST_MAX];
	struct str colon = STR(":");
	struct str a2[] = { method, colon, p->uri };

	digest_parts(alg, a2, ARRAY_LEN(a2), ha2);
	digest_hex(ha2, len, ha2_hex);
	digest_hex(ha1, len, ha1_hex);
	{
		struct str all[] = { str_n(ha1_hex, 2 * len),
				     colon,
				     p->nonce,
				     colon,
				     p->nc,
				     colon,
				     p->cnonce,
				     colon,
				     p->qop,
				     colon,
				     str_n(ha2_hex, 2 * len) };

		digest_parts(alg, all, ARRAY_LEN(all), out);
	}
	mem_wipe(ha1_hex, sizeof(ha1_hex));
}

/* Looks the user up and compares; a user who does not exist takes the same way. */
static bool is_right(struct sip_digest *d, const struct sip_digest_in *in,
		     const struct sip_digest_params *p, bool sha256, struct sip_digest_out *out)
{
	size_t at = str_find(p->username, '@', 0);
	bool has_domain = at < p->username.len, known;
	enum digest_alg alg = sha256 ? DIGEST_SHA256 : DIGEST_MD5;
	enum sip_ha1 which = sha256 ? (has_domain ? SIP_HA1_SHA256_DOMAIN : SIP_HA1_SHA256)
				    : (has_domain ? SIP_HA1_MD5_DOMAIN : SIP_HA1_MD5);
	unsigned char ha1[SIP_HA1_MAX] = { 0 }, want[DIGEST_MAX], got[DIGEST_MAX];
	uint64_t id = 0;
	bool same;

	out->username = p->username;
	out->name = str_sub(p->username, 0, at);
	known = in->ha1(in->arg, out->name, which, ha1, &id);
	if (has_domain && !str_ieq(str_sub(p->username, at + 1, p->username.len), in->realm))
		known = false;
	if (!known)
		memcpy(ha1, d->nobody, sizeof(ha1));
	expected_response(alg, ha1, in->msg == NULL ? in->method : in->msg->method, p, want);
	same = digest_unhex(p->response, got, digest_len(alg)) == E_OK &&
	       token_eq(str_n(want, digest_len(alg)), str_n(got, digest_len(alg)));
	mem_wipe(ha1, sizeof(ha1));
	mem_wipe(want, sizeof(want));
	out->id = same && known ? id : 0;
	return same && known;
}

enum sip_digest_verdict sip_digest_check(struct sip_digest *d, const struct sip_digest_in *in,
					 struct sip_digest_out *out)
{
	unsigned char stamp[STAMP_LEN] = { 0 };
	struct sip_digest_params p;
	uint32_t nc = 0;
	enum err e = find_credentials(in, &p);

	*out = (struct sip_digest_out){ 0 };
	if (e == E_NOTFOUND)
		return SIP_DIGEST_NONE;
	out->reason = e == E_BAD ? "Bad Authorization" : find_fault(in, &p, &out->is_sha256, &nc);
	if (out->reason != NULL)
		return SIP_DIGEST_BAD;
	if (!is_right(d, in, &p, out->is_sha256, out))
		return SIP_DIGEST_WRONG;
	/* Only the right password learns that its nonce was old (RFC 7616 3.3, stale). */
	if (!is_fresh(d, in, p.nonce, stamp) || !take_count(d, stamp, nc, in->now_ms))
		return SIP_DIGEST_STALE;
	return SIP_DIGEST_OK;
}
