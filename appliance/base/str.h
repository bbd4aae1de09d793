/* str.h: a view of bytes (pointer and length) that borrows them.
 *
 * A struct str never owns its bytes unless its field says "owned"; those are
 * made by str_dup and ended by str_free.  Bytes are not NUL-terminated. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct str {
	const char *p;
	size_t len;
};

#define STR(lit) ((struct str){ "" lit, sizeof(lit) - 1 })
#define STR_NULL ((struct str){ NULL, 0 })
#define STR_ARG(s) (int)(s).len, (s).p /* for "%.*s" */

struct str str_of(const char *cstr); /* NULL gives STR_NULL */
struct str str_n(const void *p, size_t len);

bool str_eq(struct str a, struct str b);      /* octet for octet */
bool str_ieq(struct str a, struct str b);     /* ASCII case ignored */
bool str_eqz(struct str a, const char *cstr); /* octet for octet */
bool str_ieqz(struct str a, const char *cstr);
int str_cmp(struct str a, struct str b); /* memcmp order, shorter first */
bool str_starts(struct str s, struct str prefix);
bool str_istarts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);

/* Index of the first c at or after from, or s.len. */
size_t str_find(struct str s, char c, size_t from);
/* Index of the first needle, or s.len. */
size_t str_search(struct str s, struct str needle);
struct str str_sub(struct str s, size_t from, size_t to); /* clamps to s.len */
struct str str_trim(struct str s);			  /* SP, HT, CR, LF on both ends */
/* Cuts *rest at the first c: returns the part before it, *rest becomes what follows.
 * At the end *rest is STR_NULL (p == NULL). */
struct str str_cut(struct str *rest, char c);

bool str_is_utf8(struct str s); /* well-formed per RFC 3629, NUL allowed */
/* Length of the well-formed UTF-8 sequence s begins with (1 to 4), 0 if there is none. */
size_t str_utf8_len(struct str s);

struct str str_dup(struct str s);	/* owned copy, also NUL-terminated for the debugger */
struct str str_dup_lower(struct str s); /* owned copy, ASCII lower case */
void str_free(struct str *s);		/* NULL is fine; sets *s to STR_NULL */
char *str_z(struct str s);		/* owned NUL-terminated copy; free() it */

/* SipHash-1-3 keyed by a per-process random key mixed with seed: peers choose the strings. */
uint64_t str_hash(uint64_t seed, struct str s);
uint64_t str_ihash(uint64_t seed, struct str s); /* ASCII case ignored */

#endif
