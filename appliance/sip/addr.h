/* addr.h: name-addr and addr-spec with header parameters (RFC 3261 20.10, 20.20, 20.39).
 *
 * Views into the message.  Strict where forgery starts: quotes must close, an
 * unquoted display name is tokens only, and a bare addr-spec ends at ';' and
 * holds no ',' or '?'. */
#ifndef SIP_ADDR_H
#define SIP_ADDR_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/uri.h"

struct sip_addr {
	struct str text;    /* the whole value, as sent */
	struct str display; /* as sent: with its quotes if it has them; len 0: none */
	struct str uri;	    /* between the angle brackets, or the bare addr-spec */
	struct str params;  /* header parameters, ";..." */
	struct str tag;	    /* p == NULL: none */
	struct uri u;	    /* decoded; u.scheme tells whether the rest is filled */
	bool is_star;	    /* Contact: * */
};

/* One value up to the end of s. */
MUST_USE enum err sip_addr_decode(struct str s, struct sip_addr *out);
/* The first value of a comma list; *rest_out what follows (p == NULL: nothing). */
MUST_USE enum err sip_addr_next(struct str list, struct sip_addr *out, struct str *rest_out);

struct str sip_addr_param(const struct sip_addr *a, struct str name); /* as sip_param_get */

/* Display name without quotes and escapes; E_TOOBIG by the buf. */
void sip_addr_display_text(const struct sip_addr *a, struct buf *out);
/* Appends [quoted display] <uri>. */
void sip_addr_encode(struct buf *b, struct str display_text, struct str uri);

#endif
