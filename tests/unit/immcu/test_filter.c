/* Links and file names, as people hide them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "immcu/filter.h"

static enum filter_action links(const char *text)
{
	const struct filter_policy p = { .links = FILTER_BLOCK,
					 .link_hosts = STR(" example.org intra ") };
	enum filter_action a;
	struct buf b;

	buf_init(&b, 1000);
	a = filter_text(&p, str_of(text), &b);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
	return a;
}

static void test_links(void **state)
{
	static const char *const bad[] = {
		"http://evil.net",
		"see HTTPS://Evil.net/x now",
		"(www.evil.net)",
		"ftp://evil.net",
		"file://server/share",
		"http://example.org@evil.net/",
		"http://example.org.evil.net/",
		"http://notexample.org/",
		"http://www.example.org and http://evil.net",
		"http://evil.net:80/example.org",
		"http://evil.net/@example.org",
		"http://evil.net\\@example.org",
	};
	static const char *const good[] = {
		"",
		"no link",
		"http",
		"http://example.org",
		"http://WWW.Example.ORG/path?x",
		"https://intra:8080/x",
		"http://example.org./",
		"awww.evil.net",
		"www.example.org",
		"xhttp://evil.net", /* a word, and no client makes a link of it */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (links(bad[i]) != FILTER_BLOCK)
			print_error("let through: %s\n", bad[i]);
		assert_int_equal(links(bad[i]), FILTER_BLOCK);
	}
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		if (links(good[i]) != FILTER_ALLOW)
			print_error("blocked: %s\n", good[i]);
		assert_int_equal(links(good[i]), FILTER_ALLOW);
	}
}

static void test_warning(void **state)
{
	struct filter_policy p = { .links = FILTER_WARN };
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	assert_int_equal(filter_text(&p, STR("http://x.net"), &b), FILTER_WARN);
	assert_true(b.len > 10);
	buf_reset(&b);
	p.link_warning = STR("careful");
	assert_int_equal(filter_text(&p, STR("http://x.net"), &b), FILTER_WARN);
	assert_true(str_eqz(buf_str(&b), "careful"));
	p.links = FILTER_ALLOW;
	assert_int_equal(filter_text(&p, STR("http://x.net"), &b), FILTER_ALLOW);
	buf_fini(&b);
}

static void test_files(void **state)
{
	const struct filter_policy p = { .files = FILTER_BLOCK, .extensions = STR("exe tar.gz") };

	(void)state;
	assert_int_equal(filter_file(&p, STR("setup.exe")), FILTER_BLOCK);
	assert_int_equal(filter_file(&p, STR("SETUP.EXE")), FILTER_BLOCK);
	assert_int_equal(filter_file(&p, STR("setup.exe. . ")), FILTER_BLOCK);
	assert_int_equal(filter_file(&p, STR("x.tar.gz")), FILTER_BLOCK);
	assert_int_equal(filter_file(&p, STR("exe")), FILTER_ALLOW);
	assert_int_equal(filter_file(&p, STR("setup.exe.txt")), FILTER_ALLOW);
	assert_int_equal(filter_file(&p, STR("myexe")), FILTER_ALLOW);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_links),
		cmocka_unit_test(test_warning),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
