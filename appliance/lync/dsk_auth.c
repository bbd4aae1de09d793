#include "lync/dsk_auth.h"

#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/rand.h"
#include "crypto/x509_make.h"
#include "db/certs.h"
#include "db/lync_certs.h"
#include "db/store.h"

#include "lync/dsk.h"

struct dsk_auth {
	struct lync *lync;
	struct dsk_key *key; /* NULL: not made yet */
	struct list steps;   /* struct step: workers and the store have them */
	struct key_making *making;
};

/* A handshake between the client's second flight and its answer.  Invariant: in auth->steps while auth is set;
 * without it the server has ended, and the step only frees itself. */
struct step {
	struct work work;
	struct store_op op;
	struct list node;
	struct dsk_auth *auth;
	conn_id conn;
	uint64_t serial, txn;
	struct dsk_rsa *job;
	struct db_lync_cert cert;
};

/* The key's own making, once in the life of an installation. */
struct key_making {
	struct work work;
	struct store_op op;
	struct dsk_auth *auth; /* NULL: the server has ended */
	struct buf key_pem, cert_pem;
	struct dsk_key *key;
	enum err err;
};

bool dsk_auth_is_ready(const struct lync *l)
{
	return l->dsk != NULL && l->dsk->key != NULL;
}

/* --- handshakes --- */

void dsk_auth_drop(struct lync_conn *lc)
{
	dsk_free(&lc->dsk);
	lc->dsk_serial++; /* what is under way for the old one finds another number */
}

static void step_free(struct step *s)
{
	if (s->auth != NULL)
		list_del(&s->node);
	mem_wipe(s->job, sizeof(*s->job));
	free(s->job);
	free(s);
}

static struct lync_conn *conn_of(const struct step *s)
{
	struct sip_conn *c = s->auth == NULL ? NULL
					     : sip_conn_get(s->auth->lync->cfg.stack, s->conn);
	struct lync_conn *lc = c == NULL ? NULL : lync_conn_of(c);

	return lc != NULL && lc->dsk != NULL && lc->dsk_serial == s->serial ? lc : NULL;
}

static void fail(const struct step *s, struct lync_conn *lc, const char *why)
{
	log_info("lync", "conn=%llu TLS-DSK failed: %s", (unsigned long long)s->conn, why);
	dsk_auth_drop(lc);
	lync_challenge(s->auth->lync, s->txn, "Final handshake failed");
}

static void make_pending(struct lync_conn *lc, const struct db_lync_cert *cert)
{
	int64_t left_ms = cert->not_after_ms - clk_wall_ms();
	struct sa_keys keys = { .scheme = AUTH_TLS_DSK, .version = 4 };

	dsk_get_sign_keys(lc->dsk, keys.dsk.client, keys.dsk.server);
	sa_fini(&lc->pending);
	sa_init(&lc->pending, lc->dsk_opaque, &keys,
		clk_ms() + (left_ms < SA_LIFE_MS ? left_ms : SA_LIFE_MS));
	lc->has_pending = true;
	lc->pending_account = cert->account_id;
	mem_wipe(&keys, sizeof(keys));
}

/* The certificate has been looked up; the row is what makes it valid. */
static void on_found(struct store_op *op)
{
	struct step *s = CONTAINER_OF(op, struct step, op);
	struct lync_conn *lc = conn_of(s);
	struct buf out;

	if (lc == NULL) {
		step_free(s);
		return;
	}
	buf_init(&out, DSK_TRANSCRIPT_MAX);
	if (op->err != E_OK)
		fail(s, lc,
		     op->err == E_NOTFOUND ? "the certificate is unknown or revoked"
					   : err_str(op->err));
	else if (s->cert.not_after_ms <= clk_wall_ms())
		fail(s, lc, "the certificate has expired");
	else if (dsk_finish(lc->dsk, s->job, &out) != E_OK)
		fail(s, lc, "the client does not hold the certificate's key");
	else {
		make_pending(lc, &s->cert);
		lync_challenge_token(s->auth->lync, s->txn, AUTH_TLS_DSK, lc->dsk_opaque,
				     buf_str(&out));
		dsk_auth_drop(lc);
	}
	buf_fini(&out);
	step_free(s);
}

static enum err find(struct store_op *op, struct db *db)
{
	struct step *s = CONTAINER_OF(op, struct step, op);
	unsigned char fingerprint[DB_FINGERPRINT_LEN];

	digest_sha256(str_n(s->job->cert, s->job->cert_len), fingerprint);
	return db_lync_cert_find(db, fingerprint, &s->cert);
}

static void run_rsa(struct work *w)
{
	dsk_rsa_run(CONTAINER_OF(w, struct step, work)->job);
}

static void on_rsa(struct work *w)
{
	struct step *s = CONTAINER_OF(w, struct step, work);
	struct lync_conn *lc = conn_of(s);

	if (lc == NULL || w->cancelled) {
		step_free(s);
		return;
	}
	s->op = (struct store_op){
		.reply = s->auth->lync->cfg.queue, .cls = STORE_QUERY, .run = find, .done = on_found
	};
	store_submit(s->auth->lync->cfg.store, &s->op);
}

static enum sip_auth_result start_rsa(struct lync *l, struct sip_txn *t, struct lync_conn *lc)
{
	struct step *s = xcalloc(1, sizeof(*s));

	*s = (struct step){
		.work = { .run = run_rsa,
			  .done = on_rsa,
			  .reply = l->cfg.queue,
			  .cls = WORK_LIGHT },
		.auth = l->dsk,
		.conn = lc->id,
		.serial = lc->dsk_serial,
		.txn = sip_txn_id(t),
		.job = dsk_take_job(lc->dsk),
	};
	list_push_back(&l->dsk->steps, &s->node);
	if (worker_submit(l->cfg.workers, &s->work) == E_OK)
		return SIP_AUTH_PENDING;
	step_free(s);
	dsk_auth_drop(lc);
	sip_reply(l->cfg.stack, sip_txn_id(t), 503, NULL, STR("Retry-After: 5\r\n"), STR_NULL,
		  STR_NULL);
	return SIP_AUTH_ANSWERED;
}

enum sip_auth_result dsk_auth_on_token(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				       const struct auth_hdr *h, struct str token)
{
	enum sip_auth_result result = SIP_AUTH_ANSWERED;
	enum dsk_next next;
	struct buf out;

	if (h->opaque.p == NULL || lc->dsk == NULL) {
		dsk_auth_drop(lc);
		lc->dsk = dsk_new(l->dsk->key);
		sa_make_opaque(lc->dsk_opaque);
	} else if (!str_ieqz(h->opaque, lc->dsk_opaque)) {
		lync_challenge(l, sip_txn_id(t), "No such handshake");
		return SIP_AUTH_ANSWERED;
	}
	buf_init(&out, DSK_TRANSCRIPT_MAX);
	if (dsk_feed(lc->dsk, token, &out, &next) != E_OK) {
		dsk_auth_drop(lc);
		lync_challenge(l, sip_txn_id(t), "Final handshake failed");
	} else if (next == DSK_NEED_RSA) {
		result = start_rsa(l, t, lc);
	} else {
		lync_challenge_token(l, sip_txn_id(t), AUTH_TLS_DSK, lc->dsk_opaque, buf_str(&out));
	}
	buf_fini(&out);
	return result;
}

/* --- the key --- */

static void load_row(const struct db_cert *c, void *arg)
{
	struct dsk_auth *a = arg;

	if (dsk_key_load(c->key_pem, STR("TLS-DSK"), clk_wall_ms() / 1000, &a->key) != E_OK)
		log_error("lync", "the key of TLS-DSK cannot be read");
}

struct loading {
	struct store_op op;
	struct dsk_auth *auth;
};

static enum err load_run(struct store_op *op, struct db *db)
{
	return db_cert_get(db, DB_CERT_TLS_DSK, load_row,
			   CONTAINER_OF(op, struct loading, op)->auth);
}

static void making_free(struct key_making *m)
{
	if (m->auth != NULL)
		m->auth->making = NULL;
	mem_wipe(m->key_pem.p, m->key_pem.len);
	buf_fini(&m->key_pem);
	buf_fini(&m->cert_pem);
	dsk_key_free(&m->key);
	free(m);
}

static void run_making(struct work *w)
{
	struct key_making *m = CONTAINER_OF(w, struct key_making, work);
	int64_t now_s = clk_wall_ms() / 1000;

	m->err = dsk_key_make(&m->key_pem);
	if (m->err == E_OK)
		m->err = x509_make_server(&(struct x509_server_in){ .host = STR("tls-dsk.invalid"),
								    .key_pem = buf_str(&m->key_pem),
								    .now_s = now_s },
					  &m->cert_pem);
	if (m->err == E_OK)
		m->err = dsk_key_load(buf_str(&m->key_pem), STR("TLS-DSK"), now_s, &m->key);
}

static enum err keep(struct store_op *op, struct db *db)
{
	struct key_making *m = CONTAINER_OF(op, struct key_making, op);
	int64_t id, now_ms = clk_wall_ms();
	struct db_cert c = {
		.kind = DB_CERT_TLS_DSK,
		.cert_pem = buf_str(&m->cert_pem),
		.key_pem = buf_str(&m->key_pem),
		.serial = STR("0"),
		.not_before_ms = now_ms,
		.not_after_ms = now_ms + 3650LL * 86400 * 1000,
		.created_ms = now_ms,
	};

	return db_cert_add(db, &c, &id);
}

static void on_kept(struct store_op *op)
{
	struct key_making *m = CONTAINER_OF(op, struct key_making, op);

	if (op->err != E_OK) {
		log_error("lync", "the key of TLS-DSK could not be kept: %s", err_str(op->err));
	} else if (m->auth != NULL) {
		m->auth->key = m->key;
		m->key = NULL;
		log_info("lync", "TLS-DSK is ready");
	}
	making_free(m);
}

static void on_made(struct work *w)
{
	struct key_making *m = CONTAINER_OF(w, struct key_making, work);

	if (m->auth == NULL || w->cancelled || m->err != E_OK) {
		if (m->err != E_OK)
			log_error("lync", "no key for TLS-DSK could be made: %s", err_str(m->err));
		making_free(m);
		return;
	}
	m->op = (struct store_op){ .reply = m->auth->lync->cfg.queue,
				   .cls = STORE_DURABLE,
				   .run = keep,
				   .done = on_kept };
	store_submit(m->auth->lync->cfg.store, &m->op);
}

static void make_key(struct dsk_auth *a)
{
	struct key_making *m = xcalloc(1, sizeof(*m));

	m->work = (struct work){
		.run = run_making, .done = on_made, .reply = a->lync->cfg.queue, .cls = WORK_LIGHT
	};
	m->auth = a;
	buf_init(&m->key_pem, X509_PEM_MAX);
	buf_init(&m->cert_pem, X509_PEM_MAX);
	a->making = m;
	if (worker_submit(a->lync->cfg.workers, &m->work) != E_OK)
		making_free(m);
}

struct dsk_auth *dsk_auth_new(struct lync *l)
{
	struct dsk_auth *a = xcalloc(1, sizeof(*a));
	struct loading ld = { .op = { .cls = STORE_QUERY, .run = load_run }, .auth = a };

	a->lync = l;
	list_init(&a->steps);
	if (l->cfg.store == NULL || l->cfg.workers == NULL)
		return a;
	if (store_run_sync(l->cfg.store, &ld.op) == E_NOTFOUND)
		make_key(a);
	return a;
}

void dsk_auth_free(struct dsk_auth **ap)
{
	struct dsk_auth *a = *ap;

	*ap = NULL;
	if (a == NULL)
		return;
	LIST_EACH (&a->steps, n) {
		struct step *s = LIST_ITEM(n, struct step, node);

		list_del(&s->node);
		s->auth = NULL;
	}
	if (a->making != NULL)
		a->making->auth = NULL;
	dsk_key_free(&a->key);
	free(a);
}
