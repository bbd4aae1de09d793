/* Framing: one byte at a time, keep-alives, and the ends of what can be cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "sip/frame.h"

#define MAX (SIP_HEAD_MAX + SIP_BODY_MAX)
#define HEAD "OPTIONS sip:p.test SIP/2.0\r\nVia: x\r\n"

static const char one[] = HEAD "Content-Length: 5\r\n\r\nhello";

static void test_byte_by_byte(void **state)
{
	struct sip_framed out;
	struct sip_frame f;

	(void)state;
	sip_frame_init(&f);
	for (size_t n = 1; n < sizeof(one) - 1; n++)
		assert_int_equal(sip_frame_next(&f, str_n(one, n), MAX, &out), SIP_FRAME_MORE);
	assert_int_equal(sip_frame_next(&f, str_n(one, sizeof(one) - 1), MAX, &out), SIP_FRAME_MSG);
	assert_int_equal(out.consumed, sizeof(one) - 1);
	assert_int_equal(out.head_len, sizeof(one) - 6);
	assert_true(str_eq(out.msg, str_n(one, sizeof(one) - 1)));
}

static void test_head_is_scanned_once(void **state)
{
	struct sip_framed out;
	struct sip_frame f;

	(void)state;
	sip_frame_init(&f);
	assert_int_equal(sip_frame_next(&f, str_sub(str_n(one, sizeof(one) - 1), 0, 40), MAX, &out),
			 SIP_FRAME_MORE);
	assert_true(f.scanned >= 36);
	assert_int_equal(sip_frame_next(&f, str_n(one, sizeof(one) - 1), MAX, &out), SIP_FRAME_MSG);
	assert_int_equal(f.scanned, 0);
}

static void test_keepalive(void **state)
{
	struct sip_framed out;
	struct sip_frame f;
	struct str in = STR("\r\n\r\n\r\n" HEAD "l:0\r\n\r\n\r\n\r\n");
	static const enum sip_frame_kind want[] = { SIP_FRAME_SKIP, SIP_FRAME_PING, SIP_FRAME_SKIP,
						    SIP_FRAME_MSG,  SIP_FRAME_SKIP, SIP_FRAME_PING,
						    SIP_FRAME_MORE };

	(void)state;
	sip_frame_init(&f);
	for (size_t i = 0; i < ARRAY_LEN(want); i++) {
		assert_int_equal(sip_frame_next(&f, in, MAX, &out), want[i]);
		in = str_sub(in, out.consumed, in.len);
	}
	assert_int_equal(in.len, 0);
	/* A CR that may still become a ping is not consumed. */
	assert_int_equal(sip_frame_next(&f, STR("\r"), MAX, &out), SIP_FRAME_MORE);
	assert_int_equal(out.consumed, 0);
}

static void expect_bad(struct str in, size_t max, int code, const char *reason)
{
	struct sip_framed out;
	struct sip_frame f;
	size_t n;

	sip_frame_init(&f);
	assert_int_equal(sip_frame_next(&f, in, max, &out), SIP_FRAME_BAD);
	assert_int_equal(out.fault.code, code);
	assert_string_equal(out.fault.reason, reason);
	sip_frame_init(&f);
	for (n = 1; n <= in.len; n++)
		if (sip_frame_next(&f, str_sub(in, 0, n), max, &out) != SIP_FRAME_MORE)
			break;
	assert_true(n <= in.len);
	assert_int_equal(out.fault.code, code);
	assert_string_equal(out.fault.reason, reason);
}

static void test_length(void **state)
{
	static const char *const bad[] = { "-1",  "+1",		"1 1",
					   "0x1", "4294967296", "18446744073709551617",
					   "",	  "1,1" };
	char text[256];

	(void)state;
	expect_bad(STR(HEAD "\r\n"), MAX, 400, "Missing Content-Length");
	expect_bad(STR(HEAD "l: 1\r\nContent-Length: 1\r\n\r\nx"), MAX, 400,
		   "Duplicate Content-Length");
	expect_bad(STR(HEAD "l: 1\r\n 2\r\n\r\nx"), MAX, 400, "Bad Content-Length");
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct buf b;

		buf_init(&b, sizeof(text));
		buf_addf(&b, HEAD "Content-Length: %s\r\n\r\nx", bad[i]);
		expect_bad(buf_str(&b), MAX, 400, "Bad Content-Length");
		buf_fini(&b);
	}
	expect_bad(STR(HEAD "l: 999999999\r\n\r\n"), MAX, 413, "Request Entity Too Large");
	expect_bad(STR(HEAD "l: 100\r\n\r\n"), 120, 413, "Request Entity Too Large");
}

static void test_line_ends(void **state)
{
	(void)state;
	expect_bad(STR("OPTIONS sip:p.test SIP/2.0\nVia: x\n\nrest"), MAX, 400, "Bad Line End");
	expect_bad(STR(HEAD "l: 0\n\r\nrest"), MAX, 400, "Bad Line End");
	expect_bad(STR(HEAD "Subject: a\rb\r\nl: 0\r\n\r\n"), MAX, 400, "Bad Line End");
	expect_bad(STR(HEAD "Subject: a\r\r\nl: 0\r\n\r\n"), MAX, 400, "Bad Line End");
	expect_bad(STR("\n\nrest"), MAX, 400, "Bad Line End");
	expect_bad(STR("\rX\r\n\r\n"), MAX, 400, "Bad Line End");
}

static void test_endless_head(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 1u << 20);
	buf_addz(&b, HEAD);
	while (b.len <= SIP_HEAD_MAX)
		buf_addz(&b, "X: yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\r\n");
	expect_bad(buf_str(&b), MAX, 513, "Message Too Large");
	expect_bad(buf_str(&b), 1000, 513, "Message Too Large");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_byte_by_byte), cmocka_unit_test(test_head_is_scanned_once),
		cmocka_unit_test(test_keepalive),    cmocka_unit_test(test_length),
		cmocka_unit_test(test_line_ends),    cmocka_unit_test(test_endless_head),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
