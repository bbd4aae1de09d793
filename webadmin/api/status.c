/* status.c: /status, /healthz and /metrics: how the server is, for a page, a monitor and a time series. */
#include "base/mem.h"
#include "immcu/immcu.h"
#include "registrar/registrar.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"

enum { METRICS_MAX = 256 * 1024 };

struct status_call {
	struct api_call call;
	size_t users;
	struct registrar_stats registrar;
	struct immcu_stats immcu;
};

static json_t *store_json(struct store *store)
{
	struct store_stats st;
	json_t *j = json_object();

	store_stats(store, &st);
	api_set_int(j, "file_bytes", st.file_bytes);
	api_set_int(j, "wal_bytes", st.wal_bytes);
	json_object_set_new(j, "checkpoint_ms",
			    st.checkpoint_wall_ms != 0 ? json_integer(st.checkpoint_wall_ms)
						       : json_null());
	json_object_set_new(j, "copies_complete_to_ms",
			    st.dirty_since_ms != 0 ? json_integer(st.dirty_since_ms) : json_null());
	json_object_set_new(j, "disk_full", json_boolean(st.is_disk_full));
	json_object_set_new(j, "plain_copies_safe", json_boolean(st.has_leases));
	return j;
}

/* Web thread again: domain and host are its. */
static void reply(struct api_call *c)
{
	struct status_call *s = CONTAINER_OF(c, struct status_call, call);
	struct api *a = c->api;
	bool fatal;
	json_t *j = json_object(), *reasons = a->hooks.reasons(a->hooks.arg, &fatal);
	int64_t not_after = a->hooks.cert_not_after_ms(a->hooks.arg);

	json_object_set_new(j, "version", json_string(PORCHLIGHT_VERSION));
	api_set_str(j, "domain", a->domain);
	api_set_str(j, "host", a->host);
	api_set_int(j, "sip_port", a->sip_port);
	api_set_int(j, "started_ms", a->started_ms);
	json_object_set_new(j, "healthy", json_boolean(json_array_size(reasons) == 0));
	json_object_set_new(j, "reasons", reasons);
	api_set_int(j, "users", (int64_t)s->users);
	api_set_int(j, "users_signed_in", (int64_t)s->registrar.accounts);
	api_set_int(j, "endpoints", (int64_t)s->registrar.endpoints);
	api_set_int(j, "conversations", (int64_t)s->immcu.conversations);
	api_set_int(j, "messages", (int64_t)s->immcu.texts_in);
	api_set_int(j, "messages_waiting", (int64_t)s->immcu.waiting);
	json_object_set_new(j, "certificate_not_after_ms",
			    not_after != 0 ? json_integer(not_after) : json_null());
	json_object_set_new(j, "database", store_json(a->store));
	api_reply(c->rq, 200, j);
}

static void gather(struct api_call *c)
{
	struct status_call *s = CONTAINER_OF(c, struct status_call, call);

	s->users = directory_count(c->api->directory);
	registrar_stats_get(c->api->registrar, &s->registrar);
	immcu_stats_get(c->api->immcu, &s->immcu);
	api_web(c, reply);
}

void api_status_get(struct http_req *rq, void *arg)
{
	struct status_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL)
		api_switch(&s->call, gather);
}

/* 503 only for what a load balancer or pager must act on; everything else is a reason beside 200. */
void api_healthz(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	bool fatal;
	json_t *reasons = a->hooks.reasons(a->hooks.arg, &fatal);
	const char *status = fatal ? "failing" : json_array_size(reasons) > 0 ? "degraded" : "ok";

	if (fatal)
		http_req_add_header(rq, "Retry-After", STR("10"));
	api_reply(rq, fatal ? 503 : 200,
		  json_pack("{s:s,s:o}", "status", status, "reasons", reasons));
}

static void write_metrics(struct api_call *c)
{
	struct buf b;

	buf_init(&b, METRICS_MAX);
	c->api->hooks.metrics(c->api->hooks.arg, &b);
	if (buf_err(&b) == E_OK)
		http_reply(c->rq, 200, "text/plain; version=0.0.4; charset=utf-8", buf_str(&b));
	else
		api_fail(c->rq, buf_err(&b), "The answer");
	buf_fini(&b);
}

void api_metrics(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL)
		api_switch(c, write_metrics);
}
