#include "base/heap.h"

#include <stdlib.h>

#include "base/mem.h"

/* Four children instead of two: half as deep, and the children lie together in a cache line. */
enum { FIRST_CAP = 64, CHILDREN = 4 };

/* Invariants:
 * 1. v[i].at_ms is no later than that of its children, v[CHILDREN * i + 1] and on.
 * 2. v[i].timer->pos == i + 1; a timer outside has pos 0.
 * 3. v[i].at_ms <= v[i].timer->at_ms.  Putting a timer off, which is what nearly all restarts do, changes
 *    nothing but the timer; its slot follows when it comes to the top. */

void heap_init(struct heap *h)
{
	*h = (struct heap){ 0 };
}

void heap_fini(struct heap *h)
{
	for (size_t i = 0; i < h->len; i++)
		h->v[i].timer->pos = 0;
	free(h->v);
	heap_init(h);
}

void timer_init(struct timer *t, timer_fn *fn, void *arg)
{
	*t = (struct timer){ .fn = fn, .arg = arg };
}

static void place(struct heap *h, size_t i, struct heap_slot s)
{
	h->v[i] = s;
	s.timer->pos = i + 1;
}

static void sift_up(struct heap *h, size_t i)
{
	struct heap_slot s = h->v[i];

	while (i > 0 && h->v[(i - 1) / CHILDREN].at_ms > s.at_ms) {
		place(h, i, h->v[(i - 1) / CHILDREN]);
		i = (i - 1) / CHILDREN;
	}
	place(h, i, s);
}

static size_t earliest_child(const struct heap *h, size_t i)
{
	size_t child = CHILDREN * i + 1, end = child + CHILDREN;

	if (end > h->len)
		end = h->len;
	for (size_t other = child + 1; other < end; other++)
		if (h->v[other].at_ms < h->v[child].at_ms)
			child = other;
	return child;
}

static void sift_down(struct heap *h, size_t i)
{
	struct heap_slot s = h->v[i];
	size_t child;

	while ((child = earliest_child(h, i)) < h->len && h->v[child].at_ms < s.at_ms) {
		place(h, i, h->v[child]);
		i = child;
	}
	place(h, i, s);
}

void timer_start(struct heap *h, struct timer *t, int64_t at_ms)
{
	t->at_ms = at_ms;
	if (timer_is_running(t)) {
		if (h->v[t->pos - 1].at_ms <= at_ms)
			return; /* invariant 3 */
		h->v[t->pos - 1].at_ms = at_ms;
		sift_up(h, t->pos - 1);
		return;
	}
	if (h->len == h->cap) {
		h->cap = h->cap == 0 ? FIRST_CAP : h->cap * 2;
		h->v = xrealloc(h->v, h->cap * sizeof(*h->v));
	}
	h->v[h->len++] = (struct heap_slot){ at_ms, t };
	sift_up(h, h->len - 1);
}

void timer_stop(struct heap *h, struct timer *t)
{
	size_t i;

	if (!timer_is_running(t))
		return;
	i = t->pos - 1;
	t->pos = 0;
	h->len--;
	if (i == h->len)
		return;
	place(h, i, h->v[h->len]);
	sift_up(h, i);
	sift_down(h, h->v[h->len].timer->pos - 1);
}

int64_t heap_next_ms(const struct heap *h)
{
	return h->len == 0 ? INT64_MAX : h->v[0].at_ms;
}

size_t heap_run(struct heap *h, int64_t now_ms, size_t max)
{
	size_t ran = 0;

	while (ran < max && h->len > 0 && h->v[0].at_ms <= now_ms) {
		struct timer *t = h->v[0].timer;

		if (t->at_ms > h->v[0].at_ms) { /* it was put off */
			h->v[0].at_ms = t->at_ms;
			sift_down(h, 0);
			continue;
		}
		timer_stop(h, t);
		t->fn(t, t->arg); /* may free t */
		ran++;
	}
	return ran;
}
