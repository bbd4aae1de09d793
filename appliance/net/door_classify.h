/* door_classify.h: SIP or HTTP, from the first decrypted bytes of a connection.  Pure. */
#ifndef NET_DOOR_CLASSIFY_H
#define NET_DOOR_CLASSIFY_H

#include "base/str.h"

enum door_kind { DOOR_UNDECIDED, DOOR_SIP, DOOR_HTTP };

/* DOOR_UNDECIDED: the start line's target has not been seen yet; never for more than 1 KiB.  What
 * fits neither is DOOR_SIP, whose parser has an answer for it. */
enum door_kind door_classify(struct str first);

#endif
