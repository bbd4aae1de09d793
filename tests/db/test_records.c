#include "tests/db/scratch.h"

#include <string.h>

#include "base/limits.h"
#include "db/accounts.h"
#include "db/offline.h"
#include "db/records.h"

#define ALICE "sip:alice@example.com"
#define BOB "sip:bob@example.com"

static int64_t account(struct scratch *s, const char *name)
{
	struct db_account a = { .name = str_of(name), .enabled = true };
	int64_t id = 0;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	return id;
}

static void put(struct scratch *s, int64_t id, int64_t started, const char *uri, int64_t account_id,
		int64_t failures)
{
	struct db_record r = { .id = id,
			       .kind = DB_RECORD_IM,
			       .started_ms = started,
			       .ended_ms = started + 5,
			       .failures = failures };
	struct db_participant p = { .uri = str_of(uri),
				    .account_id = account_id,
				    .client = STR("test"),
				    .dialect = STR("simple"),
				    .joined_ms = started };

	assert_int_equal(db_record_put(s->db, &r, &p, 1), E_OK);
}

static void append(const struct db_record *r, const struct db_participant *p, size_t count,
		   void *arg)
{
	char *text = arg;

	(void)p;
	snprintf(text + strlen(text), 200 - strlen(text), "%d/%zu ", (int)r->id, count);
}

static void assert_list(struct scratch *s, struct db_record_filter f, const char *want)
{
	char text[200] = "";

	if (f.limit == 0)
		f.limit = 100;
	assert_int_equal(db_record_list(s->db, &f, append, text), E_OK);
	assert_string_equal(text, want);
}

static void test_filters_and_pages(void **state)
{
	struct scratch *s = *state;
	int64_t alice = account(s, "alice"), bob = account(s, "bob");
	struct db_record call = { .id = 9, .kind = DB_RECORD_CALL, .started_ms = 30 };
	struct db_participant both[] = { { .uri = STR(ALICE), .account_id = alice },
					 { .uri = STR(BOB), .account_id = bob } };
	struct db_participant twice[] = { { .uri = STR(ALICE), .account_id = alice },
					  { .uri = STR("sip:alice@phone"), .account_id = alice } };

	put(s, 1, 10, ALICE, alice, 0);
	put(s, 2, 20, BOB, bob, 1);
	put(s, 3, 20, ALICE, alice, 0);
	assert_int_equal(db_record_put(s->db, &call, both, 2), E_OK);
	scratch_reopen(s);
	assert_list(s, (struct db_record_filter){ 0 }, "9/2 3/1 2/1 1/1 ");
	assert_list(s, (struct db_record_filter){ .limit = 2 }, "9/2 3/1 ");
	assert_list(s, (struct db_record_filter){ .before_started_ms = 20, .before_id = 3 },
		    "2/1 1/1 ");
	assert_list(s, (struct db_record_filter){ .account_id = alice }, "9/2 3/1 1/1 ");
	assert_list(s,
		    (struct db_record_filter){
			    .account_id = alice, .before_started_ms = 30, .before_id = 9 },
		    "3/1 1/1 ");
	assert_list(s, (struct db_record_filter){ .uri = STR(BOB) }, "9/2 2/1 ");
	assert_list(s, (struct db_record_filter){ .uri = STR(BOB), .account_id = alice }, "9/2 ");
	assert_list(s, (struct db_record_filter){ .kind = DB_RECORD_CALL }, "9/2 ");
	assert_list(s, (struct db_record_filter){ .only_failed = true }, "2/1 ");
	assert_list(s, (struct db_record_filter){ .from_ms = 20, .to_ms = 30 }, "3/1 2/1 ");
	assert_list(s, (struct db_record_filter){ .uri = STR("sip:nobody@example.com") }, "");

	/* One person under two addresses is one row of that person's list. */
	call = (struct db_record){ .id = 10, .kind = DB_RECORD_GROUP, .started_ms = 40 };
	assert_int_equal(db_record_put(s->db, &call, twice, 2), E_OK);
	assert_list(s, (struct db_record_filter){ .account_id = alice, .limit = 2 }, "10/2 9/2 ");
}

struct row {
	struct db_record r;
	size_t count;
	int64_t sent, left, account_id;
};

static void keep(const struct db_record *r, const struct db_participant *p, size_t count, void *arg)
{
	struct row *row = arg;

	*row = (struct row){ *r, count, p[0].sent, p[0].left_ms, p[0].account_id };
}

static void test_a_record_grows(void **state)
{
	struct scratch *s = *state;
	int64_t alice = account(s, "alice");
	struct db_record r = { .id = 7, .kind = DB_RECORD_IM, .started_ms = 10, .messages = 1 };
	struct db_participant a = {
		.uri = STR(ALICE), .account_id = alice, .sent = 1, .joined_ms = 1
	};
	/* deleted meanwhile */
	struct db_participant b = { .uri = STR(BOB), .account_id = 999, .joined_ms = 2 };
	struct row row = { 0 };

	assert_int_equal(db_record_get(s->db, 7, keep, &row), E_NOTFOUND);
	assert_int_equal(db_record_put(s->db, &r, &a, 1), E_OK);
	assert_int_equal(db_record_put(s->db, &r, &b, 1), E_OK);
	r.messages = 2;
	r.kind = DB_RECORD_GROUP;
	a.sent = 5;
	assert_int_equal(db_record_put(s->db, &r, &a, 1), E_OK);
	assert_int_equal(db_record_get(s->db, 7, keep, &row), E_OK);
	assert_int_equal(row.count, 2);
	assert_int_equal(row.r.messages, 2);
	assert_int_equal(row.r.kind, DB_RECORD_GROUP);
	assert_int_equal(row.sent, 5);
	assert_int_equal(row.account_id, alice);
	assert_int_equal(
		scratch_i64(s, "SELECT count(*) FROM record_participant WHERE account_id IS NULL"),
		1);
	assert_int_equal(db_record_put(s->db, &r, &a, DB_PARTICIPANTS_MAX + 1), E_TOOBIG);
}

static void test_close_open(void **state)
{
	struct scratch *s = *state;
	struct db_record open = { .id = 1, .kind = DB_RECORD_IM, .started_ms = 10, .last_ms = 15 };
	struct db_record silent = { .id = 2, .kind = DB_RECORD_IM, .started_ms = 20 };
	struct db_record closed = {
		.id = 3, .kind = DB_RECORD_IM, .started_ms = 30, .ended_ms = 31, .end_reason = 1
	};
	struct db_participant p = { .uri = STR(ALICE), .joined_ms = 11 };
	struct row row = { 0 };

	assert_int_equal(db_record_put(s->db, &open, &p, 1), E_OK);
	assert_int_equal(db_record_put(s->db, &silent, &p, 1), E_OK);
	assert_int_equal(db_record_put(s->db, &closed, &p, 1), E_OK);
	assert_int_equal(db_record_close_open(s->db, 6), E_OK);
	assert_int_equal(db_record_get(s->db, 1, keep, &row), E_OK);
	assert_int_equal(row.r.ended_ms, 15);
	assert_int_equal(row.r.end_reason, 6);
	assert_int_equal(row.left, 15);
	assert_int_equal(db_record_get(s->db, 2, keep, &row), E_OK);
	assert_int_equal(row.r.ended_ms, 20);
	assert_int_equal(row.left, 20);
	assert_int_equal(db_record_get(s->db, 3, keep, &row), E_OK);
	assert_int_equal(row.r.ended_ms, 31);
	assert_int_equal(row.r.end_reason, 1);
	assert_int_equal(row.left, 0);
}

static void test_last_id(void **state)
{
	struct scratch *s = *state;
	struct db_offline m = { .account_id = account(s, "alice"), .conversation = 40 };
	int64_t last = -1, id;

	assert_int_equal(db_record_last_id(s->db, &last), E_OK);
	assert_int_equal(last, 0);
	put(s, 12, 1, ALICE, 0, 0);
	assert_int_equal(db_record_last_id(s->db, &last), E_OK);
	assert_int_equal(last, 12);
	assert_int_equal(db_offline_put(s->db, &m, &id), E_OK);
	assert_int_equal(db_record_last_id(s->db, &last), E_OK);
	assert_int_equal(last, 40);
}

static void test_expiry_in_slices(void **state)
{
	struct scratch *s = *state;
	size_t n = 99;

	for (int64_t i = 1; i <= 5; i++)
		put(s, i, i * 10, ALICE, 0, 0);
	assert_int_equal(db_record_expire(s->db, 40, 2, &n), E_OK);
	assert_int_equal(n, 2);
	assert_int_equal(db_record_expire(s->db, 40, 2, &n), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(db_record_expire(s->db, 40, 2, &n), E_OK);
	assert_int_equal(n, 0);
	assert_list(s, (struct db_record_filter){ 0 }, "5/1 4/1 ");
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM record_participant"), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_filters_and_pages), SCRATCH_TEST(test_a_record_grows),
		SCRATCH_TEST(test_close_open),	      SCRATCH_TEST(test_last_id),
		SCRATCH_TEST(test_expiry_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
