/* keys.c: /keys: API keys for programs: a scope and perhaps an end. */
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "db/admins.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

struct key_call {
	struct api_call call;
	struct api_key key;
	char token[TOKEN_CAP];
};

static json_t *time_or_null(int64_t ms)
{
	return ms != 0 ? json_integer(ms) : json_null();
}

static json_t *key_json(const struct api_key *k)
{
	json_t *j = json_object();

	api_set_int(j, "id", k->id);
	api_set_str(j, "name", k->name);
	json_object_set_new(j, "may_change", json_boolean(k->may_change));
	api_set_int(j, "created_ms", k->created_ms);
	json_object_set_new(j, "expires_ms", time_or_null(k->expires_ms));
	json_object_set_new(j, "last_used_ms", time_or_null(k->used_ms));
	return j;
}

static void append(const struct api_key *k, void *arg)
{
	json_array_append_new(arg, key_json(k));
}

void api_keys_get(struct http_req *rq, void *arg)
{
	const struct api *a = arg;
	json_t *list = json_array();

	admins_each_key(a->admins, append, list);
	api_reply(rq, 200, json_pack("{s:o,s:n}", "keys", list, "next"));
}

static enum err add(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct key_call *s = CONTAINER_OF(c, struct key_call, call);
	struct db_api_key row = { .name = s->key.name,
				  .may_change = s->key.may_change,
				  .admin_id = s->key.admin,
				  .created_ms = s->key.created_ms,
				  .expires_ms = s->key.expires_ms };
	enum err e;

	memcpy(row.hash, s->key.hash, sizeof(row.hash));
	e = db_api_key_add(db, &row, &s->key.id);
	return e != E_OK ? e : api_audit_in(c, db, "key.add", s->key.name, STR(""));
}

static void on_added(struct api_call *c)
{
	struct key_call *s = CONTAINER_OF(c, struct key_call, call);
	json_t *j;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The key");
		return;
	}
	admins_put_key(c->api->admins, &s->key);
	j = key_json(&s->key);
	api_set_str(j, "key", str_of(s->token));
	api_reply(c->rq, 201, j);
}

void api_keys_post(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct key_call *s = api_call_new(rq, a, sizeof(*s));
	const struct http_principal *p = http_req_principal(rq);

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = 64,
		  .text = &s->key.name },
		{ .name = "may_change", .kind = API_FLAG, .flag = &s->key.may_change },
		{ .name = "expires_ms",
		  .kind = API_NUMBER,
		  .min = clk_wall_ms(),
		  .max = INT64_MAX,
		  .number = &s->key.expires_ms },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	if (admins_key_count(a->admins) >= API_KEYS_MAX) {
		api_error(rq, 409, "too_many", "There are as many keys as there may be.", NULL);
		return;
	}
	token_make(s->token);
	token_hash(str_of(s->token), s->key.hash);
	s->key.created_ms = clk_wall_ms();
	s->key.admin = p->kind == HTTP_BY_SESSION ? p->id : 0;
	api_store(&s->call, STORE_DURABLE, add, on_added);
}

static enum err del(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct key_call *s = CONTAINER_OF(c, struct key_call, call);
	enum err e = db_api_key_delete(db, s->key.id);

	return e != E_OK
		       ? e
		       : api_audit_in(c, db, "key.delete", http_req_capture(c->rq, "id"), STR(""));
}

static void on_deleted(struct api_call *c)
{
	struct key_call *s = CONTAINER_OF(c, struct key_call, call);

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The key");
		return;
	}
	admins_del_key(c->api->admins, s->key.id);
	api_reply_empty(c->rq);
}

void api_key_delete(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct key_call *s = api_call_new(rq, a, sizeof(*s));
	uint64_t id;

	if (s == NULL || !api_read(rq, NULL, 0))
		return;
	if (num_u64(http_req_capture(rq, "id"), 1, INT64_MAX, &id) != E_OK ||
	    admins_get_key(a->admins, (int64_t)id) == NULL) {
		api_fail(rq, E_NOTFOUND, "The key");
		return;
	}
	s->key.id = (int64_t)id;
	api_store(&s->call, STORE_DURABLE, del, on_deleted);
}
