/* departments.c: /departments. */
#include "base/clk.h"
#include "base/mem.h"
#include "db/departments.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

struct department_call {
	struct api_call call;
	struct str name;
	json_t *list;
	int64_t id;
};

static void department_fini(struct api_call *c)
{
	json_decref(CONTAINER_OF(c, struct department_call, call)->list);
}

static void append(const struct db_department *d, void *arg)
{
	json_t *j = json_object();

	api_set_int(j, "id", d->id);
	api_set_str(j, "name", d->name);
	api_set_int(j, "users", d->accounts);
	json_array_append_new(arg, j);
}

static enum err list(struct store_op *op, struct db *db)
{
	struct department_call *s = CONTAINER_OF(CONTAINER_OF(op, struct api_call, op), struct department_call, call);

	return db_department_each(db, append, s->list);
}

static void reply_list(struct api_call *c)
{
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);

	if (c->err != E_OK)
		api_fail(c->rq, c->err, "The list");
	else
		api_reply(c->rq, 200, json_pack("{s:O,s:n}", "departments", s->list, "next"));
}

void api_departments_get(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	s->call.fini = department_fini;
	s->list = json_array();
	api_store(&s->call, STORE_QUERY, list, reply_list);
}

static bool read_name(struct department_call *s)
{
	const struct api_field fields[] = {
		{ .name = "name", .kind = API_TEXT, .required = true, .min = 1, .max = 128, .text = &s->name },
	};

	return api_read(s->call.rq, fields, ARRAY_LEN(fields));
}

static enum err add(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);
	enum err e = db_department_add(db, s->name, clk_wall_ms(), &s->id);

	return e != E_OK ? e : api_audit_in(c, db, "department.add", s->name, STR(""));
}

static void on_added(struct api_call *c)
{
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);
	json_t *j;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The department");
		return;
	}
	j = json_object();
	api_set_int(j, "id", s->id);
	api_set_str(j, "name", s->name);
	api_set_int(j, "users", 0);
	api_reply(c->rq, 201, j);
}

void api_departments_post(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && read_name(s))
		api_store(&s->call, STORE_DURABLE, add, on_added);
}

static enum err rename_it(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);
	enum err e = db_department_find(db, http_req_capture(c->rq, "name"), &s->id);

	if (e == E_OK)
		e = db_department_rename(db, s->id, s->name);
	return e != E_OK ? e : api_audit_in(c, db, "department.rename", http_req_capture(c->rq, "name"), s->name);
}

static enum err delete_it(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct department_call *s = CONTAINER_OF(c, struct department_call, call);
	enum err e = db_department_find(db, http_req_capture(c->rq, "name"), &s->id);

	if (e == E_OK)
		e = db_department_delete(db, s->id);
	return e != E_OK ? e : api_audit_in(c, db, "department.delete", http_req_capture(c->rq, "name"), STR(""));
}

static void on_changed(struct api_call *c)
{
	if (c->err != E_OK)
		api_fail(c->rq, c->err, "The department");
	else
		api_reply_empty(c->rq);
}

void api_department_patch(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && read_name(s))
		api_store(&s->call, STORE_DURABLE, rename_it, on_changed);
}

void api_department_delete(struct http_req *rq, void *arg)
{
	struct department_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && api_read(rq, NULL, 0))
		api_store(&s->call, STORE_DURABLE, delete_it, on_changed);
}
