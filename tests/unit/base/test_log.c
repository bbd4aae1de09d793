#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"

struct seen {
	size_t count;
	uint64_t first, last;
	int64_t wall_ms;
	enum log_level level;
	char text[LOG_LINE_MAX + 1]; /* of the newest line */
};

static void on_line(uint64_t seq, int64_t wall_ms, enum log_level level, struct str line, void *arg)
{
	struct seen *s = arg;

	if (s->count++ == 0)
		s->first = seq;
	else
		assert_true(seq == s->last + 1);
	s->last = seq;
	s->wall_ms = wall_ms;
	s->level = level;
	memcpy(s->text, line.p, line.len);
	s->text[line.len] = '\0';
}

static struct seen newest(uint64_t after)
{
	struct seen s = { .count = 0 };

	log_ring_each(after, on_line, &s);
	return s;
}

static void lines_carry_subsystem_and_time(void **state)
{
	struct seen s;

	(void)state;
	clk_set_ms(1000, 1700000000123);
	log_info("register", "aor=%s contacts=%d", "alice", 2);
	s = newest(0);
	assert_string_equal(s.text, "register: aor=alice contacts=2");
	assert_true(s.wall_ms == 1700000000123);
	assert_int_equal(s.level, LOG_INFO);
	log_debug("register", "not wanted");
	assert_true(newest(0).last == s.last);
	clk_unset();
}

static void peer_text_cannot_make_lines(void **state)
{
	char big[3000];

	(void)state;
	log_info("sip", "ua=%.*s", LOG_PEER(STR("x\r\n2026 error: y\x1b[2J\x7f")));
	assert_string_equal(newest(0).text, "sip: ua=x\\x0d\\x0a2026 error: y\\x1b[2J\\x7f");
	log_info("sip", "ua=%.*s",
		 LOG_PEER(STR("\xc3\xa4 \xff \xc2\x9b"
			      "1m \xe2\x82")));
	assert_string_equal(newest(0).text, "sip: ua=\xc3\xa4 \\xff \\xc2\\x9b1m \\xe2\\x82");
	memset(big, 'a', sizeof(big));
	log_info("sip", "ua=%.*s", LOG_PEER(str_n(big, sizeof(big))));
	assert_int_equal(strlen(newest(0).text), 8 + LOG_PEER_TEXT_MAX);
	log_info("sip", "all=%.*s", (int)sizeof(big), big);
	assert_true(strlen(newest(0).text) < LOG_LINE_MAX);
}

static void the_ring_forgets_the_oldest(void **state)
{
	struct seen s;

	(void)state;
	for (int i = 0; i < LOG_RING_LINES + 10; i++)
		log_warn("t", "i=%d", i);
	s = newest(0);
	assert_int_equal(s.count, LOG_RING_LINES);
	assert_true(s.last - s.first + 1 == LOG_RING_LINES);
	assert_int_equal(newest(s.last - 3).count, 3);
	assert_int_equal(newest(s.last).count, 0);
}

static void held_back_lines_are_counted(void **state)
{
	struct log_rate r = { 0 };
	int passed = 0;

	(void)state;
	clk_set_ms(1000, 1700000000000);
	for (int i = 0; i < 100; i++)
		passed += log_rate_ok(&r, 5);
	assert_int_equal(passed, 5);
	clk_set_ms(2100, 1700000001100);
	assert_true(log_rate_ok(&r, 5));
	assert_non_null(strstr(newest(0).text, "held_back=95"));
	clk_unset();
}

static void *write_many(void *arg)
{
	(void)arg;
	for (int i = 0; i < 2000; i++)
		log_info("thread", "n=%d", i);
	return NULL;
}

static void threads_may_log(void **state)
{
	uint64_t before = newest(0).last;
	pthread_t t[4];

	(void)state;
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&t[i], NULL, write_many, NULL), 0);
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(t[i], NULL), 0);
	assert_true(newest(0).last == before + 8000);
}

static void stderr_gets_time_and_level(void **state)
{
	char text[200] = { 0 };
	int fd[2], old = dup(STDERR_FILENO);

	(void)state;
	assert_int_equal(pipe(fd), 0);
	assert_true(dup2(fd[1], STDERR_FILENO) >= 0);
	clk_set_ms(1000, 1700000000007);
	log_to_stderr(true);
	log_error("boot", "x=1");
	log_to_stderr(false);
	clk_unset();
	assert_true(dup2(old, STDERR_FILENO) >= 0);
	assert_true(read(fd[0], text, sizeof(text) - 1) > 0);
	assert_string_equal(text, "2023-11-14T22:13:20.007Z error boot: x=1\n");
	(void)close(fd[0]);
	(void)close(fd[1]);
	(void)close(old);
}

static void levels_have_names(void **state)
{
	enum log_level level = LOG_INFO;

	(void)state;
	assert_int_equal(log_level_decode(STR("debug"), &level), E_OK);
	assert_int_equal(level, LOG_DEBUG);
	assert_int_equal(log_level_decode(STR("loud"), &level), E_BAD);
	log_set_level(LOG_ERROR);
	assert_false(log_is_on(LOG_WARN));
	assert_int_equal(log_get_level(), LOG_ERROR);
	log_set_level(LOG_INFO);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_carry_subsystem_and_time),
		cmocka_unit_test(peer_text_cannot_make_lines),
		cmocka_unit_test(the_ring_forgets_the_oldest),
		cmocka_unit_test(held_back_lines_are_counted),
		cmocka_unit_test(threads_may_log),
		cmocka_unit_test(stderr_gets_time_and_level),
		cmocka_unit_test(levels_have_names),
	};

	log_to_stderr(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
