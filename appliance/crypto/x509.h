/* x509.h: reading certificates: what the admin page shows and what an import must satisfy.
 *
 * Pure; parsing takes well under a millisecond, checking a chain a few. */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { X509_FINGERPRINT_CAP = 96, X509_SERIAL_CAP = 64 };

struct x509_info {
	struct str subject, issuer; /* owned; "CN=host, O=..." */
	struct str common_name;	    /* owned; empty: none */
	struct str *dns;	    /* owned array of owned names, as in the certificate */
	size_t dns_count;
	struct str *ip; /* owned array of owned texts: "192.0.2.1", "2001:db8::1" */
	size_t ip_count;
	int64_t not_before_s, not_after_s;
	char serial[X509_SERIAL_CAP];		/* upper-case hex, no colons */
	char fingerprint[X509_FINGERPRINT_CAP]; /* SHA-256, "AB:CD:..." */
	const char *key_kind;			/* "EC", "RSA", "other" */
	size_t key_bits;
	size_t chain_len; /* certificates in the PEM, this one counted */
	bool is_ca;
	bool is_self_signed;
};

/* The first certificate of the PEM.  E_BAD: none, or damaged; E_TOOBIG: over X509_PEM_MAX. */
MUST_USE enum err x509_read(struct str pem, struct x509_info *out);
void x509_info_fini(struct x509_info *i);

/* True if a SAN covers the name (RFC 6125 6.4: one '*' as the whole first label) or address text. */
bool x509_covers(const struct x509_info *i, struct str name_or_address);

/* E_OK: the key belongs to the first certificate; E_DENIED: to another; E_BAD: unreadable;
 * E_UNSUPPORTED: the key is under a passphrase. */
MUST_USE enum err x509_check_key(struct str cert_pem, struct str key_pem);

/* An import as people paste it: certificates in any order, perhaps with the key among them.
 * Gives the chain leaf first without a root, and the key alone.  E_BAD: unreadable;
 * E_NOTFOUND: no key, or no certificate; E_DENIED: no certificate belongs to the key;
 * E_CORRUPT: an intermediate did not sign what it is named for; E_UNSUPPORTED: the key is under a
 * passphrase; E_TOOBIG.  Certificates that do not belong to the chain are left out; the outs may
 * hold a part after a failure. */
MUST_USE enum err x509_import(struct str pem, struct str key_pem, struct buf *chain_out,
			      struct buf *key_out);

/* The DER of the first certificate, for a .crt download. */
MUST_USE enum err x509_pem_to_der(struct str pem, struct buf *der_out);

#endif
