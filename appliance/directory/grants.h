/* grants.h: the access levels people chose for each other, on disk.
 *
 * In memory they are presence's (presence/access.h), whose levels are plain
 * numbers here: it loads them at boot and writes each choice through.  Switch thread. */
#ifndef DIRECTORY_GRANTS_H
#define DIRECTORY_GRANTS_H

#include "directory/directory.h"

typedef void grant_fn(account_id owner, account_id member, int level, void *arg);
/* Boot, before the store's thread: all of them. */
MUST_USE enum err grants_load(struct directory *d, grant_fn *fn, void *arg);

/* E_NOTFOUND: one of the two is not there. */
void grant_set(struct directory *d, account_id owner, account_id member, int level,
	       directory_done_fn *done, void *arg);
/* Back to the default; E_OK also if there is none. */
void grant_clear(struct directory *d, account_id owner, account_id member, directory_done_fn *done,
		 void *arg);

#endif
