/* store_int.h: the inside of the store, for its three files: store.c runs it, store_group.c commits,
 * store_open.c boots it. */
#ifndef DB_STORE_INT_H
#define DB_STORE_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "db/backup.h"
#include "db/checkpoint.h"
#include "db/store.h"

enum { STORE_CLASSES = 3 };

/* Jobs in order, linked by their next. */
struct lane {
	struct job *head, *last;
	size_t n;
};

void lane_push(struct lane *l, struct job *j);
struct job *lane_pop(struct lane *l); /* NULL: empty */

/* Invariants:
 * 1. The store thread owns everything but inbox, waiting, stopping, health and what lock guards; before
 *    store_start and after the join in store_close, the thread that calls them does.
 * 2. An operation is in inbox, then in a lane, then in the group under way, then with its reply queue;
 *    waiting counts it until it has been handed back.
 * 3. No transaction and no statement is under way between two steps of a turn. */
struct store {
	char *dir, *path; /* owned */
	struct db *db;
	struct checkpoint *checkpoint;
	struct queue *inbox;
	pthread_t thread;
	bool has_thread, is_busy;
	atomic_bool stopping;
	struct lane lane[STORE_CLASSES];
	int64_t soon_since_us; /* when the first of the lane SOON came */
	struct lane backups;
	struct backup_op *backup; /* the one under way; NULL: none */
	int64_t sweep_due_us;
	int64_t failed_us;	/* of the last write that failed */
	bool checkpoint_failed; /* the last one, for another reason than that it had to wait */
	atomic_int health;	/* enum store_health */
	atomic_size_t waiting[STORE_CLASSES];
	struct store_stats stats; /* of what the store counts itself */
	pthread_mutex_t lock;
	struct store_stats shown; /* under lock */
};

/* Takes waiting operations, runs them in one transaction, commits and hands them back. */
void store_group(struct store *s);
/* The same for reads, while nothing durable comes. */
void store_queries(struct store *s);
void store_one(struct store *s, struct store_op *op); /* alone, without handing it back */
bool store_soon_is_due(const struct store *s, int64_t now_us);
/* After a write: whether it failed (e), and what that says about the disk. */
void store_wrote(struct store *s, enum err e);
/* A transaction that changes nothing anybody sees, to learn whether the disk takes one. */
void store_probe(struct store *s);
void store_publish(struct store *s);
/* Until everything that was submitted has been handed back and the thread has ended. */
void store_stop(struct store *s);

#endif
