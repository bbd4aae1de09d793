#include "sip/addr.h"

#include "sip/lex.h"
#include "sip/uri_lenient.h"

/* Up to '>' in name-addr form: no blanks, quotes or further '<' inside (RFC 4475 3.1.2.14). */
static bool bracketed(struct sip_lex *l, struct str *out)
{
	const char *from;

	if (!sip_lex_char(l, '<'))
		return false;
	for (from = l->p; l->p < l->end; l->p++) {
		unsigned char c = (unsigned char)*l->p;

		if (c == '>') {
			*out = str_n(from, (size_t)(l->p - from));
			l->p++;
			return out->len > 0;
		}
		if (c <= 0x20 || c == 0x7f || c == '"' || c == '<')
			return false;
	}
	return false;
}

/* A bare addr-spec: what follows ';' are header parameters, and ',' or '?' would need the
 * brackets (RFC 3261 20). */
static bool bare(struct sip_lex *l, struct str *out)
{
	const char *from = l->p;

	for (; l->p < l->end; l->p++) {
		unsigned char c = (unsigned char)*l->p;

		if (c == ';' || c == ',' || c == ' ' || c == '\t')
			break;
		if (c < 0x20 || c == 0x7f || c == '?' || c == '"' || c == '<' || c == '>')
			return false;
	}
	*out = str_n(from, (size_t)(l->p - from));
	return out->len > 0;
}

/* Tokens before '<': the display name.  False, cursor back: it was a bare addr-spec. */
static bool token_display(struct sip_lex *l, struct str *out)
{
	struct sip_lex at = *l;
	const char *end = at.p;
	struct str token;

	for (;;) {
		/* Names with letters beyond ASCII stand unquoted in the wild; they cut nothing. */
		while (sip_lex_token(&at, &token) ||
		       (at.p < at.end && (unsigned char)*at.p >= 0x80)) {
			if (at.p < at.end && (unsigned char)*at.p >= 0x80)
				at.p++;
			end = at.p;
		}
		if (at.p == l->p || !(at.p < at.end && (*at.p == ' ' || *at.p == '\t')))
			break;
		sip_lex_blank(&at);
	}
	if (at.p == at.end || *at.p != '<')
		return false;
	*out = str_n(l->p, (size_t)(end - l->p));
	*l = at;
	return true;
}

static bool has_scheme(struct str uri)
{
	size_t colon = str_find(uri, ':', 0);

	if (colon == 0 || colon == uri.len)
		return false;
	for (size_t i = 0; i < colon; i++) {
		char c = uri.p[i];
		bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

		if (!alpha &&
		    (i == 0 || !((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.')))
			return false;
	}
	return true;
}

static bool params(struct sip_lex *l, struct sip_addr *a)
{
	const char *from = l->p;
	struct str name, value;
	bool bad = false;

	while (sip_lex_param(l, &name, &value, &bad)) {
		if (!str_ieq(name, STR("tag")))
			continue;
		if (a->tag.p != NULL || !sip_is_token(value))
			return false; /* two tags are two dialogs */
		a->tag = value;
	}
	a->params = str_trim(str_n(from, (size_t)(l->p - from)));
	return !bad;
}

enum err sip_addr_next(struct str list, struct sip_addr *out, struct str *rest_out)
{
	struct sip_lex l = sip_lex_of(list);
	struct sip_addr a = { 0 };
	struct str rest = STR_NULL;
	bool named;

	sip_lex_blank(&l);
	a.text.p = l.p;
	if (l.p < l.end && *l.p == '*') {
		l.p++;
		sip_lex_blank(&l);
		if (!sip_lex_is_end(&l))
			return E_BAD;
		*out = (struct sip_addr){ .text = str_n(a.text.p, 1), .is_star = true };
		*rest_out = STR_NULL;
		return E_OK;
	}
	named = sip_lex_quoted(&l, &a.display);
	sip_lex_blank(&l);
	if (!named)
		named = token_display(&l, &a.display);
	if (!(named ? bracketed(&l, &a.uri) : bare(&l, &a.uri)) || !has_scheme(a.uri))
		return E_BAD;
	if (sip_uri_decode(a.uri, &a.u) != E_OK)
		return E_BAD;
	if (!params(&l, &a))
		return E_BAD;
	a.text = str_trim(str_n(a.text.p, (size_t)(l.p - a.text.p)));
	if (sip_lex_char(&l, ',')) {
		sip_lex_blank(&l);
		rest = sip_lex_rest(&l);
		if (rest.len == 0)
			return E_BAD;
	}
	*out = a;
	*rest_out = rest;
	return E_OK;
}

enum err sip_addr_decode(struct str s, struct sip_addr *out)
{
	struct sip_addr a;
	struct str rest;

	if (sip_addr_next(s, &a, &rest) != E_OK || rest.p != NULL)
		return E_BAD;
	*out = a;
	return E_OK;
}

struct str sip_addr_param(const struct sip_addr *a, struct str name)
{
	return sip_param_get(a->params, name);
}

void sip_addr_display_text(const struct sip_addr *a, struct buf *out)
{
	struct str s = sip_unquoted(a->display);

	for (size_t i = 0; i < s.len; i++) {
		if (s.p[i] == '\\' && s.len != a->display.len && i + 1 < s.len)
			i++;
		buf_addc(out, s.p[i]);
	}
}

void sip_addr_encode(struct buf *b, struct str display_text, struct str uri)
{
	if (display_text.len > 0) {
		sip_quote(b, display_text);
		buf_addc(b, ' ');
	}
	buf_addc(b, '<');
	buf_add(b, uri);
	buf_addc(b, '>');
}
