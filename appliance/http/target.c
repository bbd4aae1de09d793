#include "http/target.h"

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* Decodes %XX; with plus_is_space also '+' (forms).  Control characters and broken UTF-8 are refused. */
static enum err piece_decode(struct arena *a, struct str in, bool plus_is_space, struct str *out)
{
	char *p = arena_alloc(a, in.len + 1);
	size_t n = 0;

	if (p == NULL)
		return E_TOOBIG;
	for (size_t i = 0; i < in.len; i++) {
		char c = in.p[i];

		if (c == '%') {
			int hi, lo;

			if (in.len - i < 3)
				return E_BAD;
			hi = hex_value(in.p[i + 1]);
			lo = hex_value(in.p[i + 2]);
			if (hi < 0 || lo < 0)
				return E_BAD;
			c = (char)(hi * 16 + lo);
			i += 2;
		} else if (c == '+' && plus_is_space) {
			c = ' ';
		}
		if ((unsigned char)c < 0x20 || c == 0x7f)
			return E_BAD;
		p[n++] = c;
	}
	*out = (struct str){ p, n };
	return str_is_utf8(*out) ? E_OK : E_BAD;
}

static enum err path_decode(struct http_target *t, struct arena *a)
{
	struct str rest = str_sub(t->path, 1, t->path.len);

	if (rest.len == 0)
		return E_OK;
	while (rest.p != NULL) {
		struct str raw = str_cut(&rest, '/'), s;
		enum err e;

		if (t->n_segments == HTTP_SEGMENTS_MAX)
			return E_TOOBIG;
		e = piece_decode(a, raw, false, &s);
		if (e != E_OK)
			return e;
		if (str_eq(s, STR(".")) || str_eq(s, STR("..")))
			return E_BAD;
		t->segment[t->n_segments++] = s;
	}
	return E_OK;
}

static enum err query_decode(struct http_target *t, struct arena *a, struct str query)
{
	while (query.p != NULL) {
		struct str value = str_cut(&query, '&'), name;
		struct http_param *p;
		enum err e;

		if (value.len == 0)
			continue;
		if (t->n_params == HTTP_PARAMS_MAX)
			return E_TOOBIG;
		name = str_cut(&value, '=');
		p = &t->param[t->n_params];
		e = piece_decode(a, name, true, &p->name);
		if (e == E_OK)
			e = piece_decode(a, value.p == NULL ? STR("") : value, true, &p->value);
		if (e != E_OK)
			return e;
		t->n_params++;
	}
	return E_OK;
}

enum err http_target_decode(struct http_target *out, struct arena *a, struct str raw)
{
	struct http_target t = { 0 };
	struct str query = raw;
	enum err e;

	if (raw.len == 0 || raw.p[0] != '/')
		return E_BAD;
	t.path = str_cut(&query, '?');
	e = path_decode(&t, a);
	if (e == E_OK)
		e = query_decode(&t, a, query);
	if (e == E_OK)
		*out = t;
	return e;
}

struct str http_target_param(const struct http_target *t, struct str name)
{
	for (size_t i = 0; i < t->n_params; i++)
		if (str_eq(t->param[i].name, name))
			return t->param[i].value;
	return STR_NULL;
}
