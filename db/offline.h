/* offline.h: texts that were accepted and not yet delivered.  Store thread.
 *
 * Ids ascend in the order of acceptance and are never reused. */
#ifndef DB_OFFLINE_H
#define DB_OFFLINE_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

struct db_offline {
	int64_t id;	    /* set by put and list */
	int64_t account_id; /* the receiver */
	int64_t sender_id;  /* 0: not one of ours (any more) */
	struct str sender_uri, from_display;
	struct str content_type, content_encoding;
	struct str body;
	struct str call_id, message_id;
	struct str extra;			  /* what else must come through, opaque here */
	int64_t kind;				  /* the caller's */
	int64_t conversation;			  /* the caller's; the record's id */
	int64_t sent_ms, accepted_ms, expires_ms; /* wall */
};

/* E_NOTFOUND: no such account. */
MUST_USE enum err db_offline_put(struct db *db, const struct db_offline *m, int64_t *id_out);
/* E_NOTFOUND: delivered or expired before */
MUST_USE enum err db_offline_delete(struct db *db, int64_t id);

typedef void db_offline_fn(const struct db_offline *m, void *arg); /* borrowed */
/* In order, those after after_id that have not expired, up to limit. */
MUST_USE enum err db_offline_list(struct db *db, int64_t account_id, int64_t after_id, size_t limit,
				  int64_t now_ms, db_offline_fn *fn, void *arg);

struct db_offline_count {
	int64_t account_id, messages, bytes, last_id;
};
typedef void db_offline_count_fn(const struct db_offline_count *c, void *arg);
/* Who has any: for the start. */
MUST_USE enum err db_offline_counts(struct db *db, db_offline_count_fn *fn, void *arg);
/* Deletes up to limit expired ones. */
MUST_USE enum err db_offline_expire(struct db *db, int64_t now_ms, size_t limit,
				    size_t *deleted_out);

#endif
