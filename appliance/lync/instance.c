#include "lync/instance.h"

#include <stdio.h>
#include <string.h>

#include "codec/base64.h"
#include "codec/uri.h"
#include "crypto/digest.h"

/* The name space of [MS-SIPRE] 3.1.1, its first three fields in little-endian order. */
static const unsigned char name_space[16] = { 0x03, 0xfb, 0xac, 0xfc, 0x73, 0x8a, 0xef, 0x46,
					      0x91, 0xb1, 0xe5, 0xeb, 0xee, 0xab, 0xa4, 0xfe };

/* Text order of the bytes of a UUID whose first three fields are little-endian. */
static const unsigned char order[16] = { 3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15 };

void instance_of_epid(struct str epid, char out[INSTANCE_UUID_LEN + 1])
{
	struct str parts[] = { str_n(name_space, sizeof(name_space)), epid };
	unsigned char h[DIGEST_SHA1_LEN];
	size_t n = 0;

	digest_parts(DIGEST_SHA1, parts, 2, h);
	h[7] = (unsigned char)((h[7] & 0x0f) | 0x50); /* version 5 */
	h[8] = (unsigned char)((h[8] & 0x3f) | 0x80); /* variant of RFC 4122 */
	for (size_t i = 0; i < sizeof(order); i++) {
		if (i == 4 || i == 6 || i == 8 || i == 10)
			out[n++] = '-';
		digest_hex(&h[order[i]], 1, out + n);
		n += 2;
	}
}

enum err instance_code(struct str uuid, char out[INSTANCE_CODE_LEN + 1])
{
	unsigned char bytes[18] = { 0 };
	char hex[32];
	size_t n = 0;
	struct buf b;

	if (uuid.len != INSTANCE_UUID_LEN)
		return E_BAD;
	for (size_t i = 0; i < uuid.len; i++) {
		bool dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (uuid.p[i] == '-'))
			return E_BAD;
		if (!dash)
			hex[n++] = uuid.p[i];
	}
	for (size_t i = 0; i < sizeof(order); i++)
		if (digest_unhex(str_n(hex + 2 * i, 2), &bytes[order[i]], 1) != E_OK)
			return E_BAD;
	buf_init(&b, 64);
	base64_url_encode(&b, str_n(bytes, sizeof(bytes)));
	memcpy(out, b.p, INSTANCE_CODE_LEN);
	out[INSTANCE_CODE_LEN] = '\0';
	buf_fini(&b);
	return E_OK;
}

enum err instance_gruu(struct buf *out, struct str user, struct str domain, struct str uuid)
{
	char code[INSTANCE_CODE_LEN + 1];
	enum err err = instance_code(uuid, code);

	if (err != E_OK)
		return err;
	uri_encode_aor(out, user, domain);
	buf_addf(out, ";opaque=user:epid:%s;gruu", code);
	return buf_err(out);
}
