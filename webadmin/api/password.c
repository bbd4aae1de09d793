#include "crypto/password.h"

#include "webadmin/api/password.h"

bool api_password_is_good(struct http_req *rq, struct str password, struct str account)
{
	const char *why;

	if (password_check(password, account, &why) == E_OK)
		return true;
	api_error(rq, 400, "weak_password", why, "password");
	return false;
}

static void hash(struct api_call *c)
{
	c->password->err = pwhash_make(c->password->plain, c->password->argon2);
}

static void on_hashed(struct api_call *c)
{
	enum err e = c->err != E_OK ? c->err : c->password->err;

	if (e != E_OK)
		api_fail(c->rq, e, "The password");
	else
		c->password->then(c);
}

void api_password_hash(struct api_call *c, struct api_password *p, api_then_fn *then)
{
	p->then = then;
	c->password = p;
	api_work(c, WORK_HEAVY, hash, on_hashed);
}
