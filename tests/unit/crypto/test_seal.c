#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"
#include "crypto/seal.h"

enum { PLAIN_MAX = 4 * SEAL_CHUNK };

static const struct str passphrase = STR("open sesame, please");
static unsigned char plain[PLAIN_MAX];

static void seal_into(struct buf *out, size_t len, size_t step)
{
	struct seal *s = NULL;

	assert_int_equal(seal_new(passphrase, out, &s), E_OK);
	for (size_t at = 0; at < len; at += step)
		assert_int_equal(seal_write(s, str_sub(str_n(plain, len), at, at + step), out),
				 E_OK);
	assert_int_equal(seal_end(s, out), E_OK);
	seal_free(&s);
	seal_free(&s);
}

static enum err unseal_from(struct str sealed, size_t step, struct str phrase, struct buf *out)
{
	struct unseal *u = NULL;
	enum err e = unseal_new(phrase, &u);

	for (size_t at = 0; at < sealed.len && e == E_OK; at += step)
		e = unseal_write(u, str_sub(sealed, at, at + step), out);
	if (e == E_OK)
		e = unseal_end(u, out);
	unseal_free(&u);
	unseal_free(&u);
	return e;
}

static void all_sizes_come_back(void **state)
{
	static const size_t sizes[] = {
		0, 1, SEAL_CHUNK - 1, SEAL_CHUNK, SEAL_CHUNK + 1, 3 * SEAL_CHUNK
	};
	struct buf sealed, back;

	(void)state;
	rand_bytes(plain, sizeof(plain));
	buf_init(&sealed, PLAIN_MAX + 1000);
	buf_init(&back, PLAIN_MAX);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		size_t chunks = sizes[i] == 0 ? 1 : (sizes[i] + SEAL_CHUNK - 1) / SEAL_CHUNK;

		buf_reset(&sealed);
		buf_reset(&back);
		seal_into(&sealed, sizes[i], 10007);
		assert_int_equal(sealed.len, SEAL_HEADER_LEN + sizes[i] + chunks * SEAL_TAG);
		assert_true(seal_is_magic(buf_str(&sealed)));
		assert_int_equal(unseal_from(buf_str(&sealed), 4096, passphrase, &back), E_OK);
		assert_int_equal(back.len, sizes[i]);
		assert_true(str_eq(buf_str(&back), str_n(plain, sizes[i])));
	}
	buf_fini(&sealed);
	buf_fini(&back);
}

static void byte_at_a_time(void **state)
{
	struct buf sealed, back;

	(void)state;
	buf_init(&sealed, PLAIN_MAX + 1000);
	buf_init(&back, PLAIN_MAX);
	seal_into(&sealed, SEAL_CHUNK + 5, 1);
	assert_int_equal(unseal_from(buf_str(&sealed), 1, passphrase, &back), E_OK);
	assert_true(str_eq(buf_str(&back), str_n(plain, SEAL_CHUNK + 5)));
	buf_fini(&sealed);
	buf_fini(&back);
}

static enum err verdict(const struct buf *sealed, size_t len)
{
	struct buf back;
	enum err e;

	buf_init(&back, PLAIN_MAX);
	e = unseal_from(str_sub(buf_str(sealed), 0, len), 50000, passphrase, &back);
	buf_fini(&back);
	return e;
}

static void damage_and_a_wrong_passphrase_are_told_apart(void **state)
{
	struct buf sealed, back;
	size_t last;

	(void)state;
	buf_init(&sealed, PLAIN_MAX + 1000);
	buf_init(&back, PLAIN_MAX);
	seal_into(&sealed, 2 * SEAL_CHUNK + 100, 50000);
	last = SEAL_HEADER_LEN + 2 * (SEAL_CHUNK + SEAL_TAG);
	assert_int_equal(unseal_from(buf_str(&sealed), 50000, STR("open sesame"), &back), E_AUTH);
	assert_int_equal(unseal_from(buf_str(&sealed), 50000, STR(""), &back), E_AUTH);
	assert_int_equal(back.len, 0);
	sealed.p[0] ^= 1; /* the magic */
	assert_int_equal(verdict(&sealed, sealed.len), E_UNSUPPORTED);
	sealed.p[0] ^= 1;
	for (size_t at = 8; at < SEAL_HEADER_LEN; at += 13) { /* costs, salt, check, checksum */
		sealed.p[at] ^= 1;
		assert_int_equal(verdict(&sealed, sealed.len), E_CORRUPT);
		sealed.p[at] ^= 1;
	}
	sealed.p[SEAL_HEADER_LEN + 5] ^= 1;
	assert_int_equal(verdict(&sealed, sealed.len), E_CORRUPT);
	sealed.p[SEAL_HEADER_LEN + 5] ^= 1;
	sealed.p[sealed.len - 1] ^= 1; /* the last tag */
	assert_int_equal(verdict(&sealed, sealed.len), E_CORRUPT);
	sealed.p[sealed.len - 1] ^= 1;
	assert_int_equal(verdict(&sealed, sealed.len), E_OK);
	assert_int_equal(verdict(&sealed, sealed.len - 1), E_CORRUPT);
	assert_int_equal(verdict(&sealed, last), E_CORRUPT); /* cut between two chunks */
	assert_int_equal(verdict(&sealed, SEAL_HEADER_LEN), E_CORRUPT);
	assert_int_equal(verdict(&sealed, 30), E_CORRUPT);
	assert_int_equal(verdict(&sealed, 0), E_UNSUPPORTED);
	buf_addc(&sealed, 'x');
	assert_int_equal(verdict(&sealed, sealed.len), E_CORRUPT);
	buf_fini(&sealed);
	buf_fini(&back);
}

static void chunks_cannot_change_places(void **state)
{
	unsigned char *first, *second, *keep = xmalloc(SEAL_CHUNK + SEAL_TAG);
	struct buf sealed;

	(void)state;
	buf_init(&sealed, PLAIN_MAX + 1000);
	seal_into(&sealed, 3 * SEAL_CHUNK, 50000);
	first = (unsigned char *)sealed.p + SEAL_HEADER_LEN;
	second = first + SEAL_CHUNK + SEAL_TAG;
	memcpy(keep, first, SEAL_CHUNK + SEAL_TAG);
	memcpy(first, second, SEAL_CHUNK + SEAL_TAG);
	memcpy(second, keep, SEAL_CHUNK + SEAL_TAG);
	assert_int_equal(verdict(&sealed, sealed.len), E_CORRUPT);
	free(keep);
	buf_fini(&sealed);
}

static void refuses_what_cannot_be(void **state)
{
	char big[PASSWORD_MAX + 1];
	struct buf out;
	struct seal *s = NULL;

	(void)state;
	memset(big, 'x', sizeof(big));
	buf_init(&out, 1000);
	assert_int_equal(seal_new(STR(""), &out, &s), E_DENIED);
	assert_int_equal(seal_new(str_n(big, sizeof(big)), &out, &s), E_TOOBIG);
	assert_null(s);
	assert_int_equal(out.len, 0);
	assert_int_equal(seal_new(passphrase, &out, &s), E_OK);
	/* no room there */
	assert_int_equal(seal_write(s, str_n(plain, 2 * SEAL_CHUNK), &out), E_TOOBIG);
	seal_free(&s);
	buf_fini(&out);
}

static void files(void **state)
{
	FILE *a = tmpfile(), *b = tmpfile(), *c = tmpfile();
	static unsigned char back[PLAIN_MAX + 1];

	(void)state;
	assert_true(a != NULL && b != NULL && c != NULL);
	assert_int_equal(fwrite(plain, 1, sizeof(plain), a), sizeof(plain));
	rewind(a);
	assert_int_equal(seal_file(a, b, passphrase), E_OK);
	rewind(b);
	assert_int_equal(unseal_file(b, c, passphrase), E_OK);
	rewind(c);
	assert_int_equal(fread(back, 1, sizeof(back), c), sizeof(plain));
	assert_memory_equal(back, plain, sizeof(plain));
	rewind(b);
	assert_int_equal(unseal_file(b, c, STR("wrong")), E_AUTH);
	rewind(a);
	assert_int_equal(unseal_file(a, c, passphrase), E_UNSUPPORTED);
	assert_int_equal(fclose(c), 0);
	c = fopen("/dev/full", "w");
	if (c != NULL) {
		rewind(a);
		assert_int_equal(seal_file(a, c, passphrase), E_IO);
		(void)fclose(c);
	}
	assert_int_equal(fclose(a), 0);
	assert_int_equal(fclose(b), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_sizes_come_back),
		cmocka_unit_test(byte_at_a_time),
		cmocka_unit_test(damage_and_a_wrong_passphrase_are_told_apart),
		cmocka_unit_test(chunks_cannot_change_places),
		cmocka_unit_test(refuses_what_cannot_be),
		cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
