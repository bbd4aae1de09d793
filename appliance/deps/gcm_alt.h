/* gcm_alt.h: mbedTLS's AES-GCM context when nettle does the work (MBEDTLS_GCM_ALT); see crypto/gcm.c.
 *
 * Only the cipher's key is kept, 240 bytes: the hash's is made anew for each record in twenty
 * nanoseconds, and its 4 KiB stay out of every connection. */
#ifndef GCM_ALT_H
#define GCM_ALT_H

#include <nettle/aes.h>
#include <nettle/gcm.h>

typedef struct mbedtls_gcm_context {
	union {
		struct aes128_ctx aes128;
		struct aes192_ctx aes192;
		struct aes256_ctx aes256;
	} key;
	nettle_cipher_func *cipher; /* NULL: no key yet */
	struct gcm_ctx part;	    /* between starts and finish */
	int mode;
} mbedtls_gcm_context;

#endif
