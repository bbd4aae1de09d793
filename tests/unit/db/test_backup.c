#include "tests/db/kit.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/clk.h"

#include "db/backup.h"
#include "db/restore.h"

enum { BIG = 256 * 1024, ROWS = 40 };

static const struct str passphrase = STR("a long enough passphrase");

static struct kit_put bigs[ROWS];
static char big[BIG];

/* ROWS rows of BIG bytes: a copy takes many slices. */
static struct store *filled(const char *dir)
{
	struct store *s = kit_start(dir, NULL);

	memset(big, 'b', sizeof(big));
	for (int i = 0; i < ROWS; i++) {
		bigs[i] = (struct kit_put){ .op = { .cls = STORE_DURABLE, .run = kit_run_put },
					    .value = big,
					    .value_len = BIG };
		snprintf(bigs[i].key, sizeof(bigs[i].key), "big.%02d", i);
		assert_int_equal(store_run_sync(s, &bigs[i].op), E_OK);
	}
	return s;
}

static struct backup_op bop;
static bool is_done;

static void on_backup(struct backup_op *op)
{
	assert_ptr_equal(op, &bop);
	is_done = true;
}

static void begin(struct store *s, struct queue *reply, const char *path)
{
	is_done = false;
	bop = (struct backup_op){ .reply = reply, .path = path, .done = on_backup };
	store_backup(s, &bop);
}

static void wait_done(struct queue *reply)
{
	while (!is_done) {
		struct pollfd p = { .fd = queue_fd(reply), .events = POLLIN };

		assert_int_equal(poll(&p, 1, 30000), 1);
		queue_run(reply, SIZE_MAX);
	}
}

static int64_t number_in(const char *path, const char *sql)
{
	struct db *db = NULL;
	int64_t n = -1;

	assert_int_equal(db_open(path, DB_LONE, &db), E_OK);
	assert_int_equal(db_pragma_i64(db, sql, &n), E_OK);
	db_close(&db);
	return n;
}

/* Commits go on between the slices, and the copy has what was there when it ended. */
static void test_copy_while_writing(void **state)
{
	char *dir = kit_dir_new(), *copy = xasprintf("%s/copy.db", dir), *key;
	struct store *s = filled(dir);
	struct queue *reply = queue_new();
	struct check_report r;
	struct store_stats st;
	struct stat sb;
	int written = 0;

	(void)state;
	begin(s, reply, copy);
	while (queue_depth(reply) == 0 && written < 100000) {
		key = xasprintf("small.%d", written % 50);
		assert_int_equal(kit_put(s, key, "x"), E_OK);
		free(key);
		written++;
	}
	wait_done(reply);
	assert_int_equal(bop.err, E_OK);
	assert_int_equal(bop.pages_left, 0);
	assert_true(bop.pages > ROWS * BIG / 4096);
	assert_int_equal(backup_settle(copy, &r), E_OK);
	assert_int_equal(r.err, E_OK);
	assert_int_equal(stat(copy, &sb), 0);
	assert_int_equal(sb.st_mode & 0777, 0600);
	assert_int_equal(number_in(copy, "SELECT count(*) FROM setting WHERE key LIKE 'big.%'"),
			 ROWS);
	/* All that was answered before the copy was is in it. */
	assert_true(number_in(copy, "SELECT count(*) FROM setting WHERE key LIKE 'small.%'") >=
		    (written < 50 ? written - 1 : 50));
	store_stats(s, &st);
	assert_false(st.is_failing || st.is_disk_full);
	store_close(&s);
	queue_free(&reply);
	free(copy);
	kit_dir_end(dir);
}

static void test_copy_serves_elsewhere(void **state)
{
	char *dir = kit_dir_new(), *there = kit_dir_new(),
	     *copy = xasprintf("%s/%s", there, STORE_FILE);
	struct store *s = filled(dir);
	struct queue *reply = queue_new();

	(void)state;
	begin(s, reply, copy);
	wait_done(reply);
	assert_int_equal(bop.err, E_OK);
	store_close(&s);
	s = kit_start(there, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), ROWS);
	assert_int_equal(kit_put(s, "new", "x"), E_OK);
	store_close(&s);
	queue_free(&reply);
	free(copy);
	kit_dir_end(there);
	kit_dir_end(dir);
}

static void test_existing_file_is_kept(void **state)
{
	char *dir = kit_dir_new(), *copy = xasprintf("%s/copy.db", dir);
	struct store *s = kit_start(dir, NULL);
	struct queue *reply = queue_new();
	FILE *f = fopen(copy, "we");

	(void)state;
	assert_non_null(f);
	fputs("mine", f);
	fclose(f);
	begin(s, reply, copy);
	wait_done(reply);
	assert_int_equal(bop.err, E_EXISTS);
	assert_int_equal(kit_size(copy), 4);
	store_close(&s);
	queue_free(&reply);
	free(copy);
	kit_dir_end(dir);
}

static void test_full_disk_removes_the_copy(void **state)
{
	char *dir = kit_dir_new(), *copy = xasprintf("%s/copy.db", dir);
	struct store *s = filled(dir);
	struct queue *reply = queue_new();
	struct rlimit was, tight;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &was), 0);
	tight = was;
	tight.rlim_cur = 1 << 20;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	begin(s, reply, copy);
	wait_done(reply);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &was), 0);
	assert_int_equal(bop.err, E_FULL);
	assert_int_equal(kit_size(copy), -1);
	assert_int_equal(kit_put(s, "after", "it"), E_OK);
	store_close(&s);
	queue_free(&reply);
	free(copy);
	kit_dir_end(dir);
}

static void test_stop_cancels(void **state)
{
	char *dir = kit_dir_new(), *copy = xasprintf("%s/copy.db", dir);
	struct store *s = filled(dir);
	struct queue *reply = queue_new();

	(void)state;
	store_close(&s);
	s = kit_open(dir, NULL);
	begin(s, reply, copy);
	assert_int_equal(store_start(s), E_OK);
	store_close(&s);
	wait_done(reply);
	assert_true(bop.err == E_CLOSED || bop.err == E_OK); /* it may have been quicker */
	assert_int_equal(kit_size(copy) >= 0, bop.err == E_OK);
	queue_free(&reply);
	free(copy);
	kit_dir_end(dir);
}

/* --- checking, sealing --- */

static char *copy_of(struct store *s, const char *path)
{
	struct queue *reply = queue_new();
	struct check_report r;

	begin(s, reply, path);
	wait_done(reply);
	queue_free(&reply);
	assert_int_equal(bop.err, E_OK);
	assert_int_equal(backup_settle(path, &r), E_OK);
	return xstrdup(path);
}

static void test_check_changes_nothing(void **state)
{
	char *dir = kit_dir_new(), *ro = kit_dir_new(), *path = xasprintf("%s/%s", dir, STORE_FILE),
	     *copy;
	char *plain = xasprintf("%s/plain.db", ro);
	struct store *s = kit_start(dir, NULL);
	struct check_report r;

	(void)state;
	assert_int_equal(
		kit_sql(s,
			"INSERT INTO account VALUES (7, 'zoe', '', '', '', '', NULL, 1, 1, 1, 0);"
			"INSERT INTO audit VALUES (1, 4102444800000, 'a', '', 'x', 'y', '')"),
		E_OK);
	store_close(&s);
	kit_copy(path, plain); /* the header says WAL, and there is none */
	assert_int_equal(chmod(plain, 0400), 0);
	assert_int_equal(chmod(ro, 0500), 0);
	assert_int_equal(check_file(plain, &r), E_OK);
	assert_int_equal(r.accounts, 1);
	assert_int_equal(r.newest_ms, 4102444800000);
	assert_int_equal(r.bytes, kit_size(plain));
	assert_int_equal(chmod(ro, 0700), 0);
	assert_null(kit_find(ro, "-wal"));
	assert_null(kit_find(ro, "-shm"));
	assert_int_equal(check_file("/nonexistent/x.db", &r), E_NOTFOUND);
	copy = xasprintf("%s/text", dir);
	{
		FILE *f = fopen(copy, "we");

		assert_non_null(f);
		for (int i = 0; i < 1000; i++)
			fputs("not a database\n", f);
		fclose(f);
	}
	assert_int_equal(check_file(copy, &r), E_CORRUPT);
	assert_non_null(strstr(r.text, "not a database"));
	assert_int_equal(truncate(copy, 0), 0);
	assert_int_equal(check_file(copy, &r), E_BAD);
	free(copy);
	free(plain);
	free(path);
	kit_dir_end(ro);
	kit_dir_end(dir);
}

static void test_seal_and_back(void **state)
{
	char *dir = kit_dir_new(), *plain = xasprintf("%s/plain.db", dir),
	     *sealed = xasprintf("%s/s", dir);
	char *back = xasprintf("%s/back.db", dir), *copy;
	struct store *s = filled(dir);
	struct check_report r;

	(void)state;
	copy = copy_of(s, plain);
	assert_int_equal(backup_is_sealed(plain), E_NOTFOUND);
	assert_int_equal(backup_seal(plain, sealed, passphrase), E_OK);
	assert_int_equal(backup_is_sealed(sealed), E_OK);
	assert_int_equal(backup_seal(plain, sealed, passphrase), E_EXISTS);
	assert_int_equal(backup_unseal(sealed, back, STR("another passphrase")), E_AUTH);
	assert_int_equal(kit_size(back), -1);
	assert_int_equal(backup_unseal(plain, back, passphrase), E_UNSUPPORTED);
	assert_int_equal(backup_unseal(sealed, back, passphrase), E_OK);
	assert_int_equal(check_file(back, &r), E_OK);
	assert_int_equal(unlink(back), 0);
	assert_int_equal(truncate(sealed, kit_size(sealed) - 1000), 0);
	assert_int_equal(backup_unseal(sealed, back, passphrase), E_CORRUPT);
	assert_int_equal(kit_size(back), -1);
	store_close(&s);
	free(copy);
	free(back);
	free(sealed);
	free(plain);
	kit_dir_end(dir);
}

static void test_settle_removes_what_is_not_whole(void **state)
{
	char *dir = kit_dir_new(), *plain = xasprintf("%s/plain.db", dir), *copy;
	struct store *s = filled(dir);
	struct check_report r;
	FILE *f;

	(void)state;
	copy = copy_of(s, plain);
	f = fopen(plain, "r+e");
	assert_non_null(f);
	assert_int_equal(fseek(f, 4096 * 2, SEEK_SET), 0);
	assert_int_equal(fwrite(big, 1, 4096 * 20, f), 4096 * 20);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(backup_settle(plain, &r), E_CORRUPT);
	assert_non_null(strstr(r.text, "damaged"));
	assert_int_equal(kit_size(plain), -1);
	store_close(&s);
	free(copy);
	free(plain);
	kit_dir_end(dir);
}

/* --- restoring --- */

static void test_restore(void **state)
{
	char *dir = kit_dir_new(), *copy = xasprintf("%s/copy", dir), *path;
	struct store *s = kit_start(dir, NULL);
	struct restore_result r;
	struct stat st;

	(void)state;
	assert_int_equal(kit_put(s, "a", "1"), E_OK);
	path = copy_of(s, copy);
	assert_int_equal(kit_put(s, "b", "1"), E_OK);
	store_close(&s);
	assert_int_equal(restore_put(dir, copy, &r), E_OK);
	assert_int_equal(r.check.err, E_OK);
	assert_non_null(r.undo);
	assert_int_equal(number_in(r.undo, "SELECT count(*) FROM setting"), 2);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 1);
	store_close(&s);
	/* And back again. */
	free(path);
	path = xstrdup(r.undo);
	restore_result_fini(&r);
	assert_int_equal(restore_put(dir, path, &r), E_OK);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 2);
	store_close(&s);
	restore_result_fini(&r);
	free(path);
	path = xasprintf("%s/%s", dir, STORE_FILE);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_null(kit_find(dir, "restoring"));
	free(path);
	free(copy);
	kit_dir_end(dir);
}

static void test_restore_into_an_empty_folder(void **state)
{
	char *dir = kit_dir_new(), *there = kit_dir_new(), *copy = xasprintf("%s/copy", dir), *path;
	struct store *s = kit_start(dir, NULL);
	struct restore_result r;

	(void)state;
	assert_int_equal(kit_put(s, "a", "1"), E_OK);
	path = copy_of(s, copy);
	store_close(&s);
	assert_int_equal(restore_put(there, copy, &r), E_OK);
	assert_null(r.undo);
	s = kit_open(there, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 1);
	store_close(&s);
	restore_result_fini(&r);
	free(path);
	free(copy);
	kit_dir_end(there);
	kit_dir_end(dir);
}

/* The database of a crashed folder goes aside together with its WAL, and nothing of it comes back. */
static void test_restore_over_a_crashed_folder(void **state)
{
	char *dir = kit_dir_new(), *copy = xasprintf("%s/copy", dir), *path;
	struct store *s = kit_start(dir, NULL);
	struct restore_result r;
	char *undo_wal;
	pid_t child;
	int status;

	(void)state;
	assert_int_equal(kit_put(s, "a", "1"), E_OK);
	path = copy_of(s, copy);
	store_close(&s);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		s = NULL;
		_exit(store_open(dir, NULL, &s) != E_OK || kit_put(s, "b", "1") != E_OK);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(restore_put(dir, copy, &r), E_OK);
	undo_wal = xasprintf("%s-wal", r.undo);
	assert_true(kit_size(undo_wal) > 0);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 1);
	store_close(&s);
	assert_null(kit_find(dir, "foreign"));
	/* What went aside is still whole, and can come back. */
	free(path);
	path = xstrdup(r.undo);
	restore_result_fini(&r);
	assert_int_equal(restore_put(dir, path, &r), E_OK);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 2);
	store_close(&s);
	restore_result_fini(&r);
	free(undo_wal);
	free(path);
	free(copy);
	kit_dir_end(dir);
}

static void test_restore_refuses(void **state)
{
	char *dir = kit_dir_new(), *there = kit_dir_new(), *copy = xasprintf("%s/copy", dir), *path,
	     byte = 0;
	struct store *s = kit_start(dir, NULL);
	struct restore_result r;
	int told[2], go[2], status;
	pid_t child;
	FILE *f;

	(void)state;
	assert_int_equal(kit_put(s, "a", "1"), E_OK);
	path = copy_of(s, copy);
	store_close(&s);
	/* A server uses the folder. */
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(go[1]);
		s = kit_start(there, NULL);
		if (kit_put(s, "c", "1") != E_OK || write(told[1], "x", 1) != 1 ||
		    read(go[0], &byte, 1) != 0)
			_exit(1);
		store_close(&s);
		_exit(0);
	}
	close(go[0]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_int_equal(restore_put(there, copy, &r), E_AGAIN);
	restore_result_fini(&r);
	close(go[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_null(kit_find(there, "before-restore"));
	assert_null(kit_find(there, "restoring"));
	/* The copy is not whole. */
	f = fopen(copy, "r+e");
	assert_non_null(f);
	assert_int_equal(fseek(f, 4096 * 3, SEEK_SET), 0);
	assert_int_equal(fwrite(big, 1, 4096 * 10, f), 4096 * 10);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(restore_put(there, copy, &r), E_CORRUPT);
	assert_int_equal(r.check.err, E_CORRUPT);
	restore_result_fini(&r);
	s = kit_open(there, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'c'"), 1);
	store_close(&s);
	close(told[0]);
	close(told[1]);
	free(path);
	free(copy);
	kit_dir_end(there);
	kit_dir_end(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_copy_while_writing),
		cmocka_unit_test(test_copy_serves_elsewhere),
		cmocka_unit_test(test_existing_file_is_kept),
		cmocka_unit_test(test_full_disk_removes_the_copy),
		cmocka_unit_test(test_stop_cancels),
		cmocka_unit_test(test_check_changes_nothing),
		cmocka_unit_test(test_seal_and_back),
		cmocka_unit_test(test_settle_removes_what_is_not_whole),
		cmocka_unit_test(test_restore),
		cmocka_unit_test(test_restore_into_an_empty_folder),
		cmocka_unit_test(test_restore_over_a_crashed_folder),
		cmocka_unit_test(test_restore_refuses),
	};

	signal(SIGIO, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* so that writing past RLIMIT_FSIZE fails with EFBIG */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
