#include "crypto/nthash.h"

#include <nettle/md4.h>
#include <nettle/version.h>

#include "base/limits.h"
#include "base/mem.h"

/* The code point that s begins with; len is what str_utf8_len said. */
static uint32_t code_point(struct str s, size_t len)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = (unsigned char)s.p[0] & mask[len];

	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)s.p[i] & 0x3f);
	return c;
}

static size_t put_unit(unsigned char *p, uint32_t unit)
{
	p[0] = (unsigned char)(unit & 0xff);
	p[1] = (unsigned char)(unit >> 8);
	return 2;
}

enum err nthash_make(struct str password, unsigned char out[NTHASH_LEN])
{
	unsigned char utf16[2 * PASSWORD_MAX]; /* one octet of UTF-8 gives two of UTF-16 at most */
	struct md4_ctx md4;
	size_t n = 0;

	if (password.len > PASSWORD_MAX)
		return E_TOOBIG;
	if (!str_is_utf8(password))
		return E_BAD;
	while (password.len > 0) {
		size_t len = str_utf8_len(password);
		uint32_t c = code_point(password, len);

		if (c < 0x10000) {
			n += put_unit(utf16 + n, c);
		} else { /* RFC 2781 2.1 */
			n += put_unit(utf16 + n, 0xd800 + ((c - 0x10000) >> 10));
			n += put_unit(utf16 + n, 0xdc00 + ((c - 0x10000) & 0x3ff));
		}
		password = str_sub(password, len, password.len);
	}
	md4_init(&md4);
	md4_update(&md4, n, utf16);
#if NETTLE_VERSION_MAJOR >= 4
	md4_digest(&md4, out);
#else
	md4_digest(&md4, NTHASH_LEN, out);
#endif
	mem_wipe(utf16, sizeof(utf16));
	mem_wipe(&md4, sizeof(md4));
	return E_OK;
}
