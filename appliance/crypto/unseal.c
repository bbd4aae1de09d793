#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/seal.h"
#include "crypto/seal_key.h"

/* Invariants:
 * 1. Until has_key, in holds bytes of the header; afterwards of one chunk.
 * 2. A full chunk stays in until another byte comes: only then it is not the last.
 * 3. After a failure err stays, and nothing more is given out. */
struct unseal {
	struct str passphrase; /* owned; wiped as soon as the key is made */
	struct seal_key key;
	bool has_key;
	enum err err;
	size_t held;
	unsigned char in[SEAL_CHUNK + SEAL_TAG];
};

static void forget_passphrase(struct unseal *u)
{
	union {
		const char *view;
		char *owned;
	} p = { u->passphrase.p };

	if (p.owned != NULL)
		mem_wipe(p.owned, u->passphrase.len);
	str_free(&u->passphrase);
}

enum err unseal_new(struct str passphrase, struct unseal **up_out)
{
	struct unseal *u;

	if (passphrase.len > PASSWORD_MAX)
		return E_AUTH;
	u = xcalloc(1, sizeof(*u));
	u->passphrase = str_dup(passphrase);
	*up_out = u;
	return E_OK;
}

static enum err open_header(struct unseal *u)
{
	enum err e = seal_key_open(&u->key, u->passphrase, u->in);

	forget_passphrase(u);
	u->has_key = true;
	u->held = 0;
	return e;
}

static enum err open_chunk(struct unseal *u, enum seal_place place, struct buf *out)
{
	struct seal_key *k = &u->key;
	size_t n = u->held - SEAL_TAG;
	char *p;

	if (u->held < SEAL_TAG)
		return E_CORRUPT;
	p = buf_reserve(out, n);
	if (p == NULL)
		return buf_err(out);
	seal_key_next(k, place);
	if (mbedtls_gcm_auth_decrypt(&k->gcm, n, k->nonce, sizeof(k->nonce), k->aad, sizeof(k->aad),
				     u->in + n, SEAL_TAG, u->in, (unsigned char *)p) != 0)
		return E_CORRUPT;
	buf_commit(out, n);
	u->held = 0;
	return E_OK;
}

enum err unseal_write(struct unseal *u, struct str sealed, struct buf *out)
{
	while (u->err == E_OK && sealed.len > 0) {
		size_t want = u->has_key ? sizeof(u->in) : SEAL_HEADER_LEN, n = want - u->held;

		if (n == 0) {
			u->err = open_chunk(u, SEAL_MORE_FOLLOW, out);
			continue;
		}
		if (n > sealed.len)
			n = sealed.len;
		memcpy(u->in + u->held, sealed.p, n);
		u->held += n;
		sealed = str_sub(sealed, n, sealed.len);
		if (!u->has_key && u->held == want)
			u->err = open_header(u);
	}
	return u->err;
}

enum err unseal_end(struct unseal *u, struct buf *out)
{
	if (u->err != E_OK)
		return u->err;
	if (u->has_key)
		u->err = open_chunk(u, SEAL_LAST, out);
	else
		u->err = seal_is_magic(str_n(u->in, u->held)) ? E_CORRUPT : E_UNSUPPORTED;
	if (u->err != E_OK)
		return u->err;
	u->err = E_CORRUPT; /* nothing may follow */
	return E_OK;
}

void unseal_free(struct unseal **up)
{
	if (*up == NULL)
		return;
	forget_passphrase(*up);
	seal_key_wipe(&(*up)->key);
	mem_wipe(*up, sizeof(**up));
	free(*up);
	*up = NULL;
}
