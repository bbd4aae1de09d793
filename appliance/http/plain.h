/* plain.h: the port without TLS, off unless `serve --http` names one: it sends browsers on to HTTPS, and
 * answers what an application allows there (autodiscovery, which some clients ask for without TLS first).
 *
 * Web thread only. */
#ifndef HTTP_PLAIN_H
#define HTTP_PLAIN_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "http/server.h"

struct plain; /* opaque */

/* fd: a listening socket, taken also on failure. */
MUST_USE enum err plain_new(struct loop *l, struct http_server *s, int fd, struct plain **out);
void plain_free(struct plain **pp);

/* Appends "https://HOST[:PORT]TARGET" of a request's Host header and target.  Pure.  E_BAD: a Host that is no name or
 * address, or a target that does not begin with a slash. */
MUST_USE enum err plain_location(struct str host, struct str target, uint16_t https_port,
				 struct buf *out);

#endif
