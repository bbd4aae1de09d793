#include "crypto/x509_make.h"

#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509_der.h"
#include "crypto/x509_load.h"
#include "crypto/x509_write.h"

enum { PEM_CAP = 16 * 1024, CONSTRAINTS_MAX = 16 * 1024, DAY_S = 86400, HOUR_S = 3600 };

enum err x509_make_key(struct buf *pem_out)
{
	mbedtls_pk_context key;
	unsigned char pem[1024];
	int rc;

	mbedtls_pk_init(&key);
	rc = mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	if (rc == 0)
		rc = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), x509_rng,
					 NULL);
	if (rc == 0)
		rc = mbedtls_pk_write_key_pem(&key, pem, sizeof(pem));
	if (rc == 0)
		buf_addz(pem_out, (const char *)pem);
	mem_wipe(pem, sizeof(pem));
	mbedtls_pk_free(&key);
	return rc == 0 ? buf_err(pem_out) : E_INTERNAL;
}

static int sign(mbedtls_x509write_cert *w, struct buf *pem_out)
{
	unsigned char *pem = xmalloc(PEM_CAP);
	int rc = mbedtls_x509write_crt_pem(w, pem, PEM_CAP, x509_rng, NULL);

	if (rc == 0)
		buf_addz(pem_out, (const char *)pem);
	free(pem);
	return rc;
}

static enum err err_of(int rc)
{
	if (rc == 0)
		return E_OK;
	return rc == MBEDTLS_ERR_X509_BAD_INPUT_DATA || rc == MBEDTLS_ERR_X509_INVALID_NAME
		       ? E_BAD
		       : E_INTERNAL;
}

static bool is_below(struct str name, struct str domain)
{
	if (str_ieq(name, domain))
		return true;
	return name.len > domain.len && name.p[name.len - domain.len - 1] == '.' &&
	       str_ieq(str_sub(name, name.len - domain.len, name.len), domain);
}

static enum err constraints_of(const struct x509_ca_in *in, struct buf *out)
{
	unsigned char address[16];
	bool has_host = in->host.len == 0 || x509_address(in->host, address) != 0;
	struct buf subtrees;
	enum err e = in->domain_count > 0 ? E_OK : E_BAD;

	buf_init(&subtrees, CONSTRAINTS_MAX);
	for (size_t i = 0; i < in->domain_count && e == E_OK; i++) {
		e = x509_der_permit_name(&subtrees, in->domains[i]);
		has_host = has_host || is_below(in->host, in->domains[i]);
	}
	if (e == E_OK && !has_host)
		e = x509_der_permit_name(&subtrees, in->host);
	for (size_t i = 0; i < in->subnet_count && e == E_OK; i++)
		e = x509_der_permit_subnet(&subtrees, in->subnets[i]);
	if (e == E_OK) {
		x509_der_constraints(out, buf_str(&subtrees));
		e = buf_err(out);
	}
	buf_fini(&subtrees);
	return e;
}

static int write_ca(const struct x509_ca_in *in, mbedtls_pk_context *key, struct str constraints,
		    struct buf *pem_out)
{
	mbedtls_x509write_cert w;
	struct buf name;
	int rc;

	buf_init(&name, X509_NAME_CAP);
	x509_write_common_name(&name, in->name);
	mbedtls_x509write_crt_init(&w);
	mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&w, key);
	mbedtls_x509write_crt_set_issuer_key(&w, key);
	rc = buf_err(&name) == E_OK ? 0 : MBEDTLS_ERR_X509_BAD_INPUT_DATA;
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_subject_name(&w, name.p);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_issuer_name(&w, name.p);
	if (rc == 0)
		rc = x509_write_validity(&w, in->now_s - DAY_S,
					 in->now_s + (int64_t)X509_CA_DAYS * DAY_S);
	if (rc == 0)
		rc = x509_write_serial(&w);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_basic_constraints(&w, 1, 0);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_key_usage(&w, MBEDTLS_X509_KU_KEY_CERT_SIGN |
								     MBEDTLS_X509_KU_CRL_SIGN);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_subject_key_identifier(&w);
	/* RFC 5280 4.2.1.10 wants it critical, but Linphone's mbedTLS then refuses the whole certificate as one it does
	 * not understand.  Who understands the extension enforces it either way. */
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_extension(&w, "\x55\x1d\x1e", 3, 0,
							 (const unsigned char *)constraints.p,
							 constraints.len);
	if (rc == 0)
		rc = sign(&w, pem_out);
	mbedtls_x509write_crt_free(&w);
	buf_fini(&name);
	return rc;
}

enum err x509_make_ca(const struct x509_ca_in *in, struct buf *cert_pem_out)
{
	mbedtls_pk_context key;
	struct buf constraints;
	enum err e;

	mbedtls_pk_init(&key);
	buf_init(&constraints, CONSTRAINTS_MAX);
	e = in->name.len > 0 ? x509_load_key(in->key_pem, &key) : E_BAD;
	if (e == E_OK)
		e = constraints_of(in, &constraints);
	if (e == E_OK)
		e = err_of(write_ca(in, &key, buf_str(&constraints), cert_pem_out));
	buf_fini(&constraints);
	mbedtls_pk_free(&key);
	return e != E_OK ? e : buf_err(cert_pem_out);
}

/* The SANs of one certificate.  Invariant: san[0..count) point into text, each linked to the one before
 * it: mbedTLS writes DER from its end, so the last one is the head. */
struct sans {
	mbedtls_x509_san_list san[X509_NAMES_MAX];
	char text[X509_NAMES_MAX][256];
	size_t count;
};

static enum err add_san(struct sans *s, int type, struct str value)
{
	mbedtls_x509_san_list *san = &s->san[s->count];

	for (size_t i = 0; i < s->count; i++) {
		struct str have = str_n(s->text[i], s->san[i].node.san.unstructured_name.len);

		if (s->san[i].node.type == type &&
		    (type == MBEDTLS_X509_SAN_DNS_NAME ? str_ieq(value, have)
						       : str_eq(value, have)))
			return E_OK;
	}
	if (s->count == X509_NAMES_MAX)
		return E_TOOBIG;
	memcpy(s->text[s->count], value.p, value.len);
	san->node.type = type;
	san->node.san.unstructured_name.p = (unsigned char *)s->text[s->count];
	san->node.san.unstructured_name.len = value.len;
	san->next = s->count > 0 ? san - 1 : NULL;
	s->count++;
	return E_OK;
}

/* The host may be an address where there is no DNS. */
static enum err add_name(struct sans *s, struct str name)
{
	unsigned char address[16];
	size_t len = x509_address(name, address);

	if (len > 0)
		return add_san(s, MBEDTLS_X509_SAN_IP_ADDRESS, str_n(address, len));
	return x509_is_dns_name(name) ? add_san(s, MBEDTLS_X509_SAN_DNS_NAME, name) : E_BAD;
}

static enum err sans_of(const struct x509_server_in *in, struct sans *s)
{
	enum err e = add_name(s, in->host);

	for (size_t i = 0; i < in->name_count && e == E_OK; i++)
		e = add_name(s, in->names[i]);
	for (size_t i = 0; i < in->address_count && e == E_OK; i++) {
		unsigned char address[16];
		size_t len = x509_address(in->addresses[i], address);

		e = len == 0 ? E_BAD : add_san(s, MBEDTLS_X509_SAN_IP_ADDRESS, str_n(address, len));
	}
	return e;
}

struct signer {
	mbedtls_pk_context server_key, ca_key;
	mbedtls_x509_crt ca;
	bool has_ca;
	char issuer[X509_NAME_CAP]; /* as mbedTLS prints and reads it */
};

static int write_server(const struct x509_server_in *in, struct signer *s, struct sans *sans,
			struct buf *pem_out)
{
	mbedtls_x509write_cert w;
	struct buf name;
	int rc;

	buf_init(&name, X509_NAME_CAP);
	x509_write_common_name(&name, in->host);
	mbedtls_x509write_crt_init(&w);
	mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&w, &s->server_key);
	mbedtls_x509write_crt_set_issuer_key(&w, s->has_ca ? &s->ca_key : &s->server_key);
	rc = mbedtls_x509write_crt_set_subject_name(&w, name.p);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_issuer_name(&w, s->has_ca ? s->issuer : name.p);
	if (rc == 0)
		rc = x509_write_validity(&w, in->now_s - HOUR_S,
					 in->now_s - HOUR_S + (int64_t)X509_SERVER_DAYS * DAY_S);
	if (rc == 0)
		rc = x509_write_serial(&w);
	if (rc == 0)
		rc = x509_write_usage(&w, MBEDTLS_X509_KU_DIGITAL_SIGNATURE,
				      STR(MBEDTLS_OID_SERVER_AUTH));
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_subject_key_identifier(&w);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_authority_key_identifier(&w);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_subject_alternative_name(
			&w, &sans->san[sans->count - 1]);
	if (rc == 0)
		rc = sign(&w, pem_out);
	mbedtls_x509write_crt_free(&w);
	buf_fini(&name);
	return rc;
}

static enum err load_ca(const struct x509_server_in *in, struct signer *s)
{
	enum err e = x509_load_chain(in->ca_cert_pem, &s->ca);

	if (e == E_OK)
		e = x509_load_key(in->ca_key_pem, &s->ca_key);
	if (e == E_OK && mbedtls_pk_check_pair(&s->ca.pk, &s->ca_key, x509_rng, NULL) != 0)
		e = E_DENIED;
	if (e == E_OK && mbedtls_x509_dn_gets(s->issuer, sizeof(s->issuer), &s->ca.subject) < 0)
		e = E_BAD;
	return e;
}

enum err x509_make_server(const struct x509_server_in *in, struct buf *cert_pem_out)
{
	struct signer s = { .has_ca = in->ca_cert_pem.len > 0 };
	struct sans *sans = xcalloc(1, sizeof(*sans));
	enum err e;

	mbedtls_pk_init(&s.server_key);
	mbedtls_pk_init(&s.ca_key);
	mbedtls_x509_crt_init(&s.ca);
	e = sans_of(in, sans);
	if (e == E_OK)
		e = x509_load_key(in->key_pem, &s.server_key);
	if (e == E_OK && s.has_ca)
		e = load_ca(in, &s);
	if (e == E_OK)
		e = err_of(write_server(in, &s, sans, cert_pem_out));
	mbedtls_x509_crt_free(&s.ca);
	mbedtls_pk_free(&s.ca_key);
	mbedtls_pk_free(&s.server_key);
	free(sans);
	return e != E_OK ? e : buf_err(cert_pem_out);
}
