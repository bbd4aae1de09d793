/* token.h: unguessable tokens (sessions, API keys, one-time links) and comparing in constant time. */
#ifndef CRYPTO_TOKEN_H
#define CRYPTO_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"

enum { TOKEN_LEN = 43, TOKEN_CAP = TOKEN_LEN + 1, TOKEN_HASH_LEN = 32 };

/* 258 random bits in the URL-safe alphabet of base64. */
void token_make(char out[TOKEN_CAP]);
/* As many such characters as wanted, 6 bits each, and a NUL. */
void token_make_n(char *out, size_t chars);

/* What is stored in the token's place.  A fast hash will do: nobody guesses 258 bits. */
void token_hash(struct str token, unsigned char out[TOKEN_HASH_LEN]);

/* The time depends on the lengths only. */
bool token_eq(struct str a, struct str b);

#endif
