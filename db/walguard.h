/* walguard.h: does the WAL beside a file belong to it, and was the file copied whole?
 *
 * Putting an older file over a crashed one leaves the crashed one's WAL, and
 * replaying that would mix the two.  So the file carries marks in its table
 * meta, one row on one page:
 *   epoch   a fresh random number for each content the main file ever has at rest
 *   base    the epoch of the main file a WAL stands on
 * and a seal, which is open from the first to the last page a checkpoint writes:
 * the application_id, because that is on page 1 and SQLite checkpoints pages in
 * ascending order.
 *
 * At rest         main: epoch E, sealed             WAL: empty
 * first commit    WAL:  base E, epoch E
 * checkpoint      WAL:  base E, epoch F, open       then all of it goes to main
 *                 WAL:  base F, sealed              then that goes to main
 * So a WAL belongs to a main file whose own epoch is the base or the epoch seen
 * through the WAL, and a main file left in the middle has an open seal. */
#ifndef DB_WALGUARD_H
#define DB_WALGUARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct db;

struct walguard_marks {
	int64_t epoch, base;
	bool is_sealed;
};

/* E_CORRUPT: cannot be read; E_NOTFOUND: no such table. */
MUST_USE enum err walguard_read(struct db *db, struct walguard_marks *out);

/* Before the store opens path, while nothing of this process has it open.  Moves a foreign WAL aside as
 * PATH-wal.foreign-TIME.  E_AGAIN: another process has it. */
MUST_USE enum err walguard_check(const char *path);
/* Whether path, which nobody has open, has a WAL beside it with something in it that belongs to it. */
bool walguard_belongs(const char *path);
/* Whether path alone says that it was left in the middle of a checkpoint. */
bool walguard_is_torn(const char *path);

/* PATH.WORD-TIME, or with .N behind it if there is such a file; free() it. */
char *walguard_free_name(const char *path, const char *word);

/* Inside the first transaction of a WAL. */
MUST_USE enum err walguard_mark(struct db *db);
/* Transactions of their own, around the writing of a checkpoint.  open: sets *has_fresh_out to whether
 * the epoch is one that no main file at rest has had. */
MUST_USE enum err walguard_unseal(struct db *db, bool *has_fresh_out);
MUST_USE enum err walguard_seal(struct db *db, bool has_fresh);
/* A copy gets marks of its own, so that no WAL of the original fits it. */
MUST_USE enum err walguard_stamp_copy(struct db *db);

#endif
