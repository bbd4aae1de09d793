/* reply.h: answers of the API: JSON, and errors as {"error":{"code","message","field"}}.
 *
 * Any thread, like http_reply. */
#ifndef API_REPLY_H
#define API_REPLY_H

#include <jansson.h>

#include "base/err.h"
#include "base/str.h"
#include "http/request.h"

void api_reply(struct http_req *rq, unsigned status, json_t *j /* taken */);
void api_reply_empty(struct http_req *rq); /* 204 */
/* field may be NULL. */
void api_error(struct http_req *rq, unsigned status, const char *code, const char *message,
	       const char *field);
/* The one map from enum err to HTTP.  what: the thing that was asked for, as "user". */
void api_fail(struct http_req *rq, enum err e, const char *what);

json_t *api_str(struct str s); /* null for STR_NULL; what is not UTF-8 becomes "?" */
/* Sets key to the text, or to null when it is empty. */
void api_set_str(json_t *o, const char *key, struct str s);
void api_set_int(json_t *o, const char *key, int64_t n);

#endif
