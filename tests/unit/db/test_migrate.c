#include "tests/db/kit.h"

#include <signal.h>

#include "base/buf.h"

#include "db/check.h"
#include "db/migrate.h"
#include "db/sqlite_int.h"

/* What a migration of the future may do. */
enum { COUNT_MAX = 64 };

static struct migration table[COUNT_MAX];
static size_t count;

static void table_reset(void)
{
	assert_true(db_migrations_count + 4 < COUNT_MAX);
	memcpy(table, db_migrations, db_migrations_count * sizeof(*table));
	count = db_migrations_count;
}

static void table_add(const char *name, const char *sql)
{
	table[count] = (struct migration){ (int)count + 1, name, sql };
	count++;
}

static char *file_of(const char *dir)
{
	return xasprintf("%s/%s", dir, STORE_FILE);
}

/* As the store does it, with a table of our own. */
static enum err migrate(const char *path)
{
	struct db *db = NULL;
	int64_t tables = 0;
	enum err e = db_open(path, DB_STORE, &db);

	if (e != E_OK)
		return e;
	if (db_pragma_i64(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'meta'", &tables) !=
	    E_OK)
		e = E_INTERNAL;
	db->is_guarded = tables > 0;
	if (e == E_OK)
		e = migrate_run(db, path, table, count);
	db_close(&db);
	return e;
}

static int64_t number(const char *path, const char *sql)
{
	struct db *db = NULL;
	int64_t n = -1;

	assert_int_equal(db_open(path, DB_VIEW, &db), E_OK);
	assert_int_equal(db_pragma_i64(db, sql, &n), E_OK);
	db_close(&db);
	return n;
}

static void schema_of(const char *path, struct buf *out)
{
	struct db *db = NULL;
	struct query q;

	assert_int_equal(db_open(path, DB_VIEW, &db), E_OK);
	db_query(&q, db, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
	while (db_step(&q))
		buf_addf(out, "%.*s %.*s %.*s\n", STR_ARG(db_str(&q, 0)), STR_ARG(db_str(&q, 1)),
			 STR_ARG(db_str(&q, 2)));
	assert_int_equal(db_end(&q), E_OK);
	db_close(&db);
}

/* Migrations are numbered without gaps, and a new file runs them all. */
static void test_new_file(void **state)
{
	char *dir = kit_dir_new(), *path = file_of(dir);
	struct store *s = kit_open(dir, NULL);

	(void)state;
	for (size_t i = 0; i < db_migrations_count; i++)
		assert_int_equal(db_migrations[i].number, (int)i + 1);
	assert_int_equal(migrate_newest(), (int)db_migrations_count);
	assert_int_equal(kit_number(s, "PRAGMA user_version"), migrate_newest());
	assert_int_equal(kit_number(s, "PRAGMA application_id"), DB_APPLICATION_ID);
	store_close(&s);
	assert_null(kit_find(dir, "before-"));
	free(path);
	kit_dir_end(dir);
}

/* Whatever schema a file has, it ends with the one a new file gets. */
static void test_from_each_schema(void **state)
{
	struct buf fresh, old;

	(void)state;
	buf_init(&fresh, 1 << 20);
	buf_init(&old, 1 << 20);
	for (size_t from = 1; from <= db_migrations_count; from++) {
		char *dir = kit_dir_new(), *path = file_of(dir), *before;
		struct store *s;

		table_reset();
		count = from;
		assert_int_equal(migrate(path), E_OK);
		assert_int_equal(number(path, "PRAGMA user_version"), from);
		s = kit_open(dir, NULL); /* with all of them */
		store_close(&s);
		buf_reset(&old);
		schema_of(path, &old);
		if (from == 1) {
			char *other = kit_dir_new(), *new_path = file_of(other);

			s = kit_open(other, NULL);
			store_close(&s);
			schema_of(new_path, &fresh);
			free(new_path);
			kit_dir_end(other);
		}
		assert_int_equal(buf_err(&old), E_OK);
		assert_true(fresh.len > 0 && str_eq(buf_str(&fresh), buf_str(&old)));
		before = kit_find(dir, ".before-");
		assert_int_equal(before != NULL, from < db_migrations_count);
		free(before);
		free(path);
		kit_dir_end(dir);
	}
	buf_fini(&fresh);
	buf_fini(&old);
}

/* A copy of the old state stands beside the upgraded file, whole and of the old schema. */
static void test_copy_first(void **state)
{
	char *dir = kit_dir_new(), *path = file_of(dir), *before;
	struct store *s = kit_open(dir, NULL);
	struct check_report r;

	(void)state;
	assert_int_equal(kit_put(s, "a", "1"), E_OK);
	store_close(&s);
	table_reset();
	table_add(
		"one",
		"CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT; INSERT INTO more VALUES (7);");
	table_add("two", "ALTER TABLE more ADD COLUMN text TEXT NOT NULL DEFAULT 'x';");
	assert_int_equal(migrate(path), E_OK);
	assert_int_equal(number(path, "PRAGMA user_version"), count);
	assert_int_equal(number(path, "SELECT count(*) FROM more WHERE text = 'x'"), 1);
	assert_int_equal(number(path, "SELECT count(*) FROM setting WHERE key = 'a'"), 1);
	before = kit_find(dir, ".before-");
	assert_non_null(before);
	assert_int_equal(check_file(before, &r), E_OK);
	assert_int_equal(r.schema, (int)db_migrations_count);
	/* The program from before the upgrade refuses what the newer one made. */
	assert_int_equal(store_open(dir, NULL, &s), E_UNSUPPORTED);
	free(before);
	free(path);
	kit_dir_end(dir);
}

/* A step that fails is undone whole; those before it stay, and the next try goes on there. */
static void test_a_failing_step(void **state)
{
	char *dir = kit_dir_new(), *path = file_of(dir);

	(void)state;
	/* the copies are checked, and must not be newer than the program */
	assert_true(db_migrations_count >= 2);
	table_reset();
	count = 1;
	assert_int_equal(migrate(path), E_OK);
	table_add("good", "CREATE TABLE more (id INTEGER PRIMARY KEY) STRICT;");
	table_add("bad", "INSERT INTO more VALUES (1); CREATE TABLE setting (x);");
	assert_int_not_equal(migrate(path), E_OK);
	assert_int_equal(number(path, "PRAGMA user_version"), 2);
	assert_int_equal(number(path, "SELECT count(*) FROM more"), 0);
	count--;
	table_add("mended", "INSERT INTO more VALUES (1);");
	assert_int_equal(migrate(path), E_OK);
	assert_int_equal(number(path, "PRAGMA user_version"), 3);
	assert_int_equal(number(path, "SELECT count(*) FROM more"), 1);
	free(path);
	kit_dir_end(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_file),
		cmocka_unit_test(test_from_each_schema),
		cmocka_unit_test(test_copy_first),
		cmocka_unit_test(test_a_failing_step),
	};

	signal(SIGIO, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
