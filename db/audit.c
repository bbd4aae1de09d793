#include "db/audit.h"

#include "base/limits.h"

#include "db/sqlite.h"

enum err db_audit_add(struct db *db, const struct db_audit *a)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO audit (at_ms, actor, address, action, object, detail) VALUES (?, ?, ?, ?, ?, ?)");
	db_bind_i64(&q, a->at_ms);
	db_bind_str(&q, a->actor);
	db_bind_str(&q, a->address);
	db_bind_str(&q, a->action);
	db_bind_str(&q, a->object);
	db_bind_str(&q, a->detail);
	return db_run(&q);
}

/* One text for every filter, three ways to find the rows: a unary plus keeps an index from being taken. */
#define SELECT "SELECT id, at_ms, actor, address, action, object, detail FROM audit"
#define REST \
	" AND id < ?3 AND (?4 = '' OR action = ?4) AND at_ms >= ?5 AND at_ms < ?6 ORDER BY id DESC LIMIT ?7"

static const char *statement(const struct db_audit_filter *f)
{
	if (f->object.len > 0)
		return SELECT " WHERE (?1 = '' OR +actor = ?1) AND object = ?2" REST;
	if (f->actor.len > 0)
		return SELECT " WHERE actor = ?1 AND (?2 = '' OR +object = ?2)" REST;
	return SELECT " WHERE (?1 = '' OR +actor = ?1) AND (?2 = '' OR +object = ?2)" REST;
}

enum err db_audit_list(struct db *db, const struct db_audit_filter *f, db_audit_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db, statement(f));
	db_bind_str(&q, f->actor);
	db_bind_str(&q, f->object);
	db_bind_i64(&q, f->before_id > 0 ? f->before_id : INT64_MAX);
	db_bind_str(&q, f->action);
	db_bind_i64(&q, f->from_ms);
	db_bind_i64(&q, f->to_ms > 0 ? f->to_ms : INT64_MAX);
	db_bind_i64(&q, f->limit < DB_LIST_MAX ? (int64_t)f->limit : DB_LIST_MAX);
	while (db_step(&q)) {
		struct db_audit a = {
			.id = db_i64(&q, 0),
			.at_ms = db_i64(&q, 1),
			.actor = db_str(&q, 2),
			.address = db_str(&q, 3),
			.action = db_str(&q, 4),
			.object = db_str(&q, 5),
			.detail = db_str(&q, 6),
		};

		fn(&a, arg);
	}
	return db_end(&q);
}
