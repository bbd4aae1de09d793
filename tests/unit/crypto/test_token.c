#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/token.h"

static void tokens_are_url_safe_and_differ(void **state)
{
	char a[TOKEN_CAP], b[TOKEN_CAP], small[9];
	unsigned seen[256] = { 0 }, kinds = 0;

	(void)state;
	for (int i = 0; i < 500; i++) {
		token_make(a);
		token_make(b);
		assert_int_equal(strlen(a), TOKEN_LEN);
		assert_string_not_equal(a, b);
		for (size_t n = 0; n < TOKEN_LEN; n++)
			seen[(unsigned char)a[n]]++;
	}
	for (unsigned c = 0; c < 256; c++) {
		kinds += seen[c] > 0;
		if (seen[c] > 0)
			assert_true((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
				    (c >= 'A' && c <= 'Z') || c == '-' || c == '_');
	}
	assert_int_equal(kinds, 64);
	token_make_n(small, 8);
	assert_int_equal(strlen(small), 8);
}

static void compares(void **state)
{
	unsigned char a[TOKEN_HASH_LEN], b[TOKEN_HASH_LEN];

	(void)state;
	assert_true(token_eq(STR("abc"), STR("abc")));
	assert_false(token_eq(STR("abc"), STR("abd")));
	assert_false(token_eq(STR("abc"), STR("ab")));
	assert_false(token_eq(STR("\x80"), STR("\x00")));
	assert_true(token_eq(STR_NULL, STR("")));
	token_hash(STR("t1"), a);
	token_hash(STR("t2"), b);
	assert_memory_not_equal(a, b, sizeof(a));
	token_hash(STR("t1"), b);
	assert_memory_equal(a, b, sizeof(a));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(tokens_are_url_safe_and_differ),
					    cmocka_unit_test(compares) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
