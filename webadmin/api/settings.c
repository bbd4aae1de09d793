/* settings.c: /settings: the few that may be changed while running, and take effect at once. */
#include "webadmin/api/settings.h"

#include <stddef.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/settings.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

enum { SETTINGS_VALUE_MAX = 256 };
#define TIME_ZONE_DEFAULT "UTC0"

/* The numbers, under the names that callers and the file know them by.  A flag is a number of 0 or 1. */
static const struct number_setting {
	const char *name, *key;
	int64_t min, max, fallback;
	size_t at; /* in struct api_settings; the flag stands apart */
} numbers[] = {
	{ "offline_days", "offline.keep_days", 1, 365, IM_OFFLINE_KEEP_S / 86400,
	  offsetof(struct api_settings, offline_days) },
	{ "record_days", "records.keep_days", 1, 3650, RECORD_KEEP_DAYS,
	  offsetof(struct api_settings, record_days) },
	{ "audit_days", "audit.keep_days", 30, 3650, AUDIT_KEEP_DAYS,
	  offsetof(struct api_settings, audit_days) },
	{ "contacts_max", "contacts_max", 1, ROSTER_CONTACTS_MAX, ROSTER_CONTACTS_DEFAULT,
	  offsetof(struct api_settings, contacts_max) },
};
static const struct number_setting flags[] = {
	{ "im", "im.on", 0, 1, 1, offsetof(struct api_settings, im) },
	{ "ntlm", "sip.ntlm", 0, 1, 1, offsetof(struct api_settings, ntlm) },
	{ "ntlm_web", "web.ntlm", 0, 1, 1, offsetof(struct api_settings, ntlm_web) },
};
/* A choice is a word for callers, and its number in the file. */
static const struct number_setting full = { "endpoints_full",  "sip.endpoints_full",
					    FULL_REPLACE_IDLE, FULL_REFUSE,
					    FULL_REPLACE_IDLE, 0 };
static const char *const full_words[] = {
	[FULL_REPLACE_IDLE] = "replace_idle",
	[FULL_REFUSE] = "refuse",
};

struct settings_call {
	struct api_call call;
	int64_t number[ARRAY_LEN(numbers)];
	bool has_number[ARRAY_LEN(numbers)];
	bool flag[ARRAY_LEN(flags)], has_flag[ARRAY_LEN(flags)];
	struct str time_zone, full;
	bool has_time_zone, has_full;
	enum registrar_full full_choice;
	struct api_settings now;
	struct buf zone;
};

static void settings_fini(struct api_call *c)
{
	buf_fini(&CONTAINER_OF(c, struct settings_call, call)->zone);
}

static enum err read_number(struct db *db, const struct number_setting *n, int64_t *out)
{
	enum err e = db_setting_get_i64(db, str_of(n->key), n->min, n->max, out);

	if (e != E_NOTFOUND && e != E_BAD)
		return e;
	*out = n->fallback;
	return E_OK;
}

static int64_t *number_of(struct api_settings *s, size_t i)
{
	return (int64_t *)(void *)((char *)s + numbers[i].at);
}

static bool *flag_of(struct api_settings *s, size_t i)
{
	return (bool *)(void *)((char *)s + flags[i].at);
}

enum err api_settings_read(struct db *db, struct api_settings *out)
{
	int64_t flag = 1, choice = FULL_REPLACE_IDLE;
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < ARRAY_LEN(numbers); i++)
		e = read_number(db, &numbers[i], number_of(out, i));
	for (size_t i = 0; e == E_OK && i < ARRAY_LEN(flags); i++) {
		e = read_number(db, &flags[i], &flag);
		*flag_of(out, i) = flag != 0;
	}
	if (e == E_OK)
		e = read_number(db, &full, &choice);
	out->endpoints_full = (enum registrar_full)choice;
	return e;
}

static enum err read_all(struct settings_call *s, struct db *db)
{
	enum err e = api_settings_read(db, &s->now);

	buf_reset(&s->zone);
	if (e == E_OK)
		e = db_setting_get(db, STR("time_zone"), &s->zone);
	return e == E_NOTFOUND ? E_OK : e;
}

static enum err get(struct store_op *op, struct db *db)
{
	return read_all(
		CONTAINER_OF(CONTAINER_OF(op, struct api_call, op), struct settings_call, call),
		db);
}

static void reply(struct api_call *c)
{
	struct settings_call *s = CONTAINER_OF(c, struct settings_call, call);
	json_t *j = json_object();

	api_set_str(j, "domain", c->api->domain);
	api_set_str(j, "host", c->api->host);
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		api_set_int(j, numbers[i].name, *number_of(&s->now, i));
	json_object_set_new(j, full.name, json_string(full_words[s->now.endpoints_full]));
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		json_object_set_new(j, flags[i].name, json_boolean(*flag_of(&s->now, i)));
	api_set_str(j, "time_zone", s->zone.len > 0 ? buf_str(&s->zone) : STR(TIME_ZONE_DEFAULT));
	api_reply(c->rq, 200, j);
}

static void on_read(struct api_call *c)
{
	if (c->err != E_OK)
		api_fail(c->rq, c->err, "The settings");
	else
		reply(c);
}

static struct settings_call *start(struct http_req *rq, struct api *a)
{
	struct settings_call *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL)
		return NULL;
	buf_init(&s->zone, SETTINGS_VALUE_MAX);
	s->call.fini = settings_fini;
	return s;
}

void api_settings_get(struct http_req *rq, void *arg)
{
	struct settings_call *s = start(rq, arg);

	if (s != NULL)
		api_store(&s->call, STORE_QUERY, get, on_read);
}

static enum err set_one(struct api_call *c, struct db *db, const char *key, struct str value)
{
	enum err e = db_setting_set(db, str_of(key), value);

	return e != E_OK ? e : api_audit_in(c, db, "setting.change", str_of(key), value);
}

static enum err set_number(struct api_call *c, struct db *db, const char *key, int64_t n)
{
	struct buf b;
	enum err e;

	buf_init(&b, SETTINGS_VALUE_MAX);
	buf_add_u64(&b, (uint64_t)n);
	e = set_one(c, db, key, buf_str(&b));
	buf_fini(&b);
	return e;
}

static enum err set(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct settings_call *s = CONTAINER_OF(c, struct settings_call, call);
	enum err e = E_OK;

	for (size_t i = 0; e == E_OK && i < ARRAY_LEN(numbers); i++)
		if (s->has_number[i])
			e = set_number(c, db, numbers[i].key, s->number[i]);
	for (size_t i = 0; e == E_OK && i < ARRAY_LEN(flags); i++)
		if (s->has_flag[i])
			e = set_number(c, db, flags[i].key, s->flag[i]);
	if (e == E_OK && s->has_full)
		e = set_number(c, db, full.key, s->full_choice);
	if (e == E_OK && s->has_time_zone)
		e = set_one(c, db, "time_zone", s->time_zone);
	return e != E_OK ? e : read_all(s, db);
}

/* Switch: what is on disk is true from now on. */
static void apply(struct api_call *c)
{
	struct settings_call *s = CONTAINER_OF(c, struct settings_call, call);

	c->api->hooks.apply_settings(c->api->hooks.arg, &s->now);
	api_web(c, reply);
}

static void on_set(struct api_call *c)
{
	if (c->err != E_OK)
		api_fail(c->rq, c->err, "The settings");
	else
		api_switch(c, apply);
}

/* False: 400 has been answered. */
static bool read_full(struct settings_call *s)
{
	for (size_t i = 0; s->has_full && i < ARRAY_LEN(full_words); i++) {
		if (str_eqz(s->full, full_words[i])) {
			s->full_choice = (enum registrar_full)i;
			return true;
		}
	}
	if (s->has_full)
		api_error(s->call.rq, 400, "invalid", "is replace_idle or refuse", full.name);
	return !s->has_full;
}

void api_settings_patch(struct http_req *rq, void *arg)
{
	struct settings_call *s = start(rq, arg);
	struct api_field fields[ARRAY_LEN(numbers) + ARRAY_LEN(flags) + 2];

	if (s == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		fields[i] = (struct api_field){ .name = numbers[i].name,
						.kind = API_NUMBER,
						.min = numbers[i].min,
						.max = numbers[i].max,
						.number = &s->number[i],
						.given = &s->has_number[i] };
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		fields[ARRAY_LEN(numbers) + i] = (struct api_field){ .name = flags[i].name,
								     .kind = API_FLAG,
								     .flag = &s->flag[i],
								     .given = &s->has_flag[i] };
	fields[ARRAY_LEN(fields) - 2] = (struct api_field){ .name = "time_zone",
							    .kind = API_TEXT,
							    .min = 1,
							    .max = 128,
							    .text = &s->time_zone,
							    .given = &s->has_time_zone };
	fields[ARRAY_LEN(fields) - 1] = (struct api_field){ .name = full.name,
							    .kind = API_TEXT,
							    .min = 1,
							    .max = 16,
							    .text = &s->full,
							    .given = &s->has_full };
	if (api_read(rq, fields, ARRAY_LEN(fields)) && read_full(s))
		api_store(&s->call, STORE_DURABLE, set, on_set);
}
