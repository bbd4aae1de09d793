/* fake_im.h: what surrounds the IMMCU, under a test's hand: a store that runs when told, on a real database
 * file; a directory of a few people; clients that take, refuse, stall or vanish.  Include once per program. */
#ifndef TESTS_FAKE_IM_H
#define TESTS_FAKE_IM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "db/migrate.h"
#include "db/sqlite.h"
#include "db/store.h"
#include "immcu/immcu.h"
#include "net/queue.h"
#include "registrar/registrar.h"

/* --- chance --- */

static uint64_t fake_seed = 1;

static __attribute__((unused)) uint32_t pick(uint32_t n)
{
	fake_seed = fake_seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(fake_seed >> 33) % n;
}

/* "17.": what tests number their texts with. */
static __attribute__((unused)) size_t number_of(struct str s)
{
	uint64_t n = 0;

	assert_int_equal(num_u64(str_sub(s, 0, str_find(s, '.', 0)), 0, SIZE_MAX, &n), E_OK);
	return (size_t)n;
}

/* --- directory --- */

enum { PEOPLE = 6 };
static const char *const fake_names[PEOPLE + 1] = { "",	    "alice", "bob",  "carol",
						    "dave", "erin",  "frank" };
static struct account fake_account[PEOPLE + 1];

const struct account *directory_get(const struct directory *d, account_id id)
{
	(void)d;
	return id >= 1 && id <= PEOPLE && fake_account[id].id != 0 ? &fake_account[id] : NULL;
}

const struct account *directory_find(const struct directory *d, struct str name)
{
	(void)d;
	for (int i = 1; i <= PEOPLE; i++)
		if (fake_account[i].id != 0 && str_ieq(fake_account[i].name, name))
			return &fake_account[i];
	return NULL;
}

enum err directory_check_name(struct str name, const char **why_out)
{
	*why_out = "empty";
	return name.len > 0 && str_find(name, ' ', 0) == name.len ? E_OK : E_BAD;
}

struct str directory_domain(const struct directory *d)
{
	(void)d;
	return STR("example.org");
}

/* --- store --- */

static struct db *fake_db;
static char fake_dir[64], fake_path[96];
static struct store_op *fake_op[65536];
static size_t fake_ops;
static bool fake_disk_full;

void store_submit(struct store *s, struct store_op *op)
{
	(void)s;
	assert_true(fake_ops < ARRAY_LEN(fake_op));
	fake_op[fake_ops++] = op;
}

static __attribute__((unused)) enum err fake_run(struct store_op *op)
{
	enum err e;

	if (fake_disk_full && op->cls != STORE_QUERY)
		return op->err = E_FULL;
	e = db_tx_begin(fake_db);
	assert_int_equal(e, E_OK);
	op->err = op->run(op, fake_db);
	if (op->err != E_OK)
		db_tx_rollback(fake_db);
	else
		assert_int_equal(db_tx_commit(fake_db), E_OK);
	return op->err;
}

enum err store_run_sync(struct store *s, struct store_op *op)
{
	(void)s;
	return fake_run(op);
}

/* Runs the oldest operation; false: there is none. */
static __attribute__((unused)) bool store_turn(void)
{
	struct store_op *op = fake_op[0];

	if (fake_ops == 0)
		return false;
	memmove(fake_op, fake_op + 1, --fake_ops * sizeof(fake_op[0]));
	(void)fake_run(op);
	op->done(op);
	return true;
}

static __attribute__((unused)) void store_all(void)
{
	while (store_turn())
		;
}

/* The power goes: some of what waits was committed before that, nobody hears of it. */
static __attribute__((unused)) void store_crash(uint32_t committed)
{
	for (size_t i = 0; i < fake_ops && i < committed; i++)
		(void)fake_run(fake_op[i]);
	fake_ops = 0;
}

static __attribute__((unused)) int64_t fake_count(const char *sql)
{
	int64_t n = -1;

	assert_int_equal(db_pragma_i64(fake_db, sql, &n), E_OK);
	return n;
}

/* --- the whole --- */

static struct heap fake_heap;
static struct registrar *fake_registrar;
static struct immcu *fake_m;
static int64_t fake_now = 1000;

static __attribute__((unused)) void fake_clock(int64_t ms)
{
	fake_now += ms;
	clk_set_ms(fake_now, 1700000000000 + fake_now);
	while (heap_run(&fake_heap, fake_now, 1000) > 0)
		;
}

static __attribute__((unused)) void fake_boot(void (*hooks)(struct immcu *m))
{
	struct immcu_cfg cfg = { .heap = &fake_heap };

	/* A restart leaves nobody signed in, nor anybody to tell of it. */
	registrar_free(&fake_registrar);
	cfg.registrar = fake_registrar = registrar_new(&fake_heap);

	fake_m = immcu_new(&cfg);
	hooks(fake_m);
	assert_int_equal(immcu_load(fake_m), E_OK);
}

static __attribute__((unused)) void fake_open(void)
{
	log_to_stderr(false);
	fake_clock(0);
	snprintf(fake_dir, sizeof(fake_dir), "/tmp/test-immcu-XXXXXX");
	assert_non_null(mkdtemp(fake_dir));
	snprintf(fake_path, sizeof(fake_path), "%s/porchlight.db", fake_dir);
	assert_int_equal(db_open(fake_path, DB_STORE, &fake_db), E_OK);
	assert_int_equal(migrate_run(fake_db, fake_path, db_migrations, db_migrations_count), E_OK);
	assert_int_equal(db_exec(fake_db, "PRAGMA synchronous=OFF"), E_OK);
	for (int i = 1; i <= PEOPLE; i++) {
		char sql[256];

		fake_account[i] = (struct account){
			.id = i,
			.name = str_of(fake_names[i]),
			.display = str_of(fake_names[i]),
			.enabled = true,
		};
		snprintf(
			sql, sizeof(sql),
			"INSERT INTO account VALUES (%d, '%s', '%s', '', '', '', NULL, 1, 0, 0, 0)",
			i, fake_names[i], fake_names[i]);
		assert_int_equal(db_exec(fake_db, sql), E_OK);
	}
	heap_init(&fake_heap);
}

static __attribute__((unused)) void fake_close(void)
{
	char cmd[160];

	immcu_free(&fake_m);
	registrar_free(&fake_registrar);
	heap_fini(&fake_heap);
	db_close(&fake_db);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", fake_dir);
	assert_int_equal(system(cmd), 0);
}

/* --- clients --- */

static conn_id fake_last_conn;

static __attribute__((unused)) endpoint_id sign_in(account_id who, enum dialect dialect)
{
	char contact[64];
	struct binding b = { .expires_s = 86400, .q_milli = 1000 };
	struct registration r = { .account = who,
				  .conn = ++fake_last_conn,
				  .dialect = dialect,
				  .binding = &b,
				  .count = 1,
				  .cseq = 1,
				  .user_agent = STR("Test/1") };

	snprintf(contact, sizeof(contact), "sip:c%llu", (unsigned long long)fake_last_conn);
	b.contact = r.call_id = str_of(contact);
	assert_int_equal(registrar_put(fake_registrar, &r), E_OK);
	return registrar_find_conn(fake_registrar, who, fake_last_conn)->id;
}

static __attribute__((unused)) void sign_out(endpoint_id e)
{
	assert_int_equal(registrar_end_endpoint(fake_registrar, e, END_CONN_CLOSED), E_OK);
}

#endif
