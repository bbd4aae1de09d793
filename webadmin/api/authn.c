/* authn.c: who asks: control.sock, API key or session, and the CSRF token of the last. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/admins.h"
#include "db/store.h"
#include "http/guard.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/api.h"
#include "webadmin/api/sessions.h"

static bool is_change(const struct http_req *rq)
{
	struct str m = http_req_method(rq);

	return !str_eq(m, STR("GET")) && !str_eq(m, STR("HEAD"));
}

/* When a session or key was last used, on its way to the file: a restart must not end what is in use. */
struct used_op {
	struct store_op op;
	unsigned char session[TOKEN_HASH_LEN];
	int64_t key; /* 0: it is about the session */
	int64_t at_ms;
};

static enum err used_run(struct store_op *op, struct db *db)
{
	struct used_op *u = CONTAINER_OF(op, struct used_op, op);

	return u->key != 0 ? db_api_key_used(db, u->key, u->at_ms)
			   : db_session_used(db, u->session, u->at_ms);
}

static void used_done(struct store_op *op)
{
	if (op->err != E_OK && op->err != E_NOTFOUND) /* it may have ended meanwhile */
		log_warn("web", "the use of a session was not noted: %s", err_str(op->err));
	free(CONTAINER_OF(op, struct used_op, op));
}

static void note_use(struct api *a, const struct session *s, int64_t key, int64_t now_ms)
{
	struct used_op *u = xcalloc(1, sizeof(*u));

	if (s != NULL)
		memcpy(u->session, s->hash, sizeof(u->session));
	u->key = key;
	u->at_ms = now_ms;
	u->op = (struct store_op){
		.reply = a->web, .cls = STORE_SOON, .run = used_run, .done = used_done
	};
	store_submit(a->store, &u->op);
}

static void note_session(struct api *a, struct session *s)
{
	if (s->used_ms - s->noted_ms < SESSION_NOTE_MS)
		return;
	s->noted_ms = s->used_ms;
	note_use(a, s, 0, s->used_ms);
}

static void note_key(struct api *a, struct api_key *k, int64_t now_ms)
{
	if (now_ms - k->used_ms < SESSION_NOTE_MS)
		return;
	k->used_ms = now_ms;
	note_use(a, NULL, k->id, now_ms);
}

static enum err by_key(struct api *a, struct http_req *rq, struct str header, enum http_auth need)
{
	struct http_principal *p = http_req_principal(rq);
	struct str token = header, scheme = str_cut(&token, ' ');
	struct api_key *k;

	if (!str_ieq(scheme, STR("Bearer")) || token.p == NULL)
		return E_AUTH;
	k = admins_find_key(a->admins, str_trim(token), clk_wall_ms());
	if (k == NULL)
		return E_AUTH;
	note_key(a, k, clk_wall_ms());
	if (need == HTTP_SESSION || (need == HTTP_ADMIN && !k->may_change))
		return E_DENIED;
	*p = (struct http_principal){ .kind = HTTP_BY_KEY,
				      .id = k->id,
				      .may_change = k->may_change };
	return arena_dup(http_req_arena(rq), k->name, &p->name);
}

static enum err by_session(struct api *a, struct http_req *rq, struct str token,
			   enum http_auth need)
{
	struct http_principal *p = http_req_principal(rq);
	struct session *s = sessions_get(a->sessions, token, clk_wall_ms());
	const struct admin *admin = s != NULL ? admins_get(a->admins, s->admin) : NULL;

	if (admin == NULL || !admin->enabled)
		return E_AUTH;
	if (need != HTTP_PUBLIC && is_change(rq) &&
	    !sessions_csrf_fits(token, http_req_header(rq, "X-CSRF-Token")))
		return E_DENIED;
	note_session(a, s);
	*p = (struct http_principal){ .kind = HTTP_BY_SESSION,
				      .id = admin->id,
				      .may_change = true };
	if (arena_dup(http_req_arena(rq), token, &p->token) != E_OK)
		return E_NOMEM;
	return arena_dup(http_req_arena(rq), admin->name, &p->name);
}

enum err api_authenticate(void *arg, struct http_req *rq, enum http_auth need)
{
	struct api *a = arg;
	struct http_principal *p = http_req_principal(rq);
	struct str header = http_req_header(rq, "Authorization");
	struct str cookie = http_req_cookie(rq, HTTP_SESSION_COOKIE);
	enum err e;

	if (http_req_is_local(rq)) {
		*p = (struct http_principal){ .kind = HTTP_BY_SOCKET,
					      .name = STR("command line"),
					      .may_change = true };
		return E_OK;
	}
	if (need == HTTP_LOCAL)
		return E_DENIED;
	if (header.p != NULL)
		e = by_key(a, rq, header, need);
	else if (cookie.p != NULL)
		e = by_session(a, rq, cookie, need);
	else
		e = E_AUTH;
	/* An old cookie must not keep anyone from signing in. */
	return need == HTTP_PUBLIC ? E_OK : e;
}
