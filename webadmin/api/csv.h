/* csv.h: comma-separated values (RFC 4180), UTF-8, a byte order mark allowed.
 *
 * Pure.  Fields live in the caller's arena; a line may hold quoted line ends. */
#ifndef API_CSV_H
#define API_CSV_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum { CSV_FIELDS_MAX = 16 };

struct csv {
	struct str rest;
	size_t line; /* where the row last returned began, from 1 */
	size_t next_line;
};

void csv_init(struct csv *c, struct str text);
/* The next row that is not empty.  E_NOTFOUND: the end.  E_BAD: a quote out of place or broken
 * UTF-8, E_TOOBIG: too many fields; c->line names the line. */
MUST_USE enum err csv_next(struct csv *c, struct arena *a, struct str field[CSV_FIELDS_MAX],
			   size_t *n_out);

#endif
