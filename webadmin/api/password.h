/* password.h: a password on its way: checked, then hashed on a worker. */
#ifndef API_PASSWORD_H
#define API_PASSWORD_H

#include <stdbool.h>

#include "crypto/pwhash.h"
#include "webadmin/api/call.h"

/* What a struct that needs a hash embeds after its struct api_call. */
struct api_password {
	struct str plain; /* in the request's arena */
	char argon2[PWHASH_CAP];
	enum err err;
	api_then_fn *then;
};

/* False: 400 has been answered with the reason. */
bool api_password_is_good(struct http_req *rq, struct str password, struct str account);

/* then on the web thread with p->argon2, or the failure has been answered. */
void api_password_hash(struct api_call *c, struct api_password *p, api_then_fn *then);

#endif
