/* guard.h: what browsers can be made to do, and what stops it.
 *
 * The security headers of every answer, the session cookie, and the check that
 * a change comes from our own pages.  Pure but for http_guard_headers. */
#ifndef HTTP_GUARD_H
#define HTTP_GUARD_H

#include <stdbool.h>

#include "base/str.h"

struct MHD_Response;

#define HTTP_SESSION_COOKIE "__Host-porchlight"

/* Content-Security-Policy, HSTS, nosniff, no-referrer and their kin. */
void http_guard_headers(struct MHD_Response *r);

/* The value of one cookie in a Cookie header (RFC 6265 5.4), or STR_NULL. */
struct str http_cookie_get(struct str header, struct str name);

struct http_origin {
	struct str origin;	   /* Origin header or STR_NULL */
	struct str sec_fetch_site; /* Sec-Fetch-Site header or STR_NULL */
	struct str host;	   /* Host header */
};
/* A request a browser made on behalf of another site is told apart by Sec-Fetch-Site and, where
 * that is missing, by Origin against Host.  A program that is no browser sends neither: true. */
bool http_origin_is_ours(const struct http_origin *o);

#endif
