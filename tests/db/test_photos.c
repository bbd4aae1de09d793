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

	assert_true(str_eq(p->image, want));
	assert_string_equal(p->type, "image/jpeg");
	digest_sha1(want, hash);
	assert_memory_equal(p->hash, hash, sizeof(hash));
	assert_int_equal(p->changed_ms, (int64_t)want.len);
}

static void see_hash(int64_t account_id, const unsigned char hash[DB_PHOTO_HASH_LEN], void *arg)
{
	unsigned char want[DB_PHOTO_HASH_LEN];

	digest_sha1(str_n(bytes, PHOTO_BYTES_MAX), want);
	assert_memory_equal(hash, want, sizeof(want));
	*(int64_t *)arg += account_id;
}

static void see_png(const struct db_photo *p, void *arg)
{
	assert_string_equal(p->type, "image/png");
	assert_int_equal(p->image.len, 9);
	++*(int *)arg;
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
	int64_t id, seen = 0;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	assert_int_equal(db_photo_get(s->db, id, see, &len), E_NOTFOUND);
	assert_int_equal(put(s, id, 7), E_OK);
	assert_int_equal(put(s, id, len), E_OK); /* replaced */
	assert_int_equal(put(s, id, len + 1), E_TOOBIG);
	assert_int_equal(put(s, id, 3), E_UNSUPPORTED);
	assert_int_equal(db_photo_put(s->db, id, STR("\x89PNG\r\n"), 1), E_UNSUPPORTED);
	assert_int_equal(db_photo_put(s->db, id, STR("GIF89a.."), 1), E_UNSUPPORTED);
	assert_int_equal(put(s, id + 1, 7), E_NOTFOUND);
	scratch_reopen(s);
	assert_int_equal(db_photo_get(s->db, id, see, &len), E_OK);
	assert_int_equal(db_photo_each_hash(s->db, see_hash, &seen), E_OK);
	assert_int_equal(seen, id);
	assert_int_equal(db_photo_drop(s->db, id), E_OK);
	assert_int_equal(db_photo_drop(s->db, id), E_NOTFOUND);
	assert_int_equal(put(s, id, 7), E_OK);
	assert_int_equal(db_account_delete(s->db, id), E_OK);
	assert_int_equal(scratch_i64(s, "SELECT count(*) FROM photo"), 0);
}

static void test_png(void **state)
{
	struct scratch *s = *state;
	struct db_account a = { .name = STR("bob"), .enabled = true };
	int64_t id;
	int n = 0;

	assert_int_equal(db_account_add(s->db, &a, NULL, &id), E_OK);
	assert_int_equal(db_photo_put(s->db, id, str_n("\x89PNG\r\n\x1a\n.", 9), 1), E_OK);
	assert_int_equal(db_photo_get(s->db, id, see_png, &n), E_OK);
	assert_int_equal(n, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = { SCRATCH_TEST(test_life), SCRATCH_TEST(test_png) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
