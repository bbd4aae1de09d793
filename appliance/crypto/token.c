#include "crypto/token.h"

#include "base/rand.h"
#include "crypto/digest.h"

void token_make_n(char *out, size_t chars)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

	rand_bytes(out, chars);
	for (size_t i = 0; i < chars; i++)
		out[i] = alphabet[(unsigned char)out[i] & 63];
	out[chars] = '\0';
}

void token_make(char out[TOKEN_CAP])
{
	token_make_n(out, TOKEN_LEN);
}

void token_hash(struct str token, unsigned char out[TOKEN_HASH_LEN])
{
	digest_sha256(token, out);
}

bool token_eq(struct str a, struct str b)
{
	volatile unsigned char differs = 0; /* or the compiler may leave the loop early */

	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		differs = (unsigned char)(differs | (a.p[i] ^ b.p[i]));
	return differs == 0;
}
