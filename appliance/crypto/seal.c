#include "crypto/seal.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/seal_key.h"

/* Invariant: before the end at least one byte is held back, if there was any, so that the last chunk
 * can be marked as such. */
struct seal {
	struct seal_key key;
	size_t held;
	unsigned char plain[SEAL_CHUNK];
};

static enum err emit(struct seal *s, enum seal_place place, struct buf *out)
{
	char *p = buf_reserve(out, s->held + SEAL_TAG);
	struct seal_key *k = &s->key;

	if (p == NULL)
		return buf_err(out);
	seal_key_next(k, place);
	if (mbedtls_gcm_crypt_and_tag(&k->gcm, MBEDTLS_GCM_ENCRYPT, s->held, k->nonce,
				      sizeof(k->nonce), k->aad, sizeof(k->aad), s->plain,
				      (unsigned char *)p, SEAL_TAG,
				      (unsigned char *)p + s->held) != 0)
		return E_INTERNAL;
	buf_commit(out, s->held + SEAL_TAG);
	s->held = 0;
	return E_OK;
}

enum err seal_new(struct str passphrase, struct buf *out, struct seal **sp_out)
{
	struct seal *s = xcalloc(1, sizeof(*s));
	enum err e = seal_key_make(&s->key, passphrase);

	if (e == E_OK) {
		buf_add(out, str_n(s->key.aad, SEAL_HEADER_LEN));
		e = buf_err(out);
	}
	if (e != E_OK) {
		seal_free(&s);
		return e;
	}
	*sp_out = s;
	return E_OK;
}

enum err seal_write(struct seal *s, struct str plain, struct buf *out)
{
	while (plain.len > 0) {
		size_t n = sizeof(s->plain) - s->held;

		if (n == 0) {
			enum err e = emit(s, SEAL_MORE_FOLLOW, out);

			if (e != E_OK)
				return e;
			continue;
		}
		if (n > plain.len)
			n = plain.len;
		memcpy(s->plain + s->held, plain.p, n);
		s->held += n;
		plain = str_sub(plain, n, plain.len);
	}
	return E_OK;
}

enum err seal_end(struct seal *s, struct buf *out)
{
	return emit(s, SEAL_LAST, out);
}

void seal_free(struct seal **sp)
{
	if (*sp == NULL)
		return;
	seal_key_wipe(&(*sp)->key);
	mem_wipe(*sp, sizeof(**sp));
	free(*sp);
	*sp = NULL;
}
