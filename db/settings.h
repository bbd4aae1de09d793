/* settings.h: the table of settings: text by key.  Store thread. */
#ifndef DB_SETTINGS_H
#define DB_SETTINGS_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct db;

/* Appends the value to out.  E_NOTFOUND: out is as it was. */
MUST_USE enum err db_setting_get(struct db *db, struct str key, struct buf *out);
MUST_USE enum err db_setting_get_i64(struct db *db, struct str key, int64_t lo, int64_t hi,
				     int64_t *out);
MUST_USE enum err db_setting_set(struct db *db, struct str key, struct str value);
MUST_USE enum err db_setting_drop(struct db *db, struct str key); /* E_OK also if there was none */

typedef void db_setting_fn(struct str key, struct str value, void *arg);	/* borrowed */
MUST_USE enum err db_setting_each(struct db *db, db_setting_fn *fn, void *arg); /* by key */

#endif
