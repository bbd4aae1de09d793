#include "tests/db/scratch.h"

#include <string.h>

#include "base/limits.h"
#include "db/audit.h"

static void add(struct scratch *s, int64_t at, const char *actor, const char *action,
		const char *object)
{
	struct db_audit a = {
		.at_ms = at,
		.actor = str_of(actor),
		.action = str_of(action),
		.object = str_of(object),
	};

	assert_int_equal(db_audit_add(s->db, &a), E_OK);
}

static void append(const struct db_audit *a, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%d ", (int)a->id);
}

static void assert_list(struct scratch *s, struct db_audit_filter f, const char *want)
{
	char text[200] = "";

	if (f.limit == 0)
		f.limit = 100;
	assert_int_equal(db_audit_list(s->db, &f, append, text), E_OK);
	assert_string_equal(text, want);
}

static void test_filters_and_pages(void **state)
{
	struct scratch *s = *state;

	add(s, 10, "root", "account.add", "alice");
	add(s, 20, "root", "account.add", "bob");
	add(s, 30, "eve", "account.delete", "alice");
	add(s, 40, "eve", "setting.change", "zone");
	scratch_reopen(s);
	assert_list(s, (struct db_audit_filter){ 0 }, "4 3 2 1 ");
	assert_list(s, (struct db_audit_filter){ .limit = 2 }, "4 3 ");
	assert_list(s, (struct db_audit_filter){ .before_id = 3 }, "2 1 ");
	assert_list(s, (struct db_audit_filter){ .actor = STR("root") }, "2 1 ");
	assert_list(s, (struct db_audit_filter){ .object = STR("alice") }, "3 1 ");
	assert_list(s, (struct db_audit_filter){ .object = STR("alice"), .actor = STR("eve") },
		    "3 ");
	assert_list(s, (struct db_audit_filter){ .action = STR("account.add") }, "2 1 ");
	assert_list(s, (struct db_audit_filter){ .from_ms = 20, .to_ms = 40 }, "3 2 ");
	assert_list(s, (struct db_audit_filter){ .actor = STR("nobody") }, "");
}

static void count(const struct db_audit *a, void *arg)
{
	(void)a;
	++*(size_t *)arg;
}

static void test_a_page_is_capped(void **state)
{
	struct scratch *s = *state;
	struct db_audit_filter f = { .limit = SIZE_MAX };
	size_t n = 0;

	assert_int_equal(db_exec(s->db, "BEGIN"), E_OK);
	for (int i = 0; i < DB_LIST_MAX + 1; i++)
		add(s, i, "root", "x", "y");
	assert_int_equal(db_exec(s->db, "COMMIT"), E_OK);
	assert_int_equal(db_audit_list(s->db, &f, count, &n), E_OK);
	assert_int_equal(n, DB_LIST_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_filters_and_pages),
					    SCRATCH_TEST(test_a_page_is_capped) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
