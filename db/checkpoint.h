/* checkpoint.h: when the WAL goes into the main file, and why a plain cp of it is always whole.
 *
 * The main file changes only here, and only while SQLite's own descriptor holds
 * a write lease (fcntl F_SETLEASE).  Refused: somebody has the file open and may
 * be copying it, so we wait.  Granted: whoever opens it meanwhile waits for us.
 * Store thread. */
#ifndef DB_CHECKPOINT_H
#define DB_CHECKPOINT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "db/store.h"

struct db;
struct checkpoint; /* opaque */

struct checkpoint *checkpoint_new(struct db *db, const char *path, const struct store_cfg *cfg);
void checkpoint_free(struct checkpoint **cp);

void checkpoint_on_commit(struct checkpoint *c);
/* When to try (clk_precise_us), INT64_MAX: nothing to do. */
int64_t checkpoint_due_us(const struct checkpoint *c, bool is_busy);
/* No statement may be under way.  E_OK: done, or nothing was to be done; E_AGAIN: postponed, somebody has
 * the file open; else it failed and will be tried again. */
enum err checkpoint_try(struct checkpoint *c);
/* The same for up to wait_ms: at the start and at the stop. */
enum err checkpoint_try_for(struct checkpoint *c, int64_t wait_ms);

void checkpoint_stats(const struct checkpoint *c, struct store_stats *out); /* its fields of them */

#endif
