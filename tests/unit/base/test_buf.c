#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "base/arena.h"
#include "base/buf.h"

static void grows_up_to_its_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	for (int i = 0; i < 100; i++)
		buf_addz(&b, "0123456789");
	assert_int_equal(buf_err(&b), E_OK);
	assert_int_equal(b.len, 1000);
	buf_addc(&b, 'x');
	assert_int_equal(buf_err(&b), E_TOOBIG);
	buf_add(&b, STR("")); /* the first failure stays */
	assert_int_equal(buf_err(&b), E_TOOBIG);
	assert_int_equal(b.len, 1000);
	buf_reset(&b);
	buf_add(&b, STR("again"));
	assert_true(str_eqz(buf_str(&b), "again"));
	buf_fini(&b);
	assert_null(b.p);
	buf_addz(&b, "reusable");
	assert_int_equal(b.len, 8);
	buf_fini(&b);
}

static void formats_consumes_and_hands_over(void **state)
{
	struct buf b;
	size_t len;
	char *p;

	(void)state;
	buf_init(&b, 64);
	buf_add_u64(&b, 0);
	buf_addc(&b, ' ');
	buf_add_u64(&b, UINT64_MAX);
	buf_addf(&b, " %s=%d", "n", -5);
	assert_true(str_eqz(buf_str(&b), "0 18446744073709551615 n=-5"));
	buf_consume(&b, 2);
	assert_true(str_starts(buf_str(&b), STR("1844")));
	p = buf_reserve(&b, 3);
	assert_non_null(p);
	memcpy(p, "end", 3);
	buf_commit(&b, 3);
	assert_null(buf_reserve(&b, 64));
	assert_int_equal(buf_err(&b), E_TOOBIG);
	p = buf_take(&b, &len);
	assert_string_equal(p, "18446744073709551615 n=-5end");
	assert_int_equal(len, strlen(p));
	free(p);
	assert_int_equal(b.len, 0);
	p = buf_take(&b, NULL); /* an empty one gives an empty text */
	assert_string_equal(p, "");
	free(p);
	buf_consume(&b, 5);
	buf_fini(&b);
}

static void formatted_text_honours_the_cap(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 4);
	buf_addf(&b, "%s", "12345");
	assert_int_equal(buf_err(&b), E_TOOBIG);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

/* What is formatted here and what the library formats read alike. */
static void formats_as_the_library_does(void **state)
{
	static const char long_text[] =
		"0123456789012345678901234567890123456789012345678901234567890123456789"
		"0123456789012345678901234567890123456789012345678901234567890123456789";
	char want[1024];
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
#define SAME(...)                                                \
	do {                                                     \
		(void)snprintf(want, sizeof(want), __VA_ARGS__); \
		buf_reset(&b);                                   \
		buf_addf(&b, __VA_ARGS__);                       \
		assert_true(str_eqz(buf_str(&b), want));         \
	} while (0)
	SAME("plain");
	SAME("%s|%.*s|%.*s|%c", "a", 2, "bcd", 9, "ef", 'g');
	SAME("%d %d %u 100%% %s", INT_MIN, INT_MAX, UINT_MAX, "");
	SAME("%lld %lld %llu %zu", LLONG_MIN, LLONG_MAX, ULLONG_MAX, SIZE_MAX);
	SAME("%08X %5.1f %-4s| %lu %s", 0xbeefu, 1.25, "x", 7ul, "y");
	SAME("%s %04d", long_text, 7); /* the library's second try */
	SAME("%.*s", 0, "");
#undef SAME
	buf_fini(&b);
	buf_init(&b, 6);
	buf_addf(&b, "%s%u", "12345", 678u);
	assert_int_equal(buf_err(&b), E_TOOBIG);
	assert_int_equal(b.len, 0); /* all or nothing */
	buf_reset(&b);
	buf_addf(&b, "%06u", 7u);
	assert_true(str_eqz(buf_str(&b), "000007")); /* exactly full */
	buf_fini(&b);
}

static void arena_is_aligned_zeroed_and_capped(void **state)
{
	struct arena a;
	struct str s;

	(void)state;
	arena_init(&a, 10000);
	for (size_t i = 1; i < 40; i++) {
		unsigned char *p = arena_alloc(&a, i);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		for (size_t n = 0; n < i; n++)
			assert_int_equal(p[n], 0);
		memset(p, 0xff, i);
	}
	assert_non_null(arena_alloc(&a, 5000)); /* larger than a block */
	assert_null(arena_alloc(&a, 9000));
	assert_non_null(arena_alloc(&a, 100)); /* a failure does no harm */
	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_int_equal(arena_dup(&a, STR("copy"), &s), E_OK);
	assert_true(str_eqz(s, "copy"));
	assert_int_equal(s.p[4], '\0');
	arena_fini(&a);
	assert_int_equal(a.used, 0);
	arena_fini(&a);
}

static void tiny_pieces_cannot_pass_the_cap(void **state)
{
	struct arena a;
	size_t n = 0;

	(void)state;
	arena_init(&a, 1600);
	while (arena_alloc(&a, 1) != NULL)
		n++;
	assert_int_equal(n, 100);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(grows_up_to_its_cap),
		cmocka_unit_test(formats_consumes_and_hands_over),
		cmocka_unit_test(formatted_text_honours_the_cap),
		cmocka_unit_test(formats_as_the_library_does),
		cmocka_unit_test(arena_is_aligned_zeroed_and_capped),
		cmocka_unit_test(tiny_pieces_cannot_pass_the_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
