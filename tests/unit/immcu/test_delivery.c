/* The answer rule, case by case: first 2xx, eight seconds, refusals, the disk, order, records. */
#include "fake_im.h"

#include "db/offline.h"
#include "db/records.h"
#include "immcu/archive.h"
#include "immcu/filter.h"

static struct copy {
	leg_id leg;
	endpoint_id endpoint;
	char body[96], from[16];
	int64_t sent_ms;
	bool is_stored;
} copy[256];
static size_t copies;

static int answer_code[256], answer_retry[256];
static int answers[256];

static void on_send(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		    const struct account *to, const struct im_text *t)
{
	struct copy *c = &copy[copies++];

	(void)arg;
	(void)to;
	c->leg = leg;
	c->endpoint = e->id;
	snprintf(c->body, sizeof(c->body), "%.*s", STR_ARG(t->body));
	snprintf(c->from, sizeof(c->from), "%.*s", STR_ARG(from->name));
	c->sent_ms = t->sent_ms;
	c->is_stored = t->is_stored;
}

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	(void)arg;
	answers[token]++;
	answer_code[token] = code;
	answer_retry[token] = retry_after_s;
}

static void hooks(struct immcu *m)
{
	const struct im_dialect d = { .send = on_send };

	immcu_set_dialect(m, DIALECT_SIMPLE, &d);
	immcu_set_dialect(m, DIALECT_LYNC, &d);
}

static int setup(void **state)
{
	(void)state;
	copies = fake_ops = 0;
	fake_disk_full = false;
	memset(answers, 0, sizeof(answers));
	memset(answer_code, 0, sizeof(answer_code));
	fake_open();
	fake_boot(hooks);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_all();
	fake_close();
	return 0;
}

static void text(account_id from, account_id to, enum im_kind kind, uint64_t token)
{
	char body[16], id[24];

	snprintf(body, sizeof(body), "t%llu", (unsigned long long)token);
	snprintf(id, sizeof(id), "call-%llu", (unsigned long long)token);
	immcu_submit(fake_m,
		     &(struct im_text){ .from = from,
					.to = to,
					.kind = kind,
					.dialect = DIALECT_SIMPLE,
					.content_type = STR("text/plain"),
					.body = str_of(body),
					.call_id = str_of(id),
					.message_id = str_of(id),
					.client = STR("Writer/1"),
					.headers = STR("X: y\r\n"),
					.sent_ms = clk_wall_ms() },
		     token, on_answer, NULL);
}

static void restart(void)
{
	immcu_free(&fake_m);
	fake_boot(hooks);
}

static void test_first_2xx_answers(void **state)
{
	(void)state;
	(void)sign_in(2, DIALECT_SIMPLE);
	(void)sign_in(2, DIALECT_LYNC);
	text(1, 2, IM_TEXT, 1);
	assert_int_equal(copies, 2);
	assert_int_equal(answers[1], 0);
	immcu_on_answer(fake_m, copy[0].leg, 180);
	immcu_on_answer(fake_m, copy[0].leg, 486);
	assert_int_equal(answers[1], 0);
	immcu_on_answer(fake_m, copy[1].leg, 202);
	assert_int_equal(answers[1], 1);
	assert_int_equal(answer_code[1], 200);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	fake_clock(60000);
	store_all();
	assert_int_equal(answers[1], 1);
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
}

static void test_unknown_and_too_big(void **state)
{
	static char big[IM_BODY_MAX + 1];
	struct im_text t = {
		.from = 1, .to = 2, .dialect = DIALECT_SIMPLE, .content_type = STR("text/plain")
	};

	(void)state;
	text(1, 99, IM_TEXT, 1);
	assert_int_equal(answer_code[1], 404);
	fake_account[3].enabled = false;
	text(1, 3, IM_TEXT, 2);
	assert_int_equal(answer_code[2], 404);
	fake_account[3].enabled = true;
	t.body = str_n(big, sizeof(big));
	immcu_submit(fake_m, &t, 3, on_answer, NULL);
	assert_int_equal(answer_code[3], 413);
	(void)sign_in(2, DIALECT_LYNC); /* 64 KiB between dialects */
	t.body.len = IM_BODY_CROSS_MAX + 1;
	immcu_submit(fake_m, &t, 4, on_answer, NULL);
	assert_int_equal(answer_code[4], 413);
	assert_int_equal(copies, 0);
	(void)sign_in(2, DIALECT_SIMPLE);
	immcu_submit(fake_m, &t, 5, on_answer, NULL);
	assert_int_equal(copies, 1);
}

static void test_stored_only_when_on_disk(void **state)
{
	endpoint_id e;

	(void)state;
	text(1, 2, IM_TEXT, 1);
	text(3, 2, IM_TEXT, 2);
	assert_int_equal(answers[1], 0);
	assert_true(store_turn());
	store_all();
	assert_int_equal(answer_code[1], 202);
	assert_int_equal(answer_code[2], 202);
	fake_clock(3600 * 1000);
	store_all();
	restart();
	e = sign_in(2, DIALECT_LYNC);
	immcu_on_sign_in(fake_m, e);
	store_all();
	assert_int_equal(copies, 1); /* one at a time */
	assert_string_equal(copy[0].body, "t1");
	assert_string_equal(copy[0].from, "alice");
	assert_true(copy[0].is_stored);
	assert_true(copy[0].sent_ms < clk_wall_ms() - 3000000);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	assert_int_equal(copies, 2);
	assert_string_equal(copy[1].body, "t2");
	immcu_on_answer(fake_m, copy[1].leg, 200);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
	text(1, 2, IM_TEXT, 3);
	assert_int_equal(copies, 3); /* and live again */
}

static void test_eight_seconds_and_a_late_2xx(void **state)
{
	struct immcu_stats s;

	(void)state;
	(void)sign_in(2, DIALECT_SIMPLE);
	text(1, 2, IM_TEXT, 1);
	fake_clock(IM_DELIVERY_WAIT_MS - 1);
	assert_int_equal(fake_ops > 0 && answers[1] != 0, 0);
	fake_clock(1);
	store_all();
	assert_int_equal(answer_code[1], 202);
	text(1, 2, IM_TEXT, 2); /* keeps behind it */
	store_all();
	assert_int_equal(copies, 1);
	assert_int_equal(answer_code[2], 202);
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 2);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 1);
	assert_int_equal(copies, 2); /* who answers late is there again */
	assert_string_equal(copy[1].body, "t2");
	immcu_on_answer(fake_m, copy[1].leg, 200);
	store_all();
	immcu_stats_get(fake_m, &s);
	assert_int_equal(s.waiting, 0);
	assert_int_equal(s.live, 0);
	assert_int_equal(answers[1], 1);
}

static void test_2xx_while_storing(void **state)
{
	(void)state;
	(void)sign_in(2, DIALECT_SIMPLE);
	text(1, 2, IM_TEXT, 1);
	fake_clock(IM_DELIVERY_WAIT_MS);
	assert_int_equal(answers[1], 0);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	assert_int_equal(answer_code[1], 200);
	store_all();
	assert_int_equal(answers[1], 1);
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
	assert_int_equal(copies, 1);
}

static void test_disk_full(void **state)
{
	(void)state;
	fake_disk_full = true;
	text(1, 2, IM_TEXT, 1);
	store_all();
	assert_int_equal(answer_code[1], 503);
	assert_true(answer_retry[1] > 0);
	(void)sign_in(2, DIALECT_SIMPLE);
	text(1, 2, IM_TEXT, 2); /* what needs no disk goes on */
	immcu_on_answer(fake_m, copy[0].leg, 200);
	assert_int_equal(answer_code[2], 200);
	fake_disk_full = false;
	text(1, 3, IM_TEXT, 3);
	store_all();
	assert_int_equal(answer_code[3], 202);
}

/* A delivered text whose row cannot be deleted is not delivered again, and the row goes later. */
static void test_delete_fails(void **state)
{
	(void)state;
	text(1, 2, IM_TEXT, 1);
	store_all();
	immcu_on_sign_in(fake_m, sign_in(2, DIALECT_SIMPLE));
	store_all();
	fake_disk_full = true;
	immcu_on_answer(fake_m, copy[0].leg, 200);
	store_all();
	immcu_on_sign_in(fake_m, sign_in(2, DIALECT_SIMPLE));
	store_all();
	assert_int_equal(copies, 1);
	fake_disk_full = false;
	fake_clock(IM_ROW_RETRY_MS);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
}

static void test_refused_text_blocks_nobody(void **state)
{
	(void)state;
	(void)sign_in(2, DIALECT_SIMPLE);
	text(1, 2, IM_TEXT, 1);
	immcu_on_answer(fake_m, copy[0].leg, 415);
	store_all();
	assert_int_equal(answer_code[1], 202);
	text(1, 2, IM_TEXT, 2);
	assert_int_equal(copies, 2);
	immcu_on_answer(fake_m, copy[1].leg, 200);
	assert_int_equal(answer_code[2], 200);
	immcu_on_sign_in(fake_m, copy[0].endpoint); /* a refresh asks nobody again */
	store_all();
	assert_int_equal(copies, 2);
	immcu_on_sign_in(fake_m, sign_in(2, DIALECT_LYNC)); /* another client may like it */
	store_all();
	assert_int_equal(copies, 4);
	assert_string_equal(copy[2].body, "t1");
	immcu_on_answer(fake_m, copy[2].leg, 200);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
	text(1, 2, IM_RECEIPT, 3);
	immcu_on_answer(fake_m, copy[4].leg, 415);
	assert_int_equal(answers[3], 0);
	immcu_on_answer(fake_m, copy[5].leg, 415);
	assert_int_equal(answer_code[3], 415); /* a receipt nobody wants is not kept */
}

static void test_lost_connection_keeps_order(void **state)
{
	(void)state;
	(void)sign_in(2, DIALECT_SIMPLE);
	for (uint64_t i = 1; i <= 3; i++)
		text(1, 2, IM_TEXT, i);
	assert_int_equal(copies, 3);
	sign_out(copy[0].endpoint);
	immcu_on_answer(fake_m, copy[1].leg, 503); /* in whatever order they are told */
	immcu_on_answer(fake_m, copy[0].leg, 503);
	immcu_on_answer(fake_m, copy[2].leg, 503);
	text(1, 2, IM_TEXT, 4);
	store_all();
	immcu_on_sign_in(fake_m, sign_in(2, DIALECT_SIMPLE));
	for (size_t i = 3; i < 7; i++) {
		char want[8];

		store_all();
		snprintf(want, sizeof(want), "t%zu", i - 2);
		assert_int_equal(copies, i + 1);
		assert_string_equal(copy[i].body, want);
		immcu_on_answer(fake_m, copy[i].leg, 200);
	}
}

static void test_typing_is_never_stored(void **state)
{
	(void)state;
	text(1, 2, IM_TYPING, 1);
	assert_int_equal(answer_code[1], 480);
	(void)sign_in(2, DIALECT_SIMPLE);
	text(1, 2, IM_TYPING, 2);
	fake_clock(IM_DELIVERY_WAIT_MS);
	store_all();
	assert_int_equal(answer_code[2], 480);
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
	assert_int_equal(fake_count("SELECT count(*) FROM record"), 0);
}

static void test_sender_gone(void **state)
{
	(void)state;
	text(1, 2, IM_TEXT, 1);
	store_all();
	fake_account[1].id = 0;
	immcu_on_sign_in(fake_m, sign_in(2, DIALECT_SIMPLE));
	store_all();
	assert_string_equal(copy[0].from, "alice");
	immcu_on_answer(fake_m, copy[0].leg, 200);
}

static void test_account_gone(void **state)
{
	(void)state;
	text(1, 2, IM_TEXT, 1);
	store_all();
	text(1, 2, IM_TEXT, 2);
	(void)sign_in(3, DIALECT_SIMPLE);
	fake_account[2].id = 0;
	immcu_account_gone(fake_m, 2);
	assert_int_equal(answer_code[2], 404);
	assert_int_equal(db_exec(fake_db, "DELETE FROM account WHERE id = 2"), E_OK);
	store_all();
	assert_int_equal(answers[2], 1);
	assert_int_equal(fake_count("SELECT count(*) FROM offline_message"), 0);
}

static void test_record(void **state)
{
	(void)state;
	(void)sign_in(2, DIALECT_LYNC);
	text(1, 2, IM_TEXT, 1);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	fake_clock(IM_RECORD_FLUSH_MS);
	assert_true(fake_ops > 0);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms = 0 AND messages = "
				    "1 AND result_code = 200"),
			 1);
	assert_int_equal(fake_count("SELECT sent FROM record_participant WHERE uri = "
				    "'sip:alice@example.org' AND"
				    " client = 'Writer/1' AND dialect = 'simple'"),
			 1);
	assert_int_equal(fake_count("SELECT received FROM record_participant WHERE uri = "
				    "'sip:bob@example.org' AND"
				    " client = 'Test/1' AND dialect = 'lync'"),
			 1);
	fake_clock(IM_PAGER_SILENCE_MS);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms = last_ms"), 1);
	text(2, 1, IM_TEXT, 2);
	fake_clock(IM_RECORD_FLUSH_MS);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record"), 2);
	store_crash(0);
	restart(); /* closes what was left open */
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms = 0"), 0);
	/* Delivered after the end: counted in the old record. */
	immcu_on_sign_in(fake_m, sign_in(1, DIALECT_SIMPLE));
	store_all();
	immcu_on_answer(fake_m, copy[1].leg, 200);
	store_all();
	assert_int_equal(fake_count("SELECT received FROM record_participant WHERE record_id = 2 "
				    "AND account_id = 1"),
			 1);
}

/* One record that the disk refuses does not keep the others of its batch from it, and is written with
 * what it has become. */
static void test_records_together(void **state)
{
	(void)state;
	(void)sign_in(2, DIALECT_SIMPLE);
	(void)sign_in(3, DIALECT_SIMPLE);
	text(1, 2, IM_TEXT, 1);
	text(1, 3, IM_TEXT, 2);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	immcu_on_answer(fake_m, copy[1].leg, 200);
	assert_int_equal(db_exec(fake_db,
				 "CREATE TEMP TRIGGER refuse BEFORE INSERT ON record_participant"
				 " WHEN NEW.uri = 'sip:carol@example.org'"
				 " BEGIN SELECT raise(ABORT, 'refused'); END"),
			 E_OK);
	fake_clock(IM_RECORD_FLUSH_MS);
	assert_int_equal(fake_ops, 1); /* both */
	assert_true(store_turn());
	assert_int_equal(fake_count("SELECT count(*) FROM record"), 0);
	assert_int_equal(fake_ops, 2); /* each by itself */
	assert_true(store_turn());
	assert_true(store_turn());
	assert_int_equal(fake_count("SELECT messages FROM record"),
			 1); /* one row: of alice and bob */
	assert_int_equal(db_exec(fake_db, "DROP TRIGGER refuse"), E_OK);
	text(1, 3, IM_TEXT, 3);
	immcu_on_answer(fake_m, copy[2].leg, 200);
	fake_clock(IM_RECORD_FLUSH_MS);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record"), 2);
	assert_int_equal(
		fake_count(
			"SELECT received FROM record_participant WHERE uri = 'sip:carol@example.org'"),
		2);
}

static char kept_plain[64], kept_notice[64], kept_headers[64];

static void keep_send(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		      const struct account *to, const struct im_text *t)
{
	on_send(arg, leg, e, from, to, t);
	snprintf(kept_plain, sizeof(kept_plain), "%.*s", STR_ARG(t->plain));
	snprintf(kept_notice, sizeof(kept_notice), "%.*s", STR_ARG(t->notice));
	snprintf(kept_headers, sizeof(kept_headers), "%.*s", STR_ARG(t->headers));
}

/* What an adapter made of a body, and what policy wants said with it, waits on disk too. */
static void test_stored_whole(void **state)
{
	const struct im_dialect d = { .send = keep_send };
	const struct filter_policy p = { .disclaimer = STR("Read\nthis.") };

	(void)state;
	filter_set(fake_m, &p);
	immcu_submit(fake_m,
		     &(struct im_text){ .from = 1,
					.to = 2,
					.dialect = DIALECT_LYNC,
					.content_type = STR("text/html"),
					.body = STR("<b>12 34</b>"),
					.plain = STR("12 34"),
					.client = STR("UCCAPI/1"),
					.headers = STR("A: b\r\n"),
					.sent_ms = clk_wall_ms() },
		     1, on_answer, NULL);
	store_all();
	assert_int_equal(answer_code[1], 202);
	restart();
	immcu_set_dialect(fake_m, DIALECT_SIMPLE, &d);
	immcu_on_sign_in(fake_m, sign_in(2, DIALECT_SIMPLE));
	store_all();
	assert_string_equal(copy[0].body, "<b>12 34</b>");
	assert_string_equal(kept_plain, "12 34");
	assert_string_equal(kept_notice, "Read\nthis.");
	assert_string_equal(kept_headers, "A: b\r\n");
}

static void on_set(void *arg, enum err err)
{
	*(enum err *)arg = err;
}

static void write_as(endpoint_id e, enum dialect dialect, const char *body, uint64_t token)
{
	immcu_submit(fake_m,
		     &(struct im_text){ .from = 1,
					.to = 2,
					.from_endpoint = e,
					.dialect = dialect,
					.content_type = STR("text/plain"),
					.body = str_of(body),
					.sent_ms = clk_wall_ms() },
		     token, on_answer, NULL);
}

/* What the server says by itself: to who writes in the name of whom he writes to, to the other behind the text. */
static void test_told(void **state)
{
	const struct archive_rule r = { .scope = ARCHIVE_ACCOUNT, .id = 2, .mode = ARCHIVE_ON };
	const struct filter_policy p = { .links = FILTER_BLOCK };
	endpoint_id a = sign_in(1, DIALECT_SIMPLE), b = sign_in(2, DIALECT_SIMPLE);
	enum err set = E_AGAIN;

	(void)state;
	archive_set(fake_m, &r, on_set, &set);
	store_all();
	assert_int_equal(set, E_OK);
	write_as(a, DIALECT_SIMPLE, "one", 1);
	assert_int_equal(copies, 2);
	assert_int_equal(copy[0].endpoint, a);
	assert_string_equal(copy[0].from, "bob");
	assert_string_equal(copy[0].body, "What is said here is archived.");
	assert_int_equal(copy[1].endpoint, b);
	assert_string_equal(copy[1].body, "one\r\n\r\nWhat is said here is archived.");
	immcu_on_answer(fake_m, copy[0].leg, 200); /* asks for nothing */
	assert_int_equal(answers[1], 0);
	immcu_on_answer(fake_m, copy[1].leg, 200);
	assert_int_equal(answer_code[1], 200);
	write_as(a, DIALECT_SIMPLE, "two", 2);
	assert_int_equal(copies, 3);
	assert_string_equal(copy[2].body, "two");
	filter_set(fake_m, &p);
	write_as(a, DIALECT_SIMPLE, "http://evil.net", 3);
	assert_int_equal(answer_code[3], 606);
	assert_int_equal(copies, 4);
	assert_int_equal(copy[3].endpoint, a);
	assert_non_null(strstr(copy[3].body, "was not delivered"));
	write_as(a, DIALECT_LYNC, "http://evil.net", 4); /* such a client says so by itself */
	assert_int_equal(answer_code[4], 606);
	assert_int_equal(copies, 4);
}

static void test_pause(void **state)
{
	struct im_session s = { .from = 1, .to = 2, .dialect = DIALECT_LYNC };

	(void)state;
	immcu_pause(fake_m, true);
	text(1, 2, IM_TEXT, 1);
	assert_int_equal(answer_code[1], 503);
	assert_true(answer_retry[1] > 0);
	assert_int_equal(immcu_session_open(fake_m, &s), 0);
	immcu_pause(fake_m, false);
	text(1, 2, IM_TEXT, 2);
	store_all();
	assert_int_equal(answer_code[2], 202);
}

static void test_origin(void **state)
{
	struct im_session s = { .from = 2, .to = 3, .dialect = DIALECT_LYNC };

	(void)state;
	text(1, 2, IM_TEXT, 1);
	(void)immcu_session_open(fake_m, &s);
	fake_clock(IM_RECORD_FLUSH_MS);
	store_all();
	assert_int_equal(
		fake_count("SELECT origin FROM record WHERE begun_by = 'sip:alice@example.org'"),
		DB_ORIGIN_TEXT);
	assert_int_equal(
		fake_count("SELECT origin FROM record WHERE begun_by = 'sip:bob@example.org'"),
		DB_ORIGIN_SESSION);
}

static void test_session(void **state)
{
	struct im_session s = {
		.from = 1, .to = 2, .dialect = DIALECT_LYNC, .from_client = STR("UCCAPI/1")
	};
	im_session_id id;
	endpoint_id peer;

	(void)state;
	peer = sign_in(2, DIALECT_LYNC);
	(void)sign_in(2, DIALECT_LYNC);
	(void)sign_in(2, DIALECT_SIMPLE);
	s.to_endpoint = peer;
	id = immcu_session_open(fake_m, &s);
	assert_int_not_equal(id, 0);
	immcu_submit(fake_m,
		     &(struct im_text){ .from = 1,
					.to = 2,
					.to_endpoint = peer,
					.dialect = DIALECT_LYNC,
					.content_type = STR("text/plain"),
					.body = STR("hi"),
					.sent_ms = clk_wall_ms() },
		     1, on_answer, NULL);
	assert_int_equal(copies, 2); /* the peer, and the one of the other dialect */
	assert_true(copy[0].endpoint == peer || copy[1].endpoint == peer);
	fake_clock(IM_DELIVERY_WAIT_MS - 1);
	immcu_on_answer(fake_m, copy[0].leg, 200);
	fake_clock(IM_PAGER_SILENCE_MS * 3); /* a session may be silent */
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms = 0"), 1);
	assert_int_not_equal(immcu_session_conversation(fake_m, id), 0);
	immcu_session_close(fake_m, id, 200);
	assert_int_equal(immcu_session_conversation(fake_m, id), 0);
	fake_clock(IM_PAGER_SILENCE_MS);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms = 0"), 0);
	s.to = 3;
	s.to_endpoint = 0;
	immcu_session_failed(fake_m, &s, 486);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms <> 0 AND "
				    "result_code = 486 AND failures = 1"),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_first_2xx_answers, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unknown_and_too_big, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stored_only_when_on_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_eight_seconds_and_a_late_2xx, setup, teardown),
		cmocka_unit_test_setup_teardown(test_2xx_while_storing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disk_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delete_fails, setup, teardown),
		cmocka_unit_test_setup_teardown(test_refused_text_blocks_nobody, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_connection_keeps_order, setup, teardown),
		cmocka_unit_test_setup_teardown(test_typing_is_never_stored, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sender_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_account_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(test_record, setup, teardown),
		cmocka_unit_test_setup_teardown(test_records_together, setup, teardown),
		cmocka_unit_test_setup_teardown(test_stored_whole, setup, teardown),
		cmocka_unit_test_setup_teardown(test_told, setup, teardown),
		cmocka_unit_test_setup_teardown(test_pause, setup, teardown),
		cmocka_unit_test_setup_teardown(test_origin, setup, teardown),
		cmocka_unit_test_setup_teardown(test_session, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
