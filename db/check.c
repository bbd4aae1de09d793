#include "db/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/mem.h"
#include "base/str.h"

#include "db/migrate.h"
#include "db/sqlite.h"
#include "db/walguard.h"

static enum err say(struct check_report *r, enum err e, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

static enum err say(struct check_report *r, enum err e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(r->text, sizeof(r->text), fmt, ap);
	va_end(ap);
	r->err = e;
	return e;
}

static enum err say_unreadable(struct check_report *r, const char *path, enum err e)
{
	switch (e) {
	case E_NOTFOUND:
		return say(r, e, "%s: there is no such file.", path);
	case E_CORRUPT:
		return say(r, e, "%s is damaged, or not a database.", path);
	default:
		return say(r, e == E_DENIED ? e : E_IO, "%s cannot be read: %s.", path, err_str(e));
	}
}

static enum err say_torn(struct check_report *r, const char *path)
{
	return say(
		r, E_CORRUPT,
		"%s is torn: it was copied out of a checkpoint that a crash cut short. Copy %s-wal with it, or start "
		"Porchlight once where it came from, then copy again.",
		path, path);
}

/* The first thing a look at every page and every reference finds wrong. */
static enum err check_pages(struct db *db, struct check_report *r, const char *path)
{
	struct query q;
	enum err e;
	bool is_ok = false;

	db_query(&q, db, "PRAGMA integrity_check(1)");
	if (db_step(&q)) {
		struct str text = db_str(&q, 0);

		is_ok = str_eqz(text, "ok");
		if (!is_ok)
			(void)say(r, E_CORRUPT, "%s is damaged: %.*s.", path,
				  (int)(text.len < 300 ? text.len : 300), text.p);
	}
	e = db_end(&q);
	if (e != E_OK)
		return say_unreadable(r, path, e);
	if (!is_ok)
		return r->err;
	db_query(&q, db, "PRAGMA foreign_key_check");
	if (db_step(&q))
		(void)say(r, E_CORRUPT, "%s is damaged: a row of %.*s refers to nothing.", path,
			  STR_ARG(db_str(&q, 0)));
	e = db_end(&q);
	return e != E_OK ? say_unreadable(r, path, e) : r->err;
}

static enum err count(struct db *db, struct check_report *r, const char *path)
{
	enum err e = db_pragma_i64(db, "SELECT count(*) FROM account", &r->accounts);

	if (e == E_OK)
		e = db_pragma_i64(db, "SELECT count(*) FROM offline_message", &r->offline_messages);
	if (e == E_OK)
		e = db_pragma_i64(db, "SELECT count(*) FROM record", &r->records);
	if (e == E_OK)
		e = db_pragma_i64(
			db,
			"SELECT max(ifnull((SELECT max(accepted_ms) FROM offline_message), 0),"
			" ifnull((SELECT max(max(started_ms, last_ms, ended_ms)) FROM record), 0),"
			" ifnull((SELECT at_ms FROM audit ORDER BY id DESC LIMIT 1), 0))",
			&r->newest_ms);
	return e == E_OK ? E_OK : say_unreadable(r, path, e);
}

static enum err check_open(struct db *db, struct check_report *r, const char *path, bool has_wal)
{
	struct walguard_marks m = { 0, 0, false };
	int64_t id = 0, schema = 0;
	enum err e = db_pragma_i64(db, "PRAGMA application_id", &id);

	if (e == E_OK)
		e = db_pragma_i64(db, "PRAGMA user_version", &schema);
	if (e != E_OK)
		return say_unreadable(r, path, e);
	r->schema = (int)schema;
	if ((id != DB_APPLICATION_ID && id != DB_APPLICATION_ID_OPEN) || schema < 1)
		return say(r, E_BAD, "%s is not a database of Porchlight.", path);
	if (schema > migrate_newest())
		return say(
			r, E_UNSUPPORTED,
			"%s has schema %d and this program knows up to %d: a newer Porchlight wrote it.",
			path, r->schema, migrate_newest());
	e = walguard_read(db, &m);
	if (e != E_OK)
		return say_unreadable(r, path, e);
	/* Through its WAL the seal may be open: the next start goes on with that checkpoint. */
	if (!m.is_sealed && !has_wal)
		return say_torn(r, path);
	e = check_pages(db, r, path);
	if (e == E_OK)
		e = count(db, r, path);
	return e;
}

enum err check_file(const char *path, struct check_report *r)
{
	bool has_wal = walguard_belongs(path);
	struct stat st;
	struct db *db;
	enum err e;

	memset(r, 0, sizeof(*r));
	if (stat(path, &st) == 0) {
		r->bytes = st.st_size;
		if (!S_ISREG(st.st_mode))
			return say(r, E_BAD, "%s is not a file.", path);
		if (st.st_size == 0)
			return say(r, E_BAD, "%s is empty.", path);
	}
	e = db_open(path, has_wal ? DB_VIEW : DB_LONE, &db);
	if (e != E_OK)
		return say_unreadable(r, path, e);
	e = check_open(db, r, path, has_wal);
	db_close(&db);
	if (e == E_CORRUPT && !has_wal && walguard_is_torn(path))
		return say_torn(r, path);
	if (e != E_OK)
		return e;
	return say(
		r, E_OK,
		"%s is whole%s: schema %d, %lld accounts, %lld messages that wait, %lld records.",
		path, has_wal ? " together with its WAL" : "", r->schema, (long long)r->accounts,
		(long long)r->offline_messages, (long long)r->records);
}
