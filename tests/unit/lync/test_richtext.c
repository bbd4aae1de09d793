/* Rich text to plain: what people write in Lync, and what could hurt. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "lync/richtext.h"

struct sample {
	const char *in, *want;
};

static void check(void (*fn)(struct str, struct buf *), const struct sample *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct buf b;

		buf_init(&b, 4096);
		fn(str_of(s[i].in), &b);
		if (!str_eqz(buf_str(&b), s[i].want))
			fail_msg("%s\ngave %.*s\nnot  %s", s[i].in, STR_ARG(buf_str(&b)),
				 s[i].want);
		/* Cut short anywhere, it still ends. */
		for (size_t cut = 0; cut < str_of(s[i].in).len; cut++) {
			buf_reset(&b);
			fn(str_sub(str_of(s[i].in), 0, cut), &b);
			assert_true(buf_str(&b).len <= 4096);
		}
		buf_fini(&b);
	}
}

static void html(void **state)
{
	static const struct sample s[] = {
		{ "Hello", "Hello" },
		{ "a &lt;b&gt; &amp; &quot;c&quot; &#8364; &#x1F3E1; &unknown; &",
		  "a <b> & \"c\" \xe2\x82\xac \xf0\x9f\x8f\xa1 &unknown; &" },
		{ "<html><head><style>p { x }</style><title>t</title></head><body><p>one</p><p>two</p></body></html>",
		  "one\ntwo" },
		{ "one<br>two<br/>three", "one\ntwo\nthree" },
		{ "<div>one</div>\r\n<div>two  words</div>", "one\ntwo words" },
		{ "<a href=\"https://a.example/x\">here</a>", "here <https://a.example/x>" },
		{ "<a href='https://a.example'>https://a.example</a>", "https://a.example" },
		{ "<script>alert('<b>')</script>safe", "safe" },
		{ "<!-- hidden <b> -->seen", "seen" },
		{ "<b>bold</b><i>slanted</i>", "boldslanted" },
		{ "\xed\x95\x9c\xea\xb8\x80 <b>\xea\xb5\xb5\xea\xb2\x8c</b>",
		  "\xed\x95\x9c\xea\xb8\x80 \xea\xb5\xb5\xea\xb2\x8c" },
		{ "<", "" },
		{ "<a href=>x</a>", "x" },
	};

	(void)state;
	check(richtext_of_html, s, ARRAY_LEN(s));
}

static void rtf(void **state)
{
	static const struct sample s[] = {
		{ "{\\rtf1\\ansi{\\fonttbl{\\f0\\fnil Segoe UI;}}{\\colortbl;\\red0\\green0\\blue0;}\\pard\\f0\\fs20 Hello \\b Bob\\b0 !\\par}",
		  "Hello Bob!" },
		{ "{\\rtf1 one\\line two\\tab three}", "one\ntwo\tthree" },
		{ "{\\rtf1 caf\\'e9 \\'80}", "caf\xc3\xa9 \xe2\x82\xac" },
		{ "{\\rtf1\\uc1\\u54620?\\u44544?}", "\xed\x95\x9c\xea\xb8\x80" },
		{ "{\\rtf1\\u-10180?\\u-8223?}", "\xf0\x9f\x8f\xa1" },
		{ "{\\rtf1{\\*\\generator Riched20;}\\{braces\\} and \\\\}", "{braces} and \\" },
		{ "{\\rtf1{\\pict 0102abc}after}", "after" },
		{ "}}}text", "text" },
	};

	(void)state;
	check(richtext_of_rtf, s, ARRAY_LEN(s));
}

static void bodies(void **state)
{
	static const char mixed[] =
		"--b\r\nContent-Type: text/rtf\r\n\r\n{\\rtf1 rich}\r\n--b\r\nContent-Type: text/plain\r\n\r\nplain"
		"\r\n--b--\r\n";
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_true(
		richtext_of_body(STR("text/plain; charset=UTF-8;msgr=WAA"), STR("as it is"), &b));
	assert_true(str_eqz(buf_str(&b), "as it is"));
	buf_reset(&b);
	assert_true(richtext_of_body(STR("multipart/alternative;boundary=b"), str_of(mixed), &b));
	assert_true(str_eqz(buf_str(&b), "plain"));
	buf_reset(&b);
	assert_true(richtext_of_body(STR("text/plain"), STR("old \xe9"), &b));
	assert_true(str_eqz(buf_str(&b), "old \xc3\xa9"));
	assert_false(richtext_of_body(STR("image/gif"), STR("GIF89a"), &b));
	assert_false(richtext_of_body(STR("application/x-ms-ink"), STR("x"), &b));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(html),
		cmocka_unit_test(rtf),
		cmocka_unit_test(bodies),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
