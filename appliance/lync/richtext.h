/* richtext.h: what rich text says, as plain UTF-8: for clients, filters and archives that read no HTML or RTF.
 *
 * Pure, linear, and bounded by out's cap.  Never fails: what cannot be understood
 * is left out. */
#ifndef LYNC_RICHTEXT_H
#define LYNC_RICHTEXT_H

#include "base/buf.h"
#include "base/str.h"

/* Tags go, line breaks and paragraphs become lines, a link shows its address when its text does not. */
void richtext_of_html(struct str html, struct buf *out);
/* The text of an RTF document; \'hh is read as Windows-1252, \uN as Unicode. */
void richtext_of_rtf(struct str rtf, struct buf *out);

/* The plain reading of a body by its type: text/plain (UTF-8, or what is readable of it), html, rtf, or the best
 * part of a multipart.  False: it has no text (pictures, ink). */
bool richtext_of_body(struct str content_type, struct str body, struct buf *out);

#endif
