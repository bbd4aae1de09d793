#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/limits.h"
#include "lync/category.h"

static void one_per_key(void **state)
{
	struct categories cs;
	struct category *a, *b;

	(void)state;
	categories_init(&cs);
	a = categories_make(&cs, STR("state"), 1, 2);
	assert_non_null(a);
	assert_int_equal(a->version, 0);
	assert_ptr_equal(categories_make(&cs, STR("state"), 1, 2), a);
	b = categories_make(&cs, STR("state"), 1, 3);
	assert_ptr_not_equal(a, b);
	assert_int_equal(cs.count, 2);
	assert_ptr_equal(categories_find(&cs, STR("state"), 1, 3), b);
	assert_null(categories_find(&cs, STR("State"), 1, 3));
	assert_true(categories_has(&cs, STR("state"), 2));
	categories_drop(&cs, a);
	assert_false(categories_has(&cs, STR("state"), 2));
	assert_true(categories_has(&cs, STR("state"), 3));
	categories_fini(&cs);
	assert_int_equal(cs.count, 0);
}

static void no_more_than_allowed(void **state)
{
	struct categories cs;

	(void)state;
	categories_init(&cs);
	for (uint32_t i = 0; i < LYNC_INSTANCES_MAX; i++)
		assert_non_null(categories_make(&cs, STR("note"), i, 200));
	assert_null(categories_make(&cs, STR("note"), LYNC_INSTANCES_MAX, 200));
	assert_non_null(categories_make(&cs, STR("note"), 0, 200)); /* those that are there stay */
	categories_fini(&cs);
}

static void names_and_times(void **state)
{
	enum category_expire e;
	struct buf b;

	(void)state;
	for (int i = 0; i < EXPIRE_KINDS; i++) {
		assert_int_equal(category_expire_decode(str_of(category_expire_name(i)), &e), E_OK);
		assert_int_equal(e, i);
	}
	assert_int_equal(category_expire_decode(STR("Static"), &e), E_BAD);
	assert_int_equal(category_expire_decode(STR(""), &e), E_BAD);
	buf_init(&b, 64);
	category_time(&b, 1795391013088);
	assert_true(str_eqz(buf_str(&b), "2026-11-22T23:43:33.088"));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_per_key),
		cmocka_unit_test(no_more_than_allowed),
		cmocka_unit_test(names_and_times),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
