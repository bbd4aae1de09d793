#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mbedtls/ecp.h>
#include <mbedtls/rsa.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509_load.h"
#include "crypto/x509_make.h"
#include "crypto/x509_client.h"

enum { NOW_S = 1795000000 };

static struct buf ca_cert, ca_key, csr;

static void make_csr(mbedtls_pk_context *key, struct buf *out)
{
	unsigned char der[4096];
	mbedtls_x509write_csr w;
	int n;

	mbedtls_x509write_csr_init(&w);
	mbedtls_x509write_csr_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_csr_set_key(&w, key);
	assert_int_equal(mbedtls_x509write_csr_set_subject_name(&w, "CN=somebody else"), 0);
	n = mbedtls_x509write_csr_der(&w, der, sizeof(der), x509_rng, NULL);
	assert_true(n > 0);
	buf_init(out, 8192);
	buf_add(out, str_n(der + sizeof(der) - n, (size_t)n));
	mbedtls_x509write_csr_free(&w);
}

static int setup(void **state)
{
	const struct str domain = STR("contoso.example");
	mbedtls_pk_context key;

	(void)state;
	buf_init(&ca_key, X509_PEM_MAX);
	buf_init(&ca_cert, X509_PEM_MAX);
	assert_int_equal(x509_make_key(&ca_key), E_OK);
	assert_int_equal(x509_make_ca(&(struct x509_ca_in){ .name = STR("Test CA"),
							    .key_pem = buf_str(&ca_key),
							    .domains = &domain,
							    .domain_count = 1,
							    .host = domain,
							    .now_s = NOW_S },
				      &ca_cert),
			 E_OK);
	mbedtls_pk_init(&key);
	assert_int_equal(mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)), 0);
	assert_int_equal(mbedtls_rsa_gen_key(mbedtls_pk_rsa(key), x509_rng, NULL, 2048, 65537), 0);
	make_csr(&key, &csr);
	mbedtls_pk_free(&key);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&ca_key);
	buf_fini(&ca_cert);
	buf_fini(&csr);
	return 0;
}

static enum err make(struct str request, struct buf *der, int64_t *not_after_s)
{
	struct x509_client_in in = { .csr_der = request,
				     .common_name = STR("alice@contoso.example"),
				     .ca_cert_pem = buf_str(&ca_cert),
				     .ca_key_pem = buf_str(&ca_key),
				     .now_s = NOW_S };

	buf_init(der, DSK_CERT_MAX);
	return x509_make_client(&in, der, not_after_s);
}

static void it_is_ours_and_names_the_account(void **state)
{
	mbedtls_x509_crt crt;
	int64_t not_after_s;
	char name[200];
	struct buf der;

	(void)state;
	assert_int_equal(make(buf_str(&csr), &der, &not_after_s), E_OK);
	assert_int_equal(not_after_s, NOW_S + X509_CLIENT_DAYS * 86400LL);
	mbedtls_x509_crt_init(&crt);
	assert_int_equal(mbedtls_x509_crt_parse_der(&crt, (const unsigned char *)der.p, der.len),
			 0);
	assert_true(mbedtls_x509_dn_gets(name, sizeof(name), &crt.subject) > 0);
	assert_string_equal(name,
			    "CN=alice@contoso.example"); /* not what the request called itself */
	assert_true(mbedtls_x509_dn_gets(name, sizeof(name), &crt.issuer) > 0);
	assert_string_equal(name, "CN=Test CA");
	assert_int_equal(crt.MBEDTLS_PRIVATE(ca_istrue), 0);
	assert_int_equal(mbedtls_x509_crt_check_extended_key_usage(
				 &crt, "\x2b\x06\x01\x05\x05\x07\x03\x02", 8),
			 0);
	mbedtls_x509_crt_free(&crt);
	buf_fini(&der);
}

static void a_request_that_is_not_sound(void **state)
{
	struct buf der, bent;
	int64_t not_after_s;

	(void)state;
	for (size_t n = 0; n < csr.len; n += 7) {
		assert_int_equal(make(str_sub(buf_str(&csr), 0, n), &der, &not_after_s), E_BAD);
		buf_fini(&der);
	}
	buf_init(&bent, 8192);
	buf_add(&bent, buf_str(&csr));
	bent.p[bent.len - 9] ^= 1; /* in the signature */
	assert_int_equal(make(buf_str(&bent), &der, &not_after_s), E_BAD);
	buf_fini(&der);
	buf_fini(&bent);
}

static void other_keys_are_not_taken(void **state)
{
	mbedtls_pk_context key;
	struct buf request, der;
	int64_t not_after_s;

	(void)state;
	mbedtls_pk_init(&key);
	assert_int_equal(mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), 0);
	assert_int_equal(
		mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), x509_rng, NULL),
		0);
	make_csr(&key, &request);
	assert_int_equal(make(buf_str(&request), &der, &not_after_s), E_UNSUPPORTED);
	buf_fini(&der);
	buf_fini(&request);
	mbedtls_pk_free(&key);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_ours_and_names_the_account),
		cmocka_unit_test(a_request_that_is_not_sound),
		cmocka_unit_test(other_keys_are_not_taken),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
