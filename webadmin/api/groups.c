/* groups.c: /groups: group chats: standing ones that the administrator makes, and those that people have made.
 *
 * A group is known by the user part of its address.  Everything here acts as the
 * server (by 0), which may do what members may not. */
#include "webadmin/api/handlers.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "immcu/group.h"

#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

enum { SUBJECT_MAX = 256, WORD_MAX = 16, PAGE_DEFAULT = 50 };

struct group_call {
	struct api_call call;
	struct str name, subject, access, role, after;
	bool is_locked, has_subject, has_access, has_locked, has_role;
	const char *action; /* of the audit row */
	int64_t limit;
	json_t *list; /* taken by the reply */
	const struct group_info *page[API_PAGE_MAX + 1];
	size_t n;
};

static const char *access_name(enum group_access a)
{
	return a == GROUP_OPEN ? "open" : "closed";
}

static const char *role_name(enum group_role r)
{
	return r == GROUP_PRESENTER ? "presenter" : "attendee";
}

static json_t *group_json(const struct api *a, const struct group_info *g)
{
	const struct account *organizer = directory_get(a->directory, g->organizer);
	char *address = xasprintf("sip:%.*s@%.*s", STR_ARG(g->name), STR_ARG(a->sip_domain));
	json_t *j = json_object();

	api_set_int(j, "id", g->id);
	api_set_str(j, "name", g->name);
	api_set_str(j, "address", str_of(address));
	api_set_str(j, "subject", g->subject);
	json_object_set_new(j, "kind",
			    json_string(g->kind == GROUP_STANDING ? "standing" : "ad-hoc"));
	json_object_set_new(j, "access", json_string(access_name(g->access)));
	json_object_set_new(j, "locked", json_boolean(g->is_locked));
	api_set_str(j, "organizer", organizer != NULL ? organizer->name : STR_NULL);
	api_set_int(j, "members", (int64_t)g->members);
	api_set_int(j, "created_ms", g->created_ms);
	free(address);
	return j;
}

/* ---- the list ---- */

/* Keeps the page sorted by name: the IMMCU's order is its own. */
static bool take(const struct group_info *g, void *arg)
{
	struct group_call *s = arg;
	size_t cap = (size_t)s->limit + 1, i;

	if (s->after.p != NULL && str_cmp(g->name, s->after) <= 0)
		return true;
	if (s->n == cap && str_cmp(g->name, s->page[s->n - 1]->name) > 0)
		return true;
	for (i = s->n < cap ? s->n++ : s->n - 1;
	     i > 0 && str_cmp(s->page[i - 1]->name, g->name) > 0; i--)
		s->page[i] = s->page[i - 1];
	s->page[i] = g;
	return true;
}

static void list(struct api_call *c)
{
	struct group_call *s = CONTAINER_OF(c, struct group_call, call);
	json_t *all = json_array(), *j = json_object();
	size_t shown;

	group_each(c->api->immcu, take, s);
	shown = s->n > (size_t)s->limit ? (size_t)s->limit : s->n;
	for (size_t i = 0; i < shown; i++)
		json_array_append_new(all, group_json(c->api, s->page[i]));
	json_object_set_new(j, "groups", all);
	api_set_str(j, "next", s->n > shown ? s->page[shown - 1]->name : STR_NULL);
	api_reply(c->rq, 200, j);
}

void api_groups_get(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL || !api_query_number(rq, "limit", 1, API_PAGE_MAX, PAGE_DEFAULT, &s->limit))
		return;
	s->after = http_req_query(rq, "after");
	api_switch(&s->call, list);
}

/* ---- one ---- */

/* The group the path names, or NULL after 404. */
static const struct group_info *of_path(struct api_call *c)
{
	const struct group_info *g = group_find(c->api->immcu, http_req_capture(c->rq, "name"));

	if (g == NULL)
		api_fail(c->rq, E_NOTFOUND, "The group");
	return g;
}

static bool append_member(const struct group_member *p, void *arg)
{
	struct group_call *s = arg;
	const struct account *u = directory_get(s->call.api->directory, p->account);
	json_t *j = json_object();

	api_set_str(j, "user", u != NULL ? u->name : STR_NULL);
	json_object_set_new(j, "role", json_string(role_name(p->role)));
	json_object_set_new(j, "organizer", json_boolean(p->is_organizer));
	api_set_int(j, "joined_ms", p->joined_ms);
	api_set_int(j, "endpoints", (int64_t)p->open);
	json_array_append_new(s->list, j);
	return true;
}

static void reply_group(struct group_call *s, const struct group_info *g, unsigned status)
{
	json_t *j = group_json(s->call.api, g);

	s->list = json_array();
	group_each_member(s->call.api->immcu, g->id, append_member, s);
	json_object_set_new(j, "roster", s->list);
	api_reply(s->call.rq, status, j);
}

static void show(struct api_call *c)
{
	const struct group_info *g = of_path(c);

	if (g != NULL)
		reply_group(CONTAINER_OF(c, struct group_call, call), g, 200);
}

void api_group_get(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL)
		api_switch(&s->call, show);
}

/* ---- making, changing, ending ---- */

/* False: 400 has been answered. */
static bool access_decode(struct group_call *s, enum group_access *out)
{
	if (!str_eqz(s->access, "open") && !str_eqz(s->access, "closed")) {
		api_error(s->call.rq, 400, "invalid", "is open or closed", "access");
		return false;
	}
	*out = str_eqz(s->access, "open") ? GROUP_OPEN : GROUP_CLOSED;
	return true;
}

static void on_created(void *arg, enum err e, group_id id)
{
	struct group_call *s = arg;
	const struct group_info *g = group_get(s->call.api->immcu, id);

	if (e != E_OK || g == NULL) {
		/* It goes on in memory, but what a restart forgets was not made. */
		if (g != NULL)
			(void)!group_end(s->call.api->immcu, id, 0);
		api_fail(s->call.rq, e != E_OK ? e : E_GONE, "The group");
		return;
	}
	api_audit(&s->call, "group.add", g->name, STR(""));
	reply_group(s, g, 201);
}

static void create(struct api_call *c)
{
	struct group_call *s = CONTAINER_OF(c, struct group_call, call);
	struct group_new n = { .kind = GROUP_STANDING,
			       .access = GROUP_CLOSED,
			       .name = s->name,
			       .subject = s->has_subject ? s->subject : s->name };
	group_id id;
	enum err e;

	if (s->has_access && !access_decode(s, &n.access))
		return;
	e = group_create(c->api->immcu, &n, on_created, s, &id);
	if (e == E_BAD)
		api_error(c->rq, 400, "invalid", "is not a name a group can have", "name");
	else if (e != E_OK)
		api_fail(c->rq, e, "An account or a group of that name");
}

void api_groups_post(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = ACCOUNT_NAME_MAX,
		  .text = &s->name },
		{ .name = "subject",
		  .kind = API_TEXT,
		  .max = SUBJECT_MAX,
		  .text = &s->subject,
		  .given = &s->has_subject },
		{ .name = "access",
		  .kind = API_TEXT,
		  .max = WORD_MAX,
		  .text = &s->access,
		  .given = &s->has_access },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	if (s->call.api->domain.p == NULL)
		api_error(rq, 409, "not_set_up", "The server waits for its first set-up.", NULL);
	else
		api_switch(&s->call, create);
}

static void on_changed(void *arg, enum err e, group_id id)
{
	struct group_call *s = arg;
	const struct group_info *g = group_get(s->call.api->immcu, id);

	if (e != E_OK || g == NULL) {
		api_fail(s->call.rq, e != E_OK ? e : E_GONE, "The group");
		return;
	}
	api_audit(&s->call, "group.change", g->name, STR(""));
	reply_group(s, g, 200);
}

static void change(struct api_call *c)
{
	struct group_call *s = CONTAINER_OF(c, struct group_call, call);
	const struct group_info *g = of_path(c);
	enum group_access access = GROUP_CLOSED;
	enum err e = E_OK;
	group_id id;

	if (g == NULL || (s->has_access && !access_decode(s, &access)))
		return;
	id = g->id;
	if (s->has_subject)
		e = group_set_subject(c->api->immcu, id, 0, s->subject);
	if (e == E_OK && s->has_access)
		e = group_set_access(c->api->immcu, id, 0, access);
	if (e == E_OK && s->has_locked)
		e = group_set_lock(c->api->immcu, id, 0, s->is_locked);
	if (e != E_OK)
		api_fail(c->rq, e, "The group");
	else
		group_save(c->api->immcu, id, on_changed, s);
}

void api_group_patch(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "subject",
		  .kind = API_TEXT,
		  .max = SUBJECT_MAX,
		  .text = &s->subject,
		  .given = &s->has_subject },
		{ .name = "access",
		  .kind = API_TEXT,
		  .max = WORD_MAX,
		  .text = &s->access,
		  .given = &s->has_access },
		{ .name = "locked",
		  .kind = API_FLAG,
		  .flag = &s->is_locked,
		  .given = &s->has_locked },
	};
	if (api_read(rq, fields, ARRAY_LEN(fields)))
		api_switch(&s->call, change);
}

static void end_it(struct api_call *c)
{
	const struct group_info *g = of_path(c);
	enum err e;

	if (g == NULL)
		return;
	e = group_end(c->api->immcu, g->id, 0);
	if (e != E_OK) {
		api_fail(c->rq, e, "The group");
		return;
	}
	api_audit(c, "group.delete", http_req_capture(c->rq, "name"), STR(""));
	api_reply_empty(c->rq);
}

void api_group_delete(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, end_it);
}

/* ---- members ---- */

/* False: answered. */
static bool find_member(struct api_call *c, group_id *group_out, account_id *who_out)
{
	const struct group_info *g = of_path(c);
	const struct account *u;

	if (g == NULL)
		return false;
	u = directory_find(c->api->directory, http_req_capture(c->rq, "user"));
	if (u == NULL) {
		api_fail(c->rq, E_NOTFOUND, "The user");
		return false;
	}
	*group_out = g->id;
	*who_out = u->id;
	return true;
}

static void on_member_saved(void *arg, enum err e, group_id id)
{
	struct group_call *s = arg;
	struct api_call *c = &s->call;

	(void)id;
	if (e != E_OK) {
		api_fail(c->rq, e, "The member");
		return;
	}
	api_audit(c, s->action, http_req_capture(c->rq, "name"), http_req_capture(c->rq, "user"));
	api_reply_empty(c->rq);
}

/* The roster has changed, or not; the answer follows once it is on the disk. */
static void finish_member(struct group_call *s, group_id id, enum err e, const char *action)
{
	s->action = action;
	if (e == E_FULL)
		api_error(s->call.rq, 409, "too_many",
			  "The group has as many members as it may have.", NULL);
	else if (e != E_OK)
		api_fail(s->call.rq, e, "The member");
	else
		group_save(s->call.api->immcu, id, on_member_saved, s);
}

static void put_member(struct api_call *c)
{
	struct group_call *s = CONTAINER_OF(c, struct group_call, call);
	enum group_role role = str_eqz(s->role, "presenter") ? GROUP_PRESENTER : GROUP_ATTENDEE;
	struct group_member is;
	account_id who;
	group_id id;
	enum err e;

	if (!find_member(c, &id, &who))
		return;
	if (group_get_member(c->api->immcu, id, who, &is))
		e = group_set_role(c->api->immcu, id, 0, who, role);
	else
		e = group_add(c->api->immcu, id, 0, who, role);
	finish_member(s, id, e, "group.member");
}

void api_group_member_put(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "role",
		  .kind = API_TEXT,
		  .max = WORD_MAX,
		  .text = &s->role,
		  .given = &s->has_role },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	if (s->has_role && !str_eqz(s->role, "presenter") && !str_eqz(s->role, "attendee"))
		api_error(rq, 400, "invalid", "is presenter or attendee", "role");
	else
		api_switch(&s->call, put_member);
}

static void drop_member(struct api_call *c)
{
	struct group_call *s = CONTAINER_OF(c, struct group_call, call);
	account_id who;
	group_id id;

	if (find_member(c, &id, &who))
		finish_member(s, id, group_remove(c->api->immcu, id, 0, who), "group.member-gone");
}

void api_group_member_delete(struct http_req *rq, void *arg)
{
	struct group_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, drop_member);
}
