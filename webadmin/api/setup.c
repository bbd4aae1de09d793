/* setup.c: /setup: the first set-up, from the one-time link or from `init`.
 *
 * Whether it may run is decided by state, the domain not being set, and not by
 * the path it came on. */
#include <string.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "crypto/x509.h"
#include "db/admins.h"
#include "db/certs.h"
#include "db/settings.h"
#include "net/throttle.h"

#include "webadmin/api/admins.h"
#include "webadmin/api/certificates.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/issue.h"
#include "webadmin/api/password.h"

struct setup {
	struct api_call call;
	struct api_password password;
	struct str token, admin;
	struct issue_names names;
	struct issue_pair ca, server;
	int64_t admin_id;
};

static void setup_fini(struct api_call *c)
{
	struct setup *s = CONTAINER_OF(c, struct setup, call);

	issue_names_fini(&s->names);
	issue_pair_fini(&s->ca);
	issue_pair_fini(&s->server);
}

void api_setup_get(struct http_req *rq, void *arg)
{
	const struct api *a = arg;

	api_reply(rq, 200,
		  json_pack("{s:b,s:i}", "needed", a->domain.p == NULL, "sip_port",
			    (int)a->sip_port));
}

static void give_up(struct setup *s, enum err e, const char *what)
{
	s->call.api->setting_up = false;
	api_fail(s->call.rq, e, what);
}

static void on_switch(struct api_call *c)
{
	struct setup *s = CONTAINER_OF(c, struct setup, call);
	struct api *a = c->api;

	str_free(&a->sip_domain);
	a->sip_domain = str_dup(s->names.domain);
	a->hooks.on_setup(a->hooks.arg, s->names.domain, s->names.host);
	if (a->hooks.use_certificate(a->hooks.arg, buf_str(&s->server.cert),
				     buf_str(&s->server.key)) != E_OK)
		log_error("setup", "the new certificate is used from the next start on");
	log_info("setup", "done domain=%.*s host=%.*s", STR_ARG(s->names.domain),
		 STR_ARG(s->names.host));
	api_reply(c->rq, 201,
		  json_pack("{s:s#,s:s#}", "domain", s->names.domain.p, (int)s->names.domain.len,
			    "host", s->names.host.p, (int)s->names.host.len));
}

static void on_stored(struct api_call *c)
{
	struct setup *s = CONTAINER_OF(c, struct setup, call);
	struct api *a = c->api;
	struct admin admin = { .id = s->admin_id,
			       .name = s->admin,
			       .argon2 = str_of(s->password.argon2),
			       .enabled = true,
			       .created_ms = clk_wall_ms() };

	if (c->err != E_OK) {
		give_up(s, c->err, "The set-up");
		return;
	}
	a->setting_up = false;
	mem_wipe(a->setup_token, sizeof(a->setup_token));
	a->domain = str_dup(s->names.domain);
	a->host = str_dup(s->names.host);
	admins_put(a->admins, &admin);
	api_switch(c, on_switch);
}

static enum err store(struct store_op *op, struct db *db)
{
	struct api_call *c = CONTAINER_OF(op, struct api_call, op);
	struct setup *s = CONTAINER_OF(c, struct setup, call);
	struct db_admin admin = { .name = s->admin,
				  .argon2 = str_of(s->password.argon2),
				  .enabled = true,
				  .created_ms = clk_wall_ms() };
	enum err e;

	e = db_setting_set(db, STR("domain"), s->names.domain);

	if (e == E_OK)
		e = db_setting_set(db, STR("host"), s->names.host);
	if (e == E_OK)
		e = api_certificate_store(db, DB_CERT_CA, buf_str(&s->ca.cert), buf_str(&s->ca.key),
					  true);
	if (e == E_OK)
		e = api_certificate_store(db, DB_CERT_SERVER, buf_str(&s->server.cert),
					  buf_str(&s->server.key), true);
	if (e == E_OK)
		e = db_admin_add(db, &admin, &s->admin_id);
	return e != E_OK ? e : api_audit_in(c, db, "setup", s->names.domain, s->admin);
}

static void on_hashed(struct api_call *c)
{
	api_store(c, STORE_DURABLE, store, on_stored);
}

static void on_issued(struct api_call *c)
{
	struct setup *s = CONTAINER_OF(c, struct setup, call);

	if (c->err != E_OK)
		give_up(s, c->err, "The certificate");
	else
		api_password_hash(c, &s->password, on_hashed);
}

static void issue(struct api_call *c)
{
	struct setup *s = CONTAINER_OF(c, struct setup, call);
	int64_t now_s = clk_wall_ms() / 1000;

	c->err = issue_ca(&s->names, now_s, &s->ca);
	if (c->err == E_OK)
		c->err = issue_server(&s->names, buf_str(&s->ca.cert), buf_str(&s->ca.key), now_s,
				      &s->server);
}

/* The link's token, or root or the owner on control.sock. */
static bool may_set_up(struct setup *s)
{
	struct api *a = s->call.api;
	struct http_req *rq = s->call.rq;
	const struct addr *peer = http_req_peer(rq);
	int64_t wait_ms;

	if (http_req_is_local(rq))
		return true;
	if (throttle_check(a->throttle, STR("setup/"), peer, clk_ms(), &wait_ms) != THROTTLE_PASS) {
		api_error(rq, 429, "too_many_attempts", "Too many attempts. Please wait a moment.",
			  NULL);
		return false;
	}
	if (a->setup_token[0] != '\0' && token_eq(str_of(a->setup_token), s->token))
		return true;
	throttle_fail(a->throttle, STR("setup/"), peer, clk_ms());
	api_error(rq, 403, "wrong_token", "The set-up link is no longer valid.", NULL);
	return false;
}

static bool lower(struct http_req *rq, struct str *s)
{
	struct str low = str_dup_lower(*s);
	enum err e = arena_dup(http_req_arena(rq), low, s);

	str_free(&low);
	return e == E_OK;
}

static bool read_input(struct setup *s)
{
	struct http_req *rq = s->call.rq;
	const struct api_field fields[] = {
		{ .name = "token", .kind = API_TEXT, .max = TOKEN_LEN, .text = &s->token },
		{ .name = "domain",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = 253,
		  .text = &s->names.domain },
		{ .name = "host", .kind = API_TEXT, .min = 1, .max = 253, .text = &s->names.host },
		{ .name = "admin",
		  .kind = API_TEXT,
		  .required = true,
		  .min = 1,
		  .max = 64,
		  .text = &s->admin },
		{ .name = "password",
		  .kind = API_SECRET,
		  .required = true,
		  .min = 1,
		  .max = PASSWORD_MAX,
		  .text = &s->password.plain },
	};

	if (!api_read(rq, fields, ARRAY_LEN(fields)))
		return false;
	if (s->names.host.p == NULL)
		s->names.host = s->names.domain;
	if (!lower(rq, &s->names.domain) || !lower(rq, &s->names.host))
		return false;
	if (!issue_is_name(s->names.domain)) {
		api_error(rq, 400, "invalid", "is not a domain name, as in example.org", "domain");
		return false;
	}
	if (!issue_is_name(s->names.host)) {
		api_error(rq, 400, "invalid", "is not a host name, as in im.example.org", "host");
		return false;
	}
	return api_password_is_good(rq, s->password.plain, s->admin);
}

void api_setup_post(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct setup *s = api_call_new(rq, a, sizeof(*s));

	if (s == NULL)
		return;
	s->call.fini = setup_fini;
	issue_pair_init(&s->ca);
	issue_pair_init(&s->server);
	if (a->domain.p != NULL || a->setting_up) {
		api_error(rq, 409, "set_up_already", "This server is set up already.", NULL);
		return;
	}
	if (!read_input(s) || !may_set_up(s))
		return;
	s->call.who = s->admin;
	a->setting_up = true;
	issue_names_local(&s->names);
	api_work(&s->call, WORK_LIGHT, issue, on_issued);
}
