/* sqlite_int.h: the inside of struct db, for this folder. */
#ifndef DB_SQLITE_INT_H
#define DB_SQLITE_INT_H

#include <sqlite3.h>

#include "db/sqlite.h"

enum { DB_STATEMENTS = 512 }; /* a power of two, over twice the number of statements there are */

struct db_statement {
	const char *sql; /* its address is the key */
	sqlite3_stmt *st;
};

/* Invariants:
 * 1. Between db_end and the next db_query no statement is under way: a checkpoint relies on it.
 * 2. is_marked: the WAL holds the mark of walguard_mark, committed. */
struct db {
	sqlite3 *h;
	int fd;
	enum db_how how;
	bool is_guarded; /* has the table meta, and writes marks */
	bool is_marked;
	bool marks_now;	 /* the open transaction holds the mark */
	bool is_reading; /* between db_read_begin and db_read_end */
	int64_t deadline_us;
	/* the first failure of the disk or file since whoever looks at it cleared it */
	enum err trouble;
	struct db_statement cache[DB_STATEMENTS];
};

/* What an SQLite result means to callers. */
enum err db_err(struct db *db, int rc);
/* Logs what nobody expects, once, with the statement. */
enum err db_fail(struct db *db, int rc, const char *what);
/* Invariant 1 after code that may have returned before its db_end. */
void db_settle(struct db *db);

#endif
