/* departments.c: /departments. */
#include "base/mem.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

enum { NAME_MAX_BYTES = 128 };

struct department_call {
	struct api_call call;
	struct str name;
	const char *action; /* of the audit row */
	unsigned status;
};

static json_t *department_json(const struct department *d)
{
	json_t *j = json_object();

	api_set_int(j, "id", d->id);
	api_set_str(j, "name", d->name);
	api_set_int(j, "users", (int64_t)d->members);
	return j;
}

static bool append(const struct department *d, void *arg)
{
	json_array_append_new(arg, department_json(d));
	return true;
}

static void list(struct api_call *c)
{
	json_t *all = json_array();

	directory_each_department(c->api->directory, append, all);
	api_reply(c->rq, 200, json_pack("{s:o,s:n}", "departments", all, "next"));
}

void api_departments_get(struct http_req *rq, void *arg)
{
	struct api_call *c = api_call_new(rq, arg, sizeof(*c));

	if (c != NULL)
		api_switch(c, list);
}

static bool read_name(struct department_call *s)
{
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = NAME_MAX_BYTES,
		  .text = &s->name },
	};

	return api_read(s->call.rq, fields, ARRAY_LEN(fields));
}

/* Switch: the change is on disk, or not. */
static void on_done(void *arg, enum err e, int64_t id)
{
	struct department_call *s = arg;
	struct str object = http_req_capture(s->call.rq, "name");
	const struct department *d;

	if (e != E_OK) {
		api_fail(s->call.rq, e, "The department");
		return;
	}
	api_audit(&s->call, s->action, object.p != NULL ? object : s->name,
		  object.p != NULL ? s->name : STR(""));
	d = s->status == 201 ? directory_department(s->call.api->directory, id) : NULL;
	if (d != NULL)
		api_reply(s->call.rq, 201, department_json(d));
	else
		api_reply_empty(s->call.rq);
}

static void add(struct api_call *c)
{
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);

	s->action = "department.add";
	s->status = 201;
	directory_department_add(c->api->directory, s->name, on_done, s);
}

void api_departments_post(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && read_name(s))
		api_switch(&s->call, add);
}

static const struct department *of_path(struct api_call *c)
{
	const struct department *d = directory_department_find(c->api->directory,
							       http_req_capture(c->rq, "name"));

	if (d == NULL)
		api_fail(c->rq, E_NOTFOUND, "The department");
	return d;
}

static void rename_it(struct api_call *c)
{
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);
	const struct department *d = of_path(c);

	s->action = "department.rename";
	if (d != NULL)
		directory_department_rename(c->api->directory, d->id, s->name, on_done, s);
}

void api_department_patch(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && read_name(s))
		api_switch(&s->call, rename_it);
}

static void delete_it(struct api_call *c)
{
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);
	const struct department *d = of_path(c);

	s->action = "department.delete";
	if (d != NULL)
		directory_department_delete(c->api->directory, d->id, on_done, s);
}

void api_department_delete(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, delete_it);
}
