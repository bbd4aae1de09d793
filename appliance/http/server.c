#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "http/guard.h"
#include "http/plain.h"
#include "http/request_int.h"
#include "http/server.h"
#include "http/tlspipe.h"

struct http_server {
	struct http_cfg cfg;
	struct http_app app[HTTP_APPS_MAX]; /* cfg.n_apps of them */
	struct MHD_Daemon *mhd;
	int mhd_fd; /* libmicrohttpd's own epoll, nested in ours */
	struct timer mhd_timer;
	pthread_t thread;
	struct list pipes;   /* tlspipe */
	struct list working; /* http_req in REQ_WORKING */
	bool draining;
	void (*drained)(void *arg);
	void *drained_arg;
	struct timer drain_timer;
	atomic_uint_fast64_t connections, requests, errors_4xx, errors_5xx, timed_out;
	struct log_rate refused_rate;
	size_t n_plain; /* connections without TLS */
};

/* A connection on its way from a door to the web thread. */
struct adoption {
	struct job job;
	struct http_server *s;
	struct stream *stream;
	struct addr peer;
	size_t len;
	char first[];
};

bool http_server_is_own_thread(const struct http_server *s)
{
	return pthread_equal(pthread_self(), s->thread);
}

struct queue *http_server_queue(const struct http_server *s)
{
	return loop_queue(s->cfg.loop);
}

/* ---- the life of a request ---- */

static void req_free(struct http_req *rq)
{
	timer_stop(loop_heap(rq->s->cfg.loop), &rq->deadline);
	if (rq->ctx_free != NULL)
		rq->ctx_free(rq->ctx);
	if (rq->response != NULL)
		MHD_destroy_response(rq->response);
	if (rq->body.p != NULL)
		mem_wipe(rq->body.p, rq->body.cap); /* passwords travel in bodies */
	buf_fini(&rq->body);
	arena_fini(&rq->arena);
	free(rq);
}

static void on_deadline(struct timer *t, void *arg);

/* libmicrohttpd has the request line: the request begins. */
static void *on_target(void *cls, const char *uri, struct MHD_Connection *conn)
{
	struct http_req *rq = xcalloc(1, sizeof(*rq));

	rq->s = cls;
	rq->conn = conn;
	arena_init(&rq->arena, HTTP_ARENA_MAX);
	buf_init(&rq->body, HTTP_BODY_LARGE);
	timer_init(&rq->deadline, on_deadline, rq);
	if (arena_dup(&rq->arena, str_of(uri), &rq->raw_target) != E_OK)
		rq->raw_target = STR_NULL;
	return rq;
}

static void on_completed(void *cls, struct MHD_Connection *conn, void **req_cls,
			 enum MHD_RequestTerminationCode why)
{
	struct http_req *rq = *req_cls;

	(void)cls;
	(void)conn;
	(void)why;
	if (rq == NULL)
		return;
	*req_cls = NULL;
	rq->completed = true;
	if (rq->state != REQ_WORKING)
		req_free(rq);
}

static void refuse(struct http_req *rq, unsigned status, const char *message)
{
	if (rq->refuse == 0) {
		rq->refuse = status;
		rq->refuse_message = message;
	}
}

static void drained_if_idle(struct http_server *s)
{
	if (s->draining && s->drained != NULL && list_is_empty(&s->working)) {
		/* A moment for the last answers to reach their clients. */
		timer_start(loop_heap(s->cfg.loop), &s->drain_timer, clk_ms() + 50);
	}
}

/* Lets libmicrohttpd ask again, now that there is a response. */
static void wake(struct http_req *rq)
{
	if (rq->suspended && !rq->completed) {
		rq->suspended = false;
		MHD_resume_connection(rq->conn);
	}
}

void http_server_on_reply(struct http_req *rq)
{
	struct http_server *s = rq->s;

	assert(rq->state == REQ_WORKING);
	list_del(&rq->node);
	rq->state = REQ_REPLIED;
	timer_stop(loop_heap(s->cfg.loop), &rq->deadline);
	if (rq->timed_out || rq->completed) { /* too late: the client has its 503 */
		MHD_destroy_response(rq->answer);
	} else {
		rq->response = rq->answer;
		rq->status = rq->answer_status;
	}
	rq->answer = NULL;
	if (rq->completed)
		req_free(rq);
	else
		wake(rq);
	drained_if_idle(s);
}

static void time_out(struct http_req *rq)
{
	static const char body[] = "{\"error\":{\"code\":\"timeout\",\"message\":\"The server did "
				   "not answer in time.\"}}\n";

	rq->timed_out = true;
	atomic_fetch_add(&rq->s->timed_out, 1);
	log_warn("http", "no answer in time path=%.*s", STR_ARG(rq->target.path));
	rq->response = MHD_create_response_from_buffer_static(sizeof(body) - 1, body);
	if (rq->response == NULL)
		abort();
	http_guard_headers(rq->response);
	(void)MHD_add_response_header(rq->response, "Content-Type", "application/json");
	(void)MHD_add_response_header(rq->response, "Retry-After", "10");
	rq->status = 503;
	wake(rq);
}

static void on_deadline(struct timer *t, void *arg)
{
	(void)t;
	time_out(arg);
}

/* ---- head, body, handler ---- */

/* libmicrohttpd answers each question in the same place: one at a time. */
static void set_peer(struct http_req *rq)
{
	const union MHD_ConnectionInfo *ci = MHD_get_connection_info(
		rq->conn, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	rq->is_plain = ci != NULL && ci->socket_context != NULL;
	ci = MHD_get_connection_info(rq->conn, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	if (ci == NULL || ci->client_addr == NULL)
		return;
	/* Only http_server_add_local gives libmicrohttpd an address of this family. */
	rq->local = ci->client_addr->sa_family == AF_UNIX;
	addr_from(ci->client_addr, sizeof(struct sockaddr_storage), &rq->peer);
}

static bool has_credentials(const struct http_req *rq)
{
	return rq->local || http_req_header(rq, "Authorization").p != NULL ||
	       http_req_cookie(rq, HTTP_SESSION_COOKIE).p != NULL;
}

static void authorise(struct http_req *rq)
{
	enum err e;

	if (rq->app->authenticate == NULL ||
	    (rq->route->auth == HTTP_PUBLIC && !has_credentials(rq)))
		e = rq->route->auth == HTTP_PUBLIC ? E_OK : E_DENIED;
	else
		e = rq->app->authenticate(rq->app->arg, rq, rq->route->auth);
	if (e == E_AUTH)
		refuse(rq, 401, "Sign in first.");
	else if (e != E_OK)
		refuse(rq, 403, "Not allowed.");
}

static bool is_safe(struct str method)
{
	return str_eq(method, STR("GET")) || str_eq(method, STR("HEAD"));
}

static void check_origin(struct http_req *rq)
{
	struct http_origin o = { .origin = http_req_header(rq, "Origin"),
				 .sec_fetch_site = http_req_header(rq, "Sec-Fetch-Site"),
				 .host = http_req_header(rq, "Host") };

	if (!rq->local && !rq->app->is_for_programs && !is_safe(rq->method) &&
	    !http_origin_is_ours(&o)) {
		log_warn("http", "request from another site refused path=%.*s origin=%.*s",
			 STR_ARG(rq->target.path), STR_ARG(o.origin));
		refuse(rq, 403, "This request came from another site.");
	}
}

static void check_length(struct http_req *rq)
{
	struct str length = http_req_header(rq, "Content-Length");
	size_t max = rq->route != NULL ? rq->route->body_max : 0;

	/* libmicrohttpd has checked that it is a number; what is longer than nine digits is too big. */
	if (length.p != NULL && (length.len > 9 || strtoul(length.p, NULL, 10) > max))
		refuse(rq, 413, "The request body is too big.");
	rq->body.max = max;
}

static bool is_for_host(const struct http_req *rq, const struct http_app *a)
{
	return a->host_prefix == NULL ||
	       str_istarts(http_req_header(rq, "Host"), str_of(a->host_prefix));
}

/* The application that has the path; of several the first. */
static void find_route(struct http_req *rq, bool *known_out)
{
	struct http_server *s = rq->s;

	*known_out = false;
	for (size_t i = 0; i < s->cfg.n_apps && rq->route == NULL && !*known_out; i++) {
		if (!is_for_host(rq, &s->app[i]) || (rq->is_plain && !s->app[i].is_on_plain))
			continue;
		rq->route = http_route_find(s->app[i].routes, s->app[i].n_routes, rq->method,
					    &rq->target, &rq->captures, known_out);
		if (rq->route != NULL || *known_out)
			rq->app = &s->app[i];
	}
}

/* Without TLS: the same at the HTTPS port; what would change something was sent in the open already, and is refused. */
static void send_on(struct http_req *rq)
{
	struct buf location;

	buf_init(&location, HTTP_CONN_MEMORY);
	if (!is_safe(rq->method))
		refuse(rq, 403, "Only over HTTPS.");
	else if (plain_location(http_req_header(rq, "Host"), rq->raw_target, rq->s->cfg.https_port,
				&location) != E_OK)
		refuse(rq, 400, "The request has no usable Host.");
	else
		http_req_add_header(rq, "Location", buf_str(&location));
	rq->is_redirect = rq->refuse == 0;
	buf_fini(&location);
	check_length(rq);
}

/* All that can be decided from the head, before a byte of the body is kept. */
static void on_head(struct http_req *rq, const char *method)
{
	struct http_server *s = rq->s;
	bool known = false;
	enum err e;

	rq->begun = true;
	rq->app = &s->app[0];
	atomic_fetch_add(&s->requests, 1);
	set_peer(rq);
	if (arena_dup(&rq->arena, str_of(method), &rq->method) != E_OK)
		rq->method = STR_NULL;
	e = http_target_decode(&rq->target, &rq->arena, rq->raw_target);
	if (e != E_OK) {
		rq->target.path = rq->raw_target;
		refuse(rq, e == E_TOOBIG ? 414 : 400, "The request target is malformed.");
		return;
	}
	if (s->draining)
		refuse(rq, 503, "The server is stopping.");
	find_route(rq, &known);
	if (rq->route == NULL && rq->is_plain) {
		send_on(rq);
		return;
	}
	if (rq->route == NULL) {
		struct str path = rq->target.path;

		if (is_safe(rq->method) && !known)
			rq->asset = http_asset_find(s->cfg.assets, s->cfg.n_assets,
						    str_eq(path, STR("/")) ? STR("/index.html")
									   : path);
		if (rq->asset == NULL)
			refuse(rq, known ? 405 : 404,
			       known ? "Not with this method." : "There is nothing here.");
		check_length(rq);
		return;
	}
	check_origin(rq);
	authorise(rq);
	check_length(rq);
}

void http_server_set_deadline(struct http_req *rq, int64_t ms)
{
	assert(rq->state == REQ_WORKING && http_server_is_own_thread(rq->s));
	timer_start(loop_heap(rq->s->cfg.loop), &rq->deadline, clk_ms() + ms);
}

static void work(struct http_req *rq)
{
	struct http_server *s = rq->s;

	rq->state = REQ_WORKING;
	list_push_back(&s->working, &rq->node);
	http_server_set_deadline(rq, HTTP_REPLY_MS);
	if (rq->refuse != 0)
		rq->app->error(rq, rq->refuse, rq->refuse_message);
	else if (rq->is_redirect)
		http_reply(rq, 301, NULL, STR_NULL);
	else if (rq->asset != NULL)
		http_asset_reply(rq, rq->asset);
	else
		rq->route->handler(rq, rq->app->arg);
}

/* Who is not signed in, or asks for what is not there, is every browser's business; the rest leaves a line. */
static void log_answer(struct http_req *rq)
{
	char peer[ADDR_PRINT_MAX];

	if (rq->status < 400 || rq->status == 401 || rq->status == 404)
		log_debug("http", "status=%u method=%.*s path=%.*s", rq->status,
			  LOG_PEER(rq->method), LOG_PEER(rq->target.path));
	else if (log_rate_ok(&rq->s->refused_rate, 10))
		log_info("http", "peer=%s method=%.*s path=%.*s refused=%u",
			 rq->local ? "control" : addr_print(&rq->peer, peer), LOG_PEER(rq->method),
			 LOG_PEER(rq->target.path), rq->status);
}

static enum MHD_Result send_response(struct http_req *rq)
{
	enum MHD_Result r;

	if (rq->status >= 500)
		atomic_fetch_add(&rq->s->errors_5xx, 1);
	else if (rq->status >= 400)
		atomic_fetch_add(&rq->s->errors_4xx, 1);
	log_answer(rq);
	r = MHD_queue_response(rq->conn, rq->status, rq->response);
	MHD_destroy_response(rq->response);
	rq->response = NULL;
	rq->queued = true;
	return r;
}

/* libmicrohttpd calls: once with the head, then with pieces of the body, then with no more
 * bytes, and again after each resume. */
static enum MHD_Result on_access(void *cls, struct MHD_Connection *conn, const char *url,
				 const char *method, const char *version, const char *upload,
				 size_t *upload_len, void **req_cls)
{
	struct http_req *rq = *req_cls;

	(void)cls;
	(void)conn;
	(void)url;
	(void)version;
	if (!rq->begun) {
		on_head(rq, method);
		if (rq->refuse != 413)
			return MHD_YES;
		work(rq); /* do not let the client send what will be thrown away */
		return send_response(rq);
	}
	if (*upload_len > 0) {
		if (rq->refuse == 0) {
			buf_add(&rq->body, str_n(upload, *upload_len));
			if (buf_err(&rq->body) != E_OK)
				refuse(rq, 413, "The request body is too big.");
		}
		*upload_len = 0;
		return MHD_YES;
	}
	if (rq->queued)
		return MHD_YES;
	if (rq->state == REQ_READING)
		work(rq);
	if (rq->response != NULL)
		return send_response(rq);
	if (!rq->suspended) {
		rq->suspended = true;
		MHD_suspend_connection(rq->conn);
	}
	return MHD_YES;
}

/* ---- the daemon on our loop ---- */

static void on_mhd_timer(struct timer *t, void *arg)
{
	(void)t;
	(void)arg; /* the turn this wakes ends in run_mhd */
}

static void on_mhd_event(int fd, uint32_t events, void *arg)
{
	(void)fd;
	(void)events;
	(void)arg;
}

static void run_mhd(void *arg)
{
	struct http_server *s = arg;
	int64_t wait;

	(void)MHD_run(s->mhd);
	wait = MHD_get_timeout64s(s->mhd);
	if (wait < 0)
		timer_stop(loop_heap(s->cfg.loop), &s->mhd_timer);
	else
		timer_start(loop_heap(s->cfg.loop), &s->mhd_timer, clk_ms() + wait);
}

/* TLS is ended by us, and its plain side reaches libmicrohttpd over a socketpair. */
static bool is_plain(struct MHD_Connection *conn)
{
	const union MHD_ConnectionInfo *ci = MHD_get_connection_info(
		conn, MHD_CONNECTION_INFO_CONNECTION_FD);
	int domain = AF_UNIX;
	socklen_t len = sizeof(domain);

	return ci != NULL &&
	       getsockopt(ci->connect_fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 &&
	       domain != AF_UNIX;
}

static void on_connection(void *cls, struct MHD_Connection *conn, void **socket_cls,
			  enum MHD_ConnectionNotificationCode code)
{
	struct http_server *s = cls;

	if (code == MHD_CONNECTION_NOTIFY_STARTED) {
		atomic_fetch_add(&s->connections, 1);
		*socket_cls = is_plain(conn) ? s : NULL;
		s->n_plain += *socket_cls != NULL;
	} else {
		atomic_fetch_sub(&s->connections, 1);
		s->n_plain -= *socket_cls != NULL;
	}
}

/* Targets stay as sent: http_target_decode decodes them, once and strictly. */
static size_t keep_escapes(void *cls, struct MHD_Connection *conn, char *s)
{
	(void)cls;
	(void)conn;
	return strlen(s);
}

__attribute__((format(printf, 2, 0))) static void on_mhd_log(void *cls, const char *fmt, va_list ap)
{
	struct http_server *s = cls;
	struct buf b;

	if (!log_rate_ok(&s->refused_rate, 10))
		return;
	buf_init(&b, LOG_LINE_MAX);
	buf_vaddf(&b, fmt, ap);
	log_info("http", "libmicrohttpd: %.*s", LOG_PEER(str_trim(buf_str(&b))));
	buf_fini(&b);
}

static void on_drain_timer(struct timer *t, void *arg)
{
	struct http_server *s = arg;
	void (*done)(void *) = s->drained;

	(void)t;
	s->drained = NULL;
	if (!list_is_empty(&s->working))
		log_warn("http", "stopping although a request is still worked on");
	if (done != NULL)
		done(s->drained_arg);
}

enum err http_server_new(const struct http_cfg *cfg, struct http_server **out)
{
	const unsigned flags = MHD_USE_NO_LISTEN_SOCKET | MHD_USE_EPOLL | MHD_USE_ITC |
			       MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	struct http_server *s = xcalloc(1, sizeof(*s));

	assert(cfg->n_apps > 0 && cfg->n_apps <= HTTP_APPS_MAX);
	s->cfg = *cfg;
	for (size_t i = 0; i < cfg->n_apps; i++)
		s->app[i] = cfg->apps[i];
	s->thread = pthread_self();
	list_init(&s->pipes);
	list_init(&s->working);
	timer_init(&s->mhd_timer, on_mhd_timer, s);
	timer_init(&s->drain_timer, on_drain_timer, s);
	s->mhd = MHD_start_daemon(flags, 0, NULL, NULL, on_access, s, MHD_OPTION_EXTERNAL_LOGGER,
				  on_mhd_log, s, MHD_OPTION_URI_LOG_CALLBACK, on_target, s,
				  MHD_OPTION_NOTIFY_COMPLETED, on_completed, s,
				  MHD_OPTION_NOTIFY_CONNECTION, on_connection, s,
				  MHD_OPTION_UNESCAPE_CALLBACK, keep_escapes, s,
				  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(HTTP_IDLE_MS / 1000),
				  MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)HTTP_CONN_MEMORY,
				  MHD_OPTION_CONNECTION_LIMIT, (unsigned)(2 * HTTP_CONNS_MAX),
				  MHD_OPTION_CLIENT_DISCIPLINE_LVL, 1, MHD_OPTION_END);
	if (s->mhd == NULL) {
		log_error("http", "libmicrohttpd does not start: %s", strerror(errno));
		free(s);
		return E_IO;
	}
	s->mhd_fd = MHD_get_daemon_info(s->mhd, MHD_DAEMON_INFO_EPOLL_FD)->epoll_fd;
	if (loop_add_fd(cfg->loop, s->mhd_fd, EPOLLIN, on_mhd_event, s) != E_OK) {
		MHD_stop_daemon(s->mhd);
		free(s);
		return E_IO;
	}
	loop_on_turn_end(cfg->loop, run_mhd, s);
	*out = s;
	return E_OK;
}

/* A socketpair, one end given to libmicrohttpd with the peer's address; the other end or -1. */
static int pair_with_daemon(struct http_server *s, const struct addr *peer)
{
	struct sockaddr_storage none = { .ss_family = AF_UNSPEC };
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fd) != 0) {
		log_warn("http", "connection dropped: %s", strerror(errno));
		return -1;
	}
	/* The daemon owns its end from here on, also when it refuses. */
	if (MHD_add_connection(s->mhd, fd[0], peer->len > 0 ? &peer->sa : (struct sockaddr *)&none,
			       peer->len > 0 ? peer->len : (socklen_t)sizeof(none)) != MHD_YES) {
		close(fd[1]);
		return -1;
	}
	return fd[1];
}

static void adopt(struct job *j)
{
	struct adoption *a = CONTAINER_OF(j, struct adoption, job);
	struct http_server *s = a->s;
	size_t n = 0;
	int fd = -1;

	LIST_EACH (&s->pipes, p)
		n++;
	if (n >= HTTP_CONNS_MAX) {
		log_warn("http", "connections=%zu at the cap: the oldest goes", n);
		tlspipe_close_oldest(&s->pipes);
	}
	if (!s->draining)
		fd = pair_with_daemon(s, &a->peer);
	if (fd >= 0)
		tlspipe_start(s->cfg.loop, &s->pipes, a->stream, fd, str_n(a->first, a->len));
	else
		stream_free(&a->stream);
	free(a);
}

void http_server_on_web(void *server, const struct door_web *w)
{
	struct http_server *s = server;
	size_t len = w->first.len < HTTP_PIPE_BUF ? w->first.len : HTTP_PIPE_BUF;
	struct adoption *a = xcalloc(1, sizeof(*a) + len);

	assert(len ==
	       w->first.len); /* a door reads less than one pipe buffer before it hands over */
	a->s = s;
	a->stream = w->stream;
	a->peer = w->peer;
	a->len = len;
	memcpy(a->first, w->first.p, len);
	a->job.fn = adopt;
	queue_push(http_server_queue(s), &a->job);
}

void http_server_add_local(struct http_server *s, int fd)
{
	struct sockaddr_un un = { .sun_family = AF_UNIX };

	if (MHD_add_connection(s->mhd, fd, (struct sockaddr *)&un, sizeof(un)) != MHD_YES)
		log_warn("http", "control connection refused: too many");
}

void http_server_add_plain(struct http_server *s, int fd, const struct addr *peer)
{
	if (s->draining || s->n_plain >= HTTP_PLAIN_MAX)
		close(fd);
	else if (MHD_add_connection(s->mhd, fd, &peer->sa, peer->len) != MHD_YES)
		log_warn("http", "connection without TLS dropped");
}

void http_server_drain(struct http_server *s, void (*done)(void *arg), void *arg)
{
	s->draining = true;
	s->drained = done;
	s->drained_arg = arg;
	timer_start(loop_heap(s->cfg.loop), &s->drain_timer, clk_ms() + HTTP_DRAIN_MS);
	drained_if_idle(s);
}

void http_server_free(struct http_server **sp)
{
	struct http_server *s = *sp;

	if (s == NULL)
		return;
	LIST_EACH (&s->working,
		   n) { /* the daemon must not be stopped with a suspended connection */
		struct http_req *rq = LIST_ITEM(n, struct http_req, node);

		timer_stop(loop_heap(s->cfg.loop), &rq->deadline);
		if (!rq->timed_out)
			time_out(rq);
	}
	(void)MHD_run(s->mhd);
	loop_off_turn_end(s->cfg.loop, run_mhd, s);
	loop_del_fd(s->cfg.loop, s->mhd_fd);
	timer_stop(loop_heap(s->cfg.loop), &s->mhd_timer);
	timer_stop(loop_heap(s->cfg.loop), &s->drain_timer);
	tlspipe_close_all(&s->pipes);
	MHD_stop_daemon(s->mhd);
	free(s);
	*sp = NULL;
}

void http_stats_get(const struct http_server *s, struct http_stats *out)
{
	out->connections = atomic_load(&s->connections);
	out->requests = atomic_load(&s->requests);
	out->errors_4xx = atomic_load(&s->errors_4xx);
	out->errors_5xx = atomic_load(&s->errors_5xx);
	out->timed_out = atomic_load(&s->timed_out);
}
