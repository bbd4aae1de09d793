/* What a body is, whatever it is wrapped in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "simple/kind.h"

#define CPIM(type, id)                                                                      \
	"From: <sip:a@h>\r\nTo: <sip:b@h>\r\nNS: imdn <urn:ietf:params:imdn>\r\n" id "\r\n" \
	"Content-Type: " type "\r\n\r\nbody"

static void test_table(void **state)
{
	static const struct {
		const char *type, *encoding, *body;
		enum im_kind kind;
		const char *id, *plain;
	} table[] = {
		{ "text/plain", "", "x", IM_TEXT, "", NULL },
		{ "Application/IM-IsComposing+XML; charset=utf-8", "", "x", IM_TYPING, "", NULL },
		{ "message/imdn+xml", "", "x", IM_RECEIPT, "", NULL },
		{ "application/vnd.gsma.rcs-ft-http+xml", "", "x", IM_TEXT, "", NULL },
		{ "message/cpim", "", CPIM("text/plain", "imdn.Message-ID: one\r\n"), IM_TEXT,
		  "one", "body" },
		{ "message/cpim", "", CPIM("text/html", ""), IM_TEXT, "", "body" },
		{ "text/html", "", "a&lt;b<br><a href=\"http://x/y\">see</a> &eacute;<", IM_TEXT,
		  "", "a<b\n \"http://x/y\" see &eacute;" },
		{ "multipart/alternative;boundary=b", "",
		  "--b\r\nContent-Type: text/html\r\n\r\n<b>\r\n--b\r\n\r\nwords\r\n--b--", IM_TEXT,
		  "", "words" },
		{ "application/vnd.gsma.rcs-ft-http+xml", "",
		  "<file xmlns=\"urn:gsma:params:xml:ns:rcs:rcs:fthttp\"><file-info type=\"file\"><file-name>a.exe</file-name>"
		  "<data url=\"https://h/a\"/></file-info></file>",
		  IM_TEXT, "", "a.exe https://h/a" },
		{ "Message/CPIM", "", CPIM("application/im-iscomposing+xml", ""), IM_TYPING, "",
		  NULL },
		{ "message/cpim", "identity", CPIM("message/imdn+xml", "imdn.Message-ID: two\r\n"),
		  IM_RECEIPT, "two", NULL },
		{ "message/cpim", "", "not cpim at all", IM_TEXT, "", NULL },
		{ "message/cpim", "deflate", "damaged", IM_TEXT, "", NULL },
		/* we cannot look: a text */
		{ "message/cpim", "zstd", CPIM("message/imdn+xml", ""), IM_TEXT, "", NULL },
		{ "message/imdn+xml", "zstd", "?", IM_RECEIPT, "", NULL },
		{ "", "", "x", IM_TEXT, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct simple_kind k;

		simple_kind_of(str_of(table[i].type), str_of(table[i].encoding),
			       str_of(table[i].body), &k);
		assert_int_equal(k.kind, table[i].kind);
		assert_true(str_eqz(k.message_id, table[i].id));
		if (table[i].plain == NULL)
			assert_null(k.plain.p);
		else
			assert_true(str_eqz(k.plain, table[i].plain));
		simple_kind_fini(&k);
	}
}

static void test_about(void **state)
{
	static const char imdn[] =
		"<imdn xmlns=\"urn:ietf:params:xml:ns:imdn\"><message-id> 34jk </message-id></imdn>";
	struct simple_kind k;

	(void)state;
	simple_kind_of(STR("message/imdn+xml"), STR_NULL, str_of(imdn), &k);
	assert_true(str_eqz(k.about, "34jk"));
	simple_kind_fini(&k);
	simple_kind_of(STR("message/imdn+xml"), STR_NULL, STR("<broken"), &k);
	assert_int_equal(k.about.len, 0);
	simple_kind_fini(&k);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_table),
					    cmocka_unit_test(test_about) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
