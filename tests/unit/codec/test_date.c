#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "codec/date.h"

static void sip_dates(void **state)
{
	static const char *const bad[] = {
		"",
		"Sat, 13 Nov 2010 23:29:00",
		"Sat, 13 Nov 2010 23:29:00 EST",
		"Sun, 13 Nov 2010 23:29:00 GMT",
		"Sat, 13 Nov 2010 24:29:00 GMT",
		"Sat, 13 Nov 2010 23:60:00 GMT",
		"Sat, 31 Nov 2010 23:29:00 GMT",
		"Sat, 13 Nov 10 23:29:00 GMT",
		"Sat, 1 Nov 2010 23:29:00 GMT",
		"Sat 13 Nov 2010 23:29:00 GMT",
		"Sat, 13 Nov 2010 23:29:00 GMT ",
		"Sat, 13 Foo 2010 23:29:00 GMT",
		"Sat, 00 Nov 2010 23:29:00 GMT",
		"Tue, 29 Feb 2011 00:00:00 GMT",
		"Sat, 13 Nov 2010 23:29:61 GMT",
		"Sat, 01 Jan 0000 00:00:00 GMT",
	};
	char text[DATE_SIP_CAP];
	int64_t t = 7;

	(void)state;
	date_sip_encode(784111777, text);
	assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
	assert_int_equal(date_sip_decode(str_of(text), &t), E_OK);
	assert_int_equal(t, 784111777);
	assert_int_equal(date_sip_decode(STR("sat, 13 NOV 2010 23:29:00 GMT"), &t), E_OK);
	assert_int_equal(t, 1289690940);
	assert_int_equal(date_sip_decode(STR("Tue, 29 Feb 2000 00:00:00 GMT"), &t), E_OK);
	/* a leap second */
	assert_int_equal(date_sip_decode(STR("Sat, 31 Dec 2016 23:59:60 GMT"), &t), E_OK);
	assert_int_equal(t, 1483228800);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (date_sip_decode(str_of(bad[i]), &t) != E_BAD)
			fail_msg("%s", bad[i]);
	assert_int_equal(t, 1483228800);
}

static void iso_dates(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-24T03:15:00.5Z", 1795490100500 },
		{ "2026-11-24T05:15:00.123456+02:00", 1795490100123 },
		{ "2026-11-23t22:15:00.001-05:00", 1795490100001 },
		{ "1969-12-31T23:59:59.999Z", -1 },
	};
	static const char *const bad[] = { "2026-11-24",
					   "2026-11-24T03:15:00",
					   "2026-13-24T03:15:00Z",
					   "2026-11-24T03:15:00.Z",
					   "2026-00-24T03:15:00Z",
					   "2026-02-30T03:15:00Z",
					   "2026-11-24T03:15Z",
					   "2026-11-24T03:15:00+2:00",
					   "2026-11-24T03:15:00+24:00",
					   "2026-11-24T03:15:00Zx",
					   "26-11-24T03:15:00Z",
					   "" };
	char text[DATE_ISO_CAP];
	int64_t ms;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		if (date_iso_decode(str_of(good[i].text), &ms) != E_OK || ms != good[i].ms)
			fail_msg("%s %lld", good[i].text, (long long)ms);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (date_iso_decode(str_of(bad[i]), &ms) != E_BAD)
			fail_msg("%s", bad[i]);
	date_iso_encode(1795490100007, text);
	assert_string_equal(text, "2026-11-24T03:15:00.007Z");
	date_iso_encode(-1, text);
	assert_string_equal(text, "1969-12-31T23:59:59.999Z");
	date_iso_encode(INT64_MAX, text); /* clamped, not overrun */
	assert_string_equal(text, "9999-12-31T23:59:59.807Z");
}

static void all_days_survive(void **state)
{
	char text[DATE_SIP_CAP], iso[DATE_ISO_CAP];
	int64_t back;

	(void)state;
	for (int64_t t = -2208988800; t < 4102444800; t += 86400 * 13 + 4321) {
		date_sip_encode(t, text);
		assert_int_equal(date_sip_decode(str_of(text), &back), E_OK);
		assert_true(back == t);
		date_iso_encode(t * 1000 + 9, iso);
		assert_int_equal(date_iso_decode(str_of(iso), &back), E_OK);
		assert_true(back == t * 1000 + 9);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(sip_dates),
					    cmocka_unit_test(iso_dates),
					    cmocka_unit_test(all_days_survive) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
