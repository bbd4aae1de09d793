/* dsk.h: the server's half of the TLS 1.0 handshake inside TLS-DSK ([MS-SIPAE] 3.2.5; RFC 2246 7.4).
 *
 *   HELLO ──ClientHello──→ FLIGHT ──Certificate..Finished──→ RSA ──worker──→ DONE
 *     └───────────────────────┴──────────── anything else ──────┴──────────→ FAILED
 *
 * RSA key exchange with AES128-SHA alone, the client's certificate required.
 * No application data follows: the handshake only yields keys.  Pure but for
 * randomness; the RSA steps are the caller's to hand to a worker. */
#ifndef LYNC_DSK_H
#define LYNC_DSK_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "lync/dsk_rsa.h"

struct dsk; /* opaque */

enum dsk_next {
	DSK_SEND,     /* out is the server's flight: more to come */
	DSK_NEED_RSA, /* run dsk_job, then dsk_finish */
};

/* The key is borrowed and must outlive it. */
struct dsk *dsk_new(struct dsk_key *key);
void dsk_free(struct dsk **dp); /* wipes */

/* One gssapi-data of the client.  E_BAD: malformed or out of order; E_UNSUPPORTED: no common suite or
 * version, or no certificate; E_TOOBIG.  After an error it is of no more use. */
MUST_USE enum err dsk_feed(struct dsk *d, struct str token, struct buf *out,
			   enum dsk_next *next_out);

/* What a worker runs; the caller's now (free() it). NULL unless DSK_NEED_RSA. */
struct dsk_rsa *dsk_take_job(struct dsk *d);
/* With the job done: ChangeCipherSpec and Finished into out.  E_AUTH: the client does not hold its
 * certificate's key, or the messages were altered. */
MUST_USE enum err dsk_finish(struct dsk *d, const struct dsk_rsa *job, struct buf *out);

/* After dsk_finish.  The certificate's DER is borrowed. */
struct str dsk_client_cert(const struct dsk *d);
void dsk_get_sign_keys(const struct dsk *d, unsigned char client_out[DSK_SIGN_KEY_LEN],
		       unsigned char server_out[DSK_SIGN_KEY_LEN]);

#endif
