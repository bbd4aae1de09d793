#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/mem.h"
#include "net/queue.h"

enum { PRODUCERS = 4, PER_PRODUCER = 50000 };

struct item {
	struct job job;
	int producer, number;
};

static int next_number[PRODUCERS];
static size_t ran;

static void on_item(struct job *j)
{
	struct item *it = CONTAINER_OF(j, struct item, job);

	assert_int_equal(it->number, next_number[it->producer]);
	next_number[it->producer]++;
	ran++;
	free(it);
}

static struct item *item_new(int producer, int number)
{
	struct item *it = xcalloc(1, sizeof(*it));

	it->job.fn = on_item;
	it->producer = producer;
	it->number = number;
	return it;
}

static int is_readable(const struct queue *q, int timeout_ms)
{
	struct pollfd p = { .fd = queue_fd(q), .events = POLLIN };

	return poll(&p, 1, timeout_ms) == 1;
}

static void reset(void)
{
	for (int i = 0; i < PRODUCERS; i++)
		next_number[i] = 0;
	ran = 0;
}

static void test_order_and_max(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	reset();
	assert_false(is_readable(q, 0));
	for (int i = 0; i < 10; i++)
		queue_push(q, &item_new(0, i)->job);
	assert_int_equal(queue_depth(q), 10);
	assert_int_equal(queue_run(q, 4), 4);
	assert_int_equal(queue_depth(q), 6);
	assert_true(is_readable(q, 0)); /* the rest is still due */
	queue_push(q, &item_new(0, 10)->job);
	assert_int_equal(queue_run(q, 100), 6);
	assert_true(is_readable(q, 0));
	assert_int_equal(queue_run(q, 100), 1);
	assert_int_equal(queue_run(q, 100), 0);
	assert_false(is_readable(q, 0));
	queue_free(&q);
	queue_free(&q);
	assert_null(q);
}

static void test_wake_alone(void **state)
{
	struct queue *q = queue_new();

	(void)state;
	queue_wake(q);
	assert_true(is_readable(q, 0));
	assert_int_equal(queue_run(q, 10), 0);
	assert_false(is_readable(q, 0));
	queue_free(&q);
}

struct producer {
	struct queue *q;
	int id;
};

static void *produce(void *arg)
{
	struct producer *p = arg;

	for (int i = 0; i < PER_PRODUCER; i++)
		queue_push(p->q, &item_new(p->id, i)->job);
	return NULL;
}

/* No job is lost, none runs twice, each producer's order is kept, and no wake-up is missed. */
static void test_many_producers(void **state)
{
	struct queue *q = queue_new();
	pthread_t t[PRODUCERS];
	struct producer p[PRODUCERS];

	(void)state;
	reset();
	for (int i = 0; i < PRODUCERS; i++) {
		p[i] = (struct producer){ q, i };
		assert_int_equal(pthread_create(&t[i], NULL, produce, &p[i]), 0);
	}
	while (ran < (size_t)PRODUCERS * PER_PRODUCER) {
		assert_true(is_readable(q, 10000));
		queue_run(q, 100);
	}
	for (int i = 0; i < PRODUCERS; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(queue_depth(q), 0);
	queue_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_order_and_max),
		cmocka_unit_test(test_wake_alone),
		cmocka_unit_test(test_many_producers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
