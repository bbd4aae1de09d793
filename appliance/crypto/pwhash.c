#include "crypto/pwhash.h"

#include <argon2.h>
#include <stdio.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/rand.h"

enum { SALT_LEN = 16, HASH_LEN = 32, LANES = 1 };

static enum err err_of(int rc)
{
	return rc == ARGON2_MEMORY_ALLOCATION_ERROR ? E_NOMEM : E_INTERNAL;
}

enum err pwhash_make(struct str password, char out[PWHASH_CAP])
{
	unsigned char salt[SALT_LEN];
	int rc;

	if (password.len > PASSWORD_MAX)
		return E_TOOBIG;
	rand_bytes(salt, sizeof(salt));
	rc = argon2id_hash_encoded(PWHASH_PASSES, PWHASH_MEM_KIB, LANES, password.p, password.len,
				   salt, sizeof(salt), HASH_LEN, out, PWHASH_CAP);
	return rc == ARGON2_OK ? E_OK : err_of(rc);
}

/* "m=19456", up to the next separator. */
static bool take_cost(struct str *rest, const char *name, char end, uint32_t max)
{
	struct str part = str_cut(rest, end);
	uint32_t n;

	return str_eqz(str_cut(&part, '='), name) && num_u32(part, 1, max, &n) == E_OK;
}

/* A hash may come out of a restored file: its costs must not be a way to stop us. */
static bool is_acceptable(struct str encoded)
{
	struct str rest = encoded;

	if (encoded.len >= PWHASH_CAP || !str_starts(encoded, STR("$argon2id$v=19$")))
		return false;
	rest = str_sub(rest, sizeof("$argon2id$v=19$") - 1, rest.len);
	return take_cost(&rest, "m", ',', PWHASH_MEM_KIB_MAX) &&
	       take_cost(&rest, "t", ',', PWHASH_PASSES_MAX) && take_cost(&rest, "p", '$', 4);
}

enum err pwhash_verify(struct str encoded, struct str password)
{
	char text[PWHASH_CAP];
	int rc;

	if (!is_acceptable(encoded))
		return E_BAD;
	if (password.len > PASSWORD_MAX)
		return E_AUTH; /* pwhash_make takes no such password */
	memcpy(text, encoded.p, encoded.len);
	text[encoded.len] = '\0';
	rc = argon2id_verify(text, password.p, password.len);
	if (rc == ARGON2_OK)
		return E_OK;
	if (rc == ARGON2_VERIFY_MISMATCH)
		return E_AUTH;
	return rc == ARGON2_MEMORY_ALLOCATION_ERROR ? E_NOMEM : E_BAD;
}

enum err pwhash_verify_nobody(struct str password)
{
	static const unsigned char salt[SALT_LEN];
	unsigned char hash[HASH_LEN];

	if (password.len <= PASSWORD_MAX)
		(void)argon2id_hash_raw(PWHASH_PASSES, PWHASH_MEM_KIB, LANES, password.p,
					password.len, salt, sizeof(salt), hash, sizeof(hash));
	mem_wipe(hash, sizeof(hash));
	return E_AUTH;
}
