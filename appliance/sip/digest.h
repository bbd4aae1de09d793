/* digest.h: HTTP Digest for SIP (RFC 3261 22, RFC 7616, RFC 8760): challenges, nonces, checking.
 *
 * Switch thread.  A nonce is time, random bytes and an HMAC over both, the
 * binding (connection or source) and the realm, so unanswered challenges cost
 * no memory; only nonces that were used successfully are remembered, with the
 * nonce counts seen.  Unknown users take the same path as known ones with a
 * password nobody has. */
#ifndef SIP_DIGEST_H
#define SIP_DIGEST_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct sip_digest; /* opaque */

enum sip_digest_offer { SIP_OFFER_PAIR, /* SHA-256, then MD5 */ SIP_OFFER_MD5 };

/* HA1 = H(username:realm:password); the username as clients type it, with the domain or without. */
enum sip_ha1 { SIP_HA1_MD5, SIP_HA1_MD5_DOMAIN, SIP_HA1_SHA256, SIP_HA1_SHA256_DOMAIN };
enum { SIP_HA1_MAX = 32 }; /* bytes; MD5: 16 */

/* Fills ha1_out (16 or 32 bytes) for the account of that bare name; false: no such account,
 * disabled, or no such hash.  id_out is handed back on success. */
typedef bool sip_ha1_fn(void *arg, struct str name, enum sip_ha1 which,
			unsigned char ha1_out[SIP_HA1_MAX], uint64_t *id_out);

enum sip_digest_verdict {
	SIP_DIGEST_OK,
	SIP_DIGEST_NONE, /* no Digest credentials for our realm: challenge */
	SIP_DIGEST_BAD,	 /* malformed, or what we do not do: 400 with reason */
	/* right password, but nonce old, of another connection, or count used: stale=true */
	SIP_DIGEST_STALE,
	SIP_DIGEST_WRONG, /* counts as a failure of that name */
};

struct sip_digest_in {
	/* all its Authorization and Proxy-Authorization lines are looked at */
	const struct sip_msg *msg;
	/* Without a message (NULL), of HTTP (XCAP): the request's method and target, and its Authorization value. */
	struct str method, target, credentials;
	struct str realm; /* = the SIP domain */
	uint64_t binding; /* connection id, or a keyed hash of the source */
	int64_t now_ms;	  /* wall clock */
	sip_ha1_fn *ha1;
	void *arg;
};

struct sip_digest_out {
	struct str username; /* as sent, borrowed from the message; len 0: none */
	struct str name;     /* without @domain */
	uint64_t id;	     /* of ha1 */
	bool is_sha256;
	const char *reason; /* of BAD */
};

struct sip_digest *sip_digest_new(void);
void sip_digest_free(struct sip_digest **dp);

/* Complete WWW-Authenticate lines. */
enum sip_digest_fresh { SIP_NONCE_FIRST, SIP_NONCE_STALE };
void sip_digest_challenge(const struct sip_digest *d, struct str realm, uint64_t binding,
			  enum sip_digest_offer offer, enum sip_digest_fresh fresh, int64_t now_ms,
			  struct buf *out);

enum sip_digest_verdict sip_digest_check(struct sip_digest *d, const struct sip_digest_in *in,
					 struct sip_digest_out *out);

/* The parameters of one "Digest ..." value, each once; for tests and fuzzing. */
struct sip_digest_params {
	struct str username, realm, nonce, uri, response, algorithm, cnonce, qop, nc, opaque,
		userhash;
};
MUST_USE enum err sip_digest_params_decode(struct str credentials, struct sip_digest_params *out);

#endif
