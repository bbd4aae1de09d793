#include "db/certs.h"

#include "db/sqlite.h"

enum err db_cert_add(struct db *db, const struct db_cert *c, int64_t *id_out)
{
	struct query q;
	enum err e;

	db_query(&q, db, "UPDATE certificate SET active = 0 WHERE kind = ? AND active = 1");
	db_bind_i64(&q, c->kind);
	e = db_run(&q);
	if (e != E_OK)
		return e;
	db_query(
		&q, db,
		"INSERT INTO certificate (kind, cert_pem, key_pem, serial, not_before_ms, not_after_ms, created_ms,"
		" own, active) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)");
	db_bind_i64(&q, c->kind);
	db_bind_str(&q, c->cert_pem);
	db_bind_str(&q, c->key_pem);
	db_bind_str(&q, c->serial);
	db_bind_i64(&q, c->not_before_ms);
	db_bind_i64(&q, c->not_after_ms);
	db_bind_i64(&q, c->created_ms);
	db_bind_i64(&q, c->is_own);
	e = db_run(&q);
	if (e == E_OK)
		*id_out = db_last_id(db);
	return e;
}

static void call(const struct query *q, db_cert_fn *fn, void *arg)
{
	struct db_cert c = {
		.id = db_i64(q, 0),
		.kind = (enum db_cert_kind)db_i64(q, 1),
		.cert_pem = db_str(q, 2),
		.key_pem = db_str(q, 3),
		.serial = db_str(q, 4),
		.not_before_ms = db_i64(q, 5),
		.not_after_ms = db_i64(q, 6),
		.created_ms = db_i64(q, 7),
		.is_own = db_i64(q, 8) != 0,
		.is_active = db_i64(q, 9) != 0,
	};

	fn(&c, arg);
}

#define COLUMNS \
	"id, kind, cert_pem, key_pem, serial, not_before_ms, not_after_ms, created_ms, own, active"

enum err db_cert_get(struct db *db, enum db_cert_kind kind, db_cert_fn *fn, void *arg)
{
	struct query q;
	bool is_there;
	enum err e;

	db_query(&q, db, "SELECT " COLUMNS " FROM certificate WHERE kind = ? AND active = 1");
	db_bind_i64(&q, kind);
	is_there = db_step(&q);
	if (is_there)
		call(&q, fn, arg);
	e = db_end(&q);
	return e == E_OK && !is_there ? E_NOTFOUND : e;
}

enum err db_cert_each(struct db *db, db_cert_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db, "SELECT " COLUMNS " FROM certificate ORDER BY id DESC");
	while (db_step(&q))
		call(&q, fn, arg);
	return db_end(&q);
}

enum err db_cert_delete(struct db *db, int64_t id)
{
	struct query q;
	bool is_active;
	enum err e;

	db_query(&q, db, "SELECT 1 FROM certificate WHERE id = ? AND active = 1");
	db_bind_i64(&q, id);
	is_active = db_step(&q);
	e = db_end(&q);
	if (e != E_OK)
		return e;
	if (is_active)
		return E_DENIED;
	db_query(&q, db, "DELETE FROM certificate WHERE id = ?");
	db_bind_i64(&q, id);
	return db_change(&q);
}
