/* server_web.c: the web thread, and what its handlers ask of the rest of the server. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/plain.h"
#include "net/thread.h"
#include "webadmin/embed/assets.h"

#include "app/datadir.h"
#include "app/server_int.h"
#include "app/server_rooms.h"

enum { HOSTNAME_CAP = 254 };

/* ---- hooks of the API ---- */

static void on_setup(void *arg, struct str domain, struct str host)
{
	struct server *s = arg;

	directory_set_domain(s->directory, domain);
	server_sip_set_names(s, domain, host);
	s->is_set_up = true;
}

static enum err use_certificate(void *arg, struct str cert_pem, struct str key_pem)
{
	return server_cert_use(arg, cert_pem, key_pem);
}

static void apply_settings(void *arg, const struct api_settings *set)
{
	server_sip_apply_settings(arg, set);
}

static enum err end_endpoint(void *arg, uint64_t endpoint)
{
	struct server *s = arg;

	return registrar_end_endpoint(s->registrar, endpoint, END_BY_ADMIN);
}

static void describe_conn(void *arg, uint64_t conn, json_t *o)
{
	struct server *s = arg;
	const struct conn_info *i = hub_info(s->hub, conn);
	char text[ADDR_PRINT_MAX];

	if (i == NULL)
		return;
	json_object_set_new(o, "address", json_string(addr_print(&i->peer, text)));
	json_object_set_new(o, "tls", json_string(i->tls_version));
}

static json_t *reasons(void *arg, bool *fatal_out)
{
	return server_reasons(arg, fatal_out);
}

static void metrics(void *arg, struct buf *out)
{
	server_metrics_write(arg, out);
}

static int64_t cert_not_after_ms(void *arg)
{
	struct server *s = arg;

	return s->cert_not_after_ms;
}

/* ---- life ---- */

static char *base_url(const struct server *s, struct str host)
{
	char name[HOSTNAME_CAP] = "localhost";

	if (host.len == 0 && gethostname(name, sizeof(name) - 1) == 0)
		host = str_of(name);
	if (host.len == 0)
		host = STR("localhost");
	if (s->web_port == 0 || s->web_port == 443)
		return xasprintf("https://%.*s", STR_ARG(host));
	return xasprintf("https://%.*s:%u", STR_ARG(host), (unsigned)s->web_port);
}

enum err server_web_boot(struct server *s, struct str domain, struct str host)
{
	struct api *a = &s->api;

	*a = (struct api){
		.sw = loop_queue(s->sw),
		.web = loop_queue(s->web_loop),
		.heap = loop_heap(s->web_loop),
		.store = s->store,
		.workers = s->workers,
		.throttle = s->throttle,
		.data_dir = s->cfg->data,
		.hooks = { .on_setup = on_setup,
			   .use_certificate = use_certificate,
			   .apply_settings = apply_settings,
			   .end_endpoint = end_endpoint,
			   .describe_conn = describe_conn,
			   .reasons = reasons,
			   .metrics = metrics,
			   .cert_not_after_ms = cert_not_after_ms,
			   .arg = s },
		.directory = s->directory,
		.registrar = s->registrar,
		.immcu = s->immcu,
		.presence = s->presence,
		.started_ms = s->started_ms,
		.sip_port = s->sip_port,
	};
	if (domain.len > 0) {
		a->domain = str_dup(domain);
		a->host = str_dup(host.len > 0 ? host : domain);
		a->sip_domain = str_dup(domain);
	}
	a->base_url = base_url(s, a->host);
	return api_open(a);
}

static enum err open_plain(struct server *s)
{
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < s->n_plain_fds; i++) {
		e = plain_new(s->web_loop, s->http, s->plain_fd[i], &s->plain[i]);
		s->plain_fd[i] = -1;
	}
	return e;
}

static void close_plain(struct server *s)
{
	for (size_t i = 0; i < CONFIG_ADDRS_MAX; i++)
		plain_free(&s->plain[i]);
}

static enum err web_open(struct server *s)
{
	struct http_app apps[HTTP_APPS_MAX] = { {
		.routes = api_routes,
		.n_routes = api_routes_count,
		.authenticate = api_authenticate,
		.error = api_on_error,
		.arg = &s->api,
	} };
	const struct http_cfg cfg = {
		.loop = s->web_loop,
		.apps = apps,
		.n_apps = 1 + server_rooms_web(s, apps + 1, HTTP_APPS_MAX - 1),
		.assets = assets,
		.n_assets = assets_count,
		.https_port = s->web_port,
	};
	enum err e = http_server_new(&cfg, &s->http);
	char *path;

	if (e != E_OK || !s->cfg->listen)
		return e;
	e = open_plain(s);
	if (e != E_OK)
		return e;
	path = datadir_path(s->cfg->data, DATADIR_SOCKET);
	e = control_new(s->web_loop, s->http, path, &s->control);
	free(path);
	return e;
}

static void *web_main(void *arg)
{
	struct server *s = arg;

	s->web_err = web_open(s);
	sem_post(&s->web_ready);
	if (s->web_err == E_OK) {
		loop_run(s->web_loop);
		/* What the workers called off at the stop still has its answer to give. */
		while (queue_run(loop_queue(s->web_loop), SIZE_MAX) > 0)
			;
	}
	control_free(&s->control);
	close_plain(s);
	http_server_free(&s->http);
	return NULL;
}

enum err server_web_start(struct server *s)
{
	enum err e = thread_start(&s->web_thread, "web", THREAD_NICE_NONE, web_main, s);

	if (e != E_OK)
		return e;
	s->is_web_running = true;
	while (sem_wait(&s->web_ready) != 0 && errno == EINTR)
		;
	return s->web_err;
}

/* Web thread. */
static void on_drained(void *arg)
{
	struct server *s = arg;

	queue_push(loop_queue(s->sw), s->drain_then);
}

static void drain(struct job *j)
{
	struct server *s = CONTAINER_OF(j, struct server, web_job);

	close_plain(s);
	control_free(&s->control); /* commands from now on find the server stopped */
	http_server_drain(s->http, on_drained, s);
}

void server_web_drain(struct server *s, struct job *then)
{
	s->drain_then = then;
	s->web_job.fn = drain;
	queue_push(loop_queue(s->web_loop), &s->web_job);
}

void server_web_stop(struct server *s)
{
	if (!s->is_web_running)
		return;
	loop_stop(s->web_loop);
	pthread_join(s->web_thread, NULL);
	s->is_web_running = false;
}

void server_web_free(struct server *s)
{
	api_close(&s->api);
	free(s->api.base_url);
	s->api.base_url = NULL;
}

/* ---- a command's own connection ---- */

struct local {
	struct job job;
	struct server *server;
	int fd;
};

static void add_local(struct job *j)
{
	struct local *l = CONTAINER_OF(j, struct local, job);

	http_server_add_local(l->server->http, l->fd);
	free(l);
}

enum err server_local_fd(struct server *s, int *fd_out)
{
	struct local *l;
	int fd[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fd) != 0) {
		log_error("boot", "socketpair: %s", strerror(errno));
		return E_IO;
	}
	if (fcntl(fd[0], F_SETFL, O_NONBLOCK) != 0) {
		close(fd[0]);
		close(fd[1]);
		return E_IO;
	}
	l = xcalloc(1, sizeof(*l));
	*l = (struct local){ .job = { .fn = add_local }, .server = s, .fd = fd[0] };
	queue_push(loop_queue(s->web_loop), &l->job);
	*fd_out = fd[1];
	return E_OK;
}
