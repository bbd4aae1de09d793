#include "lync/dsk_rsa.h"

#include <mbedtls/asn1write.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/x509_load.h"
#include "crypto/x509_write.h"

enum { KEY_BITS = 2048, PEM_CAP = 4096, CERT_DAYS = 3650 };

struct dsk_key {
	mbedtls_pk_context pk;
	unsigned char der[DSK_CERT_MAX];
	size_t der_len;
};

enum err dsk_key_make(struct buf *pem_out)
{
	unsigned char pem[PEM_CAP];
	mbedtls_pk_context pk;
	enum err err = E_INTERNAL;

	mbedtls_pk_init(&pk);
	if (mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_RSA)) == 0 &&
	    mbedtls_rsa_gen_key(mbedtls_pk_rsa(pk), x509_rng, NULL, KEY_BITS, 65537) == 0 &&
	    mbedtls_pk_write_key_pem(&pk, pem, sizeof(pem)) == 0) {
		buf_addz(pem_out, (const char *)pem);
		err = buf_err(pem_out);
	}
	mbedtls_pk_free(&pk);
	mem_wipe(pem, sizeof(pem));
	return err;
}

static enum err make_cert(struct dsk_key *k, struct str common_name, int64_t now_s)
{
	mbedtls_x509write_cert w;
	struct buf name, der;
	int rc;

	buf_init(&name, X509_NAME_CAP);
	buf_init(&der, sizeof(k->der));
	x509_write_common_name(&name, common_name);
	mbedtls_x509write_crt_init(&w);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&w, &k->pk);
	mbedtls_x509write_crt_set_issuer_key(&w, &k->pk);
	rc = mbedtls_x509write_crt_set_subject_name(&w, name.p);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_issuer_name(&w, name.p);
	if (rc == 0)
		rc = x509_write_serial(&w);
	if (rc == 0)
		rc = x509_write_validity(&w, now_s - 86400, now_s + (int64_t)CERT_DAYS * 86400);
	if (rc == 0)
		rc = x509_write_der(&w, &der);
	mbedtls_x509write_crt_free(&w);
	if (rc == 0 && buf_err(&der) == E_OK) {
		k->der_len = der.len;
		memcpy(k->der, der.p, der.len);
	} else {
		rc = -1;
	}
	buf_fini(&name);
	buf_fini(&der);
	return rc == 0 ? E_OK : E_BAD;
}

enum err dsk_key_load(struct str pem, struct str common_name, int64_t now_s, struct dsk_key **out)
{
	struct dsk_key *k = xcalloc(1, sizeof(*k));
	char *text = str_z(pem);
	enum err err = E_BAD;

	mbedtls_pk_init(&k->pk);
	if (mbedtls_pk_parse_key(&k->pk, (const unsigned char *)text, pem.len + 1, NULL, 0,
				 x509_rng, NULL) == 0 &&
	    mbedtls_pk_get_type(&k->pk) == MBEDTLS_PK_RSA &&
	    mbedtls_pk_get_len(&k->pk) <= DSK_RSA_MAX)
		err = make_cert(k, common_name, now_s);
	mem_wipe(text, pem.len);
	free(text);
	if (err != E_OK)
		dsk_key_free(&k);
	else
		*out = k;
	return err;
}

void dsk_key_free(struct dsk_key **kp)
{
	if (*kp == NULL)
		return;
	mbedtls_pk_free(&(*kp)->pk);
	free(*kp);
	*kp = NULL;
}

struct str dsk_key_cert_der(const struct dsk_key *k)
{
	return str_n(k->der, k->der_len);
}

/* A bad padding, length or version must cost and look the same as a good one (RFC 2246 7.4.7.1), so
 * the answer is a random secret and the handshake fails at Finished. */
static void open_premaster(struct dsk_rsa *r)
{
	unsigned char plain[DSK_RSA_MAX], fake[DSK_PREMASTER_LEN];
	size_t len = 0;
	unsigned bad;
	int rc;

	(void)x509_rng(NULL, fake, sizeof(fake));
	memset(plain, 0, sizeof(plain));
	rc = mbedtls_rsa_pkcs1_decrypt(mbedtls_pk_rsa(r->key->pk), x509_rng, NULL, &len, r->sealed,
				       plain, sizeof(plain));
	bad = (unsigned)(rc != 0) | (unsigned)(len != DSK_PREMASTER_LEN) |
	      (unsigned)(plain[0] ^ r->hello_version[0]) |
	      (unsigned)(plain[1] ^ r->hello_version[1]);
	bad = (unsigned)-(int)(bad != 0);
	for (size_t i = 0; i < DSK_PREMASTER_LEN; i++)
		r->premaster[i] = (unsigned char)((fake[i] & bad) | (plain[i] & ~bad));
	mem_wipe(plain, sizeof(plain));
	mem_wipe(fake, sizeof(fake));
}

static bool check_signature(const struct dsk_rsa *r)
{
	mbedtls_x509_crt crt;
	bool ok = false;

	mbedtls_x509_crt_init(&crt);
	if (mbedtls_x509_crt_parse_der(&crt, r->cert, r->cert_len) == 0 &&
	    mbedtls_pk_get_type(&crt.pk) == MBEDTLS_PK_RSA &&
	    mbedtls_pk_get_len(&crt.pk) == r->signature_len)
		ok = mbedtls_rsa_pkcs1_verify(mbedtls_pk_rsa(crt.pk), MBEDTLS_MD_NONE,
					      DSK_TRANSCRIPT_HASH_LEN, r->transcript_hash,
					      r->signature) == 0;
	mbedtls_x509_crt_free(&crt);
	return ok;
}

void dsk_rsa_run(struct dsk_rsa *r)
{
	if (r->sealed_len == mbedtls_pk_get_len(&r->key->pk))
		open_premaster(r);
	else
		(void)x509_rng(NULL, r->premaster, sizeof(r->premaster));
	r->is_signature_right = check_signature(r);
}
