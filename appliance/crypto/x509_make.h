/* x509_make.h: keys and certificates of our own authority.
 *
 * Making a key takes about a millisecond, signing as much: worker threads.  A
 * key that cannot be read is E_NOTFOUND, E_BAD or E_UNSUPPORTED. */
#ifndef CRYPTO_X509_MAKE_H
#define CRYPTO_X509_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

/* EC P-256, PEM ("EC PRIVATE KEY"). */
MUST_USE enum err x509_make_key(struct buf *pem_out);

struct x509_ca_in {
	struct str name; /* common name: "Porchlight CA of example.com" */
	struct str key_pem;
	const struct str *domains; /* permitted: each with all below it */
	size_t domain_count;
	/* permitted too if it lies outside of the domains; may be empty or an address */
	struct str host;
	const struct str *subnets; /* permitted "192.0.2.1", "10.0.0.0/8", "2001:db8::/32" */
	size_t subnet_count;	   /* 0: addresses are not constrained */
	int64_t now_s;		   /* Unix time; valid from a day before, for ten years */
};

/* nameConstraints (RFC 5280 4.2.1.10), not critical, for Linphone does not know it; basicConstraints CA with path length 0.
 * E_BAD: a domain, host or subnet is none. */
MUST_USE enum err x509_make_ca(const struct x509_ca_in *in, struct buf *cert_pem_out);

struct x509_server_in {
	struct str host;	 /* common name, first SAN */
	const struct str *names; /* further DNS names; repetitions are left out */
	size_t name_count;
	const struct str *addresses; /* IP SANs */
	size_t address_count;
	struct str key_pem; /* the server's */
	/* empty: signed by itself (the temporary one of the first start) */
	struct str ca_cert_pem, ca_key_pem;
	int64_t now_s; /* valid from an hour before, for X509_SERVER_DAYS days */
};

/* E_BAD: the host or a name is none; E_TOOBIG: over X509_NAMES_MAX of them; E_DENIED: the CA's key is
 * not that of its certificate. */
MUST_USE enum err x509_make_server(const struct x509_server_in *in, struct buf *cert_pem_out);

#endif
