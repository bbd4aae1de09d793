#include "crypto/digest.h"

#include <assert.h>
#include <mbedtls/md.h>

static const mbedtls_md_info_t *info_of(enum digest_alg alg)
{
	mbedtls_md_type_t type = MBEDTLS_MD_NONE;

	switch (alg) {
	case DIGEST_MD5:
		type = MBEDTLS_MD_MD5;
		break;
	case DIGEST_SHA1:
		type = MBEDTLS_MD_SHA1;
		break;
	case DIGEST_SHA256:
		type = MBEDTLS_MD_SHA256;
		break;
	}
	return mbedtls_md_info_from_type(type);
}

/* Hashing fails only if memory is out or the algorithm was left out of the build. */
static void must(int rc)
{
	assert(rc == 0);
	(void)rc;
}

size_t digest_len(enum digest_alg alg)
{
	return mbedtls_md_get_size(info_of(alg));
}

static const unsigned char *bytes_of(struct str s)
{
	return (const unsigned char *)(s.p == NULL ? "" : s.p);
}

void digest_one(enum digest_alg alg, struct str data, unsigned char *out)
{
	must(mbedtls_md(info_of(alg), bytes_of(data), data.len, out));
}

void digest_parts(enum digest_alg alg, const struct str *parts, size_t count, unsigned char *out)
{
	mbedtls_md_context_t md;

	mbedtls_md_init(&md);
	must(mbedtls_md_setup(&md, info_of(alg), 0));
	must(mbedtls_md_starts(&md));
	for (size_t i = 0; i < count; i++)
		must(mbedtls_md_update(&md, bytes_of(parts[i]), parts[i].len));
	must(mbedtls_md_finish(&md, out));
	mbedtls_md_free(&md);
}

void digest_hmac(enum digest_alg alg, struct str key, struct str data, unsigned char *out)
{
	digest_hmac_parts(alg, key, &data, 1, out);
}

void digest_hmac_parts(enum digest_alg alg, struct str key, const struct str *parts, size_t count, unsigned char *out)
{
	mbedtls_md_context_t md;

	mbedtls_md_init(&md);
	must(mbedtls_md_setup(&md, info_of(alg), 1));
	must(mbedtls_md_hmac_starts(&md, bytes_of(key), key.len));
	for (size_t i = 0; i < count; i++)
		must(mbedtls_md_hmac_update(&md, bytes_of(parts[i]), parts[i].len));
	must(mbedtls_md_hmac_finish(&md, out));
	mbedtls_md_free(&md);
}

void digest_hex(const void *bytes, size_t len, char *out)
{
	static const char digits[] = "0123456789abcdef";
	const unsigned char *p = bytes;

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = digits[p[i] >> 4];
		out[2 * i + 1] = digits[p[i] & 15];
	}
	out[2 * len] = '\0';
}

static int value_of(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

enum err digest_unhex(struct str hex, void *out, size_t len)
{
	unsigned char *p = out;

	if (hex.len % 2 != 0 || hex.len / 2 != len)
		return E_BAD;
	for (size_t i = 0; i < hex.len; i++)
		if (value_of(hex.p[i]) < 0)
			return E_BAD;
	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)(value_of(hex.p[2 * i]) * 16 + value_of(hex.p[2 * i + 1]));
	return E_OK;
}
