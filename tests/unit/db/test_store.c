#include "tests/db/kit.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/resource.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/rand.h"

#include "db/store_int.h"

/* --- many at once --- */

enum { MANY = 1000 };

struct many {
	struct queue *reply;
	struct kit_put put[MANY];
	int done[MANY]; /* in which order */
	int n;
};

static struct many *all;

static void on_many(struct store_op *op)
{
	struct kit_put *p = CONTAINER_OF(op, struct kit_put, op);

	all->done[all->n++] = (int)(p - all->put);
}

static void drain(struct queue *q, const int *n, int until)
{
	while (*n < until) {
		struct pollfd p = { .fd = queue_fd(q), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 30000), 1);
		queue_run(q, SIZE_MAX);
	}
}

static void many_new(void)
{
	all = xcalloc(1, sizeof(*all));
	all->reply = queue_new();
	for (int i = 0; i < MANY; i++) {
		struct kit_put *p = &all->put[i];

		p->op = (struct store_op){ .reply = all->reply, .cls = STORE_DURABLE, .run = kit_run_put, .done = on_many };
		snprintf(p->key, sizeof(p->key), "many.%04d", i);
		p->value = "x";
		p->value_len = 1;
	}
}

static void many_end(void)
{
	queue_free(&all->reply);
	free(all);
}

static void test_groups_share_commits(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);
	struct store_stats st;

	(void)state;
	many_new();
	for (int i = 0; i < MANY; i++)
		store_submit(s, &all->put[i].op);
	drain(all->reply, &all->n, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(all->put[i].op.err, E_OK);
		assert_int_equal(all->done[i], i); /* in the order they were submitted */
	}
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"), MANY);
	store_stats(s, &st);
	assert_true(st.commits > 0 && st.commits < MANY / 2);
	assert_int_equal(st.failed_ops, 0);
	assert_int_equal(st.waiting, 0);
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

static void test_a_failure_undoes_only_itself(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);
	int bad = 0;

	(void)state;
	many_new();
	for (int i = 0; i < MANY; i++)
		if (i % 3 == 1)
			all->put[i].fails = i % 2 == 0 ? E_DENIED : E_EXISTS;
	for (int i = 0; i < MANY; i++)
		store_submit(s, &all->put[i].op);
	drain(all->reply, &all->n, MANY);
	for (int i = 0; i < MANY; i++) {
		assert_int_equal(all->put[i].op.err, all->put[i].fails);
		bad += all->put[i].fails != E_OK;
	}
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"), MANY - bad);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'many.0001'"), 0);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'many.0002'"), 1);
	assert_int_equal(store_health(s), STORE_OK); /* the caller's failures are not the disk's */
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

/* What was submitted before store_close is on the disk after it, whatever its class. */
static void test_close_finishes_what_waits(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);

	(void)state;
	many_new();
	for (int i = 0; i < MANY; i++) {
		all->put[i].op.cls = i % 2 == 0 ? STORE_DURABLE : STORE_SOON;
		store_submit(s, &all->put[i].op);
	}
	store_close(&s);
	assert_null(s);
	drain(all->reply, &all->n, MANY);
	for (int i = 0; i < MANY; i++)
		assert_int_equal(all->put[i].op.err, E_OK);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"), MANY);
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_share_commits),
		cmocka_unit_test(test_a_failure_undoes_only_itself),
		cmocka_unit_test(test_close_finishes_what_waits),
	};

	signal(SIGIO, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
