#include "db/groups.h"

#include "base/limits.h"

#include "db/sqlite.h"

static void bind_group(struct query *q, const struct db_group *g)
{
	db_bind_i64(q, g->kind);
	db_bind_i64(q, g->access);
	db_bind_i64(q, g->is_locked);
	db_bind_i64(q, g->ends_with_organizer);
	db_bind_str(q, g->conf_id);
	db_bind_str(q, g->subject);
	db_bind_i64(q, g->last_text_ms);
	db_bind_i64(q, g->last_seq);
	db_bind_i64(q, g->version);
	db_bind_i64(q, g->id);
}

enum err db_group_add(struct db *db, const struct db_group *g)
{
	struct query q;

	db_query(&q, db,
		 "INSERT INTO chat_group (kind, access, locked, ends_with_organizer, conf_id, "
		 "subject, last_text_ms,"
		 " last_seq, version, id, name, organizer_id, created_ms) VALUES (?, ?, ?, ?, ?, "
		 "?, ?, ?, ?, ?, ?, ?, ?)");
	bind_group(&q, g);
	db_bind_str(&q, g->name);
	db_bind_id(&q, g->organizer_id);
	db_bind_i64(&q, g->created_ms);
	return db_run(&q);
}

static enum err put_member(struct db *db, int64_t group_id, const struct db_member *p)
{
	struct query q;

	if (p->state == DB_MEMBER_OUT) {
		db_query(&q, db, "DELETE FROM chat_member WHERE group_id = ? AND account_id = ?");
		db_bind_i64(&q, group_id);
		db_bind_i64(&q, p->account_id);
		return db_run(&q);
	}
	/* The account may have been deleted in the meantime: then there is nothing to keep. */
	db_query(&q, db,
		 "INSERT INTO chat_member (group_id, account_id, state, role, sticky, joined_ms, "
		 "seen_seq)"
		 " SELECT ?, id, ?, ?, ?, ?, ? FROM account WHERE id = ?"
		 " ON CONFLICT (group_id, account_id) DO UPDATE SET state = excluded.state, role = "
		 "excluded.role,"
		 " sticky = excluded.sticky, joined_ms = excluded.joined_ms, seen_seq = "
		 "excluded.seen_seq");
	db_bind_i64(&q, group_id);
	db_bind_i64(&q, p->state);
	db_bind_i64(&q, p->role);
	db_bind_i64(&q, p->is_sticky);
	db_bind_i64(&q, p->joined_ms);
	db_bind_i64(&q, p->seen_seq);
	db_bind_i64(&q, p->account_id);
	return db_run(&q);
}

/* last_seq never goes back: a text's own operation may have come before this one. */
enum err db_group_update(struct db *db, const struct db_group *g, const struct db_member *p,
			 size_t count)
{
	struct query q;
	enum err e;

	db_query(&q, db,
		 "UPDATE chat_group SET kind = ?, access = ?, locked = ?, ends_with_organizer = ?, "
		 "conf_id = ?,"
		 " subject = ?, last_text_ms = ?, last_seq = max(last_seq, ?), version = ? WHERE "
		 "id = ?");
	bind_group(&q, g);
	e = db_change(&q);
	for (size_t i = 0; i < count && e == E_OK; i++)
		e = put_member(db, g->id, &p[i]);
	return e;
}

enum err db_group_delete(struct db *db, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM chat_group WHERE id = ?");
	db_bind_i64(&q, id);
	return db_run(&q);
}

enum err db_group_last_id(struct db *db, int64_t *out)
{
	struct query q;
	int64_t id = 0;
	enum err e;

	db_query(&q, db, "SELECT seq FROM sqlite_sequence WHERE name = 'chat_group'");
	while (db_step(&q))
		id = db_i64(&q, 0);
	e = db_end(&q);
	if (e == E_OK)
		*out = id;
	return e;
}

/* --- texts --- */

static enum err raise_seq(struct db *db, const struct db_group_text *t)
{
	struct query q;

	db_query(
		&q, db,
		"UPDATE chat_group SET last_seq = max(last_seq, ?), last_text_ms = ? WHERE id = ?");
	db_bind_i64(&q, t->seq);
	db_bind_i64(&q, t->at_ms);
	db_bind_i64(&q, t->group_id);
	return db_change(&q);
}

static enum err drop_texts(struct db *db, int64_t group_id, int64_t seq)
{
	struct query q;

	db_query(&q, db, "DELETE FROM chat_text WHERE group_id = ? AND seq <= ?");
	db_bind_i64(&q, group_id);
	db_bind_i64(&q, seq);
	return db_run(&q);
}

enum err db_group_text_put(struct db *db, const struct db_group_text *t, int64_t drop_seq)
{
	struct query q;
	enum err e = raise_seq(db, t);

	if (e != E_OK)
		return e;
	db_query(&q, db,
		 "INSERT INTO chat_text (group_id, seq, at_ms, author_id, author_name, "
		 "author_display, dialect,"
		 " content_type, content_encoding, call_id, message_id, extra, notice, plain, body)"
		 " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	db_bind_i64(&q, t->group_id);
	db_bind_i64(&q, t->seq);
	db_bind_i64(&q, t->at_ms);
	db_bind_i64(&q, t->author_id);
	db_bind_str(&q, t->author_name);
	db_bind_str(&q, t->author_display);
	db_bind_str(&q, t->dialect);
	db_bind_str(&q, t->content_type);
	db_bind_str(&q, t->content_encoding);
	db_bind_str(&q, t->call_id);
	db_bind_str(&q, t->message_id);
	db_bind_str(&q, t->extra);
	db_bind_str(&q, t->notice);
	db_bind_str(&q, t->plain);
	db_bind_blob(&q, t->body.p, t->body.len);
	e = db_run(&q);
	return e == E_OK && drop_seq > 0 ? drop_texts(db, t->group_id, drop_seq) : e;
}

enum err db_group_text_expire(struct db *db, int64_t before_ms, size_t limit, size_t *deleted_out)
{
	struct query q;
	enum err e;

	db_query(&q, db,
		 "DELETE FROM chat_text WHERE id IN (SELECT id FROM chat_text WHERE at_ms < ? "
		 "ORDER BY at_ms LIMIT ?)");
	db_bind_i64(&q, before_ms);
	db_bind_i64(&q, (int64_t)limit);
	e = db_run(&q);
	if (e == E_OK)
		*deleted_out = (size_t)db_changes(db);
	return e;
}

/* --- the start --- */

enum err db_group_each(struct db *db, db_group_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db,
		 "SELECT id, kind, access, locked, ends_with_organizer, name, conf_id, subject, "
		 "organizer_id, created_ms,"
		 " last_text_ms, last_seq, version FROM chat_group ORDER BY id");
	while (db_step(&q)) {
		const struct db_group g = {
			.id = db_i64(&q, 0),
			.kind = db_i64(&q, 1),
			.access = db_i64(&q, 2),
			.is_locked = db_i64(&q, 3) != 0,
			.ends_with_organizer = db_i64(&q, 4) != 0,
			.name = db_str(&q, 5),
			.conf_id = db_str(&q, 6),
			.subject = db_str(&q, 7),
			.organizer_id = db_i64(&q, 8),
			.created_ms = db_i64(&q, 9),
			.last_text_ms = db_i64(&q, 10),
			.last_seq = db_i64(&q, 11),
			.version = db_i64(&q, 12),
		};

		fn(&g, arg);
	}
	return db_end(&q);
}

enum err db_group_member_each(struct db *db, db_group_member_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db,
		 "SELECT group_id, account_id, state, role, sticky, joined_ms, seen_seq FROM "
		 "chat_member"
		 " ORDER BY joined_ms, account_id");
	while (db_step(&q)) {
		const struct db_member p = {
			.account_id = db_i64(&q, 1),
			.state = db_i64(&q, 2) == DB_MEMBER_BANNED ? DB_MEMBER_BANNED
								   : DB_MEMBER_IN,
			.role = db_i64(&q, 3),
			.is_sticky = db_i64(&q, 4) != 0,
			.joined_ms = db_i64(&q, 5),
			.seen_seq = db_i64(&q, 6),
		};

		fn(db_i64(&q, 0), &p, arg);
	}
	return db_end(&q);
}

enum err db_group_text_each(struct db *db, db_group_text_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db,
		 "SELECT group_id, seq, at_ms, author_id, author_name, author_display, dialect, "
		 "content_type,"
		 " content_encoding, call_id, message_id, extra, notice, plain, body FROM chat_text"
		 " ORDER BY group_id, seq");
	while (db_step(&q)) {
		const struct db_group_text t = {
			.group_id = db_i64(&q, 0),
			.seq = db_i64(&q, 1),
			.at_ms = db_i64(&q, 2),
			.author_id = db_i64(&q, 3),
			.author_name = db_str(&q, 4),
			.author_display = db_str(&q, 5),
			.dialect = db_str(&q, 6),
			.content_type = db_str(&q, 7),
			.content_encoding = db_str(&q, 8),
			.call_id = db_str(&q, 9),
			.message_id = db_str(&q, 10),
			.extra = db_str(&q, 11),
			.notice = db_str(&q, 12),
			.plain = db_str(&q, 13),
			.body = db_str(&q, 14),
		};

		fn(&t, arg);
	}
	return db_end(&q);
}
