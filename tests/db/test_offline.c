#include "tests/db/scratch.h"

#include <string.h>

#include "db/accounts.h"
#include "db/offline.h"

static int64_t account(struct scratch *s, const char *name)
{
	struct db_account a = { .name = str_of(name), .enabled = true };
	int64_t id = 0;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	return id;
}

static const char blob[] = "\0\xff\xfe binary";

static int64_t put(struct scratch *s, int64_t to, int64_t expires)
{
	struct db_offline m = {
		.account_id = to,
		.sender_id = 42,
		.sender_uri = STR("sip:bob@example.com"),
		.from_display = STR("Bob"),
		.content_type = STR("text/plain"),
		.content_encoding = STR("deflate"),
		.call_id = STR("call"),
		.message_id = STR("message"),
		.extra = STR("extra"),
		.body = { blob, sizeof(blob) },
		.kind = 3,
		.conversation = 77,
		.sent_ms = 1,
		.accepted_ms = 2,
		.expires_ms = expires,
	};
	int64_t id = 0;

	assert_int_equal(db_offline_put(s->db, &m, &id), E_OK);
	return id;
}

static void append(const struct db_offline *m, void *arg)
{
	char *text = arg;

	assert_int_equal(m->sender_id, 42);
	assert_text(m->sender_uri, "sip:bob@example.com");
	assert_text(m->from_display, "Bob");
	assert_text(m->content_type, "text/plain");
	assert_text(m->content_encoding, "deflate");
	assert_text(m->call_id, "call");
	assert_text(m->message_id, "message");
	assert_text(m->extra, "extra");
	assert_int_equal(m->kind, 3);
	assert_int_equal(m->conversation, 77);
	assert_int_equal(m->sent_ms, 1);
	assert_int_equal(m->accepted_ms, 2);
	assert_int_equal(m->body.len, sizeof(blob));
	assert_memory_equal(m->body.p, blob, sizeof(blob));
	snprintf(text + strlen(text), 100 - strlen(text), "%d ", (int)m->id);
}

static void assert_list(struct scratch *s, int64_t to, int64_t after, size_t limit,
			const char *want)
{
	char text[100] = "";

	assert_int_equal(db_offline_list(s->db, to, after, limit, 50, append, text), E_OK);
	assert_string_equal(text, want);
}

static void sum(const struct db_offline_count *c, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 100 - strlen(text), "%d:%d:%d:%d ", (int)c->account_id,
		 (int)c->messages, (int)c->bytes, (int)c->last_id);
}

static void test_order_and_delivery(void **state)
{
	struct scratch *s = *state;
	int64_t alice = account(s, "alice"), bob = account(s, "bob");
	char counts[100] = "", want[100];

	assert_int_equal(put(s, alice, 100), 1);
	assert_int_equal(put(s, bob, 100), 2);
	assert_int_equal(put(s, alice, 50), 3); /* expired at 50, when the list is asked for */
	assert_int_equal(put(s, alice, 51), 4);
	assert_int_equal(put(s, alice, 100), 5);
	scratch_reopen(s);
	assert_list(s, alice, 0, 10, "1 4 5 ");
	assert_list(s, alice, 0, 2, "1 4 ");
	assert_list(s, alice, 4, 10, "5 ");
	assert_int_equal(db_offline_counts(s->db, sum, counts), E_OK);
	snprintf(want, sizeof(want), "%d:4:%zu:5 %d:1:%zu:2 ", (int)alice, 4 * sizeof(blob),
		 (int)bob, sizeof(blob));
	assert_string_equal(counts, want);

	assert_int_equal(db_offline_delete(s->db, 5), E_OK);
	assert_int_equal(db_offline_delete(s->db, 5), E_NOTFOUND);
	assert_int_equal(put(s, alice, 100), 6); /* a number is never used again */
	assert_list(s, alice, 0, 10, "1 4 6 ");
}

static void test_nobody(void **state)
{
	struct scratch *s = *state;
	struct db_offline m = { .account_id = 99 };
	int64_t id = -7;

	assert_int_equal(db_offline_put(s->db, &m, &id), E_NOTFOUND);
	assert_int_equal(id, -7);
}

static void test_expiry_in_slices(void **state)
{
	struct scratch *s = *state;
	int64_t alice = account(s, "alice");
	size_t n = 99;

	for (int64_t i = 0; i < 5; i++)
		put(s, alice, 10 + i);
	assert_int_equal(db_offline_expire(s->db, 13, 3, &n), E_OK);
	assert_int_equal(n, 3);
	assert_int_equal(db_offline_expire(s->db, 13, 3, &n), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(db_offline_expire(s->db, 13, 3, &n), E_OK);
	assert_int_equal(n, 0);
	assert_int_equal(scratch_i64(s, "SELECT expires_ms FROM offline_message"), 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_order_and_delivery),
		SCRATCH_TEST(test_nobody),
		SCRATCH_TEST(test_expiry_in_slices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
