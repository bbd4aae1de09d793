/* log.c: /log: the tail of the log ring. */
#include "base/limits.h"
#include "base/log.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/reply.h"

static const char *const level_names[] = { "error", "warn", "info", "debug", "trace" };

struct tail {
	enum log_level level;
	size_t limit;
	uint64_t last;
	json_t *lines;
};

static void take(uint64_t seq, int64_t wall_ms, enum log_level level, struct str line, void *arg)
{
	struct tail *t = arg;
	json_t *j;

	t->last = seq;
	if (level > t->level)
		return;
	j = json_object();
	api_set_int(j, "seq", (int64_t)seq);
	api_set_int(j, "at_ms", wall_ms);
	json_object_set_new(j, "level", json_string(level_names[level]));
	json_object_set_new(j, "text", api_str(line));
	json_array_append_new(t->lines, j);
	if (json_array_size(t->lines) > t->limit) /* the newest are wanted */
		json_array_remove(t->lines, 0);
}

void api_log_get(struct http_req *rq, void *arg)
{
	struct tail t = { .level = LOG_TRACE };
	struct str level = http_req_query(rq, "level");
	int64_t after, limit;

	(void)arg;
	if (!api_query_number(rq, "after", 0, INT64_MAX, 0, &after) ||
	    !api_query_number(rq, "limit", 1, LOG_RING_LINES, API_PAGE_MAX, &limit))
		return;
	if (level.p != NULL && log_level_decode(level, &t.level) != E_OK) {
		api_error(rq, 400, "invalid", "is one of error, warn, info, debug, trace", "level");
		return;
	}
	t.limit = (size_t)limit;
	t.last = (uint64_t)after;
	t.lines = json_array();
	log_ring_each((uint64_t)after, take, &t);
	api_reply(rq, 200, json_pack("{s:o,s:I}", "lines", t.lines, "last", (json_int_t)t.last));
}
