#include "db/lync_categories.h"

#include "db/sqlite.h"

enum err db_lync_category_put(struct db *db, const struct db_lync_category *c)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT OR REPLACE INTO lync_category(account_id, name, instance, container, version, published_ms,"
		" expires_ms, xml) VALUES(?, ?, ?, ?, ?, ?, ?, ?)");
	db_bind_i64(&q, c->account_id);
	db_bind_str(&q, c->name);
	db_bind_i64(&q, c->instance);
	db_bind_i64(&q, c->container);
	db_bind_i64(&q, c->version);
	db_bind_i64(&q, c->published_ms);
	db_bind_i64(&q, c->expires_ms);
	db_bind_str(&q, c->xml);
	return db_run(&q);
}

enum err db_lync_category_drop(struct db *db, const struct db_lync_category *key)
{
	struct query q;

	db_query(
		&q, db,
		"DELETE FROM lync_category WHERE account_id = ? AND name = ? AND instance = ? AND container = ?");
	db_bind_i64(&q, key->account_id);
	db_bind_str(&q, key->name);
	db_bind_i64(&q, key->instance);
	db_bind_i64(&q, key->container);
	return db_run(&q);
}

enum err db_lync_category_each(struct db *db, db_lync_category_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT account_id, name, instance, container, version, published_ms, expires_ms, xml FROM lync_category"
		" ORDER BY account_id, name, container, instance");
	while (db_step(&q)) {
		struct db_lync_category c = {
			.account_id = db_i64(&q, 0),
			.name = db_str(&q, 1),
			.instance = db_i64(&q, 2),
			.container = db_i64(&q, 3),
			.version = db_i64(&q, 4),
			.published_ms = db_i64(&q, 5),
			.expires_ms = db_i64(&q, 6),
			.xml = db_str(&q, 7),
		};

		fn(&c, arg);
	}
	return db_end(&q);
}
