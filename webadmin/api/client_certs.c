/* client_certs.c: /users/{name}/certificates: what a person's clients sign in with in place of the password.
 *
 * A certificate counts while its row is there; who has deleted it has revoked it. */
#include "db/lync_certs.h"

#include <string.h>

#include "base/mem.h"
#include "crypto/digest.h"

#include "webadmin/api/call.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

struct certs_call {
	struct api_call call;
	account_id account;
	unsigned char fingerprint[DB_FINGERPRINT_LEN];
	bool is_one;
	json_t *list;
};

static struct certs_call *of(struct api_call *c)
{
	return CONTAINER_OF(c, struct certs_call, call);
}

static void certs_fini(struct api_call *c)
{
	json_decref(of(c)->list);
}

static void append(const struct db_lync_cert *c, void *arg)
{
	struct certs_call *s = arg;
	char id[2 * DB_FINGERPRINT_LEN + 1];
	json_t *j = json_object();

	digest_hex(c->fingerprint, sizeof(c->fingerprint), id);
	json_object_set_new(j, "id", json_string(id));
	api_set_str(j, "device", c->device);
	api_set_int(j, "created_ms", c->created_ms);
	api_set_int(j, "not_after_ms", c->not_after_ms);
	json_array_append_new(s->list, j);
}

static enum err list(struct store_op *op, struct db *db)
{
	struct certs_call *s = of(CONTAINER_OF(op, struct api_call, op));

	return db_lync_cert_each(db, s->account, append, s);
}

static void listed(struct api_call *c)
{
	struct certs_call *s = of(c);
	json_t *j;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The certificates");
		return;
	}
	j = json_pack("{s:O,s:n}", "certificates", s->list, "next");
	api_reply(c->rq, 200, j);
}

static void find_and_list(struct api_call *c)
{
	const struct account *u = api_user_of_path(c);

	if (u == NULL)
		return;
	of(c)->account = u->id;
	api_store(c, STORE_QUERY, list, listed);
}

void api_client_certs_get(struct http_req *rq, void *arg)
{
	struct certs_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL)
		return;
	s->call.fini = certs_fini;
	s->list = json_array();
	api_switch(&s->call, find_and_list);
}

static enum err revoke(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct certs_call *s = of(c);
	enum err e = s->is_one ? db_lync_cert_revoke_one(db, s->account, s->fingerprint)
			       : db_lync_cert_revoke(db, s->account);

	if (e != E_OK)
		return e;
	return api_audit_in(c, db, "certificate.revoke", http_req_capture(c->rq, "name"),
			    s->is_one ? http_req_capture(c->rq, "id") : STR("all"));
}

static void revoked(struct api_call *c)
{
	if (c->err != E_OK)
		api_fail(c->rq, c->err, "The certificate");
	else
		api_reply_empty(c->rq);
}

static void find_and_revoke(struct api_call *c)
{
	const struct account *u = api_user_of_path(c);

	if (u == NULL)
		return;
	of(c)->account = u->id;
	api_store(c, STORE_DURABLE, revoke, revoked);
}

void api_client_certs_delete(struct http_req *rq, void *arg)
{
	struct certs_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, find_and_revoke);
}

void api_client_cert_delete(struct http_req *rq, void *arg)
{
	struct certs_call *s = api_call_new(rq, arg, sizeof(*s));

	if (s == NULL || !api_read(rq, NULL, 0))
		return;
	s->is_one = true;
	if (digest_unhex(http_req_capture(rq, "id"), s->fingerprint, sizeof(s->fingerprint)) !=
	    E_OK)
		api_fail(rq, E_NOTFOUND, "The certificate");
	else
		api_switch(&s->call, find_and_revoke);
}
