/* heap.h: a binary heap of timers ordered by time; O(log n) start, stop and move.
 *
 * The timer lives in its object.  Callbacks run from heap_run, may start and
 * stop any timer, and may free their own object. */
#ifndef BASE_HEAP_H
#define BASE_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct timer;
typedef void timer_fn(struct timer *t, void *arg);

struct timer {
	int64_t at_ms; /* loop clock */
	size_t pos;    /* 1 + index in the heap; 0 while stopped */
	timer_fn *fn;
	void *arg;
};

struct heap_slot {
	/* never later than the timer's own: one put off moves when its slot is due */
	int64_t at_ms;
	struct timer *timer;
};

struct heap {
	struct heap_slot *v; /* owned */
	size_t len, cap;
};

void heap_init(struct heap *h);
void heap_fini(struct heap *h);
void timer_init(struct timer *t, timer_fn *fn, void *arg);
void timer_start(struct heap *h, struct timer *t, int64_t at_ms); /* moves a running one */
void timer_stop(struct heap *h, struct timer *t);		  /* stopped is fine */
static inline bool timer_is_running(const struct timer *t)
{
	return t->pos != 0;
}
/* When to look again: no later than the next timer is due; INT64_MAX: none runs. */
int64_t heap_next_ms(const struct heap *h);
/* Runs at most max due timers (each stopped before its call); returns how many ran. */
size_t heap_run(struct heap *h, int64_t now_ms, size_t max);

#endif
