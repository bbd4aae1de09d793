#include "db/bigram.h"

#include <stdbool.h>
#include <stdint.h>

/* --- characters --- */

static uint32_t next_char(struct str *s)
{
	const unsigned char *p;
	uint32_t c;
	size_t n = 1; /* of an empty rest, which is not looked at */

	while (s->len > 0 && (n = str_utf8_len(*s)) == 0)
		*s = str_sub(*s, 1, s->len);
	if (s->len == 0)
		return 0;
	p = (const unsigned char *)s->p;
	c = n == 1 ? p[0] : n == 2 ? p[0] & 0x1fu : n == 3 ? p[0] & 0x0fu : p[0] & 0x07u;

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	*s = str_sub(*s, n, s->len);
	return c;
}

/* Hangul written as jamo, as macOS names files, becomes syllables (Unicode 3.12). */
static uint32_t next_composed(struct str *s)
{
	enum { L = 0x1100, V = 0x1161, T = 0x11a7, S = 0xac00, LS = 19, VS = 21, TS = 28 };
	uint32_t c = next_char(s), v, t;
	struct str rest = *s;

	if (c < L || c >= L + LS)
		return c;
	v = next_char(&rest);
	if (v < V || v >= V + VS)
		return c;
	c = S + ((c - L) * VS + (v - V)) * TS;
	*s = rest;
	t = next_char(&rest);
	if (t <= T || t >= T + TS)
		return c;
	*s = rest;
	return c + (t - T);
}

static bool is_cjk(uint32_t c)
{
	return (c >= 0x1100 && c <= 0x11ff) || (c >= 0x2e80 && c <= 0x2fdf) || c == 0x3005 ||
	       (c >= 0x3040 && c <= 0x30ff && c != 0x30fb) || (c >= 0x3100 && c <= 0x31ff) ||
	       (c >= 0x3400 && c <= 0x4dbf) || (c >= 0x4e00 && c <= 0x9fff) ||
	       (c >= 0xa960 && c <= 0xa97f) || (c >= 0xac00 && c <= 0xd7ff) ||
	       (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff66 && c <= 0xff9f) ||
	       (c >= 0x20000 && c <= 0x3ffff);
}

static void put_char(uint32_t c, struct buf *out)
{
	if (c < 0x80) {
		buf_addc(out, (char)c);
	} else if (c < 0x800) {
		buf_addc(out, (char)(0xc0 | c >> 6));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else if (c < 0x10000) {
		buf_addc(out, (char)(0xe0 | c >> 12));
		buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	} else {
		buf_addc(out, (char)(0xf0 | c >> 18));
		buf_addc(out, (char)(0x80 | (c >> 12 & 0x3f)));
		buf_addc(out, (char)(0x80 | (c >> 6 & 0x3f)));
		buf_addc(out, (char)(0x80 | (c & 0x3f)));
	}
}

/* --- the index --- */

void bigram_index(struct str text, struct buf *out)
{
	uint32_t before = 0; /* the CJK character whose pair is not written yet */

	while (text.len > 0) {
		uint32_t c = next_composed(&text);

		if (c == 0 && text.len == 0)
			break;
		if (is_cjk(c)) {
			if (before != 0) {
				put_char(before, out);
				put_char(c, out);
				buf_addc(out, ' ');
			} else {
				buf_addc(out, ' '); /* apart from Latin letters before it */
			}
			before = c;
			continue;
		}
		if (before != 0) {
			put_char(before, out);
			buf_addc(out, ' ');
			before = 0;
		}
		put_char(c == 0 ? ' ' : c, out);
	}
	if (before != 0)
		put_char(before, out);
}

/* --- the query --- */

enum run { RUN_NONE, RUN_CJK, RUN_OTHER };

static bool is_space(uint32_t c)
{
	/* Quotes would end the string; FTS5 takes them for separators anyway. */
	return c <= ' ' || c == '"' || c == 0xa0 || c == 0x3000;
}

/* What FTS5 would take for nothing must not become an empty string of it. */
static bool is_letter(uint32_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z');
}

/* A single CJK character is the beginning of a pair, or stands last in its run. */
static void end_run(enum run run, uint32_t last, size_t count, struct buf *out)
{
	if (run == RUN_NONE)
		return;
	if (run == RUN_CJK && count == 1)
		put_char(last, out);
	buf_addz(out, run == RUN_CJK && count > 1 ? "\"" : "\"*");
}

void bigram_query(struct str typed, struct buf *out)
{
	enum run run = RUN_NONE;
	uint32_t before = 0;
	size_t count = 0;

	while (typed.len > 0) {
		uint32_t c = next_composed(&typed);
		enum run now = c == 0 || is_space(c) ? RUN_NONE
			       : is_cjk(c)	     ? RUN_CJK
			       : is_letter(c)	     ? RUN_OTHER
						     : RUN_NONE;

		if (now != run) {
			end_run(run, before, count, out);
			count = 0;
			if (now != RUN_NONE)
				buf_addz(out, out->len > 0 ? " \"" : "\"");
		}
		run = now;
		if (now == RUN_OTHER)
			put_char(c, out);
		if (now == RUN_CJK && count > 0) {
			if (count > 1)
				buf_addc(out, ' ');
			put_char(before, out);
			put_char(c, out);
		}
		before = c;
		count++;
	}
	end_run(run, before, count, out);
}
