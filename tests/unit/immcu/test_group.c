/* Groups, case by case: rights, roster, numbers, replay, drops, commands, ends, restarts, policy. */
#include "fake_im.h"

#include "db/records.h"

#include "fake_group.h"

static int answers[64], answer_code[64];

static void on_answer(void *arg, uint64_t token, int code, int retry_after_s)
{
	(void)arg;
	(void)retry_after_s;
	answers[token]++;
	answer_code[token] = code;
}

static int setup(void **state)
{
	(void)state;
	fake_group_reset();
	memset(answers, 0, sizeof(answers));
	memset(answer_code, 0, sizeof(answer_code));
	fake_open();
	fake_boot(fake_group_hooks);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	store_all();
	fake_close();
	return 0;
}

static group_id make(enum group_kind kind, enum group_access access, account_id organizer)
{
	const struct group_new n = {
		.kind = kind, .access = access, .organizer = organizer, .subject = STR("Plans")
	};
	group_id id = 0;

	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &id), E_OK);
	return id;
}

static group_leg_id open_leg(group_id id, account_id who, enum dialect dialect, unsigned window)
{
	const struct group_leg_new n = { .account = who,
					 .endpoint = sign_in(who, dialect),
					 .state = GROUP_LEG_OPEN,
					 .window = window,
					 .label = STR("label"),
					 .takes_typing = true,
					 .takes_receipts = true,
					 .has_commands = true };
	group_leg_id leg = 0;

	assert_int_equal(group_leg_open(fake_m, id, &n, &leg), E_OK);
	return leg;
}

static void say_as(group_id id, group_leg_id leg, account_id from, enum im_kind kind,
		   const char *body, uint64_t token)
{
	const struct group_leg *l = group_leg_get(fake_m, leg);
	char mid[24];

	snprintf(mid, sizeof(mid), "mid-%llu", (unsigned long long)token);
	group_submit(fake_m, id, leg,
		     &(struct im_text){ .from = from,
					.from_endpoint = l == NULL ? 0 : l->endpoint,
					.kind = kind,
					.dialect = DIALECT_SIMPLE,
					.content_type = STR("text/plain"),
					.body = str_of(body),
					.message_id = str_of(mid),
					.about = kind == IM_RECEIPT ? STR("mid-1") : STR_NULL,
					.sent_ms = clk_wall_ms() },
		     token, on_answer, NULL);
}

static void answer_all(size_t from, int code)
{
	for (size_t i = from; i < gcopies; i++)
		if (gcopy[i].seq != 0)
			group_on_answer(fake_m, gcopy[i].leg, gcopy[i].seq, code);
}

static void test_text_reaches_all_but_its_author(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id leg[5];

	(void)state;
	for (account_id who = 1; who <= 4; who++) {
		if (who > 1)
			assert_int_equal(group_join(fake_m, id, who, true), E_OK);
		leg[who] = open_leg(id, who, who % 2 ? DIALECT_SIMPLE : DIALECT_LYNC, 1);
	}
	fake_clock(1);
	say_as(id, leg[2], 2, IM_TEXT, "hello", 1);
	assert_int_equal(gcopies, 3);
	assert_int_equal(renders, 2); /* once per dialect */
	for (size_t i = 0; i < gcopies; i++) {
		assert_true(gcopy[i].leg != leg[2]);
		assert_string_equal(gcopy[i].text, "0|bob|hello");
	}
	assert_int_equal(answers[1], 0); /* not before it is on disk */
	store_all();
	assert_int_equal(answer_code[1], 202);
	group_on_answer(fake_m, gcopy[0].leg, 1, 200);
	group_on_answer(fake_m, gcopy[1].leg, 1, 415);
	fake_clock(0);
	assert_int_equal(reports, 0);
	group_on_answer(fake_m, gcopy[2].leg, 1, 200);
	fake_clock(0);
	assert_int_equal(reports, 1);
	assert_int_equal(report_failures, 1);
	assert_non_null(
		group_leg_get(fake_m, gcopy[1].leg)); /* one who does not like a text stays */
}

static void test_rights(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_CLOSED, 1);
	struct group_member p;

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, true), E_DENIED);
	assert_int_equal(group_add(fake_m, id, 2, 3, GROUP_ATTENDEE), E_DENIED);
	assert_int_equal(group_add(fake_m, id, 1, 2, GROUP_ATTENDEE), E_OK);
	assert_int_equal(group_add(fake_m, id, 2, 3, GROUP_PRESENTER), E_DENIED);
	assert_int_equal(group_set_lock(fake_m, id, 2, true), E_DENIED);
	assert_int_equal(group_set_role(fake_m, id, 2, 2, GROUP_PRESENTER), E_DENIED);
	assert_int_equal(group_set_role(fake_m, id, 1, 2, GROUP_PRESENTER), E_OK);
	assert_int_equal(group_set_role(fake_m, id, 2, 1, GROUP_ATTENDEE), E_DENIED);
	assert_int_equal(group_set_lock(fake_m, id, 2, true), E_OK);
	assert_int_equal(group_set_subject(fake_m, id, 2, STR("Other")), E_OK);
	assert_int_equal(group_set_access(fake_m, id, 2, GROUP_OPEN), E_OK);
	assert_int_equal(group_join(fake_m, id, 3, true), E_DENIED); /* the lock is stronger */
	assert_int_equal(group_set_lock(fake_m, id, 0, false), E_OK);
	assert_int_equal(group_join(fake_m, id, 3, true), E_OK);
	assert_int_equal(group_remove(fake_m, id, 3, 2), E_DENIED);
	assert_int_equal(group_remove(fake_m, id, 2, 1), E_DENIED);
	assert_int_equal(group_remove(fake_m, id, 2, 3), E_OK);
	assert_int_equal(group_join(fake_m, id, 3, true), E_DENIED); /* who was removed */
	assert_int_equal(group_add(fake_m, id, 1, 3, GROUP_ATTENDEE), E_OK);
	assert_int_equal(group_end(fake_m, id, 3), E_DENIED);
	assert_int_equal(group_join(fake_m, id, 99, true), E_NOTFOUND);
	assert_true(group_get_member(fake_m, id, 1, &p) && p.is_organizer &&
		    p.role == GROUP_PRESENTER);
	say_as(id, 0, 4, IM_TEXT, "let me in", 1); /* open: joins by writing */
	store_all();
	assert_int_equal(answer_code[1], 202);
	assert_int_equal(group_set_access(fake_m, id, 1, GROUP_CLOSED), E_OK);
	say_as(id, 0, 5, IM_TEXT, "me too", 2);
	assert_int_equal(answer_code[2], 403);
	say_as(id + 1, 0, 5, IM_TEXT, "where", 3);
	assert_int_equal(answer_code[3], 404);
	assert_int_equal(group_end(fake_m, id, 1), E_OK);
	assert_null(group_get(fake_m, id));
	assert_int_equal(gevent[gevents - 1].kind, GROUP_EV_ENDED);
}

static void test_names(void **state)
{
	struct group_new n = { .kind = GROUP_STANDING,
			       .name = STR("Team"),
			       .organizer = 1,
			       .conf_id = STR("ABCD1234") };
	group_id id, other;

	(void)state;
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &id), E_OK);
	assert_true(group_find(fake_m, STR("TEAM"))->id == id);
	assert_true(group_find_conf(fake_m, 1, STR("abcd1234"))->id == id);
	assert_null(group_find_conf(fake_m, 2, STR("abcd1234")));
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &other), E_EXISTS);
	n.name = STR("alice");
	n.conf_id = STR("ABCD9999");
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &other), E_EXISTS);
	n.name = STR("a b");
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &other), E_BAD);
	n.name = STR_NULL;
	n.conf_id = STR("no-dashes");
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &other), E_BAD);
	n.conf_id = STR_NULL;
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &other), E_OK);
	assert_true(group_get(fake_m, other)->conf_id.len == 32);
}

static void test_lost_and_back(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 4), b;
	struct group_member p;
	size_t before;

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, false), E_OK);
	b = open_leg(id, 2, DIALECT_LYNC, 4);
	fake_clock(1);
	say_as(id, a, 1, IM_TEXT, "one", 1);
	say_as(id, a, 1, IM_TEXT, "two", 2);
	assert_int_equal(gcopies, 2);
	group_on_answer(fake_m, b, 1, 200);
	sign_out(group_leg_get(fake_m, b)->endpoint); /* two is not acknowledged */
	assert_int_equal(gends, 1);
	assert_int_equal(gended_why[0], GROUP_LEG_LOST);
	assert_true(group_get_member(fake_m, id, 2, &p) && p.legs == 0);
	say_as(id, a, 1, IM_TEXT, "three", 3);
	fake_clock(GROUP_REJOIN_MS - 1);
	before = gcopies;
	b = open_leg(id, 2, DIALECT_SIMPLE, 1);
	assert_int_equal(gcopies, before); /* the adapter answers its client first */
	fake_clock(1);
	assert_int_equal(gcopies, before + 1);
	assert_string_equal(gcopy[before].text, "0|alice|two");
	assert_true(gcopy[before].is_replayed);
	group_on_answer(fake_m, b, 2, 200);
	assert_string_equal(gcopy[before + 1].text, "0|alice|three");
	group_on_answer(fake_m, b, 3, 200);
	assert_int_equal(gcopies, before + 2);
	group_leg_close(fake_m, b, GROUP_LEG_LOST);
	fake_clock(GROUP_REJOIN_MS);
	assert_false(group_get_member(fake_m, id, 2, &p)); /* away too long */
}

static void test_full_queue_drops_one(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id leg[4];

	(void)state;
	for (account_id who = 1; who <= 3; who++) {
		assert_int_equal(group_join(fake_m, id, who, true), E_OK);
		leg[who] = open_leg(id, who, DIALECT_SIMPLE, 2);
	}
	fake_clock(1);
	full_leg = leg[2];
	say_as(id, leg[1], 1, IM_TEXT, "x", 1);
	assert_int_equal(gends, 1);
	assert_int_equal(gended[0], leg[2]);
	assert_int_equal(gended_why[0], GROUP_LEG_FULL);
	assert_int_equal(gcopies, 1);
	/* And one who never answers falls behind what is kept, alone. */
	for (int i = 0; i < GROUP_HISTORY_TEXTS + 5; i++) {
		fake_clock(100);
		say_as(id, leg[1], 1, IM_TEXT, "y", 2);
	}
	assert_null(group_leg_get(fake_m, leg[3]));
	assert_int_equal(gended_why[1], GROUP_LEG_FULL);
	assert_non_null(group_get(fake_m, id));
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM chat_text"), GROUP_HISTORY_TEXTS);
}

static void test_typing_and_receipts(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id leg[4];

	(void)state;
	for (account_id who = 1; who <= 3; who++) {
		assert_int_equal(group_join(fake_m, id, who, true), E_OK);
		leg[who] = open_leg(id, who, DIALECT_SIMPLE, 2);
	}
	fake_clock(1);
	say_as(id, leg[1], 1, IM_TEXT, "x", 1);
	assert_int_equal(gcopies, 2);
	say_as(id, leg[2], 2, IM_TYPING, "typing", 2);
	assert_int_equal(gcopies, 4);
	assert_int_equal(gcopy[2].seq, 0);
	say_as(id, leg[2], 2, IM_RECEIPT, "read", 3);
	assert_int_equal(gcopies, 5); /* to the author alone */
	assert_int_equal(gcopy[4].to, 1);
	assert_int_equal(group_get(fake_m, id)->last_seq, 1);
}

static void test_commands(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 2), b;
	struct group_member p;

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	b = open_leg(id, 2, DIALECT_SIMPLE, 2);
	fake_clock(1);
	say_as(id, b, 2, IM_TEXT, "/who", 1);
	assert_int_equal(answer_code[1], 200);
	assert_int_equal(gcopies, 1);
	assert_int_equal(gcopy[0].leg, b);
	assert_non_null(strstr(gcopy[0].text, "alice (alice), presenter"));
	say_as(id, b, 2, IM_TEXT, "/add nobody", 2);
	assert_non_null(strstr(gcopy[1].text, "nobody called nobody"));
	(void)sign_in(3, DIALECT_LYNC);
	say_as(id, b, 2, IM_TEXT, "/add sip:carol@example.org", 3);
	assert_true(group_get_member(fake_m, id, 3, &p));
	assert_int_equal(invites, 1);
	assert_int_equal(invite_who, 3);
	assert_int_equal(invite_by, 2);
	say_as(id, b, 2, IM_TEXT, "/topic Lunch", 4);
	assert_non_null(strstr(gcopy[3].text, "Only a presenter"));
	say_as(id, a, 1, IM_TEXT, "/topic Lunch", 5);
	assert_true(str_eqz(group_get(fake_m, id)->subject, "Lunch"));
	say_as(id, b, 2, IM_TEXT, "/leave", 6);
	assert_int_equal(answer_code[6], 200);
	assert_false(group_get_member(fake_m, id, 2, &p));
	assert_int_equal(gended_why[gends - 1], GROUP_LEG_LEFT);
	say_as(id, a, 1, IM_TEXT, "/etc/passwd is a path\nnot a command", 7);
	assert_int_equal(group_get(fake_m, id)->last_seq, 1);
}

static void test_ends(void **state)
{
	group_id idle = make(GROUP_ADHOC, GROUP_OPEN, 1), empty = make(GROUP_ADHOC, GROUP_OPEN, 2);
	group_id standing = make(GROUP_STANDING, GROUP_OPEN, 3);
	group_leg_id leg;

	(void)state;
	assert_int_equal(group_remove(fake_m, empty, 2, 2), E_OK);
	leg = open_leg(idle, 1, DIALECT_SIMPLE, 1);
	fake_clock(GROUP_EMPTY_MS);
	assert_null(group_get(fake_m, empty));
	assert_non_null(group_get(fake_m, idle));
	fake_clock(GROUP_IDLE_MS - GROUP_EMPTY_MS - 1);
	assert_non_null(group_get(fake_m, idle));
	fake_clock(1);
	assert_null(group_get(fake_m, idle));
	assert_null(group_leg_get(fake_m, leg));
	assert_int_equal(gended_why[gends - 1], GROUP_LEG_GROUP_ENDED);
	fake_clock(GROUP_IDLE_MS * 5);
	assert_non_null(group_get(fake_m, standing));
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM chat_group"), 1);
}

static void test_organizer(void **state)
{
	struct group_new n = { .kind = GROUP_ADHOC,
			       .access = GROUP_OPEN,
			       .organizer = 1,
			       .ends_with_organizer = true };
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1), strict;
	struct group_member p;

	(void)state;
	assert_int_equal(group_create(fake_m, &n, NULL, NULL, &strict), E_OK);
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	assert_int_equal(group_remove(fake_m, id, 1, 1), E_OK);
	assert_non_null(group_get(fake_m, id));
	assert_true(group_get_member(fake_m, id, 2, &p) &&
		    p.role == GROUP_PRESENTER); /* somebody must lead */
	assert_int_equal(group_remove(fake_m, strict, 1, 1), E_OK);
	assert_null(group_get(fake_m, strict));
}

static void collect(const struct group_event *ev, void *arg)
{
	*(uint64_t *)arg = *(uint64_t *)arg * 10 + (uint64_t)ev->account;
}

static void test_events_since(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	uint64_t start = group_get(fake_m, id)->version, got = 0;

	(void)state;
	for (account_id who = 2; who <= 5; who++)
		assert_int_equal(group_join(fake_m, id, who, true), E_OK);
	assert_int_equal(group_get(fake_m, id)->version, start + 4);
	assert_int_equal(group_events_since(fake_m, id, start + 1, collect, &got), E_OK);
	assert_int_equal(got, 345);
	got = 0;
	assert_int_equal(group_events_since(fake_m, id, start + 4, collect, &got), E_OK);
	assert_int_equal(got, 0);
	assert_int_equal(group_events_since(fake_m, id, start + 5, collect, &got), E_STALE);
	for (int i = 0; i < GROUP_EVENTS_KEPT; i++)
		assert_int_equal(group_set_lock(fake_m, id, 1, i % 2 == 0), E_OK);
	assert_int_equal(group_events_since(fake_m, id, start, collect, &got), E_STALE);
}

static void test_restart(void **state)
{
	group_id id = make(GROUP_STANDING, GROUP_OPEN, 1), other;
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 4);
	struct group_member p;
	uint64_t version;

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	assert_int_equal(group_join(fake_m, id, 3, true), E_OK);
	assert_int_equal(group_remove(fake_m, id, 1, 3), E_OK);
	fake_clock(1);
	say_as(id, a, 1, IM_TEXT, "one", 1);
	say_as(id, a, 1, IM_TEXT, "two", 2);
	store_all();
	version = group_get(fake_m, id)->version;
	immcu_stop(fake_m);
	store_all();
	immcu_free(&fake_m);
	fake_boot(fake_group_hooks);
	assert_non_null(group_get(fake_m, id));
	assert_true(group_get(fake_m, id)->version > version);
	assert_int_equal(group_get(fake_m, id)->last_seq, 2);
	assert_true(group_get_member(fake_m, id, 1, &p) && p.role == GROUP_PRESENTER);
	assert_int_equal(group_join(fake_m, id, 3, true), E_DENIED); /* still removed */
	gcopies = 0;
	(void)open_leg(id, 2, DIALECT_LYNC, 4);
	fake_clock(1);
	assert_int_equal(gcopies, 2); /* what he missed */
	assert_string_equal(gcopy[1].text, "0|alice|two");
	a = open_leg(id, 1, DIALECT_SIMPLE, 4);
	fake_clock(1);
	assert_int_equal(gcopies, 2); /* nobody is told what he said himself */
	say_as(id, a, 1, IM_TEXT, "three", 3);
	assert_int_equal(gcopy[2].seq, 3);
	store_all();
	assert_int_equal(group_end(fake_m, id, 0), E_OK);
	store_all();
	other = make(GROUP_ADHOC, GROUP_OPEN, 1);
	assert_true(other > id);
	store_all();
	immcu_free(&fake_m);
	fake_boot(fake_group_hooks);
	assert_null(group_get(fake_m, id));
}

static void test_disk_full(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 4), b;

	(void)state;
	store_all();
	fake_clock(1);
	fake_disk_full = true;
	say_as(id, a, 1, IM_TEXT, "nobody is here", 1);
	store_all();
	assert_int_equal(answer_code[1], 503);
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	b = open_leg(id, 2, DIALECT_SIMPLE, 4);
	fake_clock(1);
	say_as(id, a, 1, IM_TEXT, "he has it", 2);
	group_on_answer(fake_m, b, gcopy[gcopies - 1].seq, 200);
	store_all();
	assert_int_equal(answer_code[2], 200);
}

/* A group made while the disk is full is on it when there is room again, with its members. */
static void test_made_on_a_full_disk(void **state)
{
	struct group_member p;
	group_leg_id a;
	group_id id;

	(void)state;
	fake_disk_full = true;
	id = make(GROUP_STANDING, GROUP_OPEN, 1);
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	assert_int_equal(group_join(fake_m, id, 3, true), E_OK);
	assert_int_equal(group_remove(fake_m, id, 1, 3), E_OK);
	fake_clock(GROUP_SAVE_MS);
	store_all();
	a = open_leg(id, 1, DIALECT_SIMPLE, 1);
	say_as(id, a, 1, IM_TEXT, "refused", 1);
	store_all();
	assert_int_equal(answer_code[1], 503);
	fake_disk_full = false;
	say_as(id, a, 1, IM_TEXT, "kept", 2); /* accepted: so all of it must be there */
	store_all();
	assert_int_equal(answer_code[2], 202);
	immcu_free(&fake_m);
	fake_boot(fake_group_hooks);
	assert_true(group_get_member(fake_m, id, 1, &p) && group_get_member(fake_m, id, 2, &p));
	assert_int_equal(group_join(fake_m, id, 3, true), E_DENIED);
	gcopies = 0;
	(void)open_leg(id, 2, DIALECT_SIMPLE, 4);
	fake_clock(1);
	assert_int_equal(gcopies, 1);
	assert_string_equal(gcopy[0].text, "0|alice|kept");
}

/* Whose client was there before anybody else came. */
static void test_record_names_clients(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);

	(void)state;
	(void)open_leg(id, 1, DIALECT_SIMPLE, 1);
	assert_int_equal(group_get(fake_m, id)->conversation, 0);
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	fake_clock(1000);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record_participant"), 2);
	assert_int_equal(
		fake_count("SELECT count(*) FROM record_participant WHERE client = 'Test/1' "
			   "AND uri = 'sip:alice@example.org'"),
		1);
}

static void test_escalation(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	struct im_session s = { .from = 1, .to = 2, .dialect = DIALECT_LYNC };
	im_session_id session = immcu_session_open(fake_m, &s);
	int64_t conversation = immcu_session_conversation(fake_m, session);
	group_leg_id a;

	(void)state;
	assert_int_equal(group_adopt_pair(fake_m, id, 1, 3), E_NOTFOUND);
	assert_int_equal(group_adopt_pair(fake_m, id, 1, 2), E_OK);
	immcu_session_close(fake_m, session, 200);
	assert_int_equal(group_join(fake_m, id, 2, false), E_OK);
	assert_int_equal(group_join(fake_m, id, 3, false), E_OK);
	assert_int_equal(group_get(fake_m, id)->conversation, conversation);
	a = open_leg(id, 1, DIALECT_LYNC, 1);
	say_as(id, a, 1, IM_TEXT, "three of us", 1);
	fake_clock(2 * IM_PAGER_SILENCE_MS);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record"), 1);
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE kind = 2 AND ended_ms = 0 "
				    "AND messages = 1"),
			 1);
	assert_int_equal(fake_count("SELECT count(*) FROM record_participant"), 3);
	assert_int_equal(fake_count("SELECT origin FROM record"), DB_ORIGIN_ESCALATED);
	assert_int_equal(group_end(fake_m, id, 1), E_OK);
	store_all();
	assert_int_equal(fake_count("SELECT count(*) FROM record WHERE ended_ms <> 0"), 1);
}

static void test_flood(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 1);
	struct group_stats s;

	(void)state;
	for (int i = 0; i <= GROUP_FLOOD_BURST; i++)
		say_as(id, a, 1, IM_TEXT, "x", 1);
	assert_int_equal(answer_code[1], 503);
	group_stats_get(fake_m, &s);
	assert_int_equal(s.flood_refused, 1);
	fake_clock(1000);
	say_as(id, a, 1, IM_TEXT, "x", 2);
	store_all();
	assert_int_equal(answer_code[2], 202);
}

static void on_set(void *arg, enum err err)
{
	*(enum err *)arg = err;
}

static void test_policy(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 1);
	const struct filter_policy block = { .links = FILTER_BLOCK,
					     .link_hosts = STR("example.org") };
	const struct filter_policy warn = { .links = FILTER_WARN,
					    .link_warning = STR("[link]"),
					    .disclaimer = STR("[archived]") };

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	(void)open_leg(id, 2, DIALECT_SIMPLE, 8);
	fake_clock(1);
	filter_set(fake_m, &block);
	say_as(id, a, 1, IM_TEXT, "see http://evil.net/", 1);
	assert_int_equal(answer_code[1], 606);
	assert_int_equal(gcopies, 1); /* who wrote it is told why, beside the code */
	assert_int_equal(gcopy[0].leg, a);
	assert_non_null(strstr(gcopy[0].text, "0||Your text was not delivered"));
	filter_set(fake_m, &warn);
	say_as(id, a, 1, IM_TEXT, "see www.evil.net", 2);
	assert_string_equal(gcopy[1].text, "0|alice|see www.evil.net\r\n\r\n[link]\r\n[archived]");
	say_as(id, a, 1, IM_TEXT, "no more", 3);
	assert_string_equal(gcopy[2].text, "0|alice|no more");
}

static void test_policy_lasts(void **state)
{
	const struct filter_policy p = { .links = FILTER_BLOCK,
					 .files = FILTER_WARN,
					 .extensions = STR("exe"),
					 .disclaimer = STR("Said here, kept here.") };
	enum err saved = E_AGAIN;

	(void)state;
	filter_save(fake_m, &p, on_set, &saved);
	assert_int_equal(filter_get(fake_m)->links, FILTER_ALLOW); /* not before it is on disk */
	store_all();
	assert_int_equal(saved, E_OK);
	immcu_free(&fake_m);
	fake_boot(fake_group_hooks);
	assert_int_equal(filter_get(fake_m)->links, FILTER_BLOCK);
	assert_int_equal(filter_get(fake_m)->files, FILTER_WARN);
	assert_true(str_eqz(filter_get(fake_m)->extensions, "exe"));
	assert_true(str_eqz(filter_get(fake_m)->disclaimer, "Said here, kept here."));
}

static void test_archive_required(void **state)
{
	group_id id = make(GROUP_ADHOC, GROUP_OPEN, 1);
	group_leg_id a = open_leg(id, 1, DIALECT_SIMPLE, 1);
	const struct archive_rule r = {
		.scope = ARCHIVE_ACCOUNT, .id = 2, .mode = ARCHIVE_REQUIRED, .keep_days = 30
	};
	enum err set = E_AGAIN;

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	(void)open_leg(id, 2, DIALECT_SIMPLE, 8);
	archive_set(fake_m, &r, on_set, &set);
	store_all();
	assert_int_equal(set, E_OK);
	fake_clock(1);
	say_as(id, a, 1, IM_TEXT, "kept", 1);
	assert_int_equal(gcopies, 2); /* both are told, but the text waits for the disk */
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(gcopy[i].seq, 0);
		assert_string_equal(gcopy[i].text, "0||What is said here is archived.");
	}
	assert_int_not_equal(gcopy[0].to, gcopy[1].to);
	store_all();
	assert_int_equal(gcopies, 3);
	assert_int_equal(answer_code[1], 202);
	assert_int_equal(fake_count("SELECT count(*) FROM archive_text WHERE plain = 'kept' AND "
				    "purge_ms > at_ms"),
			 1);
	fake_disk_full = true;
	say_as(id, a, 1, IM_TEXT, "not kept", 2);
	store_all();
	assert_int_equal(answer_code[2], 503);
	fake_disk_full = false;
	say_as(id, a, 1, IM_TEXT, "kept again", 3);
	store_all();
	answer_all(0, 200);
	assert_int_equal(gcopies, 4); /* nobody is told again */
	assert_string_equal(gcopy[3].text, "0|alice|kept again");
}

static void test_account_gone(void **state)
{
	group_id id = make(GROUP_STANDING, GROUP_OPEN, 1);
	struct group_member p;

	(void)state;
	assert_int_equal(group_join(fake_m, id, 2, true), E_OK);
	(void)open_leg(id, 2, DIALECT_SIMPLE, 1);
	immcu_account_gone(fake_m, 2);
	assert_false(group_get_member(fake_m, id, 2, &p));
	assert_int_equal(gends, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_text_reaches_all_but_its_author, setup,
						teardown),
		cmocka_unit_test_setup_teardown(test_rights, setup, teardown),
		cmocka_unit_test_setup_teardown(test_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lost_and_back, setup, teardown),
		cmocka_unit_test_setup_teardown(test_full_queue_drops_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_typing_and_receipts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_commands, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ends, setup, teardown),
		cmocka_unit_test_setup_teardown(test_organizer, setup, teardown),
		cmocka_unit_test_setup_teardown(test_events_since, setup, teardown),
		cmocka_unit_test_setup_teardown(test_restart, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disk_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_made_on_a_full_disk, setup, teardown),
		cmocka_unit_test_setup_teardown(test_record_names_clients, setup, teardown),
		cmocka_unit_test_setup_teardown(test_escalation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_flood, setup, teardown),
		cmocka_unit_test_setup_teardown(test_policy, setup, teardown),
		cmocka_unit_test_setup_teardown(test_policy_lasts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_archive_required, setup, teardown),
		cmocka_unit_test_setup_teardown(test_account_gone, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
