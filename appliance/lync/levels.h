/* levels.h: the containers that are the domain's access levels, and writing a person's choice through. */
#ifndef LYNC_LEVELS_H
#define LYNC_LEVELS_H

#include "lync/lync_int.h"

/* false: not a container that people are put into. */
bool levels_of_container(uint32_t container, enum access_level *out);
uint32_t levels_container(enum access_level l);

/* In the presence room at once, on the disk soon. */
void levels_set(struct lync *l, account_id owner, account_id member, enum access_level level);
void levels_clear(struct lync *l, account_id owner, account_id member);

#endif
