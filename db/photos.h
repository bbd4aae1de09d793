/* photos.h: one small picture per account, a JPEG or PNG, on disk only.  Store thread.  It goes with its account. */
#ifndef DB_PHOTOS_H
#define DB_PHOTOS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum { DB_PHOTO_HASH_LEN = 20 };

struct db_photo {
	struct str image;
	const char *type; /* "image/jpeg" or "image/png"; static */
	/* SHA-1: an ETag, and how Lync clients name a version */
	unsigned char hash[DB_PHOTO_HASH_LEN];
	int64_t changed_ms;
};

/* By its first bytes: enough to refuse what is something else; clients decode it, we never do.  NULL: neither. */
const char *db_photo_type(struct str image);
void db_photo_hash(struct str image, unsigned char out[DB_PHOTO_HASH_LEN]);

/* E_NOTFOUND: no such account; E_TOOBIG: over PHOTO_BYTES_MAX; E_UNSUPPORTED: neither JPEG nor PNG. */
MUST_USE enum err db_photo_put(struct db *db, int64_t account_id, struct str image, int64_t now_ms);
MUST_USE enum err db_photo_drop(struct db *db, int64_t account_id); /* E_NOTFOUND: has none */

typedef void db_photo_fn(const struct db_photo *p, void *arg); /* borrowed */
MUST_USE enum err db_photo_get(struct db *db, int64_t account_id, db_photo_fn *fn,
			       void *arg); /* E_NOTFOUND */
/* Whose photo there is, and its version. */
typedef void db_photo_hash_fn(int64_t account_id, const unsigned char hash[DB_PHOTO_HASH_LEN],
			      void *arg);
MUST_USE enum err db_photo_each_hash(struct db *db, db_photo_hash_fn *fn, void *arg);

#endif
