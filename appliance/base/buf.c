#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_CAP = 256 };

void buf_init(struct buf *b, size_t max_bytes)
{
	*b = (struct buf){ .max = max_bytes };
}

void buf_fini(struct buf *b)
{
	size_t max = b->max;

	free(b->p);
	buf_init(b, max);
}

void buf_fit(struct buf *b)
{
	char *p = b->p == NULL ? NULL : realloc(b->p, b->len + 1);

	if (p == NULL)
		return;
	b->p = p;
	b->cap = b->len + 1;
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->err = E_OK;
}

/* Makes room for n more bytes and a NUL behind them. */
static bool grow(struct buf *b, size_t n)
{
	size_t need, cap = b->cap == 0 ? FIRST_CAP : b->cap;
	char *p;

	if (b->err != E_OK)
		return false;
	if (n > b->max || b->len > b->max - n) {
		b->err = E_TOOBIG;
		return false;
	}
	need = b->len + n + 1;
	if (need <= b->cap)
		return true;
	while (cap < need)
		cap *= 2;
	p = realloc(b->p, cap);
	if (p == NULL) {
		b->err = E_NOMEM;
		return false;
	}
	b->p = p;
	b->cap = cap;
	return true;
}

void buf_add(struct buf *b, struct str s)
{
	if (s.len == 0 || !grow(b, s.len))
		return;
	memcpy(b->p + b->len, s.p, s.len);
	b->len += s.len;
}

void buf_addz(struct buf *b, const char *cstr)
{
	buf_add(b, str_of(cstr));
}

void buf_addc(struct buf *b, char c)
{
	if (!grow(b, 1))
		return;
	b->p[b->len++] = c;
}

void buf_add_u64(struct buf *b, uint64_t n)
{
	char digits[20];
	size_t i = sizeof(digits);

	do
		digits[--i] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	buf_add(b, str_n(digits + i, sizeof(digits) - i));
}

char *buf_reserve(struct buf *b, size_t n)
{
	return grow(b, n) ? b->p + b->len : NULL;
}

void buf_commit(struct buf *b, size_t n)
{
	b->len += n;
}

void buf_consume(struct buf *b, size_t n)
{
	if (n >= b->len) {
		b->len = 0;
		return;
	}
	memmove(b->p, b->p + n, b->len - n);
	b->len -= n;
}

char *buf_take(struct buf *b, size_t *len_out)
{
	char *p;

	if (b->p == NULL && !grow(b, 0))
		return NULL;
	p = b->p;
	p[b->len] = '\0';
	if (len_out != NULL)
		*len_out = b->len;
	buf_init(b, b->max);
	return p;
}
