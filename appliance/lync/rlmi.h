/* rlmi.h: many people's documents in one body: multipart/related behind a list (RFC 4662, [MS-SIP] 4.3). */
#ifndef LYNC_RLMI_H
#define LYNC_RLMI_H

#include "base/buf.h"
#include "base/str.h"

struct rlmi {
	struct buf list, parts;
	struct str host; /* borrowed: of the Content-IDs */
	unsigned count;
	char boundary[20];
};

/* list_uri: who asked; version: how many lists he has had on this dialog. */
void rlmi_init(struct rlmi *r, struct str host, struct str list_uri, unsigned version);
void rlmi_fini(struct rlmi *r);
void rlmi_add(struct rlmi *r, struct str uri, struct str document);
void rlmi_add_unknown(struct rlmi *r, struct str uri); /* nobody of that address */
/* Appends the body and the value of its Content-Type. */
void rlmi_end(struct rlmi *r, struct buf *body_out, struct buf *type_out);

#endif
