#include "lync/ntlm.h"

#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codec/utf16.h"
#include "crypto/digest.h"
#include "crypto/rc4.h"
#include "crypto/token.h"

#define SIGNATURE STR("NTLMSSP\0")

enum {
	TYPE_CHALLENGE = 2,
	TYPE_AUTHENTICATE = 3,
	CHALLENGE_HEAD = 56,
	AUTHENTICATE_HEAD = 64, /* without version and MIC */
	MIC_AT = 72,
	MIC_LEN = 16,
	PROOF_LEN = 16,
	TEMP_MIN = 28, /* up to the AV pairs */
	NTLMV1_LEN = 24,
};

/* [MS-NLMP] 2.2.2.1 */
enum av_id {
	AV_END = 0,
	AV_NB_HOST = 1,
	AV_NB_DOMAIN = 2,
	AV_DNS_HOST = 3,
	AV_DNS_DOMAIN = 4,
	AV_FLAGS = 6
};
enum { AV_FLAG_MIC = 2 };

static void put_u16(struct buf *b, uint32_t v)
{
	buf_addc(b, (char)(v & 0xff));
	buf_addc(b, (char)(v >> 8 & 0xff));
}

static void put_u32(struct buf *b, uint32_t v)
{
	put_u16(b, v & 0xffff);
	put_u16(b, v >> 16);
}

static uint32_t get_u16(struct str s, size_t at)
{
	return (uint32_t)(unsigned char)s.p[at] | (uint32_t)(unsigned char)s.p[at + 1] << 8;
}

static uint32_t get_u32(struct str s, size_t at)
{
	return get_u16(s, at) | get_u16(s, at + 2) << 16;
}

/* Host names are ASCII; what is not UTF-8 is left empty rather than failing every sign-in. */
static void put_av(struct buf *b, enum av_id id, struct str utf8)
{
	struct buf wide;

	buf_init(&wide, NTLM_TOKEN_MAX);
	if (utf16le_encode(&wide, utf8) == E_OK) {
		put_u16(b, id);
		put_u16(b, (uint32_t)wide.len);
		buf_add(b, buf_str(&wide));
	}
	buf_fini(&wide);
}

void ntlm_challenge(struct buf *b, enum ntlm_mode mode, const struct ntlm_names *names,
		    const unsigned char server_challenge[NTLM_CHALLENGE_LEN])
{
	static const unsigned char version[8] = { 6, 1, 0xb1, 0x1d, 0, 0, 0, 0x0f };
	uint32_t flags = NTLM_UNICODE | NTLM_SIGN | NTLM_NTLM | NTLM_ALWAYS_SIGN | NTLM_ESS |
			 NTLM_TARGET_INFO | NTLM_VERSION | NTLM_128 | NTLM_KEY_EXCH;
	struct buf info;

	if (mode == NTLM_FOR_SIP)
		flags |= NTLM_DATAGRAM | NTLM_IDENTIFY;
	buf_init(&info, NTLM_TOKEN_MAX);
	put_av(&info, AV_NB_DOMAIN, names->netbios_domain);
	put_av(&info, AV_NB_HOST, names->netbios_host);
	put_av(&info, AV_DNS_DOMAIN, names->dns_domain);
	put_av(&info, AV_DNS_HOST, names->dns_host);
	put_u32(&info, 0);

	buf_add(b, SIGNATURE);
	put_u32(b, TYPE_CHALLENGE);
	put_u32(b, 0); /* no target name, as OCS sends none */
	put_u32(b, CHALLENGE_HEAD);
	put_u32(b, flags);
	buf_add(b, str_n(server_challenge, NTLM_CHALLENGE_LEN));
	put_u32(b, 0);
	put_u32(b, 0);
	put_u16(b, (uint32_t)info.len);
	put_u16(b, (uint32_t)info.len);
	put_u32(b, CHALLENGE_HEAD);
	buf_add(b, str_n(version, sizeof(version)));
	buf_add(b, buf_str(&info));
	buf_fini(&info);
}

uint32_t ntlm_token_type(struct str token)
{
	if (token.len < SIGNATURE.len + 4 || !str_starts(token, SIGNATURE))
		return 0;
	return get_u32(token, SIGNATURE.len);
}

/* The fields {length, maximum, offset} at `at`; an empty one may point anywhere. */
static bool get_field(struct str token, size_t at, struct str *out)
{
	size_t len = get_u16(token, at), from = get_u32(token, at + 4);

	if (len == 0) {
		*out = STR("");
		return true;
	}
	if (from < AUTHENTICATE_HEAD || from > token.len || len > token.len - from)
		return false;
	*out = str_sub(token, from, from + len);
	return true;
}

/* AV pairs up to the end mark: walks them all, so a list that runs over its end is malformed. */
static bool read_pairs(struct str pairs, uint32_t *flags_out)
{
	size_t at = 0;

	*flags_out = 0;
	while (pairs.len - at >= 4) {
		uint32_t id = get_u16(pairs, at), len = get_u16(pairs, at + 2);

		at += 4;
		if (id == AV_END)
			return true;
		if (len > pairs.len - at)
			return false;
		if (id == AV_FLAGS && len == 4)
			*flags_out = get_u32(pairs, at);
		at += len;
	}
	return false;
}

enum err ntlm_auth_decode(struct str token, struct ntlm_auth *out)
{
	const uint32_t need = NTLM_UNICODE | NTLM_ESS | NTLM_NTLM;
	struct ntlm_auth a = { .token = token };
	uint32_t av_flags;
	struct str nt;

	if (token.len > NTLM_TOKEN_MAX)
		return E_TOOBIG;
	if (token.len < AUTHENTICATE_HEAD || ntlm_token_type(token) != TYPE_AUTHENTICATE)
		return E_BAD;
	a.flags = get_u32(token, 60);
	if (!get_field(token, 20, &nt) || !get_field(token, 28, &a.domain) ||
	    !get_field(token, 36, &a.user) || !get_field(token, 44, &a.workstation) ||
	    !get_field(token, 52, &a.session_key))
		return E_BAD;
	if ((a.flags & need) != need || nt.len <= NTLMV1_LEN)
		return E_UNSUPPORTED;
	if (nt.len < PROOF_LEN + TEMP_MIN + 4)
		return E_BAD;
	a.proof = str_sub(nt, 0, PROOF_LEN);
	a.temp = str_sub(nt, PROOF_LEN, nt.len);
	if (get_u16(a.temp, 0) != 0x0101)
		return E_BAD;
	a.time = get_u32(a.temp, 8) | (uint64_t)get_u32(a.temp, 12) << 32;
	if (!read_pairs(str_sub(a.temp, TEMP_MIN, a.temp.len), &av_flags))
		return E_BAD;
	a.has_mic = (av_flags & AV_FLAG_MIC) != 0;
	if (a.has_mic && token.len < MIC_AT + MIC_LEN)
		return E_BAD;
	if ((a.flags & NTLM_KEY_EXCH) == 0)
		a.session_key = STR("");
	else if (a.session_key.len != NTLM_KEY_LEN)
		return E_BAD;
	*out = a;
	return E_OK;
}

/* NTOWFv2: the name in upper case.  Account names are ASCII, so ASCII rules are enough, and a name
 * of another script belongs to nobody here. */
static void response_key(const struct ntlm_auth *a, const unsigned char *nt_hash,
			 unsigned char out[NTLM_KEY_LEN])
{
	struct str upper = str_dup(a->user), parts[2];

	for (size_t i = 0; i + 1 < upper.len; i += 2) {
		char *p = (char *)(uintptr_t)upper.p + i;

		if (p[1] == 0 && p[0] >= 'a' && p[0] <= 'z')
			p[0] = (char)(p[0] - 'a' + 'A');
	}
	parts[0] = upper;
	parts[1] = a->domain;
	digest_hmac_parts(DIGEST_MD5, str_n(nt_hash, NTHASH_LEN), parts, 2, out);
	str_free(&upper);
}

static bool mic_is_right(const struct ntlm_auth *a, const struct ntlm_check *c,
			 const unsigned char *exported)
{
	static const char zeros[MIC_LEN];
	unsigned char want[DIGEST_MD5_LEN];
	struct str parts[] = {
		c->negotiate,
		c->challenge,
		str_sub(a->token, 0, MIC_AT),
		str_n(zeros, sizeof(zeros)),
		str_sub(a->token, MIC_AT + MIC_LEN, a->token.len),
	};

	digest_hmac_parts(DIGEST_MD5, str_n(exported, NTLM_KEY_LEN), parts, ARRAY_LEN(parts), want);
	return token_eq(str_n(want, sizeof(want)), str_sub(a->token, MIC_AT, MIC_AT + MIC_LEN));
}

enum err ntlm_verify(const struct ntlm_auth *a, const struct ntlm_check *c,
		     unsigned char exported_key_out[NTLM_KEY_LEN])
{
	struct str parts[] = { str_n(c->server_challenge, NTLM_CHALLENGE_LEN), a->temp };
	unsigned char key[NTLM_KEY_LEN], want[NTLM_KEY_LEN], base[NTLM_KEY_LEN],
		exported[NTLM_KEY_LEN];
	enum err err = E_AUTH;

	response_key(a, c->nt_hash, key);
	digest_hmac_parts(DIGEST_MD5, str_n(key, sizeof(key)), parts, ARRAY_LEN(parts), want);
	if (!token_eq(str_n(want, sizeof(want)), a->proof))
		goto out;
	digest_hmac(DIGEST_MD5, str_n(key, sizeof(key)), a->proof, base);
	if (a->session_key.len == NTLM_KEY_LEN)
		rc4_once(base, sizeof(base), (const unsigned char *)a->session_key.p, NTLM_KEY_LEN,
			 exported);
	else
		memcpy(exported, base, sizeof(exported));
	if (a->has_mic && !mic_is_right(a, c, exported))
		goto out;
	memcpy(exported_key_out, exported, NTLM_KEY_LEN);
	err = E_OK;
out:
	mem_wipe(key, sizeof(key));
	mem_wipe(want, sizeof(want));
	mem_wipe(base, sizeof(base));
	mem_wipe(exported, sizeof(exported));
	return err;
}

int64_t ntlm_skew_s(const struct ntlm_auth *a, int64_t wall_ms)
{
	const int64_t epoch_s = 11644473600; /* 1601 to 1970 */

	return (int64_t)(a->time / 10000000) - epoch_s - wall_ms / 1000;
}

static void derive(const unsigned char *key, size_t len, const char *what,
		   unsigned char out[NTLM_KEY_LEN])
{
	/* The magic constants end in their NUL ([MS-NLMP] 3.4.5.2). */
	struct str parts[] = { str_n(key, len), str_n(what, strlen(what) + 1) };

	digest_parts(DIGEST_MD5, parts, ARRAY_LEN(parts), out);
}

static void make_pad(const unsigned char *seal, uint32_t seq, unsigned char out[8])
{
	static const unsigned char zeros[8];
	unsigned char le[4] = { (unsigned char)seq, (unsigned char)(seq >> 8),
				(unsigned char)(seq >> 16), (unsigned char)(seq >> 24) };
	struct str parts[] = { str_n(seal, NTLM_KEY_LEN), str_n(le, sizeof(le)) };
	unsigned char key[DIGEST_MD5_LEN];

	digest_parts(DIGEST_MD5, parts, ARRAY_LEN(parts), key);
	rc4_once(key, sizeof(key), zeros, sizeof(zeros), out);
	mem_wipe(key, sizeof(key));
}

void ntlm_keys_derive(const unsigned char exported_key[NTLM_KEY_LEN], uint32_t flags, uint32_t seq,
		      struct ntlm_keys *out)
{
	size_t len = flags & NTLM_128 ? 16 : flags & (uint32_t)NTLM_56 ? 7 : 5;
	unsigned char seal[NTLM_KEY_LEN];

	memset(out, 0, sizeof(*out));
	out->seq = seq;
	derive(exported_key, NTLM_KEY_LEN,
	       "session key to client-to-server signing key magic constant", out->client_sign);
	derive(exported_key, NTLM_KEY_LEN,
	       "session key to server-to-client signing key magic constant", out->server_sign);
	if ((flags & NTLM_KEY_EXCH) == 0)
		return; /* the checksum goes as it is ([MS-NLMP] 3.4.4.2) */
	derive(exported_key, len, "session key to client-to-server sealing key magic constant",
	       seal);
	make_pad(seal, seq, out->client_pad);
	derive(exported_key, len, "session key to server-to-client sealing key magic constant",
	       seal);
	make_pad(seal, seq, out->server_pad);
	mem_wipe(seal, sizeof(seal));
}

void ntlm_mac(const struct ntlm_keys *k, enum ntlm_side side, struct str text,
	      unsigned char out[NTLM_MAC_LEN])
{
	const unsigned char *sign = side == NTLM_CLIENT ? k->client_sign : k->server_sign;
	const unsigned char *pad = side == NTLM_CLIENT ? k->client_pad : k->server_pad;
	unsigned char le[4] = { (unsigned char)k->seq, (unsigned char)(k->seq >> 8),
				(unsigned char)(k->seq >> 16), (unsigned char)(k->seq >> 24) };
	struct str parts[] = { str_n(le, sizeof(le)), text };
	unsigned char sum[DIGEST_MD5_LEN];

	digest_hmac_parts(DIGEST_MD5, str_n(sign, NTLM_KEY_LEN), parts, ARRAY_LEN(parts), sum);
	memcpy(out, "\1\0\0\0", 4);
	for (size_t i = 0; i < 8; i++)
		out[4 + i] = sum[i] ^ pad[i];
	memcpy(out + 12, le, sizeof(le));
}
