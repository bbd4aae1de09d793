#include "tests/unit/directory/world.h"

static bool append(const struct department *p, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 100 - strlen(text), "%.*s=%zu ", STR_ARG(p->name),
		 p->members);
	return true;
}

static void assert_departments(struct world *w, const char *want)
{
	char text[100] = "";

	directory_each_department(w->d, append, text);
	assert_string_equal(text, want);
}

static enum err move(struct world *w, account_id id, department_id to)
{
	struct answer a = { 0 };

	directory_change(w->d, &(struct account_change){ .id = id, .department = &to }, on_answer,
			 &a);
	return await(w, &a)->err;
}

static enum err rename_to(struct world *w, department_id id, struct str name)
{
	struct answer a = { 0 };

	directory_department_rename(w->d, id, name, on_answer, &a);
	return await(w, &a)->err;
}

static enum err dissolve(struct world *w, department_id id)
{
	struct answer a = { 0 };

	directory_department_delete(w->d, id, on_answer, &a);
	return await(w, &a)->err;
}

static void test_members(void **state)
{
	struct world *w = *state;
	department_id sales = add_department(w, "Sales"), plant = add_department(w, "Plant");
	account_id alice = add_account(w, "alice"), bob = add_account(w, "bob");
	struct answer gone = { 0 };

	assert_int_equal(move(w, alice, sales), E_OK);
	assert_int_equal(move(w, bob, sales), E_OK);
	assert_departments(w, "Plant=0 Sales=2 ");
	assert_int_equal(move(w, bob, plant), E_OK);
	assert_int_equal(move(w, bob, 99), E_NOTFOUND);
	assert_departments(w, "Plant=1 Sales=1 ");
	directory_delete(w->d, bob, on_answer, &gone);
	await(w, &gone);
	assert_departments(w, "Plant=0 Sales=1 ");
	world_restart(w);
	assert_departments(w, "Plant=0 Sales=1 ");
	assert_int_equal(move(w, alice, 0), E_OK);
	assert_departments(w, "Plant=0 Sales=0 ");
}

static void test_names(void **state)
{
	struct world *w = *state;
	department_id sales = add_department(w, "Sales"), plant = add_department(w, "Plant");
	struct answer a = { 0 }, b = { 0 };

	directory_department_add(w->d, STR("SALES"), on_answer, &a);
	assert_false(a.is_there);
	assert_int_equal(await(w, &a)->err, E_EXISTS);
	directory_department_add(w->d, STR("  "), on_answer, &b);
	assert_int_equal(await(w, &b)->err, E_BAD);
	assert_int_equal(rename_to(w, sales, STR("plant")), E_EXISTS);
	assert_int_equal(rename_to(w, sales, STR("Distribution")), E_OK);
	assert_int_equal(rename_to(w, sales, STR("DISTRIBUTION")), E_OK);
	assert_int_equal(rename_to(w, 99, STR("x")), E_NOTFOUND);
	assert_null(directory_department_find(w->d, STR("sales")));
	assert_int_equal(directory_department_find(w->d, STR("distribution"))->id, sales);
	assert_int_equal(directory_department_find(w->d, STR("plant"))->id, plant);
	assert_events(
		w,
		"department Sales, department Plant, renamed Distribution, renamed DISTRIBUTION, ");
	world_restart(w);
	assert_departments(w, "DISTRIBUTION=0 Plant=0 ");
}

static void test_dissolving(void **state)
{
	struct world *w = *state;
	department_id sales = add_department(w, "Sales");
	account_id alice = add_account(w, "alice");

	add_account(w, "bob");
	assert_int_equal(move(w, alice, sales), E_OK);
	w->events[0] = '\0';
	assert_int_equal(dissolve(w, sales), E_OK);
	assert_events(w, "changed alice, dissolved Sales, ");
	assert_int_equal(directory_get(w->d, alice)->department, 0);
	assert_null(directory_department(w->d, sales));
	assert_int_equal(dissolve(w, sales), E_NOTFOUND);
	world_restart(w);
	assert_departments(w, "");
	assert_int_equal(directory_get(w->d, alice)->department, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_members),
		WORLD_TEST(test_names),
		WORLD_TEST(test_dissolving),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
