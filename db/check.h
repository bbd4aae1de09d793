/* check.h: is a copy of the database whole?
 *
 * Opens a file that stands alone, perhaps in a read-only directory, and changes
 * nothing.  Reads all of it: worker threads and commands. */
#ifndef DB_CHECK_H
#define DB_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

enum { CHECK_TEXT_CAP = 512 };

struct check_report {
	enum err err;
	char text[CHECK_TEXT_CAP]; /* one sentence for the operator */
	int schema;		   /* user_version */
	int64_t bytes, accounts, offline_messages, records;
	int64_t newest_ms; /* wall time of the newest thing in it that has one; 0: none */
};

/* Never call it with the path of a file the store of this process has open.  Fills in the report and
 * returns its err: E_NOTFOUND, E_BAD (not Porchlight's), E_UNSUPPORTED (newer), E_CORRUPT (damaged, or
 * torn: copied out of a checkpoint that a crash cut short), E_IO. */
enum err check_file(const char *path, struct check_report *out);

#endif
