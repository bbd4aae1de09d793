/* photos.h: one small JPEG per account, on disk only.  Store thread.  It goes with its account. */
#ifndef DB_PHOTOS_H
#define DB_PHOTOS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum { DB_PHOTO_HASH_LEN = 20 };

struct db_photo {
	struct str jpeg;
	unsigned char hash[DB_PHOTO_HASH_LEN]; /* SHA-1: an ETag, and how Lync clients name a version */
	int64_t changed_ms;
};

/* E_NOTFOUND: no such account; E_TOOBIG: over PHOTO_BYTES_MAX; E_UNSUPPORTED: not a JPEG. */
MUST_USE enum err db_photo_put(struct db *db, int64_t account_id, struct str jpeg, int64_t now_ms);
MUST_USE enum err db_photo_drop(struct db *db, int64_t account_id); /* E_NOTFOUND: has none */

typedef void db_photo_fn(const struct db_photo *p, void *arg); /* borrowed */
MUST_USE enum err db_photo_get(struct db *db, int64_t account_id, db_photo_fn *fn, void *arg); /* E_NOTFOUND */

#endif
