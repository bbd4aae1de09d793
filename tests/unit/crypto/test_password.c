#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"
#include "crypto/nthash.h"
#include "crypto/password.h"
#include "crypto/pwhash.h"

static void nt_hash_vectors(void **state)
{
	unsigned char out[NTHASH_LEN], expected[NTHASH_LEN];
	char big[PASSWORD_MAX + 1];

	(void)state;
	/* [MS-NLMP] 4.2.2.1.2 */
	assert_int_equal(nthash_make(STR("Password"), out), E_OK);
	assert_memory_equal(out, "\xa4\xf4\x9c\x40\x65\x10\xbd\xca\xb6\x82\x4e\xe7\xc3\x0f\xd8\x52",
			    16);
	assert_int_equal(nthash_make(STR(""), out), E_OK);
	assert_memory_equal(out, "\x31\xd6\xcf\xe0\xd1\x6a\xe9\x31\xb7\x3c\x59\xd7\xe0\xc0\x89\xc0",
			    16);
	/* U+00E4 U+20AC U+1F600: MD4 of e4 00 ac 20 3d d8 00 de, by another implementation. */
	memcpy(expected, "\x4c\xd2\x6b\xea\x0e\x9c\x02\xc1\x6b\xcb\xc6\x5c\x7a\x89\xbd\x1a", 16);
	assert_int_equal(nthash_make(STR("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), out), E_OK);
	assert_memory_equal(out, expected, 16);
	assert_int_equal(nthash_make(STR("\xff"), out), E_BAD);
	memset(big, 'x', sizeof(big));
	assert_int_equal(nthash_make(str_n(big, PASSWORD_MAX), out), E_OK);
	assert_int_equal(nthash_make(str_n(big, PASSWORD_MAX + 1), out), E_TOOBIG);
}

static void slow_hash_verifies(void **state)
{
	char a[PWHASH_CAP], b[PWHASH_CAP];

	(void)state;
	assert_int_equal(pwhash_make(STR("correct horse"), a), E_OK);
	assert_int_equal(pwhash_make(STR("correct horse"), b), E_OK);
	assert_true(strncmp(a, "$argon2id$v=19$m=19456,t=2,p=1$", 31) == 0);
	assert_string_not_equal(a, b); /* each has its salt */
	assert_int_equal(pwhash_verify(str_of(a), STR("correct horse")), E_OK);
	assert_int_equal(pwhash_verify(str_of(a), STR("correct horsf")), E_AUTH);
	assert_int_equal(pwhash_verify(str_of(a), STR("")), E_AUTH);
	assert_int_equal(pwhash_verify_nobody(STR("correct horse")), E_AUTH);
	/* From the test vectors of the reference implementation. */
	assert_int_equal(pwhash_verify(STR("$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$"
					   "CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"),
				       STR("password")),
			 E_OK);
}

/* What comes out of a restored file must not take all memory. */
static void hostile_hashes_are_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"plain",
		"$argon2i$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=65536,t=9999,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=65536,t=2,p=64$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc",
		"$argon2id$v=19$m=65536,t=2,p=1",
		"$argon2id$v=19$m=65536,t=2,p=1$$",
	};
	struct str password = STR("password");

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (pwhash_verify(str_of(bad[i]), password) != E_BAD)
			fail_msg("%s", bad[i]);
}

static void policy(void **state)
{
	static const char *const bad[] = {
		"",
		"short",
		"123456789",
		"password123",
		"PASSWORD123",
		"aaaaaaaaaaaa",
		"abcabcabcabc",
		"12345678901234",
		"98765432109",
		"Bob.Smith",
		"bob.smith1",
		"1Bob.Smith!",
		"tab\tinside it",
		("\xff\xff\xff\xff\xff\xff\xff"
		 "\xff\xff\xff"),
		"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4",
		"qwertyuiop",
	};
	static const char *const good[] = { "tr0ub4dor&3x", "correct horse",
					    ("\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4"
					     "\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa4\xc3\xb6x"),
					    "bob.smith1234", "9f3kaLq2zz" };
	char big[PASSWORD_MAX + 1];
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		why = NULL;
		if (password_check(str_of(bad[i]), STR("bob.smith@example.com"), &why) !=
			    E_DENIED ||
		    why == NULL)
			fail_msg("%s", bad[i]);
	}
	why = NULL;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		if (password_check(str_of(good[i]), STR("bob.smith"), &why) != E_OK || why != NULL)
			fail_msg("%s", good[i]);
	for (size_t i = 0; i < sizeof(big); i++)
		big[i] = (char)('a' + rand_below(26));
	assert_int_equal(password_check(str_n(big, PASSWORD_MAX), STR("x"), &why), E_OK);
	assert_int_equal(password_check(str_n(big, PASSWORD_MAX + 1), STR("x"), &why), E_DENIED);
	assert_int_equal(password_check(STR("good enough 9"), STR(""), &why), E_OK);
}

static void made_passwords_pass(void **state)
{
	char a[PASSWORD_MADE_CAP], b[PASSWORD_MADE_CAP];
	const char *why;

	(void)state;
	for (int i = 0; i < 500; i++) {
		password_make(a);
		password_make(b);
		assert_int_equal(strlen(a), PASSWORD_MADE_LEN);
		assert_string_not_equal(a, b);
		assert_null(strpbrk(a, "0Oo1lIiv"));
		assert_int_equal(password_check(str_of(a), STR("alice"), &why), E_OK);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(nt_hash_vectors),
					    cmocka_unit_test(slow_hash_verifies),
					    cmocka_unit_test(hostile_hashes_are_refused),
					    cmocka_unit_test(policy),
					    cmocka_unit_test(made_passwords_pass) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
