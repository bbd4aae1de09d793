/* store.h: the store thread, which owns the one connection to DIR/porchlight.db.
 *
 * Any thread hands it operations; it runs them in groups, one commit for all,
 * and pushes each back as a completion once its group is on the disk.
 * Durable operations go first.  A failed operation undoes only itself. */
#ifndef DB_STORE_H
#define DB_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "net/queue.h"

#define STORE_FILE "porchlight.db"

struct db;
struct store; /* opaque */

enum store_class {
	STORE_DURABLE, /* on the disk before done; served first */
	STORE_SOON,    /* on the disk within a second, with others */
	STORE_QUERY,   /* reads only; E_TIMEOUT after STORE_QUERY_MS */
};

struct store_wait; /* opaque */

/* First in the caller's struct, which lives until done.  Operations of one class run in the order
 * they were submitted. */
struct store_op {
	struct job job; /* the store's, like the next two */
	struct store *store;
	struct store_wait *wait; /* who waits in store_run_sync */
	struct queue *reply;	 /* whose thread calls done; NULL: the store thread does */
	enum store_class cls;
	/* Store thread, inside a transaction; an error undoes what it did. */
	enum err (*run)(struct store_op *op, struct db *db);
	/* Once, after the commit; may be NULL only if nobody need free it.  It owns the struct from here. */
	void (*done)(struct store_op *op);
	/* What run answered, or why it could not be kept.  E_FULL: the disk is full; E_IO.  If the commit fails, all
	 * of the group are told so, and nothing of any of them is kept. */
	enum err err;
};

enum store_checkpoint_event {
	STORE_CHECKPOINT_BEGINS,
	STORE_CHECKPOINT_ENDS,
	STORE_CHECKPOINT_REFUSED
};

struct store_cfg {
	int64_t checkpoint_after_ms; /* 0: STORE_CHECKPOINT_MS */
	int64_t checkpoint_busy_ms;  /* 0: STORE_CHECKPOINT_BUSY_MS */
	/* Tests: store thread; between BEGINS and ENDS the file is leased. */
	void (*on_checkpoint)(void *arg, enum store_checkpoint_event event);
	void *arg;
};

/* Boot, before other threads: refuses another owner (E_DENIED), a second process (E_AGAIN), a newer
 * schema (E_UNSUPPORTED), a damaged or torn file (E_CORRUPT); sets a foreign WAL aside; migrates.
 * The reason is logged.  cfg may be NULL. */
MUST_USE enum err store_open(const char *dir, const struct store_cfg *cfg, struct store **out);
MUST_USE enum err store_start(struct store *s); /* starts the thread */
/* Finishes what was submitted, then checkpoints if nobody holds the file.  Replies are still pushed. */
void store_close(struct store **sp);

void store_submit(struct store *s, struct store_op *op); /* any thread */
/* Runs it to its end, and returns op->err; done is not called.  Before store_start, or from a
 * thread that may wait. */
enum err store_run_sync(struct store *s, struct store_op *op);

enum { STORE_COMMIT_BUCKETS = 8 };
/* upper bounds; the last is INT64_MAX */
extern const int64_t store_commit_bounds_us[STORE_COMMIT_BUCKETS];

struct store_stats {
	uint64_t ops, failed_ops, commits, queries, interrupted;
	uint64_t commit_us_sum, commit_bucket[STORE_COMMIT_BUCKETS];
	int64_t commit_longest_us, turn_longest_us;
	size_t waiting, waiting_durable, waiting_soon, waiting_query; /* operations */
	/* suspect: lease revoked, copies begun then are doubtful */
	uint64_t checkpoints, postponed, suspect;
	int64_t checkpoint_last_us, checkpoint_longest_us;
	int64_t checkpoint_wall_ms; /* the last one ended; 0: none since the start */
	/* wall: first commit a plain copy lacks; 0: copies hold everything */
	int64_t dirty_since_ms;
	bool has_leases; /* false: the file system has none, plain copies are not safe */
	int64_t file_bytes, wal_bytes;
	bool is_disk_full, is_failing; /* writes fail now: for want of space, for another reason */
	int64_t failing_since_ms;      /* wall */
	uint64_t swept_rows;
	bool is_backup_running;
};
void store_stats(struct store *s, struct store_stats *out); /* any thread */

enum store_health { STORE_OK, STORE_DISK_FULL, STORE_FAILING };
enum store_health store_health(struct store *s); /* any thread */

const char *store_dir(const struct store *s);

#endif
