/* settings.c: /settings: the few that may be changed while running. */
#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/settings.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

enum { SETTINGS_VALUE_MAX = 256 };

/* The texts and numbers a PATCH may hold, and their defaults. */
static const struct number_setting {
	const char *key;
	int64_t min, max, fallback;
} numbers[] = {
	{ "offline_days", 1, 365, IM_OFFLINE_KEEP_S / 86400 },
	{ "record_days", 1, 3650, 60 },
};
#define TIME_ZONE_DEFAULT "UTC0"

struct settings_call {
	struct api_call call;
	int64_t number[ARRAY_LEN(numbers)];
	bool has_number[ARRAY_LEN(numbers)];
	struct str time_zone;
	bool has_time_zone;
	json_t *all;
};

static void settings_fini(struct api_call *c)
{
	json_decref(CONTAINER_OF(c, struct settings_call, call)->all);
}

static enum err read_all(struct settings_call *s, struct db *db)
{
	struct buf zone;
	enum err e;

	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		int64_t n = numbers[i].fallback;

		e = db_setting_get_i64(db, str_of(numbers[i].key), numbers[i].min, numbers[i].max, &n);
		if (e != E_OK && e != E_NOTFOUND && e != E_BAD)
			return e;
		api_set_int(s->all, numbers[i].key, n);
	}
	buf_init(&zone, SETTINGS_VALUE_MAX);
	e = db_setting_get(db, STR("time_zone"), &zone);
	api_set_str(s->all, "time_zone", e == E_OK ? buf_str(&zone) : STR(TIME_ZONE_DEFAULT));
	buf_fini(&zone);
	return e == E_NOTFOUND ? E_OK : e;
}

static enum err get(struct store_op *op, struct db *db)
{
	return read_all(CONTAINER_OF(CONTAINER_OF(op, struct api_call, op), struct settings_call, call), db);
}

static void reply(struct api_call *c)
{
	struct settings_call *s = CONTAINER_OF(c, struct settings_call, call);

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The settings");
		return;
	}
	api_set_str(s->all, "domain", c->api->domain);
	api_set_str(s->all, "host", c->api->host);
	api_reply(c->rq, 200, json_incref(s->all));
}

static struct settings_call *start(struct http_req *rq, struct api *a)
{
	struct settings_call *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL)
		return NULL;
	s->call.fini = settings_fini;
	s->all = json_object();
	return s;
}

void api_settings_get(struct http_req *rq, void *arg)
{
	struct settings_call *s = start(rq, arg);

	if (s != NULL)
		api_store(&s->call, STORE_QUERY, get, reply);
}

static enum err set(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct settings_call *s = CONTAINER_OF(c, struct settings_call, call);
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < ARRAY_LEN(numbers); i++) {
		struct buf b;

		if (!s->has_number[i])
			continue;
		buf_init(&b, SETTINGS_VALUE_MAX);
		buf_add_u64(&b, (uint64_t)s->number[i]);
		e = db_setting_set(db, str_of(numbers[i].key), buf_str(&b));
		if (e == E_OK)
			e = api_audit_in(c, db, "setting.change", str_of(numbers[i].key), buf_str(&b));
		buf_fini(&b);
	}
	if (e == E_OK && s->has_time_zone)
		e = db_setting_set(db, STR("time_zone"), s->time_zone);
	if (e == E_OK && s->has_time_zone)
		e = api_audit_in(c, db, "setting.change", STR("time_zone"), s->time_zone);
	return e != E_OK ? e : read_all(s, db);
}

void api_settings_patch(struct http_req *rq, void *arg)
{
	struct settings_call *s = start(rq, arg);

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = numbers[0].key, .kind = API_NUMBER, .min = numbers[0].min, .max = numbers[0].max,
		  .number = &s->number[0], .given = &s->has_number[0] },
		{ .name = numbers[1].key, .kind = API_NUMBER, .min = numbers[1].min, .max = numbers[1].max,
		  .number = &s->number[1], .given = &s->has_number[1] },
		{ .name = "time_zone", .kind = API_TEXT, .min = 1, .max = 128, .text = &s->time_zone,
		  .given = &s->has_time_zone },
	};
	if (api_read(rq, fields, ARRAY_LEN(fields)))
		api_store(&s->call, STORE_DURABLE, set, reply);
}
