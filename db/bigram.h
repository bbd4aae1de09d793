/* bigram.h: text as FTS5 indexes it, and what a person types as a query for it.
 *
 * A run of CJK characters becomes its pairs and its last character alone:
 * "가나다" is "가나 나다 다".  So a word is found inside a longer one, as a phrase of
 * pairs, and a single character as the beginning of a pair.  Pure functions; UTF-8 in
 * and out; what is not UTF-8 is skipped. */
#ifndef DB_BIGRAM_H
#define DB_BIGRAM_H

#include "base/buf.h"
#include "base/str.h"

void bigram_index(struct str text, struct buf *out);
/* All words must occur; the last letters of a word that is not CJK may be missing.  Empty if there is no
 * word in it. */
void bigram_query(struct str typed, struct buf *out);

#endif
