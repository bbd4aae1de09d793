/* The command line: options and arguments in any order, and every wrong use told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "app/cli.h"
#include "base/mem.h"

static const char *data, *name;
static bool json;
static struct cli_list sip;
static struct cli_args args;

static bool parse(char **argv)
{
	const struct cli_opt opts[] = {
		{ "data", CLI_VALUE, .value = &data },
		{ "name", CLI_VALUE, .value = &name },
		{ "json", CLI_FLAG, .flag = &json },
		{ "sip", CLI_LIST, .list = &sip },
	};
	int argc = 0;

	data = name = NULL;
	json = false;
	sip.n = 0;
	while (argv[argc] != NULL)
		argc++;
	return cli_parse(argc, argv, opts, ARRAY_LEN(opts), &args);
}

#define PARSE(...) parse((char *[]){ (char[]){ "cmd" }, __VA_ARGS__, NULL })
#define A(s)      \
	(char[])  \
	{         \
		s \
	}

static void options_and_arguments_mix(void **state)
{
	(void)state;
	assert_true(PARSE(A("one"), A("--data"), A("/d"), A("two"), A("--json"), A("--name=n=1")));
	assert_int_equal(args.n, 2);
	assert_string_equal(args.v[0], "one");
	assert_string_equal(args.v[1], "two");
	assert_string_equal(data, "/d");
	assert_string_equal(name, "n=1");
	assert_true(json);
}

static void two_dashes_end_the_options(void **state)
{
	(void)state;
	assert_true(PARSE(A("--"), A("--data"), A("-x")));
	assert_int_equal(args.n, 2);
	assert_string_equal(args.v[0], "--data");
	assert_null(data);
}

static void an_empty_value_is_a_value(void **state)
{
	(void)state;
	assert_true(PARSE(A("--name="), A("--data"), A("")));
	assert_string_equal(name, "");
	assert_string_equal(data, "");
}

static void lists_keep_their_order_and_end(void **state)
{
	char *many[2 + 2 * (CLI_LIST_MAX + 1) + 1] = { A("cmd") };
	char option[] = "--sip", value[] = "x";
	size_t n = 1;

	(void)state;
	assert_true(PARSE(A("--sip"), A("a"), A("--sip=b")));
	assert_int_equal(sip.n, 2);
	assert_string_equal(sip.v[0], "a");
	assert_string_equal(sip.v[1], "b");
	for (int i = 0; i <= CLI_LIST_MAX; i++) {
		many[n++] = option;
		many[n++] = value;
	}
	many[n] = NULL;
	assert_false(parse(many));
}

static void wrong_use_is_told(void **state)
{
	char *many[CLI_ARGS_MAX + 3] = { A("cmd") }, word[] = "x";

	(void)state;
	assert_false(PARSE(A("--shoe")));
	assert_false(PARSE(A("--data")));
	assert_false(PARSE(A("--json=yes")));
	for (size_t i = 1; i <= CLI_ARGS_MAX + 1; i++)
		many[i] = word;
	assert_false(parse(many));
}

/* What a command reads when `bytes` stand in its standard input. */
static char *read_password(const char *bytes, size_t len)
{
	int fd[2];
	char *p;

	assert_int_equal(pipe(fd), 0);
	assert_int_equal(write(fd[1], bytes, len), (ssize_t)len);
	close(fd[1]);
	assert_int_equal(dup2(fd[0], STDIN_FILENO), STDIN_FILENO);
	close(fd[0]);
	p = cli_read_password();
	return p;
}

static void a_password_is_one_line(void **state)
{
	char *p, rest[8];

	(void)state;
	p = read_password("secret\r\nnext", 12);
	assert_string_equal(p, "secret");
	free(p);
	assert_int_equal(read(STDIN_FILENO, rest, sizeof(rest)),
			 4); /* what follows is somebody else's */
	p = read_password("no end", 6);
	assert_string_equal(p, "no end");
	free(p);
}

static void no_password_is_told(void **state)
{
	char long_line[4096];

	(void)state;
	assert_null(read_password("\n", 1));
	assert_null(read_password("", 0));
	memset(long_line, 'x', sizeof(long_line));
	assert_null(read_password(long_line, sizeof(long_line)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_arguments_mix),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(an_empty_value_is_a_value),
		cmocka_unit_test(lists_keep_their_order_and_end),
		cmocka_unit_test(wrong_use_is_told),
		cmocka_unit_test(a_password_is_one_line),
		cmocka_unit_test(no_password_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
