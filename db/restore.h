/* restore.h: puts a checked copy in the place of the database.  Commands, with the server stopped. */
#ifndef DB_RESTORE_H
#define DB_RESTORE_H

#include "base/err.h"
#include "db/check.h"

struct restore_result {
	struct check_report check; /* of the file put in place */
	/* where the old database is now, free() it; NULL: there was none */
	char *undo;
};

/* file must be unsealed.  What was there stays as an undo copy beside it, with its WAL.  E_AGAIN: a server
 * uses dir.  Anything else that fails leaves the old database in place. */
MUST_USE enum err restore_put(const char *dir, const char *file, struct restore_result *out);
void restore_result_fini(struct restore_result *r);

#endif
