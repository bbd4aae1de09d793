/* x509_write.h: what every certificate we make has in common: names, validity, serial number, usage.
 *
 * The functions return what mbedTLS returns: 0, or a negative code. */
#ifndef CRYPTO_X509_WRITE_H
#define CRYPTO_X509_WRITE_H

#include <mbedtls/x509_crt.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

enum { X509_NAME_CAP = 1024 };

/* Appends "CN=..." and a NUL; what RFC 4514 gives a meaning to stands as hex pairs. */
void x509_write_common_name(struct buf *b, struct str name);
int x509_write_validity(mbedtls_x509write_cert *w, int64_t from_s, int64_t to_s);
int x509_write_serial(mbedtls_x509write_cert *w); /* random */
/* Not an authority; key_usage: MBEDTLS_X509_KU_*; oid: of the extended usage. */
int x509_write_usage(mbedtls_x509write_cert *w, unsigned key_usage, struct str oid);
/* Appends the DER, signed with the issuer's key. */
int x509_write_der(mbedtls_x509write_cert *w, struct buf *der_out);

#endif
