#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "codec/mime.h"

static void media_types(void **state)
{
	static const char *const bad[] = { "",
					   "text",
					   "text/",
					   "/plain",
					   "text/plain x",
					   "text/plain;x",
					   "text/plain;x=",
					   "te xt/plain",
					   "text/plain; x=\"a",
					   "text/plain; =1",
					   "text/plain;x=a\"b",
					   "text/plain;x=\"a\"b" };
	struct mime_type t;

	(void)state;
	assert_int_equal(
		mime_type_decode(STR("Text/Plain ; charset=\"UTF-8\"; a=b;msgr=WAAtAE0A="), &t),
		E_OK);
	assert_true(mime_type_is(&t, "text/plain"));
	assert_false(mime_type_is(&t, "text/plai"));
	assert_true(str_eqz(mime_type_param(&t, "CHARSET"), "UTF-8"));
	assert_true(str_eqz(mime_type_param(&t, "a"), "b"));
	assert_true(str_eqz(mime_type_param(&t, "msgr"), "WAAtAE0A="));
	assert_null(mime_type_param(&t, "boundary").p);
	assert_int_equal(mime_type_decode(STR("a/b;q=\"x;\\\" y\";z=1;"), &t), E_OK);
	assert_true(str_eqz(mime_type_param(&t, "q"), "x;\\\" y"));
	assert_true(str_eqz(mime_type_param(&t, "z"), "1"));
	assert_true(
		mime_is(STR("application/im-iscomposing+xml"), "application/im-iscomposing+xml"));
	assert_false(mime_is(STR("text/html"), "text/plain"));
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (mime_type_decode(str_of(bad[i]), &t) != E_BAD)
			fail_msg("%s", bad[i]);
}

static void splits_parts(void **state)
{
	/* After RFC 2046 5.1.1. */
	struct str body = STR("This is the preamble.\r\n"
			      "--simple boundary\r\n"
			      "\r\n"
			      "implicitly typed, no line end\r\n"
			      "--simple boundary \t\r\n"
			      "Content-type: text/plain;\r\n charset=us-ascii\r\n"
			      "Content-ID: <x>\r\n"
			      "\r\n"
			      "ends with a line end\r\n"
			      "\r\n"
			      "--simple boundary--\r\n"
			      "This is the epilogue. --simple boundary\r\n");
	struct mime_multipart m;

	(void)state;
	assert_int_equal(mime_split(STR("multipart/mixed; boundary=\"simple boundary\""), body, &m),
			 E_OK);
	assert_int_equal(m.count, 2);
	assert_int_equal(m.part[0].headers.len, 0);
	assert_int_equal(m.part[0].content_type.len, 0);
	assert_true(str_eqz(m.part[0].body, "implicitly typed, no line end"));
	assert_true(str_eqz(m.part[1].body, "ends with a line end\r\n"));
	assert_true(str_eqz(m.part[1].content_type, "text/plain;\r\n charset=us-ascii"));
	assert_true(mime_is(m.part[1].content_type, "text/plain"));
	assert_true(str_eqz(mime_header(m.part[1].headers, "content-id"), "<x>"));
	assert_null(mime_header(m.part[1].headers, "charset").p);
}

static void unquoted_boundary_and_bare_lines(void **state)
{
	struct mime_multipart m;

	(void)state;
	assert_int_equal(
		mime_split(
			STR("Multipart/Alternative;boundary=--=_a:b?"),
			STR("----=_a:b?\nContent-Type:a/b\n\none\n----=_a:b?\n\ntwo\n----=_a:b?--"),
			&m),
		E_OK);
	assert_int_equal(m.count, 2);
	assert_true(str_eqz(m.part[0].body, "one"));
	assert_true(str_eqz(m.part[0].content_type, "a/b"));
	assert_true(str_eqz(m.part[1].body, "two"));
}

static void a_longer_boundary_is_another(void **state)
{
	struct mime_multipart m;

	(void)state;
	assert_int_equal(mime_split(STR("multipart/mixed;boundary=ab"),
				    STR("--ab\r\n\r\nx\r\n--abc\r\ny\r\n --ab\r\n--ab--\r\n"), &m),
			 E_OK);
	assert_int_equal(m.count, 1);
	assert_true(str_eqz(m.part[0].body, "x\r\n--abc\r\ny\r\n --ab"));
}

static void nested_parts_stay_whole(void **state)
{
	struct str body = STR(
		"--o\r\nContent-Type: multipart/mixed;boundary=i\r\n\r\n--i\r\n\r\ndeep\r\n--i--\r\n\r\n--o--");
	struct mime_multipart m, inner;

	(void)state;
	assert_int_equal(mime_split(STR("multipart/related;boundary=o"), body, &m), E_OK);
	assert_int_equal(m.count, 1);
	assert_int_equal(mime_split(m.part[0].content_type, m.part[0].body, &inner), E_OK);
	assert_true(str_eqz(inner.part[0].body, "deep"));
}

static void refuses(void **state)
{
	struct mime_multipart m;
	struct buf b;

	(void)state;
	assert_int_equal(mime_split(STR("text/plain;boundary=a"), STR("--a\r\n\r\nx\r\n--a--"), &m),
			 E_BAD);
	assert_int_equal(mime_split(STR("multipart/mixed"), STR("--a\r\n\r\nx\r\n--a--"), &m),
			 E_BAD);
	assert_int_equal(
		mime_split(STR("multipart/mixed;boundary=\"\""), STR("--\r\n\r\nx\r\n----"), &m),
		E_BAD);
	assert_int_equal(mime_split(STR("multipart/mixed;boundary=a"), STR(""), &m), E_BAD);
	assert_int_equal(mime_split(STR("multipart/mixed;boundary=a"), STR("--a--"), &m), E_BAD);
	buf_init(&b, 10000);
	buf_addz(&b, "multipart/mixed;boundary=");
	for (int i = 0; i <= MIME_BOUNDARY_MAX; i++)
		buf_addc(&b, 'a');
	assert_int_equal(mime_split(buf_str(&b), STR("--a--"), &m), E_BAD);
	buf_reset(&b);
	for (int i = 0; i < MIME_PARTS_MAX; i++)
		buf_addz(&b, "--a\r\n\r\nx\r\n");
	buf_addz(&b, "--a--");
	assert_int_equal(mime_split(STR("multipart/mixed;boundary=a"), buf_str(&b), &m), E_OK);
	assert_int_equal(m.count, MIME_PARTS_MAX);
	b.len -= 2; /* one more opens */
	buf_addz(&b, "\r\n\r\nx\r\n--a--");
	assert_int_equal(mime_split(STR("multipart/mixed;boundary=a"), buf_str(&b), &m), E_TOOBIG);
	assert_int_equal(m.count, 0);
	buf_fini(&b);
}

/* Every prefix is cut short, and never read beyond (the copies are exact, for the sanitizer). */
static void every_prefix_is_refused(void **state)
{
	struct str body = STR("pre\r\n--b\r\nContent-Type: a/b\r\n\r\nx\r\n--b\r\n\r\ny\r\n--b--");
	struct mime_multipart m;

	(void)state;
	for (size_t n = 0; n < body.len; n++) {
		struct str part = str_dup(str_sub(body, 0, n));

		assert_int_equal(mime_split(STR("multipart/mixed;boundary=b"), part, &m), E_BAD);
		str_free(&part);
	}
	assert_int_equal(mime_split(STR("multipart/mixed;boundary=b"), body, &m), E_OK);
}

static void heads(void **state)
{
	struct str head, body;

	(void)state;
	mime_cut_head(STR("A: 1\r\nB: 2\r\n\r\nx\r\n\r\ny"), &head, &body);
	assert_true(str_eqz(head, "A: 1\r\nB: 2\r\n"));
	assert_true(str_eqz(body, "x\r\n\r\ny"));
	mime_cut_head(STR("\r\nx"), &head, &body);
	assert_int_equal(head.len, 0);
	assert_true(str_eqz(body, "x"));
	mime_cut_head(STR("A: 1"), &head, &body);
	assert_true(str_eqz(head, "A: 1"));
	assert_int_equal(body.len, 0);
	assert_true(str_eqz(mime_header(STR("A: 1\r\n B: 2\r\nB:3\r\n"), "B"), "3"));
	assert_int_equal(mime_header(STR("A:\r\n"), "A").len, 0);
	assert_non_null(mime_header(STR("A:\r\n"), "A").p);
	assert_true(str_eqz(mime_header(STR("A: x\n\ty\n"), "a"), "x\n\ty"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(media_types),
		cmocka_unit_test(splits_parts),
		cmocka_unit_test(unquoted_boundary_and_bare_lines),
		cmocka_unit_test(a_longer_boundary_is_another),
		cmocka_unit_test(nested_parts_stay_whole),
		cmocka_unit_test(refuses),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(heads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
