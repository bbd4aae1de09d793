/* Known clients, and what unknown ones teach; the smaller tables of the room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sip/methods.h"
#include "sip/quirks.h"
#include "sip/uri_lenient.h"

static void test_table(void **state)
{
	static const struct {
		const char *agent;
		unsigned quirks;
	} table[] = {
		{ "baresip v1.0.0 (x86_64/linux)", SIP_QUIRK_MD5_ONLY },
		{ "baresip v0.6.5", SIP_QUIRK_MD5_ONLY },
		{ "baresip v3.1.0", 0 },
		{ "baresip", 0 },
		{ "Linphone/3.12.0 (belle-sip/1.6.3)", SIP_QUIRK_SHA256 },
		{ "linphone-daemon/5.1.65", SIP_QUIRK_SHA256 },
		{ "not Linphone", 0 },
		{ "Purple/2.14.12 Sipe/1.25.0 (linux-x86_64; RTC/5.0)", 0 },
		{ "", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		assert_int_equal(sip_quirks_of(str_of(table[i].agent)), table[i].quirks);
}

static void test_learning(void **state)
{
	struct sip_offers *o = sip_offers_new();
	uint64_t a = sip_offers_who(o, 1, STR("alice"), STR("x")),
		 b = sip_offers_who(o, 2, STR("alice"), STR("x"));

	(void)state;
	assert_true(a != b && a != 0);
	assert_true(a == sip_offers_who(o, 1, STR("ALICE"), STR("x")));
	assert_true(a != sip_offers_who(o, 1, STR("alice"), STR("y")));
	assert_int_equal(sip_offers_choose(o, a, 0, 0), SIP_OFFER_PAIR);
	/* another client's experience */
	assert_int_equal(sip_offers_choose(o, b, 0, 0), SIP_OFFER_PAIR);
	/* came back without credentials */
	assert_int_equal(sip_offers_choose(o, a, 0, 10), SIP_OFFER_MD5);
	sip_offers_answered(o, a); /* to MD5 */
	assert_int_equal(sip_offers_choose(o, a, 0, 20), SIP_OFFER_MD5);
	assert_int_equal(sip_offers_choose(o, a, 0, SIP_OFFER_MEMORY_MS), SIP_OFFER_PAIR);
	sip_offers_answered(o, b); /* to the pair */
	assert_int_equal(sip_offers_choose(o, b, 0, 20), SIP_OFFER_PAIR);
	assert_int_equal(sip_offers_choose(o, b, SIP_QUIRK_MD5_ONLY, 20), SIP_OFFER_MD5);
	for (int i = 0; i < 3; i++)
		assert_int_equal(sip_offers_choose(o, 99, SIP_QUIRK_SHA256, 20), SIP_OFFER_PAIR);
	sip_offers_free(&o);
	assert_null(o);
}

/* A flood of strangers costs a client at worst one more round trip. */
static void test_flood(void **state)
{
	struct sip_offers *o = sip_offers_new();

	(void)state;
	for (uint64_t who = 1; who < 4 * SIP_OFFERS_MAX; who++)
		assert_int_equal(sip_offers_choose(o, who, 0, (int64_t)who), SIP_OFFER_PAIR);
	assert_int_equal(sip_offers_choose(o, 4 * SIP_OFFERS_MAX - 1, 0, 4 * SIP_OFFERS_MAX),
			 SIP_OFFER_MD5);
	sip_offers_free(&o);
}

static void test_methods(void **state)
{
	(void)state;
	for (int m = 1; m < SIP_METHOD_COUNT; m++)
		assert_int_equal(sip_method_of(sip_method_name((enum sip_method)m)), m);
	assert_int_equal(sip_method_of(STR("register")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_of(STR("REGISTERX")), SIP_METHOD_OTHER);
	assert_int_equal(sip_method_of(STR("")), SIP_METHOD_OTHER);
	assert_string_equal(sip_reason(404), "Not Found");
	assert_string_equal(sip_reason(499), "Bad Request");
	assert_string_equal(sip_reason(0), "Unknown");
	assert_string_equal(sip_reason(700), "Unknown");
	for (int e = E_OK; e >= E_INTERNAL; e--) {
		int code = sip_status_of_err((enum err)e);

		assert_true(code == 200 ? e == E_OK : code >= 400 && code < 600);
	}
}

static void test_lenient(void **state)
{
	static const char odd[] = "sip:user;x@[2001:db8:::192.0.2.1]:5061;transport=tls?a=b";
	struct uri u;

	(void)state;
	assert_int_equal(uri_decode(str_of(odd), &u), E_BAD);
	assert_int_equal(sip_uri_decode(str_of(odd), &u), E_OK);
	assert_true(str_eqz(u.user, "user;x"));
	assert_true(str_eqz(u.host, "[2001:db8:::192.0.2.1]"));
	assert_int_equal(u.port, 5061);
	assert_true(str_eqz(u.params, ";transport=tls"));
	assert_true(str_eqz(u.headers, "a=b"));
	assert_true(u.host.p >= odd && u.host.p < odd + sizeof(odd)); /* views of the original */
	assert_int_equal(
		sip_uri_decode(STR("sip:a:::b@h"), &u),
		uri_decode(STR("sip:a:::b@h"), &u)); /* colons elsewhere mean what they mean */
	assert_int_equal(sip_uri_decode(STR("sip:[2001:db8::::1]"), &u), E_BAD);
	assert_int_equal(sip_uri_decode(STR("sip:[1:::2]:::"), &u), E_BAD);
	/* one parameter twice, not two */
	assert_int_equal(sip_uri_decode(STR("sip:h;x[:::=1;x[:::=2"), &u), E_BAD);
	assert_int_equal(sip_uri_decode(STR(""), &u), E_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table),	cmocka_unit_test(test_learning),
		cmocka_unit_test(test_flood),	cmocka_unit_test(test_methods),
		cmocka_unit_test(test_lenient),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
