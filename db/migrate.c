#include "db/migrate.h"

#include <assert.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/mem.h"

#include "db/backup.h"
#include "db/sqlite_int.h"

int migrate_newest(void)
{
	return db_migrations[db_migrations_count - 1].number;
}

static enum err apply(struct db *db, const struct migration *m)
{
	char *number = xasprintf("PRAGMA user_version = %d", m->number);
	bool is_first = !db->is_guarded;
	enum err e = db_tx_begin(db);

	if (e == E_OK) {
		e = db_exec(db, m->sql);
		if (e == E_OK)
			e = db_exec(db, number); /* part of the transaction like the rest */
		if (e == E_OK)
			e = db_tx_commit(db);
		else
			db_tx_rollback(db);
	}
	free(number);
	if (e != E_OK) {
		log_error("db", "migration %d (%s) failed and was undone", m->number, m->name);
		return e;
	}
	if (is_first) /* the table meta came with it, and so did its mark */
		db->is_guarded = db->is_marked = true;
	log_info("db", "schema=%d name=%s", m->number, m->name);
	return E_OK;
}

/* A name that the same upgrade tried again does not have to share. */
static enum err copy_first(struct db *db, const char *path, int64_t version)
{
	char *to = NULL;
	enum err e = E_EXISTS;

	for (int i = 0; e == E_EXISTS && i < 100; i++) {
		free(to);
		to = i == 0 ? xasprintf("%s.before-%04d", path, (int)version + 1)
			    : xasprintf("%s.before-%04d.%d", path, (int)version + 1, i);
		e = backup_whole(db, to);
	}
	if (e == E_OK) {
		struct check_report r;

		e = backup_settle(to, &r);
		if (e != E_OK)
			log_error("db", "the copy before the upgrade is not good: %s", r.text);
	}
	if (e == E_OK)
		log_info("db", "upgrading; the old database is kept as %s", to);
	else
		log_error("db", "no upgrade without a copy of the old database, and it failed: %s",
			  err_str(e));
	free(to);
	return e;
}

enum err migrate_run(struct db *db, const char *path, const struct migration *table, size_t count)
{
	int64_t version = 0;
	enum err e = db_pragma_i64(db, "PRAGMA user_version", &version);

	if (e != E_OK)
		return e;
	if (version < 0 || version > (int64_t)count) {
		log_error(
			"db",
			"%s has schema %lld and this program knows up to %zu (%s): a newer Porchlight wrote it; run "
			"that, or restore the copy it made before it upgraded",
			path, (long long)version, count, table[count - 1].name);
		return E_UNSUPPORTED;
	}
	if (version > 0 && version < (int64_t)count) {
		e = copy_first(db, path, version);
		if (e != E_OK)
			return e;
	}
	for (size_t i = (size_t)version; i < count; i++) {
		assert(table[i].number == (int)i + 1);
		e = apply(db, &table[i]);
		if (e != E_OK)
			return e;
	}
	return E_OK;
}
