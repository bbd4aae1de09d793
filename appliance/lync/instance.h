/* instance.h: how a Lync-class endpoint is named: epid, the instance made from it, and its GRUU ([MS-SIPRE]). */
#ifndef LYNC_INSTANCE_H
#define LYNC_INSTANCE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { INSTANCE_UUID_LEN = 36, INSTANCE_CODE_LEN = 24 };

/* The UUID that belongs to an epid, lower case, NUL-terminated. */
void instance_of_epid(struct str epid, char uuid_out[INSTANCE_UUID_LEN + 1]);

/* The 24 characters that stand for a UUID in a GRUU.  E_BAD: not a UUID. */
MUST_USE enum err instance_code(struct str uuid, char out[INSTANCE_CODE_LEN + 1]);

/* Appends sip:user@domain;opaque=user:epid:CODE;gruu.  E_BAD: not a UUID. */
MUST_USE enum err instance_gruu(struct buf *out, struct str user, struct str domain,
				struct str uuid);

#endif
