/* Tokens, quoted strings, parameters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mem.h"
#include "sip/lex.h"

#define assert_str(got, want) assert_true(str_eqz((got), (want)))

static void test_tokens(void **state)
{
	(void)state;
	assert_true(sip_is_token(STR("!%'*+-.09AZ_`az~")));
	assert_false(sip_is_token(STR("")));
	assert_false(sip_is_token(STR("a b")));
	assert_false(sip_is_token(STR("a\x7f")));
	assert_false(sip_is_token(STR("\xc3\xa9")));
	assert_true(sip_is_clean(STR("a\tb\xc3\xa9")));
	assert_false(sip_is_clean(STR("a\rb")));
	assert_false(sip_is_clean(str_n("a\0b", 3)));
}

static void test_quoted(void **state)
{
	struct sip_lex l = sip_lex_of(STR("\"a\\\"b\\\\\" rest"));
	struct str s;

	(void)state;
	assert_true(sip_lex_quoted(&l, &s));
	assert_str(s, "\"a\\\"b\\\\\"");
	assert_str(sip_lex_rest(&l), " rest");
	assert_str(sip_unquoted(s), "a\\\"b\\\\");
	l = sip_lex_of(STR("\"never closed\\\""));
	assert_false(sip_lex_quoted(&l, &s));
	assert_str(sip_lex_rest(&l), "\"never closed\\\"");
	l = sip_lex_of(STR("\"ends in a backslash\\"));
	assert_false(sip_lex_quoted(&l, &s));
}

static void test_params(void **state)
{
	struct str p = STR(" ; a = 1;b ;C=\"x;d=2\"; host=[2001:db8::1]:5");
	struct sip_lex l;
	struct str n, v;
	bool bad = false;

	(void)state;
	assert_str(sip_param_get(p, STR("A")), "1");
	assert_str(sip_param_get(p, STR("b")), "");
	assert_true(sip_param_has(p, STR("b")));
	assert_str(sip_param_get(p, STR("c")), "\"x;d=2\"");
	assert_false(sip_param_has(p, STR("d")));
	assert_str(sip_param_get(p, STR("host")), "[2001:db8::1]:5");
	l = sip_lex_of(STR(";a=1, next"));
	assert_true(sip_lex_param(&l, &n, &v, &bad));
	assert_false(sip_lex_param(&l, &n, &v, &bad));
	assert_false(bad);
	assert_str(sip_lex_rest(&l), ", next");
	l = sip_lex_of(STR(";;"));
	assert_false(sip_lex_param(&l, &n, &v, &bad));
	assert_true(bad);
	bad = false;
	l = sip_lex_of(STR(";a="));
	assert_false(sip_lex_param(&l, &n, &v, &bad));
	assert_true(bad);
}

static void test_quote(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 100);
	sip_quote(&b, STR("a\"b\\c\r\nd"));
	assert_str(buf_str(&b), "\"a\\\"b\\\\cd\"");
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),
		cmocka_unit_test(test_quoted),
		cmocka_unit_test(test_params),
		cmocka_unit_test(test_quote),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
