#include "db/lync_certs.h"

#include <string.h>

#include "db/sqlite.h"

static enum err drop_device(struct db *db, const struct db_lync_cert *c)
{
	struct query q;

	db_query(&q, db, "DELETE FROM lync_certificate WHERE account_id = ? AND device = ?");
	db_bind_i64(&q, c->account_id);
	db_bind_str(&q, c->device);
	return db_run(&q);
}

static enum err drop_oldest(struct db *db, int64_t account_id, int64_t max)
{
	struct query q;

	db_query(
		&q, db,
		"DELETE FROM lync_certificate WHERE account_id = ?1 AND fingerprint NOT IN (SELECT fingerprint FROM"
		" lync_certificate WHERE account_id = ?1 ORDER BY created_ms DESC LIMIT ?2)");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, max);
	return db_run(&q);
}

enum err db_lync_cert_add(struct db *db, const struct db_lync_cert *c, int64_t max)
{
	struct query q;
	enum err err = drop_device(db, c);

	if (err != E_OK)
		return err;
	db_query(
		&q, db,
		"INSERT INTO lync_certificate(fingerprint, account_id, device, not_after_ms, created_ms)"
		" VALUES(?, ?, ?, ?, ?)");
	db_bind_blob(&q, c->fingerprint, sizeof(c->fingerprint));
	db_bind_i64(&q, c->account_id);
	db_bind_str(&q, c->device);
	db_bind_i64(&q, c->not_after_ms);
	db_bind_i64(&q, c->created_ms);
	err = db_run(&q);
	return err == E_OK ? drop_oldest(db, c->account_id, max) : err;
}

static void read_row(const struct query *q, struct db_lync_cert *out)
{
	struct str fingerprint = db_str(q, 0);

	memset(out, 0, sizeof(*out));
	if (fingerprint.len == DB_FINGERPRINT_LEN)
		memcpy(out->fingerprint, fingerprint.p, DB_FINGERPRINT_LEN);
	out->account_id = db_i64(q, 1);
	out->not_after_ms = db_i64(q, 2);
	out->created_ms = db_i64(q, 3);
}

enum err db_lync_cert_find(struct db *db, const unsigned char fingerprint[DB_FINGERPRINT_LEN],
			   struct db_lync_cert *out)
{
	struct query q;
	bool found;
	enum err err;

	db_query(
		&q, db,
		"SELECT fingerprint, account_id, not_after_ms, created_ms FROM lync_certificate WHERE fingerprint = ?");
	db_bind_blob(&q, fingerprint, DB_FINGERPRINT_LEN);
	found = db_step(&q);
	if (found)
		read_row(&q, out);
	err = db_end(&q);
	return err == E_OK && !found ? E_NOTFOUND : err;
}

enum err db_lync_cert_revoke(struct db *db, int64_t account_id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM lync_certificate WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	return db_run(&q);
}

enum err db_lync_cert_revoke_one(struct db *db, int64_t account_id,
				 const unsigned char fingerprint[DB_FINGERPRINT_LEN])
{
	struct query q;

	db_query(&q, db, "DELETE FROM lync_certificate WHERE account_id = ? AND fingerprint = ?");
	db_bind_i64(&q, account_id);
	db_bind_blob(&q, fingerprint, DB_FINGERPRINT_LEN);
	return db_change(&q);
}

enum err db_lync_cert_each(struct db *db, int64_t account_id, db_lync_cert_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT fingerprint, account_id, not_after_ms, created_ms, device FROM lync_certificate WHERE account_id = ?"
		" ORDER BY created_ms DESC");
	db_bind_i64(&q, account_id);
	while (db_step(&q)) {
		struct db_lync_cert c;

		read_row(&q, &c);
		c.device = db_str(&q, 4);
		fn(&c, arg);
	}
	return db_end(&q);
}
