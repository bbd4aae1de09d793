/* gcm.c: AES-GCM for mbedTLS by nettle.
 *
 * mbedTLS encrypts a block at a time through three layers of calls: 3 us for a record of 800 bytes, a fifth
 * of what a text costs altogether.  nettle, which is linked for NTLM anyway, takes 0.4 us with the same
 * instructions (AES-NI, PCLMULQDQ) and the same freedom from timing by data.  These are the functions of
 * <mbedtls/gcm.h>; libmbedcrypto is built without its own. */
#include <mbedtls/constant_time.h>
#include <mbedtls/gcm.h>
#include <mbedtls/platform_util.h>
#include <stdint.h>
#include <string.h>

enum { TAG_MIN = 4 };

static void aes128(const void *key, size_t n, uint8_t *out, const uint8_t *in)
{
	aes128_encrypt(key, n, out, in);
}

static void aes192(const void *key, size_t n, uint8_t *out, const uint8_t *in)
{
	aes192_encrypt(key, n, out, in);
}

static void aes256(const void *key, size_t n, uint8_t *out, const uint8_t *in)
{
	aes256_encrypt(key, n, out, in);
}

void mbedtls_gcm_init(mbedtls_gcm_context *ctx)
{
	memset(ctx, 0, sizeof(*ctx));
}

void mbedtls_gcm_free(mbedtls_gcm_context *ctx)
{
	if (ctx != NULL)
		mbedtls_platform_zeroize(ctx, sizeof(*ctx));
}

int mbedtls_gcm_setkey(mbedtls_gcm_context *ctx, mbedtls_cipher_id_t cipher,
		       const unsigned char *key, unsigned int keybits)
{
	if (cipher != MBEDTLS_CIPHER_ID_AES)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	switch (keybits) {
	case 128:
		aes128_set_encrypt_key(&ctx->key.aes128, key);
		ctx->cipher = aes128;
		return 0;
	case 192:
		aes192_set_encrypt_key(&ctx->key.aes192, key);
		ctx->cipher = aes192;
		return 0;
	case 256:
		aes256_set_encrypt_key(&ctx->key.aes256, key);
		ctx->cipher = aes256;
		return 0;
	default:
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	}
}

static void crypt(const mbedtls_gcm_context *ctx, struct gcm_ctx *g, const struct gcm_key *hash,
		  int mode, size_t n, unsigned char *out, const unsigned char *in)
{
	if (mode == MBEDTLS_GCM_ENCRYPT)
		gcm_encrypt(g, hash, &ctx->key, ctx->cipher, n, out, in);
	else
		gcm_decrypt(g, hash, &ctx->key, ctx->cipher, n, out, in);
}

int mbedtls_gcm_crypt_and_tag(mbedtls_gcm_context *ctx, int mode, size_t length,
			      const unsigned char *iv, size_t iv_len, const unsigned char *add,
			      size_t add_len, const unsigned char *input, unsigned char *output,
			      size_t tag_len, unsigned char *tag)
{
	struct gcm_key hash;
	struct gcm_ctx g;

	if (ctx->cipher == NULL || iv_len == 0 || tag_len < TAG_MIN || tag_len > GCM_DIGEST_SIZE)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	gcm_set_key(&hash, &ctx->key, ctx->cipher);
	gcm_set_iv(&g, &hash, iv_len, iv);
	gcm_update(&g, &hash, add_len, add);
	crypt(ctx, &g, &hash, mode, length, output, input);
	gcm_digest(&g, &hash, &ctx->key, ctx->cipher, tag_len, tag);
	return 0;
}

int mbedtls_gcm_auth_decrypt(mbedtls_gcm_context *ctx, size_t length, const unsigned char *iv,
			     size_t iv_len, const unsigned char *add, size_t add_len,
			     const unsigned char *tag, size_t tag_len, const unsigned char *input,
			     unsigned char *output)
{
	unsigned char own[GCM_DIGEST_SIZE];
	int e = mbedtls_gcm_crypt_and_tag(ctx, MBEDTLS_GCM_DECRYPT, length, iv, iv_len, add,
					  add_len, input, output, tag_len, own);

	if (e != 0)
		return e;
	if (mbedtls_ct_memcmp(own, tag, tag_len) == 0)
		return 0;
	mbedtls_platform_zeroize(output, length);
	return MBEDTLS_ERR_GCM_AUTH_FAILED;
}

/* --- in parts: each but the last a multiple of 16 bytes, which is all that mbedTLS's callers here need --- */

int mbedtls_gcm_starts(mbedtls_gcm_context *ctx, int mode, const unsigned char *iv, size_t iv_len)
{
	struct gcm_key hash;

	if (ctx->cipher == NULL || iv_len == 0)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	gcm_set_key(&hash, &ctx->key, ctx->cipher);
	gcm_set_iv(&ctx->part, &hash, iv_len, iv);
	ctx->mode = mode;
	return 0;
}

int mbedtls_gcm_update_ad(mbedtls_gcm_context *ctx, const unsigned char *add, size_t add_len)
{
	struct gcm_key hash;

	if (ctx->cipher == NULL || ctx->part.auth_size % GCM_BLOCK_SIZE != 0 ||
	    ctx->part.data_size != 0)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	gcm_set_key(&hash, &ctx->key, ctx->cipher);
	gcm_update(&ctx->part, &hash, add_len, add);
	return 0;
}

int mbedtls_gcm_update(mbedtls_gcm_context *ctx, const unsigned char *input, size_t input_length,
		       unsigned char *output, size_t output_size, size_t *output_length)
{
	struct gcm_key hash;

	*output_length = 0;
	if (output_size < input_length)
		return MBEDTLS_ERR_GCM_BUFFER_TOO_SMALL;
	if (ctx->cipher == NULL || ctx->part.data_size % GCM_BLOCK_SIZE != 0)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	gcm_set_key(&hash, &ctx->key, ctx->cipher);
	crypt(ctx, &ctx->part, &hash, ctx->mode, input_length, output, input);
	*output_length = input_length;
	return 0;
}

int mbedtls_gcm_finish(mbedtls_gcm_context *ctx, unsigned char *output, size_t output_size,
		       size_t *output_length, unsigned char *tag, size_t tag_len)
{
	struct gcm_key hash;

	(void)output;
	(void)output_size; /* nothing is ever held back */
	*output_length = 0;
	if (ctx->cipher == NULL || tag_len < TAG_MIN || tag_len > GCM_DIGEST_SIZE)
		return MBEDTLS_ERR_GCM_BAD_INPUT;
	gcm_set_key(&hash, &ctx->key, ctx->cipher);
	gcm_digest(&ctx->part, &hash, &ctx->key, ctx->cipher, tag_len, tag);
	return 0;
}
