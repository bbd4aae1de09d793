/* siphash.h: SipHash-1-3 (Aumasson and Bernstein) under a random key of this process.
 *
 * Peers choose what is hashed, so the key must be unknown to them; seed tells
 * tables apart. */
#ifndef BASE_SIPHASH_H
#define BASE_SIPHASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* fold: ASCII upper case hashes like lower case. */
uint64_t siphash13(uint64_t seed, const void *p, size_t len, bool fold);
/* With a given key, for test vectors. */
uint64_t siphash13_keyed(uint64_t k0, uint64_t k1, const void *p, size_t len, bool fold);

#endif
