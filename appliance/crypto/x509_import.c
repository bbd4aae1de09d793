#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509.h"
#include "crypto/x509_load.h"

/* Invariants: crt[0..count) are initialised, one certificate each; block is its text in the import. */
struct import {
	mbedtls_x509_crt crt[X509_CHAIN_MAX];
	struct str block[X509_CHAIN_MAX];
	bool is_used[X509_CHAIN_MAX];
	size_t count;
	mbedtls_pk_context key;
	struct str key_block;
};

static enum err take_certs(struct import *m, struct str pem)
{
	struct str rest = pem, label, block;

	while (x509_pem_next(&rest, &label, &block)) {
		if (!str_eqz(label, "CERTIFICATE"))
			continue;
		if (m->count == X509_CHAIN_MAX)
			return E_TOOBIG;
		mbedtls_x509_crt_init(&m->crt[m->count]);
		m->block[m->count] = block;
		if (x509_load_one(block, &m->crt[m->count++]) != E_OK)
			return E_BAD;
	}
	return m->count > 0 ? E_OK : E_NOTFOUND;
}

static enum err take_key(struct import *m, struct str pem)
{
	struct str rest = pem, label, block;

	while (m->key_block.p == NULL && x509_pem_next(&rest, &label, &block))
		if (x509_pem_is_key(label))
			m->key_block = block;
	return m->key_block.p == NULL ? E_NOTFOUND : x509_load_key(m->key_block, &m->key);
}

static struct str raw(const mbedtls_x509_buf *b)
{
	return str_n(b->p, b->len);
}

static bool is_root(const mbedtls_x509_crt *c)
{
	return str_eq(raw(&c->subject_raw), raw(&c->issuer_raw));
}

/* Whether a is an authority and its key signed c; dates do not matter here. */
static bool has_signed(mbedtls_x509_crt *a, mbedtls_x509_crt *c)
{
	uint32_t flags = 0;

	(void)mbedtls_x509_crt_verify(c, a, NULL, NULL, &flags, NULL, NULL);
	return (flags & MBEDTLS_X509_BADCERT_NOT_TRUSTED) == 0;
}

/* Finds what signed certificate at; *next_out == count: it is not among them.  E_CORRUPT: only one of
 * that name is, which did not sign it. */
static enum err find_issuer(struct import *m, size_t at, size_t *next_out)
{
	bool has_name = false;

	*next_out = m->count;
	for (size_t i = 0; i < m->count; i++) {
		if (m->is_used[i] ||
		    !str_eq(raw(&m->crt[i].subject_raw), raw(&m->crt[at].issuer_raw)))
			continue;
		has_name = true;
		if (has_signed(&m->crt[i], &m->crt[at])) {
			*next_out = i;
			return E_OK;
		}
	}
	return has_name ? E_CORRUPT : E_OK;
}

static void add_block(struct buf *b, struct str block)
{
	for (size_t i = 0; i < block.len; i++)
		if (block.p[i] != '\r')
			buf_addc(b, block.p[i]);
	buf_addc(b, '\n');
}

static enum err build(struct import *m, struct buf *chain_out, struct buf *key_out)
{
	size_t at = 0;
	enum err e = E_OK;

	while (at < m->count && mbedtls_pk_check_pair(&m->crt[at].pk, &m->key, x509_rng, NULL) != 0)
		at++;
	if (at == m->count)
		return E_DENIED;
	add_block(key_out, m->key_block);
	add_block(chain_out, m->block[at]);
	while (e == E_OK) {
		m->is_used[at] = true;
		if (is_root(&m->crt[at]))
			break;
		e = find_issuer(m, at, &at);
		/* A root is not sent: whoever does not have it would not believe it. */
		if (e != E_OK || at == m->count || is_root(&m->crt[at]))
			break;
		add_block(chain_out, m->block[at]);
	}
	if (e == E_OK)
		e = buf_err(chain_out) != E_OK ? buf_err(chain_out) : buf_err(key_out);
	return e;
}

enum err x509_import(struct str pem, struct str key_pem, struct buf *chain_out, struct buf *key_out)
{
	struct import *m;
	enum err e;

	if (pem.len > X509_PEM_MAX || key_pem.len > X509_PEM_MAX)
		return E_TOOBIG;
	m = xcalloc(1, sizeof(*m));
	mbedtls_pk_init(&m->key);
	e = take_certs(m, pem);
	if (e == E_OK)
		e = take_key(m, key_pem.len > 0 ? key_pem : pem);
	if (e == E_OK)
		e = build(m, chain_out, key_out);
	for (size_t i = 0; i < m->count; i++)
		mbedtls_x509_crt_free(&m->crt[i]);
	mbedtls_pk_free(&m->key);
	free(m);
	return e;
}
