#include "db/sqlite.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "db/sqlite_int.h"
#include "db/walguard.h"

enum {
	URI_CAP = 3 * PATH_MAX + 32,
	FAILURES_PER_S = 5, /* lines of the log */
	/* of SQLite's virtual machine between looks at the clock: under 0.1 ms */
	PROGRESS_STEPS = 500,
};

/* SQLite's descriptor of the file, for the lease.  SQLite has no call that tells it and keeps its
 * file object private, but its unix VFS lets an application replace the system calls it makes
 * (sqlite3_vfs.xSetSystemCall, a documented interface).  So open() passes through here, and while
 * db_open waits for one file the descriptor of exactly that path is noted.  The other ways are
 * worse: the offset inside the private struct changes between versions, and a search of
 * /proc/self/fd needs /proc and finds by inode what another thread may have open too. */
static _Thread_local struct {
	const char *path; /* what SQLite calls the file; NULL: nobody waits */
	int fd;
} noting = { .fd = -1 };

static int open_and_note(const char *path, int flags, int mode)
{
	int fd = open(path, flags, (mode_t)mode);

	if (fd >= 0 && noting.path != NULL && strcmp(path, noting.path) == 0)
		noting.fd = fd;
	return fd;
}

static void install_once(void)
{
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	int rc;

	assert(vfs != NULL && vfs->iVersion >= 3); /* the unix VFS */
	rc = vfs->xSetSystemCall(vfs, "open", (sqlite3_syscall_ptr)open_and_note);
	assert(rc == SQLITE_OK);
}

static bool is_out_of_space(int sys)
{
	return sys == ENOSPC || sys == EDQUOT || sys == EFBIG;
}

enum err db_err(struct db *db, int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return E_OK;
	case SQLITE_CONSTRAINT:
		if (rc == SQLITE_CONSTRAINT_UNIQUE || rc == SQLITE_CONSTRAINT_PRIMARYKEY ||
		    rc == SQLITE_CONSTRAINT_ROWID)
			return E_EXISTS;
		return rc == SQLITE_CONSTRAINT_FOREIGNKEY ? E_NOTFOUND : E_BAD;
	case SQLITE_FULL:
		return E_FULL;
	case SQLITE_IOERR:
		return is_out_of_space(sqlite3_system_errno(db->h)) ? E_FULL : E_IO;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return E_AGAIN;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return E_CORRUPT;
	case SQLITE_INTERRUPT:
		return E_TIMEOUT;
	case SQLITE_NOMEM:
		return E_NOMEM;
	case SQLITE_TOOBIG:
		return E_TOOBIG;
	case SQLITE_READONLY:
	case SQLITE_AUTH:
	case SQLITE_PERM:
		return E_DENIED;
	case SQLITE_CANTOPEN:
		return E_IO;
	default:
		return E_INTERNAL;
	}
}

enum err db_fail(struct db *db, int rc, const char *what)
{
	/* a disk that fails does so for every operation */
	static _Thread_local struct log_rate rate;
	enum err e = db_err(db, rc);

	if (db->trouble == E_OK && (e == E_FULL || e == E_IO || e == E_CORRUPT))
		db->trouble = e;
	/* Who looks at a file that may be anything reports what it is.  A full disk is reported by the
	 * store, when it begins and when it ends. */
	if (db->how == DB_VIEW || db->how == DB_LONE || db->how == DB_WRECK)
		return e;
	if ((e == E_IO || e == E_INTERNAL || e == E_CORRUPT || e == E_BAD || e == E_NOMEM) &&
	    log_rate_ok(&rate, FAILURES_PER_S))
		log_error("db", "%s (%d) at \"%.100s\"", sqlite3_errmsg(db->h), rc, what);
	return e;
}

static int on_progress(void *arg)
{
	struct db *db = arg;

	return db->deadline_us != 0 && clk_precise_us() > db->deadline_us;
}

/* "file:" URI of path: SQLite takes immutable=1 in no other way. */
static bool immutable_uri(const char *path, char *out, size_t cap)
{
	static const char hex[] = "0123456789abcdef", tail[] = "?immutable=1";
	size_t n = 5;

	memcpy(out, "file:", n);
	for (const char *c = path; *c != '\0'; c++) {
		if (n + 3 + sizeof(tail) > cap)
			return false;
		if (strchr("%?#", *c) != NULL) {
			out[n++] = '%';
			out[n++] = hex[(unsigned char)*c >> 4];
			out[n++] = hex[*c & 0x0f];
		} else {
			out[n++] = *c;
		}
	}
	memcpy(out + n, tail, sizeof(tail));
	return true;
}

/* In the order the file's format and locking ask for: exclusive before WAL (so there is no -shm, and
 * strangers are told "locked"). */
static const char store_pragmas[] = "PRAGMA locking_mode = EXCLUSIVE;"
				    "PRAGMA journal_mode = WAL;"
				    "PRAGMA wal_autocheckpoint = 0;"
				    "PRAGMA synchronous = FULL;"
				    "PRAGMA foreign_keys = ON;"
				    "PRAGMA temp_store = MEMORY;"
				    "PRAGMA mmap_size = 0;";
/* Before the first page exists.  Later SQLite would write page 1 for it, at each start. */
static const char new_pragmas[] = "PRAGMA page_size = 4096; PRAGMA auto_vacuum = INCREMENTAL;";
static const char view_pragmas[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA query_only = ON;";
static const char lone_pragmas[] = "PRAGMA query_only = ON; PRAGMA temp_store = MEMORY;";
/* With writable_schema SQLite also reads a file that is shorter than its header says. */
static const char wreck_pragmas[] = "PRAGMA query_only = ON; PRAGMA writable_schema = ON;";
/* A half-made copy is thrown away after a crash, so it needs no journal and no waiting for the disk. */
static const char copy_pragmas[] = "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = MEMORY;"
				   "PRAGMA synchronous = OFF;";

static enum err configure(struct db *db)
{
	static const char *const pragmas[] = {
		[DB_STORE] = store_pragmas, [DB_VIEW] = view_pragmas, [DB_LONE] = lone_pragmas,
		[DB_WRECK] = wreck_pragmas, [DB_COPY] = copy_pragmas,
	};
	struct stat st;
	bool is_empty = db->fd >= 0 && fstat(db->fd, &st) == 0 && st.st_size == 0;
	enum err e = E_OK;

	sqlite3_extended_result_codes(db->h, 1);
	sqlite3_progress_handler(db->h, PROGRESS_STEPS, on_progress, db);
	/* Closing must never write the file: only checkpoint.c does, under the lease. */
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(db->h, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	if (db->how != DB_WRECK) /* it would forbid writable_schema */
		sqlite3_db_config(db->h, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	if (db->how == DB_STORE && is_empty)
		e = db_exec(db, new_pragmas);
	if (e == E_OK)
		e = db_exec(db, pragmas[db->how]);
	if (e == E_OK && db->how == DB_STORE) {
		char cache[64];

		sqlite3_snprintf(sizeof(cache), cache, "PRAGMA cache_size = -%d", STORE_CACHE_KIB);
		e = db_exec(db, cache);
	}
	return e;
}

/* The only place that opens a database.  While the store runs, nothing in this process may open its
 * file a second time, even for a moment: closing that descriptor would drop the locks of the first
 * (POSIX fcntl), and SQLite would keep it open until then, so that no lease is granted. */
static int open_handle(struct db *db, const char *path)
{
	static const int flags[] = {
		[DB_STORE] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
		[DB_VIEW] = SQLITE_OPEN_READWRITE,
		[DB_LONE] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
		[DB_WRECK] = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI,
		[DB_COPY] = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
	};
	sqlite3_vfs *vfs = sqlite3_vfs_find(NULL);
	char full[PATH_MAX], uri[URI_CAP];
	bool is_alone = db->how == DB_LONE || db->how == DB_WRECK;
	int rc;

	if (vfs->xFullPathname(vfs, path, (int)sizeof(full), full) != SQLITE_OK)
		return SQLITE_CANTOPEN;
	if (is_alone && !immutable_uri(path, uri, sizeof(uri)))
		return SQLITE_CANTOPEN;
	noting.path = full;
	noting.fd = -1;
	rc = sqlite3_open_v2(is_alone ? uri : path, &db->h,
			     flags[db->how] | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);
	db->fd = noting.fd;
	noting.path = NULL;
	return rc;
}

static enum err open_error(struct db *db, const char *path, int rc)
{
	int sys;

	if (db->h == NULL)
		return E_NOMEM;
	sys = sqlite3_system_errno(db->h);
	if (db->how == DB_STORE || db->how == DB_COPY)
		log_error("db", "%s: %s%s%s", path, sqlite3_errmsg(db->h), sys != 0 ? ": " : "",
			  sys != 0 ? strerror(sys) : "");
	return sys == ENOENT ? E_NOTFOUND : db_err(db, rc);
}

enum err db_open(const char *path, enum db_how how, struct db **out)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	struct db *db;
	enum err e;
	int rc;

	pthread_once(&once, install_once);
	if (how == DB_COPY) {
		/* Made here, so that an existing file is refused and nobody else can read it. */
		int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

		if (fd < 0)
			return errno == EEXIST ? E_EXISTS : is_out_of_space(errno) ? E_FULL : E_IO;
		close(fd);
	}
	db = xcalloc(1, sizeof(*db));
	db->how = how;
	db->fd = -1;
	rc = open_handle(db, path);
	if (rc == SQLITE_OK) {
		e = configure(db);
	} else {
		e = open_error(db, path, rc);
	}
	if (e == E_OK && db->fd < 0)
		e = E_INTERNAL; /* SQLite opened it by another name than it said */
	if (e != E_OK) {
		db_close(&db);
		return e;
	}
	*out = db;
	return E_OK;
}

void db_close(struct db **dp)
{
	struct db *db = *dp;
	int rc;

	if (db == NULL)
		return;
	for (size_t i = 0; i < DB_STATEMENTS; i++)
		sqlite3_finalize(db->cache[i].st);
	rc = sqlite3_close(db->h);
	assert(rc == SQLITE_OK); /* a statement or backup was forgotten */
	free(db);
	*dp = NULL;
}

/* --- statements --- */

/* Where sql is kept, or will be. */
static struct db_statement *cached(struct db *db, const char *sql)
{
	size_t at = ((uintptr_t)sql >> 3) * 0x9e3779b97f4a7c15u >> 40;

	for (size_t i = 0; i < DB_STATEMENTS; i++) {
		struct db_statement *s = &db->cache[(at + i) & (DB_STATEMENTS - 1)];

		if (s->sql == sql || s->sql == NULL)
			return s;
	}
	assert(false && "more statements than DB_STATEMENTS");
	return NULL;
}

void db_query(struct query *q, struct db *db, const char *sql)
{
	struct db_statement *s = cached(db, sql);

	*q = (struct query){ .db = db };
	if (s->st == NULL) {
		q->rc = sqlite3_prepare_v3(db->h, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->st, NULL);
		if (q->rc != SQLITE_OK) {
			db_fail(db, q->rc, sql);
			return;
		}
		s->sql = sql;
	}
	assert(!sqlite3_stmt_busy(s->st)); /* used inside itself, or a db_end is missing */
	q->st = s->st;
	if (db->is_reading && !sqlite3_stmt_readonly(s->st))
		q->rc = SQLITE_READONLY;
}

static void bound(struct query *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

void db_bind_i64(struct query *q, int64_t v)
{
	if (q->st != NULL)
		bound(q, sqlite3_bind_int64(q->st, ++q->bound, v));
}

void db_bind_null(struct query *q)
{
	if (q->st != NULL)
		bound(q, sqlite3_bind_null(q->st, ++q->bound));
}

void db_bind_id(struct query *q, int64_t v)
{
	if (v == 0)
		db_bind_null(q);
	else
		db_bind_i64(q, v);
}

void db_bind_str(struct query *q, struct str s)
{
	if (q->st != NULL)
		bound(q, sqlite3_bind_text64(q->st, ++q->bound, s.p != NULL ? s.p : "", s.len,
					     SQLITE_STATIC, SQLITE_UTF8));
}

void db_bind_opt(struct query *q, struct str s)
{
	if (s.len == 0)
		db_bind_null(q);
	else
		db_bind_blob(q, s.p, s.len);
}

void db_bind_blob(struct query *q, const void *p, size_t n)
{
	if (q->st != NULL)
		bound(q,
		      sqlite3_bind_blob64(q->st, ++q->bound, p != NULL ? p : "", n, SQLITE_STATIC));
}

bool db_step(struct query *q)
{
	if (q->rc != SQLITE_OK && q->rc != SQLITE_ROW)
		return false;
	q->rc = sqlite3_step(q->st);
	return q->rc == SQLITE_ROW;
}

int64_t db_i64(const struct query *q, int col)
{
	return sqlite3_column_int64(q->st, col);
}

struct str db_str(const struct query *q, int col)
{
	const void *p = sqlite3_column_blob(q->st, col);
	int n = sqlite3_column_bytes(q->st, col);

	return p != NULL ? str_n(p, (size_t)n) : STR("");
}

enum err db_end(struct query *q)
{
	enum err e = db_err(q->db, q->rc);

	if (e != E_OK && q->st != NULL)
		e = db_fail(q->db, q->rc, sqlite3_sql(q->st));
	if (q->st != NULL) {
		sqlite3_reset(q->st);
		sqlite3_clear_bindings(q->st);
		q->st = NULL;
	}
	return e;
}

enum err db_run(struct query *q)
{
	bool row = db_step(q);
	enum err e = db_end(q);

	assert(!row); /* such statements belong in a db_step loop */
	return e;
}

enum err db_change(struct query *q)
{
	struct db *db = q->db;
	enum err e = db_run(q);

	return e == E_OK && sqlite3_changes64(db->h) == 0 ? E_NOTFOUND : e;
}

enum err db_exec(struct db *db, const char *sql)
{
	int rc = sqlite3_exec(db->h, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? E_OK : db_fail(db, rc, sql);
}

enum err db_pragma_i64(struct db *db, const char *sql, int64_t *out)
{
	struct query q;
	int64_t v = 0;
	bool row;
	enum err e;

	db_query(&q, db, sql);
	row = db_step(&q);
	if (row)
		v = db_i64(&q, 0);
	e = db_end(&q);
	if (e == E_OK && !row)
		e = E_NOTFOUND;
	if (e == E_OK)
		*out = v;
	return e;
}

int64_t db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->h);
}

int64_t db_changes(const struct db *db)
{
	return sqlite3_changes64(db->h);
}

/* --- transactions --- */

static enum err run_literal(struct db *db, const char *sql)
{
	struct query q;

	db_query(&q, db, sql);
	return db_run(&q);
}

enum err db_tx_begin(struct db *db)
{
	enum err e = run_literal(db, "BEGIN IMMEDIATE");

	if (e != E_OK || !db->is_guarded || db->is_marked)
		return e;
	e = walguard_mark(db);
	if (e != E_OK) {
		db_tx_rollback(db);
		return e;
	}
	db->marks_now = true;
	return E_OK;
}

enum err db_tx_commit(struct db *db)
{
	enum err e = db_tx_is_open(db) ? run_literal(db, "COMMIT") : E_IO;

	if (e != E_OK) {
		db_tx_rollback(db);
		return e;
	}
	db->is_marked |= db->marks_now;
	db->marks_now = false;
	return E_OK;
}

void db_tx_rollback(struct db *db)
{
	db->marks_now = false;
	if (db_tx_is_open(db) && run_literal(db, "ROLLBACK") != E_OK)
		log_error("db", "a transaction could not be undone");
}

bool db_tx_is_open(const struct db *db)
{
	return sqlite3_get_autocommit(db->h) == 0;
}

enum err db_savepoint(struct db *db)
{
	return run_literal(db, "SAVEPOINT part");
}

enum err db_savepoint_keep(struct db *db)
{
	return run_literal(db, "RELEASE part");
}

void db_savepoint_undo(struct db *db)
{
	if (!db_tx_is_open(db))
		return; /* the error has undone everything already */
	if (run_literal(db, "ROLLBACK TO part") != E_OK || run_literal(db, "RELEASE part") != E_OK)
		db_tx_rollback(db); /* better all of it than a part that was reported as undone */
}

enum err db_read_begin(struct db *db, int64_t deadline_us)
{
	enum err e = run_literal(db, "BEGIN");

	if (e == E_OK) {
		db->is_reading = true;
		db->deadline_us = deadline_us;
	}
	return e;
}

void db_read_end(struct db *db)
{
	db->is_reading = false;
	db->deadline_us = 0;
	db_tx_rollback(db);
}

void db_settle(struct db *db)
{
	for (sqlite3_stmt *st = sqlite3_next_stmt(db->h, NULL); st != NULL;
	     st = sqlite3_next_stmt(db->h, st)) {
		if (!sqlite3_stmt_busy(st))
			continue;
		log_error("db", "left under way: \"%.100s\"", sqlite3_sql(st));
		sqlite3_reset(st);
		sqlite3_clear_bindings(st);
	}
}

enum err db_secure_delete(struct db *db, bool on)
{
	return db_exec(db, on ? "PRAGMA secure_delete = ON" : "PRAGMA secure_delete = OFF");
}

enum err db_give_back(struct db *db, int pages)
{
	char sql[64];

	sqlite3_snprintf(sizeof(sql), sql, "PRAGMA incremental_vacuum(%d)", pages);
	return db_exec(db, sql);
}
