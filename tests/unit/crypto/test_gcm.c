#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>
#include <mbedtls/gcm.h>

#include "crypto/digest.h"

enum { TEXT = 60, AAD = 20, TAG = 16, IV = 12 };

static unsigned char iv[IV], aad[AAD], plain[TEXT];

static void unhex(const char *hex, unsigned char *out)
{
	assert_int_equal(digest_unhex(str_of(hex), out, strlen(hex) / 2), E_OK);
}

/* McGrew and Viega, "The Galois/Counter Mode of Operation", test cases 4, 10 and 16. */
static const struct {
	unsigned bits;
	const char *cipher, *tag;
} cases[] = {
	{ 128,
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa051ba30b396a0a"
	  "ac973d58e091",
	  "5bc94fbc3221a5db94fae95ae7121a47" },
	{ 192,
	  "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c7d773d00c144c525ac619d18c84a3f4718e2448b2fe3"
	  "24d9ccda2710",
	  "2519498e80f1478f37ba55bd6d27618c" },
	{ 256,
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba"
	  "7a0abcc9f662",
	  "76fc6ece0f4e1768cddf8853bb2d551b" },
};

static void set_up(mbedtls_gcm_context *g, unsigned bits)
{
	unsigned char key[32];

	unhex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", key);
	unhex("cafebabefacedbaddecaf888", iv);
	unhex("feedfacedeadbeeffeedfacedeadbeefabaddad2", aad);
	unhex("d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b525b16aedf5aa"
	      "0de657ba637b39",
	      plain);
	mbedtls_gcm_init(g);
	assert_int_equal(mbedtls_gcm_setkey(g, MBEDTLS_CIPHER_ID_AES, key, bits), 0);
}

static void known_answers(void **state)
{
	unsigned char want[TEXT], want_tag[TAG], bytes[TEXT], tag[TAG];
	mbedtls_gcm_context g;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_up(&g, cases[i].bits);
		unhex(cases[i].cipher, want);
		unhex(cases[i].tag, want_tag);
		memcpy(bytes, plain, TEXT); /* in place, as records are */
		assert_int_equal(mbedtls_gcm_crypt_and_tag(&g, MBEDTLS_GCM_ENCRYPT, TEXT, iv, IV,
							   aad, AAD, bytes, bytes, TAG, tag),
				 0);
		assert_memory_equal(bytes, want, TEXT);
		assert_memory_equal(tag, want_tag, TAG);
		assert_int_equal(mbedtls_gcm_auth_decrypt(&g, TEXT, iv, IV, aad, AAD, tag, TAG,
							  bytes, bytes),
				 0);
		assert_memory_equal(bytes, plain, TEXT);
		mbedtls_gcm_free(&g);
	}
}

static void any_changed_bit_is_found(void **state)
{
	static const unsigned char none[TEXT];
	unsigned char sealed[TEXT], bytes[TEXT], tag[TAG];
	mbedtls_gcm_context g;

	(void)state;
	set_up(&g, 128);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&g, MBEDTLS_GCM_ENCRYPT, TEXT, iv, IV, aad, AAD,
						   plain, sealed, TAG, tag),
			 0);
	for (size_t bit = 0; bit < 8 * (TEXT + TAG + AAD + IV); bit++) {
		size_t at = bit / 8;
		unsigned char *p = at < TEXT		   ? &sealed[at]
				   : at < TEXT + TAG	   ? &tag[at - TEXT]
				   : at < TEXT + TAG + AAD ? &aad[at - TEXT - TAG]
							   : &iv[at - TEXT - TAG - AAD];

		*p ^= (unsigned char)(1u << bit % 8);
		assert_int_equal(mbedtls_gcm_auth_decrypt(&g, TEXT, iv, IV, aad, AAD, tag, TAG,
							  sealed, bytes),
				 MBEDTLS_ERR_GCM_AUTH_FAILED);
		assert_memory_equal(bytes, none, TEXT);
		*p ^= (unsigned char)(1u << bit % 8);
	}
	assert_int_equal(
		mbedtls_gcm_auth_decrypt(&g, TEXT, iv, IV, aad, AAD, tag, TAG, sealed, bytes), 0);
	mbedtls_gcm_free(&g);
}

static void parts_are_the_whole(void **state)
{
	unsigned char whole[TEXT], whole_tag[TAG], bytes[TEXT], tag[TAG];
	mbedtls_gcm_context g;
	size_t n;

	(void)state;
	set_up(&g, 256);
	for (size_t len = 0; len <= TEXT; len++) {
		size_t half = len / 32 * 16;

		assert_int_equal(mbedtls_gcm_crypt_and_tag(&g, MBEDTLS_GCM_ENCRYPT, len, iv, IV,
							   aad, AAD, plain, whole, TAG, whole_tag),
				 0);
		assert_int_equal(mbedtls_gcm_starts(&g, MBEDTLS_GCM_ENCRYPT, iv, IV), 0);
		assert_int_equal(mbedtls_gcm_update_ad(&g, aad, AAD), 0);
		assert_int_equal(mbedtls_gcm_update(&g, plain, half, bytes, TEXT, &n), 0);
		assert_int_equal(n, half);
		assert_int_equal(mbedtls_gcm_update(&g, plain + half, len - half, bytes + half,
						    TEXT - half, &n),
				 0);
		assert_int_equal(mbedtls_gcm_finish(&g, NULL, 0, &n, tag, TAG), 0);
		assert_memory_equal(bytes, whole, len);
		assert_memory_equal(tag, whole_tag, TAG);
	}
	assert_int_equal(mbedtls_gcm_starts(&g, MBEDTLS_GCM_ENCRYPT, iv, IV), 0);
	assert_int_equal(mbedtls_gcm_update(&g, plain, 5, bytes, TEXT, &n), 0);
	assert_int_equal(mbedtls_gcm_update(&g, plain, 5, bytes, TEXT, &n),
			 MBEDTLS_ERR_GCM_BAD_INPUT);
	mbedtls_gcm_free(&g);
}

static void what_cannot_be_is_refused(void **state)
{
	unsigned char key[32] = { 0 }, tag[TAG];
	mbedtls_gcm_context g;
	size_t n;

	(void)state;
	mbedtls_gcm_init(&g);
	assert_int_equal(mbedtls_gcm_starts(&g, MBEDTLS_GCM_ENCRYPT, iv, IV),
			 MBEDTLS_ERR_GCM_BAD_INPUT); /* no key */
	assert_int_equal(mbedtls_gcm_setkey(&g, MBEDTLS_CIPHER_ID_AES, key, 64),
			 MBEDTLS_ERR_GCM_BAD_INPUT);
	assert_int_equal(mbedtls_gcm_setkey(&g, MBEDTLS_CIPHER_ID_DES, key, 128),
			 MBEDTLS_ERR_GCM_BAD_INPUT);
	set_up(&g, 128);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&g, MBEDTLS_GCM_ENCRYPT, 0, iv, 0, aad, AAD,
						   plain, NULL, TAG, tag),
			 MBEDTLS_ERR_GCM_BAD_INPUT);
	assert_int_equal(mbedtls_gcm_crypt_and_tag(&g, MBEDTLS_GCM_ENCRYPT, 0, iv, IV, aad, AAD,
						   plain, NULL, 3, tag),
			 MBEDTLS_ERR_GCM_BAD_INPUT);
	assert_int_equal(mbedtls_gcm_starts(&g, MBEDTLS_GCM_ENCRYPT, iv, IV), 0);
	assert_int_equal(mbedtls_gcm_update(&g, plain, 16, key, 15, &n),
			 MBEDTLS_ERR_GCM_BUFFER_TOO_SMALL);
	mbedtls_gcm_free(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_answers),
		cmocka_unit_test(any_changed_bit_is_found),
		cmocka_unit_test(parts_are_the_whole),
		cmocka_unit_test(what_cannot_be_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
