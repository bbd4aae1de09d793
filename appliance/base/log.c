#include "base/log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/mem.h"

static const char *const names[] = { "error", "warn", "info", "debug", "trace" };

static _Atomic int level_now = LOG_INFO;
static atomic_bool stderr_on = true;

struct line {
	uint64_t seq; /* 0: empty */
	int64_t wall_ms;
	enum log_level level;
	char *text; /* owned */
	size_t len;
};

static struct {
	pthread_mutex_t lock;
	struct line line[LOG_RING_LINES];
	uint64_t last_seq;
} ring = { .lock = PTHREAD_MUTEX_INITIALIZER };

void log_set_level(enum log_level level)
{
	level_now = (int)level;
}

enum log_level log_get_level(void)
{
	return (enum log_level)level_now;
}

enum err log_level_decode(struct str name, enum log_level *out)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_eqz(name, names[i])) {
			*out = (enum log_level)i;
			return E_OK;
		}
	}
	return E_BAD;
}

bool log_is_on(enum log_level level)
{
	return (int)level <= level_now;
}

void log_to_stderr(bool on)
{
	stderr_on = on;
}

/* Control characters (the C1 ones too) and octets that are not UTF-8 become \xNN: a peer must not be
 * able to make a second line, or to move the cursor of who reads the log. */
static size_t escape(char *to, size_t cap, struct str from)
{
	size_t len = 0;

	while (from.len > 0 && len + 5 < cap) {
		unsigned char c = (unsigned char)from.p[0];
		size_t n = str_utf8_len(from);
		bool is_c1 = n == 2 && c == 0xc2 && (unsigned char)from.p[1] < 0xa0;

		if (n == 0 || c < 0x20 || c == 0x7f || is_c1) {
			len += (size_t)snprintf(to + len, cap - len, "\\x%02x", c);
			n = 1; /* of a C1 character the second octet is no UTF-8 by itself */
		} else {
			memcpy(to + len, from.p, n);
			len += n;
		}
		from = str_sub(from, n, from.len);
	}
	return len;
}

static void ring_put(enum log_level level, int64_t wall_ms, const char *text, size_t len)
{
	struct line *l;

	pthread_mutex_lock(&ring.lock);
	l = &ring.line[ring.last_seq % LOG_RING_LINES];
	free(l->text);
	l->seq = ++ring.last_seq;
	l->wall_ms = wall_ms;
	l->level = level;
	l->text = str_z(str_n(text, len));
	l->len = len;
	pthread_mutex_unlock(&ring.lock);
}

static void to_stderr(enum log_level level, int64_t wall_ms, const char *text, size_t len)
{
	time_t s = (time_t)(wall_ms / 1000);
	char out[LOG_LINE_MAX + 64], stamp[32];
	struct tm tm;
	int n;

	gmtime_r(&s, &tm);
	(void)strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%S", &tm);
	n = snprintf(out, sizeof(out), "%s.%03dZ %-5s %.*s\n", stamp, (int)(wall_ms % 1000),
		     names[level], (int)len, text);
	if (n > 0 && write(STDERR_FILENO, out, (size_t)n) < 0)
		return; /* nobody is left to be told */
}

void log_write(enum log_level level, const char *subsystem, const char *fmt, ...)
{
	char raw[LOG_LINE_MAX], text[LOG_LINE_MAX];
	int64_t wall_ms = clk_wall_ms();
	va_list ap;
	size_t len;
	int head, n;

	if (!log_is_on(level))
		return;
	head = snprintf(raw, sizeof(raw), "%s: ", subsystem);
	va_start(ap, fmt);
	n = vsnprintf(raw + head, sizeof(raw) - (size_t)head, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	len = (size_t)head + (size_t)n;
	if (len >= sizeof(raw))
		len = sizeof(raw) - 1;
	len = escape(text, sizeof(text), str_n(raw, len));
	ring_put(level, wall_ms, text, len);
	if (stderr_on)
		to_stderr(level, wall_ms, text, len);
}

bool log_rate_ok(struct log_rate *r, uint32_t per_s)
{
	int64_t now_ms = clk_ms();

	if (now_ms - r->window_ms >= 1000 || r->window_ms == 0) {
		if (r->held > 0)
			log_warn("log", "held_back=%u lines like the next", r->held);
		*r = (struct log_rate){ .window_ms = now_ms };
	}
	if (r->count < per_s) {
		r->count++;
		return true;
	}
	r->held++;
	return false;
}

void log_ring_each(uint64_t after_seq, log_line_fn *fn, void *arg)
{
	uint64_t first;

	pthread_mutex_lock(&ring.lock);
	first = ring.last_seq < LOG_RING_LINES ? 1 : ring.last_seq - LOG_RING_LINES + 1;
	if (first <= after_seq)
		first = after_seq + 1;
	for (uint64_t seq = first; seq <= ring.last_seq; seq++) {
		const struct line *l = &ring.line[(seq - 1) % LOG_RING_LINES];

		fn(l->seq, l->wall_ms, l->level, str_n(l->text, l->len), arg);
	}
	pthread_mutex_unlock(&ring.lock);
}
