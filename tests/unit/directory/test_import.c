/* Many accounts at once: all or none. */
#include "tests/unit/directory/world.h"

enum { ROWS = 6 };

struct import {
	struct account_new row[ROWS];
	size_t bad;
	struct answer a;
};

static void fill(struct import *i)
{
	static const char *const names[ROWS] = { "dora", "anna", "carl", "bert", "zoe", "emil" };

	*i = (struct import){ 0 };
	for (size_t k = 0; k < ROWS; k++)
		i->row[k] = (struct account_new){ .name = str_of(names[k]), .password = PASSWORD };
}

static enum err run(struct world *w, struct import *i)
{
	directory_add_many(w->d, i->row, ROWS, &i->bad, on_answer, &i->a);
	assert_false(i->a.is_there);
	return await(w, &i->a)->err;
}

static void assert_none(struct world *w)
{
	assert_events(w, "");
	assert_int_equal(directory_count(w->d), 0);
	world_restart(w);
	assert_int_equal(directory_count(w->d), 0);
}

static void test_all(void **state)
{
	struct world *w = *state;
	struct import i;

	fill(&i);
	i.row[2].department = add_department(w, "Sales");
	w->events[0] = '\0';
	assert_int_equal(run(w, &i), E_OK);
	assert_events(w, "added anna, added bert, added carl, added dora, added emil, added zoe, ");
	world_restart(w);
	assert_int_equal(directory_count(w->d), ROWS);
	assert_int_equal(directory_department_find(w->d, STR("sales"))->members, 1);
	assert_int_equal(directory_find(w->d, STR("carl"))->department, i.row[2].department);
}

static void test_none_for_a_bad_row(void **state)
{
	struct world *w = *state;
	struct import i;

	fill(&i);
	i.row[4].password = STR("short");
	assert_int_equal(run(w, &i), E_BAD);
	assert_int_equal(i.bad, 4);
	fill(&i);
	i.row[5].name = i.row[1].name; /* twice in one file */
	assert_int_equal(run(w, &i), E_EXISTS);
	assert_int_equal(i.bad, 5);
	fill(&i);
	i.row[0].department = 99;
	assert_int_equal(run(w, &i), E_NOTFOUND);
	assert_int_equal(i.bad, 0);
	assert_none(w);
}

/* The name is taken while the import is hashed: found by the store, after other rows went in. */
static void test_none_when_a_name_is_taken_meanwhile(void **state)
{
	struct world *w = *state;
	struct account_new bert = { .name = STR("bert"), .password = PASSWORD };
	struct answer a = { 0 };
	struct import i;

	fill(&i);
	directory_add(w->d, &bert, on_answer, &a);
	assert_int_equal(run(w, &i), E_EXISTS);
	assert_int_equal(i.bad, 3);
	assert_int_equal(await(w, &a)->err, E_OK);
	assert_events(w, "added bert, ");
	assert_int_equal(directory_count(w->d), 1);
	world_restart(w);
	assert_int_equal(directory_count(w->d), 1);
}

static void test_nothing_to_add(void **state)
{
	struct world *w = *state;
	struct answer a = { 0 };
	size_t bad = 7;

	directory_add_many(w->d, NULL, 0, &bad, on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_BAD);
	assert_int_equal(bad, 0);
}

/* More than come into memory, or are checked, in one turn. */
static void test_many(void **state)
{
	enum { MANY = 70 };
	struct account_new row[MANY];
	char name[MANY][16];
	struct world *w = *state;
	struct answer a = { 0 }, b = { 0 };
	size_t bad = 0;

	for (size_t i = 0; i < MANY; i++) {
		/* not in the order of names */
		snprintf(name[i], sizeof(name[i]), "u%zu", (i * 37) % MANY);
		row[i] = (struct account_new){ .name = str_of(name[i]), .password = PASSWORD };
	}
	row[MANY - 1].title = STR("\xff");
	directory_add_many(w->d, row, MANY, &bad, on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_BAD);
	assert_int_equal(bad, MANY - 1);
	assert_none(w);
	row[MANY - 1].title = STR("");
	directory_add_many(w->d, row, MANY, &bad, on_answer, &b);
	memset(row, 0, sizeof(row)); /* what was given has been copied */
	assert_int_equal(await(w, &b)->err, E_OK);
	assert_int_equal(directory_count(w->d), MANY);
	for (size_t i = 0; i < MANY; i++)
		assert_non_null(directory_find(w->d, str_of(name[i])));
	world_restart(w);
	assert_int_equal(directory_count(w->d), MANY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_all),
		WORLD_TEST(test_none_for_a_bad_row),
		WORLD_TEST(test_none_when_a_name_is_taken_meanwhile),
		WORLD_TEST(test_nothing_to_add),
		WORLD_TEST(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
