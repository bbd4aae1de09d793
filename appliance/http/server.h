/* server.h: libmicrohttpd on the web thread's loop, fed through socketpairs.
 *
 * TLS ends at our own doors; a connection's plain bytes go through a pipe
 * (tlspipe) to libmicrohttpd, which neither listens nor knows TLS.  Everything
 * but http_server_on_web belongs to the web thread.  No answer within
 * HTTP_REPLY_MS: 503, and the handler's own answer is dropped when it comes. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "http/request.h"
#include "http/route.h"
#include "http/static.h"
#include "net/door.h"
#include "net/loop.h"

struct http_server; /* opaque */

/* One application behind the same port: its paths, who may use them, and how it says no.  The administration
 * is one, a dialect's web services are others; they share nothing else. */
struct http_app {
	const struct http_route *routes; /* borrowed */
	size_t n_routes;
	/* Sets the principal.  E_OK pass, E_AUTH 401, E_DENIED 403; not asked for HTTP_PUBLIC without
	 * a cookie or Authorization header.  NULL: its routes are HTTP_PUBLIC and check for themselves. */
	enum err (*authenticate)(void *arg, struct http_req *rq, enum http_auth need);
	/* Writes the body of an error the server itself answers (404, 405, 413 ...). */
	void (*error)(struct http_req *rq, unsigned status, const char *message);
	void *arg; /* of the hooks and handlers */
	/* Its clients are programs, not pages of ours: Origin is not looked at, so cookies must not count. */
	bool is_for_programs;
	/* Only for hosts whose name begins so (ASCII case ignored), as sent; NULL: for all. */
	const char *host_prefix;
	bool is_on_plain; /* also where there is no TLS: nothing of it is secret */
};

enum { HTTP_APPS_MAX = 4 };

struct http_cfg {
	struct loop *loop;
	/* copied; searched in order; the first answers for what nobody has */
	const struct http_app *apps;
	size_t n_apps;
	const struct http_asset *assets;
	size_t n_assets;
	uint16_t https_port; /* where plain connections are sent on to */
};

MUST_USE enum err http_server_new(const struct http_cfg *cfg, struct http_server **out);
/* A door's connection: struct doors_cfg.on_web, arg is the server.  Door threads. */
void http_server_on_web(void *server, const struct door_web *w);
/* A connected unix socket whose peer was found to be root or the owner; taken. */
void http_server_add_local(struct http_server *s, int fd);
/* A connection without TLS: sent on to HTTPS, but for applications that are there too; taken. */
void http_server_add_plain(struct http_server *s, int fd, const struct addr *peer);
/* Refuses new requests with 503; done runs once on the web thread when no handler works on a
 * request any more, or after HTTP_DRAIN_MS. */
void http_server_drain(struct http_server *s, void (*done)(void *arg), void *arg);
void http_server_free(struct http_server **sp);

struct http_stats {
	uint64_t connections;				      /* now */
	uint64_t requests, errors_4xx, errors_5xx, timed_out; /* ever */
};
void http_stats_get(const struct http_server *s, struct http_stats *out); /* any thread */

#endif
