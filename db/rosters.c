#include "db/rosters.h"

#include "db/sqlite.h"

enum err db_roster_bump(struct db *db, int64_t account_id, int64_t by)
{
	struct query q;

	db_query(&q, db,
		 "INSERT INTO roster (account_id, version) VALUES (?1, 1 + ?2)"
		 " ON CONFLICT (account_id) DO UPDATE SET version = version + ?2");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, by);
	return db_run(&q);
}

enum err db_roster_clear(struct db *db, int64_t account_id)
{
	struct query q;
	enum err e;

	db_query(&q, db, "DELETE FROM roster_contact WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	e = db_run(&q);
	if (e != E_OK)
		return e;
	db_query(&q, db, "DELETE FROM roster_group WHERE account_id = ?");
	db_bind_i64(&q, account_id);
	return db_run(&q);
}

enum err db_roster_each(struct db *db, db_roster_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db, "SELECT account_id, version FROM roster");
	while (db_step(&q))
		fn(db_i64(&q, 0), db_i64(&q, 1), arg);
	return db_end(&q);
}

enum err db_roster_put_group(struct db *db, const struct db_roster_group *g)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO roster_group (account_id, id, position, name, external) VALUES (?, ?, ?, ?, ?)"
		" ON CONFLICT (account_id, id) DO UPDATE SET position = excluded.position, name = excluded.name,"
		" external = excluded.external");
	db_bind_i64(&q, g->account_id);
	db_bind_i64(&q, g->id);
	db_bind_i64(&q, g->position);
	db_bind_str(&q, g->name);
	db_bind_str(&q, g->external);
	return db_run(&q);
}

enum err db_roster_drop_group(struct db *db, int64_t account_id, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM roster_group WHERE account_id = ? AND id = ?");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, id);
	return db_run(&q);
}

enum err db_roster_each_group(struct db *db, db_roster_group_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db,
		 "SELECT account_id, id, position, name, external FROM roster_group"
		 " ORDER BY account_id, position, id");
	while (db_step(&q)) {
		struct db_roster_group g = {
			.account_id = db_i64(&q, 0),
			.id = db_i64(&q, 1),
			.position = db_i64(&q, 2),
			.name = db_str(&q, 3),
			.external = db_str(&q, 4),
		};

		fn(&g, arg);
	}
	return db_end(&q);
}

enum err db_roster_put_contact(struct db *db, const struct db_roster_contact *c)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO roster_contact (account_id, uri, name, groups, subscribed, external, extension)"
		" VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (account_id, uri) DO UPDATE SET name = excluded.name,"
		" groups = excluded.groups, subscribed = excluded.subscribed, external = excluded.external,"
		" extension = excluded.extension");
	db_bind_i64(&q, c->account_id);
	db_bind_str(&q, c->uri);
	db_bind_str(&q, c->name);
	db_bind_i64(&q, (int64_t)c->groups);
	db_bind_i64(&q, c->is_subscribed);
	db_bind_str(&q, c->external);
	db_bind_str(&q, c->extension);
	return db_run(&q);
}

enum err db_roster_drop_contact(struct db *db, int64_t account_id, struct str uri)
{
	struct query q;

	db_query(&q, db, "DELETE FROM roster_contact WHERE account_id = ? AND uri = ?");
	db_bind_i64(&q, account_id);
	db_bind_str(&q, uri);
	return db_run(&q);
}

enum err db_roster_each_contact(struct db *db, db_roster_contact_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT account_id, uri, name, groups, subscribed, external, extension FROM roster_contact"
		" ORDER BY account_id, uri");
	while (db_step(&q)) {
		struct db_roster_contact c = {
			.account_id = db_i64(&q, 0),
			.uri = db_str(&q, 1),
			.name = db_str(&q, 2),
			.groups = (uint64_t)db_i64(&q, 3),
			.is_subscribed = db_i64(&q, 4) != 0,
			.external = db_str(&q, 5),
			.extension = db_str(&q, 6),
		};

		fn(&c, arg);
	}
	return db_end(&q);
}

enum err db_subscriber_put(struct db *db, const struct db_subscriber *s)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO subscriber (account_id, watcher_id, acknowledged, since_ms) VALUES (?, ?, ?, ?)"
		" ON CONFLICT (account_id, watcher_id) DO UPDATE SET acknowledged = excluded.acknowledged");
	db_bind_i64(&q, s->account_id);
	db_bind_i64(&q, s->watcher_id);
	db_bind_i64(&q, s->is_acknowledged);
	db_bind_i64(&q, s->since_ms);
	return db_run(&q);
}

enum err db_subscriber_drop(struct db *db, int64_t account_id, int64_t watcher_id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM subscriber WHERE account_id = ? AND watcher_id = ?");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, watcher_id);
	return db_run(&q);
}

enum err db_subscriber_each(struct db *db, db_subscriber_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db,
		 "SELECT account_id, watcher_id, acknowledged, since_ms FROM subscriber"
		 " ORDER BY account_id, since_ms, watcher_id");
	while (db_step(&q)) {
		struct db_subscriber s = {
			.account_id = db_i64(&q, 0),
			.watcher_id = db_i64(&q, 1),
			.is_acknowledged = db_i64(&q, 2) != 0,
			.since_ms = db_i64(&q, 3),
		};

		fn(&s, arg);
	}
	return db_end(&q);
}

enum err db_grant_put(struct db *db, int64_t account_id, int64_t member_id, int level)
{
	struct query q;

	db_query(&q, db,
		 "INSERT INTO access_grant (account_id, member_id, level) VALUES (?, ?, ?)"
		 " ON CONFLICT (account_id, member_id) DO UPDATE SET level = excluded.level");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, member_id);
	db_bind_i64(&q, level);
	return db_run(&q);
}

enum err db_grant_drop(struct db *db, int64_t account_id, int64_t member_id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM access_grant WHERE account_id = ? AND member_id = ?");
	db_bind_i64(&q, account_id);
	db_bind_i64(&q, member_id);
	return db_run(&q);
}

enum err db_grant_each(struct db *db, db_grant_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db, "SELECT account_id, member_id, level FROM access_grant");
	while (db_step(&q))
		fn(db_i64(&q, 0), db_i64(&q, 1), (int)db_i64(&q, 2), arg);
	return db_end(&q);
}
