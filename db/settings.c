#include "db/settings.h"

#include <assert.h>

#include "base/num.h"

#include "db/sqlite.h"

enum err db_setting_get(struct db *db, struct str key, struct buf *out)
{
	struct query q;
	bool is_there;
	enum err e;

	db_query(&q, db, "SELECT value FROM setting WHERE key = ?");
	db_bind_str(&q, key);
	is_there = db_step(&q);
	if (is_there)
		buf_add(out, db_str(&q, 0));
	e = db_end(&q);
	if (e == E_OK && !is_there)
		return E_NOTFOUND;
	return e == E_OK ? buf_err(out) : e;
}

/* base/num knows no sign, so the sign is taken off here. */
static enum err decode_i64(struct str s, int64_t lo, int64_t hi, int64_t *out)
{
	bool is_negative = s.len > 0 && s.p[0] == '-';
	uint64_t n;
	int64_t v;
	enum err e = num_u64(str_sub(s, is_negative, s.len), 0, INT64_MAX, &n);

	if (e != E_OK)
		return e;
	v = is_negative ? -(int64_t)n : (int64_t)n;
	if (v < lo || v > hi)
		return E_BAD;
	*out = v;
	return E_OK;
}

enum err db_setting_get_i64(struct db *db, struct str key, int64_t lo, int64_t hi, int64_t *out)
{
	struct query q;
	enum err e, decoded = E_NOTFOUND;

	assert(lo <= hi);
	db_query(&q, db, "SELECT value FROM setting WHERE key = ?");
	db_bind_str(&q, key);
	if (db_step(&q))
		decoded = decode_i64(db_str(&q, 0), lo, hi, out);
	e = db_end(&q);
	return e == E_OK ? decoded : e;
}

enum err db_setting_set(struct db *db, struct str key, struct str value)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO setting (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value");
	db_bind_str(&q, key);
	db_bind_str(&q, value);
	return db_run(&q);
}

enum err db_setting_drop(struct db *db, struct str key)
{
	struct query q;

	db_query(&q, db, "DELETE FROM setting WHERE key = ?");
	db_bind_str(&q, key);
	return db_run(&q);
}

enum err db_setting_each(struct db *db, db_setting_fn *fn, void *arg)
{
	struct query q;

	db_query(&q, db, "SELECT key, value FROM setting ORDER BY key");
	while (db_step(&q))
		fn(db_str(&q, 0), db_str(&q, 1), arg);
	return db_end(&q);
}
