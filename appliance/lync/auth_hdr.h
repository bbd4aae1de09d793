/* auth_hdr.h: the parameters of Authorization and their kin as Lync-class clients write them
 * ([MS-SIPAE] 2.2): scheme, then name=value or name="value" in any order. */
#ifndef LYNC_AUTH_HDR_H
#define LYNC_AUTH_HDR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum auth_scheme { AUTH_NTLM, AUTH_TLS_DSK, AUTH_SCHEMES };
const char *auth_scheme_name(enum auth_scheme s);

/* Views into the value, without quotes; p == NULL: absent. */
struct auth_hdr {
	enum auth_scheme scheme;
	struct str scheme_text; /* as sent: it is signed */
	struct str qop, realm, target, opaque, gssapi, crand, cnum, response;
	unsigned version; /* 0: absent */
};

/* E_UNSUPPORTED: another scheme (Digest, Kerberos).  E_BAD: malformed, or a parameter twice. */
MUST_USE enum err auth_hdr_decode(struct str value, struct auth_hdr *out);

/* A complete WWW-Authenticate line.  gssapi p == NULL: the first challenge, which says where
 * certificates come from (sts_uri, empty: not said). */
struct auth_challenge {
	enum auth_scheme scheme;
	struct str realm, target;
	struct str opaque; /* of the handshake under way */
	struct str gssapi; /* raw bytes */
	struct str sts_uri;
};
void auth_challenge_line(struct buf *b, const struct auth_challenge *c);

#endif
