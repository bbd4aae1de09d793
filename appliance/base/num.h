/* num.h: the one place where digits become numbers: type, range and trailing bytes are checked. */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include "base/err.h"
#include "base/str.h"

/* Decimal digits only (no sign, no blanks), lo..hi. */
MUST_USE enum err num_u64(struct str s, uint64_t lo, uint64_t hi, uint64_t *out);
MUST_USE enum err num_u32(struct str s, uint32_t lo, uint32_t hi, uint32_t *out);
MUST_USE enum err num_hex_u64(struct str s, uint64_t *out); /* 1 to 16 hex digits */
bool num_mul_size(size_t a, size_t b, size_t *out);	    /* false on overflow */

#endif
