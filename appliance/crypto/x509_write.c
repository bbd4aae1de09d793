#include "crypto/x509_write.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"
#include "crypto/x509_load.h"

enum { SERIAL_LEN = 16, OID_MAX = 16 };

void x509_write_common_name(struct buf *b, struct str name)
{
	buf_addz(b, "CN=");
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.p[i];

		if (c < 0x20 || c == 0x7f || strchr(",+\"\\<>;=#", c) != NULL)
			buf_addf(b, "\\%02X", c);
		else
			buf_addc(b, (char)c);
	}
	buf_addc(b, '\0');
}

int x509_write_validity(mbedtls_x509write_cert *w, int64_t from_s, int64_t to_s)
{
	char text[2][16];
	int64_t at[2] = { from_s, to_s };

	for (size_t i = 0; i < 2; i++) {
		time_t t = (time_t)at[i];
		struct tm tm;

		if (gmtime_r(&t, &tm) == NULL || tm.tm_year < 70 || tm.tm_year > 9999 - 1900)
			return MBEDTLS_ERR_X509_BAD_INPUT_DATA;
		(void)strftime(text[i], sizeof(text[i]), "%Y%m%d%H%M%S", &tm);
	}
	return mbedtls_x509write_crt_set_validity(w, text[0], text[1]);
}

int x509_write_serial(mbedtls_x509write_cert *w)
{
	unsigned char serial[SERIAL_LEN];

	rand_bytes(serial, sizeof(serial));
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40); /* positive, and always as long */
	return mbedtls_x509write_crt_set_serial_raw(w, serial, sizeof(serial));
}

int x509_write_usage(mbedtls_x509write_cert *w, unsigned key_usage, struct str oid)
{
	unsigned char text[OID_MAX];
	mbedtls_asn1_sequence usage = {
		.buf = { .tag = MBEDTLS_ASN1_OID, .len = oid.len, .p = text }
	};
	int rc;

	if (oid.len > sizeof(text))
		return MBEDTLS_ERR_X509_BAD_INPUT_DATA;
	memcpy(text, oid.p, oid.len);
	rc = mbedtls_x509write_crt_set_basic_constraints(w, 0, -1);
	if (rc == 0)
		rc = mbedtls_x509write_crt_set_key_usage(w, key_usage);
	return rc != 0 ? rc : mbedtls_x509write_crt_set_ext_key_usage(w, &usage);
}

int x509_write_der(mbedtls_x509write_cert *w, struct buf *der_out)
{
	unsigned char *der = xmalloc(X509_DER_MAX);
	int len = mbedtls_x509write_crt_der(w, der, X509_DER_MAX, x509_rng, NULL);

	if (len > 0) /* it stands at the end */
		buf_add(der_out, str_n(der + X509_DER_MAX - (size_t)len, (size_t)len));
	free(der);
	return len > 0 ? 0 : len;
}
