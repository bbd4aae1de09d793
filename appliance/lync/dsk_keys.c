#include "lync/dsk_keys.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/digest.h"

/* P_hash of RFC 2246 5, xored into out. */
static void p_hash(enum digest_alg alg, struct str secret, const struct str *seed, size_t seeds,
		   unsigned char *out, size_t len)
{
	unsigned char a[DIGEST_MAX], block[DIGEST_MAX];
	size_t n = digest_len(alg);
	struct str parts[4] = { { (const char *)a, n } };

	for (size_t i = 0; i < seeds; i++)
		parts[1 + i] = seed[i];
	digest_hmac_parts(alg, secret, seed, seeds, a);
	for (size_t at = 0; at < len; at += n) {
		digest_hmac_parts(alg, secret, parts, 1 + seeds, block);
		for (size_t i = 0; i < n && at + i < len; i++)
			out[at + i] ^= block[i];
		digest_hmac(alg, secret, parts[0], block);
		memcpy(a, block, n);
	}
	mem_wipe(a, sizeof(a));
	mem_wipe(block, sizeof(block));
}

void dsk_p_sha1(struct str secret, struct str seed, unsigned char *out, size_t len)
{
	memset(out, 0, len);
	p_hash(DIGEST_SHA1, secret, &seed, 1, out, len);
}

static void prf(struct str secret, const char *label, struct str seed_a, struct str seed_b,
		unsigned char *out, size_t len)
{
	size_t half = (secret.len + 1) / 2; /* the halves share a byte if the length is odd */
	struct str seed[] = { str_of(label), seed_a, seed_b };

	memset(out, 0, len);
	p_hash(DIGEST_MD5, str_sub(secret, 0, half), seed, ARRAY_LEN(seed), out, len);
	p_hash(DIGEST_SHA1, str_sub(secret, secret.len - half, secret.len), seed, ARRAY_LEN(seed),
	       out, len);
}

void dsk_prf(struct str secret, const char *label, struct str seed, unsigned char *out, size_t len)
{
	prf(secret, label, seed, STR(""), out, len);
}

void dsk_master(const unsigned char premaster[DSK_PREMASTER_LEN],
		const unsigned char client_random[DSK_RANDOM_LEN],
		const unsigned char server_random[DSK_RANDOM_LEN],
		unsigned char out[DSK_MASTER_LEN])
{
	prf(str_n(premaster, DSK_PREMASTER_LEN), "master secret",
	    str_n(client_random, DSK_RANDOM_LEN), str_n(server_random, DSK_RANDOM_LEN), out,
	    DSK_MASTER_LEN);
}

void dsk_sign_keys(const unsigned char master[DSK_MASTER_LEN],
		   const unsigned char client_random[DSK_RANDOM_LEN],
		   const unsigned char server_random[DSK_RANDOM_LEN],
		   unsigned char client_out[DSK_SIGN_KEY_LEN],
		   unsigned char server_out[DSK_SIGN_KEY_LEN])
{
	unsigned char eap[128];

	prf(str_n(master, DSK_MASTER_LEN), "client EAP encryption",
	    str_n(client_random, DSK_RANDOM_LEN), str_n(server_random, DSK_RANDOM_LEN), eap,
	    sizeof(eap));
	memcpy(client_out, eap + 64, DSK_SIGN_KEY_LEN);
	memcpy(server_out, eap + 96, DSK_SIGN_KEY_LEN);
	mem_wipe(eap, sizeof(eap));
}

void dsk_verify_data(const unsigned char master[DSK_MASTER_LEN], const char *label,
		     struct str transcript, unsigned char out[DSK_VERIFY_LEN])
{
	unsigned char md5[DIGEST_MD5_LEN], sha1[DIGEST_SHA1_LEN];

	digest_md5(transcript, md5);
	digest_sha1(transcript, sha1);
	prf(str_n(master, DSK_MASTER_LEN), label, str_n(md5, sizeof(md5)),
	    str_n(sha1, sizeof(sha1)), out, DSK_VERIFY_LEN);
}
