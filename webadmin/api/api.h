/* api.h: what every handler of /api/v1 knows: the rooms below and the threads they live on.
 *
 * Filled by app/server.c before the web thread starts.  Handlers run on the web
 * thread; what is marked "switch" is touched in a hop to the switch only. */
#ifndef API_API_H
#define API_API_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/heap.h"
#include "base/str.h"
#include "crypto/token.h"
#include "http/request.h"
#include "net/queue.h"

struct admins;
struct api_settings;
struct api_jobs;
struct directory;
struct immcu;
struct presence;
struct registrar;
struct sessions;
struct store;
struct throttle;
struct worker_pool;

/* What only the room above can do. */
struct api_hooks {
	/* Switch: the first set-up is on disk; SIP may start. */
	void (*on_setup)(void *arg, struct str domain, struct str host);
	/* Switch: doors take this certificate from now on. */
	enum err (*use_certificate)(void *arg, struct str cert_pem, struct str key_pem);
	/* Switch: these settings hold from now on. */
	void (*apply_settings)(void *arg, const struct api_settings *s);
	/* Switch: signs one endpoint out.  E_NOTFOUND. */
	enum err (*end_endpoint)(void *arg, uint64_t endpoint);
	/* Switch: what a connection is: address and TLS version into o. */
	void (*describe_conn)(void *arg, uint64_t conn, json_t *o);
	/* Any thread: reasons why the server is degraded, as an array of texts; *fatal_out: it cannot do its
	 * main job, keeping texts. */
	json_t *(*reasons)(void *arg, bool *fatal_out);
	/* Switch: everything countable, in Prometheus' text format. */
	void (*metrics)(void *arg, struct buf *out);
	/* Any thread: when the certificate in use ends; 0: there is none. */
	int64_t (*cert_not_after_ms)(void *arg);
	void *arg;
};

struct api {
	struct queue *sw, *web;
	struct store *store;
	struct worker_pool *workers;
	struct throttle *throttle;
	const char *data_dir;
	struct api_hooks hooks;

	/* switch */
	struct directory *directory;
	struct registrar *registrar;
	struct immcu *immcu;
	struct presence *presence;
	struct str sip_domain; /* owned copy for the switch; STR_NULL before the first set-up */

	/* web */
	struct admins *admins;
	struct sessions *sessions;
	struct api_jobs *jobs;
	struct str domain, host;     /* owned; STR_NULL before the first set-up */
	char setup_token[TOKEN_CAP]; /* of the one-time link; "" once used */
	bool setting_up;
	struct heap *heap;  /* of the web loop */
	int64_t started_ms; /* wall clock */
	uint16_t sip_port;  /* where clients sign in */
	char *base_url;	    /* owned; "https://host:port" for links */
};

/* Of struct http_cfg; arg is the api. */
extern const struct http_route api_routes[];
extern const size_t api_routes_count;
enum err api_authenticate(void *arg, struct http_req *rq, enum http_auth need);
void api_on_error(struct http_req *rq, unsigned status, const char *message);

/* Boot, before the web thread: loads administrators, sessions and keys; without a domain a set-up token is made.
 * Everything marked above but what it loads has been filled in. */
MUST_USE enum err api_open(struct api *a);
void api_close(struct api *a); /* after web thread, store and workers have ended */

#endif
