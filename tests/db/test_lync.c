#include "tests/db/scratch.h"

#include <string.h>

#include "db/accounts.h"
#include "db/lync_categories.h"
#include "db/lync_certs.h"

static int64_t add_account(struct scratch *s, const char *name)
{
	const struct db_account a = { .name = str_of(name), .enabled = true };
	const struct db_credential c = { .argon2 = STR("x") };
	int64_t id;

	assert_int_equal(db_account_add(s->db, &a, &c, &id), E_OK);
	return id;
}

static void list(const struct db_lync_category *c, void *arg)
{
	char *text = arg;

	snprintf(text + strlen(text), 300 - strlen(text), "%.*s/%d/%d v%d %d %.*s; ",
		 STR_ARG(c->name), (int)c->instance, (int)c->container, (int)c->version,
		 (int)c->expires_ms, STR_ARG(c->xml));
}

static void test_categories(void **state)
{
	struct scratch *s = *state;
	struct db_lync_category c = { .name = STR("state"),
				      .instance = 4294967295,
				      .container = 2,
				      .version = 1,
				      .published_ms = 5,
				      .xml = STR("<state/>") };
	char text[300] = "";

	c.account_id = add_account(s, "alice");
	assert_int_equal(db_lync_category_put(s->db, &c), E_OK);
	c.version = 2;
	c.xml = STR("<state a=\"1\"/>");
	assert_int_equal(db_lync_category_put(s->db, &c), E_OK); /* in its place */
	c.container = 3;
	c.expires_ms = 77;
	assert_int_equal(db_lync_category_put(s->db, &c), E_OK);
	scratch_reopen(s);
	assert_int_equal(db_lync_category_each(s->db, list, text), E_OK);
	assert_string_equal(
		text, "state/-1/2 v2 0 <state a=\"1\"/>; state/-1/3 v2 77 <state a=\"1\"/>; ");
	assert_int_equal(db_lync_category_drop(s->db, &c), E_OK);
	assert_int_equal(db_lync_category_drop(s->db, &c), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM lync_category"), 1);
	assert_int_equal(db_account_delete(s->db, c.account_id), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM lync_category"), 0);
	assert_int_equal(db_lync_category_put(s->db, &c), E_NOTFOUND);
}

static void count(const struct db_lync_cert *c, void *arg)
{
	assert_true(c->device.len > 0);
	++*(int *)arg;
}

static void test_certificates(void **state)
{
	struct scratch *s = *state;
	struct db_lync_cert c = { .device = STR("one"), .not_after_ms = 900, .created_ms = 1 }, got;
	int n = 0;

	c.account_id = add_account(s, "alice");
	memset(c.fingerprint, 1, sizeof(c.fingerprint));
	assert_int_equal(db_lync_cert_find(s->db, c.fingerprint, &got), E_NOTFOUND);
	assert_int_equal(db_lync_cert_add(s->db, &c, 3), E_OK);
	scratch_reopen(s);
	assert_int_equal(db_lync_cert_find(s->db, c.fingerprint, &got), E_OK);
	assert_int_equal(got.account_id, c.account_id);
	assert_int_equal(got.not_after_ms, 900);

	/* A new one for the same machine replaces it. */
	memset(c.fingerprint, 2, sizeof(c.fingerprint));
	assert_int_equal(db_lync_cert_add(s->db, &c, 3), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM lync_certificate"), 1);

	/* Of more machines than allowed the oldest goes. */
	for (unsigned char i = 3; i <= 5; i++) {
		char device[2] = { (char)i, '\0' };

		memset(c.fingerprint, i, sizeof(c.fingerprint));
		c.device = str_of(device);
		c.created_ms = i;
		assert_int_equal(db_lync_cert_add(s->db, &c, 3), E_OK);
	}
	memset(c.fingerprint, 2, sizeof(c.fingerprint));
	assert_int_equal(db_lync_cert_find(s->db, c.fingerprint, &got), E_NOTFOUND);
	assert_int_equal(db_lync_cert_each(s->db, c.account_id, count, &n), E_OK);
	assert_int_equal(n, 3);

	assert_int_equal(db_lync_cert_revoke(s->db, c.account_id), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM lync_certificate"), 0);
	c.account_id = 999;
	assert_int_equal(db_lync_cert_add(s->db, &c, 3), E_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCRATCH_TEST(test_categories),
		SCRATCH_TEST(test_certificates),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
