#include "tests/db/scratch.h"

#include <string.h>

#include "db/accounts.h"
#include "db/groups.h"

static int64_t account(struct scratch *s, const char *name)
{
	struct db_account a = { .name = str_of(name), .enabled = true };
	int64_t id = 0;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	return id;
}

static int64_t count_of(struct scratch *s, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_pragma_i64(s->db, sql, &n), E_OK);
	return n;
}

static struct db_group group(int64_t id, const char *name, int64_t organizer)
{
	return (struct db_group){ .id = id,
				  .kind = 1,
				  .name = str_of(name),
				  .conf_id = STR("ABCD"),
				  .subject = STR("Plans"),
				  .organizer_id = organizer,
				  .created_ms = 5,
				  .version = 3 };
}

static void group_append(const struct db_group *g, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%lld:%.*s:%.*s:%lld:%lld:%lld ",
		 (long long)g->id, STR_ARG(g->name), STR_ARG(g->subject),
		 (long long)g->organizer_id, (long long)g->last_seq, (long long)g->version);
}

static void member_append(int64_t id, const struct db_member *p, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%lld/%lld:%d:%lld:%lld ", (long long)id,
		 (long long)p->account_id, (int)p->state, (long long)p->role,
		 (long long)p->seen_seq);
}

static void text_append(const struct db_group_text *t, void *arg)
{
	char *text = arg;

	assert_true(str_eqz(t->author_display, "Bob") && str_eqz(t->dialect, "lync") &&
		    str_eqz(t->plain, "plain"));
	assert_int_equal(t->body.len, 3);
	snprintf(text + strlen(text), 200 - strlen(text), "%lld/%lld ", (long long)t->group_id,
		 (long long)t->seq);
}

static void assert_rows(struct scratch *s, const char *groups, const char *members,
			const char *texts)
{
	char got[200] = "";

	assert_int_equal(db_group_each(s->db, group_append, got), E_OK);
	assert_string_equal(got, groups);
	got[0] = '\0';
	assert_int_equal(db_group_member_each(s->db, member_append, got), E_OK);
	assert_string_equal(got, members);
	got[0] = '\0';
	assert_int_equal(db_group_text_each(s->db, text_append, got), E_OK);
	assert_string_equal(got, texts);
}

static enum err put(struct scratch *s, int64_t id, int64_t seq, int64_t at, int64_t drop)
{
	const struct db_group_text t = { .group_id = id,
					 .seq = seq,
					 .at_ms = at,
					 .author_id = 77,
					 .author_name = STR("bob"),
					 .author_display = STR("Bob"),
					 .dialect = STR("lync"),
					 .content_type = STR("text/plain"),
					 .plain = STR("plain"),
					 .body = { "a\0b", 3 } };

	return db_group_text_put(s->db, &t, drop);
}

static void test_life(void **state)
{
	struct scratch *s = *state;
	int64_t alice = account(s, "alice"), bob = account(s, "bob"), last = -1;
	struct db_group g = group(4, "team", alice), same = group(5, "TEAM", 0);
	struct db_member p[] = { { .account_id = alice,
				   .state = DB_MEMBER_IN,
				   .role = 1,
				   .joined_ms = 1,
				   .seen_seq = 0 },
				 { .account_id = bob, .state = DB_MEMBER_BANNED, .joined_ms = 2 } };

	assert_int_equal(db_group_last_id(s->db, &last), E_OK);
	assert_int_equal(last, 0);
	assert_int_equal(db_group_update(s->db, &g, NULL, 0), E_NOTFOUND);
	assert_int_equal(db_group_add(s->db, &g), E_OK);
	assert_int_equal(db_group_add(s->db, &same), E_EXISTS);
	assert_int_equal(db_group_update(s->db, &g, p, 2), E_OK);
	assert_int_equal(put(s, 4, 1, 10, 0), E_OK);
	assert_int_equal(put(s, 4, 2, 11, 0), E_OK);
	assert_int_equal(put(s, 9, 1, 11, 0), E_NOTFOUND);
	g.version = 9;
	g.subject = STR("Lunch");
	p[0].seen_seq = 2;
	assert_int_equal(db_group_update(s->db, &g, p, 1),
			 E_OK); /* an older number of the last text changes nothing */
	scratch_reopen(s);
	assert_rows(s, "4:team:Lunch:1:2:9 ", "4/1:1:1:2 4/2:2:0:0 ", "4/1 4/2 ");
	assert_int_equal(put(s, 4, 3, 12, 1), E_OK);
	p[1].state = DB_MEMBER_OUT;
	assert_int_equal(db_group_update(s->db, &g, p + 1, 1), E_OK);
	assert_rows(s, "4:team:Lunch:1:3:9 ", "4/1:1:1:2 ", "4/2 4/3 ");
	assert_int_equal(db_account_delete(s->db, alice), E_OK);
	assert_int_equal(db_group_update(s->db, &g, p, 1), E_OK); /* who is gone is left out */
	assert_rows(s, "4:team:Lunch:0:3:9 ", "", "4/2 4/3 ");
	assert_int_equal(db_group_delete(s->db, 4), E_OK);
	assert_rows(s, "", "", "");
	assert_int_equal(count_of(s, "SELECT count(*) FROM chat_text"), 0);
	assert_int_equal(db_group_last_id(s->db, &last), E_OK);
	assert_int_equal(last, 4); /* never again another group's */
}

static void test_expiry(void **state)
{
	struct scratch *s = *state;
	struct db_group g = group(1, "a", 0), h = group(2, "b", 0);
	size_t n = 99;

	assert_int_equal(db_group_add(s->db, &g), E_OK);
	assert_int_equal(db_group_add(s->db, &h), E_OK);
	for (int64_t i = 1; i <= 3; i++) {
		assert_int_equal(put(s, 1, i, 10 * i, 0), E_OK);
		assert_int_equal(put(s, 2, i, 10 * i + 1, 0), E_OK);
	}
	assert_int_equal(db_group_text_expire(s->db, 22, 3, &n), E_OK);
	assert_int_equal(n, 3);
	assert_int_equal(db_group_text_expire(s->db, 22, 3, &n), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(db_group_text_expire(s->db, 22, 3, &n), E_OK);
	assert_int_equal(n, 0);
	assert_rows(s, "1:a:Plans:0:3:3 2:b:Plans:0:3:3 ", "", "1/3 2/3 ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_life),
		SCRATCH_TEST(test_expiry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
