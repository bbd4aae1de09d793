/* request_int.h: what server.c and request.c share about a request; inside http/ only. */
#ifndef HTTP_REQUEST_INT_H
#define HTTP_REQUEST_INT_H

#include <microhttpd.h>
#include <stdatomic.h>

#include "base/buf.h"
#include "base/heap.h"
#include "base/list.h"
#include "http/request.h"
#include "http/server.h"

enum { HTTP_REQ_HEADERS_MAX = 8 };

enum req_state {
	REQ_READING, /* head and body come in */
	REQ_WORKING, /* a handler has it */
	REQ_REPLIED, /* the handler is through */
};

/* Invariants:
 * 1. The request is in server.working exactly while state == REQ_WORKING.
 * 2. It is freed when libmicrohttpd is through with it and state != REQ_WORKING.
 * 3. conn is suspended from the handler's return until response is set. */
struct http_app;

struct http_req {
	struct list node;
	struct http_server *s;
	struct MHD_Connection *conn;
	enum req_state state;
	bool begun; /* the head has been looked at */
	bool suspended;
	bool timed_out;	 /* the server answered in the handler's place */
	bool completed;	 /* libmicrohttpd is through with it */
	bool queued;	 /* the response was given to libmicrohttpd */
	unsigned refuse; /* status decided from the head alone, or 0 */
	const char *refuse_message;
	struct str raw_target; /* in the arena */
	struct str method;
	struct arena arena;
	struct http_target target;
	struct http_captures captures;
	const struct http_app *app; /* whose path it is */
	const struct http_route *route;
	const struct http_asset *asset;
	struct http_principal principal;
	struct addr peer;
	bool local;
	bool is_plain;	  /* no TLS */
	bool is_redirect; /* Location is set */
	struct buf body;
	struct job job;
	http_hop_fn *hop;
	struct timer deadline;
	void *ctx;
	void (*ctx_free)(void *ctx);
	struct {
		const char *name;
		struct str value;
	} header[HTTP_REQ_HEADERS_MAX];
	size_t n_headers;
	struct MHD_Response
		*answer; /* the handler's; written by its thread, taken by the web thread */
	unsigned answer_status;
	struct MHD_Response *response; /* what goes out; owned until libmicrohttpd has it */
	unsigned status;
};

/* Web thread: the handler's answer arrived. */
void http_server_on_reply(struct http_req *rq);
void http_server_set_deadline(struct http_req *rq, int64_t ms);
bool http_server_is_own_thread(const struct http_server *s);
struct queue *http_server_queue(const struct http_server *s);

#endif
