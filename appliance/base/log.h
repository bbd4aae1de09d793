/* log.h: one line per event, subsystem then key=value, to stderr and a ring.
 *
 * Any thread.  Peer text goes through "%.*s" with LOG_PEER; the logger escapes
 * it.  Bodies, passwords, Authorization values and cookies are never
 * passed to it.  error: the operator must act; warn: degraded; info: one line
 * per business event; debug: decisions; trace: wire. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG, LOG_TRACE };

void log_set_level(enum log_level level);
enum log_level log_get_level(void);
MUST_USE enum err log_level_decode(struct str name, enum log_level *out);
bool log_is_on(enum log_level level);
void log_to_stderr(bool on); /* tests turn it off */

/* Escapes control characters and non-UTF-8 in the finished line, cuts it at LOG_LINE_MAX. */
void log_write(enum log_level level, const char *subsystem, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(sub, ...) log_write(LOG_ERROR, sub, __VA_ARGS__)
#define log_warn(sub, ...) log_write(LOG_WARN, sub, __VA_ARGS__)
#define log_info(sub, ...) log_write(LOG_INFO, sub, __VA_ARGS__)
#define log_debug(sub, ...)                                     \
	do {                                                    \
		if (log_is_on(LOG_DEBUG))                       \
			log_write(LOG_DEBUG, sub, __VA_ARGS__); \
	} while (0)
#define log_trace(sub, ...)                                     \
	do {                                                    \
		if (log_is_on(LOG_TRACE))                       \
			log_write(LOG_TRACE, sub, __VA_ARGS__); \
	} while (0)

/* Peer text for "%.*s", cut to what is needed to recognise it. */
#define LOG_PEER(s) (int)((s).len < LOG_PEER_TEXT_MAX ? (s).len : LOG_PEER_TEXT_MAX), (s).p

/* For lines a peer can cause at will: true at most per_s times a second for this call site,
 * and reports how many were held back when it opens again. */
struct log_rate {
	int64_t window_ms;
	uint32_t count, held;
};
bool log_rate_ok(struct log_rate *r, uint32_t per_s);

/* The ring: newest lines, oldest first; fn is called with a borrowed line and must not log. */
typedef void log_line_fn(uint64_t seq, int64_t wall_ms, enum log_level level, struct str line,
			 void *arg);
void log_ring_each(uint64_t after_seq, log_line_fn *fn, void *arg);

#endif
