/* request.h: one HTTP request, from its head to its answer.
 *
 * Made and read on the web thread.  While a handler works on it elsewhere the
 * connection is suspended and the request stands still, so its fields may be
 * read from that other thread too.  It lives until http_reply* was called,
 * also when the client left or the time-out answered first: each handler calls
 * exactly one http_reply*, from any thread, and does not touch the request
 * afterwards. */
#ifndef HTTP_REQUEST_H
#define HTTP_REQUEST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "http/route.h"
#include "net/addr.h"
#include "net/queue.h"

struct http_req;

enum http_principal_kind { HTTP_NOBODY, HTTP_BY_SESSION, HTTP_BY_KEY, HTTP_BY_SOCKET };

/* Who asks; set by the server's authenticate hook before the handler runs. */
struct http_principal {
	enum http_principal_kind kind;
	int64_t id;	  /* admin id or API key id */
	struct str name;  /* in the request's arena */
	bool may_change;  /* false: a read-only API key */
	struct str token; /* the session token as sent; in the request */
};

struct str http_req_method(const struct http_req *rq);
struct str http_req_path(const struct http_req *rq); /* as sent */
struct str http_req_capture(const struct http_req *rq,
			    const char *name); /* "{name}" of the pattern */
struct str http_req_query(const struct http_req *rq, const char *name);	 /* STR_NULL: absent */
struct str http_req_header(const struct http_req *rq, const char *name); /* web thread only */
struct str http_req_cookie(const struct http_req *rq, const char *name); /* web thread only */
struct str http_req_body(const struct http_req *rq);
const struct addr *http_req_peer(const struct http_req *rq);
/* web thread only; the connection it came on, while that lives */
uint64_t http_req_conn(const struct http_req *rq);
bool http_req_is_local(const struct http_req *rq); /* came over control.sock: root or the owner */
struct http_principal *http_req_principal(struct http_req *rq);
struct arena *http_req_arena(struct http_req *rq); /* for what a handler keeps with the request */

/* A handler's own state, freed with the request. */
void http_req_set_ctx(struct http_req *rq, void *ctx, void (*free_fn)(void *ctx));
void *http_req_ctx(const struct http_req *rq);

/* Runs fn(rq) on the thread that owns q; the request's own job carries it, so one hop at a time. */
typedef void http_hop_fn(struct http_req *rq);
void http_req_hop(struct http_req *rq, struct queue *q, http_hop_fn *fn);

/* Web thread, in the handler: this one may take longer than HTTP_REPLY_MS. */
void http_req_allow_ms(struct http_req *rq, int64_t ms);

/* Before the reply: "Name: value" for the answer; both are copied. */
void http_req_add_header(struct http_req *rq, const char *name, struct str value);

/* body is copied; type is static. */
void http_reply(struct http_req *rq, unsigned status, const char *type, struct str body);
/* body is malloc()ed and taken. */
void http_reply_take(struct http_req *rq, unsigned status, const char *type, char *body,
		     size_t len);
/* body is static (assets): neither copied nor freed. */
void http_reply_static(struct http_req *rq, unsigned status, const char *type, struct str body);
/* fd is taken; size bytes from its start are sent. */
void http_reply_fd(struct http_req *rq, unsigned status, const char *type, int fd, uint64_t size);

#endif
