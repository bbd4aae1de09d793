#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "net/door_classify.h"

static enum door_kind kind(const char *s)
{
	return door_classify(str_of(s));
}

static void test_sip(void **state)
{
	(void)state;
	assert_int_equal(kind("REGISTER sip:example.org SIP/2.0\r\n"), DOOR_SIP);
	assert_int_equal(kind("OPTIONS sips:example.org SIP/2.0\r\n"), DOOR_SIP);
	assert_int_equal(kind("MESSAGE tel:+4930 SIP/2.0\r\n"), DOOR_SIP);
	assert_int_equal(kind("SIP/2.0 200 OK\r\n"), DOOR_SIP);
	assert_int_equal(kind("\r\n\r\n"), DOOR_SIP);
	assert_int_equal(kind("\r"), DOOR_SIP);
	assert_int_equal(kind("OPTIONS * SIP/2.0\r\n"), DOOR_SIP);
	assert_int_equal(kind("\x80\x46\x01 garbage"), DOOR_SIP);
}

static void test_http(void **state)
{
	(void)state;
	assert_int_equal(kind("GET / HTTP/1.1\r\n"), DOOR_HTTP);
	assert_int_equal(kind("POST /api/v1/login HTTP/1.1\r\n"), DOOR_HTTP);
	assert_int_equal(kind("OPTIONS * HTTP/1.1\r\n"), DOOR_HTTP);
	assert_int_equal(kind("GET https://example.org/ HTTP/1.1\r\n"), DOOR_HTTP);
	assert_int_equal(kind("CONNECT example.org:443 HTTP/1.1\r\n"), DOOR_HTTP);
	assert_int_equal(kind("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), DOOR_HTTP);
}

/* Every prefix is either undecided or decided as the whole is. */
static void by_prefix(const char *s, enum door_kind want)
{
	struct str whole = str_of(s);

	for (size_t n = 0; n <= whole.len; n++) {
		enum door_kind k = door_classify(str_sub(whole, 0, n));

		assert_true(k == DOOR_UNDECIDED || k == want);
	}
	assert_int_equal(door_classify(whole), want);
}

static void test_byte_by_byte(void **state)
{
	(void)state;
	by_prefix("REGISTER sip:example.org SIP/2.0\r\n", DOOR_SIP);
	by_prefix("MESSAGE http-service@example.org SIP/2.0\r\n", DOOR_SIP);
	by_prefix("OPTIONS * SIP/2.0\r\n", DOOR_SIP);
	by_prefix("OPTIONS * HTTP/1.1\r\n", DOOR_HTTP);
	by_prefix("GET https://example.org/ HTTP/1.1\r\n", DOOR_HTTP);
	by_prefix("GET /x HTTP/1.1\r\n", DOOR_HTTP);
	by_prefix("CONNECT h:443 HTTP/1.1\r\n", DOOR_HTTP);
}

static void test_never_undecided_for_long(void **state)
{
	char long_method[1100];

	(void)state;
	for (size_t i = 0; i < sizeof(long_method); i++)
		long_method[i] = 'A';
	assert_int_equal(door_classify(str_n(long_method, 1023)), DOOR_UNDECIDED);
	assert_int_equal(door_classify(str_n(long_method, 1024)), DOOR_SIP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sip),
		cmocka_unit_test(test_http),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_never_undecided_for_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
