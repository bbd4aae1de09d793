/* departments.h: the departments accounts belong to.  Store thread. */
#ifndef DB_DEPARTMENTS_H
#define DB_DEPARTMENTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

struct db_department {
	int64_t id;
	struct str name; /* unique, ASCII case ignored */
	int64_t created_ms;
	int64_t accounts; /* how many belong to it; read only */
};

MUST_USE enum err db_department_add(struct db *db, struct str name, int64_t now_ms,
				    int64_t *id_out); /* E_EXISTS */
MUST_USE enum err db_department_rename(struct db *db, int64_t id, struct str name);
MUST_USE enum err db_department_delete(struct db *db, int64_t id); /* its accounts then have none */

typedef void db_department_fn(const struct db_department *d, void *arg);	      /* borrowed */
MUST_USE enum err db_department_each(struct db *db, db_department_fn *fn, void *arg); /* by name */
MUST_USE enum err db_department_find(struct db *db, struct str name, int64_t *id_out);

#endif
