/* dsk_rsa.h: the RSA steps of a TLS-DSK handshake: a millisecond of pure work for a worker thread.
 *
 * The inputs are copied in on the switch, the outputs read there afterwards; in
 * between run touches nothing but this object and the key, which is only read. */
#ifndef LYNC_DSK_RSA_H
#define LYNC_DSK_RSA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "lync/dsk_keys.h"

enum { DSK_TRANSCRIPT_HASH_LEN = DIGEST_MD5_LEN + DIGEST_SHA1_LEN, DSK_RSA_MAX = 512 };

struct dsk_key; /* opaque: RSA key and certificate of the inner handshake; shared, immutable */

/* Worker: takes seconds now and then.  PEM of an RSA-2048 key. */
MUST_USE enum err dsk_key_make(struct buf *pem_out);
/* Makes the self-signed certificate around it; the client does not check it.  E_BAD: no RSA key. */
MUST_USE enum err dsk_key_load(struct str pem, struct str common_name, int64_t now_s,
			       struct dsk_key **out);
void dsk_key_free(struct dsk_key **kp);
struct str dsk_key_cert_der(const struct dsk_key *k);

struct dsk_rsa {
	struct dsk_key *key;
	/* in */
	unsigned char hello_version[2];
	unsigned char sealed[DSK_RSA_MAX], signature[DSK_RSA_MAX];
	size_t sealed_len, signature_len;
	unsigned char transcript_hash[DSK_TRANSCRIPT_HASH_LEN]; /* what CertificateVerify signs */
	unsigned char cert[DSK_CERT_MAX];
	size_t cert_len;
	/* out */
	unsigned char premaster
		[DSK_PREMASTER_LEN]; /* random if the sealed one was bad: Finished then fails */
	bool is_signature_right;
};

void dsk_rsa_run(struct dsk_rsa *r);

#endif
