/* facet_map.h: which published categories are inputs of a person's one state, and how they read. */
#ifndef LYNC_FACET_MAP_H
#define LYNC_FACET_MAP_H

#include <stdbool.h>

#include "lync/category.h"
#include "presence/facet.h"

/* What tells the facets of this dialect from others of the same endpoint. */
uint64_t facet_source_of(const struct category *c);

/* true: c counts as *out; its note, if it is one, is appended to note_out, which out then borrows.
 * What carries no availability ("reset status"), or cannot be read, counts for nothing. */
bool facet_of_category(const struct category *c, struct buf *note_out, struct facet *out);

/* The xsi:type of a published state: "userState", "machineState" ...; empty: none. */
void facet_state_type(struct str xml, struct buf *out);

#endif
