#include "lync/dsk_record.h"

#include <assert.h>
#include <mbedtls/aes.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/token.h"
#include "lync/dsk_keys.h"

enum { BLOCK = 16, MAC_LEN = DIGEST_SHA1_LEN, SEALED_MAX = 256 /* Finished is 64 */ };

void dsk_record_derive(struct str master, struct str client_random, struct str server_random,
		       struct dsk_record_keys *out)
{
	unsigned char seed[2 * DSK_RANDOM_LEN];

	static_assert(sizeof(*out) == 2 * (20 + 16 + 16),
		      "the key block is cut in this very order (RFC 2246 6.3)");
	memcpy(seed, server_random.p, DSK_RANDOM_LEN);
	memcpy(seed + DSK_RANDOM_LEN, client_random.p, DSK_RANDOM_LEN);
	dsk_prf(master, "key expansion", str_n(seed, sizeof(seed)), (unsigned char *)out,
		sizeof(*out));
}

enum err dsk_record_next(struct str *rest, unsigned *type_out, struct str *payload_out)
{
	const unsigned char *p = (const unsigned char *)rest->p;
	size_t len;

	if (rest->len < DSK_RECORD_HEAD || p[1] != 3)
		return E_BAD;
	len = (size_t)p[3] << 8 | p[4];
	if (len > rest->len - DSK_RECORD_HEAD)
		return E_BAD;
	*type_out = p[0];
	*payload_out = str_sub(*rest, DSK_RECORD_HEAD, DSK_RECORD_HEAD + len);
	*rest = str_sub(*rest, DSK_RECORD_HEAD + len, rest->len);
	return E_OK;
}

static void put_head(struct buf *b, unsigned type, size_t len)
{
	buf_addc(b, (char)type);
	buf_add(b, STR("\3\1"));
	buf_addc(b, (char)(len >> 8));
	buf_addc(b, (char)(len & 0xff));
}

void dsk_record_plain(struct buf *b, unsigned type, struct str payload)
{
	put_head(b, type, payload.len);
	buf_add(b, payload);
}

static void make_mac(const unsigned char *key, struct str data, unsigned char out[MAC_LEN])
{
	/* Sequence number, type, version, length (RFC 2246 6.2.3.1). */
	unsigned char head[8 + DSK_RECORD_HEAD] = { [8] = DSK_RECORD_HANDSHAKE,
						    3,
						    1,
						    (unsigned char)(data.len >> 8),
						    (unsigned char)data.len };
	struct str parts[] = { str_n(head, sizeof(head)), data };

	digest_hmac_parts(DIGEST_SHA1, str_n(key, MAC_LEN), parts, ARRAY_LEN(parts), out);
}

static void crypt(int mode, const unsigned char *key, const unsigned char *iv, unsigned char *p,
		  size_t n)
{
	unsigned char chain[BLOCK];
	mbedtls_aes_context aes;
	int rc;

	memcpy(chain, iv, sizeof(chain));
	mbedtls_aes_init(&aes);
	rc = mode == MBEDTLS_AES_ENCRYPT ? mbedtls_aes_setkey_enc(&aes, key, 128)
					 : mbedtls_aes_setkey_dec(&aes, key, 128);
	if (rc == 0)
		rc = mbedtls_aes_crypt_cbc(&aes, mode, n, chain, p, p);
	assert(rc == 0);
	(void)rc;
	mbedtls_aes_free(&aes);
}

void dsk_record_seal(struct buf *b, const struct dsk_record_keys *k, struct str message)
{
	unsigned char plain[SEALED_MAX];
	size_t n = message.len + MAC_LEN, pad = BLOCK - (n + 1) % BLOCK;

	assert(n + 1 + BLOCK <= sizeof(plain));
	pad %= BLOCK;
	memcpy(plain, message.p, message.len);
	make_mac(k->server_mac, message, plain + message.len);
	memset(plain + n, (int)pad, pad + 1);
	n += pad + 1;
	crypt(MBEDTLS_AES_ENCRYPT, k->server_key, k->server_iv, plain, n);
	put_head(b, DSK_RECORD_HANDSHAKE, n);
	buf_add(b, str_n(plain, n));
}

enum err dsk_record_open(const struct dsk_record_keys *k, struct str payload, struct buf *out)
{
	unsigned char plain[SEALED_MAX], mac[MAC_LEN];
	size_t n = payload.len, pad;
	bool ok = true;

	if (n < 2 * BLOCK || n % BLOCK != 0 || n > sizeof(plain))
		return E_AUTH;
	memcpy(plain, payload.p, n);
	crypt(MBEDTLS_AES_DECRYPT, k->client_key, k->client_iv, plain, n);
	pad = plain[n - 1];
	if (pad + 1 + MAC_LEN > n) { /* the MAC is computed all the same */
		ok = false;
		pad = 0;
	}
	for (size_t i = 0; i <= pad; i++)
		ok &= plain[n - 1 - i] == pad;
	n -= pad + 1 + MAC_LEN;
	make_mac(k->client_mac, str_n(plain, n), mac);
	ok &= token_eq(str_n(mac, sizeof(mac)), str_n(plain + n, MAC_LEN));
	if (ok)
		buf_add(out, str_n(plain, n));
	mem_wipe(plain, sizeof(plain));
	return ok ? buf_err(out) : E_AUTH;
}
