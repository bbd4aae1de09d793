/* users.h: what the handlers about users share: an account as JSON, fields and faults. */
#ifndef API_USERS_H
#define API_USERS_H

#include "directory/directory.h"
#include "webadmin/api/call.h"

/* Switch. */
json_t *api_user_json(const struct api *a, const struct account *u);
/* Switch: the account the path names, or NULL after 404. */
const struct account *api_user_of_path(struct api_call *c);
/* What the directory answered to a change of an account. */
void api_user_fail(struct http_req *rq, enum err e);

#endif
