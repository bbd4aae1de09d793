/* stored.h: what outlives the server of what people published: the lync_category table. */
#ifndef LYNC_STORED_H
#define LYNC_STORED_H

#include "lync/user.h"

/* Boot, before the store's thread: everything that has not ended meanwhile, with its facets. */
MUST_USE enum err lync_stored_load(struct lync *l);
/* Within a second on the disk; nothing for instances that end with a session. */
void lync_stored_put(struct lync *l, account_id account, const struct category *c);
void lync_stored_drop(struct lync *l, account_id account, const struct category *c);

#endif
