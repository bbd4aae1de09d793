#include "crypto/rc4.h"

#include <nettle/arcfour.h>

#include "base/mem.h"

void rc4_once(const unsigned char *key, size_t key_len, const unsigned char *in, size_t n,
	      unsigned char *out)
{
	struct arcfour_ctx ctx;

	arcfour_set_key(&ctx, key_len, key);
	arcfour_crypt(&ctx, n, out, in);
	mem_wipe(&ctx, sizeof(ctx));
}
