/* credential.h: from a password to everything a sign-in is checked against.
 *
 * Slow and memory-hungry (crypto/pwhash.h): a heavy job of a worker.  It touches nothing but its struct. */
#ifndef DIRECTORY_CREDENTIAL_H
#define DIRECTORY_CREDENTIAL_H

#include <stdbool.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/pwhash.h"
#include "db/accounts.h"

struct credential {
	struct str name, domain; /* owned */
	struct str password;	 /* owned; gone after credential_make */
	bool with_nt;
	struct db_credential made; /* made.argon2 points into argon2 */
	char argon2[PWHASH_CAP];
};

void credential_init(struct credential *c, struct str name, struct str domain, struct str password,
		     bool with_nt);
MUST_USE enum err credential_make(struct credential *c);
void credential_fini(struct credential *c);

#endif
