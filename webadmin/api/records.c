/* records.c: /records: who talked with whom, newest first, paged by key. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "db/records.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

enum { NEXT_CAP = 48, NEXT_URI_MAX = 320 };

struct records_call {
	struct api_call call;
	struct db_record_filter filter;
	int64_t limit;
	json_t *list;
	size_t seen; /* one more than the page is read, to know whether there is a next */
	struct db_record last;
};

static void records_fini(struct api_call *c)
{
	json_decref(CONTAINER_OF(c, struct records_call, call)->list);
}

static const char *kind_name(enum db_record_kind k)
{
	switch (k) {
	case DB_RECORD_IM:
		return "im";
	case DB_RECORD_GROUP:
		return "group";
	case DB_RECORD_CALL:
		return "call";
	}
	return "other";
}

/* "sip:alice@example.org" as "alice" where that says it all. */
static struct str user_of(struct str uri)
{
	struct str rest = uri, user;

	(void)str_cut(&rest, ':');
	user = str_cut(&rest, '@');
	return rest.p != NULL ? user : uri;
}

static const char *origin_name(enum db_record_origin o)
{
	switch (o) {
	case DB_ORIGIN_TEXT:
		return "text";
	case DB_ORIGIN_SESSION:
		return "session";
	case DB_ORIGIN_GROUP:
		return "group";
	case DB_ORIGIN_ESCALATED:
		return "escalated";
	case DB_ORIGIN_CALL:
		return "call";
	case DB_ORIGIN_UNKNOWN:
		break;
	}
	return "unknown";
}

static json_t *time_or_null(int64_t ms)
{
	return ms != 0 ? json_integer(ms) : json_null();
}

static json_t *participant_json(const struct db_participant *p)
{
	json_t *j = json_object();

	api_set_str(j, "user", user_of(p->uri));
	api_set_str(j, "uri", p->uri);
	api_set_int(j, "sent", p->sent);
	api_set_int(j, "received", p->received);
	api_set_str(j, "client", p->client);
	api_set_str(j, "dialect", p->dialect);
	api_set_int(j, "joined_ms", p->joined_ms);
	json_object_set_new(j, "left_ms", time_or_null(p->left_ms));
	api_set_str(j, "invited_by", user_of(p->invited_by));
	return j;
}

static void append(const struct db_record *r, const struct db_participant *p, size_t count,
		   void *arg)
{
	struct records_call *s = arg;
	json_t *j, *who, *all;

	if (++s->seen > (size_t)s->limit)
		return;
	s->last = *r;
	j = json_object();
	who = json_array();
	all = json_array();
	for (size_t i = 0; i < count; i++) {
		json_array_append_new(who, api_str(user_of(p[i].uri)));
		json_array_append_new(all, participant_json(&p[i]));
	}
	api_set_int(j, "id", r->id);
	json_object_set_new(j, "kind", json_string(kind_name(r->kind)));
	api_set_int(j, "started_ms", r->started_ms);
	json_object_set_new(j, "ended_ms", time_or_null(r->ended_ms));
	json_object_set_new(j, "first_ms", time_or_null(r->first_ms));
	json_object_set_new(j, "last_ms", time_or_null(r->last_ms));
	api_set_int(j, "messages", r->messages);
	api_set_int(j, "failures", r->failures);
	api_set_int(j, "result", r->result_code);
	json_object_set_new(j, "origin", json_string(origin_name(r->origin)));
	api_set_str(j, "begun_by", user_of(r->begun_by));
	json_object_set_new(j, "who", who);
	json_object_set_new(j, "participants", all);
	json_array_append_new(s->list, j);
}

static enum err list(struct store_op *op, struct db *db)
{
	struct records_call *s = CONTAINER_OF(CONTAINER_OF(op, struct api_call, op),
					      struct records_call, call);

	return db_record_list(db, &s->filter, append, s);
}

static void reply(struct api_call *c)
{
	struct records_call *s = CONTAINER_OF(c, struct records_call, call);
	struct str next = STR_NULL;
	struct buf b;
	json_t *j;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The list");
		return;
	}
	buf_init(&b, NEXT_CAP);
	if (s->seen > (size_t)s->limit) {
		buf_addf(&b, "%lld.%lld", (long long)s->last.started_ms, (long long)s->last.id);
		next = buf_str(&b);
	}
	j = json_object();
	json_object_set(j, "records", s->list);
	api_set_str(j, "next", next);
	buf_fini(&b);
	api_reply(c->rq, 200, j);
}

/* "1700000000000.42", as reply made it. */
static bool after_decode(struct str s, struct db_record_filter *f)
{
	struct str id = s, started = str_cut(&id, '.');
	uint64_t a, b;

	if (num_u64(started, 0, INT64_MAX, &a) != E_OK || id.p == NULL ||
	    num_u64(id, 1, INT64_MAX, &b) != E_OK)
		return false;
	f->before_started_ms = (int64_t)a;
	f->before_id = (int64_t)b;
	return true;
}

static bool read_user(struct records_call *s)
{
	struct str user = http_req_query(s->call.rq, "user");
	struct buf b;
	bool ok;

	if (user.len == 0)
		return true;
	buf_init(&b, NEXT_URI_MAX);
	if (str_find(user, '@', 0) == user.len)
		buf_addf(&b, "sip:%.*s@%.*s", STR_ARG(user), STR_ARG(s->call.api->domain));
	else
		buf_addf(&b, "%s%.*s", str_starts(user, STR("sip:")) ? "" : "sip:", STR_ARG(user));
	ok = buf_err(&b) == E_OK &&
	     arena_dup(http_req_arena(s->call.rq), buf_str(&b), &s->filter.uri) == E_OK;
	buf_fini(&b);
	if (!ok)
		api_error(s->call.rq, 400, "invalid", "is too long", "user");
	return ok;
}

void api_records_get(struct http_req *rq, void *arg)
{
	struct records_call *s = api_call_new(rq, arg, sizeof(*s));
	struct str after = http_req_query(rq, "after");

	if (s == NULL)
		return;
	if (!api_query_number(rq, "limit", 1, API_PAGE_MAX, 50, &s->limit) ||
	    !api_query_number(rq, "from", 0, INT64_MAX, 0, &s->filter.from_ms) ||
	    !api_query_number(rq, "to", 0, INT64_MAX, 0, &s->filter.to_ms) || !read_user(s))
		return;
	if (after.p != NULL && !after_decode(after, &s->filter)) {
		api_error(rq, 400, "invalid", "is not the next of a page", "after");
		return;
	}
	s->filter.limit = (size_t)s->limit + 1;
	s->call.fini = records_fini;
	s->list = json_array();
	api_store(&s->call, STORE_QUERY, list, reply);
}
