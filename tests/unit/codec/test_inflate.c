#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/rand.h"
#include "codec/inflate.h"

static unsigned char plain[300000], packed[400000];

static struct str pack(size_t len, int window_bits)
{
	z_stream z = { 0 };
	size_t n;

	assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = plain;
	z.avail_in = (unsigned)len;
	z.next_out = packed;
	z.avail_out = sizeof(packed);
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	n = sizeof(packed) - z.avail_out;
	(void)deflateEnd(&z);
	return str_n(packed, n);
}

static void unpacks_all_forms(void **state)
{
	static const int forms[] = { MAX_WBITS, -MAX_WBITS, 16 + MAX_WBITS };
	struct buf out;

	(void)state;
	buf_init(&out, sizeof(plain));
	rand_bytes(plain, sizeof(plain));
	for (size_t i = 0; i < sizeof(plain); i++)
		plain[i] &= 15; /* half of it can be saved */
	for (size_t f = 0; f < ARRAY_LEN(forms); f++) {
		for (size_t len = 0; len < sizeof(plain); len = len * 5 + 1) {
			struct str in = pack(len, forms[f]);

			buf_reset(&out);
			assert_int_equal(
				inflate_decode(f == 2 ? INFLATE_GZIP : INFLATE_DEFLATE, in, &out),
				E_OK);
			assert_int_equal(out.len, len);
			assert_memory_equal(len == 0 ? (const char *)plain : out.p, plain, len);
		}
	}
	buf_fini(&out);
}

static void refuses_damage(void **state)
{
	struct str in;
	struct buf out;

	(void)state;
	rand_bytes(plain, 2000);
	buf_init(&out, sizeof(plain));
	in = pack(2000, MAX_WBITS);
	for (size_t n = 0; n < in.len; n++) {
		struct str part = str_dup(str_sub(in, 0, n));

		buf_reset(&out);
		assert_int_equal(inflate_decode(INFLATE_DEFLATE, part, &out), E_BAD);
		str_free(&part);
	}
	packed[in.len] = 'x';
	assert_int_equal(inflate_decode(INFLATE_DEFLATE, str_n(packed, in.len + 1), &out), E_BAD);
	packed[in.len / 2] ^= 0x10;
	assert_int_equal(inflate_decode(INFLATE_DEFLATE, in, &out), E_BAD);
	assert_int_equal(inflate_decode(INFLATE_GZIP, STR("not gzip"), &out), E_BAD);
	buf_fini(&out);
}

static void holds_its_caps(void **state)
{
	struct str in;
	struct buf out;

	(void)state;
	rand_bytes(plain, 10000);
	in = pack(10000, MAX_WBITS);
	buf_init(&out, 9999);
	assert_int_equal(inflate_decode(INFLATE_DEFLATE, in, &out), E_TOOBIG);
	buf_fini(&out);
	buf_init(&out, 10000);
	assert_int_equal(inflate_decode(INFLATE_DEFLATE, in, &out), E_OK);
	buf_fini(&out);

	memset(plain, 'a', sizeof(plain));
	buf_init(&out, sizeof(plain));
	in = pack(INFLATE_RATIO_FREE, MAX_WBITS); /* 1:800, but small */
	assert_int_equal(inflate_decode(INFLATE_DEFLATE, in, &out), E_OK);
	buf_reset(&out);
	in = pack(sizeof(plain), MAX_WBITS);
	assert_int_equal(inflate_decode(INFLATE_DEFLATE, in, &out), E_TOOBIG);
	assert_true(out.len < 2 * INFLATE_RATIO_FREE); /* stopped early */
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(unpacks_all_forms),
					    cmocka_unit_test(refuses_damage),
					    cmocka_unit_test(holds_its_caps) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
