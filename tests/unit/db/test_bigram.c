/* What is indexed, and what a query finds of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "db/bigram.h"

static void check(void (*fn)(struct str, struct buf *), const char *in, const char *want)
{
	struct buf b;

	buf_init(&b, 4096);
	fn(str_of(in), &b);
	buf_addc(&b, '\0');
	assert_string_equal(b.p, want);
	buf_fini(&b);
}

static void test_index(void **state)
{
	(void)state;
	check(bigram_index, "", "");
	check(bigram_index, "Hello, world", "Hello, world");
	check(bigram_index, "가", " 가");
	check(bigram_index, "가나", " 가나 나");
	check(bigram_index, "가나다 abc", " 가나 나다 다  abc");
	check(bigram_index, "abc회의xyz", "abc 회의 의 xyz");
	check(bigram_index, "東京都", " 東京 京都 都");
	check(bigram_index, "\xff가\xc0나", " 가나 나"); /* what is not UTF-8 is passed over */
	check(bigram_index, "𠀋𡈽", " 𠀋𡈽 𡈽");
	check(bigram_index,
	      "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab\xe1\x84\x80\xe1\x85\xb3\xe1\x86\xaf",
	      " 한글 글"); /* jamo, as macOS writes them */
}

static void test_query(void **state)
{
	(void)state;
	check(bigram_query, "", "");
	check(bigram_query, " \t\"\" ", "");
	check(bigram_query, "- * ( ) :", "");
	check(bigram_query, "hello wor", "\"hello\"* \"wor\"*");
	check(bigram_query, "foo-bar", "\"foo\"* \"bar\"*");
	check(bigram_query, "a\" OR \"b", "\"a\"* \"OR\"* \"b\"*"); /* no operator comes through */
	check(bigram_query, "가", "\"가\"*");
	check(bigram_query, "회의", "\"회의\"");
	check(bigram_query, "회의실 abc", "\"회의 의실\" \"abc\"*");
	check(bigram_query,
	      "\xe1\x84\x92\xe1\x85\xa1\xe1\x86\xab\xe1\x84\x80\xe1\x85\xb3\xe1\x86\xaf",
	      "\"한글\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_query),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
