/* GetAndPublishCert ([MS-OCAUTHWS]): a certificate for whoever holds a web ticket. */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/base64.h"
#include "codec/xmlw.h"
#include "crypto/digest.h"
#include "crypto/x509_client.h"
#include "db/certs.h"
#include "db/lync_certs.h"
#include "db/store.h"
#include "net/worker.h"

#include "lync/ticket.h"
#include "lync/web.h"

#define X509_TYPE \
	"http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3"
#define SECEXT "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"

/* Store, worker, store: it outlives the room, so it holds what it needs of its surroundings. */
struct issue {
	struct store_op op;
	struct work work;
	struct store *store;
	struct worker_pool *workers;
	struct queue *queue; /* the switch's */
	struct http_req *rq;
	enum err err;
	int64_t not_after_s;
	account_id account;
	struct str aor, device; /* owned */
	struct buf csr, der, ca_cert, ca_key;
};

static void issue_free(struct issue *i)
{
	str_free(&i->aor);
	str_free(&i->device);
	buf_fini(&i->csr);
	buf_fini(&i->der);
	buf_fini(&i->ca_cert);
	mem_wipe(i->ca_key.p, i->ca_key.len);
	buf_fini(&i->ca_key);
	free(i);
}

static void answer(const struct issue *i)
{
	struct xmlw w;
	struct buf b, der;

	buf_init(&b, LYNC_WEB_BODY_MAX);
	buf_init(&der, LYNC_WEB_BODY_MAX);
	base64_encode(&der, buf_str(&i->der));
	xmlw_init(&w, &b);
	xmlw_start(&w, "s:Envelope");
	xmlw_attrz(&w, "xmlns:s", "http://schemas.xmlsoap.org/soap/envelope/");
	xmlw_start(&w, "s:Body");
	xmlw_start(&w, "GetAndPublishCertResponse");
	xmlw_attrz(&w, "xmlns", "http://schemas.microsoft.com/OCS/AuthWebServices/");
	xmlw_attr(&w, "DeviceId", i->device);
	xmlw_attr(&w, "Entity", i->aor);
	xmlw_start(&w, "RequestSecurityTokenResponse");
	xmlw_attrz(&w, "xmlns", "http://docs.oasis-open.org/ws-sx/ws-trust/200512/");
	xmlw_elemz(&w, "TokenType", X509_TYPE);
	xmlw_start(&w, "RequestedSecurityToken");
	xmlw_start(&w, "BinarySecurityToken");
	xmlw_attrz(&w, "ValueType", X509_TYPE);
	xmlw_attrz(&w, "EncodingType", SECEXT "#Base64Binary");
	xmlw_attrz(&w, "xmlns", SECEXT);
	xmlw_text(&w, buf_str(&der));
	xmlw_end_all(&w);
	http_reply(i->rq, 200, "text/xml; charset=utf-8", buf_str(&b));
	buf_fini(&der);
	buf_fini(&b);
}

static void take_ca(const struct db_cert *c, void *arg)
{
	struct issue *i = arg;

	buf_reset(&i->ca_cert);
	buf_reset(&i->ca_key);
	buf_add(&i->ca_cert, c->cert_pem);
	buf_add(&i->ca_key, c->key_pem);
}

static void finish(struct issue *i, enum err err)
{
	if (err == E_OK)
		answer(i);
	else if (err == E_BAD || err == E_UNSUPPORTED)
		web_fault(i->rq, 400, "The certificate request is not acceptable");
	else
		web_fault(i->rq, 503, "The certificate could not be made");
	issue_free(i);
}

/* --- 3. on the disk, before the client has it --- */

static enum err keep(struct store_op *op, struct db *db)
{
	struct issue *i = CONTAINER_OF(op, struct issue, op);
	struct db_lync_cert row = { .account_id = i->account,
				    .device = i->device,
				    .created_ms = clk_wall_ms(),
				    .not_after_ms = i->not_after_s * 1000 };

	digest_sha256(buf_str(&i->der), row.fingerprint);
	return db_lync_cert_add(db, &row, DSK_CERTS_PER_ACCOUNT);
}

static void on_kept(struct store_op *op)
{
	finish(CONTAINER_OF(op, struct issue, op), op->err);
}

/* --- 2. made: two signatures, milliseconds that neither the switch nor the store has to give --- */

static void make(struct work *w)
{
	struct issue *i = CONTAINER_OF(w, struct issue, work);

	i->err = x509_make_client(
		&(struct x509_client_in){ .csr_der = buf_str(&i->csr),
					  .common_name = str_sub(i->aor, 4, i->aor.len),
					  .ca_cert_pem = buf_str(&i->ca_cert),
					  .ca_key_pem = buf_str(&i->ca_key),
					  .now_s = clk_wall_ms() / 1000 },
		&i->der, &i->not_after_s);
}

static void on_made(struct work *w)
{
	struct issue *i = CONTAINER_OF(w, struct issue, work);

	if (w->cancelled || i->err != E_OK) {
		finish(i, w->cancelled ? E_GONE : i->err);
		return;
	}
	i->op = (struct store_op){
		.reply = i->queue, .cls = STORE_DURABLE, .run = keep, .done = on_kept
	};
	store_submit(i->store, &i->op);
}

/* --- 1. the authority, out of the file --- */

static enum err read_ca(struct store_op *op, struct db *db)
{
	return db_cert_get(db, DB_CERT_CA, take_ca, CONTAINER_OF(op, struct issue, op));
}

static void on_ca_read(struct store_op *op)
{
	struct issue *i = CONTAINER_OF(op, struct issue, op);

	i->work = (struct work){
		.run = make, .done = on_made, .reply = i->queue, .cls = WORK_LIGHT
	};
	if (op->err != E_OK || worker_submit(i->workers, &i->work) != E_OK)
		finish(i, op->err != E_OK ? op->err : E_AGAIN);
}

void certprov_on_request(struct lync *l, struct http_req *rq, const struct xml_node *envelope)
{
	const struct xml_node *ask = xml_find(envelope, NULL, "GetAndPublishCert");
	const struct lync_ticket *t = NULL;
	const struct account *a;
	struct issue *i;
	struct buf aor;

	if (lync_ticket_check(l, envelope, &t) != E_OK) {
		web_fault(rq, 401,
			  "The web ticket is unknown, has ended, or its signature is wrong");
		return;
	}
	a = directory_get(l->cfg.directory, t->account);
	if (ask == NULL || a == NULL || !a->enabled) {
		web_fault(rq, ask == NULL ? 400 : 403,
			  ask == NULL ? "No GetAndPublishCert" : "The account is disabled");
		return;
	}
	i = xcalloc(1, sizeof(*i));
	i->rq = rq;
	i->account = a->id;
	buf_init(&aor, URI_MAX);
	lync_aor(l, a, &aor);
	i->aor = str_dup(buf_str(&aor));
	buf_fini(&aor);
	i->device = str_dup(str_sub(xml_attr(ask, "DeviceId"), 0, LYNC_EPID_MAX));
	buf_init(&i->csr, LYNC_WEB_BODY_MAX);
	buf_init(&i->der, DSK_CERT_MAX);
	buf_init(&i->ca_cert, X509_PEM_MAX);
	buf_init(&i->ca_key, X509_PEM_MAX);
	if (base64_decode_folded(xml_text(xml_find(ask, NULL, "BinarySecurityToken")), &i->csr) !=
	    E_OK) {
		web_fault(rq, 400, "The certificate request is not base64");
		issue_free(i);
		return;
	}
	i->store = l->cfg.store;
	i->workers = l->cfg.workers;
	i->queue = l->cfg.queue;
	i->op = (struct store_op){
		.reply = i->queue, .cls = STORE_QUERY, .run = read_ca, .done = on_ca_read
	};
	store_submit(i->store, &i->op);
}

struct revoking {
	struct store_op op;
	account_id account;
};

static enum err run_revoking(struct store_op *op, struct db *db)
{
	return db_lync_cert_revoke(db, CONTAINER_OF(op, struct revoking, op)->account);
}

static void revoking_done(struct store_op *op)
{
	if (op->err != E_OK)
		log_error("lync", "certificates could not be revoked: %s", err_str(op->err));
	free(CONTAINER_OF(op, struct revoking, op));
}

void certprov_revoke(struct lync *l, account_id account)
{
	struct revoking *r;

	if (l->cfg.store == NULL)
		return;
	r = xcalloc(1, sizeof(*r));
	r->op = (struct store_op){ .cls = STORE_DURABLE,
				   .run = run_revoking,
				   .done = revoking_done };
	r->account = account;
	store_submit(l->cfg.store, &r->op);
}
