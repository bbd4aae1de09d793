#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <string.h>

#include "net/addr.h"

static struct addr decode(const char *s)
{
	struct addr a;

	assert_int_equal(addr_decode(str_of(s), &a), E_OK);
	return a;
}

static void expect_print(const char *in, const char *out)
{
	struct addr a = decode(in);
	char text[ADDR_PRINT_MAX];

	assert_string_equal(addr_print(&a, text), out);
}

static void test_decode(void **state)
{
	(void)state;
	expect_print("192.0.2.1:5061", "192.0.2.1:5061");
	expect_print("[2001:db8::1]:443", "[2001:db8::1]:443");
	expect_print("[::]:0", "[::]:0");
	expect_print("*:5061", "[::]:5061");
}

static void test_decode_refuses(void **state)
{
	static const char *const bad[] = {
		"",	    "5061",	   ":5061",	"192.0.2.1",	   "192.0.2.1:",
		"1.2.3:5",  "[::1]",	   "[::1]5061", "[::1:5061",	   "192.0.2.1:65536",
		"::1:5061", "[1.2.3.4]:5", "host:5061", "192.0.2.1:50 61", "[]:5061"
	};
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(addr_decode(str_of(bad[i]), &a), E_BAD);
	assert_int_equal(addr_decode(STR("1.2.3.4\0x:5061"), &a), E_BAD);
}

static void test_mapped_is_v4(void **state)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6, .sin6_port = htons(5061) };
	struct addr a, b = decode("192.0.2.7:5061");

	(void)state;
	assert_int_equal(inet_pton(AF_INET6, "::ffff:192.0.2.7", &v6.sin6_addr), 1);
	addr_from((struct sockaddr *)&v6, sizeof(v6), &a);
	assert_false(addr_is_v6(&a));
	assert_true(addr_eq(&a, &b));
	assert_int_equal(addr_source(&a, 7), addr_source(&b, 7));
}

static void test_source_of_v6_is_the_64(void **state)
{
	struct addr a = decode("[2001:db8:1:2::1]:1"), b = decode("[2001:db8:1:2:ffff::9]:2"),
		    c = decode("[2001:db8:1:3::1]:1");

	(void)state;
	assert_int_equal(addr_source(&a, 1), addr_source(&b, 1));
	assert_int_not_equal(addr_source(&a, 1), addr_source(&c, 1));
	assert_false(addr_eq_host(&a, &b));
}

static void test_other_family_is_no_address(void **state)
{
	struct sockaddr sa = { .sa_family = AF_UNIX };
	struct addr a;
	char text[ADDR_PRINT_MAX];

	(void)state;
	addr_from(&sa, sizeof(sa), &a);
	assert_int_equal(a.len, 0);
	assert_string_equal(addr_print(&a, text), "-");
	assert_string_equal(addr_print_host(&a, text), "-");
	assert_int_equal(addr_port(&a), 0);
}

static void test_loopback(void **state)
{
	struct addr a = decode("127.1.2.3:1"), b = decode("[::1]:1"), c = decode("192.0.2.1:1");

	(void)state;
	assert_true(addr_is_loopback(&a));
	assert_true(addr_is_loopback(&b));
	assert_false(addr_is_loopback(&c));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_decode_refuses),
		cmocka_unit_test(test_mapped_is_v4),
		cmocka_unit_test(test_source_of_v6_is_the_64),
		cmocka_unit_test(test_other_family_is_no_address),
		cmocka_unit_test(test_loopback),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
