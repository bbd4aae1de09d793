/* ntlm.h: the server's half of NTLMv2 ([MS-NLMP]): challenge, verification, session keys, datagram MAC.
 *
 * Pure: tokens and hashes in, verdicts and keys out.  Only NTLMv2 with extended
 * session security and Unicode is spoken; everything older is refused. */
#ifndef LYNC_NTLM_H
#define LYNC_NTLM_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "crypto/nthash.h"

enum { NTLM_CHALLENGE_LEN = 8, NTLM_KEY_LEN = 16, NTLM_MAC_LEN = 16 };

enum ntlm_flag {
	NTLM_UNICODE = 0x1,
	NTLM_SIGN = 0x10,
	NTLM_DATAGRAM = 0x40,
	NTLM_NTLM = 0x200,
	NTLM_ALWAYS_SIGN = 0x8000,
	NTLM_ESS = 0x80000, /* extended session security */
	NTLM_IDENTIFY = 0x100000,
	NTLM_TARGET_INFO = 0x800000,
	NTLM_VERSION = 0x2000000,
	NTLM_128 = 0x20000000,
	NTLM_KEY_EXCH = 0x40000000,
	NTLM_56 = (int)0x80000000,
};

enum ntlm_mode {
	NTLM_FOR_SIP /* datagram: every message is signed */,
	NTLM_FOR_HTTP /* the connection is trusted */
};

struct ntlm_names {
	struct str netbios_domain, netbios_host, dns_domain, dns_host; /* UTF-8 */
};

/* Appends the CHALLENGE_MESSAGE.  It names no time, so no client answers with a MIC. */
void ntlm_challenge(struct buf *b, enum ntlm_mode mode, const struct ntlm_names *names,
		    const unsigned char server_challenge[NTLM_CHALLENGE_LEN]);

/* The type of a token (1 NEGOTIATE, 3 AUTHENTICATE), 0 if it is none. */
uint32_t ntlm_token_type(struct str token);

/* An AUTHENTICATE_MESSAGE; views into the token. */
struct ntlm_auth {
	struct str token;
	struct str domain, user, workstation; /* UTF-16LE */
	struct str proof;		      /* NTProofStr */
	struct str temp;		      /* what the proof is about */
	struct str session_key;		      /* encrypted; empty without KEY_EXCH */
	uint32_t flags;
	uint64_t time; /* FILETIME of the client */
	bool has_mic;
};

/* E_BAD: malformed.  E_UNSUPPORTED: NTLMv1, anonymous, or without what we ask for. */
MUST_USE enum err ntlm_auth_decode(struct str token, struct ntlm_auth *out);

struct ntlm_check {
	const unsigned char *nt_hash;	       /* NTHASH_LEN */
	const unsigned char *server_challenge; /* NTLM_CHALLENGE_LEN */
	struct str negotiate; /* the client's first token; empty in datagram mode */
	struct str challenge; /* our CHALLENGE_MESSAGE, for the MIC */
};

/* E_AUTH: wrong password, or a damaged message. */
MUST_USE enum err ntlm_verify(const struct ntlm_auth *a, const struct ntlm_check *c,
			      unsigned char exported_key_out[NTLM_KEY_LEN]);

/* Seconds the client's clock is ahead of wall_ms. */
int64_t ntlm_skew_s(const struct ntlm_auth *a, int64_t wall_ms);

/* SIP signs every message with the sequence number 100, so the RC4 stream over the checksum is
 * always the same eight bytes and is made once. */
enum { NTLM_SIP_SEQ = 100 };
struct ntlm_keys {
	unsigned char client_sign[NTLM_KEY_LEN], server_sign[NTLM_KEY_LEN];
	unsigned char client_pad[8], server_pad[8];
	uint32_t seq;
};
void ntlm_keys_derive(const unsigned char exported_key[NTLM_KEY_LEN], uint32_t flags, uint32_t seq,
		      struct ntlm_keys *out);

enum ntlm_side { NTLM_CLIENT, NTLM_SERVER };
void ntlm_mac(const struct ntlm_keys *k, enum ntlm_side side, struct str text,
	      unsigned char out[NTLM_MAC_LEN]);

#endif
