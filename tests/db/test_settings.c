#include "tests/db/scratch.h"

#include <string.h>

#include "db/settings.h"

static void append(struct str key, struct str value, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 100 - strlen(text), "%.*s=%.*s ", STR_ARG(key),
		 STR_ARG(value));
}

static void test_texts(void **state)
{
	struct scratch *s = *state;
	char text[100] = "";
	struct buf b;

	buf_init(&b, 100);
	buf_addz(&b, "kept ");
	assert_int_equal(db_setting_get(s->db, STR("zone"), &b), E_NOTFOUND);
	assert_text(buf_str(&b), "kept ");
	assert_int_equal(db_setting_set(s->db, STR("zone"), STR("UTC0")), E_OK);
	assert_int_equal(db_setting_set(s->db, STR("zone"), STR("CET-1")), E_OK);
	assert_int_equal(db_setting_set(s->db, STR("empty"), STR_NULL), E_OK);
	scratch_reopen(s);
	assert_int_equal(db_setting_get(s->db, STR("zone"), &b), E_OK);
	assert_text(buf_str(&b), "kept CET-1");
	assert_int_equal(db_setting_get(s->db, STR("empty"), &b), E_OK);
	assert_text(buf_str(&b), "kept CET-1");
	assert_int_equal(db_setting_each(s->db, append, text), E_OK);
	assert_string_equal(text, "empty= zone=CET-1 ");
	assert_int_equal(db_setting_drop(s->db, STR("zone")), E_OK);
	assert_int_equal(db_setting_drop(s->db, STR("zone")), E_OK);
	assert_int_equal(db_setting_get(s->db, STR("zone"), &b), E_NOTFOUND);
	buf_fini(&b);

	buf_init(&b, 3);
	assert_int_equal(db_setting_set(s->db, STR("long"), STR("12345")), E_OK);
	assert_int_equal(db_setting_get(s->db, STR("long"), &b), E_TOOBIG);
	buf_fini(&b);
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		enum err err;
		int64_t value;
	} rows[] = {
		{ "7", E_OK, 7 },      { "-10", E_OK, -10 },
		{ "20", E_OK, 20 },    { "21", E_BAD, 0 },
		{ "-11", E_BAD, 0 },   { "", E_BAD, 0 },
		{ "-", E_BAD, 0 },     { "7 ", E_BAD, 0 },
		{ "seven", E_BAD, 0 }, { "99999999999999999999", E_BAD, 0 },
	};
	struct scratch *s = *state;
	int64_t n = 1234;

	assert_int_equal(db_setting_get_i64(s->db, STR("n"), -10, 20, &n), E_NOTFOUND);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		n = 1234;
		assert_int_equal(db_setting_set(s->db, STR("n"), str_of(rows[i].text)), E_OK);
		assert_int_equal(db_setting_get_i64(s->db, STR("n"), -10, 20, &n), rows[i].err);
		assert_int_equal(n, rows[i].err == E_OK ? rows[i].value : 1234);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_texts), SCRATCH_TEST(test_numbers) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
