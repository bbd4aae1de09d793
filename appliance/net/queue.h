/* queue.h: the one way across threads: many producers push jobs, one owner runs them.
 *
 * A job lives in its object and is in at most one queue at a time.  Pushing
 * takes no lock and wakes the owner through an eventfd, once per empty ->
 * non-empty.  Jobs of one producer run in the order it pushed them. */
#ifndef NET_QUEUE_H
#define NET_QUEUE_H

#include <stddef.h>

struct queue; /* opaque */

struct job {
	struct job *next;
	void (*fn)(struct job *j); /* owner thread; may free the object */
};

struct queue *queue_new(void);
void queue_free(
	struct queue **qp); /* jobs still inside are dropped, not run: their owners end them */

void queue_push(struct queue *q, struct job *j); /* any thread */
void queue_wake(struct queue *q); /* any thread: makes queue_fd readable without a job */

/* Owner thread. */
int queue_fd(const struct queue *q); /* readable while a run is due */
size_t queue_run(struct queue *q,
		 size_t max); /* returns how many ran; the rest stays for the next call */

size_t queue_depth(const struct queue *q); /* any thread; jobs pushed and not yet run */

#endif
