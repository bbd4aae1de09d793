/* Formatted appends.  Most of what a server writes is text, counted text and whole numbers: that is done here at once,
 * and everything else by the C library, which takes five times as long and has to look twice. */
#include "base/buf.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { ROOM = 128 }; /* most of what the library formats fits at the first try */

/* Every conversion is one of %s %.*s %u %d %c %llu %lld %zu %%. */
static bool is_plain(const char *fmt)
{
	static const char *const known[] = { "s", ".*s", "u", "d", "c", "llu", "lld", "zu", "%" };

	for (const char *p = strchr(fmt, '%'); p != NULL; p = strchr(p, '%')) {
		size_t i = 0, len = 0;

		for (p++; i < sizeof(known) / sizeof(known[0]); i++) {
			len = strlen(known[i]);
			if (strncmp(p, known[i], len) == 0)
				break;
		}
		if (i == sizeof(known) / sizeof(known[0]))
			return false;
		p += len;
	}
	return true;
}

static void add_i64(struct buf *b, int64_t n)
{
	if (n < 0)
		buf_addc(b, '-');
	buf_add_u64(b, n < 0 ? ~(uint64_t)n + 1 : (uint64_t)n);
}

/* Counted text ends at a NUL all the same, as the library has it. */
static void add_counted(struct buf *b, int max, const char *p)
{
	if (max < 0)
		buf_addz(b, p);
	else if (max > 0)
		buf_add(b, str_n(p, strnlen(p, (size_t)max)));
}

/* p: behind the '%'; returns what follows the conversion. */
static const char *add_one(struct buf *b, const char *p, va_list *ap)
{
	int max;

	switch (*p) {
	case 's':
		buf_addz(b, va_arg(*ap, const char *));
		return p + 1;
	case '.':
		max = va_arg(*ap, int);
		add_counted(b, max, va_arg(*ap, const char *));
		return p + 3;
	case 'u':
		buf_add_u64(b, va_arg(*ap, unsigned));
		return p + 1;
	case 'd':
		add_i64(b, va_arg(*ap, int));
		return p + 1;
	case 'c':
		buf_addc(b, (char)va_arg(*ap, int));
		return p + 1;
	case 'z':
		buf_add_u64(b, va_arg(*ap, size_t));
		return p + 2;
	case 'l':
		if (p[2] == 'u')
			buf_add_u64(b, va_arg(*ap, unsigned long long));
		else
			add_i64(b, va_arg(*ap, long long));
		return p + 3;
	default:
		buf_addc(b, '%');
		return p + 1;
	}
}

static void add_plain(struct buf *b, const char *fmt, va_list *ap)
{
	const char *at;

	while ((at = strchr(fmt, '%')) != NULL) {
		buf_add(b, str_n(fmt, (size_t)(at - fmt)));
		fmt = add_one(b, at + 1, ap);
	}
	buf_addz(b, fmt);
}

__attribute__((format(printf, 2, 0))) static void add_by_library(struct buf *b, const char *fmt,
								 va_list ap)
{
	char room[ROOM], *p;
	va_list again;
	int n;

	va_copy(again, ap);
	n = vsnprintf(room, sizeof(room), fmt, ap);
	if (n < 0)
		b->err = b->err == E_OK ? E_BAD : b->err;
	else if ((size_t)n < sizeof(room))
		buf_add(b, str_n(room, (size_t)n));
	else if ((p = buf_reserve(b, (size_t)n)) != NULL) { /* and a NUL */
		(void)vsnprintf(p, (size_t)n + 1, fmt, again);
		buf_commit(b, (size_t)n);
	}
	va_end(again);
}

/* All of it or nothing, as with every other append. */
void buf_vaddf(struct buf *b, const char *fmt, va_list ap)
{
	size_t len = b->len;
	enum err err = b->err;
	va_list own;

	if (err != E_OK)
		return;
	if (!is_plain(fmt)) {
		add_by_library(b, fmt, ap);
		return;
	}
	va_copy(own, ap);
	add_plain(b, fmt, &own);
	va_end(own);
	if (b->err != E_OK)
		b->len = len;
}

void buf_addf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vaddf(b, fmt, ap);
	va_end(ap);
}
