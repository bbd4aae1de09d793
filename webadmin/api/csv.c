#include <stdbool.h>

#include "webadmin/api/csv.h"

void csv_init(struct csv *c, struct str text)
{
	if (str_starts(text, STR("\xef\xbb\xbf")))
		text = str_sub(text, 3, text.len);
	*c = (struct csv){ .rest = text, .line = 1, .next_line = 1 };
}

static bool at_line_end(struct str s)
{
	return s.len == 0 || s.p[0] == '\n' || (s.p[0] == '\r' && (s.len == 1 || s.p[1] == '\n'));
}

static struct str skip_line_end(struct str s)
{
	if (s.len > 0 && s.p[0] == '\r')
		s = str_sub(s, 1, s.len);
	return str_sub(s, 1, s.len);
}

/* The field after its opening quote; "" stands for one quote. */
static enum err quoted(struct csv *c, struct arena *a, struct str *out)
{
	struct str s = c->rest;
	size_t end = 1, n = 0;
	char *p;

	while (end < s.len && (s.p[end] != '"' || (end + 1 < s.len && s.p[end + 1] == '"'))) {
		if (s.p[end] == '\n')
			c->next_line++;
		end += s.p[end] == '"' ? 2 : 1;
	}
	if (end >= s.len)
		return E_BAD;
	p = arena_alloc(a, end);
	if (p == NULL)
		return E_TOOBIG;
	for (size_t i = 1; i < end; i++) {
		p[n++] = s.p[i];
		if (s.p[i] == '"')
			i++;
	}
	*out = (struct str){ p, n };
	c->rest = str_sub(s, end + 1, s.len);
	return at_line_end(c->rest) || c->rest.p[0] == ',' ? E_OK : E_BAD;
}

static enum err plain(struct csv *c, struct str *out)
{
	size_t end = 0;

	while (end < c->rest.len && c->rest.p[end] != ',' &&
	       !at_line_end(str_sub(c->rest, end, c->rest.len))) {
		if (c->rest.p[end] == '"')
			return E_BAD;
		end++;
	}
	*out = str_trim(str_sub(c->rest, 0, end));
	c->rest = str_sub(c->rest, end, c->rest.len);
	return E_OK;
}

enum err csv_next(struct csv *c, struct arena *a, struct str field[CSV_FIELDS_MAX], size_t *n_out)
{
	size_t n = 0;

	while (c->rest.len > 0 && at_line_end(c->rest)) {
		c->rest = skip_line_end(c->rest);
		c->next_line++;
	}
	c->line = c->next_line;
	if (c->rest.len == 0)
		return E_NOTFOUND;
	for (;;) {
		enum err e;

		if (n == CSV_FIELDS_MAX)
			return E_TOOBIG;
		if (c->rest.len > 0 && c->rest.p[0] == '"')
			e = quoted(c, a, &field[n]);
		else
			e = plain(c, &field[n]);
		if (e != E_OK)
			return e;
		if (!str_is_utf8(field[n++]))
			return E_BAD;
		if (at_line_end(c->rest))
			break;
		c->rest = str_sub(c->rest, 1, c->rest.len);
	}
	c->rest = skip_line_end(c->rest);
	c->next_line++;
	*n_out = n;
	return E_OK;
}
