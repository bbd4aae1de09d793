#include "base/siphash.h"

#include <pthread.h>
#include <string.h>

#include "base/rand.h"

static uint64_t key[2];
static pthread_once_t key_once = PTHREAD_ONCE_INIT;

static void key_make(void)
{
	rand_bytes(key, sizeof(key));
}

struct state {
	uint64_t v0, v1, v2, v3;
};

static inline uint64_t rotl(uint64_t x, unsigned n)
{
	return (x << n) | (x >> (64 - n));
}

static inline void sip_round(struct state *s)
{
	s->v0 += s->v1;
	s->v1 = rotl(s->v1, 13) ^ s->v0;
	s->v0 = rotl(s->v0, 32);
	s->v2 += s->v3;
	s->v3 = rotl(s->v3, 16) ^ s->v2;
	s->v0 += s->v3;
	s->v3 = rotl(s->v3, 21) ^ s->v0;
	s->v2 += s->v1;
	s->v1 = rotl(s->v1, 17) ^ s->v2;
	s->v2 = rotl(s->v2, 32);
}

/* Sets bit 5 of every octet that is an ASCII upper-case letter, eight at a time. */
static inline uint64_t fold8(uint64_t w)
{
	const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
	uint64_t ascii = ~w & high, low = w & ~high;
	uint64_t ge_a = low + ones * (0x80 - 'A'), gt_z = low + ones * (0x80 - 'Z' - 1);

	return w | ((ascii & (ge_a & ~gt_z)) >> 2);
}

uint64_t siphash13_keyed(uint64_t k0, uint64_t k1, const void *data, size_t len, bool fold)
{
	const unsigned char *p = data;
	struct state s = { k0 ^ 0x736f6d6570736575u, k1 ^ 0x646f72616e646f6du,
			   k0 ^ 0x6c7967656e657261u, k1 ^ 0x7465646279746573u };
	uint64_t w, last = (uint64_t)len << 56;
	size_t left = len;

	for (; left >= 8; left -= 8, p += 8) {
		memcpy(&w, p, 8);
		if (fold)
			w = fold8(w);
		s.v3 ^= w;
		sip_round(&s);
		s.v0 ^= w;
	}
	w = 0;
	if (left > 0)
		memcpy(&w, p, left);
	if (fold)
		w = fold8(w);
	last |= w;
	s.v3 ^= last;
	sip_round(&s);
	s.v0 ^= last;
	s.v2 ^= 0xff;
	sip_round(&s);
	sip_round(&s);
	sip_round(&s);
	return s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

uint64_t siphash13(uint64_t seed, const void *p, size_t len, bool fold)
{
	pthread_once(&key_once, key_make);
	return siphash13_keyed(key[0] ^ seed, key[1], p, len, fold);
}
