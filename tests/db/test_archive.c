#include "tests/db/scratch.h"

#include <string.h>

#include "db/archive.h"

static int64_t count_of(struct scratch *s, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_pragma_i64(s->db, sql, &n), E_OK);
	return n;
}

static void put(struct scratch *s, int64_t conversation, const char *from, const char *to,
		const char *plain, int64_t at, int64_t purge)
{
	const struct db_archive_text t = { .at_ms = at,
					   .purge_ms = purge,
					   .conversation = conversation,
					   .from_uri = str_of(from),
					   .to_uris = str_of(to),
					   .content_type = STR("text/plain"),
					   .plain = str_of(plain) };

	assert_int_equal(db_archive_put(s->db, &t), E_OK);
}

static void append(const struct db_archive_text *t, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%lld ", (long long)t->id);
}

static void assert_found(struct scratch *s, struct db_archive_filter f, const char *want)
{
	char got[200] = "";

	assert_int_equal(db_archive_list(s->db, &f, append, got), E_OK);
	assert_string_equal(got, want);
}

static void fill(struct scratch *s)
{
	put(s, 1, "sip:a@x", "sip:b@x", "오늘 회의실에서 만나요", 100, 0);
	put(s, 1, "sip:b@x", "sip:a@x", "김철수입니다. OK", 200, 1000);
	put(s, 2, "sip:c@x", "sip:a@x sip:d@x", "Meeting at noon, \"quoted\"", 300, 2000);
	put(s, 3, "sip:c@x", "sip:d@x", "東京都に行きます", 400, 500);
}

static void test_search(void **state)
{
	struct scratch *s = *state;

	fill(s);
	scratch_reopen(s);
	assert_found(s, (struct db_archive_filter){ .words = STR_NULL }, "4 3 2 1 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("회의") },
		     "1 "); /* in 회의실에서 */
	assert_found(s, (struct db_archive_filter){ .words = STR("철수") },
		     "2 "); /* the name in the word */
	assert_found(s, (struct db_archive_filter){ .words = STR("의회") },
		     ""); /* not the other way round */
	assert_found(s, (struct db_archive_filter){ .words = STR("실") }, "1 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("요") },
		     "1 "); /* last of its run */
	assert_found(s, (struct db_archive_filter){ .words = STR("京都") }, "4 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("MEET noon") }, "3 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("quoted\"") }, "3 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("김철수 ok") }, "2 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("NEAR( OR *") }, "");
}

static void test_filters(void **state)
{
	struct scratch *s = *state;

	fill(s);
	assert_found(s, (struct db_archive_filter){ .uri = STR("sip:d@x") }, "4 3 ");
	assert_found(s, (struct db_archive_filter){ .uri = STR("sip:b@x"), .words = STR("회의") },
		     "1 ");
	assert_found(s, (struct db_archive_filter){ .uri = STR("sip:d@x"), .words = STR("회의") },
		     "");
	assert_found(s, (struct db_archive_filter){ .conversation = 1 }, "2 1 ");
	assert_found(s, (struct db_archive_filter){ .from_ms = 200, .to_ms = 400 }, "3 2 ");
	assert_found(s, (struct db_archive_filter){ .limit = 2 }, "4 3 ");
	assert_found(s, (struct db_archive_filter){ .limit = 2, .before_id = 3 }, "2 1 ");
}

static void test_expiry(void **state)
{
	struct scratch *s = *state;
	size_t n = 99;

	fill(s);
	assert_int_equal(db_archive_expire(s->db, 1500, 1, &n), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(db_archive_expire(s->db, 1500, 10, &n), E_OK);
	assert_int_equal(n, 1);
	assert_found(s, (struct db_archive_filter){ .words = STR_NULL }, "3 1 ");
	assert_found(s, (struct db_archive_filter){ .words = STR("철수") }, "");
	assert_int_equal(count_of(s, "SELECT count(*) FROM archive_who WHERE conversation = 3"), 0);
	assert_int_equal(db_archive_erase(s->db, 1, 10, &n), E_OK);
	assert_int_equal(n, 1);
	assert_found(s, (struct db_archive_filter){ .words = STR("회의") }, "");
	assert_int_equal(db_archive_expire(s->db, INT64_MAX, 10, &n), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(count_of(s, "SELECT count(*) FROM archive_who"), 0);
}

static void one_rule(const struct db_archive_rule *r, void *arg)
{
	int64_t *sum = arg;

	*sum = *sum * 100 + r->scope * 10 + r->mode;
}

static void test_rules(void **state)
{
	struct scratch *s = *state;
	struct db_archive_rule r = { .scope = 2, .id = 7, .mode = 1, .keep_days = 30 };
	int64_t sum = 0;

	assert_int_equal(db_archive_rule_put(s->db, &r), E_OK);
	r.mode = 2;
	assert_int_equal(db_archive_rule_put(s->db, &r), E_OK);
	r = (struct db_archive_rule){ .mode = 1 };
	assert_int_equal(db_archive_rule_put(s->db, &r), E_OK);
	assert_int_equal(db_archive_rule_each(s->db, one_rule, &sum), E_OK);
	assert_int_equal(sum, 122);
	assert_int_equal(db_archive_rule_drop(s->db, 2, 7), E_OK);
	assert_int_equal(db_archive_rule_drop(s->db, 2, 7), E_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_search),
		SCRATCH_TEST(test_filters),
		SCRATCH_TEST(test_expiry),
		SCRATCH_TEST(test_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
