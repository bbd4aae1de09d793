#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "lync/render.h"

/* As lync_render writes them: which, a hash, the elements, an end. */
#define STATE(h) "\x41" h "<category name=\"state\"/>\x01"
#define NOTE(h) "\x44" h "<category name=\"note\"/>\x01"

static struct buf out;

static bool document(const char *rendering, unsigned wanted, enum render_how how,
		     struct render_sent *sent)
{
	buf_reset(&out);
	return lync_render_document(str_of(rendering), wanted, STR("sip:a&b@c.example"), how, sent,
				    &out);
}

static void is(const char *inside)
{
	char want[512];

	(void)snprintf(
		want, sizeof(want),
		"<categories xmlns=\"http://schemas.microsoft.com/2006/09/sip/categories\" uri=\"sip:a&amp;b@c.example\">"
		"%s</categories>",
		inside);
	assert_true(str_eqz(buf_str(&out), want));
}

static void only_what_was_asked_for(void **state)
{
	struct render_sent sent = { { 0 } };

	(void)state;
	assert_true(document(STATE("00000001") NOTE("00000003"), RENDER_NOTE, RENDER_WHOLE, &sent));
	is("<category name=\"note\"/>");
	assert_true(document(STATE("00000001") NOTE("00000003"), RENDER_ALL, RENDER_WHOLE, &sent));
	is("<category name=\"state\"/><category name=\"note\"/>");
	assert_false(document(STATE("00000001"), RENDER_CARD, RENDER_WHOLE, &sent));
	assert_int_equal(out.len, 0);
}

static void only_what_has_changed(void **state)
{
	struct render_sent sent = { { 0 } };

	(void)state;
	assert_true(
		document(STATE("00000001") NOTE("00000003"), RENDER_ALL, RENDER_CHANGES, &sent));
	is("<category name=\"state\"/><category name=\"note\"/>"); /* nothing was sent before */
	assert_false(
		document(STATE("00000001") NOTE("00000003"), RENDER_ALL, RENDER_CHANGES, &sent));
	assert_true(
		document(STATE("00000005") NOTE("00000003"), RENDER_ALL, RENDER_CHANGES, &sent));
	is("<category name=\"state\"/>");
	assert_true(document(STATE("00000005") NOTE("00000003"), RENDER_ALL, RENDER_WHOLE, &sent));
	is("<category name=\"state\"/><category name=\"note\"/>");
}

static void names(void **state)
{
	(void)state;
	assert_int_equal(render_category_of(STR("state")), RENDER_STATE);
	assert_int_equal(render_category_of(STR("contactCard")), RENDER_CARD);
	assert_int_equal(render_category_of(STR("noteHistory")), RENDER_OTHERS);
}

static int setup(void **state)
{
	(void)state;
	buf_init(&out, 4096);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	buf_fini(&out);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_was_asked_for),
		cmocka_unit_test(only_what_has_changed),
		cmocka_unit_test(names),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
