/* lync_categories.h: what Lync-class clients published and want back, opaque.  Store thread. */
#ifndef DB_LYNC_CATEGORIES_H
#define DB_LYNC_CATEGORIES_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

struct db_lync_category {
	int64_t account_id;
	struct str name;
	int64_t instance, container, version;
	int64_t published_ms, expires_ms; /* wall; expires 0: never */
	struct str xml;
};

/* Adds or replaces.  E_NOTFOUND: no such account. */
MUST_USE enum err db_lync_category_put(struct db *db, const struct db_lync_category *c);
MUST_USE enum err db_lync_category_drop(struct db *db,
					const struct db_lync_category *key); /* E_OK also if gone */
typedef void db_lync_category_fn(const struct db_lync_category *c, void *arg); /* borrowed */
MUST_USE enum err db_lync_category_each(struct db *db, db_lync_category_fn *fn, void *arg);

#endif
