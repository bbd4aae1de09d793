#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"
#include "codec/xml.h"

#define NS_PIDF "urn:ietf:params:xml:ns:pidf"
#define NS_DM "urn:ietf:params:xml:ns:pidf:data-model"

static const struct str pidf = STR(
	"<?xml version='1.0' encoding='UTF-8'?>\n<!-- a & b -->"
	"<presence xmlns='urn:ietf:params:xml:ns:pidf' xmlns:dm='urn:ietf:params:xml:ns:pidf:data-model'"
	" entity='pres:a@example.com'>\n"
	"<tuple id='t1'><status><basic>open</basic></status><empty/><note xml:lang='de'> Bin &lt;da&gt;"
	"<b/> &amp; <![CDATA[<wach>]]>&#228; </note></tuple>"
	"<dm:person id='p1' dm:x='1' x='2'><dm:note>A</dm:note><dm:note>B</dm:note></dm:person></presence>\n");

static void makes_a_tree(void **state)
{
	const struct xml_node *tuple, *note, *person;
	struct xml_doc d;

	(void)state;
	assert_int_equal(xml_decode(pidf, &d), E_OK);
	assert_true(xml_is(d.root, NS_PIDF, "presence"));
	assert_true(str_eqz(xml_attr(d.root, "entity"), "pres:a@example.com"));
	tuple = xml_child(d.root, NS_PIDF, "tuple");
	assert_true(str_eqz(xml_child_text(xml_child(tuple, NS_PIDF, "status"), NS_PIDF, "basic"),
			    "open"));
	assert_ptr_equal(xml_find(d.root, NULL, "basic"),
			 xml_child(xml_child(tuple, NULL, "status"), NULL, "basic"));
	note = xml_child(tuple, NULL, "note");
	assert_true(str_eqz(note->text, " Bin <da> & <wach>\xc3\xa4 "));
	assert_true(str_eqz(xml_text(note), "Bin <da> & <wach>\xc3\xa4"));
	assert_true(
		str_eqz(xml_attr_ns(note, "http://www.w3.org/XML/1998/namespace", "lang"), "de"));
	assert_null(xml_attr(note, "lang").p);
	person = xml_next(tuple, NS_DM, "person");
	assert_true(str_eqz(xml_attr_ns(person, NS_DM, "x"), "1"));
	assert_true(str_eqz(xml_attr(person, "x"), "2"));
	assert_true(
		str_eqz(xml_text(xml_next(xml_child(person, NS_DM, "note"), NS_DM, "note")), "B"));
	assert_null(xml_child(person, NS_PIDF, "note"));
	assert_null(xml_find(person, NULL, "tuple")); /* not beyond the element */
	assert_null(xml_find(xml_child(tuple, NULL, "empty"), NULL, NULL));
	assert_null(xml_child(NULL, NULL, "x"));
	assert_null(xml_child_text(person, NULL, "x").p);
	assert_int_equal(xml_text(NULL).len, 0);
	xml_fini(&d);
	xml_fini(&d);
}

static void shows_the_source(void **state)
{
	const struct xml_node *n;
	struct xml_doc d;

	(void)state;
	assert_int_equal(xml_decode(pidf, &d), E_OK);
	n = xml_find(d.root, NS_PIDF, "status");
	assert_true(str_eqz(n->raw, "<status><basic>open</basic></status>"));
	assert_true(str_eqz(n->inner, "<basic>open</basic>"));
	n = xml_find(d.root, NS_PIDF, "empty");
	assert_true(str_eqz(n->raw, "<empty/>"));
	assert_int_equal(n->inner.len, 0);
	n = xml_find(d.root, NS_DM, "person");
	assert_true(str_starts(n->raw, STR("<dm:person id='p1'")) &&
		    str_ends(n->raw, STR("</dm:person>")));
	xml_fini(&d);
	assert_int_equal(xml_decode(STR("<a></a >"), &d), E_OK);
	assert_true(str_eqz(d.root->raw, "<a></a >"));
	assert_int_equal(d.root->inner.len, 0);
	xml_fini(&d);
}

static void refuses(void **state)
{
	static const struct {
		const char *text;
		enum err e;
	} cases[] = {
		{ "", E_BAD },
		{ " ", E_BAD },
		{ "x", E_BAD },
		{ "<a>", E_BAD },
		{ "<a></b>", E_BAD },
		{ "<a/><b/>", E_BAD },
		{ "<a x='1' x='2'/>", E_BAD },
		{ "<a x=1/>", E_BAD },
		{ "<p:a/>", E_BAD },
		{ "<a>&nbsp;</a>", E_BAD },
		{ "<a>\x80</a>", E_BAD },
		{ "<a>&#0;</a>", E_BAD },
		{ "<a>]]></a>", E_BAD },
		{ "<a>\x01</a>", E_BAD },
		{ "<!DOCTYPE a><a/>", E_UNSUPPORTED },
		{ "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", E_UNSUPPORTED },
		{ "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", E_UNSUPPORTED },
		/* UTF-8 whatever it says */
		{ "<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe4</a>", E_BAD },
	};
	struct xml_doc d = { .root = NULL };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (xml_decode(str_of(cases[i].text), &d) != cases[i].e)
			fail_msg("%s", cases[i].text);
	assert_null(d.root);
	assert_int_equal(xml_decode(str_n("\xff\xfe<\0a\0/\0>\0", 10), &d), E_BAD);
	assert_int_equal(xml_decode(str_n("<\0a\0/\0>\0", 8), &d), E_BAD);
	/* a mark in UTF-8 is fine */
	assert_int_equal(xml_decode(STR("\xef\xbb\xbf<a> x</a>"), &d), E_OK);
	assert_true(str_eqz(d.root->raw, "<a> x</a>"));
	xml_fini(&d);
}

static enum err decode_made(struct buf *b)
{
	struct xml_doc d;
	enum err e = xml_decode(buf_str(b), &d);

	if (e == E_OK)
		xml_fini(&d);
	buf_reset(b);
	return e;
}

static void holds_its_caps(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 2 * XML_BYTES_MAX);
	for (int extra = 0; extra < 2; extra++) {
		for (int i = 0; i < XML_DEPTH_MAX + extra; i++)
			buf_addz(&b, "<a>");
		for (int i = 0; i < XML_DEPTH_MAX + extra; i++)
			buf_addz(&b, "</a>");
		assert_int_equal(decode_made(&b), extra == 0 ? E_OK : E_TOOBIG);
		buf_addz(&b, "<a");
		for (int i = 0; i < XML_ATTRS_MAX + extra; i++)
			buf_addf(&b, " x%d=''", i);
		buf_addz(&b, "/>");
		assert_int_equal(decode_made(&b), extra == 0 ? E_OK : E_TOOBIG);
		buf_addz(&b, "<a>");
		for (int i = 0; i < XML_NODES_MAX - 1 + extra; i++)
			buf_addz(&b, "<b/>");
		buf_addz(&b, "</a>");
		assert_int_equal(decode_made(&b), extra == 0 ? E_OK : E_TOOBIG);
	}
	buf_addz(&b, "<a>");
	while (b.len < XML_BYTES_MAX)
		/* many pieces of text: the arena's cap stops it, or it fits */
		buf_addz(&b, "&lt;x\n");
	b.len = XML_BYTES_MAX - 10;
	b.len -= b.len % 6;
	b.len += 3;
	buf_addz(&b, "</a>");
	assert_int_equal(decode_made(&b), E_TOOBIG);
	for (int i = 0; i <= XML_BYTES_MAX; i++)
		buf_addc(&b, ' ');
	assert_int_equal(decode_made(&b), E_TOOBIG);
	buf_fini(&b);
}

static void every_prefix_is_refused(void **state)
{
	struct str whole = str_trim(pidf);
	struct xml_doc d;

	(void)state;
	for (size_t n = 0; n < whole.len; n++) {
		struct str part = str_dup(str_sub(whole, 0, n));

		assert_int_equal(xml_decode(part, &d), E_BAD);
		str_free(&part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(makes_a_tree),
		cmocka_unit_test(shows_the_source),
		cmocka_unit_test(refuses),
		cmocka_unit_test(holds_its_caps),
		cmocka_unit_test(every_prefix_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
