/* Where a request without TLS is sent on to. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "http/plain.h"

static void check(const char *host, const char *target, uint16_t port, const char *want)
{
	struct buf b;
	enum err e;

	buf_init(&b, 4096);
	e = plain_location(host == NULL ? STR_NULL : str_of(host), str_of(target), port, &b);
	assert_int_equal(e, want == NULL ? E_BAD : E_OK);
	if (want != NULL)
		assert_true(str_eqz(buf_str(&b), want));
	buf_fini(&b);
}

static void test_location(void **state)
{
	(void)state;
	check("im.example.org", "/", 443, "https://im.example.org/");
	check("im.example.org:80", "/a?b=%20c", 443, "https://im.example.org/a?b=%20c");
	check("im.example.org:8080", "/", 8443, "https://im.example.org:8443/");
	check("192.0.2.1", "/x", 0, "https://192.0.2.1/x");
	check("[2001:db8::1]:80", "/x", 443, "https://[2001:db8::1]/x");
	check("[2001:db8::1]", "/x", 8443, "https://[2001:db8::1]:8443/x");
}

static void test_refused(void **state)
{
	static const char *const hosts[] = { "",
					     ":80",
					     "a b",
					     "evil.example/x",
					     "user@evil.example",
					     "a\\b",
					     "<script>",
					     "[::1",
					     "[zz]",
					     "a\r\nSet-Cookie: x=1",
					     "a,b",
					     "[2001:db8::1]x@evil.example" };

	(void)state;
	check(NULL, "/", 443, NULL);
	for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++)
		check(hosts[i], "/", 443, NULL);
	check("a", "", 443, NULL);
	check("a", "http://evil.example/", 443, NULL);
	check("a", "*", 443, NULL);
	check("a", "/x y", 443, NULL);
	check("a", "/x\r\nSet-Cookie:", 443, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_location),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
