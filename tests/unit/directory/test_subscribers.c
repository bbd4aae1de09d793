/* Who added whom, and the access levels people gave each other. */
#include "tests/unit/directory/world.h"

#include "base/limits.h"
#include "directory/grants.h"
#include "directory/roster.h"
#include "directory/subscribers.h"

static void on_subscribers(void *arg, account_id owner)
{
	struct world *w = arg;

	note(w, "subscribers of", directory_get(w->d, owner)->name);
}

typedef void subscriber_change_fn(struct directory *d, account_id owner, account_id watcher,
				  directory_done_fn *done, void *arg);

static enum err run(struct world *w, subscriber_change_fn *fn, account_id owner, account_id watcher)
{
	struct answer a = { 0 };

	fn(w->d, owner, watcher, on_answer, &a);
	assert_false(a.is_there);
	return await(w, &a)->err;
}

struct listing {
	struct world *w;
	char text[100];
};

static bool append(const struct subscriber *s, void *arg)
{
	struct listing *l = arg;

	assert_true(s->since_ms > 0);
	snprintf(l->text + strlen(l->text), sizeof(l->text) - strlen(l->text), "%.*s%s ",
		 STR_ARG(directory_get(l->w->d, s->watcher)->name), s->is_acknowledged ? "" : "?");
	return true;
}

static void assert_list(struct world *w, account_id owner, const char *want)
{
	struct listing l = { .w = w };

	subscribers_each(w->d, owner, append, &l);
	assert_string_equal(l.text, want);
}

static void test_notices(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice"), bob = add_account(w, "bob"),
		   carol = add_account(w, "carol");
	struct roster_op friend = { .kind = ROSTER_PUT_CONTACT,
				    .uri = STR("sip:carol@example.com") };
	struct answer a = { 0 };

	subscribers_listen(w->d, on_subscribers, w);
	w->events[0] = '\0';
	assert_int_equal(run(w, subscriber_add, alice, bob), E_OK);
	assert_int_equal(run(w, subscriber_add, alice, bob), E_OK); /* known */
	assert_int_equal(run(w, subscriber_add, alice, alice), E_BAD);
	assert_int_equal(run(w, subscriber_add, alice, 99), E_NOTFOUND);
	assert_events(w, "subscribers of alice, ");
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &friend, 1, on_answer, &a);
	await(w, &a);
	/* alice has carol in her own list */
	assert_int_equal(run(w, subscriber_add, alice, carol), E_OK);
	assert_events(w, "");
	assert_list(w, alice, "bob? ");

	assert_int_equal(run(w, subscriber_acknowledge, alice, bob), E_OK);
	assert_int_equal(run(w, subscriber_acknowledge, alice, carol), E_NOTFOUND);
	assert_events(w, "subscribers of alice, ");
	for (int round = 0; round < 2; round++, world_restart(w))
		assert_list(w, alice, "bob ");
	assert_int_equal(run(w, subscriber_add, alice, bob), E_OK); /* no second prompt */
	assert_list(w, alice, "bob ");
	assert_int_equal(run(w, subscriber_forget, alice, bob), E_OK);
	assert_int_equal(run(w, subscriber_forget, alice, bob), E_OK);
	assert_int_equal(run(w, subscriber_add, alice, bob), E_OK);
	assert_list(w, alice, "bob? ");
}

static void test_a_watcher_goes(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice"), bob = add_account(w, "bob");

	assert_int_equal(run(w, subscriber_add, alice, bob), E_OK);
	subscribers_listen(w->d, on_subscribers, w);
	w->events[0] = '\0';
	struct answer a = { 0 };
	directory_delete(w->d, bob, on_answer, &a);
	await(w, &a);
	assert_events(w, "deleted bob, subscribers of alice, ");
	assert_list(w, alice, "");
	world_restart(w);
	assert_list(w, alice, "");
}

static void on_grant(account_id owner, account_id member, int level, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 100 - strlen(text), "%d>%d=%d ", (int)owner, (int)member,
		 level);
}

static enum err grant(struct world *w, account_id owner, account_id member, int level)
{
	struct answer a = { 0 };

	grant_set(w->d, owner, member, level, on_answer, &a);
	return await(w, &a)->err;
}

static void assert_grants(struct world *w, const char *want)
{
	char text[100] = "";

	assert_int_equal(grants_load(w->d, on_grant, text), E_OK);
	assert_string_equal(text, want);
}

static void test_grants(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice"), bob = add_account(w, "bob"),
		   carol = add_account(w, "carol");
	struct answer a = { 0 }, b = { 0 };
	char want[100];

	assert_int_equal(grant(w, alice, bob, 3), E_OK);
	assert_int_equal(grant(w, alice, bob, 0), E_OK);
	assert_int_equal(grant(w, alice, carol, 4), E_OK);
	assert_int_equal(grant(w, bob, alice, 1), E_OK);
	assert_int_equal(grant(w, alice, 99, 1), E_NOTFOUND);
	grant_clear(w->d, bob, alice, on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_OK);
	world_restart(w);
	snprintf(want, sizeof(want), "%d>%d=0 %d>%d=4 ", (int)alice, (int)bob, (int)alice,
		 (int)carol);
	assert_grants(w, want);
	directory_delete(w->d, bob, on_answer, &b);
	await(w, &b);
	snprintf(want, sizeof(want), "%d>%d=4 ", (int)alice, (int)carol);
	assert_grants(w, want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_notices),
		WORLD_TEST(test_a_watcher_goes),
		WORLD_TEST(test_grants),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
