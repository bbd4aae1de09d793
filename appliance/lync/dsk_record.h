/* dsk_record.h: the one protected record each side sends in a TLS-DSK handshake: Finished, under
 * AES-128-CBC and HMAC-SHA1 (RFC 2246 6.2.3.2), sequence number 0. */
#ifndef LYNC_DSK_RECORD_H
#define LYNC_DSK_RECORD_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { DSK_RECORD_HEAD = 5, DSK_RECORD_CCS = 20, DSK_RECORD_ALERT = 21, DSK_RECORD_HANDSHAKE = 22 };

struct dsk_record_keys {
	unsigned char client_mac[20], server_mac[20], client_key[16], server_key[16], client_iv[16],
		server_iv[16];
};
void dsk_record_derive(struct str master, struct str client_random, struct str server_random,
		       struct dsk_record_keys *out);

/* Cuts the next record off.  E_BAD: none is whole. */
MUST_USE enum err dsk_record_next(struct str *rest, unsigned *type_out, struct str *payload_out);

void dsk_record_plain(struct buf *b, unsigned type, struct str payload);
void dsk_record_seal(struct buf *b, const struct dsk_record_keys *k, struct str handshake_message);
/* E_AUTH: padding or MAC are wrong, one looking like the other. */
MUST_USE enum err dsk_record_open(const struct dsk_record_keys *k, struct str payload,
				  struct buf *out);

#endif
