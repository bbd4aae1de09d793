#include "lync/dsk_cert.h"

#include <mbedtls/md.h>
#include <mbedtls/oid.h>
#include <mbedtls/x509_crt.h>
#include <mbedtls/x509_csr.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509_load.h"

enum { NAME_CAP = 512 };

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

static void print_time(int64_t unix_s, char out[16])
{
	time_t t = (time_t)unix_s;
	struct tm tm;

	gmtime_r(&t, &tm);
	(void)strftime(out, 16, "%Y%m%d%H%M%S", &tm);
}

static int set_usage(mbedtls_x509write_cert *w)
{
	static const char oid[] = MBEDTLS_OID_CLIENT_AUTH;
	unsigned char text[sizeof(oid)];
	mbedtls_asn1_sequence usage = {
		.buf = { .tag = MBEDTLS_ASN1_OID, .len = sizeof(oid) - 1, .p = text }
	};
	int rc;

	memcpy(text, oid, sizeof(oid));
	rc = mbedtls_x509write_crt_set_basic_constraints(w, 0, -1);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_key_usage(
			w, MBEDTLS_X509_KU_DIGITAL_SIGNATURE | MBEDTLS_X509_KU_KEY_ENCIPHERMENT);
	return rc != 0 ? rc : mbedtls_x509write_crt_set_ext_key_usage(w, &usage);
}

static enum err write_cert(const struct dsk_cert_in *in, mbedtls_x509_csr *csr,
			   mbedtls_x509_crt *ca, mbedtls_pk_context *ca_key, struct buf *der_out,
			   int64_t *not_after_s_out)
{
	unsigned char der[DSK_CERT_MAX], serial[16];
	char issuer[NAME_CAP], from[16], to[16],
		*name = xasprintf("CN=%.*s", STR_ARG(in->common_name));
	int64_t until_s = in->now_s + DSK_CERT_DAYS * 86400LL;
	mbedtls_x509write_cert w;
	int len = -1;

	(void)x509_rng(NULL, serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x7f) | 1);
	print_time(in->now_s - 3600, from);
	print_time(until_s, to);
	mbedtls_x509write_crt_init(&w);
	mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&w, &csr->pk);
	mbedtls_x509write_crt_set_issuer_key(&w, ca_key);
	if (mbedtls_x509_dn_gets(issuer, sizeof(issuer), &ca->subject) > 0 &&
	    mbedtls_x509write_crt_set_subject_name(&w, name) == 0 &&
	    mbedtls_x509write_crt_set_issuer_name(&w, issuer) == 0 &&
	    mbedtls_x509write_crt_set_serial_raw(&w, serial, sizeof(serial)) == 0 &&
	    mbedtls_x509write_crt_set_validity(&w, from, to) == 0 && set_usage(&w) == 0)
		len = mbedtls_x509write_crt_der(&w, der, sizeof(der), x509_rng, NULL);
	mbedtls_x509write_crt_free(&w);
	free(name);
	if (len <= 0)
		return E_INTERNAL;
	buf_add(der_out, str_n(der + sizeof(der) - (size_t)len, (size_t)len));
	*not_after_s_out = until_s;
	return buf_err(der_out);
}

enum err dsk_cert_make(const struct dsk_cert_in *in, struct buf *der_out, int64_t *not_after_s_out)
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
		err = write_cert(in, &csr, &ca, &ca_key, der_out, not_after_s_out);
	mbedtls_pk_free(&ca_key);
	mbedtls_x509_crt_free(&ca);
	mbedtls_x509_csr_free(&csr);
	return err;
}
