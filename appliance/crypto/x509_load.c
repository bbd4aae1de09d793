#include "crypto/x509_load.h"

#include <stdlib.h>
#include <string.h>
#include <mbedtls/error.h>
#include <mbedtls/oid.h>
#include <mbedtls/pem.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"

/* id-ce-nameConstraints, 2.5.29.30 */
static const unsigned char oid_name_constraints[] = { 0x55, 0x1d, 0x1e };

int x509_rng(void *ctx, unsigned char *p, size_t n)
{
	(void)ctx;
	rand_bytes(p, n);
	return 0;
}

bool x509_pem_next(struct str *rest, struct str *label, struct str *block)
{
	const struct str begin = STR("-----BEGIN "), dashes = STR("-----");
	struct str s = str_sub(*rest, str_search(*rest, begin), rest->len), body;
	char end[80];
	size_t at;
	int n;

	if (s.len < begin.len)
		return false;
	*label = str_sub(s, begin.len, s.len);
	*label = str_sub(*label, 0, str_search(*label, dashes));
	if (label->len > 40)
		return false;
	n = snprintf(end, sizeof(end), "-----END %.*s-----", STR_ARG(*label));
	body = str_sub(s, begin.len, s.len);
	at = str_search(body, str_n(end, (size_t)n));
	if (at == body.len)
		return false;
	*block = str_sub(s, 0, begin.len + at + (size_t)n);
	*rest = str_sub(s, block->len, s.len);
	return true;
}

bool x509_pem_is_key(struct str label)
{
	return str_ends(label, STR("PRIVATE KEY"));
}

static int on_extension(void *ctx, const mbedtls_x509_crt *crt, const mbedtls_x509_buf *oid,
			int critical, const unsigned char *p, const unsigned char *end)
{
	(void)ctx;
	(void)crt;
	(void)critical;
	(void)p;
	(void)end;
	return str_eq(str_n(oid->p, oid->len),
		      str_n(oid_name_constraints, sizeof(oid_name_constraints)))
		       ? 0
		       : MBEDTLS_ERR_X509_FEATURE_UNAVAILABLE;
}

enum err x509_load_one(struct str block, mbedtls_x509_crt *crt)
{
	mbedtls_pem_context pem;
	char *text = str_z(block);
	size_t used, len;
	int rc;

	mbedtls_pem_init(&pem);
	rc = mbedtls_pem_read_buffer(&pem, "-----BEGIN CERTIFICATE-----",
				     "-----END CERTIFICATE-----", (const unsigned char *)text, NULL,
				     0, &used);
	if (rc == 0) {
		const unsigned char *der = mbedtls_pem_get_buffer(&pem, &len);

		rc = mbedtls_x509_crt_parse_der_with_ext_cb(crt, der, len, 1, on_extension, NULL);
	}
	mbedtls_pem_free(&pem);
	free(text);
	return rc == 0 ? E_OK : E_BAD;
}

enum err x509_load_chain(struct str pem, mbedtls_x509_crt *chain)
{
	struct str rest = pem, label, block;
	size_t count = 0;

	if (pem.len > X509_PEM_MAX)
		return E_TOOBIG;
	while (x509_pem_next(&rest, &label, &block)) {
		enum err e;

		if (!str_eqz(label, "CERTIFICATE"))
			continue;
		if (count++ == X509_CHAIN_MAX)
			return E_TOOBIG;
		e = x509_load_one(block, chain);
		if (e != E_OK)
			return e;
	}
	return count > 0 ? E_OK : E_BAD;
}

static enum err parse_key(struct str block, mbedtls_pk_context *key)
{
	char *text = str_z(block);
	int rc = mbedtls_pk_parse_key(key, (const unsigned char *)text, block.len + 1, NULL, 0,
				      x509_rng, NULL);

	mem_wipe(text, block.len);
	free(text);
	if (rc == 0)
		return E_OK;
	return rc == MBEDTLS_ERR_PK_PASSWORD_REQUIRED || rc == MBEDTLS_ERR_PK_PASSWORD_MISMATCH
		       ? E_UNSUPPORTED
		       : E_BAD;
}

enum err x509_load_key(struct str pem, mbedtls_pk_context *key)
{
	struct str rest = pem, label, block;

	if (pem.len > X509_PEM_MAX)
		return E_TOOBIG;
	while (x509_pem_next(&rest, &label, &block)) {
		if (str_eqz(label, "ENCRYPTED PRIVATE KEY"))
			return E_UNSUPPORTED;
		if (x509_pem_is_key(label))
			return parse_key(block, key);
	}
	return E_NOTFOUND;
}
