/* pagealloc.h: page-aligned memory for mbedTLS's big buffers (two of 16.7 KB per connection).
 *
 * Blocks of 4-24 KiB come from one reserved range and are never cleared by
 * hand: fresh pages are zero, and freed ones go back to the kernel, so only
 * touched pages count.  That, and the trim of idle connections, is the
 * difference between 34 and 10 KB per signed-in client (reference:
 * build-and-image 2.1).  Everything else, and everything once the range is
 * used up, comes from calloc.  Any thread may allocate, any may free. */
#ifndef NET_PAGEALLOC_H
#define NET_PAGEALLOC_H

#include <stddef.h>
#include <stdint.h>

/* Makes mbedTLS use it.  Once, before any other mbedTLS call and any thread. */
void pagealloc_install(void);

void *pagealloc_calloc(size_t n, size_t size); /* NULL when out of memory or n * size overflows */
void pagealloc_free(void *p);

/* Gives back every page of a block but its first; the bytes there read as zero from now on.
 * Returns the bytes given back (0 for memory that is not ours). */
size_t pagealloc_trim(void *p);

struct pagealloc_stats {
	uint64_t blocks, peak;		 /* in use */
	uint64_t allocs, trims, spilled; /* spilled: went to calloc because the range was full */
};
void pagealloc_stats_get(struct pagealloc_stats *out);

#endif
