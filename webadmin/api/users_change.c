/* users_change.c: /users: adding, changing, deleting people, and their passwords.
 *
 * web (what was sent is checked) -> switch (the directory, which answers once the change is on disk) -> reply.
 * That a changed password or a disabled account ends its sessions is the server's doing, not this file's. */
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/password.h"
#include "immcu/group.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/password.h"
#include "webadmin/api/users.h"

struct user_call {
	struct api_call call;
	struct str name, display, email, title, phone, password, department;
	bool has_display, has_email, has_title, has_phone, has_department, has_enabled;
	bool enabled;
	account_id id;
	char made[PASSWORD_MADE_CAP]; /* "" when the caller chose it */
};

enum { DISPLAY_MAX = 128, EMAIL_MAX = 254, TITLE_MAX = 128, PHONE_MAX = 64, DEPARTMENT_MAX = 128 };

static void user_fini(struct api_call *c)
{
	mem_wipe(CONTAINER_OF(c, struct user_call, call)->made, PASSWORD_MADE_CAP);
}

static struct user_call *begin(struct http_req *rq, struct api *a)
{
	struct user_call *s = api_call_new(rq, a, sizeof(*s));

	if (s != NULL)
		s->call.fini = user_fini;
	return s;
}

static bool is_set_up(const struct user_call *s)
{
	if (s->call.api->domain.p != NULL)
		return true;
	api_error(s->call.rq, 409, "not_set_up", "The server waits for its first set-up.", NULL);
	return false;
}

/* The chosen password, or one that is made.  False: answered. */
static bool settle_password(struct user_call *s, struct str account)
{
	if (s->password.p != NULL)
		return api_password_is_good(s->call.rq, s->password, account);
	password_make(s->made);
	s->password = str_of(s->made);
	return true;
}

/* The id of the department named; false: answered. */
static bool find_department(struct user_call *s, department_id *out)
{
	const struct department *d;

	*out = 0;
	if (s->department.len == 0)
		return true;
	d = directory_department_find(s->call.api->directory, s->department);
	if (d == NULL) {
		api_error(s->call.rq, 400, "invalid", "does not exist", "department");
		return false;
	}
	*out = d->id;
	return true;
}

static void reply_user(struct user_call *s, unsigned status)
{
	const struct account *u = directory_get(s->call.api->directory, s->id);
	json_t *j;

	if (u == NULL) { /* deleted by somebody else in the meantime */
		api_fail(s->call.rq, E_GONE, "The user");
		return;
	}
	j = api_user_json(s->call.api, u);
	if (s->made[0] != '\0')
		json_object_set_new(j, "password", json_string(s->made));
	api_reply(s->call.rq, status, j);
}

/* ---- adding ---- */

static void on_added(void *arg, enum err e, int64_t id)
{
	struct user_call *s = arg;

	s->id = id;
	if (e != E_OK) {
		api_user_fail(s->call.rq, e);
		return;
	}
	api_audit(&s->call, "user.add", s->name, STR(""));
	reply_user(s, 201);
}

static void add(struct api_call *c)
{
	struct user_call *s = CONTAINER_OF(c, struct user_call, call);
	struct account_new n = { .name = s->name,
				 .display = s->display,
				 .email = s->email,
				 .title = s->title,
				 .phone = s->phone,
				 .password = s->password };

	if (group_find(c->api->immcu, s->name) != NULL) /* one address, one owner */
		api_fail(c->rq, E_EXISTS, "A group of that name");
	else if (find_department(s, &n.department))
		directory_add(c->api->directory, &n, on_added, s);
}

/* Names are kept in lower case; whoever types "Alice" means "alice". */
static bool lower_name(struct user_call *s)
{
	struct str low = str_dup_lower(s->name);
	enum err e = arena_dup(http_req_arena(s->call.rq), low, &s->name);
	const char *why = "is too long";

	str_free(&low);
	if (e == E_OK && directory_check_name(s->name, &why) == E_OK)
		return true;
	api_error(s->call.rq, 400, "invalid", why, "name");
	return false;
}

void api_users_post(struct http_req *rq, void *arg)
{
	struct user_call *s = begin(rq, arg);

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = ACCOUNT_NAME_MAX,
		  .text = &s->name },
		{ .name = "display", .kind = API_TEXT, .max = DISPLAY_MAX, .text = &s->display },
		{ .name = "email", .kind = API_TEXT, .max = EMAIL_MAX, .text = &s->email },
		{ .name = "department",
		  .kind = API_TEXT,
		  .max = DEPARTMENT_MAX,
		  .text = &s->department },
		{ .name = "title", .kind = API_TEXT, .max = TITLE_MAX, .text = &s->title },
		{ .name = "phone", .kind = API_TEXT, .max = PHONE_MAX, .text = &s->phone },
		{ .name = "password",
		  .kind = API_SECRET,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &s->password },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)) || !is_set_up(s) || !lower_name(s))
		return;
	if (settle_password(s, s->name))
		api_switch(&s->call, add);
}

/* ---- changing ---- */

static void on_changed(void *arg, enum err e, int64_t id)
{
	struct user_call *s = arg;

	(void)id;
	if (e != E_OK) {
		api_user_fail(s->call.rq, e);
		return;
	}
	api_audit(&s->call,
		  s->has_enabled ? (s->enabled ? "user.enable" : "user.disable") : "user.change",
		  http_req_capture(s->call.rq, "name"), STR(""));
	reply_user(s, 200);
}

static void change(struct api_call *c)
{
	struct user_call *s = CONTAINER_OF(c, struct user_call, call);
	const struct account *u = api_user_of_path(c);
	struct account_change ch = { .id = u != NULL ? u->id : 0 };
	department_id department;

	if (u == NULL || !find_department(s, &department))
		return;
	s->id = u->id;
	ch.display = s->has_display ? &s->display : NULL;
	ch.email = s->has_email ? &s->email : NULL;
	ch.title = s->has_title ? &s->title : NULL;
	ch.phone = s->has_phone ? &s->phone : NULL;
	ch.department = s->has_department ? &department : NULL;
	ch.enabled = s->has_enabled ? &s->enabled : NULL;
	directory_change(c->api->directory, &ch, on_changed, s);
}

void api_user_patch(struct http_req *rq, void *arg)
{
	struct user_call *s = begin(rq, arg);

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "display",
		  .kind = API_TEXT,
		  .max = DISPLAY_MAX,
		  .text = &s->display,
		  .given = &s->has_display },
		{ .name = "email",
		  .kind = API_TEXT,
		  .max = EMAIL_MAX,
		  .text = &s->email,
		  .given = &s->has_email },
		{ .name = "department",
		  .kind = API_TEXT,
		  .max = DEPARTMENT_MAX,
		  .text = &s->department,
		  .given = &s->has_department },
		{ .name = "title",
		  .kind = API_TEXT,
		  .max = TITLE_MAX,
		  .text = &s->title,
		  .given = &s->has_title },
		{ .name = "phone",
		  .kind = API_TEXT,
		  .max = PHONE_MAX,
		  .text = &s->phone,
		  .given = &s->has_phone },
		{ .name = "enabled",
		  .kind = API_FLAG,
		  .flag = &s->enabled,
		  .given = &s->has_enabled },
	};
	if (api_read(rq, fields, ARRAY_LEN(fields)))
		api_switch(&s->call, change);
}

/* ---- deleting ---- */

static void on_deleted(void *arg, enum err e, int64_t id)
{
	struct user_call *s = arg;

	(void)id;
	if (e != E_OK) {
		api_fail(s->call.rq, e, "The user");
		return;
	}
	api_audit(&s->call, "user.delete", http_req_capture(s->call.rq, "name"), STR(""));
	api_reply_empty(s->call.rq);
}

static void delete (struct api_call *c)
{
	struct user_call *s = CONTAINER_OF(c, struct user_call, call);
	const struct account *u = api_user_of_path(c);

	if (u != NULL)
		directory_delete(c->api->directory, u->id, on_deleted, s);
}

void api_user_delete(struct http_req *rq, void *arg)
{
	struct user_call *s = begin(rq, arg);

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, delete);
}

/* ---- passwords ---- */

static void on_password(void *arg, enum err e, int64_t id)
{
	struct user_call *s = arg;
	json_t *j;

	(void)id;
	if (e != E_OK) {
		api_user_fail(s->call.rq, e == E_NOTFOUND ? E_GONE : e);
		return;
	}
	api_audit(&s->call, "user.password", http_req_capture(s->call.rq, "name"), STR(""));
	j = json_object();
	api_set_str(j, "name", http_req_capture(s->call.rq, "name"));
	if (s->made[0] != '\0')
		json_object_set_new(j, "password", json_string(s->made));
	api_reply(s->call.rq, 200, j);
}

static void set_password(struct api_call *c)
{
	struct user_call *s = CONTAINER_OF(c, struct user_call, call);
	const struct account *u = api_user_of_path(c);

	if (u != NULL)
		directory_set_password(c->api->directory, u->id, s->password, on_password, s);
}

void api_user_password(struct http_req *rq, void *arg)
{
	struct user_call *s = begin(rq, arg);

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "password",
		  .kind = API_SECRET,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &s->password },
	};
	if (api_read(rq, fields, ARRAY_LEN(fields)) &&
	    settle_password(s, http_req_capture(rq, "name")))
		api_switch(&s->call, set_password);
}
