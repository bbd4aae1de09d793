/* avail_map.h: what a person's state is called on the wire: numbers and activity tokens ([MS-PRES] 2.2.2). */
#ifndef LYNC_AVAIL_MAP_H
#define LYNC_AVAIL_MAP_H

#include "base/str.h"
#include "presence/state.h"

/* The class a number falls into; AVAIL_NONE under 3000. */
enum avail avail_of_number(uint32_t number);
/* What is shown to watchers: the canonical number of the class, 6900 for "urgent interruptions only". */
uint32_t number_of_avail(enum avail a, enum activity activity);

/* Tokens are case-sensitive; ACTIVITY_NONE: another one. */
enum activity activity_of_token(struct str token);
/* STR_NULL: the class says it all.  min and max: the numbers that token goes with. */
struct str token_of_activity(enum activity a, uint32_t *min_out, uint32_t *max_out);

#endif
