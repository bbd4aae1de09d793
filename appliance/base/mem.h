/* mem.h: allocation that aborts when memory is out, and wiping of secrets.
 *
 * For small, fixed-size things only; what a peer sizes comes from buf or arena,
 * which have caps. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

void *xcalloc(size_t n, size_t size) __attribute__((returns_nonnull));
void *xmalloc(size_t size) __attribute__((returns_nonnull));
void *xrealloc(void *p, size_t size) __attribute__((returns_nonnull));
char *xstrdup(const char *s) __attribute__((returns_nonnull));
char *xasprintf(const char *fmt, ...) __attribute__((returns_nonnull, format(printf, 1, 2)));

void mem_wipe(void *p, size_t n); /* not optimised away */

/* The structure that contains member at address p. */
#define CONTAINER_OF(p, type, member) ((type *)(void *)((char *)(p)-offsetof(type, member)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof((a)[0]))

#endif
