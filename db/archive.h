/* archive.h: the rules of the archive, its texts, and finding them.  Store thread. */
#ifndef DB_ARCHIVE_H
#define DB_ARCHIVE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

/* --- rules --- */

struct db_archive_rule {
	int64_t scope, id, mode; /* the caller's */
	int64_t keep_days;	 /* 0: for ever */
};
MUST_USE enum err db_archive_rule_put(struct db *db, const struct db_archive_rule *r);
MUST_USE enum err db_archive_rule_drop(struct db *db, int64_t scope, int64_t id); /* E_NOTFOUND */
typedef void db_archive_rule_fn(const struct db_archive_rule *r, void *arg);
MUST_USE enum err db_archive_rule_each(struct db *db, db_archive_rule_fn *fn, void *arg);

/* --- texts --- */

struct db_archive_text {
	int64_t id;		 /* set by list */
	int64_t at_ms, purge_ms; /* wall; purge 0: never */
	int64_t conversation;	 /* the record's id */
	struct str from_uri;
	struct str to_uris; /* blank-separated */
	struct str content_type, plain;
	struct str body; /* empty where it is the plain text; not read by list */
};
MUST_USE enum err db_archive_put(struct db *db, const struct db_archive_text *t);

struct db_archive_filter {
	struct str words;	/* as a person types them; empty: all */
	struct str uri;		/* of who took part; empty: any */
	int64_t conversation;	/* 0: any */
	int64_t from_ms, to_ms; /* to_ms exclusive; 0: open */
	int64_t before_id;	/* the last of the page before; 0: the newest */
	size_t limit;		/* capped at DB_LIST_MAX */
};
typedef void db_archive_fn(const struct db_archive_text *t, void *arg);
/* Newest first; borrowed until fn returns. */
MUST_USE enum err db_archive_list(struct db *db, const struct db_archive_filter *f,
				  db_archive_fn *fn, void *arg);

/* Deletes up to limit whose time is over, so that the bytes are gone from the file. */
MUST_USE enum err db_archive_expire(struct db *db, int64_t now_ms, size_t limit,
				    size_t *deleted_out);
/* The texts of one conversation, as the one above. */
MUST_USE enum err db_archive_erase(struct db *db, int64_t conversation, size_t limit,
				   size_t *deleted_out);

#endif
