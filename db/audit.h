/* audit.h: who changed what, when and from where.  Store thread; rows are only ever added. */
#ifndef DB_AUDIT_H
#define DB_AUDIT_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

struct db_audit {
	int64_t id; /* set by list */
	int64_t at_ms;
	struct str actor;   /* administrator, "command line", "server" */
	struct str address; /* empty: local */
	struct str action;  /* "account.add" */
	struct str object;  /* "alice" */
	struct str detail;  /* JSON, or empty; never a secret */
};

MUST_USE enum err db_audit_add(struct db *db, const struct db_audit *a);

struct db_audit_filter {
	struct str actor, action, object; /* empty: any */
	int64_t from_ms, to_ms;		  /* to_ms exclusive; 0: open */
	int64_t before_id;		  /* the last id of the page before; 0: the newest */
	size_t limit;			  /* capped at DB_LIST_MAX */
};
typedef void db_audit_fn(const struct db_audit *a, void *arg); /* borrowed */
MUST_USE enum err db_audit_list(struct db *db, const struct db_audit_filter *f, db_audit_fn *fn,
				void *arg); /* newest first */

#endif
