/* loop.h: one epoll loop per thread (switch, web, each door): fds, timers, jobs, deferred work.
 *
 * A turn is: wait, fd handlers, due timers, jobs, deferred work until the
 * turn's time is used up, turn-end hooks.  Everything but loop_stop, the queue
 * and the statistics belongs to the loop's own thread.  Handlers may add and
 * delete any fd: an event already fetched for a deleted fd is dropped, even
 * when the number was reused in the meantime. */
#ifndef NET_LOOP_H
#define NET_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/epoll.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/list.h"
#include "net/queue.h"

enum { LOOP_HIST_BUCKETS = 10 };

struct loop; /* opaque */

typedef void loop_fd_fn(int fd, uint32_t events, void *arg);
typedef void loop_hook_fn(void *arg);

/* A slice of work that may wait: runs once per loop_defer, after fds, timers and jobs, first come
 * first served.  What does not fit into the turn's time waits for the next turn, which then does
 * not sleep.  fn may defer itself again (it then runs next turn) and may free its object. */
struct loop_work {
	struct list node;
	void (*fn)(struct loop_work *w);
};

struct loop_stats {
	uint64_t turns;
	int64_t longest_turn_us; /* since start or the last loop_stats_reset_longest */
	uint64_t busy_us;	 /* time outside epoll_wait */
	uint64_t hist
		/* turns by length, upper bounds in loop_hist_us; not cumulative */
		[LOOP_HIST_BUCKETS];
};
extern const int64_t loop_hist_us[LOOP_HIST_BUCKETS]; /* the last is INT64_MAX */

struct loop *loop_new(void); /* on the thread that will run it, or before that thread starts */
void loop_free(struct loop **lp);

struct heap *loop_heap(struct loop *l);
struct queue *loop_queue(struct loop *l);

/* events as for epoll (EPOLLIN, EPOLLET ...).  The loop does not own the fd: delete, then close. */
MUST_USE enum err loop_add_fd(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg);
MUST_USE enum err loop_mod_fd(struct loop *l, int fd, uint32_t events);
void loop_del_fd(struct loop *l, int fd);

void loop_defer(struct loop *l, struct loop_work *w); /* already deferred is fine */
void loop_undefer(struct loop_work *w);		      /* not deferred is fine */
bool loop_has_time(struct loop *l); /* false once the turn's share for deferred work is used up */

int64_t loop_turn_us(
	const struct loop
		*l); /* how long this turn has lasted; for hooks that cut themselves short */

void loop_on_turn_end(struct loop *l, loop_hook_fn *fn,
		      void *arg); /* in order of registration; for life */
void loop_off_turn_end(struct loop *l, loop_hook_fn *fn, void *arg);

/* One turn, waiting at most timeout_ms (-1: as long as nothing is due); false once stopped. */
bool loop_turn(struct loop *l, int timeout_ms);
void loop_run(struct loop *l);
void loop_stop(struct loop *l); /* any thread, any number of times */

void loop_stats_get(const struct loop *l, struct loop_stats *out); /* any thread */
void loop_stats_reset_longest(struct loop *l);			   /* any thread */

#endif
