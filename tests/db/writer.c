/* writer.c: the peer of the crash and copy tests: writes through the store under load, and verifies.
 *
 *   writer load DIR ROUND WINDOW CHECKPOINT_MS STRETCH_US DIE_PERCENT
 *       Puts texts 1, 2, 3 ... of this ROUND, 32 under way at a time, keeping the last WINDOW of them, until it is
 *       killed or stdin ends.  Prints "A n us" when text n is acknowledged, "B us", "E us" around each checkpoint,
 *       "R us" when one was refused, and "S" when all texts of the first WINDOW are there.
 *       STRETCH_US: how long the lease is held before the file is written.
 *       DIE_PERCENT: kill -9 after so much of the time that the first checkpoint took, in the second; -1: no.
 *   writer verify DIR ROUND LO HI     starts as after a crash; then texts LO to HI are there, and the file is sound
 *   writer alone FILE ROUND LO HI     the same for a copy that stands alone, and is not changed
 *   writer newest FILE ROUND          prints the number of the newest text in it
 *   writer serve DIR                  starts and stops
 * WRITER_SIZE: the mean length of a text.  verify and alone print "ok", or what is wrong; alone exits with 3 if the copy is refused as torn. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"

#include "db/accounts.h"
#include "db/check.h"
#include "db/offline.h"
#include "db/sqlite.h"
#include "db/store.h"

enum { UNDER_WAY = 32, BODY_MAX = 65536, TORN = 3 };

static struct {
	struct store *store;
	int64_t account, next, window, size, stretch_us, die_percent, begun_us, took_us;
	int64_t *ids; /* of the last window texts */
	const char *round;
	int checkpoints;
	atomic_bool stopping;
	atomic_int under_way;
} g;

static void die(const char *what, enum err e)
{
	fprintf(stderr, "writer: %s: %s\n", what, err_str(e));
	exit(1);
}

static void tell(const char *text)
{
	size_t n = strlen(text);

	if (write(STDOUT_FILENO, text, n) != (ssize_t)n)
		exit(1);
}

static void tell_time(char what)
{
	char line[64];

	snprintf(line, sizeof(line), "%c %lld\n", what, (long long)clk_precise_us());
	tell(line);
}

/* The text n: of a length and content that only n decides. */
static struct str text_of(int64_t n, int64_t size, char *out)
{
	uint64_t x = (uint64_t)n * 0x9e3779b97f4a7c15u;
	size_t len = (size_t)size / 2 + (size_t)(x % (uint64_t)(size + 1));

	for (size_t i = 0; i < len; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		out[i] = (char)('a' + (x >> 59) % 26);
	}
	return str_n(out, len);
}

/* --- load --- */

struct text_op {
	struct store_op op;
	int64_t n, id;
};

static enum err put(struct store_op *op, struct db *db)
{
	static char body[2 * BODY_MAX];
	struct text_op *t = CONTAINER_OF(op, struct text_op, op);
	char name[32];
	struct db_offline m = { 0 };
	enum err e;

	snprintf(name, sizeof(name), "%lld", (long long)t->n);
	m.account_id = g.account;
	m.sender_uri = STR("sip:bob@example.org");
	m.from_display = STR("Bob");
	m.content_type = STR("text/plain");
	m.content_encoding = m.extra = STR("");
	m.call_id = str_of(g.round);
	m.message_id = str_of(name);
	m.body = text_of(t->n, g.size, body);
	m.sent_ms = m.accepted_ms = clk_wall_ms();
	m.expires_ms = m.sent_ms + 86400000;
	e = db_offline_put(db, &m, &t->id);
	if (e == E_OK && t->n > g.window)
		e = db_offline_delete(db, g.ids[t->n % g.window]);
	if (e == E_OK)
		g.ids[t->n % g.window] = t->id;
	return e;
}

static void submit(struct text_op *t);

static void on_put(struct store_op *op)
{
	struct text_op *t = CONTAINER_OF(op, struct text_op, op);
	char line[64];

	if (op->err != E_OK)
		die("put", op->err);
	snprintf(line, sizeof(line), "A %lld %lld\n", (long long)t->n, (long long)clk_precise_us());
	tell(line);
	if (t->n == g.window)
		tell("S\n");
	if (atomic_load(&g.stopping)) {
		free(t);
		atomic_fetch_sub(&g.under_way, 1);
	} else {
		submit(t);
	}
}

static void submit(struct text_op *t)
{
	t->n = ++g.next;
	t->op = (struct store_op){ .cls = STORE_DURABLE, .run = put, .done = on_put };
	store_submit(g.store, &t->op);
}

static void pause_us(int64_t us)
{
	struct timespec ts = { .tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000 };

	nanosleep(&ts, NULL);
}

static void *killer(void *arg)
{
	(void)arg;
	pause_us(g.took_us * g.die_percent / 100);
	raise(SIGKILL);
	return NULL;
}

static void on_checkpoint(void *arg, enum store_checkpoint_event ev)
{
	pthread_t t;

	(void)arg;
	switch (ev) {
	case STORE_CHECKPOINT_BEGINS:
		tell_time('B');
		g.begun_us = clk_precise_us();
		if (g.die_percent >= 0 && ++g.checkpoints == 2 &&
		    pthread_create(&t, NULL, killer, NULL) != 0)
			exit(1);
		if (g.stretch_us > 0)
			pause_us(g.stretch_us);
		break;
	case STORE_CHECKPOINT_ENDS:
		g.took_us = clk_precise_us() - g.begun_us;
		tell_time('E');
		break;
	case STORE_CHECKPOINT_REFUSED:
		tell_time('R');
		break;
	}
}

static enum err begin_round(struct store_op *op, struct db *db)
{
	struct db_account a = {
		.name = STR("alice"), .display = STR("Alice"), .enabled = true, .created_ms = 1
	};
	int64_t there = 0;
	enum err e = db_pragma_i64(
		db, "SELECT ifnull((SELECT id FROM account WHERE name = 'alice'), 0)", &there);

	(void)op;
	g.account = there;
	if (e == E_OK && there == 0)
		e = db_account_add(db, &a, NULL, &g.account);
	return e == E_OK ? db_exec(db, "DELETE FROM offline_message") : e;
}

static int load(char **v)
{
	struct store_cfg cfg = { .on_checkpoint = on_checkpoint };
	struct store_op op = { .cls = STORE_DURABLE, .run = begin_round };
	char byte;
	enum err e;

	g.round = v[1];
	g.window = atoll(v[2]);
	cfg.checkpoint_after_ms = atoll(v[3]);
	g.ids = xcalloc((size_t)g.window, sizeof(*g.ids));
	g.die_percent = -1;
	e = store_open(v[0], &cfg, &g.store);
	if (e != E_OK)
		die("open", e);
	e = store_run_sync(g.store, &op);
	if (e != E_OK)
		die("begin", e);
	g.stretch_us = atoll(v[4]);
	g.die_percent = atoll(v[5]);
	e = store_start(g.store);
	if (e != E_OK)
		die("start", e);
	atomic_store(&g.under_way, UNDER_WAY);
	for (int i = 0; i < UNDER_WAY; i++) {
		struct text_op *t = xcalloc(1, sizeof(*t));

		submit(t);
	}
	while (read(STDIN_FILENO, &byte, 1) > 0)
		;
	atomic_store(&g.stopping, true);
	while (atomic_load(&g.under_way) > 0)
		pause_us(1000);
	store_close(&g.store);
	return 0;
}

/* --- verify --- */

struct range {
	struct store_op op;
	int64_t lo, hi, next, newest;
	bool is_bad;
};

static void look(struct range *r, int64_t n, struct str body, int64_t size)
{
	static char wanted[2 * BODY_MAX];

	if (n > r->newest)
		r->newest = n;
	if (!str_eq(body, text_of(n, size, wanted))) {
		printf("text %lld is not what was written\n", (long long)n);
		r->is_bad = true;
	}
	if (n < r->lo || n > r->hi)
		return;
	if (n != r->next) {
		printf("text %lld where %lld should be\n", (long long)n, (long long)r->next);
		r->is_bad = true;
	}
	r->next = n + 1;
}

static enum err walk(struct range *r, struct db *db)
{
	struct query q;

	r->next = r->lo;
	db_query(&q, db,
		 "SELECT message_id, body FROM offline_message WHERE call_id = ? ORDER BY id");
	db_bind_str(&q, str_of(g.round));
	while (db_step(&q)) {
		uint64_t n = 0;

		if (num_u64(db_str(&q, 0), 1, INT64_MAX, &n) != E_OK)
			r->is_bad = true;
		else
			look(r, (int64_t)n, db_str(&q, 1), g.size);
	}
	if (r->next <= r->hi && r->hi >= r->lo) {
		printf("text %lld is missing, %lld was acknowledged\n", (long long)r->next,
		       (long long)r->hi);
		r->is_bad = true;
	}
	return db_end(&q);
}

static enum err run_walk(struct store_op *op, struct db *db)
{
	return walk(CONTAINER_OF(op, struct range, op), db);
}

static int report(const struct range *r, enum err e, const struct check_report *c)
{
	if (e != E_OK)
		printf("reading: %s\n", err_str(e));
	if (c->err != E_OK)
		printf("%s\n", c->text);
	if (e != E_OK || c->err != E_OK || r->is_bad)
		return 1;
	printf("ok\n");
	return 0;
}

static int verify(char **v)
{
	struct range r = { .op = { .cls = STORE_DURABLE, .run = run_walk },
			   .lo = atoll(v[2]),
			   .hi = atoll(v[3]) };
	struct check_report c;
	char *path = xasprintf("%s/%s", v[0], STORE_FILE);
	int status;
	enum err e;

	g.round = v[1];
	e = store_open(v[0], NULL, &g.store);
	if (e != E_OK)
		die("open", e);
	e = store_run_sync(g.store, &r.op);
	store_close(&g.store);
	(void)check_file(path, &c);
	status = report(&r, e, &c);
	free(path);
	return status;
}

static int alone(char **v, bool only_newest)
{
	struct range r = { .lo = only_newest ? 1 : atoll(v[2]),
			   .hi = only_newest ? 0 : atoll(v[3]) };
	struct check_report c;
	struct db *db;
	enum err e;

	g.round = v[1];
	if (check_file(v[0], &c) == E_CORRUPT && strstr(c.text, "is torn") != NULL) {
		printf("%s\n", c.text);
		return TORN;
	}
	e = db_open(v[0], DB_LONE, &db);
	if (e == E_OK) {
		e = walk(&r, db);
		db_close(&db);
	}
	if (!only_newest || e != E_OK || c.err != E_OK)
		return report(&r, e, &c);
	printf("%lld\n", (long long)r.newest);
	return r.is_bad;
}

static int serve(char **v)
{
	enum err e = store_open(v[0], NULL, &g.store);

	if (e != E_OK)
		die("open", e);
	store_close(&g.store);
	printf("ok\n");
	return 0;
}

int main(int argc, char **argv)
{
	const char *size = getenv("WRITER_SIZE");

	signal(SIGIO, SIG_IGN);
	umask(077);
	g.size = size != NULL ? atoll(size) : 4000;
	if (argc == 8 && strcmp(argv[1], "load") == 0)
		return load(argv + 2);
	if (argc == 6 && strcmp(argv[1], "verify") == 0)
		return verify(argv + 2);
	if (argc == 6 && strcmp(argv[1], "alone") == 0)
		return alone(argv + 2, false);
	if (argc == 4 && strcmp(argv[1], "newest") == 0)
		return alone(argv + 2, true);
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv + 2);
	fputs("writer: see its source\n", stderr);
	return 2;
}
