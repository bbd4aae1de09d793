/* rand.h: random bytes from the kernel, buffered per thread. */
#ifndef BASE_RAND_H
#define BASE_RAND_H

#include <stddef.h>
#include <stdint.h>

void rand_bytes(void *p, size_t n); /* aborts if the kernel has none */
uint64_t rand_u64(void);
uint32_t rand_below(uint32_t n); /* unbiased, n > 0 */

#endif
