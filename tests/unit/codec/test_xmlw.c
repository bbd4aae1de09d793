#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/rand.h"
#include "codec/xml.h"
#include "codec/xmlw.h"

static void writes_a_document(void **state)
{
	struct xmlw w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	xmlw_init(&w, &b);
	xmlw_decl(&w);
	xmlw_start(&w, "a");
	xmlw_attrz(&w, "xmlns", "urn:x");
	xmlw_attr_u64(&w, "version", 12);
	xmlw_attr_bool(&w, "full", true);
	xmlw_start(&w, "b");
	xmlw_end(&w);
	xmlw_elemz(&w, "c", "x<y");
	xmlw_elemz(&w, "d", "");
	xmlw_raw(&w, STR("<e/>"));
	xmlw_start(&w, "f");
	xmlw_textz(&w, "t");
	xmlw_end_all(&w);
	assert_int_equal(w.depth, 0);
	assert_true(str_eqz(
		buf_str(&b),
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<a xmlns=\"urn:x\" version=\"12\" full=\"true\">"
		"<b/><c>x&lt;y</c><d/><e/><f>t</f></a>"));
	buf_fini(&b);
}

static void escapes(void **state)
{
	struct xmlw w;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	xmlw_init(&w, &b);
	xmlw_start(&w, "a");
	xmlw_attr(&w, "x", STR("\"<&>'\t\r\n\xc3\xa4"));
	xmlw_text(&w, STR("]]>\t\r\n\x01\xff\xed\xa0\x80\xef\xbf\xbf\xf0\x9f\x98\x80"));
	xmlw_end(&w);
	assert_true(
		str_eqz(buf_str(&b),
			"<a x=\"&quot;&lt;&amp;&gt;'&#9;&#13;&#10;\xc3\xa4\">]]&gt;\t&#13;\n"
			"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"
			"\xf0\x9f\x98\x80</a>"));
	buf_reset(&b);
	xmlw_escape(&b, STR(""));
	assert_int_equal(b.len, 0);
	buf_fini(&b);
}

/* Whatever goes in, the reader accepts what comes out, and text that XML can hold comes back. */
static void random_text_survives(void **state)
{
	char bytes[40];
	struct xmlw w;
	struct buf b;

	(void)state;
	buf_init(&b, 4000);
	for (int round = 0; round < 3000; round++) {
		struct str s = str_n(bytes, rand_below(sizeof(bytes)));
		struct xml_doc d;

		rand_bytes(bytes, s.len);
		for (size_t i = 0; i < s.len && round % 2 == 0; i++)
			bytes[i] = (char)(0x20 + (bytes[i] & 0x3f)); /* all of it can be held */
		buf_reset(&b);
		xmlw_init(&w, &b);
		xmlw_start(&w, "a");
		xmlw_attr(&w, "x", s);
		xmlw_text(&w, s);
		xmlw_end(&w);
		assert_int_equal(xml_decode(buf_str(&b), &d), E_OK);
		if (round % 2 == 0) {
			assert_true(str_eq(d.root->text, s));
			assert_true(str_eq(xml_attr(d.root, "x"), s));
		}
		xml_fini(&d);
	}
	buf_fini(&b);
}

static void failures_stay_in_the_buf(void **state)
{
	struct xmlw w;
	struct buf b;

	(void)state;
	buf_init(&b, 10);
	xmlw_init(&w, &b);
	xmlw_start(&w, "abc");
	xmlw_attr_u64(&w, "much", UINT64_MAX);
	xmlw_textz(&w, "too long for it");
	xmlw_end(&w);
	assert_int_equal(buf_err(&b), E_TOOBIG);
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(writes_a_document),
					    cmocka_unit_test(escapes),
					    cmocka_unit_test(random_text_survives),
					    cmocka_unit_test(failures_stay_in_the_buf) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
