/* server_cert.c: the server's certificate: read from the file, made when there is none, renewed in time.
 *
 * Before set-up a temporary one, signed by itself and never stored, lets a browser
 * reach the set-up page.  Renewal is a chain of three steps, each on the thread
 * whose work it is:  store (read) -> worker (make) -> store (keep) -> switch (use). */
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/x509.h"
#include "db/certs.h"
#include "db/settings.h"
#include "webadmin/api/certificates.h"
#include "webadmin/api/issue.h"

#include "app/server_int.h"

enum { SETTING_MAX = 512 };

static const int64_t look_every_ms = 6 * 3600 * 1000;
static const int64_t renew_before_ms = 30LL * 86400 * 1000;

enum step { STEP_IDLE, STEP_READING, STEP_MAKING, STEP_KEEPING };

struct renewal {
	struct server *server;
	enum step step;
	struct store_op op;
	struct work work;
	struct timer timer;
	struct issue_pair ca, server_pair; /* as in the file; empty: none */
	struct issue_pair fresh;
	bool is_own;
	int64_t not_after_ms;
	struct buf domain, host;
	struct issue_names names;
	enum err err; /* of making */
};

static void renewal_init(struct renewal *r, struct server *s)
{
	*r = (struct renewal){ .server = s };
	issue_pair_init(&r->ca);
	issue_pair_init(&r->server_pair);
	issue_pair_init(&r->fresh);
	buf_init(&r->domain, SETTING_MAX);
	buf_init(&r->host, SETTING_MAX);
}

static void renewal_fini(struct renewal *r)
{
	issue_pair_fini(&r->ca);
	issue_pair_fini(&r->server_pair);
	issue_pair_fini(&r->fresh);
	issue_names_fini(&r->names);
	buf_fini(&r->domain);
	buf_fini(&r->host);
}

/* ---- the three steps ---- */

static void take_ca(const struct db_cert *c, void *arg)
{
	struct renewal *r = arg;

	buf_add(&r->ca.cert, c->cert_pem);
	buf_add(&r->ca.key, c->key_pem);
}

static void take_server(const struct db_cert *c, void *arg)
{
	struct renewal *r = arg;

	buf_add(&r->server_pair.cert, c->cert_pem);
	buf_add(&r->server_pair.key, c->key_pem);
	r->is_own = c->is_own;
	r->not_after_ms = c->not_after_ms;
}

static enum err found(enum err e)
{
	return e == E_NOTFOUND ? E_OK : e;
}

static enum err read_file(struct store_op *op, struct db *db)
{
	struct renewal *r = CONTAINER_OF(op, struct renewal, op);
	enum err e = found(db_cert_get(db, DB_CERT_CA, take_ca, r));

	if (e == E_OK)
		e = found(db_cert_get(db, DB_CERT_SERVER, take_server, r));
	if (e == E_OK)
		e = found(db_setting_get(db, STR("domain"), &r->domain));
	return e == E_OK ? found(db_setting_get(db, STR("host"), &r->host)) : e;
}

/* The machine has an address that clients may dial and the certificate does not name. */
static bool misses_address(const struct renewal *r)
{
	struct x509_info i;
	bool misses = false;

	if (x509_read(buf_str(&r->server_pair.cert), &i) != E_OK)
		return true;
	for (size_t k = 0; k < r->names.n_addresses; k++)
		misses |= !x509_covers(&i, r->names.address[k]);
	x509_info_fini(&i);
	return misses;
}

/* Names what a new one would carry, and tells whether one is due. */
static bool is_due(struct renewal *r)
{
	if (r->domain.len == 0 || r->ca.cert.len == 0)
		return false; /* not set up */
	r->names.domain = buf_str(&r->domain);
	r->names.host = r->host.len > 0 ? buf_str(&r->host) : buf_str(&r->domain);
	issue_names_fini(&r->names);
	issue_names_local(&r->names);
	if (r->server_pair.cert.len == 0)
		return true;
	if (!r->is_own)
		return false; /* bought elsewhere: whoever bought it renews it */
	return r->not_after_ms - clk_wall_ms() < renew_before_ms || misses_address(r);
}

static enum err make(struct renewal *r)
{
	return issue_server(&r->names, buf_str(&r->ca.cert), buf_str(&r->ca.key),
			    clk_wall_ms() / 1000, &r->fresh);
}

static enum err keep(struct store_op *op, struct db *db)
{
	struct renewal *r = CONTAINER_OF(op, struct renewal, op);

	return api_certificate_store(db, DB_CERT_SERVER, buf_str(&r->fresh.cert),
				     buf_str(&r->fresh.key), true);
}

/* ---- using one ---- */

static void note_dates(struct server *s, struct str cert_pem)
{
	struct x509_info i;

	if (x509_read(cert_pem, &i) != E_OK)
		return;
	s->cert_not_after_ms = i.not_after_s * 1000;
	memcpy(s->cert_fingerprint, i.fingerprint, sizeof(s->cert_fingerprint));
	log_info("cert", "in use subject=%.*s serial=%s fingerprint=%s", LOG_PEER(i.subject),
		 i.serial, i.fingerprint);
	x509_info_fini(&i);
}

enum err server_cert_use(struct server *s, struct str cert_pem, struct str key_pem)
{
	struct tls_config *fresh;
	enum err e;

	if (!s->cfg->listen) {
		note_dates(s, cert_pem);
		return E_OK;
	}
	e = s->tls != NULL ? tls_config_renew(s->tls, cert_pem, key_pem, &fresh)
			   : tls_config_new(cert_pem, key_pem, &fresh);
	if (e != E_OK)
		return e;
	tls_config_unref(&s->tls);
	s->tls = fresh;
	if (s->doors != NULL)
		doors_reload(s->doors, fresh);
	note_dates(s, cert_pem);
	return E_OK;
}

static enum err use_temporary(struct server *s)
{
	struct issue_pair p;
	enum err e;

	issue_pair_init(&p);
	e = issue_temporary(clk_wall_ms() / 1000, &p);
	if (e == E_OK)
		e = server_cert_use(s, buf_str(&p.cert), buf_str(&p.key));
	if (e != E_OK)
		log_error("cert", "no temporary certificate could be made: %s", err_str(e));
	issue_pair_fini(&p);
	return e;
}

/* ---- at boot: the same steps, one after another on this thread ---- */

static enum err renew_now(struct renewal *r)
{
	struct server *s = r->server;
	enum err e = make(r);

	if (e == E_OK) {
		r->op = (struct store_op){ .cls = STORE_DURABLE, .run = keep };
		e = store_run_sync(s->store, &r->op);
	}
	if (e == E_OK) {
		log_info("cert", "renewed");
		return server_cert_use(s, buf_str(&r->fresh.cert), buf_str(&r->fresh.key));
	}
	/* A full disk must not keep the server from starting with what it has. */
	log_error("cert", "not renewed: %s", err_str(e));
	if (r->server_pair.cert.len == 0)
		return use_temporary(s);
	return server_cert_use(s, buf_str(&r->server_pair.cert), buf_str(&r->server_pair.key));
}

enum err server_cert_boot(struct server *s)
{
	struct renewal r;
	enum err e;

	renewal_init(&r, s);
	r.op = (struct store_op){ .cls = STORE_QUERY, .run = read_file };
	e = store_run_sync(s->store, &r.op);
	if (e != E_OK)
		log_error("cert", "cannot be read: %s", err_str(e));
	else if (s->cfg->listen && is_due(&r))
		e = renew_now(&r);
	else if (r.server_pair.cert.len > 0)
		e = server_cert_use(s, buf_str(&r.server_pair.cert), buf_str(&r.server_pair.key));
	else if (s->cfg->listen)
		e = use_temporary(s);
	renewal_fini(&r);
	return e;
}

/* ---- while running ---- */

static void enter(struct renewal *r, enum step step)
{
	r->step = step;
	if (step != STEP_IDLE)
		return;
	renewal_fini(r); /* wipes the keys; everything may be filled again */
	timer_start(loop_heap(r->server->sw), &r->timer, clk_ms() + look_every_ms);
}

static void on_kept(struct store_op *op)
{
	struct renewal *r = CONTAINER_OF(op, struct renewal, op);

	if (op->err != E_OK)
		log_error("cert", "the renewed certificate cannot be stored: %s", err_str(op->err));
	else if (server_cert_use(r->server, buf_str(&r->fresh.cert), buf_str(&r->fresh.key)) ==
		 E_OK)
		log_info("cert", "renewed");
	enter(r, STEP_IDLE);
}

static void on_worker(struct work *w)
{
	struct renewal *r = CONTAINER_OF(w, struct renewal, work);

	r->err = make(r);
}

static void on_made(struct work *w)
{
	struct renewal *r = CONTAINER_OF(w, struct renewal, work);

	if (w->cancelled || r->err != E_OK) {
		if (!w->cancelled)
			log_error("cert", "not renewed: %s", err_str(r->err));
		enter(r, STEP_IDLE);
		return;
	}
	enter(r, STEP_KEEPING);
	r->op = (struct store_op){ .reply = loop_queue(r->server->sw),
				   .cls = STORE_DURABLE,
				   .run = keep,
				   .done = on_kept };
	store_submit(r->server->store, &r->op);
}

static void on_read(struct store_op *op)
{
	struct renewal *r = CONTAINER_OF(op, struct renewal, op);

	if (op->err != E_OK || !is_due(r)) {
		enter(r, STEP_IDLE);
		return;
	}
	enter(r, STEP_MAKING);
	r->work = (struct work){ .run = on_worker,
				 .done = on_made,
				 .reply = loop_queue(r->server->sw),
				 .cls = WORK_LIGHT };
	if (worker_submit(r->server->workers, &r->work) != E_OK)
		enter(r, STEP_IDLE);
}

static void on_look(struct timer *t, void *arg)
{
	struct renewal *r = arg;

	(void)t;
	enter(r, STEP_READING);
	r->op = (struct store_op){ .reply = loop_queue(r->server->sw),
				   .cls = STORE_QUERY,
				   .run = read_file,
				   .done = on_read };
	store_submit(r->server->store, &r->op);
}

void server_cert_watch(struct server *s)
{
	s->renewal = xcalloc(1, sizeof(*s->renewal));
	renewal_init(s->renewal, s);
	timer_init(&s->renewal->timer, on_look, s->renewal);
	timer_start(loop_heap(s->sw), &s->renewal->timer, clk_ms() + look_every_ms);
}

void server_cert_free(struct server *s)
{
	if (s->renewal == NULL)
		return;
	timer_stop(loop_heap(s->sw), &s->renewal->timer);
	renewal_fini(s->renewal);
	free(s->renewal);
	s->renewal = NULL;
}
