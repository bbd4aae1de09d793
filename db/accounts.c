#include "db/accounts.h"

#include <string.h>

#include "db/sqlite.h"

static enum err add_credential(struct db *db, int64_t id, const struct db_credential *c)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO credential (account_id, ha1_md5, ha1_md5_domain, ha1_sha256, ha1_sha256_domain,"
		" nt_hash, argon2) VALUES (?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (account_id) DO UPDATE SET ha1_md5 = excluded.ha1_md5,"
		" ha1_md5_domain = excluded.ha1_md5_domain, ha1_sha256 = excluded.ha1_sha256,"
		" ha1_sha256_domain = excluded.ha1_sha256_domain, nt_hash = excluded.nt_hash,"
		" argon2 = excluded.argon2");
	db_bind_i64(&q, id);
	db_bind_blob(&q, c->ha1_md5, sizeof(c->ha1_md5));
	db_bind_blob(&q, c->ha1_md5_domain, sizeof(c->ha1_md5_domain));
	db_bind_blob(&q, c->ha1_sha256, sizeof(c->ha1_sha256));
	db_bind_blob(&q, c->ha1_sha256_domain, sizeof(c->ha1_sha256_domain));
	if (c->has_nt)
		db_bind_blob(&q, c->nt_hash, sizeof(c->nt_hash));
	else
		db_bind_null(&q);
	db_bind_str(&q, c->argon2);
	return db_run(&q);
}

enum err db_account_add(struct db *db, const struct db_account *a, const struct db_credential *c,
			int64_t *id_out)
{
	struct query q;
	int64_t id;
	enum err e;

	db_query(
		&q, db,
		"INSERT INTO account (name, display, email, title, phone, department_id, enabled, created_ms,"
		" password_set_ms, last_sign_in_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
	db_bind_str(&q, a->name);
	db_bind_str(&q, a->display);
	db_bind_str(&q, a->email);
	db_bind_str(&q, a->title);
	db_bind_str(&q, a->phone);
	db_bind_id(&q, a->department_id);
	db_bind_i64(&q, a->enabled);
	db_bind_i64(&q, a->created_ms);
	db_bind_i64(&q, a->password_set_ms);
	db_bind_i64(&q, a->last_sign_in_ms);
	e = db_run(&q);
	if (e != E_OK)
		return e;
	id = db_last_id(db);
	if (c != NULL)
		e = add_credential(db, id, c);
	if (e == E_OK)
		*id_out = id;
	return e;
}

static void bind_text(struct query *q, const struct str *s)
{
	if (s != NULL)
		db_bind_str(q, *s);
	else
		db_bind_null(q);
}

enum err db_account_update(struct db *db, const struct db_account_change *c)
{
	struct query q;

	db_query(
		&q, db,
		"UPDATE account SET display = ifnull(?1, display), email = ifnull(?2, email),"
		" title = ifnull(?3, title), phone = ifnull(?4, phone),"
		" department_id = CASE WHEN ?5 THEN ?6 ELSE department_id END, enabled = ifnull(?7, enabled)"
		" WHERE id = ?8");
	bind_text(&q, c->display);
	bind_text(&q, c->email);
	bind_text(&q, c->title);
	bind_text(&q, c->phone);
	db_bind_i64(&q, c->department_id != NULL);
	db_bind_id(&q, c->department_id != NULL ? *c->department_id : 0);
	if (c->enabled != NULL)
		db_bind_i64(&q, *c->enabled);
	else
		db_bind_null(&q);
	db_bind_i64(&q, c->id);
	return db_change(&q);
}

enum err db_account_delete(struct db *db, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM account WHERE id = ?");
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_account_signed_in(struct db *db, int64_t id, int64_t now_ms)
{
	struct query q;

	db_query(&q, db, "UPDATE account SET last_sign_in_ms = ? WHERE id = ?");
	db_bind_i64(&q, now_ms);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_account_set_password(struct db *db, int64_t id, const struct db_credential *c,
				 int64_t now_ms)
{
	struct query q;
	enum err e;

	db_query(&q, db, "UPDATE account SET password_set_ms = ? WHERE id = ?");
	db_bind_i64(&q, now_ms);
	db_bind_i64(&q, id);
	e = db_change(&q);
	return e == E_OK ? add_credential(db, id, c) : e;
}

enum err db_account_drop_nt(struct db *db)
{
	struct query q;

	db_query(&q, db, "UPDATE credential SET nt_hash = NULL WHERE nt_hash IS NOT NULL");
	return db_run(&q);
}

/* The tables' CHECKs hold the lengths; a file that lies about them is damaged. */
static bool get_blob(const struct query *q, int col, unsigned char *out, size_t len)
{
	struct str s = db_str(q, col);

	if (s.len != len)
		return false;
	memcpy(out, s.p, len);
	return true;
}

static bool get_credential(const struct query *q, int col, struct db_credential *c)
{
	c->has_nt = db_str(q, col + 4).len > 0;
	c->argon2 = db_str(q, col + 5);
	return get_blob(q, col, c->ha1_md5, sizeof(c->ha1_md5)) &&
	       get_blob(q, col + 1, c->ha1_md5_domain, sizeof(c->ha1_md5_domain)) &&
	       get_blob(q, col + 2, c->ha1_sha256, sizeof(c->ha1_sha256)) &&
	       get_blob(q, col + 3, c->ha1_sha256_domain, sizeof(c->ha1_sha256_domain)) &&
	       (!c->has_nt || get_blob(q, col + 4, c->nt_hash, sizeof(c->nt_hash)));
}

enum err db_account_each(struct db *db, db_account_fn *fn, void *arg)
{
	struct query q;
	bool is_sound = true;
	enum err e;

	db_query(
		&q, db,
		"SELECT a.id, name, display, email, title, phone, department_id, enabled, created_ms,"
		" password_set_ms, last_sign_in_ms, c.account_id, ha1_md5, ha1_md5_domain, ha1_sha256,"
		" ha1_sha256_domain, nt_hash, argon2"
		" FROM account a LEFT JOIN credential c ON c.account_id = a.id ORDER BY a.id");
	while (is_sound && db_step(&q)) {
		struct db_credential c = { 0 };
		struct db_account a = {
			.id = db_i64(&q, 0),
			.name = db_str(&q, 1),
			.display = db_str(&q, 2),
			.email = db_str(&q, 3),
			.title = db_str(&q, 4),
			.phone = db_str(&q, 5),
			.department_id = db_i64(&q, 6),
			.enabled = db_i64(&q, 7) != 0,
			.created_ms = db_i64(&q, 8),
			.password_set_ms = db_i64(&q, 9),
			.last_sign_in_ms = db_i64(&q, 10),
		};
		bool has = db_i64(&q, 11) != 0;

		is_sound = !has || get_credential(&q, 12, &c);
		if (is_sound)
			fn(&a, has ? &c : NULL, arg);
	}
	e = db_end(&q);
	return e == E_OK && !is_sound ? E_CORRUPT : e;
}
