#include "tests/db/kit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>

#include "db/check.h"

enum { AT_USER_VERSION = 60, AT_APPLICATION_ID = 68 }; /* in the header of an SQLite file */

static char *file_of(const char *dir)
{
	return xasprintf("%s/%s", dir, STORE_FILE);
}

static void patch(const char *path, long at, const void *bytes, size_t n)
{
	FILE *f = fopen(path, "r+e");

	assert_non_null(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, n, f), n);
	assert_int_equal(fclose(f), 0);
}

static const char *wanted_text;
static bool is_logged;

static void on_line(uint64_t seq, int64_t wall_ms, enum log_level level, struct str line, void *arg)
{
	(void)wall_ms;
	(void)level;
	*(uint64_t *)arg = seq;
	is_logged |= wanted_text != NULL && str_search(line, str_of(wanted_text)) < line.len;
}

/* store_open must answer e, and say text in the log. */
static void assert_refused(const char *dir, enum err e, const char *text)
{
	struct store *s = NULL;
	uint64_t seq = 0;

	wanted_text = NULL;
	log_ring_each(0, on_line, &seq);
	assert_int_equal(store_open(dir, NULL, &s), e);
	assert_null(s);
	wanted_text = text;
	is_logged = false;
	log_ring_each(seq, on_line, &seq);
	assert_true(is_logged);
}

/* A folder with one row in it, cleanly stopped. */
static char *made(void)
{
	char *dir = kit_dir_new();
	struct store *s = kit_open(dir, NULL);

	assert_int_equal(kit_put(s, "a", "1"), E_OK);
	store_close(&s);
	return dir;
}

static void test_new_and_again(void **state)
{
	char *dir = made(), *path = file_of(dir);
	struct stat st;
	struct store *s;

	(void)state;
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting WHERE key = 'a'"), 1);
	assert_string_equal(store_dir(s), dir);
	store_close(&s);
	store_close(&s); /* twice is fine */
	free(path);
	kit_dir_end(dir);
}

static void test_no_folder(void **state)
{
	(void)state;
	assert_refused("/nonexistent/porchlight", E_NOTFOUND, "/nonexistent/porchlight");
}

static void test_newer_schema(void **state)
{
	static const unsigned char version[4] = { 0, 0, 0x03, 0xe7 };
	char *dir = made(), *path = file_of(dir);
	struct check_report r;

	(void)state;
	patch(path, AT_USER_VERSION, version, sizeof(version));
	assert_refused(dir, E_UNSUPPORTED, "schema 999");
	assert_refused(dir, E_UNSUPPORTED, path);
	assert_int_equal(check_file(path, &r), E_UNSUPPORTED);
	assert_int_equal(r.schema, 999);
	free(path);
	kit_dir_end(dir);
}

static void test_other_owner(void **state)
{
	char *dir = made(), *path = file_of(dir);

	(void)state;
	if (geteuid() != 0) {
		free(path);
		kit_dir_end(dir);
		skip();
	}
	assert_int_equal(chown(path, 12345, 12345), 0);
	assert_refused(dir, E_DENIED, "chown 0 ");
	free(path);
	kit_dir_end(dir);
}

static void test_others_may_read_it(void **state)
{
	char *dir = made(), *path = file_of(dir);
	struct store *s;
	struct stat st;

	(void)state;
	assert_int_equal(chmod(path, 0644), 0);
	s = kit_open(dir, NULL);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	store_close(&s);
	free(path);
	kit_dir_end(dir);
}

static void test_a_folder_in_its_place(void **state)
{
	char *dir = kit_dir_new(), *path = file_of(dir);

	(void)state;
	assert_int_equal(mkdir(path, 0700), 0);
	assert_refused(dir, E_DENIED, "is not a file");
	assert_int_equal(rmdir(path), 0);
	free(path);
	kit_dir_end(dir);
}

static void test_damaged(void **state)
{
	static const char garbage[4096] = "garbage";
	char *dir = made(), *path = file_of(dir);
	struct check_report r;

	(void)state;
	for (long page = 2; page * 4096 < kit_size(path); page++)
		patch(path, page * 4096, garbage, sizeof(garbage));
	assert_refused(dir, E_CORRUPT, "");
	assert_int_equal(check_file(path, &r), E_CORRUPT);
	assert_non_null(strstr(r.text, "damaged"));
	patch(path, 0, garbage, sizeof(garbage));
	assert_refused(dir, E_CORRUPT, "damaged, or not a database");
	assert_int_equal(check_file(path, &r), E_CORRUPT);
	free(path);
	kit_dir_end(dir);
}

static void test_cut_short(void **state)
{
	char *dir = made(), *path = file_of(dir);
	struct check_report r;

	(void)state;
	assert_int_equal(truncate(path, kit_size(path) - 4096), 0);
	assert_refused(dir, E_CORRUPT, "damaged");
	assert_int_equal(check_file(path, &r), E_CORRUPT);
	free(path);
	kit_dir_end(dir);
}

static void test_of_another_program(void **state)
{
	static const unsigned char id[4] = "Xyzw";
	char *dir = made(), *path = file_of(dir);
	struct check_report r;

	(void)state;
	patch(path, AT_APPLICATION_ID, id, sizeof(id));
	assert_refused(dir, E_BAD, "another program");
	assert_int_equal(check_file(path, &r), E_BAD);
	free(path);
	kit_dir_end(dir);
}

/* The seal is open and the file too short for what page 1 says: what a kill in a checkpoint leaves. */
static void test_torn(void **state)
{
	static const unsigned char open_seal[4] = "Porw";
	char *dir = made(), *path = file_of(dir);
	struct check_report r;

	(void)state;
	patch(path, AT_APPLICATION_ID, open_seal, sizeof(open_seal));
	assert_refused(dir, E_CORRUPT, "is torn");
	assert_int_equal(check_file(path, &r), E_CORRUPT);
	assert_non_null(strstr(r.text, "is torn"));
	assert_int_equal(truncate(path, kit_size(path) - 4096), 0);
	assert_refused(dir, E_CORRUPT, "is torn");
	assert_int_equal(check_file(path, &r), E_CORRUPT);
	assert_non_null(strstr(r.text, "is torn"));
	free(path);
	kit_dir_end(dir);
}

/* --- other processes --- */

/* Opens the store of dir in a child, puts key there and ends without closing: as kill -9 leaves it. */
static void crash_after(const char *dir, const char *key)
{
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		struct store *s = NULL;

		if (store_open(dir, NULL, &s) != E_OK || kit_put(s, key, "1") != E_OK)
			_exit(1);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void test_second_process(void **state)
{
	char *dir = made(), byte = 0;
	int told[2], go[2], status;
	struct store *s;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(told), 0);
	assert_int_equal(pipe(go), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(go[1]);
		s = kit_start(dir, NULL);
		if (kit_put(s, "b", "1") != E_OK || write(told[1], "x", 1) != 1 ||
		    read(go[0], &byte, 1) != 0)
			_exit(1);
		store_close(&s);
		_exit(0);
	}
	close(go[0]);
	assert_int_equal(read(told[0], &byte, 1), 1);
	assert_refused(dir, E_AGAIN, "in use by another process");
	close(go[1]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 2);
	store_close(&s);
	close(told[0]);
	close(told[1]);
	kit_dir_end(dir);
}

static void test_own_wal_is_replayed(void **state)
{
	char *dir = made(), *path = file_of(dir);
	struct check_report r;
	struct store *s;

	(void)state;
	crash_after(dir, "b");
	assert_int_equal(check_file(path, &r), E_OK); /* both together, and neither is changed */
	assert_non_null(strstr(r.text, "together with its WAL"));
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 2);
	store_close(&s);
	assert_null(kit_find(dir, "foreign"));
	free(path);
	kit_dir_end(dir);
}

static void test_older_copy_over_a_crashed_folder(void **state)
{
	char *dir = made(), *path = file_of(dir), *old = xasprintf("%s/old", dir), *aside;
	struct check_report r;
	struct store *s;

	(void)state;
	kit_copy(path, old);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_put(s, "b", "1"), E_OK);
	store_close(&s); /* a checkpoint lies between the copy and the crash */
	crash_after(dir, "c");
	kit_copy(old, path);
	assert_int_equal(check_file(path, &r), E_OK); /* alone: the WAL is not its own */
	assert_null(strstr(r.text, "together"));
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 1);
	store_close(&s);
	aside = kit_find(dir, "wal.foreign-");
	assert_non_null(aside);
	assert_true(kit_size(aside) > 0);
	free(aside);
	free(old);
	free(path);
	kit_dir_end(dir);
}

static void test_wal_without_a_file(void **state)
{
	char *dir = made(), *path = file_of(dir), *aside;
	struct store *s;

	(void)state;
	crash_after(dir, "b");
	assert_int_equal(unlink(path), 0);
	s = kit_open(dir, NULL);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM setting"), 0);
	store_close(&s);
	aside = kit_find(dir, "wal.foreign-");
	assert_non_null(aside);
	free(aside);
	free(path);
	kit_dir_end(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_and_again),
		cmocka_unit_test(test_no_folder),
		cmocka_unit_test(test_newer_schema),
		cmocka_unit_test(test_other_owner),
		cmocka_unit_test(test_others_may_read_it),
		cmocka_unit_test(test_a_folder_in_its_place),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_cut_short),
		cmocka_unit_test(test_of_another_program),
		cmocka_unit_test(test_torn),
		cmocka_unit_test(test_second_process),
		cmocka_unit_test(test_own_wal_is_replayed),
		cmocka_unit_test(test_older_copy_over_a_crashed_folder),
		cmocka_unit_test(test_wal_without_a_file),
	};

	signal(SIGIO, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
