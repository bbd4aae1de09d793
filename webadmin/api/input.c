#include <jansson.h>
#include <string.h>

#include "base/num.h"

#include "webadmin/api/input.h"
#include "webadmin/api/reply.h"

static bool bad(struct http_req *rq, const char *field, const char *message)
{
	api_error(rq, 400, "invalid", message, field);
	return false;
}

static bool has_control(struct str s, bool lines_ok)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char c = (unsigned char)s.p[i];

		if ((c < 0x20 && !(lines_ok && (c == '\n' || c == '\r' || c == '\t'))) || c == 0x7f)
			return true;
	}
	return false;
}

static bool read_text(struct http_req *rq, const struct api_field *f, const json_t *value)
{
	struct str s;

	if (!json_is_string(value))
		return bad(rq, f->name, "must be a text");
	s = str_n(json_string_value(value), json_string_length(value));
	if (f->kind == API_TEXT)
		s = str_trim(s);
	if (f->kind != API_SECRET && has_control(s, f->kind == API_LONGTEXT))
		return bad(rq, f->name, "must not contain control characters");
	if (s.len < (size_t)f->min)
		return bad(rq, f->name, s.len == 0 ? "must not be empty" : "is too short");
	if (s.len > (size_t)f->max)
		return bad(rq, f->name, "is too long");
	if (arena_dup(http_req_arena(rq), s, f->text) != E_OK)
		return bad(rq, f->name, "is too long");
	return true;
}

static bool read_value(struct http_req *rq, const struct api_field *f, const json_t *value)
{
	switch (f->kind) {
	case API_TEXT:
	case API_LONGTEXT:
	case API_SECRET:
		return read_text(rq, f, value);
	case API_FLAG:
		if (!json_is_boolean(value))
			return bad(rq, f->name, "must be true or false");
		*f->flag = json_is_true(value);
		return true;
	case API_NUMBER:
		if (!json_is_integer(value) || json_integer_value(value) < f->min ||
		    json_integer_value(value) > f->max)
			return bad(rq, f->name, "is not a number in its range");
		*f->number = json_integer_value(value);
		return true;
	}
	return false;
}

/* null in place of a text that may be empty takes it away, as "" does; anything else is as if it were not there. */
static bool is_taken_away(const struct api_field *f, const json_t *value)
{
	return json_is_null(value) && f->given != NULL && f->min == 0 &&
	       (f->kind == API_TEXT || f->kind == API_LONGTEXT);
}

static bool read_object(struct http_req *rq, json_t *o, const struct api_field *fields, size_t n)
{
	const char *key;
	json_t *value;

	json_object_foreach(o, key, value)
	{
		size_t i = 0;

		while (i < n && strcmp(fields[i].name, key) != 0)
			i++;
		if (i == n)
			return bad(rq, "body", "has a member that is not known here");
	}
	for (size_t i = 0; i < n; i++) {
		value = json_object_get(o, fields[i].name);
		if (fields[i].given != NULL)
			*fields[i].given = value != NULL && (!json_is_null(value) ||
							     is_taken_away(&fields[i], value));
		if (value == NULL || json_is_null(value)) {
			if (fields[i].required)
				return bad(rq, fields[i].name, "is needed");
		} else if (!read_value(rq, &fields[i], value)) {
			return false;
		}
	}
	return true;
}

bool api_read(struct http_req *rq, const struct api_field *fields, size_t n)
{
	struct str body = http_req_body(rq);
	json_t *o;
	bool ok;

	if (body.len == 0)
		body = STR("{}");
	o = json_loadb(body.p, body.len, JSON_REJECT_DUPLICATES, NULL);
	if (!json_is_object(o)) {
		json_decref(o);
		return bad(rq, "body", "must be a JSON object");
	}
	ok = read_object(rq, o, fields, n);
	json_decref(o);
	return ok;
}

bool api_query_number(struct http_req *rq, const char *name, int64_t min, int64_t max,
		      int64_t fallback, int64_t *out)
{
	struct str s = http_req_query(rq, name);
	uint64_t n;

	if (s.p == NULL) {
		*out = fallback;
		return true;
	}
	if (num_u64(s, (uint64_t)min, (uint64_t)max, &n) != E_OK)
		return bad(rq, name, "is not a number in its range");
	*out = (int64_t)n;
	return true;
}
