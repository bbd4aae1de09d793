#include "db/offline.h"

#include "base/limits.h"

#include "db/sqlite.h"

enum err db_offline_put(struct db *db, const struct db_offline *m, int64_t *id_out)
{
	struct query q;
	enum err e;

	db_query(
		&q, db,
		"INSERT INTO offline_message (account_id, sender_id, sender_uri, from_display, content_type,"
		" content_encoding, call_id, message_id, kind, conversation, sent_ms, accepted_ms, expires_ms, extra,"
		" body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	db_bind_i64(&q, m->account_id);
	db_bind_i64(&q, m->sender_id);
	db_bind_str(&q, m->sender_uri);
	db_bind_str(&q, m->from_display);
	db_bind_str(&q, m->content_type);
	db_bind_str(&q, m->content_encoding);
	db_bind_str(&q, m->call_id);
	db_bind_str(&q, m->message_id);
	db_bind_i64(&q, m->kind);
	db_bind_i64(&q, m->conversation);
	db_bind_i64(&q, m->sent_ms);
	db_bind_i64(&q, m->accepted_ms);
	db_bind_i64(&q, m->expires_ms);
	db_bind_str(&q, m->extra);
	db_bind_blob(&q, m->body.p, m->body.len);
	e = db_run(&q);
	if (e == E_OK)
		*id_out = db_last_id(db);
	return e;
}

enum err db_offline_delete(struct db *db, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM offline_message WHERE id = ?");
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_offline_list(struct db *db, int64_t account_id, int64_t after_id, size_t limit,
			 int64_t now_ms, db_offline_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT id, account_id, sender_id, sender_uri, from_display, content_type, content_encoding, call_id,"
		" message_id, kind, conversation, sent_ms, accepted_ms, expires_ms, extra, body FROM offline_message"
		" WHERE account_id = ? AND id > ? AND expires_ms > ? ORDER BY id LIMIT ?");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, after_id);
	db_bind_i64(&q, now_ms);
	db_bind_i64(&q, limit < DB_LIST_MAX ? (int64_t)limit : DB_LIST_MAX);
	while (db_step(&q)) {
		struct db_offline m = {
			.id = db_i64(&q, 0),
			.account_id = db_i64(&q, 1),
			.sender_id = db_i64(&q, 2),
			.sender_uri = db_str(&q, 3),
			.from_display = db_str(&q, 4),
			.content_type = db_str(&q, 5),
			.content_encoding = db_str(&q, 6),
			.call_id = db_str(&q, 7),
			.message_id = db_str(&q, 8),
			.kind = db_i64(&q, 9),
			.conversation = db_i64(&q, 10),
			.sent_ms = db_i64(&q, 11),
			.accepted_ms = db_i64(&q, 12),
			.expires_ms = db_i64(&q, 13),
			.extra = db_str(&q, 14),
			.body = db_str(&q, 15),
		};

		fn(&m, arg);
	}
	return db_end(&q);
}

enum err db_offline_counts(struct db *db, db_offline_count_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT account_id, count(*), sum(length(body)), max(id) FROM offline_message GROUP BY account_id");
	while (db_step(&q)) {
		struct db_offline_count c = {
			.account_id = db_i64(&q, 0),
			.messages = db_i64(&q, 1),
			.bytes = db_i64(&q, 2),
			.last_id = db_i64(&q, 3),
		};

		fn(&c, arg);
	}
	return db_end(&q);
}

enum err db_offline_expire(struct db *db, int64_t now_ms, size_t limit, size_t *deleted_out)
{
	struct query q;
	enum err e;

	db_query(
		&q, db,
		"DELETE FROM offline_message WHERE id IN"
		" (SELECT id FROM offline_message WHERE expires_ms <= ? ORDER BY expires_ms LIMIT ?)");
	db_bind_i64(&q, now_ms);
	db_bind_i64(&q, (int64_t)limit);
	e = db_change(&q);
	if (e == E_OK)
		*deleted_out = (size_t)db_changes(db);
	if (e == E_NOTFOUND) {
		*deleted_out = 0;
		e = E_OK;
	}
	return e;
}
