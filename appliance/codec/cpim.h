/* cpim.h: Message/CPIM (RFC 3862) with the IMDN headers (RFC 5438) as views.
 *
 * Two blocks of headers and the wrapped content; names of an extension carry a
 * prefix that an NS header binds to a URI. */
#ifndef CODEC_CPIM_H
#define CODEC_CPIM_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

#define CPIM_NS_IMDN "urn:ietf:params:imdn"

struct cpim_msg {
	struct str head;	    /* the message headers, all lines */
	struct str from_name, from; /* display name without its quotes; URI without its brackets */
	struct str to_name, to;	    /* of the first To */
	struct str date_time;	    /* for date_iso_decode */
	struct str message_id;	    /* imdn.Message-ID; empty: none */
	struct str notification;    /* imdn.Disposition-Notification as sent; empty: none */
	struct str part_head;	    /* headers of the wrapped content */
	struct str content_type;
	struct str content;
};

/* E_BAD: malformed; E_TOOBIG: over CPIM_HEADERS_MAX lines. */
MUST_USE enum err cpim_decode(struct str body, struct cpim_msg *out);

/* First header of that name in a namespace (NULL: CPIM's own names).  p == NULL: none. */
struct str cpim_header(const struct cpim_msg *m, const char *ns, const char *name);
/* True if a comma list such as Disposition-Notification has the word. */
bool cpim_list_has(struct str list, const char *word);

/* What is empty is left out, but From, To and the content type are needed.  The names are plain text. */
void cpim_encode(struct buf *b, const struct cpim_msg *m);

#endif
