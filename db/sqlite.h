/* sqlite.h: a database connection: opening it, statements, transactions, errors.
 *
 * A struct db is used by one thread at a time: the store thread's, or that of
 * a worker or command for a copy.  Statements are literals, prepared once and
 * kept.  A struct query collects its first error, so that a caller binds,
 * steps and asks once, in db_end. */
#ifndef DB_SQLITE_H
#define DB_SQLITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

#define DB_APPLICATION_ID 0x506f7263	  /* "Porc", also in 0001_init.sql */
#define DB_APPLICATION_ID_OPEN 0x506f7277 /* "Porw": while a checkpoint writes it, see walguard.h */

struct db; /* opaque */
struct sqlite3_stmt;

enum db_how {
	/* the live file: made if absent, WAL, exclusive, locked for as long as it is open */
	DB_STORE,
	DB_VIEW,  /* the live file through its WAL, to look at; changes neither */
	DB_LONE,  /* a file at rest, alone, never changed; works in a read-only directory */
	DB_WRECK, /* like DB_LONE, for one cut short: to read what is left */
	DB_COPY,  /* a new file that backup fills; E_EXISTS if there is one */
};

/* E_AGAIN: locked by another process.  E_CORRUPT: no database, or damaged. */
MUST_USE enum err db_open(const char *path, enum db_how how, struct db **out);
void db_close(struct db **dp); /* never checkpoints */
struct query {
	struct db *db;
	struct sqlite3_stmt *st;
	int bound; /* parameters bound so far */
	int rc;	   /* SQLite's; the first failure stays */
};

/* sql is a literal: it is found again by its address.  Strings stay borrowed until db_end. */
void db_query(struct query *q, struct db *db, const char *sql);
void db_bind_i64(struct query *q, int64_t v);
void db_bind_id(struct query *q, int64_t v);	 /* 0 becomes NULL */
void db_bind_str(struct query *q, struct str s); /* STR_NULL becomes '' */
void db_bind_opt(struct query *q, struct str s); /* empty becomes NULL */
void db_bind_blob(struct query *q, const void *p, size_t n);
void db_bind_null(struct query *q);
bool db_step(struct query *q);			   /* true: a row is there */
int64_t db_i64(const struct query *q, int col);	   /* NULL gives 0 */
struct str db_str(const struct query *q, int col); /* text or blob; borrowed until the next step */
/* Ends it.  E_EXISTS: a UNIQUE would break; E_NOTFOUND: a foreign key would; E_FULL: the disk is
 * full; E_TIMEOUT: interrupted; E_CORRUPT, E_IO. */
MUST_USE enum err db_end(struct query *q);
/* Steps to the end, which must bring no row, then db_end; E_NOTFOUND if no row was changed. */
MUST_USE enum err db_change(struct query *q);
/* For statements without rows of which nothing need be changed. */
MUST_USE enum err db_run(struct query *q);

MUST_USE enum err db_exec(struct db *db, const char *sql); /* several statements, no parameters */
MUST_USE enum err db_pragma_i64(struct db *db, const char *sql, int64_t *out);
int64_t db_last_id(const struct db *db);
int64_t db_changes(const struct db *db);

/* A write transaction.  The first after a checkpoint also marks the WAL as this file's (walguard.h). */
MUST_USE enum err db_tx_begin(struct db *db);
MUST_USE enum err db_tx_commit(struct db *db); /* on failure everything is undone */
void db_tx_rollback(struct db *db);
bool db_tx_is_open(const struct db *db); /* false after an error that undid all of it */

/* One part of a transaction that can be undone alone. */
MUST_USE enum err db_savepoint(struct db *db);
MUST_USE enum err db_savepoint_keep(struct db *db);
void db_savepoint_undo(struct db *db);

/* A stable view for several SELECTs; statements that write are refused (E_DENIED).  Interrupted
 * after the deadline (clk_precise_us; 0: none). */
MUST_USE enum err db_read_begin(struct db *db, int64_t deadline_us);
void db_read_end(struct db *db);

/* What is deleted from now on is overwritten: for erasing a person's texts. */
MUST_USE enum err db_secure_delete(struct db *db, bool on);
/* Up to pages free pages go back to the file system; inside a transaction. */
MUST_USE enum err db_give_back(struct db *db, int pages);

#endif
