/* text_format.h: the first text of a chat inside its INVITE (ms-text-format, [MS-SIPRE]): a client may show it before
 * the MESSAGE comes, so what policy says of texts holds for it too. */
#ifndef LYNC_TEXT_FORMAT_H
#define LYNC_TEXT_FORMAT_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* "text/plain; charset=UTF-8;msgr=...;ms-body=BASE64": the text.  E_NOTFOUND: none is embedded; E_BAD: no BASE64. */
MUST_USE enum err text_format_body(struct str value, struct buf *out);

#endif
