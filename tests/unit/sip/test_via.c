/* Via: one value at a time, and what the answer's Via says of the source. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sip/via.h"

#define assert_str(got, want) assert_true(str_eqz((got), (want)))

static void test_decode(void **state)
{
	struct sip_via v;
	struct str rest;

	(void)state;
	assert_int_equal(
		sip_via_decode(STR("SIP / 2.0 / tls  pc7.test : 5061 ; branch = z9hG4bKx ;alias, "
				   "SIP/2.0/TCP [2001:db8::1];rport"),
			       &v, &rest),
		E_OK);
	assert_str(v.transport, "tls");
	assert_str(v.host, "pc7.test");
	assert_int_equal(v.port, 5061);
	assert_str(v.branch, "z9hG4bKx");
	assert_true(sip_via_is_3261(&v));
	assert_str(v.text, "SIP / 2.0 / tls  pc7.test : 5061 ; branch = z9hG4bKx ;alias");
	assert_int_equal(sip_via_decode(rest, &v, &rest), E_OK);
	assert_str(v.host, "[2001:db8::1]");
	assert_true(v.has_rport);
	assert_false(sip_via_is_3261(&v));
	assert_null(rest.p);
}

static void test_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"SIP/2.0/TLS",
		"SIP/2.0/TLS ",
		"SIP/2.0 pc7.test",
		"HTTP/2.0/TLS pc7.test",
		"SIP/2.0/TLS pc7.test:",
		"SIP/2.0/TLS pc7.test:0",
		"SIP/2.0/TLS pc7.test:65536",
		"SIP/2.0/TLS pc7.test;;",
		"SIP/2.0/TLS pc7.test;branch=a;branch=b",
		"SIP/2.0/TLS pc7.test;branch",
		"SIP/2.0/TLS pc7.test,",
		"SIP/2.0/TLS [2001:db8::1",
		"SIP/2.0/TLS 2001:db8::1",
		"SIP/2.0/TLS pc7.test;rport;rport=1",
		"SIP/2.0/TLS pc7.test junk",
	};
	struct sip_via v;
	struct str rest;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(sip_via_decode(str_of(bad[i]), &v, &rest), E_OK);
}

static void check_received(const char *via, const char *peer, const char *want)
{
	struct sip_via v;
	struct addr a;
	struct str rest;
	struct buf b;

	assert_int_equal(sip_via_decode(str_of(via), &v, &rest), E_OK);
	assert_int_equal(addr_decode(str_of(peer), &a), E_OK);
	buf_init(&b, 1000);
	sip_via_encode_received(&b, &v, &a);
	assert_str(buf_str(&b), want);
	buf_fini(&b);
}

static void test_received(void **state)
{
	(void)state;
	check_received("SIP/2.0/TLS pc7.test;branch=z9hG4bK1", "192.0.2.9:4000",
		       "SIP/2.0/TLS pc7.test;branch=z9hG4bK1;received=192.0.2.9");
	check_received("SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK1", "192.0.2.9:4000",
		       "SIP/2.0/TLS 192.0.2.9:5061;branch=z9hG4bK1");
	check_received("SIP/2.0/TLS [2001:db8::9];branch=z9hG4bK1", "[2001:db8::9]:4000",
		       "SIP/2.0/TLS [2001:db8::9];branch=z9hG4bK1");
	check_received("SIP/2.0/TLS 192.0.2.9;rport;branch=z9hG4bK1", "192.0.2.9:4000",
		       "SIP/2.0/TLS 192.0.2.9;rport=4000;branch=z9hG4bK1;received=192.0.2.9");
	check_received("SIP/2.0/TLS 192.0.2.9;rport=17;branch=z9hG4bK1", "192.0.2.9:4000",
		       "SIP/2.0/TLS 192.0.2.9;rport=17;branch=z9hG4bK1;received=192.0.2.9");
	check_received("SIP/2.0/TLS x;received=10.0.0.1", "192.0.2.9:4000",
		       "SIP/2.0/TLS x;received=10.0.0.1");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_decode),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_received),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
