/* Addresses: name-addr, addr-spec, lists, and what must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sip/addr.h"
#include "sip/uri_lenient.h"

#define assert_str(got, want) assert_true(str_eqz((got), (want)))

static void test_forms(void **state)
{
	struct sip_addr a;
	struct buf b;

	(void)state;
	assert_int_equal(
		sip_addr_decode(
			STR("\"Al \\\"x\\\" <b>, c\" <sip:alice@p.test;transport=tls>;tag=1;epid=7"),
			&a),
		E_OK);
	assert_str(a.uri, "sip:alice@p.test;transport=tls");
	assert_str(a.tag, "1");
	assert_str(sip_addr_param(&a, STR("EPID")), "7");
	assert_str(a.u.user, "alice");
	buf_init(&b, 100);
	sip_addr_display_text(&a, &b);
	assert_str(buf_str(&b), "Al \"x\" <b>, c");
	buf_reset(&b);
	sip_addr_encode(&b, STR("Al \"x\""), a.uri);
	assert_str(buf_str(&b), "\"Al \\\"x\\\"\" <sip:alice@p.test;transport=tls>");
	buf_fini(&b);
	/* Without brackets the parameters are the header's. */
	assert_int_equal(sip_addr_decode(STR("sip:alice@p.test;tag=2;x"), &a), E_OK);
	assert_str(a.uri, "sip:alice@p.test");
	assert_str(a.tag, "2");
	assert_int_equal(sip_addr_decode(STR("Alice Ayre<sip:alice@p.test>"), &a), E_OK);
	assert_str(a.display, "Alice Ayre");
	assert_null(a.tag.p);
	assert_int_equal(sip_addr_decode(STR("J\xc3\xb6rg <sip:j@p.test>"), &a), E_OK);
	assert_str(a.display, "J\xc3\xb6rg");
	assert_int_equal(sip_addr_decode(STR("<tel:+4930555>"), &a), E_OK);
	assert_int_equal(sip_addr_decode(STR("isbn:978"), &a), E_OK);
	assert_int_equal(sip_addr_decode(STR(" * "), &a), E_OK);
	assert_true(a.is_star);
}

static void test_list(void **state)
{
	struct sip_addr a;
	struct str rest = STR("<sip:a@p.test>;q=0.5 , \"x,y\" <sip:b@p.test,c>, sip:c@p.test");

	(void)state;
	assert_int_equal(sip_addr_next(rest, &a, &rest), E_OK);
	assert_str(a.uri, "sip:a@p.test");
	assert_int_equal(sip_addr_next(rest, &a, &rest), E_BAD);
	rest = STR("<sip:a@p.test>,sip:c@p.test");
	assert_int_equal(sip_addr_next(rest, &a, &rest), E_OK);
	assert_int_equal(sip_addr_next(rest, &a, &rest), E_OK);
	assert_str(a.uri, "sip:c@p.test");
	assert_null(rest.p);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"alice",
		"<>",
		"<sip:a@p.test",
		"\"a <sip:a@p.test>",
		"\"a\" sip:a@p.test",
		"< sip:a@p.test >",
		"A, B <sip:a@p.test>",
		"sip:a@p.test?Route=x",
		"<sip:a@p.test>;tag=1;tag=2",
		"<sip:a@p.test>;tag=",
		"<sip:a@p.test>;;",
		"<sip:a@p.test>,",
		"<sip:a@p.test> junk",
		"sip:a@p.test, sip:b@p.test",
		"<sip:a@b@c>",
		"*;expires=0",
		"<sip:a@p.test>;tag=\"x\"",
	};
	struct sip_addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(sip_addr_decode(str_of(bad[i]), &a), E_OK);
}

static void test_three_colons(void **state)
{
	struct uri u;

	(void)state;
	assert_int_equal(sip_uri_decode(STR("sip:bob:pw@[2001:db8:::192.0.2.1]:5070;x=1"), &u),
			 E_OK);
	assert_str(u.user, "bob");
	assert_str(u.password, "pw");
	assert_str(u.host, "[2001:db8:::192.0.2.1]");
	assert_str(u.params, ";x=1");
	assert_int_equal(u.port, 5070);
	assert_int_equal(sip_uri_decode(STR("sip:[1:::2:::3]"), &u), E_BAD);
	assert_int_equal(sip_uri_decode(STR("sip::::"), &u), E_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_three_colons),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
