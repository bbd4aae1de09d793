/* uri.h: sip, sips, tel, im and pres URIs as views (RFC 3261 19.1, RFC 3859, RFC 3860).
 *
 * Escapes stay as sent: what %40 or %3B stand for never takes part in the
 * splitting, and %00 is an octet like any other.  Whoever needs the plain user
 * name calls uri_unescape on the view. */
#ifndef CODEC_URI_H
#define CODEC_URI_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* URI_OTHER comes first so that a zeroed struct uri claims nothing. */
enum uri_scheme { URI_OTHER, URI_SIP, URI_SIPS, URI_TEL, URI_IM, URI_PRES };

/* Borrowed from the decoded text. */
struct uri {
	struct str text;     /* the whole URI */
	struct str rest;     /* after the colon; all there is for URI_TEL and URI_OTHER */
	struct str user;     /* escaped; p == NULL: none */
	struct str password; /* escaped; p == NULL: none */
	struct str host;     /* an IPv6 address has its brackets */
	struct str params;   /* ";a=b;c" or empty */
	struct str headers;  /* "a=b&c=d" without the '?', or empty */
	enum uri_scheme scheme;
	uint16_t port; /* 0: none */
};

/* E_BAD: malformed.  E_TOOBIG: over URI_MAX bytes or URI_PARAMS_MAX parameters. */
MUST_USE enum err uri_decode(struct str text, struct uri *out);

static inline bool uri_is_sip(const struct uri *u)
{
	return u->scheme == URI_SIP || u->scheme == URI_SIPS;
}

/* RFC 3261 19.1.4 (with IPv6 hosts as addresses, RFC 5954); gr counts like user and ttl,
 * because a GRUU is not its AOR (RFC 5627). */
bool uri_eq(const struct uri *a, const struct uri *b);
/* Same scheme (sip and sips alike), user and host; ports and parameters ignored. */
bool uri_eq_aor(const struct uri *a, const struct uri *b);

/* Value of a parameter, escaped.  p == NULL: absent; p set and len 0: present without a value. */
struct str uri_param(const struct uri *u, const char *name);
struct str uri_header(const struct uri *u, const char *name); /* likewise, of "?name=value" */
/* Walks ";name=value" text: false at the end; value p == NULL: no '='. */
bool uri_param_next(struct str *rest, struct str *name_out, struct str *value_out);

bool uri_is_host(struct str s); /* name, IPv4, or IPv6 in brackets */

/* Appends s with every %HH replaced; a '%' that is no escape stays. */
void uri_unescape(struct buf *b, struct str s);
/* True if escaped text stands for exactly these bytes. */
bool uri_unescaped_is(struct str escaped, struct str plain);

/* Append plain bytes escaped as that component wants them (RFC 3261 25.1). */
void uri_escape_user(struct buf *b, struct str plain);
void uri_escape_param(struct buf *b, struct str plain);
void uri_escape_header(struct buf *b, struct str plain);

/* Appends "sip:user@host" with user escaped; an empty user gives "sip:host". */
void uri_encode_aor(struct buf *b, struct str plain_user, struct str host);

#endif
