#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "webadmin/api/csv.h"

static struct arena arena;
static struct str field[CSV_FIELDS_MAX];
static size_t n;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena, 65536);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_fini(&arena);
	return 0;
}

static void test_rows(void **state)
{
	struct csv c;

	(void)state;
	csv_init(&c, STR("\xef\xbb\xbfname,display\r\n\r\nalice, \"x\nbob,\"B, "
			 "\"\"Bob\"\"\nsecond\"\n,\nlast"));
	assert_int_equal(csv_next(&c, &arena, field, &n), E_OK);
	assert_int_equal(n, 2);
	assert_true(str_eq(field[0], STR("name")));
	assert_int_equal(csv_next(&c, &arena, field, &n), E_BAD); /* a quote inside a plain field */
	assert_int_equal(c.line, 3);
}

static void test_quotes_and_lines(void **state)
{
	struct csv c;

	(void)state;
	csv_init(&c, STR("bob,\"B, \"\"Bob\"\"\nsecond\"\n,\nlast"));
	assert_int_equal(csv_next(&c, &arena, field, &n), E_OK);
	assert_true(str_eq(field[1], STR("B, \"Bob\"\nsecond")));
	assert_int_equal(csv_next(&c, &arena, field, &n), E_OK);
	assert_int_equal(c.line, 3);
	assert_int_equal(n, 2);
	assert_int_equal(field[0].len, 0);
	assert_int_equal(csv_next(&c, &arena, field, &n), E_OK);
	assert_int_equal(c.line, 4);
	assert_int_equal(n, 1);
	assert_int_equal(csv_next(&c, &arena, field, &n), E_NOTFOUND);
	assert_int_equal(csv_next(&c, &arena, field, &n), E_NOTFOUND);
}

static void test_bad(void **state)
{
	static const struct {
		const char *text;
		enum err want;
	} cases[] = {
		{ "\"open", E_BAD },
		{ "\"a\"b", E_BAD },
		{ "a\"", E_BAD },
		{ "\xc3,x", E_BAD },
		{ "1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17", E_TOOBIG },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct csv c;

		csv_init(&c, str_of(cases[i].text));
		assert_int_equal(csv_next(&c, &arena, field, &n), cases[i].want);
		assert_int_equal(c.line, 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_rows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_quotes_and_lines, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
