/* digest.h: hashes, HMAC and hexadecimal text. */
#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

enum digest_alg { DIGEST_MD5, DIGEST_SHA1, DIGEST_SHA256 };

enum { DIGEST_MD5_LEN = 16, DIGEST_SHA1_LEN = 20, DIGEST_SHA256_LEN = 32, DIGEST_MAX = 32 };

size_t digest_len(enum digest_alg alg);

void digest_one(enum digest_alg alg, struct str data, unsigned char *out);
/* Over the parts in a row, as if they were one piece. */
void digest_parts(enum digest_alg alg, const struct str *parts, size_t count, unsigned char *out);
void digest_hmac(enum digest_alg alg, struct str key, struct str data, unsigned char *out);
void digest_hmac_parts(enum digest_alg alg, struct str key, const struct str *parts, size_t count,
		       unsigned char *out);

static inline void digest_md5(struct str data, unsigned char out[DIGEST_MD5_LEN])
{
	digest_one(DIGEST_MD5, data, out);
}

static inline void digest_sha1(struct str data, unsigned char out[DIGEST_SHA1_LEN])
{
	digest_one(DIGEST_SHA1, data, out);
}

static inline void digest_sha256(struct str data, unsigned char out[DIGEST_SHA256_LEN])
{
	digest_one(DIGEST_SHA256, data, out);
}

/* Lower case; out takes 2 * len characters and a NUL. */
void digest_hex(const void *bytes, size_t len, char *out);
/* Exactly len bytes from 2 * len hex digits of either case. */
MUST_USE enum err digest_unhex(struct str hex, void *out, size_t len);

#endif
