#include <assert.h>
#include <mbedtls/platform.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/num.h"

#include "net/pagealloc.h"

enum {
	PAGE = 4096,
	SLOT_PAGES = 6, /* 16 KiB of content and TLS overhead need 5 */
	SLOT = SLOT_PAGES * PAGE,
	/* two per connection: NET_CONNS_MAX and the doors' handshakes fit; 1.5 GiB of addresses */
	SLOTS = 65536,
	/* slots made accessible at a time, so that strict overcommit is not charged for all */
	STEP = 256,
};

/* Invariants (under lock, but base is written once before any other thread):
 * 1. Slots [0, made) are readable and writable; the rest of the range is reserved only.
 * 2. stack[0, n_free) are the free ones of [0, made), each once; their pages hold zeros or nothing.
 * 3. The state is the process's, because mbedTLS's allocation hooks take no argument. */
static struct {
	pthread_mutex_t lock;
	char *base;
	uint32_t made, n_free;
	uint32_t *stack; /* beside the blocks: a link inside a free block would cost its page */
	_Atomic uint64_t blocks, peak, allocs, trims, spilled;
} g = { .lock = PTHREAD_MUTEX_INITIALIZER };

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void reserve(void)
{
	size_t size = (size_t)SLOTS * SLOT;
	void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint32_t *stack;

	if (p == MAP_FAILED)
		return; /* everything spills to calloc */
	stack = mmap(NULL, SLOTS * sizeof(*stack), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (stack == MAP_FAILED) {
		munmap(p, size);
		return;
	}
	/* A huge page would bring the untouched pages back. */
	madvise(p, size, MADV_NOHUGEPAGE);
	g.stack = stack;
	g.base = p;
}

void pagealloc_install(void)
{
	pthread_once(&once, reserve);
	mbedtls_platform_set_calloc_free(pagealloc_calloc, pagealloc_free);
}

/* Under lock: makes STEP more slots usable. */
static void grow(void)
{
	if (g.made == SLOTS)
		return;
	if (mprotect(g.base + (size_t)g.made * SLOT, (size_t)STEP * SLOT, PROT_READ | PROT_WRITE) !=
	    0)
		return;
	for (uint32_t i = STEP; i > 0; i--)
		g.stack[g.n_free++] = g.made + i - 1;
	g.made += STEP;
}

static void *take_slot(void)
{
	void *p = NULL;

	pthread_mutex_lock(&g.lock);
	if (g.n_free == 0)
		grow();
	if (g.n_free > 0) {
		uint64_t n = atomic_fetch_add_explicit(&g.blocks, 1, memory_order_relaxed) + 1;

		if (n > atomic_load_explicit(&g.peak, memory_order_relaxed))
			atomic_store_explicit(&g.peak, n, memory_order_relaxed);
		p = g.base + (size_t)g.stack[--g.n_free] * SLOT;
	}
	pthread_mutex_unlock(&g.lock);
	return p;
}

static bool is_ours(const void *p)
{
	return g.base != NULL && (uintptr_t)p >= (uintptr_t)g.base &&
	       (uintptr_t)p - (uintptr_t)g.base < (size_t)SLOTS * SLOT;
}

void *pagealloc_calloc(size_t n, size_t size)
{
	size_t total;
	void *p;

	if (!num_mul_size(n, size, &total))
		return NULL;
	if (total < PAGE || total > SLOT)
		return calloc(n, size);
	pthread_once(&once, reserve);
	if (g.base == NULL || (p = take_slot()) == NULL) {
		atomic_fetch_add_explicit(&g.spilled, 1, memory_order_relaxed);
		return calloc(n, size);
	}
	atomic_fetch_add_explicit(&g.allocs, 1, memory_order_relaxed);
	return p;
}

void pagealloc_free(void *p)
{
	if (p == NULL)
		return;
	if (!is_ours(p)) {
		free(p);
		return;
	}
	assert(((uintptr_t)p - (uintptr_t)g.base) % SLOT == 0);
	/* Outside the lock, and before anybody else can get the slot: it must read as zeros. */
	if (madvise(p, SLOT, MADV_DONTNEED) != 0)
		memset(p, 0, SLOT); /* locked memory */
	pthread_mutex_lock(&g.lock);
	g.stack[g.n_free++] = (uint32_t)(((uintptr_t)p - (uintptr_t)g.base) / SLOT);
	pthread_mutex_unlock(&g.lock);
	atomic_fetch_sub_explicit(&g.blocks, 1, memory_order_relaxed);
}

size_t pagealloc_trim(void *p)
{
	size_t rest = SLOT - PAGE;

	if (p == NULL || !is_ours(p) || madvise((char *)p + PAGE, rest, MADV_DONTNEED) != 0)
		return 0;
	atomic_fetch_add_explicit(&g.trims, 1, memory_order_relaxed);
	return rest;
}

void pagealloc_stats_get(struct pagealloc_stats *out)
{
	*out = (struct pagealloc_stats){
		.blocks = atomic_load_explicit(&g.blocks, memory_order_relaxed),
		.peak = atomic_load_explicit(&g.peak, memory_order_relaxed),
		.allocs = atomic_load_explicit(&g.allocs, memory_order_relaxed),
		.trims = atomic_load_explicit(&g.trims, memory_order_relaxed),
		.spilled = atomic_load_explicit(&g.spilled, memory_order_relaxed),
	};
}
