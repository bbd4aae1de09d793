#include "db/admins.h"

#include "db/sqlite.h"

enum err db_admin_add(struct db *db, const struct db_admin *a, int64_t *id_out)
{
	struct query q;
	enum err e;

	db_query(
		&q, db,
		"INSERT INTO admin (name, argon2, totp, totp_step, enabled, created_ms, last_sign_in_ms)"
		" VALUES (?, ?, ?, ?, ?, ?, ?)");
	db_bind_str(&q, a->name);
	db_bind_str(&q, a->argon2);
	db_bind_opt(&q, a->totp);
	db_bind_i64(&q, a->totp_step);
	db_bind_i64(&q, a->enabled);
	db_bind_i64(&q, a->created_ms);
	db_bind_i64(&q, a->last_sign_in_ms);
	e = db_run(&q);
	if (e == E_OK)
		*id_out = db_last_id(db);
	return e;
}

enum err db_admin_set_password(struct db *db, int64_t id, struct str argon2)
{
	struct query q;

	db_query(&q, db, "UPDATE admin SET argon2 = ? WHERE id = ?");
	db_bind_str(&q, argon2);
	db_bind_i64(&q, id);
	return db_change(&q);
}

/* The step stays with the secret: a new secret begins anew. */
enum err db_admin_set_totp(struct db *db, int64_t id, struct str secret)
{
	struct query q;

	db_query(&q, db, "UPDATE admin SET totp = ?, totp_step = 0 WHERE id = ?");
	db_bind_opt(&q, secret);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_admin_use_totp_step(struct db *db, int64_t id, int64_t step)
{
	struct query q;
	bool is_there;
	enum err e;

	db_query(&q, db, "UPDATE admin SET totp_step = ?1 WHERE id = ?2 AND totp_step < ?1");
	db_bind_i64(&q, step);
	db_bind_i64(&q, id);
	e = db_change(&q);
	if (e != E_NOTFOUND)
		return e;
	db_query(&q, db, "SELECT 1 FROM admin WHERE id = ?");
	db_bind_i64(&q, id);
	is_there = db_step(&q);
	e = db_end(&q);
	if (e != E_OK)
		return e;
	return is_there ? E_STALE : E_NOTFOUND;
}

enum err db_admin_set_enabled(struct db *db, int64_t id, bool enabled)
{
	struct query q;

	db_query(&q, db, "UPDATE admin SET enabled = ? WHERE id = ?");
	db_bind_i64(&q, enabled);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_admin_signed_in(struct db *db, int64_t id, int64_t now_ms)
{
	struct query q;

	db_query(&q, db, "UPDATE admin SET last_sign_in_ms = ? WHERE id = ?");
	db_bind_i64(&q, now_ms);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_admin_delete(struct db *db, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM admin WHERE id = ?");
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_admin_each(struct db *db, db_admin_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT id, name, argon2, totp, totp_step, enabled, created_ms, last_sign_in_ms FROM admin"
		" ORDER BY id");
	while (db_step(&q)) {
		struct db_admin a = {
			.id = db_i64(&q, 0),
			.name = db_str(&q, 1),
			.argon2 = db_str(&q, 2),
			.totp = db_str(&q, 3),
			.totp_step = db_i64(&q, 4),
			.enabled = db_i64(&q, 5) != 0,
			.created_ms = db_i64(&q, 6),
			.last_sign_in_ms = db_i64(&q, 7),
		};

		fn(&a, arg);
	}
	return db_end(&q);
}
