#include "crypto/seal_key.h"

#include <argon2.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"
#include "crypto/digest.h"
#include "crypto/token.h"

/* Offsets in the header; numbers are little endian. */
enum {
	AT_MAGIC = 0,
	AT_MEM_KIB = 8,
	AT_PASSES = 12,
	AT_LANES = 16,
	AT_CHUNK = 20,
	AT_SALT = 24,
	/* HMAC over all before it under the second half of the key: tells a wrong passphrase */
	AT_CHECK = 40,
	AT_CHECKSUM = 56, /* SHA-256 over all before it: tells a damaged header from that */
	MAGIC_LEN = 8,
	SALT_LEN = 16,
	CHECK_LEN = 16,
	KEY_LEN = 32,
};

static const char magic[MAGIC_LEN + 1] = "PLSEAL1\n";

bool seal_is_magic(struct str first_bytes)
{
	return str_starts(first_bytes, str_n(magic, MAGIC_LEN));
}

static void put_u32(unsigned char *p, uint32_t v)
{
	for (unsigned i = 0; i < 4; i++)
		p[i] = (unsigned char)(v >> (8 * i) & 0xff);
}

static uint32_t get_u32(const unsigned char *p)
{
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

/* Derives the key from the costs and salt of the header in k->aad; check_out is what belongs at AT_CHECK. */
static enum err derive(struct seal_key *k, struct str passphrase,
		       unsigned char check_out[CHECK_LEN])
{
	unsigned char key[2 * KEY_LEN], mac[DIGEST_MAX];
	const unsigned char *h = k->aad;
	int rc;

	if (passphrase.len == 0)
		return E_DENIED;
	if (passphrase.len > PASSWORD_MAX)
		return E_TOOBIG;
	rc = argon2id_hash_raw(get_u32(h + AT_PASSES), get_u32(h + AT_MEM_KIB),
			       get_u32(h + AT_LANES), passphrase.p, passphrase.len, h + AT_SALT,
			       SALT_LEN, key, sizeof(key));
	if (rc == ARGON2_OK) {
		digest_hmac(DIGEST_SHA256, str_n(key + KEY_LEN, KEY_LEN), str_n(h, AT_CHECK), mac);
		memcpy(check_out, mac, CHECK_LEN);
		if (mbedtls_gcm_setkey(&k->gcm, MBEDTLS_CIPHER_ID_AES, key, KEY_LEN * 8) != 0)
			rc = ARGON2_MEMORY_ALLOCATION_ERROR;
	}
	mem_wipe(key, sizeof(key));
	mem_wipe(mac, sizeof(mac));
	return rc == ARGON2_OK ? E_OK : E_NOMEM;
}

static void init(struct seal_key *k)
{
	*k = (struct seal_key){ .chunk = 0 };
	mbedtls_gcm_init(&k->gcm);
}

enum err seal_key_make(struct seal_key *k, struct str passphrase)
{
	unsigned char *h, sum[DIGEST_MAX];
	enum err e;

	init(k);
	h = k->aad;
	memcpy(h + AT_MAGIC, magic, MAGIC_LEN);
	put_u32(h + AT_MEM_KIB, SEAL_MEM_KIB);
	put_u32(h + AT_PASSES, SEAL_PASSES);
	put_u32(h + AT_LANES, 1);
	put_u32(h + AT_CHUNK, SEAL_CHUNK);
	rand_bytes(h + AT_SALT, SALT_LEN);
	e = derive(k, passphrase, h + AT_CHECK);
	digest_sha256(str_n(h, AT_CHECKSUM), sum);
	memcpy(h + AT_CHECKSUM, sum, CHECK_LEN);
	return e;
}

enum err seal_key_open(struct seal_key *k, struct str passphrase,
		       const unsigned char header[SEAL_HEADER_LEN])
{
	unsigned char sum[DIGEST_MAX], check[CHECK_LEN];
	enum err e;

	init(k);
	memcpy(k->aad, header, SEAL_HEADER_LEN);
	if (!seal_is_magic(str_n(header, SEAL_HEADER_LEN)))
		return E_UNSUPPORTED;
	digest_sha256(str_n(header, AT_CHECKSUM), sum);
	if (memcmp(sum, header + AT_CHECKSUM, CHECK_LEN) != 0)
		return E_CORRUPT;
	if (get_u32(header + AT_CHUNK) != SEAL_CHUNK ||
	    get_u32(header + AT_MEM_KIB) > PWHASH_MEM_KIB_MAX ||
	    get_u32(header + AT_PASSES) > PWHASH_PASSES_MAX || get_u32(header + AT_LANES) != 1)
		return E_UNSUPPORTED;
	e = derive(k, passphrase, check);
	if (e == E_DENIED || e == E_TOOBIG)
		return E_AUTH; /* no file is made with such a passphrase */
	if (e != E_OK)
		return e;
	return token_eq(str_n(check, CHECK_LEN), str_n(header + AT_CHECK, CHECK_LEN)) ? E_OK
										      : E_AUTH;
}

void seal_key_next(struct seal_key *k, enum seal_place place)
{
	for (unsigned i = 0; i < 8; i++) {
		k->aad[SEAL_HEADER_LEN + i] = (unsigned char)(k->chunk >> (8 * i) & 0xff);
		k->nonce[i] = k->aad[SEAL_HEADER_LEN + i];
	}
	k->aad[SEAL_HEADER_LEN + 8] = place == SEAL_LAST;
	k->chunk++;
}

void seal_key_wipe(struct seal_key *k)
{
	mbedtls_gcm_free(&k->gcm);
	mem_wipe(k, sizeof(*k));
}
