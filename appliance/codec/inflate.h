/* inflate.h: decompression of a peer's body with caps on size and on ratio.
 *
 * "deflate" is zlib (RFC 1950) by the book and raw deflate (RFC 1951) in some
 * clients; both are taken. */
#ifndef CODEC_INFLATE_H
#define CODEC_INFLATE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum inflate_kind { INFLATE_DEFLATE, INFLATE_GZIP };

/* Appends to out.  E_TOOBIG: over out's cap, or over INFLATE_RATIO_MAX beyond INFLATE_RATIO_FREE;
 * E_BAD: damaged, cut short, or bytes behind the end. */
MUST_USE enum err inflate_decode(enum inflate_kind kind, struct str in, struct buf *out);

#endif
