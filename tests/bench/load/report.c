#include <math.h>
#include <stdio.h>
#include <string.h>

#include "load.h"

enum { CODES = 700 };

struct faults faults;
static struct faults faults_before;
static uint64_t answers[CODES];

static int bucket_of(uint64_t us)
{
	int shift;

	if (us < HIST_LINEAR)
		return (int)us;
	shift = 63 - __builtin_clzll(us) - 5; /* us >> shift is in 32..63 */
	return HIST_LINEAR + (shift - 1) * (HIST_LINEAR / 2) +
	       (int)((us >> shift) - HIST_LINEAR / 2);
}

static uint64_t middle_of(int bucket)
{
	int shift = (bucket - HIST_LINEAR) / (HIST_LINEAR / 2) + 1;

	if (bucket < HIST_LINEAR)
		return (uint64_t)bucket;
	return ((uint64_t)((bucket - HIST_LINEAR) % (HIST_LINEAR / 2) + HIST_LINEAR / 2) << shift) +
	       ((1ull << shift) >> 1);
}

void hist_add(struct hist *h, uint64_t ns)
{
	uint64_t us = ns / 1000;
	int b = bucket_of(us);

	h->bucket[b < HIST_BUCKETS ? b : HIST_BUCKETS - 1]++;
	h->count++;
	if (us > h->max_us)
		h->max_us = us;
}

double hist_quantile_ms(const struct hist *h, double q)
{
	uint64_t want = (uint64_t)ceil(q * (double)h->count), seen = 0;

	for (int i = 0; i < HIST_BUCKETS && want > 0; i++) {
		seen += h->bucket[i];
		if (seen >= want)
			return (double)(middle_of(i) < h->max_us ? middle_of(i) : h->max_us) / 1000;
	}
	return 0;
}

void report_begin(const char *workload)
{
	memset(answers, 0, sizeof(answers));
	faults_before = faults;
	printf("{\"workload\":\"%s\",\"server\":\"%s\",\"users\":%d", workload, opt.label,
	       opt.users);
}

void report_number(const char *name, double value)
{
	printf(",\"%s\":%.6g", name, value);
}

void report_text(const char *name, const char *value)
{
	printf(",\"%s\":\"%s\"", name, value);
}

void report_hist(const char *name, const struct hist *h)
{
	printf(",\"%s_ms\":{\"count\":%llu,\"p50\":%.3f,\"p95\":%.3f,\"p99\":%.3f,\"max\":%.3f}",
	       name, (unsigned long long)h->count, hist_quantile_ms(h, .50),
	       hist_quantile_ms(h, .95), hist_quantile_ms(h, .99), (double)h->max_us / 1000);
}

void report_usage(const struct usage *from, const struct usage *to, double operations)
{
	double s = (double)(to->at_ns - from->at_ns) / NS_PER_S,
	       cpu = to->server_cpu_s - from->server_cpu_s;
	double own = to->own_cpu_s - from->own_cpu_s;

	report_number("seconds", s);
	report_number("per_s", operations / s);
	report_number("cpu_us_per_op", operations > 0 ? cpu * 1e6 / operations : 0);
	report_number("server_cores", cpu / s);
	report_number("generator_cores", own / s);
	report_number("other_cores", (to->machine_cpu_s - from->machine_cpu_s - cpu - own) / s);
}

void report_answer(int code)
{
	if (code >= 0 && code < CODES)
		answers[code]++;
}

static void report_fault(const char *name, uint64_t before, uint64_t after)
{
	if (after != before)
		printf(",\"%s\":%llu", name, (unsigned long long)(after - before));
}

void report_end(void)
{
	const char *comma = "";

	printf(",\"answers\":{");
	for (int i = 0; i < CODES; i++) {
		if (answers[i] == 0)
			continue;
		printf("%s\"%d\":%llu", comma, i, (unsigned long long)answers[i]);
		comma = ",";
	}
	printf("}");
	report_fault("refused", faults_before.refused, faults.refused);
	report_fault("unanswered", faults_before.unanswered, faults.unanswered);
	report_fault("undelivered", faults_before.undelivered, faults.undelivered);
	report_fault("misdelivered", faults_before.misdelivered, faults.misdelivered);
	report_fault("missing", faults_before.missing, faults.missing);
	report_fault("dropped", faults_before.dropped, faults.dropped);
	printf("}\n");
	fflush(stdout);
}
