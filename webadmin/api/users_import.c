/* users_import.c: /users/import: people out of a CSV, all of them or none.
 *
 * web: the text is read and every line checked that can be checked without the
 * directory -> switch: names that exist, departments that do not, which are made
 * one after the other -> all accounts in one change -> reply.  If that fails the
 * departments made go again, so that a second try finds what the first one found. */
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "base/map.h"
#include "crypto/password.h"
#include "immcu/group.h"

#include "webadmin/api/csv.h"
#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

enum column {
	COL_NAME,
	COL_DISPLAY,
	COL_EMAIL,
	COL_DEPARTMENT,
	COL_TITLE,
	COL_PHONE,
	COL_PASSWORD,
	COLUMNS
};

static const struct {
	const char *name;
	size_t max;
} columns[COLUMNS] = {
	{ "name", ACCOUNT_NAME_MAX }, { "display", 128 }, { "email", 254 },
	{ "department", 128 },	      { "title", 128 },	  { "phone", 64 },
	{ "password", PASSWORD_MAX },
};

enum { MESSAGE_MAX = 512 };

struct row {
	struct map_node node; /* by lower-case name */
	size_t line;
	struct str department, lower;
	char *made; /* owned; NULL: the line had a password */
};

/* Invariant: people[i] is row[i]'s. */
struct import {
	struct api_call call;
	struct arena arena; /* fields; larger than a request's own */
	struct row *row;
	struct account_new *people;
	size_t n;
	struct map by_name;
	int at[COLUMNS];     /* field of each column, -1: not in the file */
	department_id *made; /* departments this import has made */
	size_t n_made, next; /* next: the row whose department is looked at */
	size_t bad;	     /* of directory_add_many */
	enum err why;	     /* the import failed: the departments go again */
};

static void import_fini(struct api_call *c)
{
	struct import *m = CONTAINER_OF(c, struct import, call);

	for (size_t i = 0; i < m->n; i++) {
		if (m->row[i].made != NULL)
			mem_wipe(m->row[i].made, PASSWORD_MADE_CAP);
		free(m->row[i].made);
	}
	map_fini(&m->by_name);
	arena_fini(&m->arena);
	free(m->row);
	free(m->people);
	free(m->made);
}

static bool bad_line(struct import *m, size_t line, const char *column, const char *message)
{
	char text[MESSAGE_MAX];

	if (column != NULL)
		snprintf(text, sizeof(text), "line %zu, %s: %s", line, column, message);
	else
		snprintf(text, sizeof(text), "line %zu: %s", line, message);
	api_error(m->call.rq, 400, "invalid", text, "csv");
	return false;
}

/* ---- reading ---- */

static bool read_header(struct import *m, const struct str *field, size_t n)
{
	for (size_t k = 0; k < COLUMNS; k++)
		m->at[k] = -1;
	for (size_t i = 0; i < n; i++) {
		struct str name = str_trim(field[i]);
		size_t k = 0;

		while (k < COLUMNS && !str_ieqz(name, columns[k].name))
			k++;
		if (k == COLUMNS)
			return bad_line(m, 1, NULL,
					"a column that is none of "
					"name,display,email,department,title,phone,password");
		if (m->at[k] >= 0)
			return bad_line(m, 1, columns[k].name, "is there twice");
		m->at[k] = (int)i;
	}
	if (m->at[COL_NAME] < 0)
		return bad_line(m, 1, NULL, "there is no column \"name\"");
	return true;
}

static bool has_control(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
			return true;
	return false;
}

static bool read_field(struct import *m, size_t line, enum column k, const struct str *field,
		       size_t n, struct str *out)
{
	*out = STR("");
	if (m->at[k] < 0 || (size_t)m->at[k] >= n)
		return true;
	*out = k == COL_PASSWORD ? field[m->at[k]] : str_trim(field[m->at[k]]);
	if (out->len > columns[k].max)
		return bad_line(m, line, columns[k].name, "is too long");
	if (has_control(*out))
		return bad_line(m, line, columns[k].name, "must not contain control characters");
	return true;
}

static bool settle_password(struct import *m, struct row *r, struct account_new *p)
{
	const char *why;

	if (p->password.len == 0) {
		r->made = xcalloc(1, PASSWORD_MADE_CAP);
		password_make(r->made);
		p->password = str_of(r->made);
		return true;
	}
	return password_check(p->password, p->name, &why) == E_OK ||
	       bad_line(m, r->line, "password", why);
}

static bool settle_name(struct import *m, struct row *r, struct account_new *p)
{
	struct str low = str_dup_lower(p->name);
	enum err e = arena_dup(&m->arena, low, &r->lower);
	const char *why;

	str_free(&low);
	if (e != E_OK)
		return bad_line(m, r->line, NULL, "the file is too big");
	p->name = r->lower;
	if (directory_check_name(p->name, &why) != E_OK)
		return bad_line(m, r->line, "name", why);
	if (map_get(&m->by_name, r->lower) != NULL)
		return bad_line(m, r->line, "name", "is in this file twice");
	map_put(&m->by_name, &r->node, r->lower);
	return true;
}

static bool read_row(struct import *m, size_t line, const struct str *field, size_t n)
{
	struct row *r = &m->row[m->n];
	struct account_new *p = &m->people[m->n];

	r->line = line;
	m->n++; /* from here on fini knows it */
	for (size_t i = 0; i < n; i++) {
		bool known = false;

		for (size_t k = 0; k < COLUMNS; k++)
			known |= m->at[k] == (int)i;
		if (!known && field[i].len > 0)
			return bad_line(m, line, NULL, "has more fields than the first line");
	}
	return read_field(m, line, COL_NAME, field, n, &p->name) &&
	       read_field(m, line, COL_DISPLAY, field, n, &p->display) &&
	       read_field(m, line, COL_EMAIL, field, n, &p->email) &&
	       read_field(m, line, COL_DEPARTMENT, field, n, &r->department) &&
	       read_field(m, line, COL_TITLE, field, n, &p->title) &&
	       read_field(m, line, COL_PHONE, field, n, &p->phone) &&
	       read_field(m, line, COL_PASSWORD, field, n, &p->password) && settle_name(m, r, p) &&
	       settle_password(m, r, p);
}

static bool read_all(struct import *m, struct str text)
{
	struct str field[CSV_FIELDS_MAX];
	struct csv csv;
	bool has_header = false;
	size_t n;
	enum err e;

	csv_init(&csv, text);
	while ((e = csv_next(&csv, &m->arena, field, &n)) == E_OK) {
		if (!has_header) {
			if (!read_header(m, field, n))
				return false;
			has_header = true;
		} else if (m->n == API_IMPORT_ROWS) {
			return bad_line(m, csv.line, NULL,
					"there are more people than one import takes");
		} else if (!read_row(m, csv.line, field, n)) {
			return false;
		}
	}
	if (e == E_TOOBIG)
		return bad_line(m, csv.line, NULL, "has too many fields");
	if (e == E_BAD)
		return bad_line(m, csv.line, NULL, "is not UTF-8, or has a quote out of place");
	if (e != E_NOTFOUND)
		return bad_line(m, csv.line, NULL, "the file is too big");
	if (m->n == 0)
		return bad_line(m, csv.line, NULL, "there is nobody in this file");
	return true;
}

/* ---- storing ---- */

static void reply(struct import *m)
{
	json_t *all = json_array();

	for (size_t i = 0; i < m->n; i++) {
		json_t *j = json_object();

		api_set_str(j, "name", m->row[i].lower);
		if (m->row[i].made != NULL)
			json_object_set_new(j, "password", json_string(m->row[i].made));
		json_array_append_new(all, j);
	}
	api_reply(m->call.rq, 201, json_pack("{s:I,s:o}", "added", (json_int_t)m->n, "users", all));
}

static void reply_failure(struct import *m)
{
	if (m->bad < m->n && m->why == E_EXISTS)
		bad_line(m, m->row[m->bad].line, "name", "exists already");
	else if (m->bad < m->n && m->why != E_FULL && m->why != E_IO && m->why != E_AGAIN)
		bad_line(m, m->row[m->bad].line, NULL, "is not accepted");
	else
		api_user_fail(m->call.rq, m->why == E_NOTFOUND ? E_STALE : m->why);
}

static void on_department_undone(void *arg, enum err e, int64_t id);

static void undo_departments(struct import *m)
{
	if (m->n_made == 0)
		reply_failure(m);
	else
		directory_department_delete(m->call.api->directory, m->made[--m->n_made],
					    on_department_undone, m);
}

static void on_department_undone(void *arg, enum err e, int64_t id)
{
	(void)e; /* it stays, empty: harmless */
	(void)id;
	undo_departments(arg);
}

static void fail(struct import *m, enum err why)
{
	m->why = why;
	undo_departments(m);
}

static void on_people_added(void *arg, enum err e, int64_t id)
{
	struct import *m = arg;

	(void)id;
	if (e != E_OK) {
		fail(m, e);
		return;
	}
	for (size_t i = 0; i < m->n; i++)
		api_audit(&m->call, "user.import", m->row[i].lower, STR(""));
	reply(m);
}

static void add_departments(struct import *m);

static void on_department_added(void *arg, enum err e, int64_t id)
{
	struct import *m = arg;

	if (e == E_OK)
		m->made[m->n_made++] = id;
	if (e == E_OK || e == E_EXISTS) {
		add_departments(m);
	} else {
		m->bad = m->n;
		fail(m, e);
	}
}

/* Goes on from row `next`; every department that is missing is one turn through the store. */
static void add_departments(struct import *m)
{
	struct directory *d = m->call.api->directory;

	for (; m->next < m->n; m->next++) {
		const struct department *found;

		if (m->row[m->next].department.len == 0)
			continue;
		found = directory_department_find(d, m->row[m->next].department);
		if (found == NULL) {
			directory_department_add(d, m->row[m->next].department, on_department_added,
						 m);
			return;
		}
		m->people[m->next].department = found->id;
	}
	directory_add_many(d, m->people, m->n, &m->bad, on_people_added, m);
}

static void on_switch(struct api_call *c)
{
	struct import *m = CONTAINER_OF(c, struct import, call);

	for (size_t i = 0; i < m->n; i++) {
		if (directory_find(c->api->directory, m->row[i].lower) != NULL ||
		    group_find(c->api->immcu, m->row[i].lower) != NULL) {
			bad_line(m, m->row[i].line, "name", "exists already");
			return;
		}
	}
	add_departments(m);
}

void api_users_import(struct http_req *rq, void *arg)
{
	struct api *a = arg;
	struct import *m = api_call_new(rq, a, sizeof(*m));

	if (m == NULL)
		return;
	if (a->domain.p == NULL) {
		api_error(rq, 409, "not_set_up", "The server waits for its first set-up.", NULL);
		return;
	}
	m->row = xcalloc(API_IMPORT_ROWS, sizeof(*m->row));
	m->people = xcalloc(API_IMPORT_ROWS, sizeof(*m->people));
	m->made = xcalloc(API_IMPORT_ROWS, sizeof(*m->made));
	arena_init(&m->arena, 4 * (size_t)HTTP_BODY_LARGE); /* small fields are padded */
	map_init(&m->by_name);
	m->call.fini = import_fini;
	if (!read_all(m, http_req_body(rq)))
		return;
	http_req_allow_ms(rq, HTTP_REPLY_MS + (int64_t)m->n * API_IMPORT_MS_PER_ROW);
	api_switch(&m->call, on_switch);
}
