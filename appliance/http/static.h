/* static.h: files of the browser side, embedded in the binary; ETag and gzip.
 *
 * The table is generated (webadmin/embed/embed.c), sorted by path.  Web thread. */
#ifndef HTTP_STATIC_H
#define HTTP_STATIC_H

#include <stddef.h>

#include "base/str.h"
#include "http/request.h"

struct http_asset {
	const char *path; /* "/app.js" */
	const char *type; /* Content-Type */
	const char *etag; /* quoted, first 16 bytes of the SHA-256 in hex */
	const unsigned char *body;
	size_t len;
	const unsigned char *gz; /* NULL when gzip does not make it smaller */
	size_t gz_len;
};

const struct http_asset *http_asset_find(const struct http_asset *table, size_t n, struct str path);
void http_asset_reply(struct http_req *rq, const struct http_asset *a); /* 200 or 304 */

#endif
