/* target.h: the request target of HTTP/1.1: path segments and query parameters, decoded once.
 *
 * Strict where routers have been fooled before: a path is split at '/' first
 * and decoded afterwards, so "%2F" never makes a segment, and "." or "..",
 * written plainly or encoded, is refused instead of resolved.  Pure; the
 * decoded pieces live in the caller's arena. */
#ifndef HTTP_TARGET_H
#define HTTP_TARGET_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { HTTP_SEGMENTS_MAX = 12, HTTP_PARAMS_MAX = 24 };

struct http_param {
	struct str name, value;
};

struct http_target {
	struct str path; /* as sent, without the query; borrowed from the input */
	struct str segment[HTTP_SEGMENTS_MAX];
	size_t n_segments; /* "/" has none; a trailing '/' adds an empty one */
	struct http_param param[HTTP_PARAMS_MAX];
	size_t n_params;
};

/* raw: origin-form, "/path?query".  E_BAD: malformed, E_TOOBIG: too many pieces. */
MUST_USE enum err http_target_decode(struct http_target *out, struct arena *a, struct str raw);

/* The first parameter of that name, or STR_NULL. */
struct str http_target_param(const struct http_target *t, struct str name);

#endif
