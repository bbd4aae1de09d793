/* What `serve` is told: addresses, level, directory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "app/config.h"

static struct config c;

static bool decode(char **argv)
{
	int argc = 0;

	while (argv[argc] != NULL)
		argc++;
	return config_decode(&c, argc, argv);
}

#define A(s)      \
	(char[])  \
	{         \
		s \
	}
#define DECODE(...) decode((char *[]){ A("serve"), __VA_ARGS__, NULL })

static void defaults_are_both_families(void **state)
{
	char text[ADDR_PRINT_MAX];

	(void)state;
	assert_true(DECODE(A("--data"), A("/d")));
	assert_string_equal(c.data, "/d");
	assert_true(c.listen);
	assert_int_equal(c.n_sip, 1);
	assert_string_equal(addr_print(&c.sip[0], text), "[::]:5061");
	assert_int_equal(c.n_web, 1);
	assert_string_equal(addr_print(&c.web[0], text), "[::]:443");
	assert_int_equal(c.n_http, 0); /* nothing without TLS unless asked for */
	assert_int_equal(c.log_level, LOG_INFO);
}

static void several_addresses(void **state)
{
	char text[ADDR_PRINT_MAX];

	(void)state;
	assert_true(DECODE(A("--data=/d"), A("--sip"), A("192.0.2.1:5061"), A("--sip"),
			   A("[2001:db8::1]:5062"), A("--web=127.0.0.1:8443"),
			   A("--log-level=debug")));
	assert_int_equal(c.n_sip, 2);
	assert_string_equal(addr_print(&c.sip[1], text), "[2001:db8::1]:5062");
	assert_string_equal(addr_print(&c.web[0], text), "127.0.0.1:8443");
	assert_int_equal(c.log_level, LOG_DEBUG);
}

static void what_is_not_an_address(void **state)
{
	(void)state;
	assert_false(DECODE(A("--data=/d"), A("--sip"), A("localhost:5061")));
	assert_false(DECODE(A("--data=/d"), A("--sip"), A("192.0.2.1")));
	assert_false(DECODE(A("--data=/d"), A("--web"), A("192.0.2.1:70000")));
	assert_false(DECODE(A("--data=/d"), A("--log-level"), A("loud")));
	assert_false(DECODE(A("--data=/d"), A("surplus")));
	assert_false(DECODE(A("--log-level=info"))); /* no directory */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_are_both_families),
		cmocka_unit_test(several_addresses),
		cmocka_unit_test(what_is_not_an_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
