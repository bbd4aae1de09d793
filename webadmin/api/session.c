/* session.c: /session: signing in to the pages and out again. */
#include <string.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/pwhash.h"
#include "db/admins.h"
#include "http/guard.h"
#include "net/throttle.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/sessions.h"

enum { COOKIE_MAX = 160 };

struct sign_in {
	struct api_call call;
	struct str name, password, argon2, throttle_key, agent;
	int64_t admin;
	enum err verdict;
	struct session session;
	char token[TOKEN_CAP];
	unsigned char ended[TOKEN_HASH_LEN];
};

static void set_cookie(struct http_req *rq, const char *token, const char *attributes)
{
	struct buf b;

	buf_init(&b, COOKIE_MAX);
	buf_addf(&b, HTTP_SESSION_COOKIE "=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s", token,
		 attributes);
	http_req_add_header(rq, "Set-Cookie", buf_str(&b));
	buf_fini(&b);
}

static json_t *session_json(struct str name, struct str token)
{
	char csrf[TOKEN_CAP];
	json_t *j = json_object();

	sessions_csrf(token, csrf);
	api_set_str(j, "name", name);
	api_set_str(j, "csrf", str_of(csrf));
	return j;
}

static void on_session_stored(struct api_call *c)
{
	struct sign_in *s = CONTAINER_OF(c, struct sign_in, call);
	struct admin *a = admins_get(c->api->admins, s->admin);

	if (c->err != E_OK || a == NULL) {
		api_fail(c->rq, c->err != E_OK ? c->err : E_GONE, "The session");
		return;
	}
	sessions_put(c->api->sessions, &s->session, s->ended);
	a->last_sign_in_ms = s->session.created_ms;
	set_cookie(c->rq, s->token, "");
	api_reply(c->rq, 200, session_json(a->name, str_of(s->token)));
}

static enum err session_store(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct sign_in *s = CONTAINER_OF(c, struct sign_in, call);
	struct db_session row = { .admin_id = s->admin,
				  .created_ms = s->session.created_ms,
				  .used_ms = s->session.used_ms,
				  .expires_ms = s->session.created_ms + SESSION_MAX_MS,
				  .address = c->address,
				  .agent = s->agent };
	enum err e;

	memcpy(row.hash, s->session.hash, sizeof(row.hash));
	e = db_session_put(db, &row);
	if (e == E_OK)
		e = db_admin_signed_in(db, s->admin, s->session.created_ms);
	return e != E_OK ? e : api_audit_in(c, db, "session.sign-in", s->name, STR(""));
}

static void on_verified(struct api_call *c)
{
	struct sign_in *s = CONTAINER_OF(c, struct sign_in, call);
	struct api *a = c->api;
	const struct addr *peer = http_req_peer(c->rq);

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The sign-in");
		return;
	}
	if (s->verdict != E_OK) {
		throttle_fail(a->throttle, s->throttle_key, peer, clk_ms());
		log_warn("web", "sign-in failed admin=%.*s source=%.*s", STR_ARG(s->name),
			 STR_ARG(c->address));
		api_error(c->rq, 401, "wrong_credentials", "The name or the password is wrong.",
			  NULL);
		return;
	}
	throttle_ok(a->throttle, s->throttle_key, peer, clk_ms());
	token_make(s->token);
	token_hash(str_of(s->token), s->session.hash);
	s->session.admin = s->admin;
	s->session.created_ms = s->session.used_ms = s->session.noted_ms = clk_wall_ms();
	c->who = s->name;
	api_store(c, STORE_DURABLE, session_store, on_session_stored);
}

static void verify(struct api_call *c)
{
	struct sign_in *s = CONTAINER_OF(c, struct sign_in, call);

	/* A name nobody has costs the same time. */
	s->verdict = s->argon2.len > 0 ? pwhash_verify(s->argon2, s->password)
				       : pwhash_verify_nobody(s->password);
}

void api_session_post(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct sign_in *s = api_call_new(rq, a, sizeof(*s));
	const struct admin *admin;
	struct buf key;
	int64_t wait_ms;

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = 64,
		  .text = &s->name },
		{ .name = "password",
		  .kind = API_SECRET,
		  .required = true,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &s->password },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	/* Administrators are no SIP accounts: their counters must not meet. */
	buf_init(&key, 128);
	buf_addf(&key, "admin/%.*s", STR_ARG(s->name));
	if (arena_dup(http_req_arena(rq), buf_str(&key), &s->throttle_key) != E_OK)
		s->throttle_key = s->name;
	buf_fini(&key);
	if (throttle_check(a->throttle, s->throttle_key, http_req_peer(rq), clk_ms(), &wait_ms) !=
	    THROTTLE_PASS) {
		api_error(rq, 429, "too_many_attempts", "Too many attempts. Please wait a moment.",
			  NULL);
		return;
	}
	if (arena_dup(http_req_arena(rq),
		      str_sub(http_req_header(rq, "User-Agent"), 0, API_AGENT_MAX),
		      &s->agent) != E_OK)
		s->agent = STR_NULL;
	admin = admins_find(a->admins, s->name);
	if (admin != NULL && admin->enabled) {
		s->admin = admin->id;
		if (arena_dup(http_req_arena(rq), admin->argon2, &s->argon2) != E_OK)
			s->argon2 = STR_NULL;
	}
	api_work(&s->call, WORK_HEAVY, verify, on_verified);
}

void api_session_get(struct http_req *rq, void *arg)
{
	const struct http_principal *p = http_req_principal(rq);
	json_t *j;

	(void)arg;
	if (p->kind == HTTP_BY_SESSION) {
		api_reply(rq, 200, session_json(p->name, p->token));
		return;
	}
	j = json_object();
	api_set_str(j, "name", p->name);
	api_reply(rq, 200, j);
}

static enum err session_drop(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	unsigned char hash[TOKEN_HASH_LEN];

	token_hash(http_req_principal(c->rq)->token, hash);
	return db_session_delete(db, hash);
}

static void on_dropped(struct api_call *c)
{
	if (c->err != E_OK && c->err != E_NOTFOUND) {
		api_fail(c->rq, c->err, "The session");
		return;
	}
	set_cookie(c->rq, "", "; Max-Age=0");
	api_reply_empty(c->rq);
}

void api_session_delete(struct http_req *rq, void *arg)
{
	const struct http_principal *p = http_req_principal(rq);
	struct api *a = arg;
	struct api_call *c;

	if (p->kind != HTTP_BY_SESSION) {
		api_error(rq, 400, "invalid", "There is no session to end.", NULL);
		return;
	}
	c = api_call_new(rq, a, sizeof(*c));
	if (c == NULL)
		return;
	sessions_end(a->sessions, p->token);
	api_store(c, STORE_DURABLE, session_drop, on_dropped);
}
