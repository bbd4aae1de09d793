/* pwhash.h: the slow password hash (argon2id, m = 19 MiB, t = 2, p = 1).
 *
 * About 20-40 ms and 19 MiB a call: worker threads only. */
#ifndef CRYPTO_PWHASH_H
#define CRYPTO_PWHASH_H

#include "base/err.h"
#include "base/str.h"

enum { PWHASH_CAP = 128 }; /* of the encoded string, with the NUL */

/* "$argon2id$v=19$m=19456,t=2,p=1$salt$hash".  E_TOOBIG: over PASSWORD_MAX bytes. */
MUST_USE enum err pwhash_make(struct str password, char out[PWHASH_CAP]);
/* E_OK: it is the password; E_AUTH: it is not; E_BAD: encoded is no hash we accept. */
MUST_USE enum err pwhash_verify(struct str encoded, struct str password);
/* Takes as long as a failing pwhash_verify; for names that do not exist.  Always E_AUTH. */
enum err pwhash_verify_nobody(struct str password);

#endif
