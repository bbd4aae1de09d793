/* access.c: /users/{name}/access: who sees how much of one person's presence.
 *
 * Everyone sees what colleagues see unless a choice says otherwise.  A choice is
 * true for the watchers at once and on the disk before the answer. */
#include "base/mem.h"
#include "directory/grants.h"
#include "presence/presence.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

enum { LEVEL_NAME_MAX = 16 };

struct access_call {
	struct api_call call;
	struct str level_name;
	enum access_level level;
	account_id owner, member;
	json_t *list; /* taken by the reply */
};

static void append(int64_t member, enum access_level l, void *arg)
{
	struct access_call *s = arg;
	const struct account *u = directory_get(s->call.api->directory, member);
	json_t *j;

	if (u == NULL)
		return;
	j = json_object();
	api_set_str(j, "user", u->name);
	json_object_set_new(j, "level", json_string(access_level_name(l)));
	json_array_append_new(s->list, j);
}

static void list(struct api_call *c)
{
	struct access_call *s = CONTAINER_OF(c, struct access_call, call);
	const struct account *u = api_user_of_path(c);

	if (u == NULL)
		return;
	s->list = json_array();
	presence_access_each(c->api->presence, u->id, append, s);
	api_reply(c->rq, 200, json_pack("{s:o,s:n}", "access", s->list, "next"));
}

void api_access_get(struct http_req *rq, void *arg)
{
	struct access_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL)
		api_switch(&s->call, list);
}

/* Owner and member of the path; false: 404 has been answered. */
static bool find_both(struct access_call *s)
{
	struct api_call *c = &s->call;
	const struct account *owner = api_user_of_path(c), *member;

	if (owner == NULL)
		return false;
	member = directory_find(c->api->directory, http_req_capture(c->rq, "member"));
	if (member == NULL || member == owner) {
		api_fail(c->rq, E_NOTFOUND, "The other user");
		return false;
	}
	s->owner = owner->id;
	s->member = member->id;
	return true;
}

static void on_kept(void *arg, enum err e, int64_t id)
{
	struct access_call *s = arg;
	struct api_call *c = &s->call;

	(void)id;
	if (e != E_OK) {
		api_fail(c->rq, e, "The access level");
		return;
	}
	api_audit(c, "access.change", http_req_capture(c->rq, "name"),
		  http_req_capture(c->rq, "member"));
	api_reply_empty(c->rq);
}

static void set(struct api_call *c)
{
	struct access_call *s = CONTAINER_OF(c, struct access_call, call);
	enum err e;

	if (!find_both(s))
		return;
	e = presence_access_set(c->api->presence, s->owner, s->member, s->level);
	if (e != E_OK)
		api_error(c->rq, 409, "too_many", "has as many choices as there may be", NULL);
	else
		grant_set(c->api->directory, s->owner, s->member, (int)s->level, on_kept, s);
}

void api_access_put(struct http_req *rq, void *arg)
{
	struct access_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "level",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = LEVEL_NAME_MAX,
		  .text = &s->level_name },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	if (access_level_decode(s->level_name, &s->level) != E_OK)
		api_error(rq, 400, "invalid",
			  "is one of blocked, public, colleagues, team, personal", "level");
	else
		api_switch(&s->call, set);
}

static void clear(struct api_call *c)
{
	struct access_call *s = CONTAINER_OF(c, struct access_call, call);

	if (!find_both(s))
		return;
	presence_access_clear(c->api->presence, s->owner, s->member);
	grant_clear(c->api->directory, s->owner, s->member, on_kept, s);
}

void api_access_delete(struct http_req *rq, void *arg)
{
	struct access_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, clear);
}
