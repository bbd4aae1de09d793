/* input.h: what a caller sent, checked before any handler sees it.
 *
 * A body is a JSON object whose members are all listed by the handler; an
 * unknown member, a wrong type or a length out of range is answered with 400
 * and the member's name.  Texts are copied into the request's arena. */
#ifndef API_INPUT_H
#define API_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "http/request.h"

enum api_kind {
	API_TEXT,     /* UTF-8 without control characters, blanks at both ends cut off */
	API_LONGTEXT, /* line ends allowed: PEM */
	API_SECRET,   /* as sent */
	API_FLAG,
	API_NUMBER,
};

struct api_field {
	const char *name;
	enum api_kind kind;
	bool required;
	int64_t min, max; /* bytes of a text, or the number */
	union {
		struct str *text;
		bool *flag;
		int64_t *number;
	};
	/* may be NULL; with it, null takes a text away that may be empty; else null counts as
	 * not given */
	bool *given;
};

/* False: 400 has been answered. */
bool api_read(struct http_req *rq, const struct api_field *fields, size_t n);
/* A query parameter as a number, fallback when absent.  False: 400 has been answered. */
bool api_query_number(struct http_req *rq, const char *name, int64_t min, int64_t max,
		      int64_t fallback, int64_t *out);

#endif
