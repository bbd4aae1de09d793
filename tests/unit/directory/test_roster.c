/* Contact lists: operations, versions, events, what survives, and the department in them. */
#include "tests/unit/directory/world.h"

#include "base/clk.h"
#include "base/limits.h"
#include "directory/roster.h"

static void on_roster(void *arg, const struct roster_event *e)
{
	static const char *const names[] = {
		[ROSTER_GROUP_ADDED] = "+group",   [ROSTER_GROUP_CHANGED] = "~group",
		[ROSTER_GROUP_REMOVED] = "-group", [ROSTER_CONTACT_ADDED] = "+",
		[ROSTER_CONTACT_CHANGED] = "~",	   [ROSTER_CONTACT_REMOVED] = "-",
		[ROSTER_RESET] = "reset",
	};
	struct world *w = arg;
	size_t n = strlen(w->events);

	n += (size_t)snprintf(w->events + n, sizeof(w->events) - n, "%.*s/%d:%s",
			      STR_ARG(directory_get(w->d, e->owner)->name), (int)e->version,
			      names[e->kind]);
	if (e->group != 0)
		n += (size_t)snprintf(w->events + n, sizeof(w->events) - n, "%u", e->group);
	snprintf(w->events + n, sizeof(w->events) - n, "%.*s ", STR_ARG(e->uri));
}

static void listen(struct world *w)
{
	w->events[0] = '\0';
	roster_listen(w->d, on_roster, w);
}

static enum err change_if(struct world *w, account_id owner, uint64_t version,
			  const struct roster_op *op, size_t n)
{
	struct answer a = { 0 };

	roster_change(w->d, owner, version, op, n, on_answer, &a);
	assert_false(a.is_there);
	return await(w, &a)->err;
}

static enum err change(struct world *w, account_id owner, struct roster_op op)
{
	return change_if(w, owner, ROSTER_ANY_VERSION, &op, 1);
}

static roster_group_id add_group(struct world *w, account_id owner, const char *name)
{
	struct roster_op op = { .kind = ROSTER_ADD_GROUP, .name = str_of(name) };
	struct answer a = { 0 };

	roster_change(w->d, owner, ROSTER_ANY_VERSION, &op, 1, on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_OK);
	return (roster_group_id)a.id;
}

static struct roster_op contact(const char *uri, uint64_t groups)
{
	return (struct roster_op){ .kind = ROSTER_PUT_CONTACT,
				   .uri = str_of(uri),
				   .groups = groups,
				   .is_subscribed = true };
}

static bool append_group(const struct roster_group *g, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 300 - strlen(t), "%u=%.*s%s ", g->id, STR_ARG(g->name),
		 g->is_read_only ? "!" : "");
	return true;
}

static bool append_contact(const struct roster_contact *c, void *arg)
{
	char *t = arg;

	snprintf(t + strlen(t), 300 - strlen(t), "%.*s:%llx%s%s ", STR_ARG(c->uri),
		 (unsigned long long)c->groups, c->is_read_only ? "!" : "",
		 c->account != 0 ? "" : "?");
	return true;
}

static void assert_list(struct world *w, account_id owner, const char *groups, const char *contacts)
{
	char t[300] = "";

	roster_each_group(w->d, owner, append_group, t);
	assert_string_equal(t, groups);
	t[0] = '\0';
	roster_each_contact(w->d, owner, append_contact, t);
	assert_string_equal(t, contacts);
}

static void test_groups(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice");

	listen(w);
	assert_int_equal(roster_version(w->d, alice), 1);
	assert_list(w, alice, "1= ", "");
	assert_int_equal(add_group(w, alice, "Friends"), 2);
	assert_int_equal(add_group(w, alice, "Work"), 3);
	assert_int_equal(
		change(w, alice,
		       (struct roster_op){ .kind = ROSTER_ADD_GROUP, .name = STR("WORK") }),
		E_EXISTS);
	assert_int_equal(
		change(w, alice, (struct roster_op){ .kind = ROSTER_ADD_GROUP, .name = STR(" ") }),
		E_BAD);
	assert_int_equal(change(w, alice,
				(struct roster_op){ .kind = ROSTER_CHANGE_GROUP,
						    .group = 2,
						    .name = STR("Pals") }),
			 E_OK);
	assert_int_equal(change(w, alice,
				(struct roster_op){ .kind = ROSTER_CHANGE_GROUP,
						    .group = 9,
						    .name = STR("x") }),
			 E_NOTFOUND);
	assert_int_equal(
		change(w, alice,
		       (struct roster_op){ .kind = ROSTER_MOVE_GROUP, .group = 3, .position = 0 }),
		E_OK);
	assert_events(w, "alice/2:+group2 alice/3:+group3 alice/4:~group2 alice/5:~group3 ");
	for (int round = 0; round < 2; round++, world_restart(w)) {
		assert_list(w, alice, "3=Work 1= 2=Pals ", "");
		assert_int_equal(roster_version(w->d, alice), 5);
	}
	assert_int_equal(
		change(w, alice, (struct roster_op){ .kind = ROSTER_REMOVE_GROUP, .group = 1 }),
		E_DENIED);
	assert_int_equal(
		change(w, alice, (struct roster_op){ .kind = ROSTER_REMOVE_GROUP, .group = 2 }),
		E_OK);
	assert_int_equal(
		change(w, alice, (struct roster_op){ .kind = ROSTER_REMOVE_GROUP, .group = 2 }),
		E_NOTFOUND);
	assert_int_equal(add_group(w, alice, "Lowest free"), 2);
	assert_int_equal(change(w, alice + 7, (struct roster_op){ .kind = ROSTER_CLEAR }),
			 E_NOTFOUND);
}

static void test_contacts(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice"), bob = add_account(w, "bob");
	struct roster_op op = contact("SIP:Bob@Example.com", 0);
	struct roster_contact c;

	listen(w);
	add_group(w, alice, "Friends");
	op.name = STR("Bobby");
	op.external = STR("ext");
	op.extension = STR("<contactSettings\n/>");
	assert_int_equal(change(w, alice, op), E_OK);
	assert_int_equal(change(w, alice, contact("tel:+491", 3)), E_OK);
	assert_int_equal(change(w, alice, contact("sip:eve@elsewhere.org", 2)), E_OK);
	/* no group 3 */
	assert_int_equal(change(w, alice, contact("sip:eve@elsewhere.org", 4)), E_NOTFOUND);
	assert_int_equal(change(w, alice, contact("bob", 0)), E_BAD);
	assert_int_equal(change(w, alice, contact("sip:b ob@x", 0)), E_BAD);
	assert_events(
		w,
		"alice/2:+group2 alice/3:+sip:bob@example.com alice/4:+tel:+491 alice/5:+sip:eve@elsewhere.org ");
	for (int round = 0; round < 2; round++, world_restart(w)) {
		assert_list(w, alice, "1= 2=Friends ",
			    "sip:bob@example.com:1 sip:eve@elsewhere.org:2? tel:+491:3? ");
		assert_true(roster_get_contact(w->d, alice, STR("sip:bob@example.com"), &c));
		assert_true(str_eqz(c.name, "Bobby"));
		assert_true(str_eqz(c.external, "ext"));
		assert_true(str_eqz(c.extension, "<contactSettings\n/>"));
		assert_true(c.is_subscribed && !c.is_read_only);
		assert_int_equal(c.account, bob);
	}
	listen(w);
	op = contact("sip:bob@example.com", 2); /* replaced as a whole */
	op.is_subscribed = false;
	assert_int_equal(change(w, alice, op), E_OK);
	assert_true(roster_get_contact(w->d, alice, STR("sip:bob@example.com"), &c));
	assert_int_equal(c.name.len + c.external.len + c.extension.len, 0);
	assert_false(c.is_subscribed);
	/* The group's contacts leave it first, each with its own step. */
	assert_int_equal(
		change(w, alice, (struct roster_op){ .kind = ROSTER_REMOVE_GROUP, .group = 2 }),
		E_OK);
	assert_events(
		w,
		"alice/6:~sip:bob@example.com alice/7:~sip:bob@example.com alice/8:~sip:eve@elsewhere.org "
		"alice/9:~tel:+491 alice/10:-group2 ");
	op = (struct roster_op){ .kind = ROSTER_REMOVE_CONTACT, .uri = STR("tel:+491") };
	assert_int_equal(change(w, alice, op), E_OK);
	assert_int_equal(change(w, alice, op), E_NOTFOUND);
	assert_events(w, "alice/11:-tel:+491 ");
	world_restart(w);
	assert_list(w, alice, "1= ", "sip:bob@example.com:1 sip:eve@elsewhere.org:1? ");
	assert_int_equal(roster_version(w->d, alice), 11);
}

static void test_limits(void **state)
{
	static char text[ROSTER_OPAQUE_MAX + 1];
	struct world *w = *state;
	account_id alice = add_account(w, "alice");
	struct roster_op op = contact("sip:x@y", 0), group = { .kind = ROSTER_ADD_GROUP };
	char name[32];

	memset(text, 'x', sizeof(text));
	op.name = str_n(text, ROSTER_NAME_MAX + 1);
	assert_int_equal(change(w, alice, op), E_TOOBIG);
	op = contact("sip:x@y", 0);
	op.extension = str_n(text, sizeof(text));
	assert_int_equal(change(w, alice, op), E_TOOBIG);
	memcpy(text, "sip:", 4);
	op = contact("", 0);
	op.uri = str_n(text, ROSTER_URI_MAX + 1);
	assert_int_equal(change(w, alice, op), E_TOOBIG);

	roster_set_contacts_max(w->d, 2);
	assert_int_equal(change(w, alice, contact("sip:a@y", 0)), E_OK);
	assert_int_equal(change(w, alice, contact("sip:b@y", 0)), E_OK);
	assert_int_equal(change(w, alice, contact("sip:c@y", 0)), E_FULL);
	assert_int_equal(change(w, alice, contact("sip:b@y", 0)), E_OK); /* no new one */
	assert_int_equal(roster_count(w->d, alice), 2);

	for (int i = 0; i < ROSTER_GROUPS_MAX - 1; i++) {
		snprintf(name, sizeof(name), "group %d", i);
		group.name = str_of(name);
		assert_int_equal(change(w, alice, group), E_OK);
	}
	group.name = STR("one too many");
	assert_int_equal(change(w, alice, group), E_FULL);
}

static void test_all_or_none(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice");
	struct roster_op ops[] = {
		{ .kind = ROSTER_ADD_GROUP, .group = 5, .name = STR("Five") },
		contact("sip:a@y", 1 << 4),
		contact("nonsense", 0),
	};

	listen(w);
	assert_int_equal(change_if(w, alice, ROSTER_ANY_VERSION, ops, 3), E_BAD);
	assert_events(w, "");
	assert_list(w, alice, "1= ", "");
	ops[2] = contact("sip:b@y", 1);
	assert_int_equal(change_if(w, alice, 1, ops, 3), E_OK);
	assert_events(w, "alice/2:+group5 alice/3:+sip:a@y alice/4:+sip:b@y ");
	assert_int_equal(change_if(w, alice, 1, ops + 2, 1), E_STALE);
	assert_int_equal(change_if(w, alice, 4, ops + 2, 1), E_OK);
	w->events[0] = '\0';

	/* A list replaced as a whole is one event. */
	ops[0] = (struct roster_op){ .kind = ROSTER_CLEAR };
	ops[1] = contact("sip:z@y", 0);
	assert_int_equal(change_if(w, alice, 5, ops, 2), E_OK);
	assert_events(w, "alice/6:reset ");
	for (int round = 0; round < 2; round++, world_restart(w))
		assert_list(w, alice, "1= ", "sip:z@y:1? ");
	assert_int_equal(roster_version(w->d, alice), 6);
}

/* Clients send several without waiting. */
static void test_many_under_way(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice");
	struct roster_op group = { .kind = ROSTER_ADD_GROUP, .name = STR("Work") };
	struct roster_op in_it = contact("sip:a@y", 2),
			 away = { .kind = ROSTER_REMOVE_GROUP, .group = 2 };
	struct answer a[4] = { 0 };

	listen(w);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &group, 1, on_answer, &a[0]);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &in_it, 1, on_answer, &a[1]);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &away, 1, on_answer, &a[2]);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &in_it, 1, on_answer, &a[3]);
	for (size_t i = 0; i < 4; i++)
		await(w, &a[i]);
	assert_int_equal(a[0].err, E_OK);
	assert_int_equal(a[0].id, 2);
	assert_int_equal(a[1].err, E_OK);
	assert_int_equal(a[2].err, E_OK);
	assert_int_equal(a[3].err, E_NOTFOUND); /* the group had gone by then */
	assert_events(w, "alice/2:+group2 alice/3:+sip:a@y alice/4:~sip:a@y alice/5:-group2 ");
}

static void test_the_owner_goes(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice");
	struct roster_op op = contact("sip:a@y", 0);
	struct answer a[3] = { 0 };

	directory_delete(w->d, alice, on_answer, &a[0]);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &op, 1, on_answer, &a[1]);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &op, 1, on_answer, &a[2]);
	for (size_t i = 0; i < 3; i++)
		await(w, &a[i]);
	assert_int_equal(a[0].err, E_OK);
	assert_int_equal(a[1].err, E_NOTFOUND);
	assert_int_equal(a[2].err, E_NOTFOUND);
}

static void test_the_directory_goes(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice");
	struct roster_op op = contact("sip:a@y", 0);
	struct answer a[2] = { 0 };

	roster_change(w->d, alice, ROSTER_ANY_VERSION, &op, 1, on_answer, &a[0]);
	roster_change(w->d, alice, ROSTER_ANY_VERSION, &op, 1, on_answer, &a[1]);
	directory_free(&w->d);
	assert_int_equal(a[0].err, E_GONE);
	assert_int_equal(a[1].err, E_GONE);
	world_restart(w);
}

/* --- the department --- */

static void move(struct world *w, account_id id, department_id to)
{
	struct answer a = { 0 };

	directory_change(w->d, &(struct account_change){ .id = id, .department = &to }, on_answer,
			 &a);
	assert_int_equal(await(w, &a)->err, E_OK);
}

/* Until what follows from a change of the directory has been told too: operations keep their order. */
static void settle(struct world *w)
{
	struct answer a = { 0 };

	directory_allow_nt(w->d, true, on_answer, &a);
	await(w, &a);
}

static void test_department(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice"), bob = add_account(w, "bob"),
		   carol = add_account(w, "carol");
	department_id sales = add_department(w, "Sales");
	struct answer a = { 0 }, b = { 0 };
	struct roster_group g;

	move(w, alice, sales);
	move(w, bob, sales);
	settle(w);
	directory_signed_in(w->d, alice);
	listen(w);
	assert_list(w, alice, "1= 64=Sales! ", "sip:bob@example.com:8000000000000000! ");
	assert_list(w, carol, "1= ", "");
	assert_true(roster_get_group(w->d, alice, GROUP_DEPARTMENT, &g));
	assert_true(g.is_read_only);
	assert_false(roster_get_group(w->d, carol, GROUP_DEPARTMENT, &g));

	move(w, carol, sales); /* bob and carol never signed in: nobody has seen their lists */
	settle(w);
	assert_events(w, "changed carol, alice/2:+sip:carol@example.com ");
	assert_list(
		w, alice, "1= 64=Sales! ",
		"sip:bob@example.com:8000000000000000! sip:carol@example.com:8000000000000000! ");

	/* Who is a colleague can be a contact of one's own as well. */
	assert_int_equal(change(w, alice,
				(struct roster_op){ .kind = ROSTER_REMOVE_CONTACT,
						    .uri = STR("sip:bob@example.com") }),
			 E_DENIED);
	assert_int_equal(
		change(w, alice, contact("sip:bob@example.com", group_bit(GROUP_DEPARTMENT))),
		E_OK);
	assert_list(
		w, alice, "1= 64=Sales! ",
		"sip:bob@example.com:8000000000000000 sip:carol@example.com:8000000000000000! ");
	assert_int_equal(change(w, alice, contact("sip:bob@example.com", 1)), E_OK);
	assert_list(
		w, alice, "1= 64=Sales! ",
		"sip:bob@example.com:8000000000000001 sip:carol@example.com:8000000000000000! ");
	assert_events(w, "alice/3:~sip:bob@example.com alice/4:~sip:bob@example.com ");

	move(w, bob, 0);
	settle(w);
	directory_delete(w->d, carol, on_answer, &a);
	await(w, &a);
	settle(w);
	assert_events(
		w,
		"changed bob, alice/5:~sip:bob@example.com deleted carol, alice/6:-sip:carol@example.com ");
	assert_list(w, alice, "1= 64=Sales! ", "sip:bob@example.com:1 ");

	assert_int_equal(change(w, alice,
				(struct roster_op){ .kind = ROSTER_CHANGE_GROUP,
						    .group = 64,
						    .name = STR("x") }),
			 E_DENIED);
	assert_int_equal(
		change(w, alice, (struct roster_op){ .kind = ROSTER_REMOVE_GROUP, .group = 64 }),
		E_DENIED);
	directory_department_rename(w->d, sales, STR("Markets"), on_answer, &b);
	await(w, &b);
	settle(w);
	b = (struct answer){ 0 };
	directory_department_delete(w->d, sales, on_answer, &b);
	await(w, &b);
	settle(w);
	assert_events(
		w,
		"renamed Markets, alice/7:~group64 changed alice, dissolved Markets, alice/8:reset ");
	assert_list(w, alice, "1= ", "sip:bob@example.com:1 ");
	world_restart(w);
	assert_int_equal(roster_version(w->d, alice), 8);
}

static void test_addresses(void **state)
{
	struct world *w = *state;
	account_id alice = add_account(w, "alice");

	assert_int_equal(directory_find_uri(w->d, STR("sip:alice@example.com"))->id, alice);
	assert_int_equal(directory_find_uri(w->d, STR("SIPS:ALICE@EXAMPLE.COM"))->id, alice);
	assert_null(directory_find_uri(w->d, STR("sip:alice@example.com.evil")));
	assert_null(directory_find_uri(w->d, STR("sip:alice")));
	assert_null(directory_find_uri(w->d, STR("sip:alice@")));
	assert_null(directory_find_uri(w->d, STR("tel:alice@example.com")));
	assert_null(directory_find_uri(w->d, STR("alice@example.com")));
	assert_null(directory_find_uri(w->d, STR("")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_groups),
		WORLD_TEST(test_contacts),
		WORLD_TEST(test_limits),
		WORLD_TEST(test_all_or_none),
		WORLD_TEST(test_many_under_way),
		WORLD_TEST(test_the_owner_goes),
		WORLD_TEST(test_the_directory_goes),
		WORLD_TEST(test_department),
		WORLD_TEST(test_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
