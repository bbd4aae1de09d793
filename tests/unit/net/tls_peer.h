/* tls_peer.h: for tests: a throw-away certificate and a blocking TLS client on mbedTLS. */
#ifndef TESTS_TLS_PEER_H
#define TESTS_TLS_PEER_H

#include <mbedtls/ecp.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/pem.h>
#include <mbedtls/pk.h>
#include <mbedtls/ssl.h>
#include <mbedtls/x509_crt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "net/addr.h"
#include "net/tls.h"

struct test_cert {
	char cert[2048], key[1024]; /* PEM */
};

static inline void test_cert_make(struct test_cert *out, unsigned char serial)
{
	mbedtls_pk_context pk;
	mbedtls_x509write_cert w;

	mbedtls_pk_init(&pk);
	mbedtls_x509write_crt_init(&w);
	assert_int_equal(mbedtls_pk_setup(&pk, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY)), 0);
	assert_int_equal(
		mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(pk), tls_rng, NULL), 0);
	mbedtls_x509write_crt_set_version(&w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&w, MBEDTLS_MD_SHA256);
	assert_int_equal(mbedtls_x509write_crt_set_serial_raw(&w, &serial, 1), 0);
	mbedtls_x509write_crt_set_subject_key(&w, &pk);
	mbedtls_x509write_crt_set_issuer_key(&w, &pk);
	assert_int_equal(mbedtls_x509write_crt_set_subject_name(&w, "CN=localhost"), 0);
	assert_int_equal(mbedtls_x509write_crt_set_issuer_name(&w, "CN=localhost"), 0);
	assert_int_equal(mbedtls_x509write_crt_set_validity(&w, "20200101000000", "20490101000000"),
			 0);
	assert_int_equal(mbedtls_x509write_crt_pem(&w, (unsigned char *)out->cert,
						   sizeof(out->cert), tls_rng, NULL),
			 0);
	assert_int_equal(mbedtls_pk_write_key_pem(&pk, (unsigned char *)out->key, sizeof(out->key)),
			 0);
	mbedtls_x509write_crt_free(&w);
	mbedtls_pk_free(&pk);
}

struct client {
	int fd;
	bool corked; /* what is sent stays in held until client_uncork */
	unsigned char held[16384];
	size_t n_held;
	mbedtls_ssl_config conf;
	mbedtls_ssl_context ssl;
	mbedtls_ssl_session ticket;
	bool has_ticket;
};

static inline int client_send(void *arg, const unsigned char *p, size_t n)
{
	struct client *c = arg;
	ssize_t r;

	if (c->corked && c->n_held + n <= sizeof(c->held)) {
		memcpy(c->held + c->n_held, p, n);
		c->n_held += n;
		return (int)n;
	}
	r = send(c->fd, p, n, MSG_NOSIGNAL);
	return r < 0 ? MBEDTLS_ERR_NET_SEND_FAILED : (int)r;
}

static inline void client_uncork(struct client *c)
{
	c->corked = false;
	assert_int_equal(send(c->fd, c->held, c->n_held, MSG_NOSIGNAL), c->n_held);
	c->n_held = 0;
}

static inline int client_recv(void *arg, unsigned char *p, size_t n)
{
	struct client *c = arg;
	ssize_t r = recv(c->fd, p, n, 0);

	return r < 0 ? MBEDTLS_ERR_NET_RECV_FAILED : (int)r;
}

static inline int client_dial(const struct addr *to)
{
	struct timeval tv = { .tv_sec = 10 };
	int fd = socket(to->sa.sa_family, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, &to->sa, to->len), 0);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	return fd;
}

/* TCP only; client_shake follows.  resume: the ticket of an earlier client, or NULL. */
static inline void client_open(struct client *c, const struct addr *to,
			       mbedtls_ssl_protocol_version version, const struct client *resume)
{
	memset(c, 0, sizeof(*c));
	mbedtls_ssl_config_init(&c->conf);
	mbedtls_ssl_init(&c->ssl);
	mbedtls_ssl_session_init(&c->ticket);
	c->fd = client_dial(to);
	assert_int_equal(mbedtls_ssl_config_defaults(&c->conf, MBEDTLS_SSL_IS_CLIENT,
						     MBEDTLS_SSL_TRANSPORT_STREAM,
						     MBEDTLS_SSL_PRESET_DEFAULT),
			 0);
	mbedtls_ssl_conf_rng(&c->conf, tls_rng, NULL);
	mbedtls_ssl_conf_authmode(&c->conf, MBEDTLS_SSL_VERIFY_NONE);
	mbedtls_ssl_conf_min_tls_version(&c->conf, version);
	mbedtls_ssl_conf_max_tls_version(&c->conf, version);
	mbedtls_ssl_conf_tls13_enable_signal_new_session_tickets(
		&c->conf, MBEDTLS_SSL_TLS1_3_SIGNAL_NEW_SESSION_TICKETS_ENABLED);
	assert_int_equal(mbedtls_ssl_setup(&c->ssl, &c->conf), 0);
	assert_int_equal(mbedtls_ssl_set_hostname(&c->ssl, "localhost"), 0);
	mbedtls_ssl_set_bio(&c->ssl, c, client_send, client_recv, NULL);
	if (resume != NULL)
		assert_int_equal(mbedtls_ssl_set_session(&c->ssl, &resume->ticket), 0);
}

static inline int client_shake(struct client *c)
{
	return mbedtls_ssl_handshake(&c->ssl);
}

static inline void client_connect(struct client *c, const struct addr *to,
				  mbedtls_ssl_protocol_version version)
{
	client_open(c, to, version, NULL);
	assert_int_equal(client_shake(c), 0);
}

static inline void client_save_ticket(struct client *c)
{
	mbedtls_ssl_session_free(&c->ticket);
	mbedtls_ssl_session_init(&c->ticket);
	assert_int_equal(mbedtls_ssl_get_session(&c->ssl, &c->ticket), 0);
	c->has_ticket = true;
}

static inline void client_say(struct client *c, const void *p, size_t n)
{
	const unsigned char *b = p;

	while (n > 0) {
		int r = mbedtls_ssl_write(&c->ssl, b, n);

		assert_true(r > 0);
		b += r;
		n -= (size_t)r;
	}
}

/* Reads exactly n bytes; false at the end of the stream or an error. */
static inline bool client_read(struct client *c, void *p, size_t n)
{
	unsigned char *b = p;

	while (n > 0) {
		int r = mbedtls_ssl_read(&c->ssl, b, n);

		if (r == MBEDTLS_ERR_SSL_RECEIVED_NEW_SESSION_TICKET) {
			client_save_ticket(c);
			continue;
		}
		if (r == MBEDTLS_ERR_SSL_WANT_READ) /* a message that was not for us */
			continue;
		if (r <= 0)
			return false;
		b += r;
		n -= (size_t)r;
	}
	return true;
}

static inline void client_expect(struct client *c, const char *s)
{
	char got[256] = "";

	assert_true(strlen(s) < sizeof(got));
	assert_true(client_read(c, got, strlen(s)));
	got[strlen(s)] = '\0';
	assert_string_equal(got, s);
}

static inline unsigned char client_peer_serial(struct client *c)
{
	const mbedtls_x509_crt *crt = mbedtls_ssl_get_peer_cert(&c->ssl);

	assert_non_null(crt);
	return crt->serial.p[crt->serial.len - 1];
}

static inline void client_close(struct client *c)
{
	if (c->fd >= 0)
		close(c->fd);
	c->fd = -1;
	mbedtls_ssl_free(&c->ssl);
	mbedtls_ssl_config_free(&c->conf);
	mbedtls_ssl_session_free(&c->ticket);
}

#endif
