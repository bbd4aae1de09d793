#include "base/heap.h"

#include <stdlib.h>

#include "base/mem.h"

enum { FIRST_CAP = 64 };

/* Invariants:
 * 1. v[i] is due no later than v[2i+1] and v[2i+2].
 * 2. v[i]->pos == i + 1; a timer outside has pos 0. */

void heap_init(struct heap *h)
{
	*h = (struct heap){ 0 };
}

void heap_fini(struct heap *h)
{
	for (size_t i = 0; i < h->len; i++)
		h->v[i]->pos = 0;
	free(h->v);
	heap_init(h);
}

void timer_init(struct timer *t, timer_fn *fn, void *arg)
{
	*t = (struct timer){ .fn = fn, .arg = arg };
}

static void place(struct heap *h, size_t i, struct timer *t)
{
	h->v[i] = t;
	t->pos = i + 1;
}

static void sift_up(struct heap *h, size_t i)
{
	struct timer *t = h->v[i];

	while (i > 0 && h->v[(i - 1) / 2]->at_ms > t->at_ms) {
		place(h, i, h->v[(i - 1) / 2]);
		i = (i - 1) / 2;
	}
	place(h, i, t);
}

static void sift_down(struct heap *h, size_t i)
{
	struct timer *t = h->v[i];

	for (;;) {
		size_t child = 2 * i + 1;

		if (child >= h->len)
			break;
		if (child + 1 < h->len && h->v[child + 1]->at_ms < h->v[child]->at_ms)
			child++;
		if (h->v[child]->at_ms >= t->at_ms)
			break;
		place(h, i, h->v[child]);
		i = child;
	}
	place(h, i, t);
}

void timer_start(struct heap *h, struct timer *t, int64_t at_ms)
{
	size_t i;

	t->at_ms = at_ms;
	if (!timer_is_running(t)) {
		if (h->len == h->cap) {
			h->cap = h->cap == 0 ? FIRST_CAP : h->cap * 2;
			h->v = xrealloc(h->v, h->cap * sizeof(struct timer *));
		}
		place(h, h->len, t);
		h->len++;
	}
	i = t->pos - 1;
	sift_up(h, i);
	sift_down(h, t->pos - 1);
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
	sift_down(h, h->v[i]->pos - 1);
}

int64_t heap_next_ms(const struct heap *h)
{
	return h->len == 0 ? INT64_MAX : h->v[0]->at_ms;
}

size_t heap_run(struct heap *h, int64_t now_ms, size_t max)
{
	size_t ran = 0;

	while (ran < max && h->len > 0 && h->v[0]->at_ms <= now_ms) {
		struct timer *t = h->v[0];

		timer_stop(h, t);
		t->fn(t, t->arg); /* may free t */
		ran++;
	}
	return ran;
}
