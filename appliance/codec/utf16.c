#include "codec/utf16.h"

static void put_unit(struct buf *b, uint32_t unit)
{
	buf_addc(b, (char)(unit & 0xff));
	buf_addc(b, (char)(unit >> 8));
}

enum err utf16le_encode(struct buf *b, struct str utf8)
{
	static const unsigned char mask[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };

	while (utf8.len > 0) {
		size_t len = str_utf8_len(utf8);
		uint32_t c;

		if (len == 0)
			return E_BAD;
		c = (unsigned char)utf8.p[0] & mask[len];
		for (size_t i = 1; i < len; i++)
			c = c << 6 | ((unsigned char)utf8.p[i] & 0x3f);
		if (c < 0x10000) {
			put_unit(b, c);
		} else { /* RFC 2781 2.1 */
			put_unit(b, 0xd800 + ((c - 0x10000) >> 10));
			put_unit(b, 0xdc00 + ((c - 0x10000) & 0x3ff));
		}
		utf8 = str_sub(utf8, len, utf8.len);
	}
	return buf_err(b);
}

static void put_utf8(struct buf *b, uint32_t c)
{
	if (c < 0x80) {
		buf_addc(b, (char)c);
		return;
	}
	if (c < 0x800) {
		buf_addc(b, (char)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			buf_addc(b, (char)(0xe0 | c >> 12));
		} else {
			buf_addc(b, (char)(0xf0 | c >> 18));
			buf_addc(b, (char)(0x80 | (c >> 12 & 0x3f)));
		}
		buf_addc(b, (char)(0x80 | (c >> 6 & 0x3f)));
	}
	buf_addc(b, (char)(0x80 | (c & 0x3f)));
}

static uint32_t unit_at(struct str s, size_t i)
{
	return (uint32_t)(unsigned char)s.p[i] | (uint32_t)(unsigned char)s.p[i + 1] << 8;
}

enum err utf16le_decode(struct buf *b, struct str utf16)
{
	if (utf16.len % 2 != 0)
		return E_BAD;
	for (size_t i = 0; i < utf16.len; i += 2) {
		uint32_t c = unit_at(utf16, i), low;

		if (c >= 0xdc00 && c <= 0xdfff)
			return E_BAD;
		if (c >= 0xd800 && c <= 0xdbff) {
			i += 2;
			if (i == utf16.len)
				return E_BAD;
			low = unit_at(utf16, i);
			if (low < 0xdc00 || low > 0xdfff)
				return E_BAD;
			c = 0x10000 + ((c - 0xd800) << 10 | (low - 0xdc00));
		}
		put_utf8(b, c);
	}
	return buf_err(b);
}
