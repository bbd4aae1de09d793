/* source.h: how many unauthenticated connections each source address has now.
 *
 * One table for all doors, atomic counters, no lock.  Two rows of keyed
 * buckets: a source is over its cap only if both its buckets are, so strangers
 * that share one bucket do not hurt each other. */
#ifndef NET_SOURCE_H
#define NET_SOURCE_H

#include <stdint.h>

#include "base/err.h"
#include "net/addr.h"

struct source_table; /* opaque */

struct source_table *source_table_new(uint32_t cap_per_source);
void source_table_free(struct source_table **tp); /* after the last stream that is counted in it */

/* Any thread.  E_FULL: the source is at its cap, nothing counted.  *key_out names it for the release. */
MUST_USE enum err source_enter(struct source_table *t, const struct addr *peer, uint64_t *key_out);
void source_leave(struct source_table *t, uint64_t key);
uint32_t source_count(const struct source_table *t, const struct addr *peer);

#endif
