#include "db/restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "db/backup.h"
#include "db/sqlite.h"
#include "db/store.h"
#include "db/walguard.h"

static enum err fail(const char *path, const char *what)
{
	int why = errno;

	log_error("db", "restore: %s %s: %s", what, path, strerror(why));
	return why == ENOSPC || why == EDQUOT || why == EFBIG ? E_FULL : E_IO;
}

/* Page by page rather than byte by byte: a copy that came with its WAL becomes one file, and the new
 * one gets marks of its own, so that no WAL that stands about here fits it. */
static enum err copy_pages(const char *from, const char *to)
{
	struct db *db;
	enum err e = db_open(from, walguard_belongs(from) ? DB_VIEW : DB_LONE, &db);

	if (e != E_OK)
		return e;
	(void)unlink(to); /* of a restore that was cut short */
	e = backup_whole(db, to);
	db_close(&db);
	return e;
}

static enum err sync_dir(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	enum err e;

	if (fd < 0)
		return fail(dir, "cannot open");
	e = fsync(fd) == 0 ? E_OK : fail(dir, "cannot write");
	close(fd);
	return e;
}

/* Keeps a server from starting with the old database while it is replaced: *out holds its lock, or is
 * NULL if nobody could use that file anyway. */
static enum err lock_old(const char *path, struct db **out)
{
	int64_t any;
	enum err e = db_open(path, DB_VIEW, out);

	if (e == E_OK) {
		e = db_pragma_i64(*out, "PRAGMA schema_version", &any);
		if (e != E_OK)
			db_close(out);
	}
	if (e == E_AGAIN)
		log_error("db", "restore: %s is in use: stop the server first", path);
	return e == E_AGAIN ? e : E_OK;
}

/* A second name for what may be there.  E_OK also if it is not. */
static enum err keep(const char *path, const char *as)
{
	if (link(path, as) == 0 || errno == ENOENT)
		return E_OK;
	return fail(as, "cannot make");
}

/* The old file never stops being in place before the new one is: at any moment a crash leaves the one,
 * with its WAL, or the other.  A WAL that a crash leaves beside the new one is set aside at the start. */
static enum err swap(const char *fresh, const char *path, const char *undo)
{
	char *wal = xasprintf("%s-wal", path), *undo_wal = xasprintf("%s-wal", undo);
	enum err e = keep(path, undo);

	if (e == E_OK)
		e = keep(wal, undo_wal);
	if (e == E_OK && rename(fresh, path) != 0)
		e = fail(path, "cannot replace");
	if (e == E_OK) {
		if (unlink(wal) != 0 && errno != ENOENT)
			e = fail(wal, "cannot remove");
	} else {
		(void)unlink(undo);
		(void)unlink(undo_wal);
	}
	free(undo_wal);
	free(wal);
	return e;
}

static enum err put(const char *dir, const char *path, const char *fresh,
		    struct restore_result *out)
{
	struct stat st;
	struct db *lock = NULL;
	char *undo = walguard_free_name(path, "before-restore");
	bool had_one = lstat(path, &st) == 0;
	enum err e = E_OK;

	if (had_one && st.st_size > 0)
		e = lock_old(path, &lock);
	if (e == E_OK)
		e = swap(fresh, path, undo);
	db_close(&lock);
	if (e == E_OK)
		e = sync_dir(dir);
	if (e == E_OK && had_one)
		out->undo = undo;
	else
		free(undo);
	return e;
}

enum err restore_put(const char *dir, const char *file, struct restore_result *out)
{
	char *path = xasprintf("%s/%s", dir, STORE_FILE), *fresh = xasprintf("%s.restoring", path);
	enum err e;

	memset(out, 0, sizeof(*out));
	e = check_file(file, &out->check);
	if (e == E_OK) {
		e = copy_pages(file, fresh);
		if (e != E_OK)
			log_error("db", "restore: %s cannot be copied to %s: %s", file, fresh,
				  err_str(e));
	}
	if (e == E_OK) {
		struct check_report copied;

		/* What is served from now on is this file, so it is this one that must be whole. */
		e = backup_settle(fresh, &copied);
		if (e != E_OK)
			out->check = copied;
	}
	if (e == E_OK)
		e = put(dir, path, fresh, out);
	if (e != E_OK)
		(void)unlink(fresh);
	free(fresh);
	free(path);
	return e;
}

void restore_result_fini(struct restore_result *r)
{
	free(r->undo);
	r->undo = NULL;
}
