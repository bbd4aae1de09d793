#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/mem.h"
#include "net/loop.h"

static int calls;

static void on_fd(int fd, uint32_t events, void *arg)
{
	char c;

	(void)events;
	(void)arg;
	assert_int_equal(read(fd, &c, 1), 1);
	calls++;
}

static void test_fd(void **state)
{
	struct loop *l = loop_new();
	int p[2];

	(void)state;
	calls = 0;
	assert_int_equal(pipe(p), 0);
	assert_int_equal(loop_add_fd(l, p[0], EPOLLIN, on_fd, NULL), E_OK);
	assert_true(loop_turn(l, 0));
	assert_int_equal(calls, 0);
	assert_int_equal(write(p[1], "xy", 2), 2);
	assert_true(loop_turn(l, 0));
	assert_true(loop_turn(l, 0));
	assert_int_equal(calls, 2);
	assert_int_equal(write(p[1], "z", 1), 1);
	loop_del_fd(l, p[0]);
	assert_true(loop_turn(l, 0));
	assert_int_equal(calls, 2);
	close(p[0]);
	close(p[1]);
	loop_free(&l);
	loop_free(&l);
}

/* Two fds are ready in one turn; the first handler deletes the other, whose number is then used again. */
static struct {
	struct loop *l;
	int pair[2][2];
	int reused;
} stale;

static void on_never(int fd, uint32_t events, void *arg)
{
	(void)fd;
	(void)events;
	(void)arg;
	fail_msg("a stale event was delivered");
}

static void on_first(int fd, uint32_t events, void *arg)
{
	int other = fd == stale.pair[0][0] ? stale.pair[1][0] : stale.pair[0][0];

	(void)events;
	(void)arg;
	calls++;
	loop_del_fd(stale.l, fd);
	loop_del_fd(stale.l, other);
	close(other);
	stale.reused = fcntl(0, F_DUPFD, other);
	assert_int_equal(stale.reused, other);
	close(stale.reused);
	assert_int_equal(dup2(stale.pair[0][1], other), other);
	assert_int_equal(loop_add_fd(stale.l, other, EPOLLIN, on_never, NULL), E_OK);
}

static void test_stale_event(void **state)
{
	(void)state;
	calls = 0;
	stale.l = loop_new();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stale.pair[i]), 0);
		assert_int_equal(loop_add_fd(stale.l, stale.pair[i][0], EPOLLIN, on_first, NULL),
				 E_OK);
		assert_int_equal(write(stale.pair[i][1], "x", 1), 1);
	}
	assert_true(loop_turn(stale.l, 0));
	assert_int_equal(calls, 1);
	for (int i = 0; i < 2; i++) {
		loop_del_fd(stale.l, stale.pair[i][0]);
		close(stale.pair[i][0]);
		close(stale.pair[i][1]);
	}
	loop_free(&stale.l);
}

static void on_timer(struct timer *t, void *arg)
{
	(void)t;
	*(int64_t *)arg = clk_ms();
}

static void test_timers(void **state)
{
	struct loop *l;
	int64_t at[2] = { 0, 0 };
	struct timer t[2];

	(void)state;
	clk_set_ms(1000, 1000);
	l = loop_new();
	for (int i = 0; i < 2; i++)
		timer_init(&t[i], on_timer, &at[i]);
	timer_start(loop_heap(l), &t[0], 1500);
	timer_start(loop_heap(l), &t[1], 2000);
	loop_turn(l, 0);
	assert_int_equal(at[0], 0);
	clk_set_ms(1500, 1500);
	loop_turn(l, -1); /* does not sleep: one is due */
	assert_int_equal(at[0], 1500);
	assert_int_equal(at[1], 0);
	clk_set_ms(2500, 2500);
	loop_turn(l, -1);
	assert_int_equal(at[1], 2500);
	loop_free(&l);
	clk_unset();
}

struct slice {
	struct loop_work work;
	struct loop *l;
	int again, ran;
	int64_t cost_us;
};

static void on_slice(struct loop_work *w)
{
	struct slice *s = CONTAINER_OF(w, struct slice, work);
	int64_t until = clk_precise_us() + s->cost_us;

	while (clk_precise_us() < until)
		;
	s->ran++;
	if (--s->again > 0)
		loop_defer(s->l, w);
}

static void test_deferred(void **state)
{
	struct loop *l = loop_new();
	struct slice s[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		s[i] = (struct slice){ .work = { .fn = on_slice }, .l = l, .again = 3 };
		loop_defer(l, &s[i].work);
		loop_defer(l, &s[i].work);
	}
	loop_turn(l, -1); /* work that defers itself waits for the next turn */
	for (int i = 0; i < 3; i++)
		assert_int_equal(s[i].ran, 1);
	loop_undefer(&s[2].work);
	loop_undefer(&s[2].work);
	loop_turn(l, -1);
	loop_turn(l, -1);
	assert_int_equal(s[0].ran, 3);
	assert_int_equal(s[1].ran, 3);
	assert_int_equal(s[2].ran, 1);
	loop_free(&l);
}

/* Slices that use up the turn leave the rest for the next, in order. */
static void test_deferred_budget(void **state)
{
	struct loop *l = loop_new();
	struct slice s[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		s[i] = (struct slice){
			.work = { .fn = on_slice }, .l = l, .again = 1, .cost_us = 3000
		};
		loop_defer(l, &s[i].work);
	}
	for (int turn = 0; turn < 3; turn++) {
		loop_turn(l, -1);
		for (int i = 0; i < 3; i++)
			assert_int_equal(s[i].ran, i <= turn);
	}
	loop_free(&l);
}

static void on_turn_end(void *arg)
{
	(*(int *)arg)++;
}

static void test_turn_end_and_stats(void **state)
{
	struct loop *l = loop_new();
	struct loop_stats st;
	uint64_t sum = 0;
	int ends = 0;

	(void)state;
	loop_on_turn_end(l, on_turn_end, &ends);
	loop_turn(l, 0);
	loop_turn(l, 0);
	assert_int_equal(ends, 2);
	loop_off_turn_end(l, on_turn_end, &ends);
	loop_turn(l, 0);
	assert_int_equal(ends, 2);
	loop_stats_get(l, &st);
	assert_int_equal(st.turns, 3);
	for (int i = 0; i < LOOP_HIST_BUCKETS; i++)
		sum += st.hist[i];
	assert_int_equal(sum, 3);
	loop_stats_reset_longest(l);
	loop_stats_get(l, &st);
	assert_int_equal(st.longest_turn_us, 0);
	loop_free(&l);
}

static void *run(void *arg)
{
	loop_run(arg);
	return NULL;
}

static void on_job(struct job *j)
{
	(void)j;
	calls++;
}

static void test_other_thread(void **state)
{
	struct loop *l = loop_new();
	struct job jobs[100];
	pthread_t t;

	(void)state;
	calls = 0;
	for (int i = 0; i < 100; i++) {
		jobs[i].fn = on_job;
		queue_push(loop_queue(l), &jobs[i]);
	}
	assert_int_equal(pthread_create(&t, NULL, run, l), 0);
	while (queue_depth(loop_queue(l)) > 0)
		usleep(100);
	loop_stop(l);
	pthread_join(t, NULL);
	assert_int_equal(calls, 100);
	assert_false(loop_turn(l, -1));
	loop_free(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fd),
		cmocka_unit_test(test_stale_event),
		cmocka_unit_test(test_timers),
		cmocka_unit_test(test_deferred),
		cmocka_unit_test(test_deferred_budget),
		cmocka_unit_test(test_turn_end_and_stats),
		cmocka_unit_test(test_other_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
