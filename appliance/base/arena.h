/* arena.h: memory for one message: many small pieces, one end.
 *
 * Pieces are 16-byte aligned, zeroed and never freed one by one. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include "base/err.h"
#include "base/str.h"

struct arena_block;

struct arena {
	struct arena_block *head; /* newest first */
	size_t used, max;	  /* bytes handed out with their padding, cap */
};

void arena_init(struct arena *a, size_t max_bytes);
void arena_fini(struct arena *a);
MUST_USE void *arena_alloc(struct arena *a, size_t n); /* NULL over the cap */
MUST_USE enum err arena_dup(struct arena *a, struct str s, struct str *out);

#endif
