/* live.c: /endpoints: who is signed in right now, from where and with what. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "registrar/registrar.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

struct live_call {
	struct api_call call;
	uint64_t after, id;
	struct str user; /* whose; STR_NULL: anybody's */
	account_id of;
	int64_t limit;
	/* The lowest ids above after, ascending: one page and one more. */
	endpoint_id page[API_PAGE_MAX + 1];
	size_t n;
};

/* Keeps the page sorted: the registrar's own order changes with every sign-in, ids do not. */
static void take(const struct endpoint *e, void *arg)
{
	struct live_call *s = arg;
	size_t cap = (size_t)s->limit + 1, i;

	if (s->user.p != NULL && e->account != s->of)
		return;
	if (e->id <= s->after || (s->n == cap && e->id > s->page[s->n - 1]))
		return;
	for (i = s->n < cap ? s->n++ : s->n - 1; i > 0 && s->page[i - 1] > e->id; i--)
		s->page[i] = s->page[i - 1];
	s->page[i] = e->id;
}

static void set_id(json_t *j, const char *key, endpoint_id id)
{
	char *text = xasprintf("%llu", (unsigned long long)id);

	json_object_set_new(j, key, json_string(text));
	free(text);
}

static json_t *endpoint_json(struct api *a, const struct endpoint *e)
{
	const struct account *u = directory_get(a->directory, e->account);
	json_t *j = json_object();

	set_id(j, "id", e->id);
	api_set_str(j, "user", u != NULL ? u->name : STR_NULL);
	api_set_str(j, "client", e->user_agent);
	json_object_set_new(j, "dialect", json_string(dialect_name(e->dialect)));
	api_set_int(j, "since_ms", e->since_ms);
	api_set_int(j, "expires_ms", clk_wall_ms() + (e->expires_ms - clk_ms()));
	json_object_set_new(j, "address", json_null());
	json_object_set_new(j, "tls", json_null());
	a->hooks.describe_conn(a->hooks.arg, e->conn, j);
	return j;
}

static void list(struct api_call *c)
{
	struct live_call *s = CONTAINER_OF(c, struct live_call, call);
	json_t *all = json_array(), *j = json_object();
	size_t shown;

	if (s->user.p != NULL) {
		const struct account *u = directory_find(c->api->directory, s->user);

		s->of = u != NULL ? u->id : 0; /* a name nobody has: nobody is signed in */
	}
	registrar_each(c->api->registrar, take, s);
	shown = s->n > (size_t)s->limit ? (size_t)s->limit : s->n;
	for (size_t i = 0; i < shown; i++)
		json_array_append_new(
			all, endpoint_json(c->api, registrar_get(c->api->registrar, s->page[i])));
	json_object_set_new(j, "endpoints", all);
	if (s->n > shown)
		set_id(j, "next", s->page[shown - 1]);
	else
		json_object_set_new(j, "next", json_null());
	api_reply(c->rq, 200, j);
}

void api_endpoints_get(struct http_req *rq, void *arg)
{
	struct live_call *s = api_call_new(rq, arg, sizeof(*s));
	struct str after = http_req_query(rq, "after");

	if (s == NULL || !api_query_number(rq, "limit", 1, API_PAGE_MAX, API_PAGE_MAX, &s->limit))
		return;
	s->user = http_req_query(rq, "user");
	if (after.p != NULL && num_u64(after, 0, UINT64_MAX, &s->after) != E_OK)
		api_error(rq, 400, "invalid", "is not the next of a page", "after");
	else
		api_switch(&s->call, list);
}

static void end(struct api_call *c)
{
	struct live_call *s = CONTAINER_OF(c, struct live_call, call);
	const struct endpoint *e = registrar_get(c->api->registrar, s->id);
	const struct account *u = e != NULL ? directory_get(c->api->directory, e->account) : NULL;

	if (e == NULL) {
		api_fail(c->rq, E_NOTFOUND, "The endpoint");
		return;
	}
	api_audit(c, "endpoint.end", u != NULL ? u->name : STR(""), STR(""));
	if (c->api->hooks.end_endpoint(c->api->hooks.arg, s->id) != E_OK)
		api_fail(c->rq, E_NOTFOUND, "The endpoint");
	else
		api_reply_empty(c->rq);
}

void api_endpoint_delete(struct http_req *rq, void *arg)
{
	struct live_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL || !api_read(rq, NULL, 0))
		return;
	if (num_u64(http_req_capture(rq, "id"), 1, UINT64_MAX, &s->id) != E_OK)
		api_fail(rq, E_NOTFOUND, "The endpoint");
	else
		api_switch(&s->call, end);
}
