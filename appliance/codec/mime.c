#include "codec/mime.h"

#include <string.h>

static bool is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c <= ' ' || c >= 0x7f || strchr("()<>@,;:\\\"/[]?=", c) != NULL)
			return false;
	}
	return s.len > 0;
}

/* Index behind the quoted string that s begins with, 0 if it does not close. */
static size_t quoted_len(struct str s)
{
	for (size_t i = 1; i < s.len; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			return i + 1;
	}
	return 0;
}

/* Takes one ";name=value" off *rest; false at the end, *bad if what stands there is neither. */
static bool next_param(struct str *rest, struct str *name, struct str *value, bool *bad)
{
	struct str s = str_trim(*rest);
	size_t end;

	*bad = false;
	while (s.len > 0 && s.p[0] == ';') /* an empty parameter is harmless */
		s = str_trim(str_sub(s, 1, s.len));
	if (s.len == 0)
		return false;
	*bad = rest->len > 0 && str_trim(*rest).p[0] != ';';
	end = str_find(s, '=', 0);
	*name = str_trim(str_sub(s, 0, end));
	s = str_trim(str_sub(s, end + 1, s.len));
	if (*bad || !is_token(*name) || s.len == 0) {
		*bad = true;
		return false;
	}
	if (s.p[0] == '"') {
		end = quoted_len(s);
		*bad = end == 0;
		*value = str_sub(s, 1, end - 1);
	} else {
		/* RFC 2045 wants quotes around '=', '/' or ':', and clients leave them out. */
		end = str_find(s, ';', 0);
		*value = str_trim(str_sub(s, 0, end));
		*bad = value->len == 0 || memchr(value->p, '"', value->len) != NULL;
	}
	*rest = str_sub(s, end, s.len);
	return !*bad;
}

enum err mime_type_decode(struct str s, struct mime_type *out)
{
	struct str rest = str_trim(s), head, name, value;
	struct mime_type t;
	bool bad;
	size_t end = str_find(rest, ';', 0);

	head = str_sub(rest, 0, end);
	t.params = str_sub(rest, end, rest.len);
	t.type = str_trim(str_cut(&head, '/'));
	t.subtype = str_trim(head);
	if (!is_token(t.type) || !is_token(t.subtype))
		return E_BAD;
	rest = t.params;
	while (next_param(&rest, &name, &value, &bad))
		;
	if (bad)
		return E_BAD;
	*out = t;
	return E_OK;
}

bool mime_type_is(const struct mime_type *t, const char *full)
{
	struct str subtype = str_of(full), type = str_cut(&subtype, '/');

	return str_ieq(t->type, type) && str_ieq(t->subtype, subtype);
}

bool mime_is(struct str content_type, const char *full)
{
	struct mime_type t;

	return mime_type_decode(content_type, &t) == E_OK && mime_type_is(&t, full);
}

struct str mime_type_param(const struct mime_type *t, const char *name)
{
	struct str rest = t->params, n, value;
	bool bad;

	while (next_param(&rest, &n, &value, &bad))
		if (str_ieqz(n, name))
			return value;
	return STR_NULL;
}

/* Takes a line with its end off *s; *text without it.  A bare LF ends a line too. */
static struct str take_line(struct str *s, struct str *text)
{
	size_t end = str_find(*s, '\n', 0);
	struct str line = str_sub(*s, 0, end + 1);

	*s = str_sub(*s, line.len, s->len);
	*text = str_sub(line, 0, end);
	if (text->len > 0 && text->p[text->len - 1] == '\r')
		text->len--;
	return line;
}

void mime_cut_head(struct str part, struct str *headers_out, struct str *body_out)
{
	struct str rest = part, text;

	while (rest.len > 0) {
		struct str line = take_line(&rest, &text);

		if (text.len == 0 && line.p[line.len - 1] == '\n') {
			*headers_out = str_n(part.p, (size_t)(line.p - part.p));
			*body_out = rest;
			return;
		}
	}
	*headers_out = part;
	*body_out = rest;
}

static bool is_fold(struct str s)
{
	return s.len > 0 && (s.p[0] == ' ' || s.p[0] == '\t');
}

struct str mime_header(struct str headers, const char *name)
{
	struct str rest = headers, text, value;

	while (rest.len > 0) {
		(void)take_line(&rest, &text);
		value = text;
		if (is_fold(text) || !str_ieqz(str_trim(str_cut(&value, ':')), name) ||
		    value.p == NULL)
			continue;
		while (is_fold(rest)) {
			(void)take_line(&rest, &text);
			value.len = (size_t)(text.p + text.len - value.p);
		}
		return str_trim(value);
	}
	return STR_NULL;
}

static size_t line_count(struct str s)
{
	size_t n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.p[i] == '\n';
	return n;
}

enum delimiter { DELIMITER_NONE, DELIMITER_OPEN, DELIMITER_CLOSE };

/* "--" boundary ["--"] and blanks, alone in its line (RFC 2046 5.1.1). */
static enum delimiter delimiter_of(struct str line, struct str boundary)
{
	struct str rest;

	if (line.len < 2 + boundary.len || line.p[0] != '-' || line.p[1] != '-' ||
	    !str_eq(str_sub(line, 2, 2 + boundary.len), boundary))
		return DELIMITER_NONE;
	rest = str_sub(line, 2 + boundary.len, line.len);
	if (str_trim(rest).len == 0)
		return DELIMITER_OPEN;
	return str_starts(rest, STR("--")) && str_trim(str_sub(rest, 2, rest.len)).len == 0
		       ? DELIMITER_CLOSE
		       : DELIMITER_NONE;
}

/* What stands between two delimiters; the line end before the second belongs to that one. */
static enum err add_part(struct mime_multipart *m, const char *from, const char *to)
{
	struct str text = str_n(from, (size_t)(to - from));
	struct mime_part *p;

	if (m->count == MIME_PARTS_MAX)
		return E_TOOBIG;
	if (text.len > 0 && text.p[text.len - 1] == '\n')
		text.len -= text.len > 1 && text.p[text.len - 2] == '\r' ? 2 : 1;
	p = &m->part[m->count];
	mime_cut_head(text, &p->headers, &p->body);
	if (line_count(p->headers) > MIME_HEADERS_MAX)
		return E_TOOBIG;
	p->content_type = mime_header(p->headers, "Content-Type");
	m->count++;
	return E_OK;
}

static enum err split(struct str body, struct str boundary, struct mime_multipart *m)
{
	struct str rest = body, text;
	const char *from = NULL; /* of the open part */
	enum err e = E_OK;

	while (rest.len > 0 && e == E_OK) {
		struct str line = take_line(&rest, &text);
		enum delimiter d = delimiter_of(text, boundary);

		if (d == DELIMITER_NONE)
			continue;
		if (from != NULL)
			e = add_part(m, from, line.p);
		if (d == DELIMITER_CLOSE && e == E_OK)
			return from == NULL ? E_BAD : E_OK;
		from = rest.p;
	}
	return e != E_OK ? e : E_BAD; /* not closed: cut short */
}

enum err mime_split(struct str content_type, struct str body, struct mime_multipart *out)
{
	struct mime_type t;
	struct str boundary;
	enum err e;

	if (mime_type_decode(content_type, &t) != E_OK || !str_ieqz(t.type, "multipart"))
		return E_BAD;
	boundary = mime_type_param(&t, "boundary");
	if (boundary.len == 0 || boundary.len > MIME_BOUNDARY_MAX)
		return E_BAD;
	out->count = 0;
	e = split(body, boundary, out);
	if (e != E_OK)
		out->count = 0;
	return e;
}
