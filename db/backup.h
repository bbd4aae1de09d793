/* backup.h: a copy of the whole database with everything up to now, made while it is in use.
 *
 * Two parts: the store copies pages in slices between commits, then a worker
 * puts the copy on the disk and checks it.  The copy is an ordinary database,
 * without WAL, which may stand anywhere. */
#ifndef DB_BACKUP_H
#define DB_BACKUP_H

#include <stdatomic.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "db/check.h"
#include "net/queue.h"

struct db;
struct store;
struct backup; /* opaque: one under way */

/* The store's part, for any thread; the struct lives until done. */
struct backup_op {
	struct job job; /* the store's, like the next one */
	struct store *store;
	struct queue *reply; /* whose thread calls done; NULL: the store thread does */
	const char *path;    /* must not exist; mode 0600; the caller's */
	void (*done)(struct backup_op *op);
	enum err err; /* E_EXISTS, E_FULL, E_IO, E_CLOSED; the file is then gone */
	_Atomic int64_t pages, pages_left; /* any thread may look */
	struct backup *run;		   /* the store's */
};
void store_backup(struct store *s, struct backup_op *op);

/* The worker's part: on the disk, then checked.  On failure the file is removed. */
MUST_USE enum err backup_settle(const char *path, struct check_report *out);
/* From PLAIN, a settled copy or a sealed file, to a new file with mode 0600, on the disk.  Worker or command. */
MUST_USE enum err backup_seal(const char *plain, const char *sealed, struct str passphrase);
MUST_USE enum err backup_unseal(const char *sealed, const char *plain, struct str passphrase);
/* E_OK: the file at path is sealed; E_NOTFOUND: it is not; E_IO. */
MUST_USE enum err backup_is_sealed(const char *path);

/* Slices, for whoever owns db. */
MUST_USE enum err backup_begin(struct db *db, const char *path, struct backup **out);
/* Copies for about budget_us.  E_MORE: go on; E_OK: whole; else it failed.  In the last two cases it has
 * ended and *bp is NULL. */
MUST_USE enum err backup_step(struct backup **bp, int64_t budget_us);
void backup_progress(const struct backup *b, int64_t *pages_out, int64_t *left_out);
void backup_cancel(struct backup **bp);				 /* removes the file */
MUST_USE enum err backup_whole(struct db *db, const char *path); /* all slices at once: boot */

#endif
