#include "tests/db/scratch.h"

#include <string.h>

#include "db/admins.h"

static int64_t add(struct scratch *s, const char *name)
{
	struct db_admin a = { .name = str_of(name), .enabled = true, .created_ms = 5 };
	int64_t id = 0;

	assert_int_equal(db_admin_add(s->db, &a, &id), E_OK);
	return id;
}

static void describe(const struct db_admin *a, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%.*s/%.*s/%.*s/%d/%d/%d ",
		 STR_ARG(a->name), STR_ARG(a->argon2), STR_ARG(a->totp), (int)a->totp_step,
		 a->enabled, (int)a->last_sign_in_ms);
}

static void assert_all(struct scratch *s, const char *want)
{
	char text[200] = "";

	assert_int_equal(db_admin_each(s->db, describe, text), E_OK);
	assert_string_equal(text, want);
}

static void test_administrators(void **state)
{
	struct scratch *s = *state;
	struct db_admin same = { .name = STR("ROOT") };
	int64_t root = add(s, "root"), id = -7;

	assert_int_equal(db_admin_add(s->db, &same, &id), E_EXISTS);
	assert_int_equal(id, -7);
	assert_all(s, "root///0/1/0 ");
	assert_int_equal(db_admin_set_password(s->db, root, STR("$a")), E_OK);
	assert_int_equal(db_admin_set_totp(s->db, root, STR("secret")), E_OK);
	assert_int_equal(db_admin_signed_in(s->db, root, 9), E_OK);
	assert_int_equal(db_admin_use_totp_step(s->db, root, 100), E_OK);
	assert_int_equal(db_admin_use_totp_step(s->db, root, 100), E_STALE);
	assert_int_equal(db_admin_use_totp_step(s->db, root, 99), E_STALE);
	assert_int_equal(db_admin_use_totp_step(s->db, root, 101), E_OK);
	assert_int_equal(db_admin_use_totp_step(s->db, root + 1, 101), E_NOTFOUND);
	scratch_reopen(s);
	assert_all(s, "root/$a/secret/101/1/9 ");
	assert_int_equal(db_admin_set_totp(s->db, root, STR("")), E_OK);
	assert_int_equal(db_admin_set_enabled(s->db, root, false), E_OK);
	assert_all(s, "root/$a//0/0/9 ");
	assert_int_equal(db_admin_set_password(s->db, root + 1, STR("x")), E_NOTFOUND);
	assert_int_equal(db_admin_set_enabled(s->db, root + 1, true), E_NOTFOUND);
	assert_int_equal(db_admin_delete(s->db, root), E_OK);
	assert_int_equal(db_admin_delete(s->db, root), E_NOTFOUND);
	assert_all(s, "");
}

static struct db_session session(int64_t admin, unsigned char fill, int64_t used)
{
	struct db_session x = { .admin_id = admin,
				.created_ms = 1,
				.used_ms = used,
				.expires_ms = used + 10,
				.address = STR("192.0.2.1"),
				.agent = STR("browser") };

	memset(x.hash, fill, sizeof(x.hash));
	return x;
}

static void see_session(const struct db_session *x, void *arg)
{
	char *text = arg;

	assert_text(x->agent, "browser");
	for (size_t i = 1; i < sizeof(x->hash); i++)
		assert_int_equal(x->hash[i], x->hash[0]);
	snprintf(text + strlen(text), 200 - strlen(text), "%d:%d-%d ", x->hash[0], (int)x->used_ms,
		 (int)x->expires_ms);
}

static void assert_sessions(struct scratch *s, const char *want)
{
	char text[200] = "";

	assert_int_equal(db_session_each(s->db, see_session, text), E_OK);
	assert_string_equal(text, want);
}

static void test_sessions(void **state)
{
	struct scratch *s = *state;
	int64_t root = add(s, "root"), eve = add(s, "eve");
	struct db_session a = session(root, 1, 10), b = session(root, 2, 20),
			  c = session(eve, 3, 30);
	struct db_session nobody = session(99, 4, 40);

	assert_int_equal(db_session_put(s->db, &a), E_OK);
	assert_int_equal(db_session_put(s->db, &b), E_OK);
	assert_int_equal(db_session_put(s->db, &c), E_OK);
	assert_int_equal(db_session_put(s->db, &nobody), E_NOTFOUND);
	a = session(root, 1, 25);
	assert_int_equal(db_session_put(s->db, &a), E_OK); /* used again */
	scratch_reopen(s);
	assert_sessions(s, "3:30-40 1:25-35 2:20-30 ");
	assert_int_equal(db_session_delete_admin(s->db, root, b.hash), E_OK);
	assert_sessions(s, "3:30-40 2:20-30 ");
	assert_int_equal(db_session_delete_admin(s->db, root, NULL), E_OK);
	assert_sessions(s, "3:30-40 ");
	assert_int_equal(db_session_delete(s->db, b.hash), E_OK); /* gone already */
	assert_int_equal(db_session_delete(s->db, c.hash), E_OK);
	assert_sessions(s, "");
}

static void see_key(const struct db_api_key *k, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 200 - strlen(text), "%.*s/%d/%d/%d/%d/%d ", STR_ARG(k->name),
		 k->hash[31], k->may_change, k->admin_id != 0, (int)k->used_ms, (int)k->expires_ms);
}

static void test_api_keys(void **state)
{
	struct scratch *s = *state;
	int64_t root = add(s, "root"), backup, watch;
	struct db_api_key k = {
		.name = STR("backup"), .may_change = true, .admin_id = root, .expires_ms = 99
	};
	char text[200] = "";

	memset(k.hash, 8, sizeof(k.hash));
	assert_int_equal(db_api_key_add(s->db, &k, &backup), E_OK);
	memset(k.hash, 9, sizeof(k.hash));
	assert_int_equal(db_api_key_add(s->db, &k, &watch), E_EXISTS);
	k = (struct db_api_key){ .name = STR("watch") };
	memset(k.hash, 9, sizeof(k.hash));
	assert_int_equal(db_api_key_add(s->db, &k, &watch), E_OK);
	assert_int_equal(db_api_key_used(s->db, watch, 50), E_OK);
	assert_int_equal(db_api_key_used(s->db, 99, 50), E_NOTFOUND);
	assert_int_equal(db_api_key_each(s->db, see_key, text), E_OK);
	assert_string_equal(text, "backup/8/1/1/0/99 watch/9/0/0/50/0 ");
	/* with the keys made by that person */
	assert_int_equal(db_admin_delete(s->db, root), E_OK);
	assert_int_equal(db_api_key_delete(s->db, backup), E_NOTFOUND);
	assert_int_equal(db_api_key_delete(s->db, watch), E_OK);
}

static struct db_link link_of(enum db_link_kind kind, int64_t admin, unsigned char fill)
{
	struct db_link l = { .kind = kind, .admin_id = admin, .created_ms = 1, .expires_ms = 100 };

	memset(l.hash, fill, sizeof(l.hash));
	return l;
}

static void test_links_serve_once(void **state)
{
	struct scratch *s = *state;
	int64_t root = add(s, "root");
	struct db_link a = link_of(DB_LINK_PASSWORD, root, 1), b = link_of(DB_LINK_PASSWORD, 0, 2);
	struct db_link c = link_of(DB_LINK_SETUP, 0, 3), out = { .admin_id = -7 };

	assert_int_equal(db_link_add(s->db, &a), E_OK);
	assert_int_equal(db_link_add(s->db, &b), E_OK);
	assert_int_equal(db_link_add(s->db, &c), E_OK);
	assert_int_equal(db_link_get(s->db, a.hash, 100, &out), E_STALE);
	assert_int_equal(db_link_use(s->db, a.hash, 100, &out), E_STALE);
	assert_int_equal(out.admin_id, -7);
	/* refusing did not use it up */
	assert_int_equal(db_link_get(s->db, a.hash, 99, &out), E_OK);
	assert_int_equal(db_link_use(s->db, a.hash, 99, &out), E_OK);
	assert_int_equal(out.admin_id, root);
	assert_int_equal(out.kind, DB_LINK_PASSWORD);
	assert_memory_equal(out.hash, a.hash, sizeof(a.hash));
	assert_int_equal(db_link_use(s->db, a.hash, 99, &out), E_NOTFOUND);

	assert_int_equal(db_link_add(s->db, &a), E_OK);
	assert_int_equal(db_link_delete_kind(s->db, DB_LINK_PASSWORD, root), E_OK);
	assert_int_equal(db_link_get(s->db, a.hash, 1, &out), E_NOTFOUND);
	assert_int_equal(db_link_get(s->db, b.hash, 1, &out), E_OK);
	assert_int_equal(db_link_delete_kind(s->db, DB_LINK_PASSWORD, 0), E_OK);
	assert_int_equal(db_link_get(s->db, b.hash, 1, &out), E_NOTFOUND);
	assert_int_equal(db_link_get(s->db, c.hash, 1, &out), E_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_administrators),
		SCRATCH_TEST(test_sessions),
		SCRATCH_TEST(test_api_keys),
		SCRATCH_TEST(test_links_serve_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
