#include "db/archive.h"

#include "base/buf.h"
#include "base/limits.h"

#include "db/bigram.h"
#include "db/sqlite.h"

/* --- rules --- */

enum err db_archive_rule_put(struct db *db, const struct db_archive_rule *r)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT OR REPLACE INTO archive_rule (scope, id, mode, keep_days) VALUES (?, ?, ?, ?)");
	db_bind_i64(&q, r->scope);
	db_bind_i64(&q, r->id);
	db_bind_i64(&q, r->mode);
	db_bind_i64(&q, r->keep_days);
	return db_run(&q);
}

enum err db_archive_rule_drop(struct db *db, int64_t scope, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM archive_rule WHERE scope = ? AND id = ?");
	db_bind_i64(&q, scope);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_archive_rule_each(struct db *db, db_archive_rule_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db, "SELECT scope, id, mode, keep_days FROM archive_rule ORDER BY scope, id");
	while (db_step(&q)) {
		const struct db_archive_rule r = {
			.scope = db_i64(&q, 0),
			.id = db_i64(&q, 1),
			.mode = db_i64(&q, 2),
			.keep_days = db_i64(&q, 3),
		};

		fn(&r, arg);
	}
	return db_end(&q);
}

/* --- putting --- */

static enum err put_who(struct db *db, int64_t conversation, struct str uri)
{
	struct query q;

	db_query(&q, db, "INSERT OR IGNORE INTO archive_who (uri, conversation) VALUES (?, ?)");
	db_bind_str(&q, uri);
	db_bind_i64(&q, conversation);
	return db_run(&q);
}

/* sql gives the index the words of a text, or takes them from it: ?1 the id, ?2 the words. */
static enum err change_index(struct db *db, const char *sql, int64_t id, struct str plain)
{
	struct query q;
	struct buf words;
	enum err e;

	buf_init(&words, IM_BODY_MAX * 4); /* pairs are twice the text, and blanks */
	bigram_index(plain, &words);
	e = buf_err(&words);
	if (e == E_OK) {
		db_query(&q, db, sql);
		db_bind_i64(&q, id);
		db_bind_str(&q, buf_str(&words));
		e = db_run(&q);
	}
	buf_fini(&words);
	return e;
}

enum err db_archive_put(struct db *db, const struct db_archive_text *t)
{
	struct str to = t->to_uris;
	struct query q;
	enum err e;

	db_query(
		&q, db,
		"INSERT INTO archive_text (at_ms, purge_ms, conversation, from_uri, to_uris, content_type, plain, body)"
		" VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
	db_bind_i64(&q, t->at_ms);
	db_bind_i64(&q, t->purge_ms);
	db_bind_i64(&q, t->conversation);
	db_bind_str(&q, t->from_uri);
	db_bind_str(&q, t->to_uris);
	db_bind_str(&q, t->content_type);
	db_bind_str(&q, t->plain);
	db_bind_blob(&q, t->body.p, t->body.len);
	e = db_run(&q);
	if (e == E_OK)
		e = change_index(db, "INSERT INTO archive_index (rowid, words) VALUES (?, ?)",
				 db_last_id(db), t->plain);
	if (e == E_OK)
		e = put_who(db, t->conversation, t->from_uri);
	while (e == E_OK && to.p != NULL) {
		struct str uri = str_cut(&to, ' ');

		if (uri.len > 0)
			e = put_who(db, t->conversation, uri);
	}
	return e;
}

/* --- finding --- */

static enum err rows(struct query *q, db_archive_fn *fn, void *arg)
{
	while (db_step(q)) {
		const struct db_archive_text t = {
			.id = db_i64(q, 0),
			.at_ms = db_i64(q, 1),
			.purge_ms = db_i64(q, 2),
			.conversation = db_i64(q, 3),
			.from_uri = db_str(q, 4),
			.to_uris = db_str(q, 5),
			.content_type = db_str(q, 6),
			.plain = db_str(q, 7),
			.body = db_str(q, 8),
		};

		fn(&t, arg);
	}
	return db_end(q);
}

#define COLUMNS \
	"SELECT t.id, t.at_ms, t.purge_ms, t.conversation, t.from_uri, t.to_uris, t.content_type, t.plain, "
#define TESTS                                                                                                \
	" (?1 = 0 OR t.id < ?1) AND (?2 = 0 OR t.conversation = ?2) AND (?3 = 0 OR t.at_ms >= ?3)"           \
	" AND (?4 = 0 OR t.at_ms < ?4) AND (?5 = '' OR EXISTS (SELECT 1 FROM archive_who w WHERE w.uri = ?5" \
	" AND w.conversation = t.conversation)) ORDER BY t.id DESC LIMIT ?6"

static void bind_filter(struct query *q, const struct db_archive_filter *f)
{
	db_bind_i64(q, f->before_id);
	db_bind_i64(q, f->conversation);
	db_bind_i64(q, f->from_ms);
	db_bind_i64(q, f->to_ms);
	db_bind_str(q, f->uri);
	db_bind_i64(q, f->limit > 0 && f->limit < DB_LIST_MAX ? (int64_t)f->limit : DB_LIST_MAX);
}

enum err db_archive_list(struct db *db, const struct db_archive_filter *f, db_archive_fn *fn,
			 void *arg)
{
	struct query q;
	struct buf match;
	enum err e;

	buf_init(&match, IM_BODY_MAX);
	bigram_query(f->words, &match);
	e = buf_err(&match);
	if (e != E_OK) {
		buf_fini(&match);
		return e;
	}
	if (match.len > 0) {
		db_query(&q, db,
			 COLUMNS "'' FROM archive_index i JOIN archive_text t ON t.id = i.rowid"
				 " WHERE archive_index MATCH ?7 AND" TESTS);
		bind_filter(&q, f);
		db_bind_str(&q, buf_str(&match));
	} else {
		db_query(&q, db, COLUMNS "'' FROM archive_text t WHERE" TESTS);
		bind_filter(&q, f);
	}
	e = rows(&q, fn, arg);
	buf_fini(&match);
	return e;
}

/* --- erasing --- */

#define EXPIRED \
	"(SELECT id FROM archive_text WHERE purge_ms <> 0 AND purge_ms < ?1 ORDER BY purge_ms, id LIMIT ?2)"
#define SAID "(SELECT id FROM archive_text WHERE conversation = ?1 ORDER BY id LIMIT ?2)"

/* Of the texts with an id in pick, which is by ?1 and up to ?2. */
struct erasing {
	const char *find, *who, *text;
};
/* Who took part goes with the last text of a conversation; only those of texts that go are looked at, as there may
 * be millions. */
#define ERASING(pick)                                                                                                            \
	{                                                                                                                        \
		"SELECT id, plain FROM archive_text WHERE id IN " pick,                                                          \
			"DELETE FROM archive_who WHERE conversation IN (SELECT conversation FROM archive_text WHERE id IN " pick \
			") AND NOT EXISTS (SELECT 1 FROM archive_text t"                                                         \
			" WHERE t.conversation = archive_who.conversation AND t.id NOT IN " pick                                 \
			")",                                                                                                     \
			"DELETE FROM archive_text WHERE id IN " pick,                                                            \
	}

static void pick_for(struct query *q, struct db *db, const char *sql, int64_t key, size_t limit)
{
	db_query(q, db, sql);
	db_bind_i64(q, key);
	db_bind_i64(q, (int64_t)limit);
}

/* The index keeps no texts, so it has to be told which words it loses. */
static enum err erase_words(struct db *db, const char *find, int64_t key, size_t limit)
{
	struct query q;
	enum err e = E_OK, ended;

	pick_for(&q, db, find, key, limit);
	while (e == E_OK && db_step(&q))
		e = change_index(
			db,
			"INSERT INTO archive_index (archive_index, rowid, words) VALUES ('delete', ?, ?)",
			db_i64(&q, 0), db_str(&q, 1));
	ended = db_end(&q);
	/* FTS5 writes at a savepoint or the commit: that must not come after secure_delete is off. */
	if (e == E_OK)
		e = db_exec(db, "SAVEPOINT erased; RELEASE erased");
	return e == E_OK ? ended : e;
}

static enum err erase(struct db *db, const struct erasing *sql, int64_t key, size_t limit,
		      size_t *out)
{
	enum err e = db_secure_delete(db, true), off;
	struct query q;

	if (e == E_OK)
		e = erase_words(db, sql->find, key, limit);
	if (e == E_OK) {
		pick_for(&q, db, sql->who, key, limit);
		e = db_run(&q);
	}
	if (e == E_OK) {
		pick_for(&q, db, sql->text, key, limit);
		e = db_run(&q);
	}
	if (e == E_OK)
		*out = (size_t)db_changes(db);
	off = db_secure_delete(db, false);
	return e != E_OK ? e : off;
}

enum err db_archive_expire(struct db *db, int64_t now_ms, size_t limit, size_t *deleted_out)
{
	static const struct erasing expired = ERASING(EXPIRED);

	return erase(db, &expired, now_ms, limit, deleted_out);
}

enum err db_archive_erase(struct db *db, int64_t conversation, size_t limit, size_t *deleted_out)
{
	static const struct erasing said = ERASING(SAID);

	return erase(db, &said, conversation, limit, deleted_out);
}
