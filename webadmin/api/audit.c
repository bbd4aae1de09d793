/* audit.c: /audit: who changed what, when and from where, newest first. */
#include "db/audit.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

enum { PAGE_DEFAULT = 50 };

struct audit_call {
	struct api_call call;
	struct db_audit_filter filter;
	int64_t limit;
	json_t *list;
	size_t seen; /* one more than the page is read, to know whether there is a next */
	int64_t last_id;
};

static void audit_fini(struct api_call *c)
{
	json_decref(CONTAINER_OF(c, struct audit_call, call)->list);
}

static void append(const struct db_audit *a, void *arg)
{
	struct audit_call *s = arg;
	json_t *j;

	if (++s->seen > (size_t)s->limit)
		return;
	s->last_id = a->id;
	j = json_object();
	api_set_int(j, "id", a->id);
	api_set_int(j, "at_ms", a->at_ms);
	api_set_str(j, "actor", a->actor);
	api_set_str(j, "address", a->address);
	api_set_str(j, "action", a->action);
	api_set_str(j, "object", a->object);
	api_set_str(j, "detail", a->detail);
	json_array_append_new(s->list, j);
}

static enum err list(struct store_op *op, struct db *db)
{
	struct audit_call *s = CONTAINER_OF(CONTAINER_OF(op, struct api_call, op),
					    struct audit_call, call);

	return db_audit_list(db, &s->filter, append, s);
}

static void reply(struct api_call *c)
{
	struct audit_call *s = CONTAINER_OF(c, struct audit_call, call);
	json_t *j;
	char *next;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The audit");
		return;
	}
	j = json_object();
	next = xasprintf("%lld", (long long)s->last_id);
	json_object_set(j, "entries", s->list);
	api_set_str(j, "next", s->seen > (size_t)s->limit ? str_of(next) : STR_NULL);
	free(next);
	api_reply(c->rq, 200, j);
}

void api_audit_get(struct http_req *rq, void *arg)
{
	struct audit_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL || !api_query_number(rq, "limit", 1, API_PAGE_MAX, PAGE_DEFAULT, &s->limit) ||
	    !api_query_number(rq, "from", 0, INT64_MAX, 0, &s->filter.from_ms) ||
	    !api_query_number(rq, "to", 0, INT64_MAX, 0, &s->filter.to_ms) ||
	    !api_query_number(rq, "after", 0, INT64_MAX, 0, &s->filter.before_id))
		return;
	s->filter.actor = http_req_query(rq, "actor");
	s->filter.action = http_req_query(rq, "action");
	s->filter.object = http_req_query(rq, "object");
	s->filter.limit = (size_t)s->limit + 1;
	s->call.fini = audit_fini;
	s->list = json_array();
	api_store(&s->call, STORE_QUERY, list, reply);
}
