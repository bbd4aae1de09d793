/* x509_load.h: from PEM into mbedTLS's structures.
 *
 * mbedTLS refuses a certificate with a critical extension it does not know,
 * and nameConstraints is one: our own authority has it, and so have some
 * intermediates people buy.  These functions let that one pass.  mbedTLS does
 * not enforce it: as a server we only show certificates. */
#ifndef CRYPTO_X509_LOAD_H
#define CRYPTO_X509_LOAD_H

#include <stddef.h>
#include <mbedtls/pk.h>
#include <mbedtls/x509_crt.h>

#include "base/err.h"
#include "base/str.h"

/* Appends all certificates of the PEM to an initialised chain.  E_BAD: none, or damaged;
 * E_TOOBIG: over X509_PEM_MAX or X509_CHAIN_MAX. */
MUST_USE enum err x509_load_chain(struct str pem, mbedtls_x509_crt *chain);
/* One certificate: text is a single block. */
MUST_USE enum err x509_load_one(struct str block, mbedtls_x509_crt *crt);
/* The first key in the PEM, into an initialised context.  E_NOTFOUND: none; E_UNSUPPORTED: under a
 * passphrase; E_BAD: damaged. */
MUST_USE enum err x509_load_key(struct str pem, mbedtls_pk_context *key);

/* Next "-----BEGIN ...-----" block of a text that may hold anything between; false at the end.
 * label: "CERTIFICATE", "EC PRIVATE KEY"; block: with both its lines. */
bool x509_pem_next(struct str *rest, struct str *label, struct str *block);
/* True for a label of any private key. */
bool x509_pem_is_key(struct str label);

/* mbedTLS's f_rng over base/rand. */
int x509_rng(void *ctx, unsigned char *p, size_t n);

#endif
