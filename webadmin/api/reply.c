#include <stdlib.h>

#include "base/buf.h"

#include "webadmin/api/reply.h"

enum { MESSAGE_MAX = 256 };

void api_reply(struct http_req *rq, unsigned status, json_t *j)
{
	size_t len = json_dumpb(j, NULL, 0, JSON_COMPACT | JSON_ENCODE_ANY);
	char *text = malloc(len + 1);

	if (text == NULL || json_dumpb(j, text, len, JSON_COMPACT | JSON_ENCODE_ANY) != len)
		abort();
	json_decref(j);
	text[len++] = '\n';
	http_req_add_header(rq, "Cache-Control", STR("no-store"));
	http_reply_take(rq, status, "application/json", text, len);
}

void api_reply_empty(struct http_req *rq)
{
	http_req_add_header(rq, "Cache-Control", STR("no-store"));
	http_reply_static(rq, 204, NULL, STR(""));
}

void api_error(struct http_req *rq, unsigned status, const char *code, const char *message,
	       const char *field)
{
	json_t *e = json_pack("{s:s,s:s}", "code", code, "message", message);

	if (field != NULL)
		json_object_set_new(e, "field", json_string(field));
	if (status == 401)
		http_req_add_header(rq, "WWW-Authenticate", STR("Bearer"));
	if (status == 503 || status == 429)
		http_req_add_header(rq, "Retry-After", STR("10"));
	api_reply(rq, status, json_pack("{s:o}", "error", e));
}

static void fail_about(struct http_req *rq, unsigned status, const char *code, const char *what,
		       const char *claim)
{
	struct buf b;

	buf_init(&b, MESSAGE_MAX);
	buf_addf(&b, "%s %s", what, claim);
	buf_addc(&b, '\0');
	api_error(rq, status, code, buf_err(&b) == E_OK ? b.p : claim, NULL);
	buf_fini(&b);
}

void api_fail(struct http_req *rq, enum err e, const char *what)
{
	switch (e) {
	case E_NOTFOUND:
	case E_GONE:
		fail_about(rq, 404, "not_found", what, "does not exist");
		break;
	case E_EXISTS:
		fail_about(rq, 409, "exists", what, "exists already");
		break;
	case E_BAD:
	case E_UNSUPPORTED:
		fail_about(rq, 400, "invalid", what, "is not valid");
		break;
	case E_TOOBIG:
		fail_about(rq, 413, "too_big", what, "is too big");
		break;
	case E_AUTH:
		fail_about(rq, 401, "unauthorized", what, "was not accepted");
		break;
	case E_DENIED:
		fail_about(rq, 403, "forbidden", what, "is not allowed");
		break;
	case E_STALE:
		fail_about(rq, 409, "conflict", what, "has changed in the meantime");
		break;
	case E_FULL:
	case E_AGAIN:
	case E_TIMEOUT:
	case E_MORE:
		fail_about(rq, 503, "busy", what, "cannot be served just now");
		break;
	case E_IO:
		fail_about(rq, 503, "storage", what,
			   "could not be stored: the disk is full or failing");
		break;
	case E_OK:
	case E_NOMEM:
	case E_CLOSED:
	case E_CORRUPT:
	case E_INTERNAL:
		fail_about(rq, 500, "internal", what, "failed inside the server");
		break;
	}
}

json_t *api_str(struct str s)
{
	if (s.p == NULL)
		return json_null();
	if (!str_is_utf8(s))
		return json_string("?");
	return json_stringn_nocheck(s.p, s.len);
}

void api_set_str(json_t *o, const char *key, struct str s)
{
	json_object_set_new(o, key, s.len > 0 ? api_str(s) : json_null());
}

void api_set_int(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(n));
}
