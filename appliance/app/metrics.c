#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/num.h"

#include "app/metrics.h"

void metrics_family(struct buf *b, const char *name, const char *type, const char *help)
{
	buf_addf(b, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

void metrics_u64(struct buf *b, const char *name, uint64_t value)
{
	buf_addf(b, "%s %" PRIu64 "\n", name, value);
}

void metrics_double(struct buf *b, const char *name, double value)
{
	buf_addf(b, "%s %.9g\n", name, value);
}

void metrics_labelled(struct buf *b, const char *name, const char *labels, uint64_t value)
{
	buf_addf(b, "%s{%s} %" PRIu64 "\n", name, labels, value);
}

void metrics_counter(struct buf *b, const char *name, const char *help, uint64_t value)
{
	metrics_family(b, name, "counter", help);
	metrics_u64(b, name, value);
}

void metrics_gauge(struct buf *b, const char *name, const char *help, double value)
{
	metrics_family(b, name, "gauge", help);
	metrics_double(b, name, value);
}

void metrics_histogram(struct buf *b, const char *name, const char *help, const int64_t *bounds_us,
		       const uint64_t *counts, size_t n, double sum_s)
{
	uint64_t sum = 0;

	metrics_family(b, name, "histogram", help);
	for (size_t i = 0; i < n; i++) {
		sum += counts[i];
		if (bounds_us[i] == INT64_MAX)
			buf_addf(b, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n", name, sum);
		else
			buf_addf(b, "%s_bucket{le=\"%.9g\"} %" PRIu64 "\n", name,
				 (double)bounds_us[i] / 1e6, sum);
	}
	buf_addf(b, "%s_sum %.9g\n%s_count %" PRIu64 "\n", name, sum_s, name, sum);
}

uint64_t metrics_resident(void)
{
	char text[256];
	struct str rest;
	uint64_t pages;
	ssize_t n;
	int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return 0;
	n = read(fd, text, sizeof(text));
	close(fd);
	if (n <= 0)
		return 0;
	rest = str_n(text, (size_t)n);
	(void)str_cut(&rest, ' ');
	if (num_u64(str_cut(&rest, ' '), 0, UINT64_MAX / 65536, &pages) != E_OK)
		return 0;
	return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}
