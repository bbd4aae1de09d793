#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "http/guard.h"

static void test_cookie(void **state)
{
	struct str h = STR("a=1; __Host-porchlight=tok=en ; b");

	(void)state;
	assert_true(str_eq(http_cookie_get(h, STR("a")), STR("1")));
	assert_true(str_eq(http_cookie_get(h, STR("__Host-porchlight")), STR("tok=en")));
	assert_null(http_cookie_get(h, STR("b")).p);
	assert_null(http_cookie_get(h, STR("Host-porchlight")).p);
	assert_null(http_cookie_get(STR_NULL, STR("a")).p);
}

static bool ours(const char *origin, const char *site, const char *host)
{
	struct http_origin o = { str_of(origin), str_of(site), str_of(host) };

	return http_origin_is_ours(&o);
}

static void test_origin(void **state)
{
	(void)state;
	assert_true(ours(NULL, NULL, "im.example.org")); /* no browser */
	assert_true(ours("https://im.example.org", NULL, "im.example.org"));
	assert_true(ours("https://im.example.org:8443", NULL, "IM.example.org:8443"));
	assert_true(ours("https://x", "same-origin", "y")); /* the browser itself has compared */
	assert_true(ours(NULL, "none", "y"));
	assert_false(ours("https://evil.example", NULL, "im.example.org"));
	assert_false(ours("http://im.example.org", NULL, "im.example.org"));
	assert_false(ours("https://im.example.org:8443", NULL, "im.example.org"));
	assert_false(ours("null", NULL, "im.example.org"));
	assert_false(ours("https://", NULL, NULL));
	assert_false(ours(NULL, "cross-site", "im.example.org"));
	assert_false(ours("https://im.example.org", "same-site", "im.example.org"));
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cookie),
					    cmocka_unit_test(test_origin) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
