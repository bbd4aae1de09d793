#include "db/checkpoint.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"

#include "db/sqlite_int.h"
#include "db/walguard.h"

enum { LEASE_BREAK_DEFAULT_S = 45 };

/* Invariants:
 * 1. dirty_us != 0 exactly while the main file lacks something: commits, or its seal.
 * 2. The lease is held only inside checkpoint_try. */
struct checkpoint {
	struct db *db; /* borrowed */
	char *wal;     /* owned: path of the WAL */
	int64_t after_us, busy_us;
	int64_t dirty_us;      /* clk_precise_us of the first commit not in the main file */
	int64_t dirty_wall_ms; /* the same by the wall clock */
	int64_t retry_us;      /* not before */
	int64_t warned_us;     /* of the last warning that it is postponed */
	int64_t wal_warned_us;
	int64_t lease_break_us; /* the kernel takes a lease away after this long */
	bool has_leases;
	void (*on_event)(void *arg, enum store_checkpoint_event event);
	void *arg;
	uint64_t done, postponed, suspect;
	int64_t last_us, longest_us, done_wall_ms;
};

static int64_t read_lease_break_us(void)
{
	FILE *f = fopen("/proc/sys/fs/lease-break-time", "re");
	char line[32] = "";
	uint32_t s = LEASE_BREAK_DEFAULT_S;

	if (f != NULL) {
		if (fgets(line, sizeof(line), f) == NULL ||
		    num_u32(str_trim(str_of(line)), 0, UINT32_MAX, &s) != E_OK)
			s = LEASE_BREAK_DEFAULT_S;
		fclose(f);
	}
	return (int64_t)s * 1000000;
}

/* E_AGAIN: somebody has the file open.  E_UNSUPPORTED: there is no such thing here. */
static enum err take_lease(struct db *db)
{
	if (fcntl(db->fd, F_SETLEASE, F_WRLCK) == 0)
		return E_OK;
	return errno == EAGAIN ? E_AGAIN : E_UNSUPPORTED;
}

static void drop_lease(struct db *db)
{
	/* EAGAIN: the kernel has taken it away already. */
	if (fcntl(db->fd, F_SETLEASE, F_UNLCK) != 0 && errno != EAGAIN)
		log_error("db", "the lease on the database cannot be given back: %s",
			  strerror(errno));
}

struct checkpoint *checkpoint_new(struct db *db, const char *path, const struct store_cfg *cfg)
{
	struct checkpoint *c = xcalloc(1, sizeof(*c));
	enum err e;

	c->db = db;
	c->wal = xasprintf("%s-wal", path);
	c->after_us = 1000LL * (cfg->checkpoint_after_ms > 0 ? cfg->checkpoint_after_ms
							     : STORE_CHECKPOINT_MS);
	c->busy_us = 1000LL * (cfg->checkpoint_busy_ms > 0 ? cfg->checkpoint_busy_ms
							   : STORE_CHECKPOINT_BUSY_MS);
	if (c->busy_us < c->after_us)
		c->busy_us = c->after_us;
	c->on_event = cfg->on_checkpoint;
	c->arg = cfg->arg;
	c->lease_break_us = read_lease_break_us();
	e = take_lease(db);
	if (e == E_OK)
		drop_lease(db);
	c->has_leases = e != E_UNSUPPORTED;
	if (!c->has_leases)
		log_warn(
			"db",
			"no lease on this file (%s): a plain copy of it may be torn, use porchlight backup",
			strerror(errno));
	return c;
}

void checkpoint_free(struct checkpoint **cp)
{
	if (*cp == NULL)
		return;
	free((*cp)->wal);
	free(*cp);
	*cp = NULL;
}

void checkpoint_on_commit(struct checkpoint *c)
{
	if (c->dirty_us != 0)
		return;
	c->dirty_us = clk_precise_us();
	c->dirty_wall_ms = clk_wall_ms();
}

int64_t checkpoint_due_us(const struct checkpoint *c, bool is_busy)
{
	int64_t due = c->dirty_us + (is_busy ? c->busy_us : c->after_us);

	if (c->dirty_us == 0)
		return INT64_MAX;
	return due > c->retry_us ? due : c->retry_us;
}

static int64_t wal_bytes(const struct checkpoint *c)
{
	struct stat st;

	return stat(c->wal, &st) == 0 ? st.st_size : 0;
}

static void event(struct checkpoint *c, enum store_checkpoint_event ev)
{
	if (c->on_event != NULL)
		c->on_event(c->arg, ev);
}

/* Moves the WAL into the main file.  PASSIVE leaves it as long as it is, for the next transaction to
 * write over; TRUNCATE empties it. */
static enum err move_wal(struct checkpoint *c, int mode)
{
	struct db *db = c->db;
	int frames = -1, moved = -1;
	int rc = sqlite3_wal_checkpoint_v2(db->h, "main", mode, &frames, &moved);
	bool is_all = frames >= 0 && frames == moved;

	/* Also when only the emptying failed: SQLite writes the next transaction over what was moved, so it
	 * must bring its mark along. */
	if (is_all || (rc == SQLITE_OK && mode == SQLITE_CHECKPOINT_TRUNCATE))
		db->is_marked = false;
	if (rc == SQLITE_OK && !is_all && mode == SQLITE_CHECKPOINT_PASSIVE)
		return E_AGAIN; /* a reader in the way; there is none, as statements were reset */
	return rc == SQLITE_OK ? E_OK : db_fail(db, rc, "checkpoint");
}

/* Under the lease.  See walguard.h for the two rounds.  The WAL is emptied only after the second: so
 * whenever the seal of the main file is open, a WAL with something in it stands beside it, and a file
 * with an open seal and none is a torn copy. */
static enum err write_main(struct checkpoint *c)
{
	bool has_fresh = false;
	enum err e = walguard_unseal(c->db, &has_fresh);

	if (e == E_OK)
		e = move_wal(c, SQLITE_CHECKPOINT_PASSIVE);
	if (e == E_OK)
		e = walguard_seal(c->db, has_fresh);
	if (e == E_OK)
		e = move_wal(c, SQLITE_CHECKPOINT_TRUNCATE);
	return e;
}

/* The kernel takes a lease away when its holder does not let go within lease-break-time.  While
 * somebody waits in open(), F_GETLEASE already tells what they wait for, so it alone proves nothing:
 * it must also have been that long. */
static void check_lease(struct checkpoint *c, int64_t took_us)
{
	if (fcntl(c->db->fd, F_GETLEASE) == F_WRLCK || took_us < c->lease_break_us)
		return;
	c->suspect++;
	log_error(
		"db",
		"the lease on the database was taken away after %lld s: copies begun in the last %lld s are "
		"suspect, check them",
		(long long)(c->lease_break_us / 1000000), (long long)(took_us / 1000000));
}

static void postpone(struct checkpoint *c, int64_t now_us)
{
	char text[32];
	time_t since;
	struct tm tm;

	c->postponed++;
	c->retry_us = now_us + STORE_CHECKPOINT_RETRY_MS * 1000LL;
	event(c, STORE_CHECKPOINT_REFUSED);
	if (now_us - c->dirty_us < STORE_POSTPONED_WARN_MS * 1000LL ||
	    (c->warned_us != 0 && now_us - c->warned_us < STORE_POSTPONED_WARN_MS * 1000LL))
		return;
	c->warned_us = now_us;
	since = (time_t)(c->dirty_wall_ms / 1000);
	gmtime_r(&since, &tm);
	strftime(text, sizeof(text), "%H:%M:%S", &tm);
	log_warn(
		"db",
		"somebody keeps the database open: copies made now contain everything up to %s UTC",
		text);
}

static void warn_wal(struct checkpoint *c, int64_t now_us)
{
	int64_t bytes = wal_bytes(c);

	if (bytes < STORE_WAL_WARN_BYTES ||
	    (c->wal_warned_us != 0 && now_us - c->wal_warned_us < STORE_POSTPONED_WARN_MS * 1000LL))
		return;
	c->wal_warned_us = now_us;
	log_warn("db", "the WAL has grown to %lld MiB", (long long)(bytes >> 20));
}

enum err checkpoint_try(struct checkpoint *c)
{
	int64_t start_us = clk_precise_us(), took_us;
	enum err e;

	if (c->dirty_us == 0)
		return E_OK;
	warn_wal(c, start_us);
	db_settle(c->db); /* TRUNCATE under an open SELECT is refused */
	if (c->has_leases) {
		e = take_lease(c->db);
		if (e == E_AGAIN) {
			postpone(c, start_us);
			return e;
		}
		if (e != E_OK) {
			log_error("db", "no lease on the database: %s", strerror(errno));
			c->retry_us = start_us + STORE_CHECKPOINT_FAILED_MS * 1000LL;
			return E_IO;
		}
	}
	event(c, STORE_CHECKPOINT_BEGINS);
	e = write_main(c);
	event(c, STORE_CHECKPOINT_ENDS);
	took_us = clk_precise_us() - start_us;
	if (c->has_leases) {
		check_lease(c, took_us);
		drop_lease(c->db);
	}
	if (e != E_OK) {
		c->retry_us = clk_precise_us() + STORE_CHECKPOINT_FAILED_MS * 1000LL;
		return e == E_AGAIN ? E_IO : e;
	}
	c->dirty_us = c->warned_us = c->wal_warned_us = 0;
	c->done++;
	c->last_us = took_us;
	if (took_us > c->longest_us)
		c->longest_us = took_us;
	c->done_wall_ms = clk_wall_ms();
	return E_OK;
}

enum err checkpoint_try_for(struct checkpoint *c, int64_t wait_ms)
{
	static const struct timespec pause = { .tv_nsec = 10 * 1000000 };
	int64_t end_us = clk_precise_us() + wait_ms * 1000;
	enum err e;

	for (;;) {
		e = checkpoint_try(c);
		if (e != E_AGAIN || clk_precise_us() >= end_us)
			return e;
		nanosleep(&pause, NULL);
	}
}

void checkpoint_stats(const struct checkpoint *c, struct store_stats *out)
{
	struct stat st;

	out->checkpoints = c->done;
	out->postponed = c->postponed;
	out->suspect = c->suspect;
	out->checkpoint_last_us = c->last_us;
	out->checkpoint_longest_us = c->longest_us;
	out->checkpoint_wall_ms = c->done_wall_ms;
	out->dirty_since_ms = c->dirty_us != 0 ? c->dirty_wall_ms : 0;
	out->has_leases = c->has_leases;
	out->wal_bytes = wal_bytes(c);
	out->file_bytes = fstat(c->db->fd, &st) == 0 ? st.st_size : 0;
}
