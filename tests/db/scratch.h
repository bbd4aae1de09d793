/* scratch.h: a database in a directory of its own, with the newest schema, for a repository's test. */
#ifndef TESTS_DB_SCRATCH_H
#define TESTS_DB_SCRATCH_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "db/migrate.h"
#include "db/sqlite.h"

struct scratch {
	struct db *db;
	char dir[32], path[64];
};

static inline int scratch_open(void **state)
{
	struct scratch *s = calloc(1, sizeof(*s));

	snprintf(s->dir, sizeof(s->dir), "/tmp/porchlight-XXXXXX");
	assert_non_null(mkdtemp(s->dir));
	snprintf(s->path, sizeof(s->path), "%s/scratch.db", s->dir);
	log_to_stderr(false);
	assert_int_equal(db_open(s->path, DB_STORE, &s->db), E_OK);
	for (size_t i = 0; i < db_migrations_count; i++)
		assert_int_equal(db_exec(s->db, db_migrations[i].sql), E_OK);
	*state = s;
	return 0;
}

/* What is found after this was really in the file. */
static inline void scratch_reopen(struct scratch *s)
{
	db_close(&s->db);
	assert_int_equal(db_open(s->path, DB_STORE, &s->db), E_OK);
}

static inline int scratch_close(void **state)
{
	struct scratch *s = *state;
	char wal[80];

	db_close(&s->db);
	snprintf(wal, sizeof(wal), "%s-wal", s->path);
	unlink(s->path);
	unlink(wal);
	assert_int_equal(rmdir(s->dir), 0);
	free(s);
	return 0;
}

#define SCRATCH_TEST(fn) cmocka_unit_test_setup_teardown(fn, scratch_open, scratch_close)

/* The number a SELECT gives. */
static inline int64_t scratch_i64(struct scratch *s, const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_pragma_i64(s->db, sql, &n), E_OK);
	return n;
}

static inline void assert_text(struct str s, const char *want)
{
	if (!str_eqz(s, want))
		fail_msg("\"%.*s\" is not \"%s\"", STR_ARG(s), want);
}

#endif
