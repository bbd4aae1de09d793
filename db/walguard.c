#include "db/walguard.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"

#include "db/sqlite.h"

enum err walguard_read(struct db *db, struct walguard_marks *out)
{
	struct walguard_marks m = { 0, 0, false };
	struct query q;
	int64_t tables, id = 0;
	bool row;
	enum err e = db_pragma_i64(db, "PRAGMA application_id", &id);

	if (e == E_OK)
		e = db_pragma_i64(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'",
				  &tables);
	if (e != E_OK || tables == 0)
		return e != E_OK ? e : E_NOTFOUND;
	db_query(&q, db, "SELECT epoch, base FROM meta WHERE id = 1");
	row = db_step(&q);
	if (row)
		m = (struct walguard_marks){ db_i64(&q, 0), db_i64(&q, 1),
					     id != DB_APPLICATION_ID_OPEN };
	e = db_end(&q);
	if (e != E_OK || !row)
		return e != E_OK ? e : E_NOTFOUND;
	*out = m;
	return E_OK;
}

static enum err read_once(const char *path, enum db_how how, struct walguard_marks *out)
{
	struct db *db;
	enum err e = db_open(path, how, &db);

	if (e != E_OK)
		return e;
	e = walguard_read(db, out);
	db_close(&db);
	return e;
}

static bool is_readable(enum err e)
{
	return e == E_OK;
}

/* What a foreign or damaged WAL looks like, as opposed to a disk that fails. */
static bool is_nonsense(enum err e)
{
	return e == E_CORRUPT || e == E_NOTFOUND || e == E_INTERNAL || e == E_BAD;
}

char *walguard_free_name(const char *path, const char *word)
{
	char stamp[32], *name;
	time_t now = time(NULL);
	struct stat st;
	struct tm tm;

	gmtime_r(&now, &tm);
	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &tm);
	name = xasprintf("%s.%s-%s", path, word, stamp);
	for (int i = 1; lstat(name, &st) == 0; i++) {
		free(name);
		name = xasprintf("%s.%s-%s.%d", path, word, stamp, i);
	}
	return name;
}

static enum err set_aside(const char *wal, const char *why)
{
	char *to = walguard_free_name(wal, "foreign");
	enum err e = E_OK;

	if (rename(wal, to) != 0) {
		log_error("db", "%s: cannot be moved aside: %s", wal, strerror(errno));
		e = E_IO;
	} else {
		log_warn("db",
			 "%s belongs to another database (%s); it was not replayed and is now %s",
			 wal, why, to);
	}
	free(to);
	return e;
}

/* What the WAL beside path is to it.  E_OK: its own, or none; E_STALE: foreign, and *why_out says why. */
static enum err judge(const char *path, const char *wal, const char **why_out)
{
	struct walguard_marks through = { 0, 0, false }, alone = { 0, 0, false };
	struct stat st;
	enum err e_through, e_alone;

	if (stat(wal, &st) != 0 || st.st_size == 0)
		return E_OK;
	/* SQLite deletes the WAL of an empty or missing file without a word. */
	*why_out = "there is no database beside it";
	if (stat(path, &st) != 0 || st.st_size == 0)
		return E_STALE;
	e_through = read_once(path, DB_VIEW, &through);
	if (!is_readable(e_through) && !is_nonsense(e_through))
		return e_through;
	e_alone = read_once(path, DB_LONE, &alone);
	if (!is_readable(e_alone) && !is_nonsense(e_alone))
		return e_alone;
	/* A main file that cannot be read alone was left so by a checkpoint of ours: its WAL mends it. */
	if (!is_readable(e_alone))
		return E_OK;
	*why_out = "with it the file makes no sense";
	if (!is_readable(e_through))
		return E_STALE;
	*why_out = "the file beside it was put there later";
	return alone.epoch == through.base || alone.epoch == through.epoch ? E_OK : E_STALE;
}

enum err walguard_check(const char *path)
{
	char *wal = xasprintf("%s-wal", path);
	const char *why = "";
	enum err e = judge(path, wal, &why);

	if (e == E_STALE)
		e = set_aside(wal, why);
	free(wal);
	return e;
}

bool walguard_belongs(const char *path)
{
	char *wal = xasprintf("%s-wal", path);
	const char *why = "";
	struct stat st;
	bool belongs = stat(wal, &st) == 0 && st.st_size > 0 && judge(path, wal, &why) == E_OK;

	free(wal);
	return belongs;
}

bool walguard_is_torn(const char *path)
{
	struct db *db;
	int64_t id = 0;
	enum err e = db_open(path, DB_WRECK, &db);

	if (e != E_OK)
		return false;
	e = db_pragma_i64(db, "PRAGMA application_id", &id);
	db_close(&db);
	return e == E_OK && id == DB_APPLICATION_ID_OPEN;
}

static enum err set_seal(struct db *db, int id)
{
	char *sql = xasprintf("PRAGMA application_id = %d", id);
	enum err e = db_exec(db, sql); /* part of the transaction like the rest */

	free(sql);
	return e;
}

enum err walguard_mark(struct db *db)
{
	struct query q;

	db_query(&q, db, "UPDATE meta SET base = epoch, wal = wal + 1");
	return db_change(&q);
}

static int64_t fresh(void)
{
	/* never 0, the epoch of a file that was never at rest */
	return (int64_t)(rand_u64() >> 1) | 1;
}

enum err walguard_unseal(struct db *db, bool *has_fresh_out)
{
	struct walguard_marks m = { 0, 0, false };
	struct query q;
	enum err e = db_tx_begin(db);

	if (e != E_OK)
		return e;
	e = walguard_read(db, &m);
	/* They differ when a checkpoint was begun before and cut short: main may have that epoch already,
	 * and a third number would make this WAL look foreign. */
	if (e == E_OK && m.epoch == m.base) {
		db_query(&q, db, "UPDATE meta SET epoch = ?");
		db_bind_i64(&q, fresh());
		e = db_change(&q);
	}
	if (e == E_OK)
		e = set_seal(db, DB_APPLICATION_ID_OPEN);
	if (e != E_OK) {
		db_tx_rollback(db);
		return e;
	}
	*has_fresh_out = m.epoch == m.base;
	return db_tx_commit(db);
}

enum err walguard_seal(struct db *db, bool has_fresh)
{
	struct query q;
	enum err e = db_tx_begin(db); /* the first of a new WAL: it has set base */

	if (e != E_OK)
		return e;
	if (!has_fresh) {
		db_query(&q, db, "UPDATE meta SET epoch = ?");
		db_bind_i64(&q, fresh());
		e = db_change(&q);
	}
	if (e == E_OK)
		e = set_seal(db, DB_APPLICATION_ID);
	if (e == E_OK)
		return db_tx_commit(db);
	db_tx_rollback(db);
	return e;
}

enum err walguard_stamp_copy(struct db *db)
{
	struct query q;
	enum err e;

	db_query(&q, db, "UPDATE meta SET epoch = ?1, base = ?1");
	db_bind_i64(&q, fresh());
	e = db_change(&q);
	return e == E_OK ? set_seal(db, DB_APPLICATION_ID) : e;
}
