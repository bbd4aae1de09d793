/* archive.c: /archive: whose texts are kept and for how long, and finding what was kept.
 *
 * Off by default.  The most specific rule wins: a user's, the department's, everybody's.  Every search is in the
 * audit with its words: reading what others wrote must be seen. */
#include "immcu/archive.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/archive.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

enum { MODE_MAX = 16, KEEP_DAYS_MAX = 36500, PAGE_DEFAULT = 50, WORDS_MAX = 256 };

static const char *const mode_names[] = {
	[ARCHIVE_OFF] = "off",
	[ARCHIVE_ON] = "on",
	[ARCHIVE_REQUIRED] = "required",
};

/* ---- rules ---- */

struct rule_call {
	struct api_call call;
	struct archive_rule rule;
	struct str mode;
	bool is_drop;
	json_t *list; /* taken by the reply */
};

static json_t *rule_json(const struct api *a, const struct archive_rule *r)
{
	const struct department *d = r->scope == ARCHIVE_DEPARTMENT
					     ? directory_department(a->directory, r->id)
					     : NULL;
	const struct account *u = r->scope == ARCHIVE_ACCOUNT ? directory_get(a->directory, r->id)
							      : NULL;
	json_t *j = json_object();

	json_object_set_new(j, "mode", json_string(mode_names[r->mode]));
	api_set_int(j, "keep_days", r->keep_days);
	api_set_str(j, "department", d != NULL ? d->name : STR_NULL);
	api_set_str(j, "user", u != NULL ? u->name : STR_NULL);
	return j;
}

static void append_rule(const struct archive_rule *r, void *arg)
{
	struct rule_call *s = arg;

	json_array_append_new(s->list, rule_json(s->call.api, r));
}

static void list_rules(struct api_call *c)
{
	struct rule_call *s = CONTAINER_OF(c, struct rule_call, call);

	s->list = json_array();
	archive_each(c->api->immcu, append_rule, s);
	api_reply(c->rq, 200, json_pack("{s:o,s:n}", "rules", s->list, "next"));
}

void api_archive_rules_get(struct http_req *rq, void *arg)
{
	struct rule_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL)
		api_switch(&s->call, list_rules);
}

/* Whom the path is about; false: 404 has been answered. */
static bool find_scope(struct rule_call *s)
{
	struct api_call *c = &s->call;
	const struct department *d;
	const struct account *u;

	switch (s->rule.scope) {
	case ARCHIVE_ALL:
		return true;
	case ARCHIVE_DEPARTMENT:
		d = directory_department_find(c->api->directory, http_req_capture(c->rq, "name"));
		if (d == NULL)
			api_fail(c->rq, E_NOTFOUND, "The department");
		else
			s->rule.id = d->id;
		return d != NULL;
	case ARCHIVE_ACCOUNT:
		u = api_user_of_path(c);
		if (u != NULL)
			s->rule.id = u->id;
		return u != NULL;
	}
	return false;
}

static void on_rule_kept(void *arg, enum err e)
{
	struct rule_call *s = arg;
	struct str name = http_req_capture(s->call.rq, "name");

	if (e != E_OK) {
		api_fail(s->call.rq, e, "The rule");
		return;
	}
	api_audit(&s->call, "archive.rule", name.p != NULL ? name : STR("everybody"),
		  s->is_drop ? STR("dropped") : str_of(mode_names[s->rule.mode]));
	api_reply_empty(s->call.rq);
}

static void change_rule(struct api_call *c)
{
	struct rule_call *s = CONTAINER_OF(c, struct rule_call, call);

	if (!find_scope(s))
		return;
	if (s->is_drop)
		archive_drop(c->api->immcu, s->rule.scope, s->rule.id, on_rule_kept, s);
	else
		archive_set(c->api->immcu, &s->rule, on_rule_kept, s);
}

static void put_rule(struct http_req *rq, struct api *a, enum archive_scope scope)
{
	struct rule_call *s = api_call_new(rq, a, sizeof(*s));
	size_t i = 0;

	if (s == NULL)
		return;
	s->rule.scope = scope;
	const struct api_field fields[] = {
		{ .name = "mode",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = MODE_MAX,
		  .text = &s->mode },
		{ .name = "keep_days",
		  .kind = API_NUMBER,
		  .min = 0,
		  .max = KEEP_DAYS_MAX,
		  .number = &s->rule.keep_days },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	while (i < ARRAY_LEN(mode_names) && !str_eqz(s->mode, mode_names[i]))
		i++;
	if (i == ARRAY_LEN(mode_names)) {
		api_error(rq, 400, "invalid", "is off, on or required", "mode");
		return;
	}
	s->rule.mode = (enum archive_mode)i;
	api_switch(&s->call, change_rule);
}

static void drop_rule(struct http_req *rq, struct api *a, enum archive_scope scope)
{
	struct rule_call *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL || !api_read(rq, NULL, 0))
		return;
	s->rule.scope = scope;
	s->is_drop = true;
	api_switch(&s->call, change_rule);
}

void api_archive_all_put(struct http_req *rq, void *arg)
{
	put_rule(rq, arg, ARCHIVE_ALL);
}

void api_archive_all_delete(struct http_req *rq, void *arg)
{
	drop_rule(rq, arg, ARCHIVE_ALL);
}

void api_archive_department_put(struct http_req *rq, void *arg)
{
	put_rule(rq, arg, ARCHIVE_DEPARTMENT);
}

void api_archive_department_delete(struct http_req *rq, void *arg)
{
	drop_rule(rq, arg, ARCHIVE_DEPARTMENT);
}

void api_archive_user_put(struct http_req *rq, void *arg)
{
	put_rule(rq, arg, ARCHIVE_ACCOUNT);
}

void api_archive_user_delete(struct http_req *rq, void *arg)
{
	drop_rule(rq, arg, ARCHIVE_ACCOUNT);
}

/* ---- finding ---- */

struct search_call {
	struct api_call call;
	struct db_archive_filter filter;
	struct str user;
	int64_t limit;
	json_t *list;
	size_t seen; /* one more than the page is read, to know whether there is a next */
	int64_t last_id;
};

static void search_fini(struct api_call *c)
{
	json_decref(CONTAINER_OF(c, struct search_call, call)->list);
}

static json_t *receivers(struct str uris)
{
	json_t *j = json_array();

	while (uris.p != NULL) {
		struct str uri = str_cut(&uris, ' ');

		if (uri.len > 0)
			json_array_append_new(j, api_str(uri));
	}
	return j;
}

static void append_text(const struct db_archive_text *t, void *arg)
{
	struct search_call *s = arg;
	json_t *j;

	if (++s->seen > (size_t)s->limit)
		return;
	s->last_id = t->id;
	j = json_object();
	api_set_int(j, "id", t->id);
	api_set_int(j, "at_ms", t->at_ms);
	json_object_set_new(j, "purge_ms",
			    t->purge_ms != 0 ? json_integer(t->purge_ms) : json_null());
	api_set_int(j, "record", t->conversation);
	api_set_str(j, "from", t->from_uri);
	json_object_set_new(j, "to", receivers(t->to_uris));
	api_set_str(j, "type", t->content_type);
	api_set_str(j, "text", t->plain);
	json_array_append_new(s->list, j);
}

static enum err search(struct store_op *op, struct db *db)
{
	struct search_call *s = CONTAINER_OF(CONTAINER_OF(op, struct api_call, op),
					     struct search_call, call);

	return db_archive_list(db, &s->filter, append_text, s);
}

static void reply_texts(struct api_call *c)
{
	struct search_call *s = CONTAINER_OF(c, struct search_call, call);
	json_t *j;
	char *next;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The search");
		return;
	}
	j = json_object();
	next = xasprintf("%lld", (long long)s->last_id);
	json_object_set(j, "texts", s->list);
	api_set_str(j, "next", s->seen > (size_t)s->limit ? str_of(next) : STR_NULL);
	free(next);
	api_reply(c->rq, 200, j);
}

static bool read_user(struct search_call *s)
{
	struct str user = http_req_query(s->call.rq, "user");
	struct buf b;
	bool ok;

	if (user.len == 0)
		return true;
	buf_init(&b, URI_MAX);
	buf_addf(&b, "sip:%.*s@%.*s", STR_ARG(user), STR_ARG(s->call.api->domain));
	ok = buf_err(&b) == E_OK &&
	     arena_dup(http_req_arena(s->call.rq), buf_str(&b), &s->filter.uri) == E_OK;
	buf_fini(&b);
	if (!ok)
		api_error(s->call.rq, 400, "invalid", "is too long", "user");
	return ok;
}

static void note_search(struct search_call *s)
{
	json_t *detail = json_object();
	char *text;

	api_set_str(detail, "words", s->filter.words);
	api_set_str(detail, "user", s->filter.uri);
	api_set_int(detail, "record", s->filter.conversation);
	text = json_dumps(detail, JSON_COMPACT);
	api_audit(&s->call, "archive.search", STR(""), str_of(text));
	free(text);
	json_decref(detail);
}

void api_archive_get(struct http_req *rq, void *arg)
{
	struct search_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	s->filter.words = http_req_query(rq, "words");
	if (s->filter.words.len > WORDS_MAX) {
		api_error(rq, 400, "invalid", "is too long", "words");
		return;
	}
	if (!api_query_number(rq, "limit", 1, API_PAGE_MAX, PAGE_DEFAULT, &s->limit) ||
	    !api_query_number(rq, "from", 0, INT64_MAX, 0, &s->filter.from_ms) ||
	    !api_query_number(rq, "to", 0, INT64_MAX, 0, &s->filter.to_ms) ||
	    !api_query_number(rq, "record", 0, INT64_MAX, 0, &s->filter.conversation) ||
	    !api_query_number(rq, "after", 0, INT64_MAX, 0, &s->filter.before_id) || !read_user(s))
		return;
	s->filter.limit = (size_t)s->limit + 1;
	s->call.fini = search_fini;
	s->list = json_array();
	if (s->filter.before_id == 0)
		note_search(s);
	api_store(&s->call, STORE_QUERY, search, reply_texts);
}
