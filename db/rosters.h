/* rosters.h: contact lists, subscribers and access levels.  Store thread.  All go with their accounts. */
#ifndef DB_ROSTERS_H
#define DB_ROSTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

/* Raises the version by so much; a list without one is at 1.  E_NOTFOUND: no such account. */
MUST_USE enum err db_roster_bump(struct db *db, int64_t account_id, int64_t by);
/* All groups and contacts; the version stays. */
MUST_USE enum err db_roster_clear(struct db *db, int64_t account_id);
typedef void db_roster_fn(int64_t account_id, int64_t version, void *arg);
MUST_USE enum err db_roster_each(struct db *db, db_roster_fn *fn, void *arg);

struct db_roster_group {
	int64_t account_id, id, position;
	struct str name, external;
};
/* adds or replaces */
MUST_USE enum err db_roster_put_group(struct db *db, const struct db_roster_group *g);
/* E_OK also if gone */
MUST_USE enum err db_roster_drop_group(struct db *db, int64_t account_id, int64_t id);
typedef void db_roster_group_fn(const struct db_roster_group *g, void *arg); /* borrowed */
/* in their order */
MUST_USE enum err db_roster_each_group(struct db *db, db_roster_group_fn *fn, void *arg);

struct db_roster_contact {
	int64_t account_id;
	struct str uri, name, external, extension;
	uint64_t groups;
	bool is_subscribed;
};
MUST_USE enum err db_roster_put_contact(struct db *db, const struct db_roster_contact *c);
MUST_USE enum err db_roster_drop_contact(struct db *db, int64_t account_id, struct str uri);
typedef void db_roster_contact_fn(const struct db_roster_contact *c, void *arg); /* borrowed */
/* by account, uri */
MUST_USE enum err db_roster_each_contact(struct db *db, db_roster_contact_fn *fn, void *arg);

struct db_subscriber {
	int64_t account_id, watcher_id;
	bool is_acknowledged;
	int64_t since_ms;
};
/* adds or replaces */
MUST_USE enum err db_subscriber_put(struct db *db, const struct db_subscriber *s);
MUST_USE enum err db_subscriber_drop(struct db *db, int64_t account_id, int64_t watcher_id);
typedef void db_subscriber_fn(const struct db_subscriber *s, void *arg);
/* oldest first */
MUST_USE enum err db_subscriber_each(struct db *db, db_subscriber_fn *fn, void *arg);

MUST_USE enum err db_grant_put(struct db *db, int64_t account_id, int64_t member_id, int level);
MUST_USE enum err db_grant_drop(struct db *db, int64_t account_id, int64_t member_id);
typedef void db_grant_fn(int64_t account_id, int64_t member_id, int level, void *arg);
MUST_USE enum err db_grant_each(struct db *db, db_grant_fn *fn, void *arg);

#endif
