/* password.h: which passwords are taken, and making good ones. */
#ifndef CRYPTO_PASSWORD_H
#define CRYPTO_PASSWORD_H

#include "base/err.h"
#include "base/str.h"

enum { PASSWORD_MADE_LEN = 16, PASSWORD_MADE_CAP = PASSWORD_MADE_LEN + 1 };

/* PASSWORD_MIN_CHARS or more, at most PASSWORD_MAX bytes, UTF-8 without control characters, not one
 * of the common ones, not made of the account's name.  E_DENIED sets *why_out to a sentence for the
 * person who chose it. */
MUST_USE enum err password_check(struct str password, struct str account, const char **why_out);

/* Lower-case letters and digits that are not mistaken for each other on paper (78 bits). */
void password_make(char out[PASSWORD_MADE_CAP]);

#endif
