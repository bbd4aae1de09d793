/* What stands in for an administrator's password: sessions, API keys and links. */
#include "db/admins.h"

#include <string.h>

#include "db/sqlite.h"

/* Keys are looked up by their hash in memory or by its index; a row with another length cannot be (CHECK). */
static void get_hash(const struct query *q, int col, unsigned char out[DB_TOKEN_HASH_LEN])
{
	struct str s = db_str(q, col);

	memset(out, 0, DB_TOKEN_HASH_LEN);
	memcpy(out, s.p, s.len < DB_TOKEN_HASH_LEN ? s.len : DB_TOKEN_HASH_LEN);
}

/* --- sessions --- */

enum err db_session_put(struct db *db, const struct db_session *s)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO admin_session (token_hash, admin_id, created_ms, used_ms, expires_ms, address, agent)"
		" VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (token_hash) DO UPDATE SET used_ms = excluded.used_ms,"
		" expires_ms = excluded.expires_ms, address = excluded.address, agent = excluded.agent");
	db_bind_blob(&q, s->hash, sizeof(s->hash));
	db_bind_i64(&q, s->admin_id);
	db_bind_i64(&q, s->created_ms);
	db_bind_i64(&q, s->used_ms);
	db_bind_i64(&q, s->expires_ms);
	db_bind_str(&q, s->address);
	db_bind_str(&q, s->agent);
	return db_run(&q);
}

enum err db_session_used(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN], int64_t now_ms)
{
	struct query q;

	db_query(&q, db, "UPDATE admin_session SET used_ms = ? WHERE token_hash = ?");
	db_bind_i64(&q, now_ms);
	db_bind_blob(&q, hash, DB_TOKEN_HASH_LEN);
	return db_change(&q);
}

enum err db_session_delete(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN])
{
	struct query q;

	db_query(&q, db, "DELETE FROM admin_session WHERE token_hash = ?");
	db_bind_blob(&q, hash, DB_TOKEN_HASH_LEN);
	return db_run(&q);
}

enum err db_session_delete_admin(struct db *db, int64_t admin_id, const unsigned char *keep)
{
	struct query q;

	db_query(
		&q, db,
		"DELETE FROM admin_session WHERE admin_id = ?1 AND (?2 IS NULL OR token_hash <> ?2)");
	db_bind_i64(&q, admin_id);
	if (keep != NULL)
		db_bind_blob(&q, keep, DB_TOKEN_HASH_LEN);
	else
		db_bind_null(&q);
	return db_run(&q);
}

enum err db_session_each(struct db *db, db_session_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT token_hash, admin_id, created_ms, used_ms, expires_ms, address, agent FROM admin_session"
		" ORDER BY used_ms DESC");
	while (db_step(&q)) {
		struct db_session s = {
			.admin_id = db_i64(&q, 1),
			.created_ms = db_i64(&q, 2),
			.used_ms = db_i64(&q, 3),
			.expires_ms = db_i64(&q, 4),
			.address = db_str(&q, 5),
			.agent = db_str(&q, 6),
		};

		get_hash(&q, 0, s.hash);
		fn(&s, arg);
	}
	return db_end(&q);
}

/* --- API keys --- */

enum err db_api_key_add(struct db *db, const struct db_api_key *k, int64_t *id_out)
{
	struct query q;
	enum err e;

	db_query(
		&q, db,
		"INSERT INTO api_key (name, token_hash, may_change, admin_id, created_ms, used_ms, expires_ms)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)");
	db_bind_str(&q, k->name);
	db_bind_blob(&q, k->hash, sizeof(k->hash));
	db_bind_i64(&q, k->may_change);
	db_bind_id(&q, k->admin_id);
	db_bind_i64(&q, k->created_ms);
	db_bind_i64(&q, k->used_ms);
	db_bind_i64(&q, k->expires_ms);
	e = db_run(&q);
	if (e == E_OK)
		*id_out = db_last_id(db);
	return e;
}

enum err db_api_key_delete(struct db *db, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM api_key WHERE id = ?");
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_api_key_used(struct db *db, int64_t id, int64_t now_ms)
{
	struct query q;

	db_query(&q, db, "UPDATE api_key SET used_ms = ? WHERE id = ?");
	db_bind_i64(&q, now_ms);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_api_key_each(struct db *db, db_api_key_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT id, name, token_hash, may_change, admin_id, created_ms, used_ms, expires_ms FROM api_key"
		" ORDER BY id");
	while (db_step(&q)) {
		struct db_api_key k = {
			.id = db_i64(&q, 0),
			.name = db_str(&q, 1),
			.may_change = db_i64(&q, 3) != 0,
			.admin_id = db_i64(&q, 4),
			.created_ms = db_i64(&q, 5),
			.used_ms = db_i64(&q, 6),
			.expires_ms = db_i64(&q, 7),
		};

		get_hash(&q, 2, k.hash);
		fn(&k, arg);
	}
	return db_end(&q);
}

/* --- one-time links --- */

enum err db_link_add(struct db *db, const struct db_link *l)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO one_time_link (token_hash, kind, admin_id, created_ms, expires_ms) VALUES (?, ?, ?, ?, ?)");
	db_bind_blob(&q, l->hash, sizeof(l->hash));
	db_bind_i64(&q, l->kind);
	db_bind_id(&q, l->admin_id);
	db_bind_i64(&q, l->created_ms);
	db_bind_i64(&q, l->expires_ms);
	return db_run(&q);
}

enum err db_link_get(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN], int64_t now_ms,
		     struct db_link *out)
{
	struct db_link l;
	struct query q;
	bool is_there;
	enum err e;

	db_query(
		&q, db,
		"SELECT kind, admin_id, created_ms, expires_ms FROM one_time_link WHERE token_hash = ?");
	db_bind_blob(&q, hash, DB_TOKEN_HASH_LEN);
	is_there = db_step(&q);
	if (is_there) {
		l = (struct db_link){
			.kind = (enum db_link_kind)db_i64(&q, 0),
			.admin_id = db_i64(&q, 1),
			.created_ms = db_i64(&q, 2),
			.expires_ms = db_i64(&q, 3),
		};
		memcpy(l.hash, hash, DB_TOKEN_HASH_LEN);
	}
	e = db_end(&q);
	if (e != E_OK)
		return e;
	if (!is_there)
		return E_NOTFOUND;
	if (l.expires_ms <= now_ms)
		return E_STALE;
	*out = l;
	return E_OK;
}

enum err db_link_use(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN], int64_t now_ms,
		     struct db_link *out)
{
	struct db_link l;
	struct query q;
	enum err e = db_link_get(db, hash, now_ms, &l);

	if (e != E_OK)
		return e;
	db_query(&q, db, "DELETE FROM one_time_link WHERE token_hash = ?");
	db_bind_blob(&q, hash, DB_TOKEN_HASH_LEN);
	e = db_change(&q);
	if (e == E_OK)
		*out = l;
	return e;
}

enum err db_link_delete_kind(struct db *db, enum db_link_kind kind, int64_t admin_id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM one_time_link WHERE kind = ?1 AND (?2 = 0 OR admin_id = ?2)");
	db_bind_i64(&q, kind);
	db_bind_i64(&q, admin_id);
	return db_run(&q);
}
