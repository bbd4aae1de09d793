/* kit.h: what the tests of db/ share: a folder of their own, operations that write and count rows. */
#ifndef TESTS_DB_KIT_H
#define TESTS_DB_KIT_H

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"

#include "db/accounts.h"
#include "db/settings.h"
#include "db/sqlite.h"
#include "db/store.h"

#define KIT_UNUSED __attribute__((unused))

/* --- a folder --- */

KIT_UNUSED static char *kit_dir_new(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir = xasprintf("%s/porchlight-db-XXXXXX", tmp != NULL ? tmp : "/tmp");

	assert_non_null(mkdtemp(dir));
	return dir;
}

KIT_UNUSED static void kit_dir_end(char *dir)
{
	DIR *d = opendir(dir);
	const struct dirent *de;

	assert_non_null(d);
	while ((de = readdir(d)) != NULL)
		if (strcmp(de->d_name, ".") != 0 && strcmp(de->d_name, "..") != 0)
			(void)unlinkat(dirfd(d), de->d_name, 0);
	closedir(d);
	assert_int_equal(rmdir(dir), 0);
	free(dir);
}

/* Whether dir has a file whose name has part in it; its path is for free(). */
KIT_UNUSED static char *kit_find(const char *dir, const char *part)
{
	DIR *d = opendir(dir);
	const struct dirent *de;
	char *found = NULL;

	assert_non_null(d);
	while (found == NULL && (de = readdir(d)) != NULL)
		if (strstr(de->d_name, part) != NULL)
			found = xasprintf("%s/%s", dir, de->d_name);
	closedir(d);
	return found;
}

KIT_UNUSED static void kit_copy(const char *from, const char *to)
{
	static char bytes[1 << 16];
	FILE *in = fopen(from, "re"), *out = fopen(to, "we");
	size_t n;

	assert_non_null(in);
	assert_non_null(out);
	while ((n = fread(bytes, 1, sizeof(bytes), in)) > 0)
		assert_int_equal(fwrite(bytes, 1, n, out), n);
	fclose(in);
	assert_int_equal(fclose(out), 0);
}

KIT_UNUSED static int64_t kit_size(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* --- operations --- */

struct kit_put {
	struct store_op op;
	char key[32];
	const char *value;
	size_t value_len;
	enum err fails; /* after the row was written; E_OK: it does not */
};

KIT_UNUSED static enum err kit_run_put(struct store_op *op, struct db *db)
{
	struct kit_put *p = CONTAINER_OF(op, struct kit_put, op);
	enum err e = db_setting_set(db, str_of(p->key), str_n(p->value, p->value_len));

	return e == E_OK ? p->fails : e;
}

KIT_UNUSED static enum err kit_put(struct store *s, const char *key, const char *value)
{
	struct kit_put p = { .op = { .cls = STORE_DURABLE, .run = kit_run_put },
			     .value = value,
			     .value_len = strlen(value) };

	snprintf(p.key, sizeof(p.key), "%s", key);
	return store_run_sync(s, &p.op);
}

struct kit_number {
	struct store_op op;
	const char *sql;
	int64_t n;
};

KIT_UNUSED static enum err kit_run_number(struct store_op *op, struct db *db)
{
	struct kit_number *n = CONTAINER_OF(op, struct kit_number, op);

	return db_pragma_i64(db, n->sql, &n->n);
}

/* sql is a literal. */
KIT_UNUSED static int64_t kit_number(struct store *s, const char *sql)
{
	struct kit_number n = { .op = { .cls = STORE_QUERY, .run = kit_run_number },
				.sql = sql,
				.n = -1 };

	assert_int_equal(store_run_sync(s, &n.op), E_OK);
	return n.n;
}

struct kit_sql {
	struct store_op op;
	const char *sql;
};

KIT_UNUSED static enum err kit_run_sql(struct store_op *op, struct db *db)
{
	return db_exec(db, CONTAINER_OF(op, struct kit_sql, op)->sql);
}

KIT_UNUSED static enum err kit_sql(struct store *s, const char *sql)
{
	struct kit_sql q = { .op = { .cls = STORE_DURABLE, .run = kit_run_sql }, .sql = sql };

	return store_run_sync(s, &q.op);
}

KIT_UNUSED static struct store *kit_open(const char *dir, const struct store_cfg *cfg)
{
	struct store *s = NULL;

	assert_int_equal(store_open(dir, cfg, &s), E_OK);
	return s;
}

KIT_UNUSED static struct store *kit_start(const char *dir, const struct store_cfg *cfg)
{
	struct store *s = kit_open(dir, cfg);

	assert_int_equal(store_start(s), E_OK);
	return s;
}

#endif
