/* kind.h: what a pager-mode body is: a text, typing (RFC 3994) or a delivery notice (RFC 5438), and what a
 * person would read in it.
 *
 * Pure.  Looks inside message/cpim, multipart, deflate and gzip; what cannot be
 * read is a text, because a text is what must not be lost. */
#ifndef SIMPLE_KIND_H
#define SIMPLE_KIND_H

#include "base/buf.h"
#include "base/str.h"
#include "immcu/immcu.h"

/* Views are borrowed from the body or from the two buffers, until simple_kind_fini. */
struct simple_kind {
	enum im_kind kind;
	bool is_wrapped;       /* message/cpim */
	struct str message_id; /* of IMDN; len 0: none */
	struct str about;      /* of a receipt: the Message-ID it is about */
	struct str inner_type; /* of what is inside the wrapping; its own type without one */
	/* likewise the content, without an encoding; p == NULL: cannot be read */
	struct str inner;
	/* for filters and archive; p == NULL: nothing to read, or text/plain as it stands */
	struct str plain;
	struct buf inflated, made;
};

void simple_kind_of(struct str content_type, struct str content_encoding, struct str body,
		    struct simple_kind *out);
void simple_kind_fini(struct simple_kind *k);

/* The body without its Content-Encoding: a view, or inflated into scratch.  E_UNSUPPORTED: an encoding we do
 * not know; else as inflate_decode. */
MUST_USE enum err simple_inflate(struct str encoding, struct str body, struct buf *scratch,
				 struct str *out);

#endif
