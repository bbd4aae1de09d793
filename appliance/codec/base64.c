#include "codec/base64.h"

#include <stdbool.h>

static const char plain_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char url_alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void encode(struct buf *b, struct str bytes, const char *alphabet, bool is_padded)
{
	const unsigned char *p = (const unsigned char *)bytes.p;

	for (size_t left = bytes.len; left > 0;) {
		size_t n = left < 3 ? left : 3;
		unsigned v = (unsigned)p[0] << 16;
		char out[4] = { '=', '=', '=', '=' };

		if (n > 1)
			v |= (unsigned)p[1] << 8;
		if (n > 2)
			v |= p[2];
		for (size_t i = 0; i <= n; i++)
			out[i] = alphabet[v >> (18 - 6 * i) & 63];
		buf_add(b, str_n(out, is_padded ? 4 : n + 1));
		p += n;
		left -= n;
	}
}

void base64_encode(struct buf *b, struct str bytes)
{
	encode(b, bytes, plain_alphabet, true);
}

void base64_url_encode(struct buf *b, struct str bytes)
{
	encode(b, bytes, url_alphabet, false);
}

static int value_of(char c, const char *alphabet)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == alphabet[62])
		return 62;
	return c == alphabet[63] ? 63 : -1;
}

struct decoder {
	const char *alphabet;
	bool is_folded; /* blanks are skipped */
	bool is_padded;
	unsigned bits; /* not yet a whole octet */
	size_t chars, pads;
};

static enum err take(struct decoder *d, char c, struct buf *out)
{
	int v;

	if (d->is_folded && (c == ' ' || c == '\t' || c == '\r' || c == '\n'))
		return E_OK;
	if (c == '=' && d->is_padded) {
		d->pads++;
		return E_OK;
	}
	v = value_of(c, d->alphabet);
	if (v < 0 || d->pads > 0)
		return E_BAD;
	d->bits = d->bits << 6 | (unsigned)v;
	d->chars++;
	if (d->chars % 4 != 1) {
		unsigned left = 6 - 2 * (unsigned)((d->chars - 1) % 4); /* 4, 2, 0 bits stay */

		buf_addc(out, (char)(d->bits >> left & 0xff));
		d->bits &= (1u << left) - 1;
	}
	return E_OK;
}

static enum err decode(struct str text, struct buf *out, struct decoder d)
{
	size_t tail;

	for (size_t i = 0; i < text.len; i++)
		if (take(&d, text.p[i], out) != E_OK)
			return E_BAD;
	tail = d.chars % 4;
	/* Stray bits would give one value two texts. */
	if (tail == 1 || d.bits != 0 || d.pads != (d.is_padded && tail > 0 ? 4 - tail : 0))
		return E_BAD;
	return buf_err(out);
}

enum err base64_decode(struct str text, struct buf *out)
{
	return decode(text, out, (struct decoder){ .alphabet = plain_alphabet, .is_padded = true });
}

enum err base64_decode_folded(struct str text, struct buf *out)
{
	return decode(text, out,
		      (struct decoder){
			      .alphabet = plain_alphabet, .is_padded = true, .is_folded = true });
}

enum err base64_url_decode(struct str text, struct buf *out)
{
	return decode(text, out, (struct decoder){ .alphabet = url_alphabet });
}
