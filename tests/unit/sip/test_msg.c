/* Decoding: fields, folds, lists, faults; every prefix of a message is safe to decode. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/mem.h"
#include "sip/msg.h"

#define assert_str(got, want) assert_true(str_eqz((got), (want)))

static const char text[] = "MESSAGE sip:bob@p.test SIP/2.0\r\n"
			   "v: SIP/2.0/TLS pc7.test;branch=z9hG4bK1\r\n"
			   "Via: SIP/2.0/TCP far.test\r\n"
			   "f: \"A\r\n B\" <sip:alice@p.test>;tag=a1\r\n"
			   "To: <sip:bob@p.test>\r\n"
			   "i: id1\r\n"
			   "CSEQ: 0042   MESSAGE\r\n"
			   "max-forwards: 7\r\n"
			   "m: <sip:a@1.test>;expires=9, <sip:a@2.test>\r\n"
			   "Contact: <sip:a@3.test>\r\n"
			   "Expires: 60\r\n"
			   "Supported: path\r\n"
			   "k: gruu , outbound\r\n"
			   "X-Own: \r\n"
			   "c: text/plain;charset=utf-8\r\n"
			   "l: 5\r\n"
			   "\r\n"
			   "hello";

static struct sip_msg *decode(const char *s)
{
	struct str in = str_of(s);
	size_t head = str_search(in, STR("\r\n\r\n"));
	struct sip_msg *m = NULL;

	head = head == in.len ? head : head + 4;
	assert_int_equal(sip_msg_decode(in, head, SIP_LINES_STRICT, &m), E_OK);
	return m;
}

static void test_fields(void **state)
{
	struct sip_msg *m = decode(text), *kept;
	struct str s;

	(void)state;
	assert_int_equal(m->fault.code, 0);
	assert_true(sip_msg_is_request(m));
	assert_int_equal(m->method_id, SIP_METHOD_MESSAGE);
	assert_str(m->ruri_uri.user, "bob");
	assert_str(m->via.host, "pc7.test");
	assert_str(m->from.display, "\"A   B\"");
	assert_str(m->from.tag, "a1");
	assert_null(m->to.tag.p);
	assert_str(m->call_id, "id1");
	assert_int_equal(m->cseq, 42);
	assert_int_equal(m->max_forwards, 7);
	assert_int_equal(m->contact.len, 3);
	assert_str(m->contact.v[2].uri, "sip:a@3.test");
	assert_int_equal(sip_contact_expires_s(m, &m->contact.v[0], 5), 9);
	assert_int_equal(sip_contact_expires_s(m, &m->contact.v[1], 5), 60);
	assert_str(m->content_type, "text/plain;charset=utf-8");
	assert_str(m->body, "hello");
	assert_true(sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("OUTBOUND")));
	assert_false(sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("out")));
	assert_str(sip_msg_get_name(m, STR("x-own")), "");
	assert_non_null(sip_msg_get_name(m, STR("x-own")).p);
	assert_null(sip_msg_get_name(m, STR("x-other")).p);
	assert_true(sip_msg_get_nth(m, SIP_HDR_VIA, 1, &s));
	assert_str(s, "SIP/2.0/TCP far.test");
	assert_false(sip_msg_get_nth(m, SIP_HDR_VIA, 2, &s));
	assert_true(sip_msg_is_answerable(m));
	kept = sip_msg_ref(m);
	sip_msg_unref(&m);
	assert_null(m);
	assert_str(kept->body, "hello");
	sip_msg_unref(&kept);
	sip_msg_unref(&kept);
}

static void test_response(void **state)
{
	struct sip_msg *m = decode(
		"SIP/2.0 486 Busy  Here\r\nVia: SIP/2.0/TLS a.test;branch=z9hG4bKx\r\n"
		"From: <sip:a@p.test>;tag=1\r\nTo: <sip:b@p.test>;tag=2\r\nCall-ID: c\r\n"
		"CSeq: 3 INVITE\r\nServer: bell/1\r\nContent-Length: 0\r\n\r\n");

	(void)state;
	assert_int_equal(m->fault.code, 0);
	assert_int_equal(m->status, 486);
	assert_str(m->reason, "Busy  Here");
	assert_int_equal(m->method_id, SIP_METHOD_INVITE);
	assert_str(m->user_agent, "bell/1");
	assert_false(sip_msg_is_answerable(m));
	sip_msg_unref(&m);
}

/* Replaces the first occurrence of one piece of the good text. */
static void expect_fault(const char *piece, const char *with, int code, const char *reason)
{
	size_t at = str_search(str_n(text, sizeof(text) - 1), str_of(piece));
	struct sip_msg *m;
	struct buf b;

	assert_true(at < sizeof(text) - 1);
	buf_init(&b, 4096);
	buf_add(&b, str_sub(str_n(text, sizeof(text) - 1), 0, at));
	buf_addz(&b, with);
	buf_add(&b, str_sub(str_n(text, sizeof(text) - 1), at + strlen(piece), sizeof(text) - 1));
	buf_addc(&b, '\0');
	m = decode(b.p);
	assert_int_equal(m->fault.code, code);
	assert_string_equal(m->fault.reason, reason);
	sip_msg_unref(&m);
	buf_fini(&b);
}

static void test_faults(void **state)
{
	(void)state;
	expect_fault("CSEQ: 0042", "CSEQ: 2147483648", 400, "Bad CSeq");
	expect_fault("CSEQ: 0042   M", "CSEQ: 42M", 400, "Bad CSeq");
	expect_fault("   MESSAGE\r", "   OPTIONS\r", 400, "Bad CSeq");
	expect_fault("i: id1", "i: id 1", 400, "Bad Call-ID");
	expect_fault("i: id1", "i: id1\r\nCall-ID: id1", 400, "Duplicate Call-ID");
	expect_fault("i: id1", "i : id1", 400, "Space Before Colon In i");
	expect_fault("i: id1", "j: id1", 400, "Missing Call-ID");
	expect_fault("max-forwards: 7", "max-forwards: 256", 400, "Bad Max-Forwards");
	expect_fault("Expires: 60", "Expires: 4294967296", 400, "Bad Expires");
	expect_fault("expires=9", "expires=4294967296", 400, "Bad Contact");
	expect_fault("<sip:a@3.test>", "*", 400, "Bad Contact");
	expect_fault("l: 5", "l: 4", 400, "Bad Content-Length");
	expect_fault("c: text/plain", "c: text", 400, "Bad Content-Type");
	expect_fault("X-Own: ", "X-Own: \x01", 400, "Control Character In X-Own");
	expect_fault("X-Own: ", "X Own: ", 400, "Bad Header Line");
	expect_fault("sip:bob@p.test SIP", "tel:+49 SIP", 416, "Unsupported URI Scheme");
	expect_fault("sip:bob@p.test SIP", "bob SIP", 400, "Bad Request-URI");
	expect_fault("SIP/2.0\r", "SIP/3.0\r", 505, "Version Not Supported");
	expect_fault("SIP/2.0\r", "SIP/2.0 \r", 400, "Bad Request-Line");
	expect_fault("MESSAGE sip:bob@p.test", "MESSAGE ", 400, "Bad Request-Line");
	expect_fault("MESSAGE sip:bob@p.test ", "MESSAGE ", 400, "Bad Request-Line");
}

static void test_start_lines(void **state)
{
	static const char *const bad[] = { "x\r\n\r\n",
					   "SIP/2.0 99 x\r\n\r\n",
					   "SIP/2.0 2000 x\r\n\r\n",
					   "SIP/2.0 700 x\r\n\r\n",
					   "SIP/1.0 200 x\r\n\r\n",
					   "GET / HTTP/1.1\r\n\r\n",
					   "A@B sip:x SIP/2.0\r\n\r\n",
					   " MESSAGE sip:x SIP/2.0\r\n\r\n",
					   "\r\n" };
	struct sip_msg *m;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(
			sip_msg_decode(str_of(bad[i]), strlen(bad[i]), SIP_LINES_STRICT, &m),
			E_BAD);
	assert_int_equal(sip_msg_decode(STR("x"), 2, SIP_LINES_STRICT, &m), E_BAD);
}

static void test_prefixes(void **state)
{
	(void)state;
	for (size_t n = 1; n < sizeof(text); n++)
		for (int loose = 0; loose < 2; loose++) {
			struct sip_msg *m = NULL;

			if (sip_msg_decode(str_n(text, n), n, (enum sip_lines)loose, &m) == E_OK)
				assert_int_equal(loose && m->fault.code == 0, 0);
			sip_msg_unref(&m);
		}
}

/* Controls are blanked in the copy, so that an answer can repeat the value. */
static void test_controls_are_blanked(void **state)
{
	static const char head[] =
		"OPTIONS sip:p.test SIP/2.0\r\nFrom: A\0B <sip:a@p.test>;tag=1\r\n\r\n";
	struct sip_msg *m;

	(void)state;
	assert_int_equal(sip_msg_decode(str_n(head, sizeof(head) - 1), sizeof(head) - 1,
					SIP_LINES_STRICT, &m),
			 E_OK);
	assert_string_equal(m->fault.reason, "Control Character In From");
	assert_str(sip_msg_get(m, SIP_HDR_FROM), "A B <sip:a@p.test>;tag=1");
	sip_msg_unref(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_fields),	 cmocka_unit_test(test_response),
		cmocka_unit_test(test_faults),	 cmocka_unit_test(test_start_lines),
		cmocka_unit_test(test_prefixes), cmocka_unit_test(test_controls_are_blanked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
