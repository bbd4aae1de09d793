#include "db/sweep.h"

#include "base/limits.h"
#include "base/mem.h"

#include "db/archive.h"
#include "db/groups.h"
#include "db/offline.h"
#include "db/records.h"
#include "db/settings.h"
#include "db/sqlite.h"

#define DAY_MS (24LL * 3600 * 1000)
enum { KEEP_DAYS_MAX = 36500 };

static enum err kept_since(struct db *db, struct str key, int64_t days, int64_t now_ms,
			   int64_t *out)
{
	enum err e = db_setting_get_i64(db, key, 1, KEEP_DAYS_MAX, &days);

	if (e != E_OK && e != E_NOTFOUND && e != E_BAD)
		return e;
	*out = now_ms - days * DAY_MS;
	return E_OK;
}

static enum err offline(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	return db_offline_expire(db, now_ms, limit, out);
}

static enum err archive(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	return db_archive_expire(db, now_ms, limit, out);
}

/* Kept for members who come back, as long as a text to one person is. */
static enum err group_texts(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	return db_group_text_expire(db, now_ms - IM_OFFLINE_KEEP_S * 1000LL, limit, out);
}

static enum err records(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	int64_t before_ms = 0;
	enum err e = kept_since(db, STR("records.keep_days"), RECORD_KEEP_DAYS, now_ms, &before_ms);

	return e == E_OK ? db_record_expire(db, before_ms, limit, out) : e;
}

/* sql deletes up to ?2 rows older than ?1. */
static enum err rows_before(struct db *db, const char *sql, int64_t before_ms, size_t limit,
			    size_t *out)
{
	struct query q;
	enum err e;

	db_query(&q, db, sql);
	db_bind_i64(&q, before_ms);
	db_bind_i64(&q, (int64_t)limit);
	e = db_change(&q);
	*out = e == E_OK ? (size_t)db_changes(db) : 0;
	return e == E_NOTFOUND ? E_OK : e;
}

static enum err audit(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	int64_t before_ms = 0;
	enum err e = kept_since(db, STR("audit.keep_days"), AUDIT_KEEP_DAYS, now_ms, &before_ms);

	/* Ids ascend with time, so the oldest stand first and no index on the time is needed. */
	return e == E_OK ? rows_before(db,
				       "DELETE FROM audit WHERE at_ms < ?1 AND id IN"
				       " (SELECT id FROM audit ORDER BY id LIMIT ?2)",
				       before_ms, limit, out)
			 : e;
}

static enum err sessions(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	return rows_before(db,
			   "DELETE FROM admin_session WHERE token_hash IN"
			   " (SELECT token_hash FROM admin_session WHERE expires_ms < ?1 LIMIT ?2)",
			   now_ms, limit, out);
}

static enum err links(struct db *db, int64_t now_ms, size_t limit, size_t *out)
{
	return rows_before(db,
			   "DELETE FROM one_time_link WHERE token_hash IN"
			   " (SELECT token_hash FROM one_time_link WHERE expires_ms < ?1 LIMIT ?2)",
			   now_ms, limit, out);
}

/* A few free pages are used again before long; a great many are what an erased archive leaves. */
static enum err give_back(struct db *db, bool *more_out)
{
	int64_t pages = 0;
	enum err e = db_pragma_i64(db, "PRAGMA freelist_count", &pages);

	if (e != E_OK || pages < 2 * STORE_SWEEP_PAGES)
		return e;
	e = db_give_back(db, STORE_SWEEP_PAGES);
	*more_out = e == E_OK;
	return e;
}

enum err sweep_slice(struct db *db, int64_t now_ms, size_t *rows_out, bool *more_out)
{
	static enum err (*const kinds[])(struct db * db, int64_t now_ms, size_t limit,
					 size_t * out) = {
		offline, archive, group_texts, records, audit, sessions, links,
	};
	size_t left = STORE_SWEEP_ROWS;
	bool more = false;

	for (size_t i = 0; i < ARRAY_LEN(kinds) && left > 0; i++) {
		size_t n = 0;
		enum err e = kinds[i](db, now_ms, left, &n);

		if (e != E_OK)
			return e;
		left -= n < left ? n : left;
	}
	if (left > 0) {
		enum err e = give_back(db, &more);

		if (e != E_OK)
			return e;
	}
	*rows_out = STORE_SWEEP_ROWS - left;
	*more_out = left == 0 || more;
	return E_OK;
}
