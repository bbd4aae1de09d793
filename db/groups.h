/* groups.h: groups, their members, and the texts kept for who comes back.  Store thread. */
#ifndef DB_GROUPS_H
#define DB_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

/* Ids are the caller's: ascending, above db_group_last_id at the start. */
struct db_group {
	int64_t id;
	int64_t kind, access; /* the caller's */
	bool is_locked, ends_with_organizer;
	struct str name, conf_id, subject;
	int64_t organizer_id; /* 0: none, or deleted since */
	int64_t created_ms, last_text_ms;
	int64_t last_seq, version;
};

enum db_member_state {
	DB_MEMBER_IN = 1,
	DB_MEMBER_BANNED = 2,
	DB_MEMBER_OUT = 3 /* never on disk */
};
struct db_member {
	int64_t account_id;
	enum db_member_state state;
	int64_t role; /* the caller's */
	bool is_sticky;
	int64_t joined_ms, seen_seq;
};

struct db_group_text {
	int64_t group_id, seq, at_ms;
	int64_t author_id;
	struct str author_name, author_display, dialect;
	struct str content_type, content_encoding, call_id, message_id;
	struct str extra, notice; /* opaque here */
	struct str plain, body;
};

/* E_EXISTS: the name or id. */
MUST_USE enum err db_group_add(struct db *db, const struct db_group *g);
/* E_NOTFOUND: deleted since.  Members in state DB_MEMBER_OUT are deleted, others added or replaced. */
MUST_USE enum err db_group_update(struct db *db, const struct db_group *g,
				  const struct db_member *p, size_t count);
MUST_USE enum err db_group_delete(struct db *db, int64_t id);
MUST_USE enum err db_group_last_id(struct db *db, int64_t *out);

/* Adds it and deletes those numbered up to drop_seq.  E_NOTFOUND: the group is gone. */
MUST_USE enum err db_group_text_put(struct db *db, const struct db_group_text *t, int64_t drop_seq);
/* Deletes up to limit said before before_ms. */
MUST_USE enum err db_group_text_expire(struct db *db, int64_t before_ms, size_t limit,
				       size_t *deleted_out);

/* For the start; borrowed until fn returns. */
typedef void db_group_fn(const struct db_group *g, void *arg);
typedef void db_group_member_fn(int64_t group_id, const struct db_member *p, void *arg);
typedef void db_group_text_fn(const struct db_group_text *t, void *arg);
MUST_USE enum err db_group_each(struct db *db, db_group_fn *fn, void *arg);
MUST_USE enum err db_group_member_each(struct db *db, db_group_member_fn *fn,
				       void *arg); /* by joined_ms */
MUST_USE enum err db_group_text_each(struct db *db, db_group_text_fn *fn,
				     void *arg); /* by group and seq */

#endif
