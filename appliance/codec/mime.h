/* mime.h: media types and multipart bodies (RFC 2045, RFC 2046) as views. */
#ifndef CODEC_MIME_H
#define CODEC_MIME_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/limits.h"
#include "base/str.h"

struct mime_type {
	struct str type, subtype;
	struct str params; /* ";charset=utf-8" or empty */
};

/* "text/plain; charset=UTF-8"; blanks around '/' and ';' are tolerated. */
MUST_USE enum err mime_type_decode(struct str s, struct mime_type *out);
/* "text/plain", ASCII case ignored */
bool mime_type_is(const struct mime_type *t, const char *full);
/* Value without its quotes, quoted pairs untouched.  p == NULL: absent. */
struct str mime_type_param(const struct mime_type *t, const char *name);
/* The two together, for a check in one line; parameters ignored. */
bool mime_is(struct str content_type, const char *full);

struct mime_part {
	struct str headers; /* all lines, each with its line end */
	struct str body;
	struct str content_type; /* empty: text/plain by default (RFC 2045 5.2) */
};

struct mime_multipart {
	struct mime_part part[MIME_PARTS_MAX];
	size_t count;
};

/* Splits the body of a multipart/...; E_BAD: no boundary parameter, no opening or no closing
 * delimiter; E_TOOBIG: more than MIME_PARTS_MAX parts.  Preamble and epilogue are ignored. */
MUST_USE enum err mime_split(struct str content_type, struct str body, struct mime_multipart *out);

/* First header of that name in a block of lines (folds stay in the value).  p == NULL: none. */
struct str mime_header(struct str headers, const char *name);
/* Cuts a header block at its first empty line: headers keep their last line end, *body_out is what
 * follows.  A block without an empty line is all headers. */
void mime_cut_head(struct str part, struct str *headers_out, struct str *body_out);

#endif
