/* What a body is, whatever it is wrapped in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "simple/kind.h"

#define CPIM(type, id)                                                                  \
	"From: <sip:a@h>\r\nTo: <sip:b@h>\r\nNS: imdn <urn:ietf:params:imdn>\r\n" id "\r\n" \
	"Content-Type: " type "\r\n\r\nbody"

static void test_table(void **state)
{
	static const struct {
		const char *type, *encoding, *body;
		enum im_kind kind;
		const char *id;
	} table[] = {
		{ "text/plain", "", "x", IM_TEXT, "" },
		{ "Application/IM-IsComposing+XML; charset=utf-8", "", "x", IM_TYPING, "" },
		{ "message/imdn+xml", "", "x", IM_RECEIPT, "" },
		{ "application/vnd.gsma.rcs-ft-http+xml", "", "x", IM_TEXT, "" },
		{ "message/cpim", "", CPIM("text/plain", "imdn.Message-ID: one\r\n"), IM_TEXT, "one" },
		{ "Message/CPIM", "", CPIM("application/im-iscomposing+xml", ""), IM_TYPING, "" },
		{ "message/cpim", "identity", CPIM("message/imdn+xml", "imdn.Message-ID: two\r\n"), IM_RECEIPT, "two" },
		{ "message/cpim", "", "not cpim at all", IM_TEXT, "" },
		{ "message/cpim", "deflate", "damaged", IM_TEXT, "" },
		{ "message/cpim", "zstd", CPIM("message/imdn+xml", ""), IM_TEXT, "" }, /* we cannot look: a text */
		{ "message/imdn+xml", "zstd", "?", IM_RECEIPT, "" },
		{ "", "", "x", IM_TEXT, "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct simple_kind k;
		struct buf scratch;

		buf_init(&scratch, IM_BODY_MAX);
		simple_kind_of(str_of(table[i].type), str_of(table[i].encoding), str_of(table[i].body), &scratch, &k);
		assert_int_equal(k.kind, table[i].kind);
		assert_true(str_eqz(k.message_id, table[i].id));
		buf_fini(&scratch);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_table) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
