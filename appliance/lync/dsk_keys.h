/* dsk_keys.h: key derivation of TLS-DSK: the PRF of TLS 1.0 (RFC 2246 5) and what is made with it. */
#ifndef LYNC_DSK_KEYS_H
#define LYNC_DSK_KEYS_H

#include <stddef.h>

#include "base/str.h"

enum {
	DSK_RANDOM_LEN = 32,
	DSK_PREMASTER_LEN = 48,
	DSK_MASTER_LEN = 48,
	DSK_SIGN_KEY_LEN = 32,
	DSK_VERIFY_LEN = 12
};

/* P_SHA1 alone: the proof key of a web ticket is made with it too (WS-Trust). */
void dsk_p_sha1(struct str secret, struct str seed, unsigned char *out, size_t len);
void dsk_prf(struct str secret, const char *label, struct str seed, unsigned char *out, size_t len);

void dsk_master(const unsigned char premaster[DSK_PREMASTER_LEN],
		const unsigned char client_random[DSK_RANDOM_LEN],
		const unsigned char server_random[DSK_RANDOM_LEN],
		unsigned char out[DSK_MASTER_LEN]);
/* The label is the whole of it: "client EAP encryption" ([MS-SIPAE] 3.2.5.1). */
void dsk_sign_keys(const unsigned char master[DSK_MASTER_LEN],
		   const unsigned char client_random[DSK_RANDOM_LEN],
		   const unsigned char server_random[DSK_RANDOM_LEN],
		   unsigned char client_out[DSK_SIGN_KEY_LEN],
		   unsigned char server_out[DSK_SIGN_KEY_LEN]);
/* label: "client finished" or "server finished"; over all handshake messages so far. */
void dsk_verify_data(const unsigned char master[DSK_MASTER_LEN], const char *label,
		     struct str transcript, unsigned char out[DSK_VERIFY_LEN]);

#endif
