#include "tests/db/scratch.h"

#include "db/certs.h"

static int64_t add(struct scratch *s, enum db_cert_kind kind, const char *serial)
{
	struct db_cert c = {
		.kind = kind,
		.cert_pem = STR("-----BEGIN CERTIFICATE-----"),
		.key_pem = STR("-----BEGIN PRIVATE KEY-----"),
		.serial = str_of(serial),
		.not_before_ms = 1,
		.not_after_ms = 2,
		.created_ms = 3,
		.is_own = true,
	};
	int64_t id = 0;

	assert_int_equal(db_cert_add(s->db, &c, &id), E_OK);
	return id;
}

struct seen {
	int64_t id[8];
	bool active[8];
	size_t count;
};

static void see(const struct db_cert *c, void *arg)
{
	struct seen *s = arg;

	assert_text(c->cert_pem, "-----BEGIN CERTIFICATE-----");
	assert_text(c->key_pem, "-----BEGIN PRIVATE KEY-----");
	assert_int_equal(c->not_after_ms, 2);
	assert_true(c->is_own);
	s->id[s->count] = c->id;
	s->active[s->count++] = c->is_active;
}

static void test_one_of_each_kind_is_active(void **state)
{
	struct scratch *s = *state;
	int64_t ca = add(s, DB_CERT_CA, "01"), first = add(s, DB_CERT_SERVER, "02");
	int64_t second = add(s, DB_CERT_SERVER, "03");
	struct seen seen = { 0 };

	scratch_reopen(s);
	assert_int_equal(db_cert_get(s->db, DB_CERT_SERVER, see, &seen), E_OK);
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.id[0], second);
	assert_true(seen.active[0]);
	assert_int_equal(db_cert_get(s->db, DB_CERT_TLS_DSK, see, &seen), E_NOTFOUND);

	seen.count = 0;
	assert_int_equal(db_cert_each(s->db, see, &seen), E_OK);
	assert_int_equal(seen.count, 3);
	assert_int_equal(seen.id[0], second);
	assert_int_equal(seen.id[1], first);
	assert_false(seen.active[1]);
	assert_int_equal(seen.id[2], ca);
	assert_true(seen.active[2]);

	assert_int_equal(db_cert_delete(s->db, second), E_DENIED);
	assert_int_equal(db_cert_delete(s->db, first), E_OK);
	assert_int_equal(db_cert_delete(s->db, first), E_NOTFOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_one_of_each_kind_is_active) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
