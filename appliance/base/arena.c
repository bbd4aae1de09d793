#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCK = 2048, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t used, cap;
	_Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t max_bytes)
{
	*a = (struct arena){ .max = max_bytes };
}

void arena_fini(struct arena *a)
{
	struct arena_block *b = a->head, *next;

	for (; b != NULL; b = next) {
		next = b->next;
		free(b);
	}
	arena_init(a, a->max);
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;
	size_t size;
	void *p;

	if (n > a->max || a->used > a->max - n)
		return NULL;
	size = (n + ALIGN - 1) / ALIGN * ALIGN;
	if (b == NULL || b->cap - b->used < size) {
		size_t cap = size > BLOCK ? size : BLOCK;

		b = malloc(sizeof(*b) + cap);
		if (b == NULL)
			return NULL;
		b->used = 0;
		b->cap = cap;
		b->next = a->head;
		a->head = b;
	}
	p = b->bytes + b->used;
	b->used += size;
	a->used += size; /* the padding counts, or tiny pieces would hold 16 times the cap */
	memset(p, 0, size);
	return p;
}

enum err arena_dup(struct arena *a, struct str s, struct str *out)
{
	char *p = arena_alloc(a, s.len + 1);

	if (p == NULL)
		return E_NOMEM;
	if (s.len > 0)
		memcpy(p, s.p, s.len);
	*out = str_n(p, s.len);
	return E_OK;
}
