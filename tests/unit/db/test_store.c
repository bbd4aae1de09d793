#include "tests/db/kit.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mount.h>
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
	int n, bad;
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

		p->op = (struct store_op){ .reply = all->reply,
					   .cls = STORE_DURABLE,
					   .run = kit_run_put,
					   .done = on_many };
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
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"),
			 MANY);
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
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"),
			 MANY - bad);
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
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"),
			 MANY);
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

static void test_close_without_start(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_open(dir, NULL);

	(void)state;
	many_new();
	for (int i = 0; i < 10; i++)
		store_submit(s, &all->put[i].op);
	store_close(&s);
	drain(all->reply, &all->n, 10);
	assert_int_equal(all->put[9].op.err, E_OK);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 10);
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

/* Those that may wait share a commit, and are on the disk within a second all the same. */
static void test_soon_waits_for_company(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);
	struct store_stats before, after;
	int64_t start_us;

	(void)state;
	many_new();
	store_stats(s, &before);
	start_us = clk_precise_us();
	for (int i = 0; i < 100; i++) {
		all->put[i].op.cls = STORE_SOON;
		store_submit(s, &all->put[i].op);
	}
	drain(all->reply, &all->n, 100);
	assert_true(clk_precise_us() - start_us >= STORE_SOON_MS * 1000LL);
	store_stats(s, &after);
	assert_int_equal(after.commits - before.commits, 1);
	assert_int_equal(after.ops - before.ops, 100);
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

/* A durable operation submitted after a thousand that may wait is not behind them. */
static void test_durable_goes_first(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_open(dir, NULL);

	(void)state;
	many_new();
	for (int i = 0; i < MANY; i++) {
		all->put[i].op.cls = i == MANY - 1 ? STORE_DURABLE : STORE_SOON;
		store_submit(s, &all->put[i].op);
	}
	assert_int_equal(store_start(s), E_OK);
	drain(all->reply, &all->n, MANY);
	assert_int_equal(all->done[0], MANY - 1);
	many_end();
	store_close(&s);
	kit_dir_end(dir);
}

/* --- queries --- */

static const char endless[] =
	"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000000)"
	" SELECT count(*) FROM n";

static void test_a_long_query_is_interrupted(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);
	struct kit_number n = { .op = { .cls = STORE_QUERY, .run = kit_run_number },
				.sql = endless };
	struct store_stats st;

	(void)state;
	assert_int_equal(store_run_sync(s, &n.op), E_TIMEOUT);
	assert_int_equal(kit_put(s, "after", "it"), E_OK);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'after'"), 1);
	store_stats(s, &st);
	assert_int_equal(st.interrupted, 1);
	assert_int_equal(st.queries, 2);
	assert_int_equal(store_health(s), STORE_OK);
	store_close(&s);
	kit_dir_end(dir);
}

/* Outlasts STORE_QUERY_MS before its statement begins, so that a deadline would hit it. */
static enum err run_slowly(struct store_op *op, struct db *db)
{
	int64_t over_us = clk_precise_us() + (STORE_QUERY_MS + 10) * 1000LL, n = 0;
	enum err e;

	(void)op;
	while (clk_precise_us() < over_us)
		;
	e = db_pragma_i64(
		db,
		"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)"
		" SELECT count(*) FROM n",
		&n);
	assert_true(e != E_OK || n == 100000);
	return e;
}

/* Boot reads all there is, however long that takes. */
static void test_boot_is_not_interrupted(void **state)
{
	char *dir = kit_dir_new();
	struct store_op op = { .cls = STORE_QUERY, .run = run_slowly };
	struct store *s;

	(void)state;
	assert_int_equal(store_open(dir, NULL, &s), E_OK);
	assert_int_equal(store_run_sync(s, &op), E_OK);
	assert_int_equal(store_start(s), E_OK);
	assert_int_equal(store_run_sync(s, &op), E_TIMEOUT);
	store_close(&s);
	kit_dir_end(dir);
}

static void test_a_query_may_not_write(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);
	struct kit_put p = { .op = { .cls = STORE_QUERY, .run = kit_run_put },
			     .key = "k",
			     .value = "v",
			     .value_len = 1 };

	(void)state;
	assert_int_equal(store_run_sync(s, &p.op), E_DENIED);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 0);
	store_close(&s);
	kit_dir_end(dir);
}

/* --- a disk that refuses --- */

enum { BIG = 3 << 20 };

static enum err put_big(struct store *s, const char *key)
{
	char *bytes = xmalloc(BIG);
	struct kit_put p = { .op = { .cls = STORE_DURABLE, .run = kit_run_put },
			     .value = bytes,
			     .value_len = BIG };
	enum err e;

	memset(bytes, 'b', BIG);
	snprintf(p.key, sizeof(p.key), "%s", key);
	e = store_run_sync(s, &p.op);
	free(bytes);
	return e;
}

static void limit_files(rlim_t bytes)
{
	struct rlimit r;

	assert_int_equal(getrlimit(RLIMIT_FSIZE, &r), 0);
	r.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &r), 0);
}

/* What the disk has no room for is refused and undone; the rest goes on, and it recovers by itself. */
static void test_full_disk(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_start(dir, NULL);
	struct store_stats st;

	(void)state;
	assert_int_equal(kit_put(s, "before", "x"), E_OK);
	limit_files(1 << 20);
	assert_int_equal(put_big(s, "big"), E_FULL);
	assert_int_equal(store_health(s), STORE_DISK_FULL);
	store_stats(s, &st);
	assert_true(st.is_disk_full && !st.is_failing && st.failing_since_ms > 0);
	assert_int_equal(st.failed_ops, 1);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 1); /* reading goes on */
	limit_files(RLIM_INFINITY);
	assert_int_equal(put_big(s, "big"), E_OK);
	/* Nobody writes: the store finds out by itself. */
	for (int i = 0; i < 600 && store_health(s) != STORE_OK; i++)
		usleep(50000);
	assert_int_equal(store_health(s), STORE_OK);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 2);
	store_close(&s);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT length(value) FROM setting WHERE key = 'big'"), BIG);
	store_close(&s);
	kit_dir_end(dir);
}

/* The main file cannot grow either: the WAL keeps everything until it can. */
static void test_checkpoint_on_a_full_disk(void **state)
{
	char *dir = kit_dir_new(), *wal = xasprintf("%s/%s-wal", dir, STORE_FILE);
	struct store_cfg cfg = { .checkpoint_after_ms = 3600 * 1000 };
	struct store *s = kit_start(dir, &cfg);

	(void)state;
	assert_int_equal(put_big(s, "big"), E_OK);
	limit_files(1 << 20);
	store_close(&s); /* its checkpoint fails */
	limit_files(RLIM_INFINITY);
	assert_true(kit_size(wal) > BIG);
	s = kit_start(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT length(value) FROM setting WHERE key = 'big'"), BIG);
	store_close(&s);
	assert_int_equal(kit_size(wal), 0);
	free(wal);
	kit_dir_end(dir);
}

/* The same with a file system that has really no block left. */
static void test_no_block_left(void **state)
{
	char *dir = kit_dir_new(), *filler = xasprintf("%s/filler", dir);
	struct store *s;
	FILE *f;

	(void)state;
	if (mount("tmpfs", dir, "tmpfs", 0, "size=8m") != 0) {
		free(filler);
		kit_dir_end(dir);
		skip(); /* needs root */
	}
	s = kit_start(dir, NULL);
	assert_int_equal(kit_put(s, "before", "x"), E_OK);
	f = fopen(filler, "we");
	assert_non_null(f);
	while (fwrite(filler, 1, 8, f) == 8 && fflush(f) == 0)
		;
	fclose(f);
	many_new();
	for (int i = 0; i < MANY; i++)
		store_submit(s, &all->put[i].op);
	drain(all->reply, &all->n, MANY);
	assert_int_equal(all->put[MANY - 1].op.err, E_FULL);
	assert_int_equal(store_health(s), STORE_DISK_FULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'before'"), 1);
	assert_int_equal(unlink(filler), 0);
	/* Exactly those are there that were not refused. */
	for (int i = 0; i < MANY; i++)
		all->bad += all->put[i].op.err != E_OK;
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key LIKE 'many.%'"),
			 MANY - all->bad);
	assert_int_equal(kit_put(s, "after", "x"), E_OK);
	many_end();
	store_close(&s);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'after'"), 1);
	store_close(&s);
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
	free(filler);
	kit_dir_end(dir);
}

/* --- checkpoints --- */

/* The WAL can still grow and the file cannot: commits go on, and the operator is told all the same. */
static void test_health_when_only_the_file_cannot_grow(void **state)
{
	char *dir = kit_dir_new(), *path = xasprintf("%s/%s", dir, STORE_FILE);
	struct store_cfg cfg = { .checkpoint_after_ms = 50 };
	struct store *s = kit_start(dir, &cfg);
	char *key;

	(void)state;
	for (int i = 0; i < 4; i++) {
		key = xasprintf("big.%d", i);
		assert_int_equal(put_big(s, key), E_OK);
		free(key);
	}
	for (int i = 0; i < 500 && kit_size(path) < 4 * BIG; i++)
		usleep(20000);
	assert_true(kit_size(path) > 4 * BIG);
	limit_files((rlim_t)kit_size(path) + 4096);
	assert_int_equal(put_big(s, "more"), E_OK); /* into the empty WAL */
	for (int i = 0; i < 500 && store_health(s) == STORE_OK; i++)
		usleep(20000);
	assert_int_equal(store_health(s), STORE_DISK_FULL);
	for (int i = 0; i < 15; i++) { /* more than a second of commits that work do not hide it */
		usleep(100000);
		assert_int_equal(kit_put(s, "small", "x"), E_OK);
		assert_int_equal(store_health(s), STORE_DISK_FULL);
	}
	limit_files(RLIM_INFINITY);
	for (int i = 0; i < 600 && store_health(s) != STORE_OK; i++)
		usleep(50000);
	assert_int_equal(store_health(s), STORE_OK);
	store_close(&s);
	free(path);
	kit_dir_end(dir);
}

static atomic_int begun, refused;

static void count_checkpoints(void *arg, enum store_checkpoint_event ev)
{
	(void)arg;
	atomic_fetch_add(&begun, ev == STORE_CHECKPOINT_BEGINS);
	atomic_fetch_add(&refused, ev == STORE_CHECKPOINT_REFUSED);
}

static void wait_for(atomic_int *n, int more_than)
{
	for (int i = 0; i < 1500 && atomic_load(n) <= more_than; i++)
		usleep(20000);
	assert_true(atomic_load(n) > more_than);
}

/* Another process: in this one a second descriptor would drop SQLite's locks when it is closed. */
static pid_t hold_open(const char *path, int *release_out)
{
	int go[2], told[2];
	pid_t child;
	char byte = 0;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(told), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		FILE *f = fopen(path, "re");

		close(go[1]);
		if (f == NULL || write(told[1], "x", 1) != 1)
			_exit(1);
		_exit(read(go[0], &byte, 1) < 0);
	}
	close(go[0]);
	close(told[1]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	close(told[0]);
	*release_out = go[1];
	return child;
}

static void test_whoever_reads_the_file_is_waited_for(void **state)
{
	char *dir = kit_dir_new(), *path = xasprintf("%s/%s", dir, STORE_FILE);
	struct store_cfg cfg = { .checkpoint_after_ms = 20, .on_checkpoint = count_checkpoints };
	struct store *s = kit_start(dir, &cfg);
	struct store_stats st;
	int64_t size;
	int release, n;

	(void)state;
	hold_open(path, &release);
	n = atomic_load(&begun);
	size = kit_size(path);
	assert_int_equal(put_big(s, "big"), E_OK);
	wait_for(&refused, 3);
	assert_int_equal(atomic_load(&begun), n);
	assert_int_equal(kit_size(path), size); /* not a byte was written to it */
	store_stats(s, &st);
	assert_true(st.postponed > 0 && st.dirty_since_ms > 0);
	close(release);
	wait_for(&begun, n);
	store_close(&s);
	assert_true(kit_size(path) > size);
	free(path);
	kit_dir_end(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_groups_share_commits),
		cmocka_unit_test(test_a_failure_undoes_only_itself),
		cmocka_unit_test(test_close_finishes_what_waits),
		cmocka_unit_test(test_close_without_start),
		cmocka_unit_test(test_soon_waits_for_company),
		cmocka_unit_test(test_durable_goes_first),
		cmocka_unit_test(test_a_long_query_is_interrupted),
		cmocka_unit_test(test_boot_is_not_interrupted),
		cmocka_unit_test(test_a_query_may_not_write),
		cmocka_unit_test(test_full_disk),
		cmocka_unit_test(test_no_block_left),
		cmocka_unit_test(test_checkpoint_on_a_full_disk),
		cmocka_unit_test(test_health_when_only_the_file_cannot_grow),
		cmocka_unit_test(test_whoever_reads_the_file_is_waited_for),
	};

	signal(SIGIO, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* so that writing past RLIMIT_FSIZE fails with EFBIG */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
