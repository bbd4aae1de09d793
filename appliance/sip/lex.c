#include "sip/lex.h"

#include "base/buf.h"

enum { TOKEN = 1, HOSTY = 2 };

/* Token characters of RFC 3261 25.1; HOSTY: what a parameter value may hold beside them (IPv6
 * references, and '/' as in Lync's and Linphone's unquoted media types). */
static const unsigned char class_of[256] = {
	['!'] = TOKEN, ['%'] = TOKEN, ['\''] = TOKEN, ['*'] = TOKEN, ['+'] = TOKEN, ['-'] = TOKEN,
	['.'] = TOKEN, ['_'] = TOKEN, ['`'] = TOKEN,  ['~'] = TOKEN, ['0'] = TOKEN, ['1'] = TOKEN,
	['2'] = TOKEN, ['3'] = TOKEN, ['4'] = TOKEN,  ['5'] = TOKEN, ['6'] = TOKEN, ['7'] = TOKEN,
	['8'] = TOKEN, ['9'] = TOKEN, ['A'] = TOKEN,  ['B'] = TOKEN, ['C'] = TOKEN, ['D'] = TOKEN,
	['E'] = TOKEN, ['F'] = TOKEN, ['G'] = TOKEN,  ['H'] = TOKEN, ['I'] = TOKEN, ['J'] = TOKEN,
	['K'] = TOKEN, ['L'] = TOKEN, ['M'] = TOKEN,  ['N'] = TOKEN, ['O'] = TOKEN, ['P'] = TOKEN,
	['Q'] = TOKEN, ['R'] = TOKEN, ['S'] = TOKEN,  ['T'] = TOKEN, ['U'] = TOKEN, ['V'] = TOKEN,
	['W'] = TOKEN, ['X'] = TOKEN, ['Y'] = TOKEN,  ['Z'] = TOKEN, ['a'] = TOKEN, ['b'] = TOKEN,
	['c'] = TOKEN, ['d'] = TOKEN, ['e'] = TOKEN,  ['f'] = TOKEN, ['g'] = TOKEN, ['h'] = TOKEN,
	['i'] = TOKEN, ['j'] = TOKEN, ['k'] = TOKEN,  ['l'] = TOKEN, ['m'] = TOKEN, ['n'] = TOKEN,
	['o'] = TOKEN, ['p'] = TOKEN, ['q'] = TOKEN,  ['r'] = TOKEN, ['s'] = TOKEN, ['t'] = TOKEN,
	['u'] = TOKEN, ['v'] = TOKEN, ['w'] = TOKEN,  ['x'] = TOKEN, ['y'] = TOKEN, ['z'] = TOKEN,
	['['] = HOSTY, [']'] = HOSTY, [':'] = HOSTY,  ['/'] = HOSTY, ['@'] = HOSTY, ['='] = HOSTY,
	['$'] = HOSTY, ['&'] = HOSTY, ['('] = HOSTY,  [')'] = HOSTY, ['#'] = HOSTY, ['|'] = HOSTY,
	['{'] = HOSTY, ['}'] = HOSTY, ['^'] = HOSTY,
};

bool sip_is_token_char(unsigned char c)
{
	return class_of[c] == TOKEN;
}

bool sip_is_token(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (!sip_is_token_char((unsigned char)s.p[i]))
			return false;
	return s.len > 0;
}

bool sip_is_clean(struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

void sip_lex_blank(struct sip_lex *l)
{
	while (l->p < l->end && (*l->p == ' ' || *l->p == '\t'))
		l->p++;
}

bool sip_lex_char(struct sip_lex *l, char c)
{
	if (l->p == l->end || *l->p != c)
		return false;
	l->p++;
	return true;
}

bool sip_lex_sep(struct sip_lex *l, char c)
{
	struct sip_lex at = *l;

	sip_lex_blank(&at);
	if (!sip_lex_char(&at, c))
		return false;
	sip_lex_blank(&at);
	*l = at;
	return true;
}

bool sip_lex_token(struct sip_lex *l, struct str *out)
{
	const char *from = l->p;

	while (l->p < l->end && sip_is_token_char((unsigned char)*l->p))
		l->p++;
	if (l->p == from)
		return false;
	*out = str_n(from, (size_t)(l->p - from));
	return true;
}

bool sip_lex_quoted(struct sip_lex *l, struct str *out)
{
	const char *p = l->p;

	if (p == l->end || *p != '"')
		return false;
	for (p++; p < l->end; p++) {
		if (*p == '\\') {
			p++; /* a quoted-pair hides whatever follows */
		} else if (*p == '"') {
			*out = str_n(l->p, (size_t)(p + 1 - l->p));
			l->p = p + 1;
			return true;
		}
	}
	return false;
}

bool sip_lex_digits(struct sip_lex *l, struct str *out)
{
	const char *from = l->p;

	while (l->p < l->end && *l->p >= '0' && *l->p <= '9')
		l->p++;
	if (l->p == from)
		return false;
	*out = str_n(from, (size_t)(l->p - from));
	return true;
}

struct str sip_lex_rest(const struct sip_lex *l)
{
	return str_n(l->p, (size_t)(l->end - l->p));
}

static bool value(struct sip_lex *l, struct str *out)
{
	const char *from = l->p;

	if (l->p < l->end && *l->p == '"')
		return sip_lex_quoted(l, out);
	/* Bytes over 0x7f are tolerated: RFC 4475 3.1.1.2 has quoted ones, clients write bare ones. */
	while (l->p < l->end &&
	       (class_of[(unsigned char)*l->p] != 0 || (unsigned char)*l->p >= 0x80))
		l->p++;
	if (l->p == from)
		return false;
	*out = str_n(from, (size_t)(l->p - from));
	return true;
}

bool sip_lex_param(struct sip_lex *l, struct str *name, struct str *val, bool *bad)
{
	struct sip_lex at = *l;

	sip_lex_blank(&at);
	if (sip_lex_is_end(&at) || *at.p == ',') {
		*l = at;
		return false;
	}
	*val = STR_NULL;
	if (!sip_lex_sep(&at, ';') || !sip_lex_token(&at, name) ||
	    (sip_lex_sep(&at, '=') && !value(&at, val))) {
		*bad = true;
		return false;
	}
	*l = at;
	return true;
}

struct str sip_param_get(struct str params, struct str name)
{
	struct sip_lex l = sip_lex_of(params);
	struct str n, v;
	bool bad = false;

	while (sip_lex_param(&l, &n, &v, &bad))
		if (str_ieq(n, name))
			return v.p == NULL ? str_n(n.p + n.len, 0) : v;
	return STR_NULL;
}

bool sip_param_has(struct str params, struct str name)
{
	return sip_param_get(params, name).p != NULL;
}

struct str sip_unquoted(struct str s)
{
	if (s.len >= 2 && s.p[0] == '"' && s.p[s.len - 1] == '"')
		return str_n(s.p + 1, s.len - 2);
	return s;
}

void sip_quote(struct buf *b, struct str s)
{
	buf_addc(b, '"');
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if (c < 0x20 || c == 0x7f)
			continue;
		if (c == '"' || c == '\\')
			buf_addc(b, '\\');
		buf_addc(b, (char)c);
	}
	buf_addc(b, '"');
}
