#include <assert.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "db/sqlite_int.h"
#include "db/store_int.h"

/* A disk that takes a small transaction right after it refused a large one is not well yet. */
enum { WELL_AGAIN_US = 1000000 };

const int64_t store_commit_bounds_us[STORE_COMMIT_BUCKETS] = { 500,   1000,  2500,   5000,
							       10000, 25000, 100000, INT64_MAX };

void lane_push(struct lane *l, struct job *j)
{
	j->next = NULL;
	if (l->head == NULL)
		l->head = j;
	else
		l->last->next = j;
	l->last = j;
	l->n++;
}

struct job *lane_pop(struct lane *l)
{
	struct job *j = l->head;

	if (j != NULL) {
		l->head = j->next;
		j->next = NULL;
		l->n--;
	}
	return j;
}

static struct store_op *as_op(struct job *j)
{
	return CONTAINER_OF(j, struct store_op, job);
}

/* --- handing back --- */

struct store_wait {
	pthread_mutex_t lock;
	pthread_cond_t over;
	bool is_over;
};

static void finish(struct job *j)
{
	struct store_op *op = as_op(j);

	op->done(op);
}

static void wake(struct store_wait *w)
{
	pthread_mutex_lock(&w->lock);
	w->is_over = true;
	pthread_cond_signal(&w->over);
	pthread_mutex_unlock(&w->lock);
}

/* The last touch: the operation is its owner's again. */
static void hand_back(struct store *s, struct store_op *op)
{
	atomic_fetch_sub(&s->waiting[op->cls], 1);
	if (op->wait != NULL) {
		wake(op->wait);
	} else if (op->done != NULL) {
		op->job.fn = finish;
		if (op->reply != NULL)
			queue_push(op->reply, &op->job);
		else
			op->done(op);
	}
}

enum err store_run_sync(struct store *s, struct store_op *op)
{
	struct store_wait w = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, false };

	if (!s->has_thread) {
		store_one(s, op);
		store_publish(s);
		return op->err;
	}
	assert(!pthread_equal(pthread_self(), s->thread)); /* it would wait for itself */
	op->wait = &w;
	store_submit(s, op);
	pthread_mutex_lock(&w.lock);
	while (!w.is_over)
		pthread_cond_wait(&w.over, &w.lock);
	pthread_mutex_unlock(&w.lock);
	pthread_cond_destroy(&w.over);
	pthread_mutex_destroy(&w.lock);
	op->wait = NULL;
	return op->err;
}

/* --- is the disk well? --- */

static void health_enter(struct store *s, enum store_health h)
{
	enum store_health old = (enum store_health)atomic_load(&s->health);

	if (h == old)
		return;
	atomic_store(&s->health, (int)h);
	s->stats.is_disk_full = h == STORE_DISK_FULL;
	s->stats.is_failing = h == STORE_FAILING;
	switch (h) {
	case STORE_OK:
		log_info("db", "the disk takes writes again");
		s->stats.failing_since_ms = 0;
		return;
	case STORE_DISK_FULL:
		log_error("db", "no space left for %s: nothing can be kept until there is some",
			  s->path);
		break;
	case STORE_FAILING:
		log_error("db", "writes to %s fail: nothing can be kept until they work", s->path);
		break;
	}
	if (old == STORE_OK)
		s->stats.failing_since_ms = clk_wall_ms();
}

void store_wrote(struct store *s, enum err e)
{
	int64_t now_us = clk_precise_us();
	enum err trouble = s->db->trouble;

	s->db->trouble = E_OK;
	if (e == E_OK && trouble == E_OK) {
		if (now_us - s->failed_us >= WELL_AGAIN_US && !s->checkpoint_failed)
			health_enter(s, STORE_OK);
		return;
	}
	s->failed_us = now_us;
	health_enter(s, trouble == E_FULL || e == E_FULL ? STORE_DISK_FULL : STORE_FAILING);
}

void store_probe(struct store *s)
{
	struct query q;
	enum err e = db_tx_begin(s->db);

	if (e == E_OK) {
		db_query(&q, s->db, "UPDATE meta SET wal = wal + 1");
		e = db_change(&q);
		if (e == E_OK)
			e = db_tx_commit(s->db);
		else
			db_tx_rollback(s->db);
	}
	if (e == E_OK)
		checkpoint_on_commit(s->checkpoint);
	store_wrote(s, e);
}

/* --- groups --- */

/* Runs op in a part of the open transaction of its own. */
static void run_part(struct store *s, struct store_op *op)
{
	struct db *db = s->db;

	op->err = db_savepoint(db);
	if (op->err != E_OK)
		return;
	op->err = op->run(op, db);
	db_settle(db); /* what it left open would hold up the commit and every checkpoint */
	if (op->err == E_OK && db_tx_is_open(db))
		op->err = db_savepoint_keep(db);
	if (op->err != E_OK)
		db_savepoint_undo(db);
}

static void count_commit(struct store *s, int64_t us)
{
	size_t b = 0;

	while (us > store_commit_bounds_us[b])
		b++;
	s->stats.commits++;
	s->stats.commit_us_sum += (uint64_t)us;
	s->stats.commit_bucket[b]++;
	if (us > s->stats.commit_longest_us)
		s->stats.commit_longest_us = us;
}

/* What all of a lost transaction are told. */
static enum err loss(enum err e, enum err trouble)
{
	if (trouble == E_FULL || e == E_FULL)
		return E_FULL;
	return E_IO;
}

static enum err commit(struct store *s)
{
	int64_t start_us = clk_precise_us();
	enum err e = db_tx_commit(s->db);

	if (e != E_OK)
		return loss(e, s->db->trouble);
	count_commit(s, clk_precise_us() - start_us);
	checkpoint_on_commit(s->checkpoint);
	return E_OK;
}

void store_one(struct store *s, struct store_op *op)
{
	enum err e;

	s->stats.ops++;
	if (op->cls == STORE_QUERY) {
		/* Before the thread is there nobody waits behind it: what boot reads may take its time. */
		op->err = db_read_begin(
			s->db, s->has_thread ? clk_precise_us() + STORE_QUERY_MS * 1000LL : 0);
		if (op->err == E_OK) {
			op->err = op->run(op, s->db);
			db_settle(s->db);
			db_read_end(s->db);
		}
		s->db->trouble = E_OK; /* health speaks of writes */
		s->stats.queries++;
		s->stats.interrupted += op->err == E_TIMEOUT;
	} else {
		e = db_tx_begin(s->db);
		if (e == E_OK) {
			run_part(s, op);
			e = commit(s);
		}
		if (e != E_OK && op->err == E_OK)
			op->err = e;
		store_wrote(s, e);
	}
	s->stats.failed_ops += op->err != E_OK;
}

bool store_soon_is_due(const struct store *s, int64_t now_us)
{
	const struct lane *soon = &s->lane[STORE_SOON];

	return soon->n >= STORE_GROUP_OPS ||
	       (soon->n > 0 &&
		(atomic_load(&s->stopping) || now_us - s->soon_since_us >= STORE_SOON_MS * 1000LL));
}

/* Runs operations of a lane until it is empty, the time is over or the transaction is lost. */
static void run_lane(struct store *s, struct lane *from, int64_t until_us, struct lane *group)
{
	struct job *j;

	while (db_tx_is_open(s->db) && group->n < STORE_GROUP_OPS && clk_precise_us() < until_us &&
	       (j = lane_pop(from)) != NULL) {
		lane_push(group, j);
		run_part(s, as_op(j));
	}
}

static void end_group(struct store *s, struct lane *group, enum err e)
{
	struct job *j;

	for (j = group->head; j != NULL; j = j->next) {
		struct store_op *op = as_op(j);

		if (e != E_OK && op->err == E_OK)
			op->err = e;
		s->stats.ops++;
		s->stats.failed_ops += op->err != E_OK;
	}
	store_publish(s); /* so that nobody is told before the figures know */
	while ((j = lane_pop(group)) != NULL)
		hand_back(s, as_op(j));
}

void store_group(struct store *s)
{
	struct lane *durable = &s->lane[STORE_DURABLE], *soon = &s->lane[STORE_SOON];
	struct lane group = { NULL, NULL, 0 };
	int64_t start_us = clk_precise_us(), until_us = start_us + STORE_GROUP_US;
	bool takes_soon = store_soon_is_due(s, start_us);
	enum err e;

	if (durable->n == 0 && !takes_soon)
		return;
	e = db_tx_begin(s->db);
	if (e == E_OK) {
		/* A full lane of durable ones must not keep the others beyond their second. */
		run_lane(s, durable, takes_soon ? until_us - STORE_GROUP_US / 4 : until_us, &group);
		if (takes_soon)
			run_lane(s, soon, until_us, &group);
		e = commit(s);
	} else {
		e = loss(e, s->db->trouble);
		for (size_t n = durable->n > 0 ? durable->n : soon->n; n > 0; n--) {
			struct job *j = lane_pop(durable->n > 0 ? durable : soon);

			as_op(j)->err = e;
			lane_push(&group, j);
		}
	}
	if (takes_soon)
		s->soon_since_us = clk_precise_us(); /* those left, if any, make a new batch */
	s->is_busy = durable->n > STORE_BUSY_OPS;
	store_wrote(s, e);
	end_group(s, &group, e);
}

void store_queries(struct store *s)
{
	int64_t until_us = clk_precise_us() + STORE_GROUP_US;
	struct job *j;

	while ((j = lane_pop(&s->lane[STORE_QUERY])) != NULL) {
		store_one(s, as_op(j));
		store_publish(s);
		hand_back(s, as_op(j));
		if (s->lane[STORE_DURABLE].n > 0 || queue_depth(s->inbox) > 0 ||
		    clk_precise_us() > until_us)
			return;
	}
}
