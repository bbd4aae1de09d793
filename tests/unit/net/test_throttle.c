#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>

#include "base/limits.h"
#include "base/log.h"
#include "net/throttle.h"

static const int64_t T0 = 1000000;

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_decode(str_of(text), &a), E_OK);
	return a;
}

static enum throttle_why why(struct throttle *t, const char *name, const struct addr *a,
			     int64_t now)
{
	int64_t wait = 0;
	enum throttle_why w = throttle_check(t, str_of(name), a, now, &wait);

	assert_true(w == THROTTLE_PASS ? wait == 0 : wait > 0);
	return w;
}

static void fail_n(struct throttle *t, const char *name, const struct addr *a, int64_t now, int n)
{
	for (int i = 0; i < n; i++)
		throttle_fail(t, str_of(name), a, now);
}

static void test_pair_waits_and_doubles(void **state)
{
	struct throttle *t = throttle_new();
	struct addr a = at("192.0.2.1:1000"), other_port = at("192.0.2.1:2000");
	int64_t now = T0, wait = 0;

	(void)state;
	fail_n(t, "alice", &a, now, THROTTLE_PAIR_FREE);
	assert_int_equal(why(t, "alice", &a, now), THROTTLE_PASS);
	for (int64_t want = THROTTLE_WAIT_MIN_MS; want < THROTTLE_WAIT_MAX_MS; want *= 2) {
		fail_n(t, "alice", &a, now, 1);
		assert_int_equal(throttle_check(t, STR("ALICE"), &other_port, now, &wait),
				 THROTTLE_PAIR);
		assert_int_equal(wait, want);
		assert_int_equal(why(t, "alice", &a, now + want - 1), THROTTLE_PAIR);
		assert_int_equal(why(t, "alice", &a, now + want), THROTTLE_PASS);
		now += want;
	}
	fail_n(t, "alice", &a, now, 1);
	fail_n(t, "alice", &a, now, 1);
	assert_int_equal(throttle_check(t, STR("alice"), &a, now, &wait), THROTTLE_PAIR);
	assert_int_equal(wait, THROTTLE_WAIT_MAX_MS);
	throttle_free(&t);
	throttle_free(&t);
}

static void test_success_clears_the_pair(void **state)
{
	struct throttle *t = throttle_new();
	struct addr a = at("192.0.2.1:1");

	(void)state;
	fail_n(t, "alice", &a, T0, THROTTLE_PAIR_FREE);
	throttle_ok(t, STR("alice"), &a, T0);
	fail_n(t, "alice", &a, T0, THROTTLE_PAIR_FREE);
	assert_int_equal(why(t, "alice", &a, T0), THROTTLE_PASS);
	throttle_free(&t);
}

static void test_window(void **state)
{
	struct throttle *t = throttle_new();
	struct addr a = at("192.0.2.1:1");

	(void)state;
	fail_n(t, "alice", &a, T0, THROTTLE_PAIR_FREE);
	fail_n(t, "alice", &a, T0 + THROTTLE_WINDOW_MS + 1, THROTTLE_PAIR_FREE);
	assert_int_equal(why(t, "alice", &a, T0 + THROTTLE_WINDOW_MS + 1), THROTTLE_PASS);
	fail_n(t, "alice", &a, T0 + THROTTLE_WINDOW_MS + 1, 1);
	assert_int_equal(why(t, "alice", &a, T0 + THROTTLE_WINDOW_MS + 1), THROTTLE_PAIR);
	throttle_free(&t);
}

/* One phone with an old password behind the office's NAT. */
static void test_one_bad_phone(void **state)
{
	struct throttle *t = throttle_new();
	struct addr office = at("192.0.2.1:1");
	int64_t now = T0;

	(void)state;
	for (int i = 0; i < 500; i++, now += 30000) {
		if (why(t, "carol", &office, now) == THROTTLE_PASS)
			fail_n(t, "carol", &office, now, 1);
	}
	assert_int_equal(why(t, "alice", &office, now), THROTTLE_PASS);
	assert_int_equal(why(t, "bob", &office, now), THROTTLE_PASS);
	throttle_free(&t);
}

/* A sprayer: one password, many names, one source. */
static void test_many_accounts_of_one_source(void **state)
{
	struct throttle *t = throttle_new();
	struct addr office = at("[2001:db8::1]:1"), neighbour = at("[2001:db8::2]:1"),
		    home = at("198.51.100.9:1");
	char name[32];

	(void)state;
	throttle_ok(t, STR("alice"), &office, T0);
	for (int i = 0; i < THROTTLE_SOURCE_ACCOUNTS - 1; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		fail_n(t, name, &office, T0, 1);
	}
	assert_int_equal(why(t, "dave", &office, T0), THROTTLE_PASS);
	fail_n(t, "last", &neighbour, T0, 1); /* the same /64 */
	assert_int_equal(why(t, "dave", &office, T0), THROTTLE_SOURCE);
	assert_int_equal(why(t, "alice", &office, T0), THROTTLE_PASS); /* was here before */
	assert_int_equal(why(t, "dave", &home, T0), THROTTLE_PASS);
	assert_int_equal(why(t, "dave", &office, T0 + THROTTLE_SPREAD_WAIT_MS), THROTTLE_PASS);
	throttle_free(&t);
}

/* One account guessed from everywhere: strangers wait, its own places go on. */
static void test_one_account_from_many_sources(void **state)
{
	struct throttle *t = throttle_new();
	struct addr home = at("198.51.100.9:1"), stranger = at("203.0.113.200:1");
	char text[32];

	(void)state;
	throttle_ok(t, STR("alice"), &home, T0);
	for (int i = 0; i < THROTTLE_ACCOUNT_FREE; i++) {
		struct addr bot;

		(void)snprintf(text, sizeof(text), "203.0.113.%d:1", i + 1);
		bot = at(text);
		fail_n(t, "alice", &bot, T0, 1);
	}
	assert_int_equal(why(t, "alice", &stranger, T0), THROTTLE_ACCOUNT);
	assert_int_equal(why(t, "alice", &home, T0), THROTTLE_PASS);
	assert_int_equal(why(t, "bob", &stranger, T0), THROTTLE_PASS);
	throttle_free(&t);
}

static void test_forget(void **state)
{
	struct throttle *t = throttle_new();
	struct addr a = at("192.0.2.1:1");
	struct throttle_stats st;

	(void)state;
	fail_n(t, "alice", &a, T0, THROTTLE_PAIR_FREE + 3);
	assert_true(throttle_is_blocked(t, STR("alice"), &a, T0));
	throttle_forget(t, STR("alice"), T0 + 1);
	assert_false(throttle_is_blocked(t, STR("alice"), &a, T0 + 1));
	fail_n(t, "alice", &a, T0 + 2, THROTTLE_PAIR_FREE); /* counted anew */
	assert_false(throttle_is_blocked(t, STR("alice"), &a, T0 + 2));
	fail_n(t, "alice", &a, T0 + 2, 1);
	assert_true(throttle_is_blocked(t, STR("alice"), &a, T0 + 2));
	throttle_stats_get(t, &st);
	assert_int_equal(st.failures, 2 * THROTTLE_PAIR_FREE + 4);
	assert_int_equal(st.blocked_pair, 2);
	throttle_free(&t);
}

static void test_table_is_capped(void **state)
{
	struct throttle *t = throttle_new();
	struct addr a = at("192.0.2.1:1");
	struct throttle_stats st;
	char name[32];

	(void)state;
	for (int i = 0; i < THROTTLE_ENTRIES_MAX; i++) {
		(void)snprintf(name, sizeof(name), "user%d", i);
		fail_n(t, name, &a, T0, 1);
	}
	throttle_stats_get(t, &st);
	assert_int_equal(st.entries, THROTTLE_ENTRIES_MAX);
	throttle_free(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_pair_waits_and_doubles),
		cmocka_unit_test(test_success_clears_the_pair),
		cmocka_unit_test(test_window),
		cmocka_unit_test(test_one_bad_phone),
		cmocka_unit_test(test_many_accounts_of_one_source),
		cmocka_unit_test(test_one_account_from_many_sources),
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_table_is_capped),
	};

	log_to_stderr(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
