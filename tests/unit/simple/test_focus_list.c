/* What stands in the bodies of a focus's requests. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "simple/focus.h"

static struct sip_msg *request(const char *headers, const char *body)
{
	char head[1024];
	int n = snprintf(
		head, sizeof(head),
		"INVITE sip:conference-factory@h SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
		"To: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n%sContent-Length: %zu\r\n\r\n",
		headers, strlen(body));
	struct sip_msg *m = NULL;
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_add(&b, str_n(head, (size_t)n));
	buf_addz(&b, body);
	assert_int_equal(sip_msg_decode(buf_str(&b), (size_t)n, SIP_LINES_STRICT, &m), E_OK);
	buf_fini(&b);
	return m;
}

static void test_body(void **state)
{
	static const struct {
		const char *headers, *body, *want; /* NULL: none */
	} table[] = {
		{ "Content-Type: application/sdp\r\n", "v=0", "v=0" },
		{ "Content-Type: application/SDP;x=y\r\n", "v=0", "v=0" },
		{ "Content-Type: text/plain\r\n", "v=0", NULL },
		{ "", "v=0", NULL },
		{ "Content-Type: application/sdp\r\n", "", NULL },
		{ "Content-Type: multipart/mixed;boundary=xx\r\n",
		  "--xx\r\nContent-Type: text/plain\r\n\r\nno\r\n--xx\r\nContent-Type: application/sdp\r\n\r\nv=1\r\n--xx--\r\n",
		  "v=1" },
		{ "Content-Type: multipart/mixed;boundary=yy\r\n", "--xx\r\n\r\n\r\n--xx--\r\n",
		  NULL },
		{ "Content-Type: application/sdp\r\nContent-Encoding: identity\r\n", "v=0", "v=0" },
		{ "Content-Type: application/sdp\r\nContent-Encoding: deflate\r\n", "not deflated",
		  NULL },
		{ "Content-Type: application/sdp\r\nContent-Encoding: zstd\r\n", "v=0", NULL },
		/* Linphone leaves the header on an empty body */
		{ "Content-Type: application/sdp\r\nContent-Encoding: deflate\r\n", "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct sip_msg *m = request(table[i].headers, table[i].body);
		struct buf scratch;
		struct str got;

		buf_init(&scratch, 1u << 16);
		got = focus_body(m, "application/sdp", &scratch);
		if (table[i].want == NULL)
			assert_int_equal(got.len, 0);
		else
			assert_true(str_eqz(got, table[i].want));
		buf_fini(&scratch);
		sip_msg_unref(&m);
	}
}

static void add(void *arg, struct str uri)
{
	struct buf *b = arg;

	buf_add(b, uri);
	buf_addc(b, ' ');
}

#define LISTS(inside)                                                                   \
	"<p1:resource-lists xmlns:p1=\"urn:ietf:params:xml:ns:resource-lists\">" inside \
	"</p1:resource-lists>"

static void test_list(void **state)
{
	static const struct {
		const char *xml, *want;
		enum err err;
	} table[] = {
		{ LISTS("<p1:list><p1:entry uri=\"sip:max@h\"/><p1:entry uri=\"sip:nora@h\"/></p1:list>"),
		  "sip:max@h sip:nora@h ", E_OK },
		{ LISTS("<p1:list><p1:list><p1:entry uri=\"sip:a@h;Last-Notify=3\"/></p1:list></p1:list>"),
		  "sip:a@h;Last-Notify=3 ", E_OK },
		{ LISTS(""), "", E_OK },
		/* not of that namespace */
		{ LISTS("<p1:list><p1:entry/><entry uri=\"sip:other@h\"/></p1:list>"), "", E_OK },
		{ "<resource-lists><list><entry uri=\"sip:a@h\"/></list></resource-lists>", "",
		  E_BAD },
		{ "<resource-lists", "", E_BAD },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct buf got;

		buf_init(&got, 4096);
		assert_int_equal(focus_list_decode(str_of(table[i].xml), add, &got), table[i].err);
		assert_true(str_eqz(buf_str(&got), table[i].want) ||
			    (got.len == 0 && table[i].want[0] == 0));
		buf_fini(&got);
	}
}

/* Every stream of the offer is in the answer, in its order and refused (RFC 3264 6). */
static void test_decline(void **state)
{
	struct buf out;

	(void)state;
	buf_init(&out, 4096);
	focus_sdp_decline(
		STR("v=0\r\no=- 1 1 IN IP4 h\r\ns=-\r\nm=audio 40000 RTP/AVP 0 8\r\na=sendrecv\r\nm=video 40002 RTP/AVP 96\r\n"),
		&out);
	assert_true(str_ends(buf_str(&out),
			     STR("t=0 0\r\nm=audio 0 RTP/AVP 0 8\r\nm=video 0 RTP/AVP 96\r\n")));
	buf_reset(&out);
	focus_sdp_decline(STR("m="), &out);
	focus_sdp_decline(STR("m=audio"), &out);
	assert_int_equal(buf_err(&out), E_OK);
	buf_fini(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body),
		cmocka_unit_test(test_list),
		cmocka_unit_test(test_decline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
