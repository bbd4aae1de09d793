/* worker.h: a few threads (nice +10) for slow pure work: argon2, key making, checking a file.
 *
 * The work lives in its object.  run is called on a worker, then done on the
 * thread that owns the reply queue; run touches nothing but its object. */
#ifndef NET_WORKER_H
#define NET_WORKER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "net/queue.h"

struct worker_pool; /* opaque */

enum work_class {
	WORK_LIGHT,
	WORK_HEAVY, /* memory-hungry (argon2: 19 MiB): one at a time in the whole pool */
};

struct work {
	struct job job; /* the pool's */
	void (*run)(struct work *w);
	void (*done)(struct work *w); /* reply thread; may free; NULL only if reply is NULL */
	struct queue *reply;	      /* NULL: nobody waits, run ends the object */
	enum work_class cls;
	bool cancelled;	   /* set when the pool stopped before run: done is called all the same */
	struct work *next; /* the pool's */
};

struct worker_pool *worker_pool_new(size_t threads);
/* Waits for what runs, cancels what waits (a work without reply is then run after all).  From then on every
 * submit says E_FULL, so completions that go on to more work may still come.  Twice is fine. */
void worker_pool_stop(struct worker_pool *p);
void worker_pool_free(struct worker_pool **pp);

/* Any thread.  E_FULL: WORKER_QUEUE_MAX wait already; nothing was taken, say "try later". */
MUST_USE enum err worker_submit(struct worker_pool *p, struct work *w);
size_t worker_depth(struct worker_pool *p); /* any thread; waiting, not running */

#endif
