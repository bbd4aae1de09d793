/* seal_key.h: header and key of a sealed file; what sealing and unsealing share. */
#ifndef CRYPTO_SEAL_KEY_H
#define CRYPTO_SEAL_KEY_H

#include <stdint.h>
#include <mbedtls/gcm.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/seal.h"

struct seal_key {
	mbedtls_gcm_context gcm;
	unsigned char aad[SEAL_HEADER_LEN + 9]; /* header, chunk number, 1 for the last chunk */
	unsigned char nonce[12];
	uint64_t chunk; /* number of the next one */
};

enum seal_place { SEAL_MORE_FOLLOW, SEAL_LAST };

/* Makes a header with a fresh salt, and its key. */
MUST_USE enum err seal_key_make(struct seal_key *k, struct str passphrase);
/* From the header of a file: E_UNSUPPORTED, E_CORRUPT, E_AUTH as unseal_write says. */
MUST_USE enum err seal_key_open(struct seal_key *k, struct str passphrase,
				const unsigned char header[SEAL_HEADER_LEN]);
void seal_key_wipe(struct seal_key *k);

/* Sets nonce and aad for the next chunk, and counts it. */
void seal_key_next(struct seal_key *k, enum seal_place place);

#endif
