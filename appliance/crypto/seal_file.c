#include "base/mem.h"
#include "crypto/seal.h"

/* One read, what it makes, and a chunk that was held back. */
enum { OUT_MAX = 4 * SEAL_CHUNK };

struct pump {
	FILE *in, *to;
	struct buf out;
	char bytes[SEAL_CHUNK];
};

/* Reads a piece; false at the end or on failure. */
static bool take(struct pump *p, struct str *piece)
{
	*piece = str_n(p->bytes, fread(p->bytes, 1, sizeof(p->bytes), p->in));
	return piece->len > 0;
}

static enum err put(struct pump *p)
{
	size_t n = p->out.len == 0 ? 0 : fwrite(p->out.p, 1, p->out.len, p->to);
	enum err e = n == p->out.len ? E_OK : E_IO;

	buf_reset(&p->out);
	return e;
}

static enum err finish(struct pump *p, enum err e)
{
	if (e == E_OK && (ferror(p->in) || fflush(p->to) != 0))
		e = E_IO;
	if (p->out.p != NULL)
		mem_wipe(p->out.p, p->out.cap);
	buf_fini(&p->out);
	mem_wipe(p->bytes, sizeof(p->bytes));
	return e;
}

enum err seal_file(FILE *plain, FILE *sealed, struct str passphrase)
{
	struct pump p = { .in = plain, .to = sealed };
	struct seal *s = NULL;
	struct str piece;
	enum err e;

	buf_init(&p.out, OUT_MAX);
	e = seal_new(passphrase, &p.out, &s);
	while (e == E_OK && take(&p, &piece)) {
		e = seal_write(s, piece, &p.out);
		if (e == E_OK)
			e = put(&p);
	}
	if (e == E_OK && ferror(plain))
		e = E_IO;
	if (e == E_OK)
		e = seal_end(s, &p.out);
	if (e == E_OK)
		e = put(&p);
	seal_free(&s);
	return finish(&p, e);
}

enum err unseal_file(FILE *sealed, FILE *plain, struct str passphrase)
{
	struct pump p = { .in = sealed, .to = plain };
	struct unseal *u = NULL;
	struct str piece;
	enum err e;

	buf_init(&p.out, OUT_MAX);
	e = unseal_new(passphrase, &u);
	while (e == E_OK && take(&p, &piece)) {
		e = unseal_write(u, piece, &p.out);
		if (e == E_OK)
			e = put(&p);
	}
	if (e == E_OK && ferror(sealed))
		e = E_IO;
	if (e == E_OK)
		e = unseal_end(u, &p.out);
	if (e == E_OK)
		e = put(&p);
	unseal_free(&u);
	return finish(&p, e);
}
