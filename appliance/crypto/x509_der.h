/* x509_der.h: the nameConstraints extension (RFC 5280 4.2.1.10), which mbedTLS cannot write. */
#ifndef CRYPTO_X509_DER_H
#define CRYPTO_X509_DER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* A DNS name as certificates may hold it: letters, digits, '-' and '_' in labels. */
bool x509_is_dns_name(struct str s);
/* The binary form of an address text, 4 or 16 bytes; 0: it is none. */
size_t x509_address(struct str text, unsigned char out[16]);

/* Collects GeneralSubtrees. */
MUST_USE enum err x509_der_permit_name(struct buf *subtrees, struct str domain);
/* "192.0.2.1", "10.0.0.0/8", "2001:db8::/32"; bits behind the prefix must be 0. */
MUST_USE enum err x509_der_permit_subnet(struct buf *subtrees, struct str subnet);
/* NameConstraints with these as permittedSubtrees. */
void x509_der_constraints(struct buf *out, struct str subtrees);

#endif
