/* base64.h: RFC 4648 base64, strict: one text for one sequence of bytes. */
#ifndef CODEC_BASE64_H
#define CODEC_BASE64_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

void base64_encode(struct buf *b, struct str bytes);	 /* with padding */
void base64_url_encode(struct buf *b, struct str bytes); /* '-' and '_', no padding */

/* Padding is required, blanks and stray bits are E_BAD; E_TOOBIG or E_NOMEM from the buf.
 * Appends; after a failure out holds a part. */
MUST_USE enum err base64_decode(struct str text, struct buf *out);
MUST_USE enum err base64_url_decode(struct str text, struct buf *out);
/* As MIME bodies and XML text fold it: SP, HT, CR and LF are skipped (RFC 2045 6.8). */
MUST_USE enum err base64_decode_folded(struct str text, struct buf *out);

#endif
