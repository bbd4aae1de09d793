/* httpc.h: a small HTTP/1.1 client for control.sock: blocking, one request at a time, keep-alive.
 *
 * The server is our own, so answers carry Content-Length; anything else is E_BAD. */
#ifndef APP_HTTPC_H
#define APP_HTTPC_H

#include "base/err.h"
#include "base/str.h"

struct httpc_answer {
	int status;
	char *body; /* owned, NUL-terminated beyond len; NULL when it went to a file */
	size_t len;
};

struct httpc_request {
	struct str method, path;
	struct str type, body; /* may be empty */
	int to_fd; /* -1, or where the body of a 200 goes (downloads are larger than memory) */
};

MUST_USE enum err httpc_call(int fd, const struct httpc_request *rq, struct httpc_answer *out);

#endif
