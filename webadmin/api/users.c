/* users.c: /users: the list and one person, as the directory in memory has them. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "presence/presence.h"
#include "registrar/registrar.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

enum { PAGE_DEFAULT = 50 };

json_t *api_user_json(const struct api *a, const struct account *u)
{
	const struct department *d = directory_department(a->directory, u->department);
	endpoint_id endpoints[ENDPOINTS_PER_ACCOUNT];
	struct presence_state now;
	json_t *j = json_object();
	char *address = xasprintf("sip:%.*s@%.*s", STR_ARG(u->name), STR_ARG(a->sip_domain));

	api_set_int(j, "id", u->id);
	api_set_str(j, "name", u->name);
	api_set_str(j, "address", str_of(address));
	api_set_str(j, "display", u->display);
	api_set_str(j, "email", u->email);
	api_set_str(j, "department", d != NULL ? d->name : STR_NULL);
	api_set_str(j, "title", u->title);
	api_set_str(j, "phone", u->phone);
	json_object_set_new(j, "enabled", json_boolean(u->enabled));
	json_object_set_new(j, "has_photo", json_boolean(u->has_photo));
	api_set_int(j, "created_ms", u->created_ms);
	api_set_int(j, "password_set_ms", u->password_set_ms);
	json_object_set_new(j, "last_sign_in_ms",
			    u->last_sign_in_ms != 0 ? json_integer(u->last_sign_in_ms)
						    : json_null());
	api_set_int(j, "endpoints",
		    (int64_t)registrar_of_account(a->registrar, u->id, endpoints,
						  ARRAY_LEN(endpoints)));
	presence_get(a->presence, u->id, u->id, &now);
	json_object_set_new(j, "availability", json_string(avail_name(now.avail)));
	json_object_set_new(j, "activity",
			    now.activity != ACTIVITY_NONE ? json_string(activity_name(now.activity))
							  : json_null());
	free(address);
	return j;
}

const struct account *api_user_of_path(struct api_call *c)
{
	const struct account *u = directory_find(c->api->directory,
						 http_req_capture(c->rq, "name"));

	if (u == NULL)
		api_fail(c->rq, E_NOTFOUND, "The user");
	return u;
}

void api_user_fail(struct http_req *rq, enum err e)
{
	switch (e) {
	case E_NOTFOUND:
		api_error(rq, 400, "invalid", "does not exist", "department");
		break;
	case E_AGAIN:
		api_error(rq, 503, "busy",
			  "Too many passwords are being set. Please try again in a moment.", NULL);
		break;
	case E_GONE: /* the user may be as before: nothing has been done */
		api_error(rq, 503, "busy", "The server is stopping.", NULL);
		break;
	case E_FULL:
		api_error(rq, 503, "storage", "The disk, or the directory, is full.", NULL);
		break;
	default:
		api_fail(rq, e, "The user");
	}
}

/* ---- the list ---- */

struct users_call {
	struct api_call call;
	struct str search, after, department;
	int64_t limit;
	department_id of; /* 0: any */
	json_t *list;
	size_t total; /* that match, on all pages */
	struct str last;
	bool has_more;
};

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* ASCII case ignored; needle is lower case. */
static bool contains(struct str hay, struct str needle)
{
	for (size_t i = 0; i + needle.len <= hay.len; i++) {
		size_t k = 0;

		while (k < needle.len && lower(hay.p[i + k]) == needle.p[k])
			k++;
		if (k == needle.len)
			return true;
	}
	return false;
}

static bool matches(const struct users_call *s, const struct account *u)
{
	if (s->of != 0 && u->department != s->of)
		return false;
	return s->search.len == 0 || contains(u->name, s->search) ||
	       contains(u->display, s->search) || contains(u->email, s->search);
}

static bool take(const struct account *u, void *arg)
{
	struct users_call *s = arg;

	if (!matches(s, u))
		return true;
	s->total++;
	if (s->after.p != NULL && str_cmp(u->name, s->after) <= 0)
		return true;
	if (json_array_size(s->list) == (size_t)s->limit) {
		s->has_more = true;
		return true; /* the total still counts them */
	}
	json_array_append_new(s->list, api_user_json(s->call.api, u));
	s->last = u->name;
	return true;
}

static void list(struct api_call *c)
{
	struct users_call *s = CONTAINER_OF(c, struct users_call, call);
	const struct department *d;
	json_t *j = json_object();

	s->list = json_array();
	if (s->department.len > 0) {
		d = directory_department_find(c->api->directory, s->department);
		s->of = d != NULL ? d->id : -1; /* nobody is in a department that does not exist */
	}
	directory_each(c->api->directory, STR_NULL, take, s);
	json_object_set_new(j, "users", s->list);
	api_set_int(j, "total", (int64_t)s->total);
	api_set_str(j, "next", s->has_more ? s->last : STR_NULL);
	api_reply(c->rq, 200, j);
}

void api_users_get(struct http_req *rq, void *arg)
{
	struct users_call *s = api_call_new(rq, arg, sizeof(*s));
	struct str low;

	if (s == NULL || !api_query_number(rq, "limit", 1, API_PAGE_MAX, PAGE_DEFAULT, &s->limit))
		return;
	s->after = http_req_query(rq, "after");
	s->department = http_req_query(rq, "department");
	low = str_dup_lower(http_req_query(rq, "search"));
	if (arena_dup(http_req_arena(rq), low, &s->search) != E_OK)
		s->search = STR_NULL;
	str_free(&low);
	api_switch(&s->call, list);
}

/* ---- one ---- */

static void show(struct api_call *c)
{
	const struct account *u = api_user_of_path(c);

	if (u != NULL)
		api_reply(c->rq, 200, api_user_json(c->api, u));
}

void api_user_get(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL)
		api_switch(c, show);
}
