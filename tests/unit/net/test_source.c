#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/source.h"

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_decode(str_of(text), &a), E_OK);
	return a;
}

static void test_cap(void **state)
{
	struct source_table *t = source_table_new(3);
	struct addr a = at("[2001:db8::1]:1"), same = at("[2001:db8::2]:2"),
		    other = at("192.0.2.1:1");
	uint64_t key[4], okey;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_int_equal(source_enter(t, i % 2 ? &a : &same, &key[i]), E_OK);
	assert_int_equal(source_enter(t, &a, &key[3]), E_FULL);
	assert_int_equal(source_count(t, &a), 3);
	assert_int_equal(source_enter(t, &other, &okey), E_OK);
	source_leave(t, key[0]);
	assert_int_equal(source_enter(t, &a, &key[0]), E_OK);
	for (int i = 0; i < 3; i++)
		source_leave(t, key[i]);
	source_leave(t, okey);
	assert_int_equal(source_count(t, &a), 0);
	assert_int_equal(source_count(t, &other), 0);
	source_table_free(&t);
	assert_null(t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
