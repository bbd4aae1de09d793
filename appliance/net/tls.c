#include <assert.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl_ciphersuites.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/x509_crt.h>
#include <psa/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/rand.h"

#include "net/tls.h"

/* Shared by a configuration and all its renewals. */
struct tickets {
	atomic_size_t refs;
	_Atomic uint64_t resumed;
	mbedtls_ssl_ticket_context ctx; /* locks itself */
};

struct tls_config {
	atomic_size_t refs;
	mbedtls_ssl_config conf;
	mbedtls_x509_crt chain;
	mbedtls_pk_context key;
	struct tickets *tickets;
};

/* AES-128-GCM first: with AES-NI it is the fastest (in TLS 1.3 mbedTLS follows the client's order
 * instead, and the first three cost the same within a tenth).  The CBC suites at the end are for Windows 7 and
 * 8.1, whose TLS has no GCM with an RSA certificate. */
static const int suites[] = {
	MBEDTLS_TLS1_3_AES_128_GCM_SHA256,
	MBEDTLS_TLS1_3_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS1_3_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
	MBEDTLS_TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256,
	MBEDTLS_TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384,
	0,
};

/* X25519 first halves a full handshake.  P-256 and P-384 must be listed: in TLS 1.2 a certificate on
 * a curve that is not fits no suite. */
static const uint16_t groups[] = {
	MBEDTLS_SSL_IANA_TLS_GROUP_X25519,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP256R1,
	MBEDTLS_SSL_IANA_TLS_GROUP_SECP384R1,
	0,
};

int tls_rng(void *ctx, unsigned char *p, size_t n)
{
	(void)ctx;
	rand_bytes(p, n);
	return 0;
}

static void tickets_unref(struct tickets **tp)
{
	struct tickets *t = *tp;

	*tp = NULL;
	if (t == NULL || atomic_fetch_sub(&t->refs, 1) != 1)
		return;
	mbedtls_ssl_ticket_free(&t->ctx); /* wipes the keys */
	free(t);
}

static enum err tickets_new(struct tickets **out)
{
	struct tickets *t = xcalloc(1, sizeof(*t));
	int r;

	atomic_init(&t->refs, 1);
	mbedtls_ssl_ticket_init(&t->ctx);
	r = mbedtls_ssl_ticket_setup(&t->ctx, tls_rng, NULL, MBEDTLS_CIPHER_AES_256_GCM,
				     NET_TICKET_LIFETIME_S);
	if (r != 0) {
		log_error("tls", "ticket_setup=-0x%04x", (unsigned)-r);
		tickets_unref(&t);
		return E_INTERNAL;
	}
	*out = t;
	return E_OK;
}

static int ticket_write(void *arg, const mbedtls_ssl_session *session, unsigned char *p,
			const unsigned char *end, size_t *len_out, uint32_t *lifetime_out)
{
	struct tickets *t = arg;

	return mbedtls_ssl_ticket_write(&t->ctx, session, p, end, len_out, lifetime_out);
}

static int ticket_parse(void *arg, mbedtls_ssl_session *session, unsigned char *p, size_t len)
{
	struct tickets *t = arg;
	int r = mbedtls_ssl_ticket_parse(&t->ctx, session, p, len);

	if (r == 0)
		atomic_fetch_add_explicit(&t->resumed, 1, memory_order_relaxed);
	return r;
}

static enum err load_chain(struct tls_config *c, struct str pem)
{
	char *z = str_z(pem);
	int r = mbedtls_x509_crt_parse(&c->chain, (unsigned char *)z, pem.len + 1);

	free(z);
	if (r != 0) {
		log_error("tls", "certificate not readable code=%d", r);
		return E_BAD;
	}
	return E_OK;
}

static enum err load_key(struct tls_config *c, struct str pem)
{
	char *z = str_z(pem);
	int r = mbedtls_pk_parse_key(&c->key, (unsigned char *)z, pem.len + 1, NULL, 0, tls_rng,
				     NULL);

	mem_wipe(z, pem.len);
	free(z);
	if (r == 0)
		r = mbedtls_pk_check_pair(&c->chain.pk, &c->key, tls_rng, NULL);
	if (r != 0) {
		log_error("tls", "key not readable or not the certificate's code=-0x%04x",
			  (unsigned)-r);
		return E_BAD;
	}
	return E_OK;
}

static enum err set_up(struct tls_config *c)
{
	mbedtls_ssl_config *s = &c->conf;

	if (mbedtls_ssl_config_defaults(s, MBEDTLS_SSL_IS_SERVER, MBEDTLS_SSL_TRANSPORT_STREAM,
					MBEDTLS_SSL_PRESET_DEFAULT) != 0)
		return E_NOMEM;
	mbedtls_ssl_conf_rng(s, tls_rng, NULL);
	mbedtls_ssl_conf_min_tls_version(s, MBEDTLS_SSL_VERSION_TLS1_2);
	mbedtls_ssl_conf_max_tls_version(s, MBEDTLS_SSL_VERSION_TLS1_3);
	mbedtls_ssl_conf_ciphersuites(s, suites);
	mbedtls_ssl_conf_groups(s, groups);
	/* No resumption without a fresh exchange: the ticket key alone must not open old traffic. */
	mbedtls_ssl_conf_tls13_key_exchange_modes(
		s, MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_EPHEMERAL |
			   MBEDTLS_SSL_TLS1_3_KEY_EXCHANGE_MODE_PSK_EPHEMERAL);
	mbedtls_ssl_conf_session_tickets_cb(s, ticket_write, ticket_parse, c->tickets);
	return mbedtls_ssl_conf_own_cert(s, &c->chain, &c->key) == 0 ? E_OK : E_NOMEM;
}

static enum err config_new(struct tickets *tickets, struct str cert_pem, struct str key_pem,
			   struct tls_config **out)
{
	struct tls_config *c = xcalloc(1, sizeof(*c));
	enum err e;

	atomic_init(&c->refs, 1);
	mbedtls_ssl_config_init(&c->conf);
	mbedtls_x509_crt_init(&c->chain);
	mbedtls_pk_init(&c->key);
	c->tickets = tickets;
	/* TLS 1.3 works through PSA; a second init is harmless. */
	e = psa_crypto_init() == PSA_SUCCESS ? E_OK : E_INTERNAL;
	if (e == E_OK)
		e = load_chain(c, cert_pem);
	if (e == E_OK)
		e = load_key(c, key_pem);
	if (e == E_OK)
		e = set_up(c);
	if (e != E_OK)
		tls_config_unref(&c);
	else
		*out = c;
	return e;
}

enum err tls_config_new(struct str cert_pem, struct str key_pem, struct tls_config **out)
{
	struct tickets *t;
	enum err e;

	/* The tickets' cipher is a PSA key too. */
	if (psa_crypto_init() != PSA_SUCCESS)
		return E_INTERNAL;
	e = tickets_new(&t);
	return e == E_OK ? config_new(t, cert_pem, key_pem, out) : e;
}

enum err tls_config_renew(const struct tls_config *old, struct str cert_pem, struct str key_pem,
			  struct tls_config **out)
{
	atomic_fetch_add(&old->tickets->refs, 1);
	return config_new(old->tickets, cert_pem, key_pem, out);
}

struct tls_config *tls_config_ref(struct tls_config *cfg)
{
	atomic_fetch_add(&cfg->refs, 1);
	return cfg;
}

void tls_config_unref(struct tls_config **cfgp)
{
	struct tls_config *c = *cfgp;

	*cfgp = NULL;
	if (c == NULL || atomic_fetch_sub(&c->refs, 1) != 1)
		return;
	mbedtls_ssl_config_free(&c->conf);
	mbedtls_x509_crt_free(&c->chain);
	mbedtls_pk_free(&c->key); /* wipes it */
	tickets_unref(&c->tickets);
	free(c);
}

const mbedtls_ssl_config *tls_config_mbedtls(const struct tls_config *cfg)
{
	return &cfg->conf;
}

uint64_t tls_config_resumed(const struct tls_config *cfg)
{
	return atomic_load_explicit(&cfg->tickets->resumed, memory_order_relaxed);
}
