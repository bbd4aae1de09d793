/* admins_change.c: /admins: the people who administer; they are no SIP accounts. */
#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/admins.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/link.h"
#include "webadmin/api/password.h"
#include "webadmin/api/sessions.h"

struct admin_call {
	struct api_call call;
	struct api_password password;
	struct str name;
	bool has_password;
	int64_t id;
	int64_t created_ms;
	char token[TOKEN_CAP];
};

static json_t *admin_json(const struct admin *a)
{
	json_t *j = json_object();

	api_set_str(j, "name", a->name);
	api_set_int(j, "created_ms", a->created_ms);
	json_object_set_new(j, "last_sign_in_ms",
			    a->last_sign_in_ms != 0 ? json_integer(a->last_sign_in_ms)
						    : json_null());
	json_object_set_new(j, "has_password", json_boolean(a->argon2.len > 0));
	return j;
}

static void append(const struct admin *a, void *arg)
{
	json_array_append_new(arg, admin_json(a));
}

void api_admins_get(struct http_req *rq, void *arg)
{
	const struct api *a = arg;
	json_t *list = json_array();

	admins_each(a->admins, append, list);
	api_reply(rq, 200, json_pack("{s:o,s:n}", "admins", list, "next"));
}

/* The administrator the path names, in s->id; NULL: 404 has been answered. */
static struct admin *named(struct admin_call *s)
{
	struct admin *a = admins_find(s->call.api->admins, http_req_capture(s->call.rq, "name"));

	if (a == NULL) {
		api_fail(s->call.rq, E_NOTFOUND, "The administrator");
		return NULL;
	}
	s->id = a->id;
	s->name = http_req_capture(s->call.rq, "name");
	return a;
}

/* ---- add ---- */

static enum err add(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	struct db_admin row = { .name = s->name,
				.argon2 = str_of(s->password.argon2),
				.enabled = true,
				.created_ms = s->created_ms };
	enum err e = db_admin_add(db, &row, &s->id);

	if (e == E_OK && !s->has_password)
		e = api_link_store(db, s->token, s->id);
	return e != E_OK ? e : api_audit_in(c, db, "admin.add", s->name, STR(""));
}

static void on_added(struct api_call *c)
{
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	struct admin a = { .id = s->id,
			   .name = s->name,
			   .argon2 = str_of(s->password.argon2),
			   .enabled = true,
			   .created_ms = s->created_ms };
	json_t *j;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The administrator");
		return;
	}
	admins_put(c->api->admins, &a);
	j = admin_json(&a);
	if (!s->has_password)
		api_link_set(j, c->api, s->token);
	api_reply(c->rq, 201, j);
}

static void store_added(struct api_call *c)
{
	api_store(c, STORE_DURABLE, add, on_added);
}

void api_admins_post(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct admin_call *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = 64,
		  .text = &s->name },
		{ .name = "password",
		  .kind = API_SECRET,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &s->password.plain,
		  .given = &s->has_password },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	if (a->domain.p == NULL) {
		api_error(rq, 409, "not_set_up", "This server is not set up yet.", NULL);
		return;
	}
	if (admins_find(a->admins, s->name) != NULL) {
		api_fail(rq, E_EXISTS, "The administrator");
		return;
	}
	s->created_ms = clk_wall_ms();
	if (!s->has_password) {
		token_make(s->token);
		store_added(&s->call);
	} else if (api_password_is_good(rq, s->password.plain, s->name)) {
		api_password_hash(&s->call, &s->password, store_added);
	}
}

/* ---- password ---- */

static enum err set_password(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	const struct http_principal *p = http_req_principal(c->rq);
	unsigned char keep[TOKEN_HASH_LEN];
	enum err e = db_admin_set_password(db, s->id, str_of(s->password.argon2));

	token_hash(p->token, keep);
	if (e == E_OK)
		e = db_session_delete_admin(db, s->id, p->kind == HTTP_BY_SESSION ? keep : NULL);
	if (e == E_OK)
		e = db_link_delete_kind(db, DB_LINK_PASSWORD, s->id);
	return e != E_OK ? e : api_audit_in(c, db, "admin.password", s->name, STR(""));
}

static void on_password(struct api_call *c)
{
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	struct admin *a = admins_get(c->api->admins, s->id);

	if (c->err != E_OK || a == NULL) {
		api_fail(c->rq, c->err != E_OK ? c->err : E_GONE, "The administrator");
		return;
	}
	admins_set_password(a, str_of(s->password.argon2));
	sessions_end_admin(c->api->sessions, a->id, http_req_principal(c->rq)->token);
	api_reply_empty(c->rq);
}

static void store_password(struct api_call *c)
{
	api_store(c, STORE_DURABLE, set_password, on_password);
}

void api_admin_password(struct http_req *rq, void *arg)
{
	struct admin_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL || named(s) == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "password",
		  .kind = API_SECRET,
		  .required = true,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &s->password.plain },
	};
	if (api_read(rq, fields, ARRAY_LEN(fields)) &&
	    api_password_is_good(rq, s->password.plain, s->name))
		api_password_hash(&s->call, &s->password, store_password);
}

/* ---- link, second factor, delete ---- */

static enum err make_link(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	enum err e = api_link_store(db, s->token, s->id);

	return e != E_OK ? e : api_audit_in(c, db, "admin.link", s->name, STR(""));
}

static void on_link(struct api_call *c)
{
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	json_t *j;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The link");
		return;
	}
	j = json_object();
	api_link_set(j, c->api, s->token);
	api_reply(c->rq, 200, j);
}

void api_admin_link(struct http_req *rq, void *arg)
{
	struct admin_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL || named(s) == NULL || !api_read(rq, NULL, 0))
		return;
	token_make(s->token);
	api_store(&s->call, STORE_DURABLE, make_link, on_link);
}

static enum err reset_totp(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	enum err e = db_admin_set_totp(db, s->id, STR(""));

	return e != E_OK ? e : api_audit_in(c, db, "admin.reset-totp", s->name, STR(""));
}

static void on_totp(struct api_call *c)
{
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	struct admin *a = admins_get(c->api->admins, s->id);

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The administrator");
		return;
	}
	if (a != NULL)
		a->has_totp = false;
	api_reply_empty(c->rq);
}

void api_admin_reset_totp(struct http_req *rq, void *arg)
{
	struct admin_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && named(s) != NULL && api_read(rq, NULL, 0))
		api_store(&s->call, STORE_DURABLE, reset_totp, on_totp);
}

static enum err del(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);
	enum err e = db_admin_delete(db, s->id);

	return e != E_OK ? e : api_audit_in(c, db, "admin.delete", s->name, STR(""));
}

static void on_deleted(struct api_call *c)
{
	struct admin_call *s = CONTAINER_OF(c, struct admin_call, call);

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The administrator");
		return;
	}
	sessions_end_admin(c->api->sessions, s->id, STR_NULL);
	admins_del(c->api->admins, s->id);
	api_reply_empty(c->rq);
}

void api_admin_delete(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct admin_call *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL || named(s) == NULL || !api_read(rq, NULL, 0))
		return;
	if (admins_count(a->admins) == 1)
		api_error(rq, 409, "last_admin", "The last administrator cannot be deleted.", NULL);
	else
		api_store(&s->call, STORE_DURABLE, del, on_deleted);
}
