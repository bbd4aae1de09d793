/* sign.h: what a message's signature covers ([MS-SIPAE] 3.1.4.1): fields of its head, each in < and >.
 *
 * Everything is taken octet for octet from the bytes on the wire, so that what
 * is signed is what is sent. */
#ifndef LYNC_SIGN_H
#define LYNC_SIGN_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* Of the auth header of that message. */
struct sign_auth {
	unsigned version; /* 2 leaves out To's URI and the asserted identities; 3 and 4 are alike */
	struct str scheme, rand, num, realm, target;
};

/* Of the message; views into its head. */
struct sign_head {
	struct str status; /* three digits; empty: a request */
	struct str call_id, cseq, method;
	struct str from_uri, from_tag, to_uri, to_tag;
	struct str pai_sip, pai_tel;
	struct str expires; /* the header's value */
};

/* Reads one message from its start line on; the body may follow.  E_BAD: a header that every message
 * has is missing. */
MUST_USE enum err sign_head_of(struct str message, struct sign_head *out);

/* The same of a message about to be sent, whose parts are known: the values of From and To, and the
 * header lines beyond those every message has. */
void sign_head_read(struct sign_head *head, struct str from, struct str to, struct str headers);

void sign_text(struct buf *b, const struct sign_auth *auth, const struct sign_head *head);

#endif
