/* resource_lists.h: a contact list as a resource-lists document (RFC 4826), both ways.
 *
 * Each group is a list, each contact an entry in every list of a group he is in.
 * The department's list is shown, and what a client writes into it is not taken:
 * it is the directory's. */
#ifndef SIMPLE_RESOURCE_LISTS_H
#define SIMPLE_RESOURCE_LISTS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "directory/roster.h"

/* Appends the whole document. */
void resource_lists_encode(const struct directory *d, account_id owner, struct buf *out);

/* The operations that make an owner's list what the document says, beginning with ROSTER_CLEAR.  E_BAD: not
 * such a document, or an entry that is no address; E_TOOBIG: more groups or contacts than a list can hold; else as
 * xml_decode.  After success: resource_lists_fini. */
struct resource_lists {
	struct roster_op *ops; /* owned; texts too */
	size_t count;
};
/* skip: the name of the department's list; empty: there is none. */
MUST_USE enum err resource_lists_decode(struct str text, struct str skip, size_t contacts_max,
					struct resource_lists *out);
void resource_lists_fini(struct resource_lists *r);

#endif
