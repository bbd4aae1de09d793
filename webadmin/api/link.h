/* link.h: one-time links with which an administrator chooses a password. */
#ifndef API_LINK_H
#define API_LINK_H

#include "webadmin/api/call.h"

/* Store thread: stores the hash of token for admin, instead of any earlier link. */
MUST_USE enum err api_link_store(struct db *db, const char *token, int64_t admin);
/* "https://host:port/setup.html#TOKEN" into o["link"]. */
void api_link_set(json_t *o, const struct api *a, const char *token);

#endif
