/* seal.h: a file under a passphrase: argon2id, then AES-256-GCM in 64 KiB chunks.
 *
 * Layout: a header (magic, argon2 costs, chunk size, salt, passphrase check,
 * checksum), then chunks of 64 KiB plus a 16-byte tag, the last one shorter or
 * equal.  The nonce is the chunk's number under a key of this file alone; each
 * chunk authenticates the header, its number and whether it is the last, so
 * none can be swapped, dropped or added.  Deriving the key takes 64 MiB and
 * about 0.2 s: worker threads and commands only. */
#ifndef CRYPTO_SEAL_H
#define CRYPTO_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { SEAL_HEADER_LEN = 72, SEAL_CHUNK = 64 * 1024, SEAL_TAG = 16 };

struct seal;   /* opaque */
struct unseal; /* opaque */

/* Encrypts a stream: appends to out, which needs room for what goes in plus SEAL_CHUNK (else
 * E_TOOBIG, and the stream is of no more use).  The header goes out at once.
 * E_DENIED: the passphrase is empty; E_TOOBIG: it is over PASSWORD_MAX bytes. */
MUST_USE enum err seal_new(struct str passphrase, struct buf *out, struct seal **sp_out);
MUST_USE enum err seal_write(struct seal *s, struct str plain, struct buf *out);
MUST_USE enum err seal_end(struct seal *s, struct buf *out); /* once, after all was written */
void seal_free(struct seal **sp);

/* Decrypts one.  E_UNSUPPORTED: not such a file, or a newer kind; E_AUTH: wrong passphrase;
 * E_CORRUPT: damaged or cut short.  A chunk's text is given only after its tag fits, but what was
 * given counts only once unseal_end has said E_OK: before that the file may be cut short. */
MUST_USE enum err unseal_new(struct str passphrase, struct unseal **up_out);
MUST_USE enum err unseal_write(struct unseal *u, struct str sealed, struct buf *out);
MUST_USE enum err unseal_end(struct unseal *u, struct buf *out);
void unseal_free(struct unseal **up);

/* Whole files from the current position to the end, flushed.  E_IO: reading or writing failed, errno
 * tells.  After any failure what was written is to be removed. */
MUST_USE enum err seal_file(FILE *plain, FILE *sealed, struct str passphrase);
MUST_USE enum err unseal_file(FILE *sealed, FILE *plain, struct str passphrase);

bool seal_is_magic(struct str first_bytes); /* looks like a sealed file; 8 bytes will do */

#endif
