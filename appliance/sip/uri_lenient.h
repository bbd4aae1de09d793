/* uri_lenient.h: decodes a URI as codec/uri does, and forgives one old mistake.
 *
 * RFC 3261's grammar lets "[2001:db8:::192.0.2.1]" be made, with a colon too many
 * before an embedded IPv4 address; RFC 5118 4.10 asks receivers to take it. */
#ifndef SIP_URI_LENIENT_H
#define SIP_URI_LENIENT_H

#include "codec/uri.h"

MUST_USE enum err sip_uri_decode(struct str text, struct uri *out); /* views into text */

#endif
