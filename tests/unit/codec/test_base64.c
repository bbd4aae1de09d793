#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "base/rand.h"
#include "codec/base64.h"

/* RFC 4648 10. */
static void vectors(void **state)
{
	static const char *const plain[] = { "", "f", "fo", "foo", "foob", "fooba", "foobar" };
	static const char *const text[] = { "",		"Zg==",	    "Zm8=",    "Zm9v",
					    "Zm9vYg==", "Zm9vYmE=", "Zm9vYmFy" };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < ARRAY_LEN(plain); i++) {
		buf_reset(&b);
		base64_encode(&b, str_of(plain[i]));
		assert_true(str_eqz(buf_str(&b), text[i]));
		buf_reset(&b);
		assert_int_equal(base64_decode(str_of(text[i]), &b), E_OK);
		assert_true(str_eqz(buf_str(&b), plain[i]));
	}
	buf_fini(&b);
}

static void strict(void **state)
{
	static const char *const bad[] = { "Z",	   "Zg",   "Zg=",   "Zg===",	"Zm8",	  "=",
					   "====", "Zh==", "Zm9=",  "Zg==Zg==", "Z g==",  "Zm9v\n",
					   "Zm9-", "Zm_v", "Zm9v=", "Zg=g",	"\xff===" };
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (base64_decode(str_of(bad[i]), &b) != E_BAD)
			fail_msg("%s", bad[i]);
	assert_int_equal(base64_url_decode(STR("Zg=="), &b), E_BAD);
	assert_int_equal(base64_url_decode(STR("Zh"), &b), E_BAD);
	assert_int_equal(base64_url_decode(STR("Z"), &b), E_BAD);
	buf_reset(&b);
	assert_int_equal(base64_decode_folded(STR(" Zm9v\r\n\tYg=\r\n= "), &b), E_OK);
	assert_true(str_eqz(buf_str(&b), "foob"));
	buf_fini(&b);
	buf_init(&b, 2);
	assert_int_equal(base64_decode(STR("Zm9v"), &b), E_TOOBIG);
	buf_fini(&b);
}

static void random_bytes_survive(void **state)
{
	unsigned char bytes[64];
	struct buf text, back;

	(void)state;
	buf_init(&text, 200);
	buf_init(&back, 200);
	for (size_t n = 0; n < 2000; n++) {
		struct str s = str_n(bytes, n % sizeof(bytes));

		rand_bytes(bytes, s.len);
		buf_reset(&text);
		buf_reset(&back);
		base64_url_encode(&text, s);
		assert_true(str_find(buf_str(&text), '=', 0) == text.len &&
			    str_find(buf_str(&text), '+', 0) == text.len);
		assert_int_equal(base64_url_decode(buf_str(&text), &back), E_OK);
		assert_true(str_eq(buf_str(&back), s));
		buf_reset(&text);
		buf_reset(&back);
		base64_encode(&text, s);
		assert_int_equal(base64_decode(buf_str(&text), &back), E_OK);
		assert_true(str_eq(buf_str(&back), s));
	}
	buf_fini(&text);
	buf_fini(&back);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(vectors), cmocka_unit_test(strict),
					    cmocka_unit_test(random_bytes_survive) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
