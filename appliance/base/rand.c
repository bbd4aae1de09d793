#include "base/rand.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/mem.h"

static void from_kernel(unsigned char *p, size_t n)
{
	while (n > 0) {
		ssize_t got = getrandom(p, n, 0);

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0) {
			fprintf(stderr, "porchlight: the kernel gives no random bytes\n");
			abort();
		}
		p += got;
		n -= (size_t)got;
	}
}

void rand_bytes(void *out, size_t n)
{
	static _Thread_local unsigned char pool[256];
	static _Thread_local size_t left;
	unsigned char *p = out;

	if (n > sizeof(pool)) {
		from_kernel(p, n);
		return;
	}
	if (left < n) {
		from_kernel(pool, sizeof(pool));
		left = sizeof(pool);
	}
	left -= n;
	memcpy(p, pool + left, n);
	mem_wipe(pool + left, n); /* what was handed out is not kept */
}

uint64_t rand_u64(void)
{
	uint64_t v;

	rand_bytes(&v, sizeof(v));
	return v;
}

uint32_t rand_below(uint32_t n)
{
	uint32_t bad = (uint32_t)-n % n, v; /* values below bad would favour small results */

	do
		rand_bytes(&v, sizeof(v));
	while (v < bad);
	return v % n;
}
