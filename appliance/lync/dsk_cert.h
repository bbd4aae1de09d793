/* dsk_cert.h: the certificate a client gets for its request (PKCS#10), made by our own authority.
 *
 * A few milliseconds of pure work: not for the switch. */
#ifndef LYNC_DSK_CERT_H
#define LYNC_DSK_CERT_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct dsk_cert_in {
	struct str csr_der;
	struct str common_name; /* user@domain: what the request says of it does not count */
	struct str ca_cert_pem, ca_key_pem;
	int64_t now_s;
};

/* Appends the DER.  E_BAD: the request is malformed or not signed by its own key; E_UNSUPPORTED: no RSA
 * key of 2048 to 4096 bits. */
MUST_USE enum err dsk_cert_make(const struct dsk_cert_in *in, struct buf *der_out,
				int64_t *not_after_s_out);

#endif
