/* x509_client.h: the certificate a client gets for its request (PKCS#10, RFC 2986), made by our own authority.
 *
 * A few milliseconds of pure work: for a worker. */
#ifndef CRYPTO_X509_CLIENT_H
#define CRYPTO_X509_CLIENT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct x509_client_in {
	struct str csr_der;
	struct str common_name; /* user@domain: what the request says of it does not count */
	struct str ca_cert_pem, ca_key_pem;
	int64_t now_s; /* good from an hour before, for X509_CLIENT_DAYS */
};

/* Appends the DER.  E_BAD: the request is malformed or not signed by its own key; E_UNSUPPORTED: no RSA
 * key of 2048 to 4096 bits. */
MUST_USE enum err x509_make_client(const struct x509_client_in *in, struct buf *der_out,
				   int64_t *not_after_s_out);

#endif
