/* c3p.h: the C3P envelope ([MS-CONFBAS] 2.2.3): request and response around one command. */
#ifndef LYNC_C3P_H
#define LYNC_C3P_H

#include "base/err.h"
#include "codec/xml.h"
#include "codec/xmlw.h"

#define C3P_TYPE STR("application/cccp+xml")
#define NS_CCCP "urn:ietf:params:xml:ns:cccp"
#define NS_CONF_INFO "urn:ietf:params:xml:ns:conference-info"
#define NS_MSCI "http://schemas.microsoft.com/rtc/2005/08/confinfoextensions"
#define NS_MSCI2 "http://schemas.microsoft.com/rtc/2008/12/confinfoextensions"

/* Views of the decoded document. */
struct c3p {
	struct str request_id, from, to;
	const struct xml_node *command; /* the one child */
};

/* E_BAD: not a request, or without a command. */
MUST_USE enum err c3p_decode(const struct xml_node *root, struct c3p *out);

/* <response code="success"> and the command's element, open: the caller writes into it, then c3p_end.
 * reason: of a failure (the element then has it, and nothing should be in it); NULL: success. */
void c3p_response(struct xmlw *w, struct buf *b, const struct c3p *request, const char *command,
		  const char *reason);
void c3p_end(struct xmlw *w);

/* <conferenceKeys confEntity="..."/> */
void c3p_keys(struct xmlw *w, struct str focus);

/* The failure reason for an error of the domain, as C3P names it. */
const char *c3p_reason(enum err e);

#endif
