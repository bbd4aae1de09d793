#include "db/backup.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/seal.h"

#include "db/sqlite_int.h"
#include "db/walguard.h"

enum {
	/* between looks at the clock: 128 KiB, under a millisecond from the cache */
	PAGES_AT_ONCE = 32,
	MAGIC_LEN = 8,
};

/* Invariant: the file at path is ours until backup_step has said E_OK. */
struct backup {
	struct db *from, *to; /* from: borrowed */
	char *path;	      /* owned */
	sqlite3_backup *run;
	int64_t pages, left;
};

/* --- slices --- */

static void end(struct backup **bp)
{
	struct backup *b = *bp;

	sqlite3_backup_finish(b->run);
	db_close(&b->to);
	free(b->path);
	free(b);
	*bp = NULL;
}

enum err backup_begin(struct db *db, const char *path, struct backup **out)
{
	struct backup *b;
	struct db *to;
	enum err e = db_open(path, DB_COPY, &to);

	if (e != E_OK)
		return e;
	b = xcalloc(1, sizeof(*b));
	b->from = db;
	b->to = to;
	b->path = xstrdup(path);
	b->run = sqlite3_backup_init(to->h, "main", db->h, "main");
	if (b->run == NULL) {
		e = db_fail(to, sqlite3_extended_errcode(to->h), "backup");
		backup_cancel(&b);
		return e != E_OK ? e : E_INTERNAL;
	}
	*out = b;
	return E_OK;
}

/* The copied header says WAL; a copy must be whole alone. */
static enum err make_plain(struct db *to)
{
	enum err e = db_exec(to, "PRAGMA journal_mode = DELETE");
	struct walguard_marks m;

	if (e == E_OK)
		e = walguard_read(to, &m);
	if (e == E_NOTFOUND)
		return E_OK; /* of a schema without marks */
	return e == E_OK ? walguard_stamp_copy(to) : e;
}

enum err backup_step(struct backup **bp, int64_t budget_us)
{
	struct backup *b = *bp;
	int64_t until_us = clk_precise_us() + budget_us;
	enum err e;
	int rc;

	do {
		rc = sqlite3_backup_step(b->run, PAGES_AT_ONCE);
		b->pages = sqlite3_backup_pagecount(b->run);
		b->left = sqlite3_backup_remaining(b->run);
	} while (rc == SQLITE_OK && clk_precise_us() < until_us);
	if (rc == SQLITE_OK)
		return E_MORE;
	/* Finishing tells the error, if there was one, to the copy's connection. */
	rc = sqlite3_backup_finish(b->run);
	b->run = NULL;
	e = rc == SQLITE_OK ? make_plain(b->to) : db_fail(b->to, rc, "backup");
	if (e == E_OK)
		end(bp);
	else
		backup_cancel(bp);
	return e;
}

void backup_progress(const struct backup *b, int64_t *pages_out, int64_t *left_out)
{
	*pages_out = b->pages;
	*left_out = b->left;
}

void backup_cancel(struct backup **bp)
{
	char *path;

	if (*bp == NULL)
		return;
	path = xstrdup((*bp)->path);
	end(bp);
	(void)unlink(path);
	free(path);
}

enum err backup_whole(struct db *db, const char *path)
{
	struct backup *b;
	enum err e = backup_begin(db, path, &b);

	if (e != E_OK)
		return e;
	do
		e = backup_step(&b, INT64_MAX / 2);
	while (e == E_MORE);
	return e;
}

/* --- on the disk --- */

static enum err err_of_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT || errno == EFBIG ? E_FULL
	       : errno == ENOENT				    ? E_NOTFOUND
	       : errno == EEXIST				    ? E_EXISTS
								    : E_IO;
}

static enum err sync_path(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC);
	enum err e = E_OK;

	if (fd < 0)
		return err_of_errno();
	if (fsync(fd) != 0)
		e = err_of_errno();
	close(fd);
	return e;
}

/* The name is on the disk only when its folder is. */
static enum err sync_folder_of(const char *path)
{
	char *copy = xstrdup(path);
	enum err e = sync_path(dirname(copy), O_RDONLY | O_DIRECTORY);

	free(copy);
	return e;
}

enum err backup_settle(const char *path, struct check_report *out)
{
	enum err e = sync_path(path, O_RDONLY);

	if (e == E_OK)
		e = sync_folder_of(path);
	if (e == E_OK) {
		e = check_file(path, out);
	} else {
		memset(out, 0, sizeof(*out));
		out->err = e;
		snprintf(out->text, sizeof(out->text), "The copy could not be put on the disk: %s.",
			 strerror(errno));
	}
	if (e != E_OK)
		(void)unlink(path);
	return e;
}

/* --- under a passphrase --- */

typedef enum err convert_fn(FILE *from, FILE *to, struct str passphrase);

static enum err convert(const char *from, const char *to, struct str passphrase, convert_fn *fn)
{
	FILE *in = fopen(from, "re"), *out = NULL;
	int fd = -1;
	enum err e;

	if (in == NULL)
		return err_of_errno();
	fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0) {
		e = err_of_errno();
		fclose(in);
		return e;
	}
	out = fdopen(fd, "w");
	assert(out != NULL);
	e = fn(in, out, passphrase);
	if (e == E_IO)
		e = err_of_errno() == E_FULL ? E_FULL : E_IO;
	if (e == E_OK && (fflush(out) != 0 || fsync(fd) != 0))
		e = err_of_errno();
	if (fclose(out) != 0 && e == E_OK)
		e = err_of_errno();
	fclose(in);
	if (e == E_OK)
		e = sync_folder_of(to);
	if (e != E_OK)
		(void)unlink(to);
	return e;
}

enum err backup_seal(const char *plain, const char *sealed, struct str passphrase)
{
	return convert(plain, sealed, passphrase, seal_file);
}

enum err backup_unseal(const char *sealed, const char *plain, struct str passphrase)
{
	return convert(sealed, plain, passphrase, unseal_file);
}

enum err backup_is_sealed(const char *path)
{
	char first[MAGIC_LEN];
	FILE *f = fopen(path, "re");
	size_t n;
	bool failed;

	if (f == NULL)
		return E_IO;
	n = fread(first, 1, sizeof(first), f);
	failed = ferror(f) != 0;
	fclose(f);
	if (failed)
		return E_IO;
	return seal_is_magic(str_n(first, n)) ? E_OK : E_NOTFOUND;
}
