#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/siphash.h"

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

struct str str_of(const char *cstr)
{
	return cstr == NULL ? STR_NULL : (struct str){ cstr, strlen(cstr) };
}

struct str str_n(const void *p, size_t len)
{
	return (struct str){ p, len };
}

bool str_eq(struct str a, struct str b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.p, b.p, a.len) == 0);
}

bool str_ieq(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (a.p[i] != b.p[i] && lower(a.p[i]) != lower(b.p[i]))
			return false;
	return true;
}

bool str_eqz(struct str a, const char *cstr)
{
	return str_eq(a, str_of(cstr));
}

bool str_ieqz(struct str a, const char *cstr)
{
	return str_ieq(a, str_of(cstr));
}

int str_cmp(struct str a, struct str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int c = n == 0 ? 0 : memcmp(a.p, b.p, n);

	if (c != 0)
		return c;
	return a.len < b.len ? -1 : a.len > b.len;
}

bool str_starts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_eq(str_n(s.p, prefix.len), prefix);
}

bool str_istarts(struct str s, struct str prefix)
{
	return s.len >= prefix.len && str_ieq(str_n(s.p, prefix.len), prefix);
}

bool str_ends(struct str s, struct str suffix)
{
	return s.len >= suffix.len && str_eq(str_sub(s, s.len - suffix.len, s.len), suffix);
}

size_t str_find(struct str s, char c, size_t from)
{
	const char *hit;

	if (from >= s.len)
		return s.len;
	hit = memchr(s.p + from, c, s.len - from);
	return hit == NULL ? s.len : (size_t)(hit - s.p);
}

size_t str_search(struct str s, struct str needle)
{
	const char *hit;

	if (needle.len == 0)
		return 0;
	if (s.len < needle.len)
		return s.len;
	hit = memmem(s.p, s.len, needle.p, needle.len);
	return hit == NULL ? s.len : (size_t)(hit - s.p);
}

struct str str_sub(struct str s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return (struct str){ s.p == NULL ? NULL : s.p + from, to - from };
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct str str_trim(struct str s)
{
	while (s.len > 0 && is_space(s.p[0]))
		s = str_sub(s, 1, s.len);
	while (s.len > 0 && is_space(s.p[s.len - 1]))
		s.len--;
	return s;
}

struct str str_cut(struct str *rest, char c)
{
	struct str all = *rest;
	size_t at = str_find(all, c, 0);

	*rest = at == all.len ? STR_NULL : str_sub(all, at + 1, all.len);
	return str_sub(all, 0, at);
}

size_t str_utf8_len(struct str s)
{
	const unsigned char *p = (const unsigned char *)s.p;
	unsigned char lo = 0x80, hi = 0xbf;
	size_t len;

	if (s.len == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		len = 2;
	else if (p[0] >= 0xe0 && p[0] <= 0xef)
		len = 3;
	else if (p[0] >= 0xf0 && p[0] <= 0xf4)
		len = 4;
	else
		return 0;
	if (s.len < len)
		return 0;
	if (p[0] == 0xe0) /* no overlong forms, no surrogates, nothing past U+10FFFF */
		lo = 0xa0;
	else if (p[0] == 0xed)
		hi = 0x9f;
	else if (p[0] == 0xf0)
		lo = 0x90;
	else if (p[0] == 0xf4)
		hi = 0x8f;
	if (p[1] < lo || p[1] > hi)
		return 0;
	for (size_t i = 2; i < len; i++)
		if ((p[i] & 0xc0) != 0x80)
			return 0;
	return len;
}

bool str_is_utf8(struct str s)
{
	while (s.len > 0) {
		size_t n = str_utf8_len(s);

		if (n == 0)
			return false;
		s = str_sub(s, n, s.len);
	}
	return true;
}

struct str str_dup(struct str s)
{
	return (struct str){ str_z(s), s.len };
}

struct str str_dup_lower(struct str s)
{
	char *p = str_z(s);

	for (size_t i = 0; i < s.len; i++)
		p[i] = lower(p[i]);
	return (struct str){ p, s.len };
}

void str_free(struct str *s)
{
	union {
		const char *view;
		char *owned;
	} u = { s->p };

	free(u.owned);
	*s = STR_NULL;
}

char *str_z(struct str s)
{
	char *p = xmalloc(s.len + 1);

	if (s.len > 0)
		memcpy(p, s.p, s.len);
	p[s.len] = '\0';
	return p;
}

uint64_t str_hash(uint64_t seed, struct str s)
{
	return siphash13(seed, s.p, s.len, false);
}

uint64_t str_ihash(uint64_t seed, struct str s)
{
	return siphash13(seed, s.p, s.len, true);
}
