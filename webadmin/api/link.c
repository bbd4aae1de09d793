/* link.c: /link: an administrator uses a one-time link to choose a password. */
#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "db/admins.h"
#include "net/throttle.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/link.h"
#include "webadmin/api/password.h"
#include "webadmin/api/sessions.h"

enum { LINK_BYTES_MAX = 512 };

enum err api_link_store(struct db *db, const char *token, int64_t admin)
{
	struct db_link l = { .kind = DB_LINK_PASSWORD,
			     .admin_id = admin,
			     .created_ms = clk_wall_ms() };
	enum err e = db_link_delete_kind(db, DB_LINK_PASSWORD, admin);

	l.expires_ms = l.created_ms + API_LINK_MS;
	token_hash(str_of(token), l.hash);
	return e != E_OK ? e : db_link_add(db, &l);
}

void api_link_set(json_t *o, const struct api *a, const char *token)
{
	struct buf b;

	/* The token stands behind '#': browsers do not send that part, so it is in no log. */
	buf_init(&b, LINK_BYTES_MAX);
	buf_addf(&b, "%s/setup.html#%s", a->base_url, token);
	api_set_str(o, "link", buf_str(&b));
	buf_fini(&b);
}

struct link_call {
	struct api_call call;
	struct api_password password;
	struct str token;
	struct db_link link;
};

static bool is_guessing(struct link_call *l)
{
	int64_t wait_ms;

	return throttle_check(l->call.api->throttle, STR("link/"), http_req_peer(l->call.rq),
			      clk_ms(), &wait_ms) != THROTTLE_PASS;
}

static void refuse(struct link_call *l)
{
	throttle_fail(l->call.api->throttle, STR("link/"), http_req_peer(l->call.rq), clk_ms());
	api_error(l->call.rq, 403, "wrong_token", "This link is no longer valid.", NULL);
}

static void on_used(struct api_call *c)
{
	struct link_call *l = CONTAINER_OF(c, struct link_call, call);
	struct admin *a = admins_get(c->api->admins, l->link.admin_id);

	if (c->err == E_NOTFOUND || c->err == E_STALE) {
		refuse(l);
		return;
	}
	if (c->err != E_OK || a == NULL) {
		api_fail(c->rq, c->err != E_OK ? c->err : E_GONE, "The administrator");
		return;
	}
	admins_set_password(a, str_of(l->password.argon2));
	sessions_end_admin(c->api->sessions, a->id, STR_NULL);
	api_reply_empty(c->rq);
}

static enum err use(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct link_call *l = CONTAINER_OF(c, struct link_call, call);
	unsigned char hash[TOKEN_HASH_LEN];
	enum err e;

	token_hash(l->token, hash);
	e = db_link_use(db, hash, clk_wall_ms(), &l->link);
	if (e == E_OK)
		e = db_admin_set_password(db, l->link.admin_id, str_of(l->password.argon2));
	if (e == E_OK)
		e = db_session_delete_admin(db, l->link.admin_id, NULL);
	return e != E_OK ? e : api_audit_in(c, db, "admin.password-by-link", STR(""), STR(""));
}

static void on_hashed(struct api_call *c)
{
	api_store(c, STORE_DURABLE, use, on_used);
}

static enum err look(struct store_op *op, struct db *db)
{
	struct link_call *l = CONTAINER_OF(CONTAINER_OF(op, struct api_call, op), struct link_call,
					   call);
	unsigned char hash[TOKEN_HASH_LEN];

	token_hash(l->token, hash);
	return db_link_get(db, hash, clk_wall_ms(), &l->link);
}

/* Hashing is dear: strangers do not get it for a guess. */
static void on_looked(struct api_call *c)
{
	struct link_call *l = CONTAINER_OF(c, struct link_call, call);
	const struct admin *a = admins_get(c->api->admins, l->link.admin_id);

	if (c->err == E_NOTFOUND || c->err == E_STALE)
		refuse(l);
	else if (c->err != E_OK)
		api_fail(c->rq, c->err, "The link");
	else if (a == NULL)
		api_fail(c->rq, E_GONE, "The administrator");
	else if (api_password_is_good(c->rq, l->password.plain, a->name))
		api_password_hash(c, &l->password, on_hashed);
}

void api_link_post(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct link_call *l = api_call_new(rq, a, sizeof(*l));

	if (l == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "token",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = TOKEN_LEN,
		  .text = &l->token },
		{ .name = "password",
		  .kind = API_SECRET,
		  .required = true,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &l->password.plain },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	l->call.who = STR("one-time link");
	if (is_guessing(l))
		api_error(rq, 429, "too_many_attempts", "Too many attempts. Please wait a moment.",
			  NULL);
	else
		api_store(&l->call, STORE_QUERY, look, on_looked);
}
