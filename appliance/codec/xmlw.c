#include "codec/xmlw.h"

#include <assert.h>

#define REPLACEMENT STR("\xef\xbf\xbd") /* U+FFFD */

void xmlw_init(struct xmlw *w, struct buf *b)
{
	*w = (struct xmlw){ .b = b };
}

/* XML 1.0 section 2.2: no control characters but three, no U+FFFE and U+FFFF. */
static bool is_char(struct str s, size_t len)
{
	unsigned char c = (unsigned char)s.p[0];

	if (len == 1)
		return c >= 0x20 || c == '\t' || c == '\n' || c == '\r';
	return !(len == 3 && c == 0xef && (unsigned char)s.p[1] == 0xbf &&
		 (unsigned char)s.p[2] >= 0xbe);
}

static const char *reference_of(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>': /* "]]>" may not stand in text */
		return "&gt;";
	case '"':
		return "&quot;";
	case '\t': /* in an attribute these three would be read as blanks, and CR as LF in text */
		return "&#9;";
	case '\n':
		return "&#10;";
	case '\r':
		return "&#13;";
	default:
		return NULL;
	}
}

enum place { IN_TEXT, IN_ATTRIBUTE };

static void escape(struct buf *b, struct str s, enum place place)
{
	size_t plain = 0, len; /* plain: bytes to be copied as they are */

	while (plain < s.len) {
		struct str at = str_sub(s, plain, s.len);
		char c = at.p[0];
		const char *reference = reference_of(c);

		if (place == IN_TEXT && (c == '\t' || c == '\n'))
			reference = NULL;
		len = str_utf8_len(at);
		if (reference == NULL && len > 0 && is_char(at, len)) {
			plain += len;
			continue;
		}
		buf_add(b, str_sub(s, 0, plain));
		if (reference != NULL)
			buf_addz(b, reference);
		else
			buf_add(b, REPLACEMENT);
		s = str_sub(at, len == 0 ? 1 : len, at.len);
		plain = 0;
	}
	buf_add(b, s);
}

void xmlw_escape(struct buf *b, struct str s)
{
	escape(b, s, IN_ATTRIBUTE);
}

static void close_tag(struct xmlw *w)
{
	if (w->is_in_tag)
		buf_addc(w->b, '>');
	w->is_in_tag = false;
}

void xmlw_decl(struct xmlw *w)
{
	buf_addz(w->b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n");
}

void xmlw_start(struct xmlw *w, const char *name)
{
	assert(w->depth < XML_DEPTH_MAX); /* our documents are not that deep */
	close_tag(w);
	buf_addc(w->b, '<');
	buf_addz(w->b, name);
	w->open[w->depth++] = name;
	w->is_in_tag = true;
}

static void open_attr(struct xmlw *w, const char *name)
{
	assert(w->is_in_tag);
	buf_addc(w->b, ' ');
	buf_addz(w->b, name);
	buf_addz(w->b, "=\"");
}

void xmlw_attr(struct xmlw *w, const char *name, struct str value)
{
	open_attr(w, name);
	escape(w->b, value, IN_ATTRIBUTE);
	buf_addc(w->b, '"');
}

void xmlw_attrz(struct xmlw *w, const char *name, const char *value)
{
	xmlw_attr(w, name, str_of(value));
}

void xmlw_attr_u64(struct xmlw *w, const char *name, uint64_t value)
{
	open_attr(w, name);
	buf_add_u64(w->b, value);
	buf_addc(w->b, '"');
}

void xmlw_attr_bool(struct xmlw *w, const char *name, bool value)
{
	xmlw_attrz(w, name, value ? "true" : "false");
}

void xmlw_text(struct xmlw *w, struct str text)
{
	if (text.len == 0)
		return;
	close_tag(w);
	escape(w->b, text, IN_TEXT);
}

void xmlw_textz(struct xmlw *w, const char *text)
{
	xmlw_text(w, str_of(text));
}

void xmlw_raw(struct xmlw *w, struct str xml)
{
	if (xml.len == 0)
		return;
	close_tag(w);
	buf_add(w->b, xml);
}

void xmlw_end(struct xmlw *w)
{
	assert(w->depth > 0);
	w->depth--;
	if (w->is_in_tag) {
		buf_addz(w->b, "/>");
		w->is_in_tag = false;
		return;
	}
	buf_addz(w->b, "</");
	buf_addz(w->b, w->open[w->depth]);
	buf_addc(w->b, '>');
}

void xmlw_end_all(struct xmlw *w)
{
	while (w->depth > 0)
		xmlw_end(w);
}

void xmlw_elem(struct xmlw *w, const char *name, struct str text)
{
	xmlw_start(w, name);
	xmlw_text(w, text);
	xmlw_end(w);
}

void xmlw_elemz(struct xmlw *w, const char *name, const char *text)
{
	xmlw_elem(w, name, str_of(text));
}
