/* Accounts: adding, changing, deleting; what is on the disk, what listeners hear. */
#include "tests/unit/directory/world.h"

#include "base/limits.h"
#include "crypto/digest.h"
#include "crypto/nthash.h"

static void assert_str(struct str s, const char *want)
{
	if (!str_eqz(s, want))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(s), want);
}

static enum err add(struct world *w, const struct account_new *n)
{
	struct answer a = { 0 };

	directory_add(w->d, n, on_answer, &a);
	assert_false(a.is_there);
	return await(w, &a)->err;
}

static void test_an_account_and_its_hashes(void **state)
{
	struct world *w = *state;
	struct account_new n = { .name = STR("alice"),
				 .display = STR("Alice Ünal"),
				 .email = STR("a@example.com"),
				 .title = STR("Boss"),
				 .phone = STR("+49 1"),
				 .password = STR("correct horse") };
	unsigned char want[DIGEST_SHA256_LEN], nt[NTHASH_LEN];
	const struct account *a;

	assert_int_equal(add(w, &n), E_OK);
	assert_events(w, "added alice, ");
	world_restart(w);
	a = directory_find(w->d, STR("ALICE"));
	assert_non_null(a);
	assert_ptr_equal(a, directory_get(w->d, a->id));
	assert_str(a->name, "alice");
	assert_str(a->display, "Alice Ünal");
	assert_str(a->email, "a@example.com");
	assert_str(a->title, "Boss");
	assert_str(a->phone, "+49 1");
	assert_true(a->enabled);
	assert_true(a->created_ms > 0 && a->password_set_ms == a->created_ms);
	digest_md5(STR("alice:example.com:correct horse"), want);
	assert_memory_equal(a->ha1_md5, want, DIGEST_MD5_LEN);
	digest_md5(STR("alice@example.com:example.com:correct horse"), want);
	assert_memory_equal(a->ha1_md5_domain, want, DIGEST_MD5_LEN);
	digest_sha256(STR("alice:example.com:correct horse"), want);
	assert_memory_equal(a->ha1_sha256, want, DIGEST_SHA256_LEN);
	digest_sha256(STR("alice@example.com:example.com:correct horse"), want);
	assert_memory_equal(a->ha1_sha256_domain, want, DIGEST_SHA256_LEN);
	assert_int_equal(nthash_make(STR("correct horse"), nt), E_OK);
	assert_true(a->has_nt);
	assert_memory_equal(a->nt_hash, nt, NTHASH_LEN);
}

static void test_refused(void **state)
{
	static char long_text[ACCOUNT_TEXT_MAX + 2], long_name[ACCOUNT_NAME_MAX + 2];
	struct world *w = *state;
	const struct {
		struct account_new n;
		enum err err;
	} rows[] = {
		{ { .name = STR("Bob"), .password = PASSWORD }, E_BAD },
		{ { .name = STR(""), .password = PASSWORD }, E_BAD },
		{ { .name = STR("bob."), .password = PASSWORD }, E_BAD },
		{ { .name = STR(".bob"), .password = PASSWORD }, E_BAD },
		{ { .name = STR("bo b"), .password = PASSWORD }, E_BAD },
		{ { .name = STR("b\xc3\xb6"), .password = PASSWORD }, E_BAD },
		{ { .name = str_of(long_name), .password = PASSWORD }, E_BAD },
		{ { .name = STR("bob"), .password = STR("short") }, E_BAD },
		{ { .name = STR("bob"), .password = PASSWORD, .display = STR("two\nlines") },
		  E_BAD },
		{ { .name = STR("bob"), .password = PASSWORD, .title = STR("\xff") }, E_BAD },
		{ { .name = STR("bob"), .password = PASSWORD, .phone = str_of(long_text) },
		  E_TOOBIG },
		{ { .name = STR("bob"), .password = PASSWORD, .department = 77 }, E_NOTFOUND },
		{ { .name = STR("alice"), .password = PASSWORD }, E_EXISTS },
	};

	memset(long_text, 'x', sizeof(long_text) - 1);
	memset(long_name, 'x', sizeof(long_name) - 1);
	add_account(w, "alice");
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		struct account_new n = rows[i].n;

		if (n.phone.p == long_text)
			n.phone.len = strlen(long_text);
		if (n.name.p == long_name)
			n.name.len = strlen(long_name);
		assert_int_equal(add(w, &n), rows[i].err);
	}
	assert_events(w, "added alice, ");
	assert_int_equal(directory_count(w->d), 1);
}

static void test_no_domain_no_account(void **state)
{
	struct world *w = *state;
	struct account_new n = { .name = STR("alice"), .password = PASSWORD };

	directory_set_domain(w->d, STR(""));
	assert_int_equal(add(w, &n), E_DENIED);
	directory_set_domain(w->d, STR("example.org"));
	assert_int_equal(add(w, &n), E_OK);
	assert_str(directory_domain(w->d), "example.org");
}

static void test_two_of_one_name_at_once(void **state)
{
	struct world *w = *state;
	struct account_new n = { .name = STR("alice"), .password = PASSWORD };
	struct answer first = { 0 }, second = { 0 };

	directory_add(w->d, &n, on_answer, &first);
	directory_add(w->d, &n, on_answer, &second);
	await(w, &first);
	await(w, &second);
	assert_int_equal(first.err, E_OK);
	assert_int_equal(second.err, E_EXISTS);
	assert_int_equal(second.id, 0);
	assert_events(w, "added alice, ");
}

static void test_changes_do_not_undo_each_other(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice");
	struct str display = STR("Alice"), title = STR("Boss");
	bool off = false;
	struct answer a[3] = { 0 };
	const struct account *p;

	directory_change(w->d, &(struct account_change){ .id = id, .display = &display }, on_answer,
			 &a[0]);
	directory_change(w->d, &(struct account_change){ .id = id, .title = &title }, on_answer,
			 &a[1]);
	directory_change(w->d, &(struct account_change){ .id = id, .enabled = &off }, on_answer,
			 &a[2]);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(await(w, &a[i])->err, E_OK);
		assert_int_equal(a[i].id, id);
	}
	assert_events(w, "added alice, changed alice, changed alice, enabled-or-not alice, ");
	for (int round = 0; round < 2; round++, world_restart(w)) {
		p = directory_get(w->d, id);
		assert_str(p->display, "Alice");
		assert_str(p->title, "Boss");
		assert_false(p->enabled);
	}
	a[0] = a[1] = (struct answer){ 0 };
	title = STR("\x01");
	directory_change(w->d, &(struct account_change){ .id = id, .title = &title }, on_answer,
			 &a[0]);
	assert_int_equal(await(w, &a[0])->err, E_BAD);
	directory_change(w->d, &(struct account_change){ .id = id + 1, .display = &display },
			 on_answer, &a[1]);
	assert_int_equal(await(w, &a[1])->err, E_NOTFOUND);
	assert_events(w, "");
}

static void test_password(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice");
	struct answer a = { 0 }, b = { 0 }, c = { 0 };
	unsigned char want[DIGEST_MD5_LEN];

	directory_set_password(w->d, id, STR("another good one"), on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_OK);
	assert_events(w, "added alice, password alice, ");
	directory_set_password(w->d, id, STR("alice"), on_answer, &b);
	assert_int_equal(await(w, &b)->err, E_BAD);
	directory_set_password(w->d, id + 1, PASSWORD, on_answer, &c);
	assert_int_equal(await(w, &c)->err, E_NOTFOUND);
	digest_md5(STR("alice:example.com:another good one"), want);
	assert_memory_equal(directory_get(w->d, id)->ha1_md5, want, DIGEST_MD5_LEN);
	world_restart(w);
	assert_memory_equal(directory_get(w->d, id)->ha1_md5, want, DIGEST_MD5_LEN);
}

static void test_nt_hashes_go_and_stay_away(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice"), bob;
	struct answer a = { 0 }, b = { 0 }, c = { 0 };

	assert_true(directory_get(w->d, id)->has_nt);
	/* A password under way when it is forbidden does not bring one back. */
	directory_set_password(w->d, id, STR("another good one"), on_answer, &a);
	directory_allow_nt(w->d, false, on_answer, &b);
	assert_int_equal(await(w, &a)->err, E_OK);
	assert_int_equal(await(w, &b)->err, E_OK);
	assert_false(directory_get(w->d, id)->has_nt);
	bob = add_account(w, "bob");
	assert_false(directory_get(w->d, bob)->has_nt);
	world_restart(w);
	assert_false(directory_allows_nt(w->d));
	assert_false(directory_get(w->d, id)->has_nt);
	directory_allow_nt(w->d, true, on_answer, &c);
	assert_int_equal(await(w, &c)->err, E_OK);
	assert_false(directory_get(w->d, bob)->has_nt); /* until the next password */
	assert_true(directory_get(w->d, add_account(w, "carol"))->has_nt);
}

static void test_delete(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice");
	struct answer a = { 0 }, b = { 0 };

	directory_signed_in(w->d, id);
	assert_true(directory_get(w->d, id)->last_sign_in_ms > 0);
	directory_delete(w->d, id, on_answer, &a);
	directory_delete(w->d, id, on_answer, &b);
	directory_signed_in(w->d, id); /* written after it is gone */
	assert_int_equal(await(w, &a)->err, E_OK);
	assert_int_equal(await(w, &b)->err, E_NOTFOUND);
	directory_signed_in(w->d, id);
	assert_null(directory_get(w->d, id));
	assert_null(directory_find(w->d, STR("alice")));
	assert_events(w, "added alice, deleted alice, ");
	assert_true(add_account(w, "alice") != id);
}

static void test_sign_in_is_kept(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice");
	int64_t at;

	directory_signed_in(w->d, id);
	at = directory_get(w->d, id)->last_sign_in_ms;
	assert_true(at > 0);
	world_restart(w);
	assert_int_equal(directory_get(w->d, id)->last_sign_in_ms, at);
}

static bool append(const struct account *a, void *arg)
{
	char *text = arg;

	strncat(text, a->name.p, a->name.len);
	strcat(text, " ");
	return strlen(text) < 20;
}

static void test_order_of_names(void **state)
{
	struct world *w = *state;
	static const char *const names[] = { "dora", "anna", "zoe", "carl", "bert" };
	char text[64] = "";
	struct answer a = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		add_account(w, names[i]);
	directory_each(w->d, STR_NULL, append, text);
	assert_string_equal(text, "anna bert carl dora "); /* until it answers false */
	text[0] = '\0';
	directory_each(w->d, STR("carl"), append, text);
	assert_string_equal(text, "dora zoe ");
	text[0] = '\0';
	directory_each(w->d, STR("cb"), append, text); /* a name that is gone */
	assert_string_equal(text, "dora zoe ");
	directory_delete(w->d, directory_find(w->d, STR("dora"))->id, on_answer, &a);
	await(w, &a);
	text[0] = '\0';
	directory_each(w->d, STR("bert"), append, text);
	assert_string_equal(text, "carl zoe ");
	world_restart(w);
	text[0] = '\0';
	directory_each(w->d, STR_NULL, append, text);
	assert_string_equal(text, "anna bert carl zoe ");
}

static void test_free_answers_what_is_under_way(void **state)
{
	struct world *w = *state;
	struct account_new n = { .name = STR("alice"), .password = PASSWORD };
	struct answer hashing = { 0 }, storing = { 0 }, refused = { 0 };

	directory_add(w->d, &n, on_answer, &hashing);
	directory_department_add(w->d, STR("Sales"), on_answer, &storing);
	directory_department_add(w->d, STR(""), on_answer, &refused);
	directory_free(&w->d);
	assert_int_equal(hashing.err, E_GONE);
	assert_int_equal(storing.err, E_GONE);
	assert_int_equal(refused.err, E_GONE);
	world_restart(w); /* what still runs ends without a second answer */
	assert_events(w, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_an_account_and_its_hashes),
		WORLD_TEST(test_refused),
		WORLD_TEST(test_no_domain_no_account),
		WORLD_TEST(test_two_of_one_name_at_once),
		WORLD_TEST(test_changes_do_not_undo_each_other),
		WORLD_TEST(test_password),
		WORLD_TEST(test_nt_hashes_go_and_stay_away),
		WORLD_TEST(test_delete),
		WORLD_TEST(test_sign_in_is_kept),
		WORLD_TEST(test_order_of_names),
		WORLD_TEST(test_free_answers_what_is_under_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
