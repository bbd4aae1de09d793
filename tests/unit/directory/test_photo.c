/* Photos: on disk, known in memory, told to listeners. */
#include "tests/unit/directory/world.h"

#include "base/limits.h"
#include "crypto/digest.h"

#define PNG_HEAD "\x89PNG\r\n\x1a\n"

struct shown {
	bool is_there;
	enum err err;
	size_t len;
	char type[16];
};

static void on_photo(void *arg, enum err err, struct str image, const char *type)
{
	struct shown *s = arg;

	assert_false(s->is_there);
	*s = (struct shown){ .is_there = true, .err = err, .len = image.len };
	if (type != NULL)
		snprintf(s->type, sizeof(s->type), "%s", type);
}

static struct shown show(struct world *w, account_id id)
{
	struct pollfd p = { .fd = queue_fd(w->queue), .events = POLLIN };
	struct shown s = { 0 };

	directory_read_photo(w->d, id, on_photo, &s);
	assert_false(s.is_there); /* never from inside the call */
	while (!s.is_there) {
		assert_int_equal(poll(&p, 1, 60000), 1);
		queue_run(w->queue, 64);
	}
	return s;
}

static enum err set(struct world *w, account_id id, struct str image)
{
	struct answer a = { 0 };

	directory_set_photo(w->d, id, image, on_answer, &a);
	assert_false(a.is_there);
	return await(w, &a)->err;
}

static void test_life_of_a_photo(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice"), other = add_account(w, "bob");
	struct str image = STR(PNG_HEAD "pixels");
	unsigned char hash[DIGEST_SHA1_LEN];
	struct answer a = { 0 };

	assert_false(directory_get(w->d, id)->has_photo);
	assert_int_equal(show(w, id).err, E_NOTFOUND);
	assert_events(w, "added alice, added bob, ");
	assert_int_equal(set(w, id, image), E_OK);
	assert_events(w, "changed alice, ");
	digest_sha1(image, hash);
	world_restart(w);
	assert_true(directory_get(w->d, id)->has_photo);
	assert_memory_equal(directory_get(w->d, id)->photo_hash, hash, sizeof(hash));
	assert_false(directory_get(w->d, other)->has_photo);
	assert_int_equal(show(w, id).len, image.len);
	assert_string_equal(show(w, id).type, "image/png");
	assert_int_equal(set(w, id, STR("\xff\xd8\xff\xe0jpeg")), E_OK);
	assert_string_equal(show(w, id).type, "image/jpeg");
	assert_int_equal(set(w, id, STR_NULL), E_OK);
	assert_false(directory_get(w->d, id)->has_photo);
	assert_int_equal(show(w, id).err, E_NOTFOUND);
	assert_events(w, "changed alice, changed alice, ");
	assert_int_equal(set(w, id, image), E_OK);
	directory_delete(w->d, id, on_answer, &a);
	assert_int_equal(await(w, &a)->err, E_OK);
	assert_int_equal(show(w, id).err, E_NOTFOUND);
}

static void test_refused(void **state)
{
	static char large[PHOTO_BYTES_MAX + 1] = PNG_HEAD;
	struct world *w = *state;
	account_id id = add_account(w, "alice");

	assert_int_equal(set(w, id, str_n(large, PHOTO_BYTES_MAX + 1)), E_TOOBIG);
	assert_int_equal(set(w, id, STR("GIF89a, and more")), E_UNSUPPORTED);
	assert_int_equal(set(w, id, STR_NULL), E_NOTFOUND);
	assert_int_equal(set(w, id + 1, str_n(large, 100)), E_NOTFOUND);
	assert_false(directory_get(w->d, id)->has_photo);
	assert_events(w, "added alice, ");
	assert_int_equal(set(w, id, str_n(large, PHOTO_BYTES_MAX)), E_OK);
}

/* A read under way when the directory ends is answered, once. */
static void test_the_directory_ends(void **state)
{
	struct world *w = *state;
	account_id id = add_account(w, "alice");
	struct shown s = { 0 };

	directory_read_photo(w->d, id, on_photo, &s);
	world_restart(w);
	assert_true(s.is_there);
	assert_int_equal(s.err, E_GONE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORLD_TEST(test_life_of_a_photo),
		WORLD_TEST(test_refused),
		WORLD_TEST(test_the_directory_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
