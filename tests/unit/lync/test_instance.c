#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lync/instance.h"

/* Of the specification, of a real Communicator 2007 R2, of a real pidgin-sipe. */
static const struct {
	const char *epid, *uuid, *code;
} known[] = {
	{ "01010101", "4b1682a8-f968-5701-83fc-7c6741dc6697", "qIIWS2j5AVeD_HxnQdxmlwAA" },
	{ "c8ca638a15", "34d859db-6585-5f91-a3b4-de853c15347d", "21nYNIVlkV-jtN6FPBU0fQAA" },
	{ "d8d053f0ae7f", "90d996f0-7299-5868-a49b-0ead64bc43e3", "8JbZkJlyaFikmw6tZLxD4wAA" },
};

static void of_epids(void **state)
{
	char uuid[INSTANCE_UUID_LEN + 1], code[INSTANCE_CODE_LEN + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(known); i++) {
		instance_of_epid(str_of(known[i].epid), uuid);
		assert_string_equal(uuid, known[i].uuid);
		assert_int_equal(instance_code(str_of(uuid), code), E_OK);
		assert_string_equal(code, known[i].code);
	}
}

/* Genuine clients write their UUID in upper case. */
static void gruus(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1024);
	assert_int_equal(instance_gruu(&b, STR("alice"), STR("contoso.example"),
				       STR("90D996F0-7299-5868-A49B-0EAD64BC43E3")),
			 E_OK);
	assert_true(str_eqz(
		buf_str(&b),
		"sip:alice@contoso.example;opaque=user:epid:8JbZkJlyaFikmw6tZLxD4wAA;gruu"));
	buf_fini(&b);
}

static void what_is_no_uuid(void **state)
{
	static const char *const bad[] = { "", "90d996f0", "90d996f0-7299-5868-a49b-0ead64bc43eg",
					   "90d996f0-7299-5868-a49b0-ead64bc43e3",
					   "90d996f07299-5868-a49b-0ead64bc43e3-" };
	char code[INSTANCE_CODE_LEN + 1];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(instance_code(str_of(bad[i]), code), E_BAD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_epids),
		cmocka_unit_test(gruus),
		cmocka_unit_test(what_is_no_uuid),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
