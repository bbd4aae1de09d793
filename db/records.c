#include "db/records.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

#include "db/sqlite.h"

/* --- writing --- */

/* A record's start never changes: its participants' rows repeat it. */
static enum err put_record(struct db *db, const struct db_record *r)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO record (id, kind, started_ms, ended_ms, first_ms, last_ms, result_code, end_reason,"
		" messages, failures, origin, begun_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
		" ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, ended_ms = excluded.ended_ms,"
		" first_ms = excluded.first_ms, last_ms = excluded.last_ms, result_code = excluded.result_code,"
		" end_reason = excluded.end_reason, messages = excluded.messages, failures = excluded.failures,"
		" origin = excluded.origin, begun_by = excluded.begun_by");
	db_bind_i64(&q, r->id);
	db_bind_i64(&q, r->kind);
	db_bind_i64(&q, r->started_ms);
	db_bind_i64(&q, r->ended_ms);
	db_bind_i64(&q, r->first_ms);
	db_bind_i64(&q, r->last_ms);
	db_bind_i64(&q, r->result_code);
	db_bind_i64(&q, r->end_reason);
	db_bind_i64(&q, r->messages);
	db_bind_i64(&q, r->failures);
	db_bind_i64(&q, r->origin);
	db_bind_str(&q, r->begun_by);
	return db_run(&q);
}

/* While a conversation goes on, only its counts do: no index then has to be touched, which is most of what a
 * row costs.  E_NOTFOUND: it is not there yet. */
static enum err update_record(struct db *db, const struct db_record *r)
{
	struct query q;

	db_query(
		&q, db,
		"UPDATE record SET kind = ?, first_ms = ?, last_ms = ?, result_code = ?, messages = ?, failures = ?,"
		" origin = ?, begun_by = ? WHERE id = ? AND ended_ms = 0");
	db_bind_i64(&q, r->kind);
	db_bind_i64(&q, r->first_ms);
	db_bind_i64(&q, r->last_ms);
	db_bind_i64(&q, r->result_code);
	db_bind_i64(&q, r->messages);
	db_bind_i64(&q, r->failures);
	db_bind_i64(&q, r->origin);
	db_bind_str(&q, r->begun_by);
	db_bind_i64(&q, r->id);
	return db_change(&q);
}

/* The account of an address stays the same, or is set to NULL by its deletion. */
static enum err update_participant(struct db *db, int64_t record_id, const struct db_participant *p)
{
	struct query q;

	db_query(
		&q, db,
		"UPDATE record_participant SET sent = ?, received = ?, client = ?, dialect = ?, joined_ms = ?,"
		" left_ms = ?, invited_by = ? WHERE record_id = ? AND uri = ?");
	db_bind_i64(&q, p->sent);
	db_bind_i64(&q, p->received);
	db_bind_str(&q, p->client);
	db_bind_str(&q, p->dialect);
	db_bind_i64(&q, p->joined_ms);
	db_bind_i64(&q, p->left_ms);
	db_bind_str(&q, p->invited_by);
	db_bind_i64(&q, record_id);
	db_bind_str(&q, p->uri);
	return db_change(&q);
}

/* The account may have been deleted while the conversation went on: then the address alone is kept. */
static enum err put_participant(struct db *db, int64_t record_id, const struct db_participant *p)
{
	struct query q;

	db_query(
		&q, db,
		"INSERT INTO record_participant (record_id, uri, account_id, started_ms, sent, received, client,"
		" dialect, joined_ms, left_ms, invited_by) VALUES (?1, ?2, (SELECT id FROM account WHERE id = ?3),"
		" (SELECT started_ms FROM record WHERE id = ?1), ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
		" ON CONFLICT (record_id, uri) DO UPDATE SET account_id = excluded.account_id, sent = excluded.sent,"
		" received = excluded.received, client = excluded.client, dialect = excluded.dialect,"
		" joined_ms = excluded.joined_ms, left_ms = excluded.left_ms,"
		" invited_by = excluded.invited_by");
	db_bind_i64(&q, record_id);
	db_bind_str(&q, p->uri);
	db_bind_id(&q, p->account_id);
	db_bind_i64(&q, p->sent);
	db_bind_i64(&q, p->received);
	db_bind_str(&q, p->client);
	db_bind_str(&q, p->dialect);
	db_bind_i64(&q, p->joined_ms);
	db_bind_i64(&q, p->left_ms);
	db_bind_str(&q, p->invited_by);
	return db_run(&q);
}

enum err db_record_put(struct db *db, const struct db_record *r, const struct db_participant *p,
		       size_t count)
{
	bool is_new;
	enum err e;

	if (count > DB_PARTICIPANTS_MAX)
		return E_TOOBIG;
	e = r->ended_ms == 0 ? update_record(db, r) : E_NOTFOUND;
	is_new = e == E_NOTFOUND;
	if (is_new)
		e = put_record(db, r);
	for (size_t i = 0; e == E_OK && i < count; i++) {
		e = is_new ? E_NOTFOUND : update_participant(db, r->id, &p[i]);
		if (e == E_NOTFOUND)
			e = put_participant(db, r->id, &p[i]);
	}
	return e;
}

enum err db_record_close_open(struct db *db, int64_t end_reason)
{
	struct query q;
	enum err e;

	db_query(
		&q, db,
		"UPDATE record_participant SET left_ms = max(joined_ms, (SELECT max(r.started_ms, r.last_ms)"
		" FROM record r WHERE r.id = record_id)) WHERE left_ms = 0"
		" AND record_id IN (SELECT id FROM record WHERE ended_ms = 0)");
	e = db_run(&q);
	if (e != E_OK)
		return e;
	db_query(
		&q, db,
		"UPDATE record SET ended_ms = max(started_ms, last_ms), end_reason = ? WHERE ended_ms = 0");
	db_bind_i64(&q, end_reason);
	return db_run(&q);
}

/* Stored and archived messages name their conversation too, and may outlive its record. */
enum err db_record_last_id(struct db *db, int64_t *out)
{
	return db_pragma_i64(db,
			     "SELECT max(ifnull((SELECT max(id) FROM record), 0),"
			     " ifnull((SELECT max(conversation) FROM offline_message), 0),"
			     " ifnull((SELECT max(conversation) FROM archive_text), 0))",
			     out);
}

enum err db_record_expire(struct db *db, int64_t before_ms, size_t limit, size_t *deleted_out)
{
	struct query q;
	enum err e;

	db_query(&q, db,
		 "DELETE FROM record WHERE id IN"
		 " (SELECT id FROM record WHERE started_ms < ? ORDER BY started_ms LIMIT ?)");
	db_bind_i64(&q, before_ms);
	db_bind_i64(&q, (int64_t)limit);
	e = db_change(&q);
	if (e == E_OK)
		*deleted_out = (size_t)db_changes(db);
	if (e == E_NOTFOUND) {
		*deleted_out = 0;
		e = E_OK;
	}
	return e;
}

/* --- reading --- */

/* The participants of one record; their strings are owned. */
struct people {
	struct db_participant *p; /* owned */
	size_t count, cap;
};

static void people_reset(struct people *l)
{
	for (size_t i = 0; i < l->count; i++) {
		str_free(&l->p[i].uri);
		str_free(&l->p[i].client);
		str_free(&l->p[i].dialect);
		str_free(&l->p[i].invited_by);
	}
	l->count = 0;
}

static void people_add(struct people *l, const struct query *q)
{
	if (l->count == l->cap) {
		l->cap = l->cap == 0 ? 8 : 2 * l->cap;
		l->p = xrealloc(l->p, l->cap * sizeof(*l->p));
	}
	l->p[l->count++] = (struct db_participant){
		.uri = str_dup(db_str(q, 0)),
		.account_id = db_i64(q, 1),
		.sent = db_i64(q, 2),
		.received = db_i64(q, 3),
		.client = str_dup(db_str(q, 4)),
		.dialect = str_dup(db_str(q, 5)),
		.joined_ms = db_i64(q, 6),
		.left_ms = db_i64(q, 7),
		.invited_by = str_dup(db_str(q, 8)),
	};
}

static enum err people_load(struct people *l, struct db *db, int64_t record_id)
{
	struct query q;

	people_reset(l);
	db_query(
		&q, db,
		"SELECT uri, account_id, sent, received, client, dialect, joined_ms, left_ms, invited_by"
		" FROM record_participant"
		" WHERE record_id = ? ORDER BY joined_ms, uri LIMIT ?");
	db_bind_i64(&q, record_id);
	db_bind_i64(&q, DB_PARTICIPANTS_MAX);
	while (db_step(&q))
		people_add(l, &q);
	return db_end(&q);
}

/* Calls fn for each row of q and ends it. */
static enum err each(struct query *q, db_record_fn *fn, void *arg, size_t *count_out)
{
	struct people l = { 0 };
	enum err e = E_OK, ended;
	size_t count = 0;

	while (e == E_OK && db_step(q)) {
		struct db_record r = {
			.id = db_i64(q, 0),
			.kind = (enum db_record_kind)db_i64(q, 1),
			.started_ms = db_i64(q, 2),
			.ended_ms = db_i64(q, 3),
			.first_ms = db_i64(q, 4),
			.last_ms = db_i64(q, 5),
			.result_code = db_i64(q, 6),
			.end_reason = db_i64(q, 7),
			.messages = db_i64(q, 8),
			.failures = db_i64(q, 9),
			.origin = (enum db_record_origin)db_i64(q, 10),
			.begun_by = db_str(q, 11),
		};

		e = people_load(&l, q->db, r.id);
		if (e == E_OK)
			fn(&r, l.p, l.count, arg);
		count++;
	}
	ended = db_end(q);
	people_reset(&l);
	free(l.p);
	*count_out = count;
	return e == E_OK ? ended : e;
}

#define COLUMNS                                                                                       \
	"r.id, r.kind, r.started_ms, r.ended_ms, r.first_ms, r.last_ms, r.result_code, r.end_reason," \
	" r.messages, r.failures, r.origin, r.begun_by"
#define FILTER " AND (?7 = 0 OR r.kind = ?7) AND (?8 = 0 OR r.failures > 0)"
#define OF_PARTICIPANT                                                                                    \
	" AND p.started_ms >= ?3 AND p.started_ms < ?4 AND (p.started_ms, p.record_id) < (?5, ?6)" FILTER \
	" GROUP BY p.started_ms, p.record_id ORDER BY p.started_ms DESC, p.record_id DESC LIMIT ?9"

/* Each way has its index in the order of the page; one person may have two addresses in one record, hence the
 * grouping. */
static const char *statement(const struct db_record_filter *f)
{
	if (f->account_id != 0)
		return "SELECT " COLUMNS
		       " FROM record_participant p JOIN record r ON r.id = p.record_id"
		       " WHERE p.account_id = ?1 AND (?2 = '' OR EXISTS (SELECT 1 FROM record_participant o"
		       " WHERE o.record_id = p.record_id AND o.uri = ?2))" OF_PARTICIPANT;
	if (f->uri.len > 0)
		return "SELECT " COLUMNS
		       " FROM record_participant p JOIN record r ON r.id = p.record_id"
		       " WHERE ?1 = 0 AND p.uri = ?2" OF_PARTICIPANT;
	return "SELECT " COLUMNS " FROM record r WHERE ?1 = 0 AND ?2 = '' AND r.started_ms >= ?3"
	       " AND r.started_ms < ?4 AND (r.started_ms, r.id) < (?5, ?6)" FILTER
	       " ORDER BY r.started_ms DESC, r.id DESC LIMIT ?9";
}

enum err db_record_list(struct db *db, const struct db_record_filter *f, db_record_fn *fn,
			void *arg)
{
	bool is_first_page = f->before_started_ms == 0 && f->before_id == 0;
	struct query q;
	size_t count;

	db_query(&q, db, statement(f));
	db_bind_i64(&q, f->account_id);
	db_bind_str(&q, f->uri);
	db_bind_i64(&q, f->from_ms);
	db_bind_i64(&q, f->to_ms > 0 ? f->to_ms : INT64_MAX);
	db_bind_i64(&q, is_first_page ? INT64_MAX : f->before_started_ms);
	db_bind_i64(&q, is_first_page ? INT64_MAX : f->before_id);
	db_bind_i64(&q, f->kind);
	db_bind_i64(&q, f->only_failed);
	db_bind_i64(&q, f->limit < DB_LIST_MAX ? (int64_t)f->limit : DB_LIST_MAX);
	return each(&q, fn, arg, &count);
}

enum err db_record_get(struct db *db, int64_t id, db_record_fn *fn, void *arg)
{
	struct query q;
	size_t count;
	enum err e;

	db_query(&q, db, "SELECT " COLUMNS " FROM record r WHERE r.id = ?");
	db_bind_i64(&q, id);
	e = each(&q, fn, arg, &count);
	return e == E_OK && count == 0 ? E_NOTFOUND : e;
}
