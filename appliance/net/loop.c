#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "net/loop.h"

enum { EVENTS_PER_TURN = 256, HOOKS_MAX = 8, LOT = 16 };

const int64_t loop_hist_us[LOOP_HIST_BUCKETS] = { 50,	100,  200,   500,   1000,
						  2000, 5000, 10000, 50000, INT64_MAX };

struct watch {
	loop_fd_fn *fn; /* NULL: not watched */
	void *arg;
	uint32_t gen; /* travels with the event, so that a stale one is recognised */
};

struct hook {
	loop_hook_fn *fn;
	void *arg;
};

/* Invariants:
 * 1. watch[fd].fn is set exactly while fd is in the epoll set.
 * 2. deferred holds work for this turn or the next; running holds what this turn took.
 * 3. The atomics are written by the loop's thread only (but for stop and the reset). */
struct loop {
	int epoll_fd;
	struct watch *watch; /* indexed by fd */
	size_t n_watch;
	struct heap heap;
	struct queue *queue;
	struct list deferred, running;
	struct hook hook[HOOKS_MAX];
	size_t n_hooks;
	int64_t begin_us; /* of this turn */
	bool jobs_due;
	atomic_bool stop;
	_Atomic uint64_t turns, busy_us, hist[LOOP_HIST_BUCKETS];
	_Atomic int64_t longest_us;
};

static void on_queue(int fd, uint32_t events, void *arg)
{
	struct loop *l = arg;

	(void)fd;
	(void)events;
	l->jobs_due = true; /* they run after the timers */
}

struct loop *loop_new(void)
{
	struct loop *l = xcalloc(1, sizeof(*l));
	enum err e;

	l->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	assert(l->epoll_fd >= 0);
	heap_init(&l->heap);
	list_init(&l->deferred);
	list_init(&l->running);
	l->queue = queue_new();
	e = loop_add_fd(l, queue_fd(l->queue), EPOLLIN, on_queue, l);
	assert(e == E_OK);
	clk_update();
	return l;
}

void loop_free(struct loop **lp)
{
	struct loop *l = *lp;

	if (l == NULL)
		return;
	loop_del_fd(l, queue_fd(l->queue));
	queue_free(&l->queue);
	heap_fini(&l->heap);
	close(l->epoll_fd);
	free(l->watch);
	free(l);
	*lp = NULL;
}

struct heap *loop_heap(struct loop *l)
{
	return &l->heap;
}

struct queue *loop_queue(struct loop *l)
{
	return l->queue;
}

static uint64_t event_tag(int fd, uint32_t gen)
{
	return (uint64_t)gen << 32 | (uint32_t)fd;
}

enum err loop_add_fd(struct loop *l, int fd, uint32_t events, loop_fd_fn *fn, void *arg)
{
	struct epoll_event ev = { .events = events };
	struct watch *w;

	assert(fd >= 0 && fn != NULL);
	if ((size_t)fd >= l->n_watch) {
		size_t n = l->n_watch == 0 ? 64 : l->n_watch;

		while (n <= (size_t)fd)
			n *= 2;
		l->watch = xrealloc(l->watch, n * sizeof(*l->watch));
		for (size_t i = l->n_watch; i < n; i++)
			l->watch[i] = (struct watch){ .gen = 0 };
		l->n_watch = n;
	}
	w = &l->watch[fd];
	assert(w->fn == NULL);
	ev.data.u64 = event_tag(fd, w->gen + 1);
	if (epoll_ctl(l->epoll_fd, EPOLL_CTL_ADD, fd, &ev) != 0) {
		log_error("loop", "epoll add fd=%d errno=%d", fd, errno);
		return E_IO;
	}
	*w = (struct watch){ .fn = fn, .arg = arg, .gen = w->gen + 1 };
	return E_OK;
}

enum err loop_mod_fd(struct loop *l, int fd, uint32_t events)
{
	struct epoll_event ev = { .events = events };

	assert((size_t)fd < l->n_watch && l->watch[fd].fn != NULL);
	ev.data.u64 = event_tag(fd, l->watch[fd].gen);
	return epoll_ctl(l->epoll_fd, EPOLL_CTL_MOD, fd, &ev) == 0 ? E_OK : E_IO;
}

void loop_del_fd(struct loop *l, int fd)
{
	if (fd < 0 || (size_t)fd >= l->n_watch || l->watch[fd].fn == NULL)
		return;
	l->watch[fd].fn = NULL;
	epoll_ctl(l->epoll_fd, EPOLL_CTL_DEL, fd, NULL);
}

void loop_defer(struct loop *l, struct loop_work *w)
{
	if (!list_is_linked(&w->node))
		list_push_back(&l->deferred, &w->node);
}

void loop_undefer(struct loop_work *w)
{
	list_del(&w->node);
}

bool loop_has_time(struct loop *l)
{
	return loop_turn_us(l) < NET_TURN_WORK_US;
}

int64_t loop_turn_us(const struct loop *l)
{
	return clk_precise_us() - l->begin_us;
}

void loop_on_turn_end(struct loop *l, loop_hook_fn *fn, void *arg)
{
	assert(l->n_hooks < HOOKS_MAX);
	l->hook[l->n_hooks++] = (struct hook){ fn, arg };
}

void loop_off_turn_end(struct loop *l, loop_hook_fn *fn, void *arg)
{
	for (size_t i = 0; i < l->n_hooks; i++) {
		if (l->hook[i].fn != fn || l->hook[i].arg != arg)
			continue;
		for (l->n_hooks--; i < l->n_hooks; i++)
			l->hook[i] = l->hook[i + 1];
		return;
	}
}

static void run_deferred(struct loop *l)
{
	struct list *n;

	/* Work of the turn before that did not get its share is still at the front of running. */
	while ((n = list_pop_front(&l->deferred)) != NULL)
		list_push_back(&l->running, n);
	while ((n = list_pop_front(&l->running)) != NULL) {
		struct loop_work *w = LIST_ITEM(n, struct loop_work, node);

		w->fn(w);
		if (!loop_has_time(l))
			break;
	}
}

/* Timers and jobs in small lots: at least one lot of each per turn, the rest while there is time. */
static void run_timers(struct loop *l, int64_t now_ms)
{
	while (heap_run(&l->heap, now_ms, LOT) == LOT && loop_has_time(l))
		;
}

static void run_jobs(struct loop *l)
{
	if (!l->jobs_due)
		return;
	l->jobs_due = false; /* queue_fd stays readable while jobs remain */
	while (queue_run(l->queue, LOT) == LOT && loop_has_time(l))
		;
}

static int wait_ms(struct loop *l, int timeout_ms)
{
	int64_t next = heap_next_ms(&l->heap), now;

	if (!list_is_empty(&l->deferred) || !list_is_empty(&l->running))
		return 0;
	if (next == INT64_MAX)
		return timeout_ms;
	now = clk_update();
	if (next <= now)
		return 0;
	if (timeout_ms >= 0 && next - now > timeout_ms)
		return timeout_ms;
	return next - now > INT_MAX ? INT_MAX : (int)(next - now);
}

static void dispatch(struct loop *l, const struct epoll_event *ev, int n)
{
	for (int i = 0; i < n; i++) {
		uint32_t gen = (uint32_t)(ev[i].data.u64 >> 32);
		int fd = (int)(uint32_t)ev[i].data.u64;
		struct watch w = l->watch[fd];

		if (w.fn != NULL && w.gen == gen)
			w.fn(fd, ev[i].events, w.arg);
	}
}

static void count_turn(struct loop *l, int64_t us)
{
	size_t i = 0;

	while (us > loop_hist_us[i])
		i++;
	atomic_fetch_add_explicit(&l->hist[i], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&l->turns, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&l->busy_us, (uint64_t)us, memory_order_relaxed);
	if (us > atomic_load_explicit(&l->longest_us, memory_order_relaxed))
		atomic_store_explicit(&l->longest_us, us, memory_order_relaxed);
}

bool loop_turn(struct loop *l, int timeout_ms)
{
	struct epoll_event ev[EVENTS_PER_TURN];
	int64_t now;
	int n;

	if (atomic_load_explicit(&l->stop, memory_order_acquire))
		return false;
	n = epoll_wait(l->epoll_fd, ev, EVENTS_PER_TURN, wait_ms(l, timeout_ms));
	l->begin_us = clk_precise_us();
	now = clk_update();
	if (n > 0)
		dispatch(l, ev, n);
	run_timers(l, now);
	run_jobs(l);
	run_deferred(l);
	for (size_t i = 0; i < l->n_hooks; i++)
		l->hook[i].fn(l->hook[i].arg);
	count_turn(l, loop_turn_us(l));
	return !atomic_load_explicit(&l->stop, memory_order_acquire);
}

void loop_run(struct loop *l)
{
	while (loop_turn(l, -1))
		;
}

void loop_stop(struct loop *l)
{
	atomic_store_explicit(&l->stop, true, memory_order_release);
	queue_wake(l->queue);
}

void loop_stats_get(const struct loop *l, struct loop_stats *out)
{
	out->turns = atomic_load_explicit(&l->turns, memory_order_relaxed);
	out->busy_us = atomic_load_explicit(&l->busy_us, memory_order_relaxed);
	out->longest_turn_us = atomic_load_explicit(&l->longest_us, memory_order_relaxed);
	for (size_t i = 0; i < LOOP_HIST_BUCKETS; i++)
		out->hist[i] = atomic_load_explicit(&l->hist[i], memory_order_relaxed);
}

void loop_stats_reset_longest(struct loop *l)
{
	atomic_store_explicit(&l->longest_us, 0, memory_order_relaxed);
}
