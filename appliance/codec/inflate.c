#include "codec/inflate.h"

#include <stdbool.h>
#include <zlib.h>

#include "base/limits.h"

enum { STEP = 8192 };

/* The two bytes of RFC 1950: method 8, window up to 32 KiB, and a check sum over both.  Raw deflate
 * that begins so by chance would be a stored block of odd length, which no encoder starts with. */
static bool is_zlib(struct str in)
{
	unsigned cmf, flg;

	if (in.len < 2)
		return false;
	cmf = (unsigned char)in.p[0];
	flg = (unsigned char)in.p[1];
	return (cmf & 0x0f) == 8 && cmf >> 4 <= 7 && (cmf << 8 | flg) % 31 == 0;
}

static int window_bits(enum inflate_kind kind, struct str in)
{
	if (kind == INFLATE_GZIP)
		return 16 + MAX_WBITS;
	return is_zlib(in) ? MAX_WBITS : -MAX_WBITS;
}

static enum err run(z_stream *z, size_t in_len, struct buf *out)
{
	unsigned char step[STEP];
	size_t made = 0;
	int rc = Z_OK;

	while (rc == Z_OK && buf_err(out) == E_OK) {
		z->next_out = step;
		z->avail_out = sizeof(step);
		rc = inflate(z, Z_NO_FLUSH);
		buf_add(out, str_n(step, sizeof(step) - z->avail_out));
		made += sizeof(step) - z->avail_out;
		if (made > INFLATE_RATIO_FREE && made / INFLATE_RATIO_MAX > in_len)
			return E_TOOBIG;
	}
	if (buf_err(out) != E_OK)
		return buf_err(out);
	if (rc == Z_MEM_ERROR)
		return E_NOMEM;
	/* Z_BUF_ERROR: the input ends before the stream does. */
	return rc == Z_STREAM_END && z->avail_in == 0 ? E_OK : E_BAD;
}

enum err inflate_decode(enum inflate_kind kind, struct str in, struct buf *out)
{
	union {
		const char *view;
		unsigned char *bytes; /* zlib's next_in is not const in all builds; it only reads */
	} u = { in.p };
	z_stream z = { 0 };
	enum err e;

	if (in.len == 0 || in.len > UINT32_MAX)
		return E_BAD;
	if (inflateInit2(&z, window_bits(kind, in)) != Z_OK)
		return E_NOMEM;
	z.next_in = u.bytes;
	z.avail_in = (unsigned)in.len;
	e = run(&z, in.len, out);
	(void)inflateEnd(&z);
	return e;
}
