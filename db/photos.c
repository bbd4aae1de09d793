#include "db/photos.h"

#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"

#include "db/sqlite.h"

/* Enough to refuse what is something else; clients decode it, we never do. */
static bool is_jpeg(struct str s)
{
	return s.len >= 4 && memcmp(s.p, "\xff\xd8\xff", 3) == 0;
}

enum err db_photo_put(struct db *db, int64_t account_id, struct str jpeg, int64_t now_ms)
{
	unsigned char hash[DB_PHOTO_HASH_LEN];
	struct query q;

	if (jpeg.len > PHOTO_BYTES_MAX)
		return E_TOOBIG;
	if (!is_jpeg(jpeg))
		return E_UNSUPPORTED;
	digest_sha1(jpeg, hash);
	db_query(&q, db,
		 "INSERT INTO photo (account_id, changed_ms, hash, jpeg) VALUES (?, ?, ?, ?)"
		 " ON CONFLICT (account_id) DO UPDATE SET changed_ms = excluded.changed_ms, hash = excluded.hash,"
		 " jpeg = excluded.jpeg");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, now_ms);
	db_bind_blob(&q, hash, sizeof(hash));
	db_bind_blob(&q, jpeg.p, jpeg.len);
	return db_run(&q);
}

enum err db_photo_drop(struct db *db, int64_t account_id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM photo WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	return db_change(&q);
}

enum err db_photo_get(struct db *db, int64_t account_id, db_photo_fn *fn, void *arg)
{
	struct query q;
	bool is_there;
	enum err e;

	db_query(&q, db, "SELECT changed_ms, hash, jpeg FROM photo WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	is_there = db_step(&q);
	if (is_there) {
		struct db_photo p = { .changed_ms = db_i64(&q, 0), .jpeg = db_str(&q, 2) };
		struct str hash = db_str(&q, 1);

		memcpy(p.hash, hash.p, hash.len < sizeof(p.hash) ? hash.len : sizeof(p.hash));
		fn(&p, arg);
	}
	e = db_end(&q);
	return e == E_OK && !is_there ? E_NOTFOUND : e;
}
