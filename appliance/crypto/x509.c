#include "crypto/x509.h"

#include <arpa/inet.h>
#include <mbedtls/asn1.h>
#include <mbedtls/oid.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "crypto/x509_der.h"
#include "crypto/x509_load.h"

enum { TAG_DNS = 2, TAG_IP = 7, DN_TEXT_CAP = 1024, ADDRESS_CAP = INET6_ADDRSTRLEN };

/* Whoever made the certificate chose these bytes, and they end up on a page and in the log. */
static struct str dup_printable(const void *p, size_t len)
{
	struct str s = str_n(p, len);
	char *out = str_z(s);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)out[i] < 0x20 || (unsigned char)out[i] >= 0x7f)
			out[i] = '?';
	return str_n(out, len);
}

static struct str dup_name(const mbedtls_x509_name *name)
{
	char text[DN_TEXT_CAP];
	int n = mbedtls_x509_dn_gets(text, sizeof(text), name);

	return n < 0 ? str_dup(STR("?")) : str_dup(str_n(text, (size_t)n));
}

static struct str dup_common_name(const mbedtls_x509_name *name)
{
	const struct str cn = STR(MBEDTLS_OID_AT_CN);

	for (; name != NULL; name = name->next)
		if (str_eq(str_n(name->oid.p, name->oid.len), cn))
			return dup_printable(name->val.p, name->val.len);
	return str_dup(STR(""));
}

static struct str dup_address(const unsigned char *p, size_t len)
{
	char text[ADDRESS_CAP];

	if (inet_ntop(len == 4 ? AF_INET : AF_INET6, p, text, sizeof(text)) == NULL)
		return str_dup(STR("?"));
	return str_dup(str_of(text));
}

static void read_sans(const mbedtls_x509_crt *crt, struct x509_info *i)
{
	size_t count = 0;

	for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s != NULL; s = s->next)
		count++;
	i->dns = xcalloc(count, sizeof(*i->dns));
	i->ip = xcalloc(count, sizeof(*i->ip));
	for (const mbedtls_x509_sequence *s = &crt->subject_alt_names; s != NULL; s = s->next) {
		int tag = s->buf.tag & MBEDTLS_ASN1_TAG_VALUE_MASK;

		if (s->buf.p == NULL)
			continue; /* there is no such extension */
		if (tag == TAG_DNS)
			i->dns[i->dns_count++] = dup_printable(s->buf.p, s->buf.len);
		else if (tag == TAG_IP && (s->buf.len == 4 || s->buf.len == 16))
			i->ip[i->ip_count++] = dup_address(s->buf.p, s->buf.len);
	}
}

static int64_t unix_of(const mbedtls_x509_time *t)
{
	struct tm tm = { .tm_year = t->year - 1900,
			 .tm_mon = t->mon - 1,
			 .tm_mday = t->day,
			 .tm_hour = t->hour,
			 .tm_min = t->min,
			 .tm_sec = t->sec };

	return (int64_t)timegm(&tm);
}

/* Upper-case hex, with colons or without; cut at cap. */
static void hex_text(const unsigned char *p, size_t len, const char *between, char *out, size_t cap)
{
	size_t n = 0;

	out[0] = '\0';
	for (size_t i = 0; i < len && n + 4 < cap; i++)
		n += (size_t)snprintf(out + n, cap - n, "%s%02X", i == 0 ? "" : between, p[i]);
}

static void fill(const mbedtls_x509_crt *crt, struct x509_info *i)
{
	unsigned char hash[DIGEST_SHA256_LEN];
	const unsigned char *serial = crt->serial.p;
	size_t serial_len = crt->serial.len;

	i->subject = dup_name(&crt->subject);
	i->issuer = dup_name(&crt->issuer);
	i->common_name = dup_common_name(&crt->subject);
	read_sans(crt, i);
	i->not_before_s = unix_of(&crt->valid_from);
	i->not_after_s = unix_of(&crt->valid_to);
	if (serial_len > 1 && serial[0] == 0) { /* only there to keep the number positive */
		serial++;
		serial_len--;
	}
	hex_text(serial, serial_len, "", i->serial, sizeof(i->serial));
	digest_sha256(str_n(crt->raw.p, crt->raw.len), hash);
	hex_text(hash, sizeof(hash), ":", i->fingerprint, sizeof(i->fingerprint));
	i->key_kind = "other";
	if (mbedtls_pk_can_do(&crt->pk, MBEDTLS_PK_RSA))
		i->key_kind = "RSA";
	else if (mbedtls_pk_can_do(&crt->pk, MBEDTLS_PK_ECKEY))
		i->key_kind = "EC";
	i->key_bits = mbedtls_pk_get_bitlen(&crt->pk);
	i->is_ca = mbedtls_x509_crt_get_ca_istrue(crt) == 1;
	i->is_self_signed = str_eq(str_n(crt->subject_raw.p, crt->subject_raw.len),
				   str_n(crt->issuer_raw.p, crt->issuer_raw.len));
	for (; crt != NULL; crt = crt->next)
		i->chain_len++;
}

enum err x509_read(struct str pem, struct x509_info *out)
{
	mbedtls_x509_crt chain;
	enum err e;

	mbedtls_x509_crt_init(&chain);
	e = x509_load_chain(pem, &chain);
	if (e == E_OK) {
		*out = (struct x509_info){ 0 };
		fill(&chain, out);
	}
	mbedtls_x509_crt_free(&chain);
	return e;
}

void x509_info_fini(struct x509_info *i)
{
	str_free(&i->subject);
	str_free(&i->issuer);
	str_free(&i->common_name);
	for (size_t n = 0; n < i->dns_count; n++)
		str_free(&i->dns[n]);
	for (size_t n = 0; n < i->ip_count; n++)
		str_free(&i->ip[n]);
	free(i->dns);
	free(i->ip);
	*i = (struct x509_info){ 0 };
}

static bool name_matches(struct str pattern, struct str name)
{
	struct str rest = name;

	if (!str_starts(pattern, STR("*.")))
		return str_ieq(pattern, name);
	(void)str_cut(&rest, '.');
	return rest.len > 0 && rest.len < name.len - 1 && str_find(rest, '.', 0) < rest.len &&
	       str_ieq(str_sub(pattern, 2, pattern.len), rest);
}

bool x509_covers(const struct x509_info *i, struct str name_or_address)
{
	unsigned char wanted[16], have[16];
	size_t len = x509_address(name_or_address, wanted);

	for (size_t n = 0; len > 0 && n < i->ip_count; n++)
		if (x509_address(i->ip[n], have) == len && memcmp(have, wanted, len) == 0)
			return true;
	for (size_t n = 0; len == 0 && n < i->dns_count; n++)
		if (name_matches(i->dns[n], name_or_address))
			return true;
	return false;
}

enum err x509_check_key(struct str cert_pem, struct str key_pem)
{
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
	enum err e;

	mbedtls_x509_crt_init(&chain);
	mbedtls_pk_init(&key);
	e = x509_load_chain(cert_pem, &chain);
	if (e == E_OK)
		e = x509_load_key(key_pem, &key);
	if (e == E_NOTFOUND)
		e = E_BAD;
	if (e == E_OK && mbedtls_pk_check_pair(&chain.pk, &key, x509_rng, NULL) != 0)
		e = E_DENIED;
	mbedtls_pk_free(&key);
	mbedtls_x509_crt_free(&chain);
	return e;
}

enum err x509_pem_to_der(struct str pem, struct buf *der_out)
{
	mbedtls_x509_crt chain;
	enum err e;

	mbedtls_x509_crt_init(&chain);
	e = x509_load_chain(pem, &chain);
	if (e == E_OK) {
		buf_add(der_out, str_n(chain.raw.p, chain.raw.len));
		e = buf_err(der_out);
	}
	mbedtls_x509_crt_free(&chain);
	return e;
}
