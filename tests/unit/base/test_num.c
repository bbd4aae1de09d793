#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rand.h"

static void refuses_what_is_not_all_digits(void **state)
{
	static const char *const bad[] = { "",
					   "-1",
					   "+1",
					   " 1",
					   "1 ",
					   "0x1",
					   "1a",
					   "18446744073709551616",
					   "99999999999999999999999",
					   "1\xd9\xa1" };
	uint64_t v = 77;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		assert_int_equal(num_u64(str_of(bad[i]), 0, UINT64_MAX, &v), E_BAD);
		assert_int_equal(v, 77); /* untouched */
	}
	assert_int_equal(num_u64(STR("18446744073709551615"), 0, UINT64_MAX, &v), E_OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(num_u64(STR("000012"), 0, 12, &v), E_OK);
	assert_int_equal(v, 12);
	assert_int_equal(num_u64(str_n("1\0", 2), 0, 100, &v), E_BAD);
}

static void holds_the_range(void **state)
{
	uint32_t v = 5;

	(void)state;
	assert_int_equal(num_u32(STR("4294967296"), 0, UINT32_MAX, &v), E_BAD);
	assert_int_equal(num_u32(STR("0"), 1, 65535, &v), E_BAD);
	assert_int_equal(num_u32(STR("65536"), 1, 65535, &v), E_BAD);
	assert_int_equal(v, 5);
	assert_int_equal(num_u32(STR("65535"), 1, 65535, &v), E_OK);
	assert_int_equal(v, 65535);
}

static void reads_hex(void **state)
{
	uint64_t v;
	size_t n;

	(void)state;
	assert_int_equal(num_hex_u64(STR("fFffFFffffffFFFF"), &v), E_OK);
	assert_true(v == UINT64_MAX);
	assert_int_equal(num_hex_u64(STR("00000000000000001"), &v), E_BAD);
	assert_int_equal(num_hex_u64(STR("g"), &v), E_BAD);
	assert_int_equal(num_hex_u64(STR(""), &v), E_BAD);
	assert_true(num_mul_size(1000, 1000, &n));
	assert_int_equal(n, 1000000);
	assert_false(num_mul_size(SIZE_MAX, 2, &n));
}

static void random_numbers_spread(void **state)
{
	unsigned seen[7] = { 0 };
	unsigned char a[600], b[600];

	(void)state;
	for (int i = 0; i < 7000; i++)
		seen[rand_below(7)]++;
	for (size_t i = 0; i < 7; i++)
		assert_true(seen[i] > 700 && seen[i] < 1300);
	rand_bytes(a, sizeof(a));
	rand_bytes(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	rand_bytes(a, 16);
	rand_bytes(b, 16);
	assert_memory_not_equal(a, b, 16);
	assert_int_equal(rand_below(1), 0);
}

static void clocks_stand_where_they_are_set(void **state)
{
	(void)state;
	clk_set_ms(5000, 1700000000000);
	assert_int_equal(clk_ms(), 5000);
	assert_int_equal(clk_update(), 5000);
	assert_true(clk_wall_ms() == 1700000000000);
	clk_unset();
	assert_true(clk_ms() != 5000);
	assert_true(clk_wall_ms() > 1700000000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refuses_what_is_not_all_digits),
		cmocka_unit_test(holds_the_range),
		cmocka_unit_test(reads_hex),
		cmocka_unit_test(random_numbers_spread),
		cmocka_unit_test(clocks_stand_where_they_are_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
