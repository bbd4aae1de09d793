/* sa.h: a security association: the keys two sides sign with, and which numbers they have used
 * ([MS-SIPAE] 3.1.1).
 *
 * Belongs to one endpoint on one connection; its holder owns it.  Switch thread. */
#ifndef LYNC_SA_H
#define LYNC_SA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "lync/auth_hdr.h"
#include "lync/ntlm.h"
#include "lync/sign.h"

enum { SA_OPAQUE_LEN = 8, SA_WINDOW = 256, SA_DSK_KEY_LEN = 32, SA_MAC_MAX = 20 };

struct sa_keys {
	enum auth_scheme scheme;
	unsigned version; /* of the protocol: 2, 3 or 4 */
	union {
		struct ntlm_keys ntlm;
		struct {
			unsigned char client[SA_DSK_KEY_LEN], server[SA_DSK_KEY_LEN];
		} dsk;
	};
};

struct sa {
	char opaque[SA_OPAQUE_LEN + 1];
	struct sa_keys keys;
	uint32_t snum;		       /* of the next message we sign */
	uint64_t cnum_top;	       /* the highest seen */
	uint64_t seen[SA_WINDOW / 64]; /* bit n: cnum_top - n was seen */
	int64_t expires_ms;	       /* loop clock */
};

void sa_make_opaque(char out[SA_OPAQUE_LEN + 1]);
void sa_init(struct sa *sa, const char *opaque, const struct sa_keys *keys, int64_t expires_ms);
void sa_fini(struct sa *sa); /* wipes */

/* The names that both sides sign. */
struct sa_names {
	struct str realm, target;
};

/* E_AUTH: wrong signature or names; E_EXISTS: that number was used; E_STALE: too old a number, or the
 * association has expired; E_BAD: parameters missing.  Only a right signature uses its number up. */
MUST_USE enum err sa_verify(struct sa *sa, const struct sa_names *names,
			    const struct auth_hdr *auth, const struct sign_head *head,
			    int64_t now_ms);

/* Appends the complete header line that signs the message; uses the next number up. */
MUST_USE enum err sa_sign(struct sa *sa, const struct sa_names *names, const struct sign_head *head,
			  struct buf *line_out);

#endif
