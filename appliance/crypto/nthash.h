/* nthash.h: the NT hash, MD4 over the password in UTF-16LE ([MS-NLMP] 3.3.1 NTOWFv1). */
#ifndef CRYPTO_NTHASH_H
#define CRYPTO_NTHASH_H

#include "base/err.h"
#include "base/str.h"

enum { NTHASH_LEN = 16 };

/* E_BAD: the password is not UTF-8.  E_TOOBIG: over PASSWORD_MAX bytes. */
MUST_USE enum err nthash_make(struct str password, unsigned char out[NTHASH_LEN]);

#endif
