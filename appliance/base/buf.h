/* buf.h: growable bytes with a hard cap.
 *
 * A buf remembers its first failure (E_TOOBIG or E_NOMEM): later appends do
 * nothing, and buf_err tells once at the end.  One owner; init/fini in place. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdarg.h>

#include "base/err.h"
#include "base/str.h"

struct buf {
	char *p; /* owned; NULL while cap == 0 */
	size_t len, cap, max;
	enum err err;
};

void buf_init(struct buf *b, size_t max_bytes);
void buf_fini(struct buf *b);  /* frees; the buf may be used again with its old max */
void buf_fit(struct buf *b);   /* gives back what is not used: for one that is kept as it is */
void buf_reset(struct buf *b); /* len = 0, err = E_OK, memory kept */

void buf_add(struct buf *b, struct str s);
void buf_addz(struct buf *b, const char *cstr);
void buf_addc(struct buf *b, char c);
void buf_add_u64(struct buf *b, uint64_t n);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void buf_vaddf(struct buf *b, const char *fmt, va_list ap) __attribute__((format(printf, 2, 0)));
/* Room for n more bytes at the end, or NULL; then buf_commit what was written. */
MUST_USE char *buf_reserve(struct buf *b, size_t n);
void buf_commit(struct buf *b, size_t n);
void buf_consume(struct buf *b, size_t n); /* drops n bytes from the front */

static inline enum err buf_err(const struct buf *b)
{
	return b->err;
}

static inline struct str buf_str(const struct buf *b) /* borrowed until the next change */
{
	return (struct str){ b->p, b->len };
}

/* Hands the bytes to the caller (free() them); b is empty afterwards. NUL-terminated beyond len. */
char *buf_take(struct buf *b, size_t *len_out);

#endif
