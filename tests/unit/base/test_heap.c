#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/heap.h"
#include "base/mem.h"

enum { TIMERS = 300, STEPS = 100000 };

static struct timer timers[TIMERS];
static int64_t due[TIMERS]; /* the model; 0: stopped */
static size_t ran;

static uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525u + 1013904223u;
	return *x >> 8;
}

static int64_t model_next(void)
{
	int64_t at = INT64_MAX;

	for (size_t i = 0; i < TIMERS; i++)
		if (due[i] != 0 && due[i] < at)
			at = due[i];
	return at;
}

static void on_due(struct timer *t, void *arg)
{
	int64_t now_ms = *(int64_t *)arg;
	size_t i = (size_t)(t - timers);

	assert_false(timer_is_running(t));
	assert_true(due[i] != 0 && due[i] <= now_ms);
	assert_true(due[i] == model_next()); /* the earliest first */
	due[i] = 0;
	ran++;
}

static void operations_follow_a_model(void **state)
{
	struct heap h;
	uint32_t x = 3;
	int64_t now_ms = 1000;

	(void)state;
	heap_init(&h);
	for (size_t i = 0; i < TIMERS; i++)
		timer_init(&timers[i], on_due, &now_ms);
	for (size_t step = 0; step < STEPS; step++) {
		size_t i = next_random(&x) % TIMERS;

		switch (next_random(&x) % 4) {
		case 0:
			timer_stop(&h, &timers[i]);
			due[i] = 0;
			break;
		case 1:
			now_ms += next_random(&x) % 20;
			(void)heap_run(&h, now_ms, 1 + next_random(&x) % 8);
			break;
		default: /* starts, or moves a running one either way */
			due[i] = now_ms + next_random(&x) % 1000;
			timer_start(&h, &timers[i], due[i]);
			break;
		}
		assert_int_equal(timer_is_running(&timers[i]), due[i] != 0);
		if (step % 50 == 0)
			assert_true(heap_next_ms(&h) <= model_next());
	}
	assert_true(ran > 100);
	now_ms += 2000;
	while (heap_run(&h, now_ms, 7) > 0)
		;
	assert_true(heap_next_ms(&h) == INT64_MAX);
	heap_fini(&h);
}

struct self {
	struct timer timer;
	struct heap *heap;
	unsigned *left;
};

static void on_self(struct timer *t, void *arg)
{
	struct self *s = arg;

	if (--*s->left == 0) {
		free(s); /* its own object may go */
		return;
	}
	timer_start(s->heap, t, 5); /* due again at once: heap_run must not spin past its cap */
}

static void callbacks_restart_and_free(void **state)
{
	unsigned left = 10;
	struct heap h;
	struct self *s = xcalloc(1, sizeof(*s));

	(void)state;
	heap_init(&h);
	*s = (struct self){ .heap = &h, .left = &left };
	timer_init(&s->timer, on_self, s);
	timer_start(&h, &s->timer, 5);
	assert_int_equal(heap_run(&h, 5, 4), 4);
	assert_int_equal(heap_run(&h, 4, 4), 0);
	assert_int_equal(heap_run(&h, 5, 100), 6);
	assert_int_equal(left, 0);
	heap_fini(&h);
}

static void fini_stops_all(void **state)
{
	struct heap h;
	struct timer t;

	(void)state;
	heap_init(&h);
	timer_init(&t, on_due, NULL);
	timer_start(&h, &t, 9);
	heap_fini(&h);
	assert_false(timer_is_running(&t));
	timer_stop(&h, &t); /* stopped is fine */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(operations_follow_a_model),
		cmocka_unit_test(callbacks_restart_and_free),
		cmocka_unit_test(fini_stops_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
