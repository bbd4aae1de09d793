/* Prometheus' text format: families, labels, histograms that count up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "app/metrics.h"

static struct buf b;

static int begin(void **state)
{
	(void)state;
	buf_init(&b, 4096);
	return 0;
}

static int end(void **state)
{
	(void)state;
	buf_fini(&b);
	return 0;
}

static void assert_text(const char *want)
{
	assert_int_equal(buf_err(&b), E_OK);
	buf_addc(&b, '\0');
	assert_string_equal(b.p, want);
}

static void counters_and_gauges(void **state)
{
	(void)state;
	metrics_counter(&b, "x_total", "Xs.", UINT64_MAX);
	metrics_gauge(&b, "y", "Ys.", 0.25);
	assert_text("# HELP x_total Xs.\n# TYPE x_total counter\nx_total 18446744073709551615\n"
		    "# HELP y Ys.\n# TYPE y gauge\ny 0.25\n");
}

static void labels(void **state)
{
	(void)state;
	metrics_family(&b, "z", "gauge", "Zs.");
	metrics_labelled(&b, "z", "k=\"a\"", 1);
	metrics_labelled(&b, "z", "k=\"b\"", 2);
	assert_text("# HELP z Zs.\n# TYPE z gauge\nz{k=\"a\"} 1\nz{k=\"b\"} 2\n");
}

static void a_histogram_counts_up(void **state)
{
	const int64_t bounds[] = { 1000, 2000000, INT64_MAX };
	const uint64_t counts[] = { 3, 4, 5 };

	(void)state;
	metrics_histogram(&b, "h", "Hs.", bounds, counts, 3, 1.5);
	assert_text(
		"# HELP h Hs.\n# TYPE h histogram\nh_bucket{le=\"0.001\"} 3\nh_bucket{le=\"2\"} 7\n"
		"h_bucket{le=\"+Inf\"} 12\nh_sum 1.5\nh_count 12\n");
}

static void resident_memory_is_that_of_this_process(void **state)
{
	uint64_t before = metrics_resident();
	volatile char *p = malloc(32 << 20);

	(void)state;
	assert_non_null(p);
	assert_true(before > 0);
	for (size_t i = 0; i < 32 << 20; i += 4096)
		p[i] = 1;
	assert_true(metrics_resident() >= before + (24 << 20));
	free((char *)(uintptr_t)p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(counters_and_gauges, begin, end),
		cmocka_unit_test_setup_teardown(labels, begin, end),
		cmocka_unit_test_setup_teardown(a_histogram_counts_up, begin, end),
		cmocka_unit_test(resident_memory_is_that_of_this_process),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
