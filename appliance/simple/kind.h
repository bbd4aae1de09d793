/* kind.h: what a pager-mode body is: a text, typing (RFC 3994) or a delivery notice (RFC 5438).
 *
 * Pure.  Looks inside message/cpim and inside deflate and gzip; what cannot be
 * read is a text, because a text is what must not be lost. */
#ifndef SIMPLE_KIND_H
#define SIMPLE_KIND_H

#include "base/buf.h"
#include "base/str.h"
#include "immcu/immcu.h"

struct simple_kind {
	enum im_kind kind;
	struct str message_id; /* of IMDN, borrowed from body or scratch; len 0: none */
};

/* scratch takes what was inflated, and must live as long as *out is used. */
void simple_kind_of(struct str content_type, struct str content_encoding, struct str body, struct buf *scratch,
		    struct simple_kind *out);

#endif
