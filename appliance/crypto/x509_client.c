#include "crypto/x509_client.h"

#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>

#include "base/limits.h"
#include "crypto/x509_load.h"
#include "crypto/x509_write.h"

/* The request is signed by the key it asks for, which is all that can be proven (RFC 2986 3). */
static enum err check_request(mbedtls_x509_csr *csr)
{
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(csr->MBEDTLS_PRIVATE(sig_md));
	unsigned char hash[MBEDTLS_MD_MAX_SIZE];
	size_t bits = mbedtls_pk_get_bitlen(&csr->pk);

	if (mbedtls_pk_get_type(&csr->pk) != MBEDTLS_PK_RSA || bits < 2048 || bits > 4096)
		return E_UNSUPPORTED;
	if (md == NULL || mbedtls_md(md, csr->cri.p, csr->cri.len, hash) != 0 ||
	    mbedtls_pk_verify(&csr->pk, csr->MBEDTLS_PRIVATE(sig_md), hash, mbedtls_md_get_size(md),
			      csr->MBEDTLS_PRIVATE(sig).p, csr->MBEDTLS_PRIVATE(sig).len) != 0)
		return E_BAD;
	return E_OK;
}

static int write_cert(const struct x509_client_in *in, mbedtls_x509_csr *csr, mbedtls_x509_crt *ca,
		      mbedtls_pk_context *ca_key, struct buf *der_out, int64_t *not_after_s_out)
{
	const unsigned usage = MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_ENCIPHERMENT;
	int64_t until_s = in->now_s + X509_CLIENT_DAYS * 86400LL;
	char issuer[X509_NAME_CAP];
	mbedtls_x509write_cert w;
	struct buf name;
	int rc;

	buf_init(&name, X509_NAME_CAP);
	x509_write_common_name(&name, in->common_name);
	mbedtls_x509write_crt_init(&w);
	mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&w, &csr->pk);
	mbedtls_x509write_crt_set_issuer_key(&w, ca_key);
	rc = mbedtls_x509_dn_gets(issuer, sizeof(issuer), &ca->subject) > 0 ? 0 : -1;
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_subject_name(&w, name.p);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_issuer_name(&w, issuer);
	if (rc == 0)
		rc = x509_write_serial(&w);
	if (rc == 0)
		rc = x509_write_validity(&w, in->now_s - 3600, until_s);
	if (rc == 0)
		rc = x509_write_usage(&w, usage, STR(MBEDTLS_OID_CLIENT_AUTH));
	if (rc == 0)
		rc = x509_write_der(&w, der_out);
	mbedtls_x509write_crt_free(&w);
	buf_fini(&name);
	*not_after_s_out = until_s;
	return rc;
}

enum err x509_make_client(const struct x509_client_in *in, struct buf *der_out,
			  int64_t *not_after_s_out)
{
	mbedtls_x509_csr csr;
	mbedtls_x509_crt ca;
	mbedtls_pk_context ca_key;
	enum err err = E_BAD;

	mbedtls_x509_csr_init(&csr);
	mbedtls_x509_crt_init(&ca);
	mbedtls_pk_init(&ca_key);
	if (mbedtls_x509_csr_parse_der(&csr, (const unsigned char *)in->csr_der.p,
				       in->csr_der.len) == 0)
		err = check_request(&csr);
	if (err == E_OK)
		err = x509_load_chain(in->ca_cert_pem, &ca);
	if (err == E_OK)
		err = x509_load_key(in->ca_key_pem, &ca_key);
	if (err == E_OK)
		err = write_cert(in, &csr, &ca, &ca_key, der_out, not_after_s_out) == 0
			      ? buf_err(der_out)
			      : E_INTERNAL;
	mbedtls_pk_free(&ca_key);
	mbedtls_x509_crt_free(&ca);
	mbedtls_x509_csr_free(&csr);
	return err;
}
