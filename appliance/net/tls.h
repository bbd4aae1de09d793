/* tls.h: the server's TLS configuration: certificate, key, suites, session tickets.
 *
 * Reference-counted and immutable once made, so that doors share it without a
 * lock; a certificate reload makes a new one and old connections keep theirs.
 * Ticket keys live in memory only, rotate by themselves and pass from one
 * configuration to the next.  TLS 1.2 and 1.3, X25519 first, AES-128-GCM
 * first, no ALPN: mbedTLS aborts without an overlap, and SIP clients send none
 * or their own. */
#ifndef NET_TLS_H
#define NET_TLS_H

#include <mbedtls/ssl.h>

#include "base/err.h"
#include "base/str.h"

struct tls_config; /* opaque, refcounted */

/* cert_pem: the server certificate, then its intermediates.  E_BAD: not PEM or a key that does not
 * belong to the certificate (logged). */
MUST_USE enum err tls_config_new(struct str cert_pem, struct str key_pem, struct tls_config **out);
/* The same with the ticket keys of old, so that clients resume across the change. */
MUST_USE enum err tls_config_renew(const struct tls_config *old, struct str cert_pem,
				   struct str key_pem, struct tls_config **out);
struct tls_config *tls_config_ref(struct tls_config *cfg);
void tls_config_unref(struct tls_config **cfgp);

const mbedtls_ssl_config *tls_config_mbedtls(const struct tls_config *cfg);
uint64_t tls_config_resumed(
	const struct tls_config *cfg); /* tickets accepted, all renewals together; any thread */

/* mbedTLS's random numbers, from base/rand: no lock between threads.  For p_rng pass NULL. */
int tls_rng(void *ctx, unsigned char *p, size_t n);

#endif
