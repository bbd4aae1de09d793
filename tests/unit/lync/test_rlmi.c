#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "lync/rlmi.h"

static void two_people_and_a_stranger(void **state)
{
	struct mime_multipart parts;
	struct buf body, type;
	struct xml_doc list;
	const struct xml_node *n;
	struct str cid;
	struct rlmi r;

	(void)state;
	buf_init(&body, SIP_BODY_MAX);
	buf_init(&type, SIP_HEAD_MAX);
	rlmi_init(&r, STR("pool1.contoso.example"), STR("sip:alice@contoso.example"), 3);
	rlmi_add(&r, STR("sip:bob@contoso.example"), STR("<categories a=\"1\"/>"));
	rlmi_add_unknown(&r, STR("sip:no\"body@contoso.example"));
	rlmi_add(&r, STR("sip:carol@contoso.example"), STR("<categories a=\"2\"/>"));
	rlmi_end(&r, &body, &type);
	rlmi_fini(&r);

	assert_int_equal(mime_split(buf_str(&type), buf_str(&body), &parts), E_OK);
	assert_int_equal(parts.count, 3);
	assert_true(mime_is(parts.part[0].content_type, "application/rlmi+xml"));
	assert_int_equal(xml_decode(str_trim(parts.part[0].body), &list), E_OK);
	assert_true(str_eqz(xml_attr(list.root, "version"), "3"));
	n = xml_child(list.root, NULL, "resource");
	assert_true(str_eqz(xml_attr(n, "uri"), "sip:bob@contoso.example"));
	/* The list points at the parts by their Content-ID. */
	cid = xml_attr(xml_child(n, NULL, "instance"), "cid");
	assert_true(cid.len > 0 &&
		    str_search(parts.part[1].headers, cid) < parts.part[1].headers.len);
	n = xml_next(n, NULL, "resource");
	assert_true(str_eqz(xml_attr(n, "uri"), "sip:no\"body@contoso.example"));
	assert_true(str_eqz(xml_attr(xml_child(n, NULL, "instance"), "state"), "terminated"));
	xml_fini(&list);

	for (size_t i = 0; i < parts.count;
	     i++) /* libpurple takes four bytes off the end of each */
		assert_true(str_ends(parts.part[i].body, STR("\r\n")));
	assert_true(str_eqz(str_trim(parts.part[2].body), "<categories a=\"2\"/>"));
	buf_fini(&body);
	buf_fini(&type);
}

static void nobody_at_all(void **state)
{
	struct mime_multipart parts;
	struct buf body, type;
	struct rlmi r;

	(void)state;
	buf_init(&body, SIP_BODY_MAX);
	buf_init(&type, SIP_HEAD_MAX);
	rlmi_init(&r, STR("h.example"), STR("sip:a@h.example"), 0);
	rlmi_end(&r, &body, &type);
	rlmi_fini(&r);
	assert_int_equal(mime_split(buf_str(&type), buf_str(&body), &parts), E_OK);
	assert_int_equal(parts.count, 1);
	buf_fini(&body);
	buf_fini(&type);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_people_and_a_stranger),
		cmocka_unit_test(nobody_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
