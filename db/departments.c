#include "db/departments.h"

#include "db/sqlite.h"

enum err db_department_add(struct db *db, struct str name, int64_t now_ms, int64_t *id_out)
{
	struct query q;
	enum err e;

	db_query(&q, db, "INSERT INTO department (name, created_ms) VALUES (?, ?)");
	db_bind_str(&q, name);
	db_bind_i64(&q, now_ms);
	e = db_run(&q);
	if (e == E_OK)
		*id_out = db_last_id(db);
	return e;
}

enum err db_department_rename(struct db *db, int64_t id, struct str name)
{
	struct query q;

	db_query(&q, db, "UPDATE department SET name = ? WHERE id = ?");
	db_bind_str(&q, name);
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_department_delete(struct db *db, int64_t id)
{
	struct query q;

	db_query(&q, db, "DELETE FROM department WHERE id = ?");
	db_bind_i64(&q, id);
	return db_change(&q);
}

enum err db_department_each(struct db *db, db_department_fn *fn, void *arg)
{
	struct query q;

	db_query(
		&q, db,
		"SELECT id, name, created_ms, (SELECT count(*) FROM account WHERE department_id = department.id)"
		" FROM department ORDER BY name");
	while (db_step(&q)) {
		struct db_department d = {
			.id = db_i64(&q, 0),
			.name = db_str(&q, 1),
			.created_ms = db_i64(&q, 2),
			.accounts = db_i64(&q, 3),
		};

		fn(&d, arg);
	}
	return db_end(&q);
}

enum err db_department_find(struct db *db, struct str name, int64_t *id_out)
{
	struct query q;
	int64_t id = 0;
	enum err e;

	db_query(&q, db, "SELECT id FROM department WHERE name = ?");
	db_bind_str(&q, name);
	if (db_step(&q))
		id = db_i64(&q, 0);
	e = db_end(&q);
	if (e == E_OK && id == 0)
		e = E_NOTFOUND;
	if (e == E_OK)
		*id_out = id;
	return e;
}
