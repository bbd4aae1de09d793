/* metrics.h: numbers in Prometheus' text format (version 0.0.4).
 *
 * Pure writer; whose numbers they are, server_metrics.c knows. */
#ifndef APP_METRICS_H
#define APP_METRICS_H

#include <stdint.h>

#include "base/buf.h"

/* One family with its help line, then its samples. */
void metrics_family(struct buf *b, const char *name,
		    const char *type /* counter, gauge, histogram */, const char *help);
void metrics_u64(struct buf *b, const char *name, uint64_t value);
void metrics_double(struct buf *b, const char *name, double value);
/* labels: "class=\"2xx\""; ours, so they need no escaping. */
void metrics_labelled(struct buf *b, const char *name, const char *labels, uint64_t value);

/* Family and its only sample in one. */
void metrics_counter(struct buf *b, const char *name, const char *help, uint64_t value);
void metrics_gauge(struct buf *b, const char *name, const char *help, double value);

/* Buckets that are not cumulative, with upper bounds in microseconds, the last of them INT64_MAX. */
void metrics_histogram(struct buf *b, const char *name, const char *help, const int64_t *bounds_us,
		       const uint64_t *counts, size_t n, double sum_s);

/* Resident memory of this process in bytes. */
uint64_t metrics_resident(void);

#endif
