#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "http/target.h"

enum { ARENA = 4096 };

static enum err decode(struct http_target *t, struct arena *a, const char *raw)
{
	arena_init(a, ARENA);
	return http_target_decode(t, a, str_of(raw));
}

static void assert_str(struct str s, const char *want)
{
	assert_int_equal(s.len, str_of(want).len);
	assert_memory_equal(s.p, want, s.len);
}

static void test_segments_and_params(void **state)
{
	struct http_target t;
	struct arena a;

	(void)state;
	assert_int_equal(decode(&t, &a, "/api/v1/users/a%20b?search=%ED%95%9C+x&limit=5&flag"),
			 E_OK);
	assert_int_equal(t.n_segments, 4);
	assert_str(t.segment[3], "a b");
	assert_str(t.path, "/api/v1/users/a%20b");
	assert_str(http_target_param(&t, STR("search")), "\xed\x95\x9c x");
	assert_str(http_target_param(&t, STR("limit")), "5");
	assert_str(http_target_param(&t, STR("flag")), "");
	assert_null(http_target_param(&t, STR("absent")).p);
	arena_fini(&a);
}

static void test_root_and_trailing_slash(void **state)
{
	struct http_target t;
	struct arena a;

	(void)state;
	assert_int_equal(decode(&t, &a, "/"), E_OK);
	assert_int_equal(t.n_segments, 0);
	arena_fini(&a);
	assert_int_equal(decode(&t, &a, "/a/"), E_OK);
	assert_int_equal(t.n_segments, 2);
	assert_int_equal(t.segment[1].len, 0);
	arena_fini(&a);
}

/* The tricks by which set-up pages of other products were reached. */
static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",	   "*",	      "http://x/", "/../a",	"/a/../b", "/a/./b", "/%2e%2e/a",
		"/.%2e/a", "/%2E/a",  "/a%00b",	   "/a%0d%0ab", "/%",	   "/%4",    "/%zz",
		"/%ff",	   "/%c0%ae", "/?a=%f",	   "/?%ff=1",	"/a\x7f",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct http_target t;
		struct arena a;

		assert_int_equal(decode(&t, &a, bad[i]), E_BAD);
		arena_fini(&a);
	}
}

static void test_encoded_slash_makes_no_segment(void **state)
{
	struct http_target t;
	struct arena a;

	(void)state;
	assert_int_equal(decode(&t, &a, "/users%2fbob"), E_OK);
	assert_int_equal(t.n_segments, 1);
	assert_str(t.segment[0], "users/bob");
	arena_fini(&a);
	/* What other servers decode twice stays as it is. */
	assert_int_equal(decode(&t, &a, "/%252e%252e"), E_OK);
	assert_str(t.segment[0], "%2e%2e");
	arena_fini(&a);
	assert_int_equal(decode(&t, &a, "/%u002e"), E_BAD);
	arena_fini(&a);
}

static void test_too_many(void **state)
{
	struct http_target t;
	struct arena a;

	(void)state;
	assert_int_equal(decode(&t, &a, "/1/2/3/4/5/6/7/8/9/10/11/12"), E_OK);
	arena_fini(&a);
	assert_int_equal(decode(&t, &a, "/1/2/3/4/5/6/7/8/9/10/11/12/13"), E_TOOBIG);
	arena_fini(&a);
	assert_int_equal(decode(&t, &a, "/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y"),
			 E_TOOBIG);
	arena_fini(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_segments_and_params),
		cmocka_unit_test(test_root_and_trailing_slash),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_encoded_slash_makes_no_segment),
		cmocka_unit_test(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
