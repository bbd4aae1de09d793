/* migrate.h: the schema is the migrations, in order; PRAGMA user_version is the number of the last one.
 *
 * A new file runs them all, so there is no second schema.  One that was
 * released is never edited. */
#ifndef DB_MIGRATE_H
#define DB_MIGRATE_H

#include <stddef.h>

#include "base/err.h"

struct db;

struct migration {
	int number; /* 1, 2, 3 ... */
	const char *name, *sql;
};
extern const struct migration db_migrations[]; /* generated from db/migrations */
extern const size_t db_migrations_count;

/* The newest schema this program knows. */
int migrate_newest(void);

/* Each step and its number are one transaction.  An existing file is copied to PATH.before-NNNN
 * first.  E_UNSUPPORTED: the file is newer than the program.  table: db_migrations, or a test's. */
MUST_USE enum err migrate_run(struct db *db, const char *path, const struct migration *table,
			      size_t count);

#endif
