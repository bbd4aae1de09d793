/* Sessions: two time limits, a cap per administrator, and the token of the forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "webadmin/api/sessions.h"

static struct sessions *t;
static unsigned char ended[TOKEN_HASH_LEN];
static const unsigned char none[TOKEN_HASH_LEN];

static int begin(void **state)
{
	(void)state;
	t = sessions_new();
	return 0;
}

static int end(void **state)
{
	(void)state;
	sessions_free(&t);
	assert_null(t);
	sessions_free(&t);
	return 0;
}

static void put(const char *token, int64_t admin, int64_t at_ms)
{
	struct session s = { .admin = admin, .created_ms = at_ms, .used_ms = at_ms };

	token_hash(str_of(token), s.hash);
	sessions_put(t, &s, ended);
}

static void a_session_is_found_by_its_token(void **state)
{
	(void)state;
	put("one", 7, 1000);
	assert_int_equal(sessions_get(t, STR("one"), 2000)->admin, 7);
	assert_null(sessions_get(t, STR("two"), 2000));
	assert_null(sessions_get(t, STR(""), 2000));
	assert_true(sessions_end(t, STR("one")));
	assert_false(sessions_end(t, STR("one")));
	assert_null(sessions_get(t, STR("one"), 2000));
}

static void unused_for_too_long(void **state)
{
	(void)state;
	put("one", 1, 0);
	assert_non_null(sessions_get(t, STR("one"), SESSION_IDLE_MS));
	assert_non_null(
		sessions_get(t, STR("one"), 2LL * SESSION_IDLE_MS)); /* each use counts anew */
	assert_null(sessions_get(t, STR("one"), 3LL * SESSION_IDLE_MS + 1));
	assert_int_equal(sessions_count(t), 0);
}

static void used_without_end(void **state)
{
	(void)state;
	put("one", 1, 0);
	for (int64_t at = 0; at <= SESSION_MAX_MS; at += SESSION_IDLE_MS)
		assert_non_null(sessions_get(t, STR("one"), at));
	assert_null(sessions_get(t, STR("one"), SESSION_MAX_MS + 1));
}

static void the_one_unused_for_longest_makes_room(void **state)
{
	char token[2] = "a";
	unsigned char hash[TOKEN_HASH_LEN];

	(void)state;
	for (int i = 0; i < SESSIONS_PER_ADMIN; i++, token[0]++) {
		put(token, 1, i);
		assert_memory_equal(ended, none, sizeof(ended));
	}
	put("another's", 2, 0);
	assert_memory_equal(ended, none, sizeof(ended));
	assert_non_null(sessions_get(t, STR("a"), 100)); /* used just now, so "b" is the oldest */
	put("one more", 1, 101);
	token_hash(STR("b"), hash);
	assert_memory_equal(ended, hash, sizeof(ended));
	assert_null(sessions_get(t, STR("b"), 102));
	assert_non_null(sessions_get(t, STR("a"), 102));
	assert_non_null(sessions_get(t, STR("another's"), 102));
}

static void all_of_one_but_this(void **state)
{
	(void)state;
	put("a", 1, 0);
	put("b", 1, 0);
	put("c", 2, 0);
	sessions_end_admin(t, 1, STR("b"));
	assert_null(sessions_get(t, STR("a"), 1));
	assert_non_null(sessions_get(t, STR("b"), 1));
	assert_non_null(sessions_get(t, STR("c"), 1));
	sessions_end_admin(t, 1, STR_NULL);
	assert_null(sessions_get(t, STR("b"), 1));
}

static void the_forms_token_is_the_sessions(void **state)
{
	char csrf[TOKEN_CAP], other[TOKEN_CAP];

	(void)state;
	sessions_csrf(STR("one"), csrf);
	sessions_csrf(STR("two"), other);
	assert_true(sessions_csrf_fits(STR("one"), str_of(csrf)));
	assert_false(sessions_csrf_fits(STR("one"), str_of(other)));
	assert_false(sessions_csrf_fits(STR("one"), STR("")));
	assert_false(sessions_csrf_fits(STR("one"), STR_NULL));
	assert_false(
		sessions_csrf_fits(STR("one"), STR("one"))); /* the session's own token is not it */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_session_is_found_by_its_token, begin, end),
		cmocka_unit_test_setup_teardown(unused_for_too_long, begin, end),
		cmocka_unit_test_setup_teardown(used_without_end, begin, end),
		cmocka_unit_test_setup_teardown(the_one_unused_for_longest_makes_room, begin, end),
		cmocka_unit_test_setup_teardown(all_of_one_but_this, begin, end),
		cmocka_unit_test(the_forms_token_is_the_sessions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
