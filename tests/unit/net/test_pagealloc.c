#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "net/pagealloc.h"

enum { BLOCKS = 700, ROUNDS = 30000 };

static bool is_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] != 0)
			return false;
	}
	return true;
}

/* Random sizes around the borders: every block is zero when it comes, keeps what was written, and
 * overlaps no other. */
static void test_random(void **state)
{
	static const size_t sizes[] = { 1, 100, 4095, 4096, 5000, 16717, 24576, 24577, 100000 };
	struct {
		unsigned char *p;
		size_t n;
		unsigned char fill;
	} b[BLOCKS];
	struct pagealloc_stats st;

	(void)state;
	memset(b, 0, sizeof(b));
	for (int i = 0; i < ROUNDS; i++) {
		uint32_t k = rand_below(BLOCKS);

		if (b[k].p == NULL) {
			b[k].n = sizes[rand_below(ARRAY_LEN(sizes))];
			b[k].p = pagealloc_calloc(1, b[k].n);
			assert_non_null(b[k].p);
			assert_true(is_zero(b[k].p, b[k].n));
			b[k].fill = (unsigned char)(1 + rand_below(255));
			memset(b[k].p, b[k].fill, b[k].n);
		} else {
			for (size_t j = 0; j < b[k].n; j += 997)
				assert_int_equal(b[k].p[j], b[k].fill);
			pagealloc_free(b[k].p);
			b[k].p = NULL;
		}
	}
	for (int i = 0; i < BLOCKS; i++)
		pagealloc_free(b[i].p);
	pagealloc_stats_get(&st);
	assert_int_equal(st.blocks, 0);
	assert_true(st.peak > 0 && st.allocs > 0);
	assert_int_equal(st.spilled, 0);
}

static void test_alignment_and_trim(void **state)
{
	unsigned char *p = pagealloc_calloc(1, 16717);
	void *small = pagealloc_calloc(1, 64);

	(void)state;
	assert_int_equal((uintptr_t)p % 4096, 0);
	memset(p, 0xaa, 16717);
	assert_true(pagealloc_trim(p) >= 16384);
	for (int i = 0; i < 4096; i++)
		assert_int_equal(p[i], 0xaa);
	assert_true(is_zero(p + 4096, 16717 - 4096));
	memset(p, 0xbb, 16717); /* still ours to use */
	assert_int_equal(pagealloc_trim(small), 0);
	assert_int_equal(pagealloc_trim(NULL), 0);
	pagealloc_free(p);
	pagealloc_free(small);
	pagealloc_free(NULL);
}

static void test_overflow(void **state)
{
	(void)state;
	assert_null(pagealloc_calloc(SIZE_MAX / 2, 3));
}

enum { HANDED = 2000 };
static void *handed[HANDED];

static void *free_all(void *arg)
{
	(void)arg;
	for (int i = 0; i < HANDED; i++)
		pagealloc_free(handed[i]);
	return NULL;
}

static void *churn(void *arg)
{
	(void)arg;
	for (int i = 0; i < 5000; i++) {
		unsigned char *p = pagealloc_calloc(1, 8192);

		assert_true(p[0] == 0 && p[8191] == 0);
		p[0] = p[8191] = 1;
		pagealloc_free(p);
	}
	return NULL;
}

static void test_free_on_other_thread(void **state)
{
	struct pagealloc_stats st;
	pthread_t a, b;

	(void)state;
	for (int i = 0; i < HANDED; i++) {
		handed[i] = pagealloc_calloc(1, 16717);
		memset(handed[i], 1, 16717);
	}
	assert_int_equal(pthread_create(&a, NULL, free_all, NULL), 0);
	assert_int_equal(pthread_create(&b, NULL, churn, NULL), 0);
	churn(NULL);
	pthread_join(a, NULL);
	pthread_join(b, NULL);
	pagealloc_stats_get(&st);
	assert_int_equal(st.blocks, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),
		cmocka_unit_test(test_alignment_and_trim),
		cmocka_unit_test(test_overflow),
		cmocka_unit_test(test_free_on_other_thread),
	};

	pagealloc_install();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
