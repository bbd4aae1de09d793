/* datadir.h: the data directory: made with mode 0700, used as its owner. */
#ifndef APP_DATADIR_H
#define APP_DATADIR_H

#include "base/err.h"

#define DATADIR_DB "porchlight.db"
#define DATADIR_SOCKET "control.sock"
#define DATADIR_TMP "tmp"

/* Root becomes the owner of dir (which must exist).  Another user than the owner: E_DENIED.
 * Failures are logged. */
MUST_USE enum err datadir_become_owner(const char *dir);
MUST_USE enum err datadir_make(const char *dir);       /* exists already is fine */
char *datadir_path(const char *dir, const char *name); /* free() it */

#endif
