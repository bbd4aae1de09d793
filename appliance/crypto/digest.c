#include "crypto/digest.h"

#include <ctype.h>
#include <nettle/hmac.h>
#include <nettle/nettle-meta.h>

#include "base/mem.h"

/* nettle's, as with AES-GCM: it uses the machine's SHA instructions, and its contexts lie on the stack. */
union context {
	struct md5_ctx md5;
	struct sha1_ctx sha1;
	struct sha256_ctx sha256;
};

static const struct nettle_hash *hash_of(enum digest_alg alg)
{
	switch (alg) {
	case DIGEST_MD5:
		return &nettle_md5;
	case DIGEST_SHA1:
		return &nettle_sha1;
	case DIGEST_SHA256:
		return &nettle_sha256;
	}
	return NULL;
}

static const uint8_t *bytes_of(struct str s)
{
	return (const uint8_t *)(s.p == NULL ? "" : s.p);
}

size_t digest_len(enum digest_alg alg)
{
	return hash_of(alg)->digest_size;
}

void digest_one(enum digest_alg alg, struct str data, unsigned char *out)
{
	digest_parts(alg, &data, 1, out);
}

void digest_parts(enum digest_alg alg, const struct str *parts, size_t count, unsigned char *out)
{
	const struct nettle_hash *h = hash_of(alg);
	union context c;

	h->init(&c);
	for (size_t i = 0; i < count; i++)
		h->update(&c, parts[i].len, bytes_of(parts[i]));
	h->digest(&c, h->digest_size, out);
	mem_wipe(&c, sizeof(c));
}

void digest_hmac(enum digest_alg alg, struct str key, struct str data, unsigned char *out)
{
	digest_hmac_parts(alg, key, &data, 1, out);
}

void digest_hmac_parts(enum digest_alg alg, struct str key, const struct str *parts, size_t count,
		       unsigned char *out)
{
	const struct nettle_hash *h = hash_of(alg);
	struct {
		union context outer, inner, state;
	} c;

	hmac_set_key(&c.outer, &c.inner, &c.state, h, key.len, bytes_of(key));
	for (size_t i = 0; i < count; i++)
		hmac_update(&c.state, h, parts[i].len, bytes_of(parts[i]));
	hmac_digest(&c.outer, &c.inner, &c.state, h, h->digest_size, out);
	mem_wipe(&c, sizeof(c));
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

/* Of a hex digit; without branches, because these digits are as good as random. */
static unsigned value_of(char c)
{
	return ((unsigned)c & 15) + ((unsigned)c >> 6) * 9;
}

enum err digest_unhex(struct str hex, void *out, size_t len)
{
	unsigned char *p = out;

	if (hex.len % 2 != 0 || hex.len / 2 != len)
		return E_BAD;
	for (size_t i = 0; i < hex.len; i++)
		if (!isxdigit((unsigned char)hex.p[i]))
			return E_BAD;
	for (size_t i = 0; i < len; i++)
		p[i] = (unsigned char)(value_of(hex.p[2 * i]) * 16 + value_of(hex.p[2 * i + 1]));
	return E_OK;
}
