#include "tests/db/scratch.h"

#include <string.h>

#include "db/accounts.h"
#include "db/departments.h"

static void append(const struct db_department *d, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%.*s=%d ", STR_ARG(d->name),
		 (int)d->accounts);
}

static void assert_all(struct scratch *s, const char *want)
{
	char text[200] = "";

	assert_int_equal(db_department_each(s->db, append, text), E_OK);
	assert_string_equal(text, want);
}

static void test_life(void **state)
{
	struct scratch *s = *state;
	struct db_account a = { .name = STR("alice"), .enabled = true };
	int64_t sales, plant, found = 0, id;

	assert_int_equal(db_department_add(s->db, STR("Sales"), 1, &sales), E_OK);
	assert_int_equal(db_department_add(s->db, STR("Plant"), 2, &plant), E_OK);
	assert_int_equal(db_department_add(s->db, STR("SALES"), 3, &id), E_EXISTS);
	assert_int_equal(db_department_add(s->db, STR(""), 3, &id), E_BAD);
	a.department_id = sales;
	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	scratch_reopen(s);
	assert_all(s, "Plant=0 Sales=1 ");

	assert_int_equal(db_department_find(s->db, STR("sales"), &found), E_OK);
	assert_int_equal(found, sales);
	assert_int_equal(db_department_find(s->db, STR("nobody"), &found), E_NOTFOUND);
	assert_int_equal(found, sales);

	assert_int_equal(db_department_rename(s->db, sales, STR("plant")), E_EXISTS);
	assert_int_equal(db_department_rename(s->db, sales, STR("SALES")), E_OK); /* its own name */
	assert_int_equal(db_department_rename(s->db, 99, STR("New")), E_NOTFOUND);
	assert_all(s, "Plant=0 SALES=1 ");

	assert_int_equal(db_department_delete(s->db, sales), E_OK);
	assert_int_equal(db_department_delete(s->db, sales), E_NOTFOUND);
	assert_all(s, "Plant=0 ");
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM account WHERE department_id IS NULL"),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_life) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
