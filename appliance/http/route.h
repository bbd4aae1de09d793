/* route.h: the route table decides, nothing else: who may call, with how much body.
 *
 * A pattern is literal segments and "{name}" captures: "/api/v1/users/{name}".
 * Tables are static and searched in order; pure. */
#ifndef HTTP_ROUTE_H
#define HTTP_ROUTE_H

#include <stdbool.h>

#include "base/str.h"
#include "http/target.h"

struct http_req;
typedef void http_handler_fn(struct http_req *rq, void *arg);

enum http_auth {
	HTTP_PUBLIC,  /* anyone; a change still has to come from our own pages */
	HTTP_READ,    /* an administrator or any API key */
	HTTP_ADMIN,   /* an administrator, or an API key that may change things */
	HTTP_SESSION, /* an administrator in a browser session or on control.sock: no API key */
	HTTP_LOCAL,   /* control.sock only */
};

struct http_route {
	const char *method;
	const char *pattern;
	http_handler_fn *handler;
	enum http_auth auth;
	size_t body_max;
};

enum { HTTP_CAPTURES_MAX = 4 };

struct http_captures {
	struct http_param v[HTTP_CAPTURES_MAX];
	size_t n;
};

/* True when the path fits; the method is not looked at. */
bool http_route_match(const struct http_route *r, const struct http_target *t,
		      struct http_captures *out);

/* The route for method and target, or NULL; then *known_path_out tells 405 from 404.
 * HEAD finds the route of GET. */
const struct http_route *http_route_find(const struct http_route *table, size_t n,
					 struct str method, const struct http_target *t,
					 struct http_captures *out, bool *known_path_out);

#endif
