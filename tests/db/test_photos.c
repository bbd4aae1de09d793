#include "tests/db/scratch.h"

#include <string.h>

#include "base/limits.h"
#include "crypto/digest.h"
#include "db/accounts.h"
#include "db/photos.h"

static unsigned char bytes[PHOTO_BYTES_MAX + 1] = { 0xff, 0xd8, 0xff, 0xe0, 1, 2, 3 };

static void see(const struct db_photo *p, void *arg)
{
	struct str want = { (const char *)bytes, *(size_t *)arg };
	unsigned char hash[DB_PHOTO_HASH_LEN];

	assert_true(str_eq(p->jpeg, want));
	digest_sha1(want, hash);
	assert_memory_equal(p->hash, hash, sizeof(hash));
	assert_int_equal(p->changed_ms, (int64_t)want.len);
}

static enum err put(struct scratch *s, int64_t id, size_t len)
{
	return db_photo_put(s->db, id, str_n(bytes, len), (int64_t)len);
}

static void test_life(void **state)
{
	struct scratch *s = *state;
	struct db_account a = { .name = STR("alice"), .enabled = true };
	size_t len = PHOTO_BYTES_MAX;
	int64_t id;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	assert_int_equal(db_photo_get(s->db, id, see, &len), E_NOTFOUND);
	assert_int_equal(put(s, id, 7), E_OK);
	assert_int_equal(put(s, id, len), E_OK); /* replaced */
	assert_int_equal(put(s, id, len + 1), E_TOOBIG);
	assert_int_equal(put(s, id, 3), E_UNSUPPORTED);
	assert_int_equal(db_photo_put(s->db, id, STR("\x89PNG\r\n"), 1), E_UNSUPPORTED);
	assert_int_equal(put(s, id + 1, 7), E_NOTFOUND);
	scratch_reopen(s);
	assert_int_equal(db_photo_get(s->db, id, see, &len), E_OK);
	assert_int_equal(db_photo_drop(s->db, id), E_OK);
	assert_int_equal(db_photo_drop(s->db, id), E_NOTFOUND);
	assert_int_equal(put(s, id, 7), E_OK);
	assert_int_equal(db_account_delete(s->db, id), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM photo"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_life) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
