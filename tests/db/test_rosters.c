#include "tests/db/scratch.h"

#include <string.h>

#include "db/accounts.h"
#include "db/rosters.h"

static int64_t account(struct scratch *s, const char *name)
{
	struct db_account a = { .name = str_of(name), .enabled = true };
	int64_t id = 0;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	return id;
}

static void append_version(int64_t account_id, int64_t version, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 200 - strlen(t), "%d=%d ", (int)account_id, (int)version);
}

static void append_group(const struct db_roster_group *g, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 200 - strlen(t), "%d:%d=%.*s/%.*s ", (int)g->account_id, (int)g->id,
		 STR_ARG(g->name), STR_ARG(g->external));
}

static void append_contact(const struct db_roster_contact *c, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 200 - strlen(t), "%d:%.*s/%.*s/%.*s/%.*s/%llx/%d ",
		 (int)c->account_id, STR_ARG(c->uri), STR_ARG(c->name), STR_ARG(c->external),
		 STR_ARG(c->extension), (unsigned long long)c->groups, c->is_subscribed);
}

static void assert_all(struct scratch *s, const char *versions, const char *groups,
		       const char *contacts)
{
	char t[200] = "";

	assert_int_equal(db_roster_each(s->db, append_version, t), E_OK);
	assert_string_equal(t, versions);
	t[0] = '\0';
	assert_int_equal(db_roster_each_group(s->db, append_group, t), E_OK);
	assert_string_equal(t, groups);
	t[0] = '\0';
	assert_int_equal(db_roster_each_contact(s->db, append_contact, t), E_OK);
	assert_string_equal(t, contacts);
}

static void test_lists(void **state)
{
	struct scratch *s = *state;
	int64_t a = account(s, "alice"), b = account(s, "bob");
	struct db_roster_group g = {
		.account_id = a, .id = 2, .position = 1, .name = STR("Pals"), .external = STR("x")
	};
	struct db_roster_contact c = { .account_id = a,
				       .uri = STR("sip:b@h"),
				       .name = STR("B"),
				       .external = STR("e"),
				       .extension = STR("<x/>"),
				       .groups = (uint64_t)1 << 63 | 1,
				       .is_subscribed = true };

	assert_int_equal(a, 1);
	assert_int_equal(db_roster_bump(s->db, a, 1), E_OK);
	assert_int_equal(db_roster_bump(s->db, a, 3), E_OK);
	assert_int_equal(db_roster_bump(s->db, 99, 1), E_NOTFOUND);
	assert_int_equal(db_roster_put_group(s->db, &g), E_OK);
	g = (struct db_roster_group){
		.account_id = a, .id = 5, .position = 0, .name = STR("Work")
	};
	assert_int_equal(db_roster_put_group(s->db, &g), E_OK);
	g.name = STR("Desk");
	assert_int_equal(db_roster_put_group(s->db, &g), E_OK);
	g.account_id = 99;
	assert_int_equal(db_roster_put_group(s->db, &g), E_NOTFOUND);
	assert_int_equal(db_roster_put_contact(s->db, &c), E_OK);
	c = (struct db_roster_contact){ .account_id = a, .uri = STR("sip:a@h") };
	assert_int_equal(db_roster_put_contact(s->db, &c), E_OK);
	c.account_id = b;
	assert_int_equal(db_roster_put_contact(s->db, &c), E_OK);
	scratch_reopen(s);
	assert_all(s, "1=5 ", "1:5=Desk/ 1:2=Pals/x ",
		   "1:sip:a@h////0/0 1:sip:b@h/B/e/<x/>/8000000000000001/1 2:sip:a@h////0/0 ");
	assert_int_equal(db_roster_drop_group(s->db, a, 5), E_OK);
	assert_int_equal(db_roster_drop_group(s->db, a, 5), E_OK);
	assert_int_equal(db_roster_drop_contact(s->db, a, STR("sip:a@h")), E_OK);
	assert_all(s, "1=5 ", "1:2=Pals/x ",
		   "1:sip:b@h/B/e/<x/>/8000000000000001/1 2:sip:a@h////0/0 ");
	assert_int_equal(db_roster_clear(s->db, a), E_OK);
	assert_all(s, "1=5 ", "", "2:sip:a@h////0/0 ");
	assert_int_equal(db_account_delete(s->db, a), E_OK);
	assert_int_equal(db_account_delete(s->db, b), E_OK);
	assert_all(s, "", "", "");
}

static void append_subscriber(const struct db_subscriber *x, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 200 - strlen(t), "%d<%d:%d@%d ", (int)x->account_id,
		 (int)x->watcher_id, x->is_acknowledged, (int)x->since_ms);
}

static void append_grant(int64_t account_id, int64_t member_id, int level, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 200 - strlen(t), "%d>%d=%d ", (int)account_id, (int)member_id,
		 level);
}

static void test_subscribers_and_grants(void **state)
{
	struct scratch *s = *state;
	int64_t a = account(s, "alice"), b = account(s, "bob"), c = account(s, "carol");
	struct db_subscriber x = { .account_id = a, .watcher_id = b, .since_ms = 20 };
	char t[200] = "";

	assert_int_equal(db_subscriber_put(s->db, &x), E_OK);
	x = (struct db_subscriber){ .account_id = a, .watcher_id = c, .since_ms = 10 };
	assert_int_equal(db_subscriber_put(s->db, &x), E_OK);
	x = (struct db_subscriber){
		.account_id = a, .watcher_id = b, .since_ms = 30, .is_acknowledged = true
	};
	assert_int_equal(db_subscriber_put(s->db, &x), E_OK); /* the first time stays */
	x.watcher_id = 99;
	assert_int_equal(db_subscriber_put(s->db, &x), E_NOTFOUND);
	assert_int_equal(db_grant_put(s->db, a, b, 1), E_OK);
	assert_int_equal(db_grant_put(s->db, a, b, 4), E_OK);
	assert_int_equal(db_grant_put(s->db, b, c, 0), E_OK);
	assert_int_equal(db_grant_put(s->db, b, 99, 0), E_NOTFOUND);
	scratch_reopen(s);
	assert_int_equal(db_subscriber_each(s->db, append_subscriber, t), E_OK);
	assert_string_equal(t, "1<3:0@10 1<2:1@20 ");
	t[0] = '\0';
	assert_int_equal(db_grant_each(s->db, append_grant, t), E_OK);
	assert_string_equal(t, "1>2=4 2>3=0 ");
	assert_int_equal(db_subscriber_drop(s->db, a, c), E_OK);
	assert_int_equal(db_grant_drop(s->db, b, c), E_OK);
	assert_int_equal(db_grant_drop(s->db, b, c), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM subscriber"), 1);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM access_grant"), 1);
	assert_int_equal(db_account_delete(s->db, b), E_OK); /* the watcher, the member */
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM subscriber"), 0);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM access_grant"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_lists),
					    SCRATCH_TEST(test_subscribers_and_grants) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
