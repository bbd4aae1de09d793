#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "net/thread.h"

#include "db/sqlite_int.h"
#include "db/store_int.h"
#include "db/sweep.h"

enum { ARRIVALS = 8192 }; /* sorted into their lanes in one turn: well under a millisecond */

/* --- arrivals --- */

static void on_op(struct job *j)
{
	struct store_op *op = CONTAINER_OF(j, struct store_op, job);
	struct store *s = op->store;

	if (op->cls == STORE_SOON && s->lane[STORE_SOON].n == 0)
		s->soon_since_us = clk_precise_us();
	lane_push(&s->lane[op->cls], j);
}

void store_submit(struct store *s, struct store_op *op)
{
	op->job.fn = on_op;
	op->store = s;
	op->err = E_OK;
	atomic_fetch_add(&s->waiting[op->cls], 1);
	queue_push(s->inbox, &op->job);
}

/* --- backups --- */

static void on_backup(struct job *j)
{
	struct backup_op *op = CONTAINER_OF(j, struct backup_op, job);

	lane_push(&op->store->backups, j);
}

void store_backup(struct store *s, struct backup_op *op)
{
	op->job.fn = on_backup;
	op->store = s;
	op->run = NULL;
	op->err = E_OK;
	queue_push(s->inbox, &op->job);
}

static void backup_finish(struct job *j)
{
	struct backup_op *op = CONTAINER_OF(j, struct backup_op, job);

	op->done(op);
}

static void backup_hand_back(struct store *s, struct backup_op *op, enum err e)
{
	s->backup = NULL;
	op->err = e;
	op->job.fn = backup_finish;
	if (op->reply != NULL)
		queue_push(op->reply, &op->job);
	else
		op->done(op);
}

static void backup_slice(struct store *s)
{
	struct backup_op *op = s->backup;
	int64_t pages = 0, left = 0;
	enum err e = E_OK;
	struct job *j;

	if (op == NULL) {
		j = lane_pop(&s->backups);
		if (j == NULL)
			return;
		op = s->backup = CONTAINER_OF(j, struct backup_op, job);
		e = backup_begin(s->db, op->path, &op->run);
	}
	if (e == E_OK) {
		e = backup_step(&op->run, STORE_SLICE_US);
		if (op->run != NULL) {
			backup_progress(op->run, &pages, &left);
			op->pages = pages;
			op->pages_left = left;
		} else if (e == E_OK) {
			op->pages_left = 0;
		}
	}
	if (e != E_MORE)
		backup_hand_back(s, op, e);
}

static void cancel_backups(struct store *s)
{
	struct job *j;

	if (s->backup != NULL) {
		backup_cancel(&s->backup->run);
		backup_hand_back(s, s->backup, E_CLOSED);
	}
	while ((j = lane_pop(&s->backups)) != NULL)
		backup_hand_back(s, CONTAINER_OF(j, struct backup_op, job), E_CLOSED);
}

/* --- what has had its time --- */

static void sweep(struct store *s)
{
	int64_t start_us = clk_precise_us();
	size_t rows = 0;
	bool more = false;
	enum err e;

	e = db_tx_begin(s->db);
	if (e == E_OK) {
		e = sweep_slice(s->db, clk_wall_ms(), &rows, &more);
		db_settle(s->db);
		if (e == E_OK && (rows > 0 || more))
			e = db_tx_commit(s->db);
		else
			/* also of nothing: a commit would cost a checkpoint */
			db_tx_rollback(s->db);
	}
	if (e != E_OK) {
		log_warn("db", "sweeping failed: %s", err_str(e));
		more = false;
		store_wrote(s, e);
	} else if (rows > 0 || more) {
		s->stats.swept_rows += rows;
		checkpoint_on_commit(s->checkpoint);
		store_wrote(s, e);
	}
	/* As much time for everything else as for sweeping. */
	s->sweep_due_us = more ? 2 * clk_precise_us() - start_us
			       : clk_precise_us() + STORE_SWEEP_MS * 1000LL;
}

/* --- the thread --- */

static bool is_ill(const struct store *s)
{
	return atomic_load(&s->health) != STORE_OK;
}

static int64_t probe_due_us(const struct store *s)
{
	return is_ill(s) ? s->failed_us + STORE_PROBE_MS * 1000LL : INT64_MAX;
}

static int64_t earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* How long nothing is to be done unless something arrives. */
static int wait_ms(const struct store *s)
{
	int64_t now_us = clk_precise_us(), due_us = s->sweep_due_us, ms;

	if (s->lane[STORE_DURABLE].n > 0 || s->lane[STORE_QUERY].n > 0 || s->backup != NULL ||
	    s->backups.n > 0 || store_soon_is_due(s, now_us))
		return 0;
	if (s->lane[STORE_SOON].n > 0)
		due_us = earlier(due_us, s->soon_since_us + STORE_SOON_MS * 1000LL);
	due_us = earlier(due_us, checkpoint_due_us(s->checkpoint, s->is_busy));
	due_us = earlier(due_us, probe_due_us(s));
	if (due_us <= now_us)
		return 0;
	ms = (due_us - now_us) / 1000 + 1;
	return ms < INT32_MAX ? (int)ms : INT32_MAX;
}

static void checkpoint(struct store *s)
{
	enum err e = checkpoint_try(s->checkpoint);

	if (e == E_AGAIN)
		return;
	/* A WAL may still grow on a disk on which the file cannot: that is not well. */
	s->checkpoint_failed = e != E_OK;
	store_wrote(s, e);
}

static void turn(struct store *s)
{
	int64_t start_us = clk_precise_us(), took_us;

	queue_run(s->inbox, ARRIVALS);
	store_group(s);
	store_queries(s);
	backup_slice(s);
	if (s->sweep_due_us <= clk_precise_us() && !is_ill(s))
		sweep(s);
	else if (s->sweep_due_us <= clk_precise_us())
		s->sweep_due_us = clk_precise_us() + STORE_PROBE_MS * 1000LL;
	if (checkpoint_due_us(s->checkpoint, s->is_busy) <= clk_precise_us())
		checkpoint(s);
	if (probe_due_us(s) <= clk_precise_us())
		store_probe(s);
	took_us = clk_precise_us() - start_us;
	if (took_us > s->stats.turn_longest_us)
		s->stats.turn_longest_us = took_us;
	store_publish(s);
}

static bool is_idle(const struct store *s)
{
	for (size_t i = 0; i < STORE_CLASSES; i++)
		if (s->lane[i].n > 0)
			return false;
	return queue_depth(s->inbox) == 0;
}

static void *run(void *arg)
{
	struct store *s = arg;

	for (;;) {
		struct pollfd p = { .fd = queue_fd(s->inbox), .events = POLLIN };
		bool stops = atomic_load(&s->stopping);
		int n;

		if (stops)
			cancel_backups(s);
		if (stops && is_idle(s))
			break;
		n = poll(&p, 1, stops ? 0 : wait_ms(s));
		assert(n >= 0 || errno == EINTR);
		turn(s);
	}
	return NULL;
}

enum err store_start(struct store *s)
{
	enum err e;

	assert(!s->has_thread);
	s->has_thread = true; /* before the thread looks */
	e = thread_start(&s->thread, "store", THREAD_NICE_NONE, run, s);
	if (e != E_OK)
		s->has_thread = false;
	return e;
}

void store_stop(struct store *s)
{
	atomic_store(&s->stopping, true);
	if (!s->has_thread) {
		run(s); /* what was submitted before a start that never came */
		return;
	}
	queue_wake(s->inbox);
	pthread_join(s->thread, NULL);
	s->has_thread = false;
}

/* --- figures --- */

void store_publish(struct store *s)
{
	struct store_stats now = s->stats;

	checkpoint_stats(s->checkpoint, &now);
	now.is_backup_running = s->backup != NULL;
	pthread_mutex_lock(&s->lock);
	s->shown = now;
	pthread_mutex_unlock(&s->lock);
}

void store_stats(struct store *s, struct store_stats *out)
{
	pthread_mutex_lock(&s->lock);
	*out = s->shown;
	pthread_mutex_unlock(&s->lock);
	out->waiting_durable = atomic_load(&s->waiting[STORE_DURABLE]);
	out->waiting_soon = atomic_load(&s->waiting[STORE_SOON]);
	out->waiting_query = atomic_load(&s->waiting[STORE_QUERY]);
	out->waiting = out->waiting_durable + out->waiting_soon + out->waiting_query;
}

enum store_health store_health(struct store *s)
{
	return (enum store_health)atomic_load(&s->health);
}

const char *store_dir(const struct store *s)
{
	return s->dir;
}
