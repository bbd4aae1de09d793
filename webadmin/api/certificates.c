/* certificates.c: /certificates: what is in use, and the import of one's own. */
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509.h"

#include "webadmin/api/call.h"
#include "webadmin/api/certificates.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"

struct certs_call {
	struct api_call call;
	struct str ca, server; /* PEM, in the arena; STR_NULL: none yet */
	bool server_own;
};

enum err api_certificate_store(struct db *db, enum db_cert_kind kind, struct str cert_pem,
			       struct str key_pem, bool own)
{
	struct db_cert row = { .kind = kind,
			       .cert_pem = cert_pem,
			       .key_pem = key_pem,
			       .is_own = own,
			       .created_ms = clk_wall_ms() };
	struct x509_info info;
	int64_t id;
	enum err e = x509_read(cert_pem, &info);

	if (e != E_OK)
		return e;
	row.serial = str_of(info.serial);
	row.not_before_ms = info.not_before_s * 1000;
	row.not_after_ms = info.not_after_s * 1000;
	e = db_cert_add(db, &row, &id);
	x509_info_fini(&info);
	return e;
}

static json_t *strings(const struct str *a, size_t na, const struct str *b, size_t nb)
{
	json_t *j = json_array();

	for (size_t i = 0; i < na; i++)
		json_array_append_new(j, api_str(a[i]));
	for (size_t i = 0; i < nb; i++)
		json_array_append_new(j, api_str(b[i]));
	return j;
}

json_t *api_certificate_json(struct str cert_pem, bool own)
{
	struct x509_info i;
	json_t *j;
	char *key;

	if (cert_pem.p == NULL || x509_read(cert_pem, &i) != E_OK)
		return NULL;
	j = json_object();
	api_set_str(j, "subject", i.subject);
	api_set_str(j, "issuer", i.issuer);
	json_object_set_new(j, "names", strings(i.dns, i.dns_count, i.ip, i.ip_count));
	api_set_int(j, "not_before_ms", i.not_before_s * 1000);
	api_set_int(j, "not_after_ms", i.not_after_s * 1000);
	api_set_str(j, "serial", str_of(i.serial));
	api_set_str(j, "fingerprint_sha256", str_of(i.fingerprint));
	key = xasprintf("%s %zu", i.key_kind, i.key_bits);
	api_set_str(j, "key", str_of(key));
	free(key);
	json_object_set_new(j, "own_authority", json_boolean(own));
	x509_info_fini(&i);
	return j;
}

/* Copies the active certificate of its kind into the arena; without room it counts as none. */
static void take(const struct db_cert *row, void *arg)
{
	struct certs_call *s = arg;
	struct str *out = row->kind == DB_CERT_CA ? &s->ca : &s->server;

	if (arena_dup(http_req_arena(s->call.rq), row->cert_pem, out) != E_OK)
		*out = STR_NULL;
	if (row->kind == DB_CERT_SERVER)
		s->server_own = row->is_own;
}

static enum err load_both(struct store_op *op, struct db *db)
{
	struct certs_call *s = CONTAINER_OF(CONTAINER_OF(op, struct api_call, op),
					    struct certs_call, call);
	enum err e = db_cert_get(db, DB_CERT_CA, take, s);

	if (e == E_OK || e == E_NOTFOUND)
		e = db_cert_get(db, DB_CERT_SERVER, take, s);
	return e == E_NOTFOUND ? E_OK : e;
}

static void reply_both(struct api_call *c)
{
	struct certs_call *s = CONTAINER_OF(c, struct certs_call, call);
	json_t *ca, *server;

	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The certificate");
		return;
	}
	ca = api_certificate_json(s->ca, true);
	server = api_certificate_json(s->server, s->server_own);
	api_reply(c->rq, 200,
		  json_pack("{s:o,s:o}", "ca", ca != NULL ? ca : json_null(), "server",
			    server != NULL ? server : json_null()));
}

static void start(struct http_req *rq, struct api *a, api_then_fn *then)
{
	struct certs_call *s = api_call_new(rq, a, sizeof(*s));

	if (s != NULL)
		api_store(&s->call, STORE_QUERY, load_both, then);
}

void api_certificates_get(struct http_req *rq, void *arg)
{
	start(rq, arg, reply_both);
}

/* False: answered, there is no certificate authority yet or it cannot be read. */
static bool has_ca(struct api_call *c)
{
	struct certs_call *s = CONTAINER_OF(c, struct certs_call, call);

	if (c->err == E_OK && s->ca.p != NULL)
		return true;
	api_fail(c->rq, c->err != E_OK ? c->err : E_NOTFOUND, "The certificate authority");
	return false;
}

static void reply_pem(struct api_call *c)
{
	struct certs_call *s = CONTAINER_OF(c, struct certs_call, call);

	if (!has_ca(c))
		return;
	http_req_add_header(c->rq, "Content-Disposition",
			    STR("attachment; filename=\"porchlight-ca.pem\""));
	http_reply(c->rq, 200, "application/x-pem-file", s->ca);
}

static void reply_der(struct api_call *c)
{
	struct certs_call *s = CONTAINER_OF(c, struct certs_call, call);
	struct buf der;

	if (!has_ca(c))
		return;
	buf_init(&der, X509_PEM_MAX);
	http_req_add_header(c->rq, "Content-Disposition",
			    STR("attachment; filename=\"porchlight-ca.crt\""));
	if (x509_pem_to_der(s->ca, &der) == E_OK)
		http_reply(c->rq, 200, "application/x-x509-ca-cert", buf_str(&der));
	else
		api_fail(c->rq, E_INTERNAL, "The certificate authority");
	buf_fini(&der);
}

void api_certificates_ca(struct http_req *rq, void *arg)
{
	start(rq, arg, reply_pem);
}

void api_ca_pem(struct http_req *rq, void *arg)
{
	start(rq, arg, reply_pem);
}

void api_ca_der(struct http_req *rq, void *arg)
{
	start(rq, arg, reply_der);
}

/* ---- import ---- */

struct import_call {
	struct api_call call;
	struct str pem, key_pem;
	struct buf chain, key;
};

static void import_fini(struct api_call *c)
{
	struct import_call *s = CONTAINER_OF(c, struct import_call, call);

	if (s->key.p != NULL)
		mem_wipe(s->key.p, s->key.cap);
	buf_fini(&s->chain);
	buf_fini(&s->key);
}

static enum err import_store(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct import_call *s = CONTAINER_OF(c, struct import_call, call);
	enum err e = api_certificate_store(db, DB_CERT_SERVER, buf_str(&s->chain), buf_str(&s->key),
					   false);

	return e != E_OK ? e : api_audit_in(c, db, "certificate.import", c->api->host, STR(""));
}

static void import_use(struct api_call *c)
{
	struct import_call *s = CONTAINER_OF(c, struct import_call, call);
	struct api *a = c->api;
	enum err e = a->hooks.use_certificate(a->hooks.arg, buf_str(&s->chain), buf_str(&s->key));
	json_t *j;

	if (e != E_OK) {
		api_fail(c->rq, e, "The certificate");
		return;
	}
	j = api_certificate_json(buf_str(&s->chain), false);
	api_reply(c->rq, 200, j != NULL ? j : json_object());
}

static void on_imported(struct api_call *c)
{
	if (c->err != E_OK) {
		api_fail(c->rq, c->err, "The certificate");
		return;
	}
	api_switch(c, import_use);
}

static bool import_refuse(struct http_req *rq, const char *message, const char *field)
{
	api_error(rq, 400, "invalid", message, field);
	return false;
}

/* The dates and the name; clients would refuse such a certificate, so we do first. */
static bool import_is_usable(struct import_call *s)
{
	struct http_req *rq = s->call.rq;
	int64_t now_s = clk_wall_ms() / 1000;
	struct x509_info i;
	bool ok = true;

	if (x509_read(buf_str(&s->chain), &i) != E_OK)
		return import_refuse(rq, "cannot be read", "chain");
	if (i.not_after_s <= now_s)
		ok = import_refuse(rq, "has expired", "chain");
	else if (i.not_before_s > now_s)
		ok = import_refuse(rq, "is not valid yet", "chain");
	else if (i.is_ca)
		ok = import_refuse(rq, "is the certificate of an authority, not of a server",
				   "chain");
	else if (s->call.api->host.p != NULL && !x509_covers(&i, s->call.api->host))
		ok = import_refuse(rq, "does not name this server's host", "chain");
	x509_info_fini(&i);
	return ok;
}

static bool import_check(struct import_call *s)
{
	struct http_req *rq = s->call.rq;

	buf_init(&s->chain, X509_PEM_MAX);
	buf_init(&s->key, X509_PEM_MAX);
	switch (x509_import(s->pem, s->key_pem, &s->chain, &s->key)) {
	case E_OK:
		return import_is_usable(s);
	case E_NOTFOUND:
		return import_refuse(rq, "a certificate and its key are needed", "chain");
	case E_DENIED:
		return import_refuse(rq, "belongs to none of the certificates", "key");
	case E_UNSUPPORTED:
		return import_refuse(rq, "is under a passphrase", "key");
	case E_CORRUPT:
		return import_refuse(
			rq, "an intermediate certificate does not sign what stands before it",
			"chain");
	default:
		return import_refuse(rq, "is not PEM", "chain");
	}
}

void api_certificates_put(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct import_call *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "chain",
		  .kind = API_LONGTEXT,
		  .required = true,
		  .min = 1,
		  .max = HTTP_BODY_SMALL,
		  .text = &s->pem },
		{ .name = "key",
		  .kind = API_LONGTEXT,
		  .max = HTTP_BODY_SMALL,
		  .text = &s->key_pem },
	};
	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return;
	s->call.fini = import_fini;
	if (import_check(s))
		api_store(&s->call, STORE_DURABLE, import_store, on_imported);
}
