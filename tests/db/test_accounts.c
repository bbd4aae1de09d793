/* Accounts and their credentials, and what goes with them. */
#include "tests/db/scratch.h"

#include <string.h>

#include "db/accounts.h"
#include "db/departments.h"
#include "db/offline.h"
#include "db/records.h"

static struct db_credential credential(unsigned char fill, bool with_nt)
{
	struct db_credential c = { .has_nt = with_nt, .argon2 = STR("$argon2id$x") };

	memset(c.ha1_md5, fill, sizeof(c.ha1_md5));
	memset(c.ha1_md5_domain, fill + 1, sizeof(c.ha1_md5_domain));
	memset(c.ha1_sha256, fill + 2, sizeof(c.ha1_sha256));
	memset(c.ha1_sha256_domain, fill + 3, sizeof(c.ha1_sha256_domain));
	memset(c.nt_hash, fill + 4, sizeof(c.nt_hash));
	return c;
}

static int64_t add(struct scratch *s, const char *name, int64_t department)
{
	struct db_credential c = credential(10, true);
	struct db_account a = {
		.name = str_of(name),
		.display = STR("Some One"),
		.email = STR("one@example.com"),
		.department_id = department,
		.enabled = true,
		.created_ms = 100,
		.password_set_ms = 100,
	};
	int64_t id = 0;

	assert_int_equal(db_account_add(s->db, &a, &c, &id), E_OK);
	assert_true(id > 0);
	return id;
}

/* What each gave: copies. */
struct seen {
	size_t count;
	struct db_account a[8];
	char name[8][32], display[8][32], title[8][32];
	struct db_credential c[8];
	bool has[8];
};

static void see(const struct db_account *a, const struct db_credential *c, void *arg)
{
	struct seen *s = arg;
	size_t i = s->count++;

	assert_true(i < 8);
	s->a[i] = *a;
	snprintf(s->name[i], 32, "%.*s", STR_ARG(a->name));
	snprintf(s->display[i], 32, "%.*s", STR_ARG(a->display));
	snprintf(s->title[i], 32, "%.*s", STR_ARG(a->title));
	s->has[i] = c != NULL;
	if (c != NULL) {
		assert_text(c->argon2, "$argon2id$x");
		s->c[i] = *c;
	}
}

static struct seen all(struct scratch *s)
{
	struct seen seen = { 0 };

	assert_int_equal(db_account_each(s->db, see, &seen), E_OK);
	return seen;
}

static void test_round_trip(void **state)
{
	struct scratch *s = *state;
	struct db_credential want = credential(10, true);
	struct db_account bare = { .name = STR("bare"), .enabled = false };
	int64_t alice, id;
	struct seen seen;

	alice = add(s, "alice", 0);
	assert_int_equal(db_account_add(s->db, &bare, NULL, &id), E_OK);
	scratch_reopen(s);
	seen = all(s);
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.a[0].id, alice);
	assert_string_equal(seen.name[0], "alice");
	assert_string_equal(seen.display[0], "Some One");
	assert_string_equal(seen.title[0], "");
	assert_true(seen.a[0].enabled);
	assert_int_equal(seen.a[0].created_ms, 100);
	assert_int_equal(seen.a[0].last_sign_in_ms, 0);
	assert_true(seen.has[0]);
	assert_memory_equal(seen.c[0].ha1_md5, want.ha1_md5, sizeof(want.ha1_md5));
	assert_memory_equal(seen.c[0].ha1_md5_domain, want.ha1_md5_domain,
			    sizeof(want.ha1_md5_domain));
	assert_memory_equal(seen.c[0].ha1_sha256, want.ha1_sha256, sizeof(want.ha1_sha256));
	assert_memory_equal(seen.c[0].ha1_sha256_domain, want.ha1_sha256_domain,
			    sizeof(want.ha1_sha256_domain));
	assert_true(seen.c[0].has_nt);
	assert_memory_equal(seen.c[0].nt_hash, want.nt_hash, sizeof(want.nt_hash));
	assert_false(seen.has[1]);
	assert_false(seen.a[1].enabled);
}

static void test_add_refused(void **state)
{
	struct scratch *s = *state;
	struct db_account a = { .name = STR("alice"), .enabled = true };
	int64_t id = -7;

	add(s, "alice", 0);
	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_EXISTS);
	a.name = STR("bob");
	a.department_id = 99;
	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_NOTFOUND);
	a.department_id = 0;
	a.name = STR("Bob"); /* the caller forgot to fold it */
	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_BAD);
	assert_int_equal(id, -7);
	assert_int_equal(all(s).count, 1);
}

static void test_update_changes_what_is_given(void **state)
{
	struct scratch *s = *state;
	int64_t id = add(s, "alice", 0), department;
	const struct str title = STR("Boss"), none = STR("");
	const int64_t no_department = 0, unknown = 99;
	const bool off = false;
	struct db_account_change c = { .id = id, .title = &title, .enabled = &off };
	struct seen seen;

	assert_int_equal(db_department_add(s->db, STR("Sales"), 1, &department), E_OK);
	assert_int_equal(db_account_update(s->db, &c), E_OK);
	seen = all(s);
	assert_string_equal(seen.title[0], "Boss");
	assert_string_equal(seen.display[0], "Some One");
	assert_false(seen.a[0].enabled);
	assert_int_equal(seen.a[0].department_id, 0);

	c = (struct db_account_change){ .id = id, .display = &none, .department_id = &department };
	assert_int_equal(db_account_update(s->db, &c), E_OK);
	seen = all(s);
	assert_string_equal(seen.title[0], "Boss");
	assert_string_equal(seen.display[0], "");
	assert_false(seen.a[0].enabled);
	assert_int_equal(seen.a[0].department_id, department);

	c = (struct db_account_change){ .id = id, .department_id = &no_department };
	assert_int_equal(db_account_update(s->db, &c), E_OK);
	assert_int_equal(all(s).a[0].department_id, 0);
	c.department_id = &unknown;
	assert_int_equal(db_account_update(s->db, &c), E_NOTFOUND);
	c = (struct db_account_change){ .id = id + 1, .title = &title };
	assert_int_equal(db_account_update(s->db, &c), E_NOTFOUND);
}

static void test_password_and_nt(void **state)
{
	struct scratch *s = *state;
	int64_t alice = add(s, "alice", 0), bob = add(s, "bob", 0);
	struct db_credential c = credential(40, true);
	struct seen seen;

	assert_int_equal(db_account_set_password(s->db, alice, &c, 777), E_OK);
	assert_int_equal(db_account_set_password(s->db, bob + 1, &c, 777), E_NOTFOUND);
	seen = all(s);
	assert_int_equal(seen.a[0].password_set_ms, 777);
	assert_memory_equal(seen.c[0].ha1_sha256, c.ha1_sha256, sizeof(c.ha1_sha256));
	assert_int_equal(seen.a[1].password_set_ms, 100);

	assert_int_equal(db_account_drop_nt(s->db), E_OK);
	seen = all(s);
	assert_false(seen.c[0].has_nt);
	assert_false(seen.c[1].has_nt);
	assert_memory_equal(seen.c[0].ha1_md5, c.ha1_md5, sizeof(c.ha1_md5));
	c.has_nt = false; /* a new password while NTLM is forbidden leaves none */
	assert_int_equal(db_account_set_password(s->db, alice, &c, 778), E_OK);
	assert_int_equal(
		scratch_i64(s, "SELECT count(*) FROM credential WHERE nt_hash IS NOT NULL"), 0);
	assert_int_equal(db_account_signed_in(s->db, alice, 900), E_OK);
	assert_int_equal(db_account_signed_in(s->db, bob + 1, 900), E_NOTFOUND);
	assert_int_equal(all(s).a[0].last_sign_in_ms, 900);
}

static void see_record(const struct db_record *r, const struct db_participant *p, size_t count,
		       void *arg)
{
	(void)arg;
	assert_int_equal(r->id, 5);
	assert_int_equal(count, 1);
	assert_text(p[0].uri, "sip:alice@example.com");
	assert_int_equal(p[0].account_id, 0);
}

static void test_delete_takes_its_own_and_leaves_records(void **state)
{
	struct scratch *s = *state;
	int64_t alice = add(s, "alice", 0), bob = add(s, "bob", 0), id;
	struct db_offline m = { .account_id = alice, .expires_ms = 1, .body = STR("x") };
	struct db_record r = { .id = 5, .kind = DB_RECORD_IM, .started_ms = 10 };
	struct db_participant p = { .uri = STR("sip:alice@example.com"), .account_id = alice };

	assert_int_equal(db_offline_put(s->db, &m, &id), E_OK);
	m.account_id = bob;
	m.sender_id = alice;
	assert_int_equal(db_offline_put(s->db, &m, &id), E_OK);
	assert_int_equal(db_record_put(s->db, &r, &p, 1), E_OK);
	assert_int_equal(db_account_delete(s->db, alice), E_OK);
	assert_int_equal(db_account_delete(s->db, alice), E_NOTFOUND);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM credential"), 1);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM offline_message"), 1);
	assert_int_equal(db_record_get(s->db, 5, see_record, NULL), E_OK);
	assert_true(add(s, "alice", 0) > bob); /* the name may come back, the id may not */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_round_trip),
		SCRATCH_TEST(test_add_refused),
		SCRATCH_TEST(test_update_changes_what_is_given),
		SCRATCH_TEST(test_password_and_nt),
		SCRATCH_TEST(test_delete_takes_its_own_and_leaves_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
