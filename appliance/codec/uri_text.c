#include <string.h>

#include "codec/uri.h"
#include "codec/uri_int.h"

/* Takes one octet off *s, which is not empty. */
static unsigned char take(struct str *s)
{
	int escaped = uri_escape_at(*s);
	unsigned char c = escaped >= 0 ? (unsigned char)escaped : (unsigned char)s->p[0];

	*s = str_sub(*s, escaped >= 0 ? 3 : 1, s->len);
	return c;
}

void uri_unescape(struct buf *b, struct str s)
{
	while (s.len > 0)
		buf_addc(b, (char)take(&s));
}

bool uri_unescaped_is(struct str escaped, struct str plain)
{
	while (escaped.len > 0 && plain.len > 0) {
		if (take(&escaped) != (unsigned char)plain.p[0])
			return false;
		plain = str_sub(plain, 1, plain.len);
	}
	return escaped.len == 0 && plain.len == 0;
}

static void escape(struct buf *b, struct str plain, const char *allowed)
{
	for (size_t i = 0; i < plain.len; i++) {
		unsigned char c = (unsigned char)plain.p[i];
		bool is_alnum = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				(c >= 'A' && c <= 'Z');

		if (is_alnum || (c != '\0' && strchr("-_.!~*'()", c) != NULL) ||
		    (c != '\0' && strchr(allowed, c) != NULL))
			buf_addc(b, (char)c);
		else
			buf_addf(b, "%%%02X", c);
	}
}

void uri_escape_user(struct buf *b, struct str plain)
{
	/* ';', '?' and '/' are allowed too, but trip parsers that look for them first. */
	escape(b, plain, "&=+$,");
}

void uri_escape_param(struct buf *b, struct str plain)
{
	escape(b, plain, "[]/:&+$");
}

void uri_escape_header(struct buf *b, struct str plain)
{
	escape(b, plain, "[]/?:+$");
}

void uri_encode_aor(struct buf *b, struct str plain_user, struct str host)
{
	buf_addz(b, "sip:");
	if (plain_user.len > 0) {
		uri_escape_user(b, plain_user);
		buf_addc(b, '@');
	}
	buf_add(b, host);
}
