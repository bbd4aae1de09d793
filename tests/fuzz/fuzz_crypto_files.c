/* fuzz_crypto_files.c: certificates as people paste them, and sealed backups as they come back. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "crypto/seal.h"
#include "crypto/x509.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void certificates(struct str pem)
{
	struct x509_info info;
	struct buf chain, key;

	buf_init(&chain, X509_PEM_MAX);
	buf_init(&key, X509_PEM_MAX);
	if (x509_read(pem, &info) == E_OK) {
		assert(info.chain_len >= 1 && info.chain_len <= X509_CHAIN_MAX);
		(void)x509_covers(&info, STR("im.example.org"));
		(void)x509_covers(&info, STR("192.0.2.1"));
		x509_info_fini(&info);
	}
	(void)!x509_pem_to_der(pem, &chain);
	buf_reset(&chain);
	/* What an import accepts is a chain that fits its key. */
	if (x509_import(pem, pem, &chain, &key) == E_OK)
		assert(x509_check_key(buf_str(&chain), buf_str(&key)) == E_OK);
	buf_fini(&chain);
	buf_fini(&key);
}

static enum err unseal_by(struct str sealed, size_t step)
{
	struct unseal *u;
	struct buf out;
	enum err e;

	buf_init(&out, 1 << 20);
	e = unseal_new(STR("open sesame, please"), &u);
	for (size_t at = 0; at < sealed.len && e == E_OK; at += step)
		e = unseal_write(u, str_sub(sealed, at, at + step), &out);
	if (e == E_OK)
		e = unseal_end(u, &out);
	unseal_free(&u);
	buf_fini(&out);
	return e;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct str text = str_n(data, size);

	certificates(text);
	/* Nobody makes a file that opens without the passphrase, in whatever pieces it comes. */
	assert(unseal_by(text, size + 1) != E_OK);
	assert(unseal_by(text, 7) != E_OK);
	return 0;
}
