/* Header names: every id is found by its own name, and by nothing that only resembles it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <string.h>

#include "base/mem.h"
#include "sip/hdr.h"

static void test_every_name(void **state)
{
	(void)state;
	for (int id = 1; id < SIP_HDR_COUNT; id++) {
		struct str name = sip_hdr_name((enum sip_hdr_id)id);
		char other[64];

		assert_true(name.len > 1 && name.len < sizeof(other));
		assert_int_equal(sip_hdr_id_of(name), id);
		for (size_t i = 0; i < name.len; i++)
			other[i] = (char)toupper((unsigned char)name.p[i]);
		assert_int_equal(sip_hdr_id_of(str_n(other, name.len)), id);
		if (name.len > 2) /* "T" is To's own compact form */
			assert_int_equal(sip_hdr_id_of(str_n(other, name.len - 1)), SIP_HDR_OTHER);
		other[1] = '_';
		assert_int_equal(sip_hdr_id_of(str_n(other, name.len)), SIP_HDR_OTHER);
	}
}

static void test_compact(void **state)
{
	static const struct {
		char c;
		enum sip_hdr_id id;
	} forms[] = {
		{ 'v', SIP_HDR_VIA },	       { 'f', SIP_HDR_FROM },
		{ 't', SIP_HDR_TO },	       { 'i', SIP_HDR_CALL_ID },
		{ 'm', SIP_HDR_CONTACT },      { 'l', SIP_HDR_CONTENT_LENGTH },
		{ 'c', SIP_HDR_CONTENT_TYPE }, { 'e', SIP_HDR_CONTENT_ENCODING },
		{ 's', SIP_HDR_SUBJECT },      { 'k', SIP_HDR_SUPPORTED },
		{ 'o', SIP_HDR_EVENT },	       { 'u', SIP_HDR_ALLOW_EVENTS },
		{ 'r', SIP_HDR_REFER_TO },     { 'x', SIP_HDR_SESSION_EXPIRES },
	};

	(void)state;
	for (int c = 0; c < 256; c++) {
		char name = (char)c;
		enum sip_hdr_id want = SIP_HDR_OTHER;

		for (size_t i = 0; i < ARRAY_LEN(forms); i++)
			if (c < 128 && isalpha(c) && tolower(c) == forms[i].c)
				want = forms[i].id;
		assert_int_equal(sip_hdr_id_of(str_n(&name, 1)), want);
	}
	assert_int_equal(sip_hdr_id_of(STR("")), SIP_HDR_OTHER);
	assert_int_equal(sip_hdr_id_of(STR("gda")), SIP_HDR_OTHER);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_name),
		cmocka_unit_test(test_compact),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
