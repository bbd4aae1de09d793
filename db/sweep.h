/* sweep.h: what has had its time goes, in slices, so that a long delete holds nobody up.  Store thread. */
#ifndef DB_SWEEP_H
#define DB_SWEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct db;

/* Inside a transaction: deletes up to STORE_SWEEP_ROWS rows, oldest things first, and gives free pages back
 * to the file system.  *more_out: call again.  No rows and no more: nothing was changed. */
MUST_USE enum err sweep_slice(struct db *db, int64_t now_ms, size_t *rows_out, bool *more_out);

#endif
