/* rc4.h: the RC4 stream, for NTLM alone ([MS-NLMP] 3.4); nothing else here may use it. */
#ifndef CRYPTO_RC4_H
#define CRYPTO_RC4_H

#include <stddef.h>

/* One fresh stream over n bytes; in and out may be the same. */
void rc4_once(const unsigned char *key, size_t key_len, const unsigned char *in, size_t n,
	      unsigned char *out);

#endif
