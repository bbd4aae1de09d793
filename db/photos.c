#include "db/photos.h"

#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"

#include "db/sqlite.h"

const char *db_photo_type(struct str s)
{
	if (s.len >= 4 && memcmp(s.p, "\xff\xd8\xff", 3) == 0)
		return "image/jpeg";
	if (s.len >= 8 && memcmp(s.p, "\x89PNG\r\n\x1a\n", 8) == 0)
		return "image/png";
	return NULL;
}

void db_photo_hash(struct str image, unsigned char out[DB_PHOTO_HASH_LEN])
{
	digest_sha1(image, out);
}

enum err db_photo_put(struct db *db, int64_t account_id, struct str image, int64_t now_ms)
{
	unsigned char hash[DB_PHOTO_HASH_LEN];
	struct query q;

	if (image.len > PHOTO_BYTES_MAX)
		return E_TOOBIG;
	if (db_photo_type(image) == NULL)
		return E_UNSUPPORTED;
	db_photo_hash(image, hash);
	db_query(
		&q, db,
		"INSERT INTO photo (account_id, changed_ms, hash, image) VALUES (?, ?, ?, ?)"
		" ON CONFLICT (account_id) DO UPDATE SET changed_ms = excluded.changed_ms, hash = excluded.hash,"
		" image = excluded.image");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, now_ms);
	db_bind_blob(&q, hash, sizeof(hash));
	db_bind_blob(&q, image.p, image.len);
	return db_run(&q);
}

enum err db_photo_drop(struct db *db, int64_t account_id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM photo WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	return db_change(&q);
}

static void get_hash(const struct query *q, int col, unsigned char out[DB_PHOTO_HASH_LEN])
{
	struct str hash = db_str(q, col); /* the table holds no other length */

	memset(out, 0, DB_PHOTO_HASH_LEN);
	memcpy(out, hash.p, hash.len < DB_PHOTO_HASH_LEN ? hash.len : DB_PHOTO_HASH_LEN);
}

/* A photo whose bytes are no longer what was stored counts as none. */
enum err db_photo_get(struct db *db, int64_t account_id, db_photo_fn *fn, void *arg)
{
	struct query q;
	bool is_there;
	enum err e;

	db_query(&q, db, "SELECT changed_ms, hash, image FROM photo WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	is_there = db_step(&q);
	if (is_there) {
		struct db_photo p = { .changed_ms = db_i64(&q, 0), .image = db_str(&q, 2) };

		get_hash(&q, 1, p.hash);
		p.type = db_photo_type(p.image);
		is_there = p.type != NULL;
		if (is_there)
			fn(&p, arg);
	}
	e = db_end(&q);
	return e == E_OK && !is_there ? E_NOTFOUND : e;
}

enum err db_photo_each_hash(struct db *db, db_photo_hash_fn *fn, void *arg)
{
	unsigned char hash[DB_PHOTO_HASH_LEN];
	struct query q;

	db_query(&q, db, "SELECT account_id, hash FROM photo");
	while (db_step(&q)) {
		get_hash(&q, 1, hash);
		fn(db_i64(&q, 0), hash, arg);
	}
	return db_end(&q);
}
