#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/mem.h"
#include "net/worker.h"

struct sum {
	struct work work;
	int n, result;
};

static int done_count, cancelled_count;
static atomic_int heavy_now, heavy_most;

static void run_sum(struct work *w)
{
	struct sum *s = CONTAINER_OF(w, struct sum, work);

	for (int i = 1; i <= s->n; i++)
		s->result += i;
}

static void run_heavy(struct work *w)
{
	int now = atomic_fetch_add(&heavy_now, 1) + 1;

	(void)w;
	if (now > atomic_load(&heavy_most))
		atomic_store(&heavy_most, now);
	usleep(1000);
	atomic_fetch_sub(&heavy_now, 1);
}

static void on_done(struct work *w)
{
	struct sum *s = CONTAINER_OF(w, struct sum, work);

	if (w->cancelled)
		cancelled_count++;
	else if (w->run == run_sum)
		assert_int_equal(s->result, s->n * (s->n + 1) / 2);
	done_count++;
	free(s);
}

static struct sum *sum_new(struct queue *q, int n, enum work_class cls)
{
	struct sum *s = xcalloc(1, sizeof(*s));

	s->n = n;
	s->work.run = cls == WORK_HEAVY ? run_heavy : run_sum;
	s->work.done = on_done;
	s->work.reply = q;
	s->work.cls = cls;
	return s;
}

static void wait_done(struct queue *q, int n)
{
	while (done_count < n) {
		if (queue_run(q, 100) == 0)
			usleep(100);
	}
}

static void test_results(void **state)
{
	struct worker_pool *p = worker_pool_new(3);
	struct queue *q = queue_new();

	(void)state;
	done_count = 0;
	for (int i = 0; i < 500; i++)
		assert_int_equal(worker_submit(p, &sum_new(q, i, WORK_LIGHT)->work), E_OK);
	wait_done(q, 500);
	assert_int_equal(worker_depth(p), 0);
	worker_pool_free(&p);
	worker_pool_free(&p);
	queue_free(&q);
}

static void test_one_heavy_at_a_time(void **state)
{
	struct worker_pool *p = worker_pool_new(4);
	struct queue *q = queue_new();

	(void)state;
	done_count = 0;
	for (int i = 0; i < 40; i++)
		assert_int_equal(
			worker_submit(p, &sum_new(q, i, i % 2 ? WORK_HEAVY : WORK_LIGHT)->work),
			E_OK);
	wait_done(q, 40);
	assert_int_equal(atomic_load(&heavy_most), 1);
	worker_pool_free(&p);
	queue_free(&q);
}

static void test_full_and_cancelled(void **state)
{
	struct worker_pool *p = worker_pool_new(1);
	struct queue *q = queue_new();
	struct sum *s;
	int taken = 0;

	(void)state;
	done_count = cancelled_count = 0;
	for (;;) {
		s = sum_new(q, 1, WORK_HEAVY);
		if (worker_submit(p, &s->work) != E_OK)
			break;
		taken++;
	}
	free(s);
	assert_true(taken >= WORKER_QUEUE_MAX);
	worker_pool_free(&p);
	wait_done(q, taken);
	assert_true(cancelled_count > WORKER_QUEUE_MAX / 2);
	queue_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_results),
		cmocka_unit_test(test_one_heavy_at_a_time),
		cmocka_unit_test(test_full_and_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
