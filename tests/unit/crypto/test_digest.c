#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "crypto/digest.h"

static void is_hex(const unsigned char *bytes, size_t len, const char *hex)
{
	char text[2 * DIGEST_MAX + 1];

	digest_hex(bytes, len, text);
	assert_string_equal(text, hex);
}

/* RFC 1321 A.5, RFC 3174 7.3, FIPS 180-2 appendix B. */
static void hash_vectors(void **state)
{
	static const struct {
		enum digest_alg alg;
		const char *text, *hex;
	} cases[] = {
		{ DIGEST_MD5, "", "d41d8cd98f00b204e9800998ecf8427e" },
		{ DIGEST_MD5, "abc", "900150983cd24fb0d6963f7d28e17f72" },
		{ DIGEST_MD5, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
		  "d174ab98d277d9f5a5611c2c9f419d9f" },
		{ DIGEST_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ DIGEST_SHA256, "abc",
		  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" },
		{ DIGEST_SHA256, "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1" },
		{ DIGEST_SHA256, "",
		  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" },
	};
	unsigned char out[DIGEST_MAX];

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		digest_one(cases[i].alg, str_of(cases[i].text), out);
		is_hex(out, digest_len(cases[i].alg), cases[i].hex);
	}
	digest_md5(STR_NULL, out);
	is_hex(out, DIGEST_MD5_LEN, cases[0].hex);
}

/* RFC 2202 (MD5 and SHA-1 case 2), RFC 4231 (cases 1, 2 and 6). */
static void hmac_vectors(void **state)
{
	unsigned char out[DIGEST_MAX], key[131];

	(void)state;
	memset(key, 0x0b, 20);
	digest_hmac(DIGEST_SHA256, str_n(key, 20), STR("Hi There"), out);
	is_hex(out, 32, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
	digest_hmac(DIGEST_SHA256, STR("Jefe"), STR("what do ya want for nothing?"), out);
	is_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
	memset(key, 0xaa, sizeof(key));
	digest_hmac(DIGEST_SHA256, str_n(key, sizeof(key)),
		    STR("Test Using Larger Than Block-Size Key - Hash Key First"), out);
	is_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
	digest_hmac(DIGEST_MD5, STR("Jefe"), STR("what do ya want for nothing?"), out);
	is_hex(out, 16, "750c783e6ab0b503eaa86e310a5db738");
	digest_hmac(DIGEST_SHA1, STR("Jefe"), STR("what do ya want for nothing?"), out);
	is_hex(out, 20, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
}

static void parts_equal_the_whole(void **state)
{
	const struct str parts[] = { STR("what do ya "), STR(""), STR_NULL,
				     STR("want for nothing?") };
	unsigned char whole[DIGEST_MAX], out[DIGEST_MAX];

	(void)state;
	digest_sha256(STR("what do ya want for nothing?"), whole);
	digest_parts(DIGEST_SHA256, parts, 4, out);
	assert_memory_equal(out, whole, 32);
	digest_hmac(DIGEST_MD5, STR("k"), STR("what do ya want for nothing?"), whole);
	digest_hmac_parts(DIGEST_MD5, STR("k"), parts, 4, out);
	assert_memory_equal(out, whole, 16);
	digest_parts(DIGEST_SHA1, NULL, 0, out);
	is_hex(out, 20, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

static void hex_comes_back(void **state)
{
	unsigned char out[4] = { 9, 9, 9, 9 };

	(void)state;
	assert_int_equal(digest_unhex(STR("00fFA07e"), out, 4), E_OK);
	assert_memory_equal(out, "\x00\xff\xa0\x7e", 4);
	assert_int_equal(digest_unhex(STR("00ffa07"), out, 4), E_BAD);
	assert_int_equal(digest_unhex(STR("00ffa07e00"), out, 4), E_BAD);
	assert_int_equal(digest_unhex(STR("11ffa07g"), out, 4), E_BAD);
	assert_memory_equal(out, "\x00\xff\xa0\x7e", 4); /* untouched */
	assert_int_equal(digest_unhex(STR(""), out, 0), E_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(hash_vectors),
					    cmocka_unit_test(hmac_vectors),
					    cmocka_unit_test(parts_equal_the_whole),
					    cmocka_unit_test(hex_comes_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
