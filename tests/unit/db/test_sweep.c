#include "tests/db/kit.h"

#include <signal.h>

#include "base/limits.h"

#include "db/archive.h"
#include "db/sweep.h"

#define DAY_MS (24LL * 3600 * 1000)
#define NOW_MS (20000 * DAY_MS)

enum { EXPIRED = 1700, KEPT = 20 };

struct slices {
	struct store_op op;
	size_t rows, calls, most;
};

static enum err run_slices(struct store_op *op, struct db *db)
{
	struct slices *s = CONTAINER_OF(op, struct slices, op);
	bool more = true;

	while (more) {
		size_t n = 0;
		enum err e = sweep_slice(db, NOW_MS, &n, &more);

		if (e != E_OK)
			return e;
		s->calls++;
		s->rows += n;
		if (n > s->most)
			s->most = n;
		assert_true(s->calls < 1000);
	}
	return E_OK;
}

static struct slices sweep_all(struct store *s)
{
	struct slices w = { .op = { .cls = STORE_DURABLE, .run = run_slices } };

	assert_int_equal(store_run_sync(s, &w.op), E_OK);
	return w;
}

static struct str part(const char *text, const char *from, const char *to)
{
	return str_n(from, to != NULL ? (size_t)(to - from) : strlen(text) - (size_t)(from - text));
}

/* Rows from to to: in text, | stands for the numbers n(i) and @ for a time. */
static void insert(struct store *s, const char *text, int64_t at_ms, int from, int to)
{
	struct kit_sql q = { .op = { .cls = STORE_DURABLE, .run = kit_run_sql } };
	const char *bar = strchr(text, '|'), *at = strchr(text, '@');
	char *sql;

	assert_true(bar != NULL && at != NULL && bar < at);
	sql = xasprintf(
		"%.*sWITH RECURSIVE n(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM n WHERE i < %d) %.*s%lld%.*s",
		STR_ARG(part(text, text, bar)), from, to, STR_ARG(part(text, bar + 1, at)),
		(long long)at_ms, STR_ARG(part(text, at + 1, NULL)));
	q.sql = sql;
	assert_int_equal(store_run_sync(s, &q.op), E_OK);
	free(sql);
}

static const char offline[] =
	"INSERT INTO offline_message (account_id, sender_id, sender_uri, from_display,"
	" content_type, content_encoding, call_id, message_id, kind, conversation, sent_ms,"
	" accepted_ms, expires_ms, extra, body)"
	" |SELECT 1, 0, '', '', '', '', '', '', 0, 0, 0, 0, @, '', zeroblob(3000) FROM n";
static const char records[] =
	"INSERT INTO record (id, kind, started_ms, ended_ms, first_ms, last_ms, result_code,"
	" end_reason, messages, failures) |SELECT i, 1, @, 1, 1, 1, 200, 0, 1, 0 FROM n";
static const char audits[] = "INSERT INTO audit (at_ms, actor, address, action, object, detail)"
			     " |SELECT @, '', '', '', '', '' FROM n";

static void fill(struct store *s)
{
	assert_int_equal(
		kit_sql(s,
			"INSERT INTO account VALUES (1, 'zoe', '', '', '', '', NULL, 1, 1, 1, 0)"),
		E_OK);
	insert(s, offline, NOW_MS - 1, 1, EXPIRED);
	insert(s, offline, NOW_MS + DAY_MS, 1, KEPT);
	insert(s, records, NOW_MS - (RECORD_KEEP_DAYS + 1) * DAY_MS, 1, EXPIRED);
	insert(s, records, NOW_MS - (RECORD_KEEP_DAYS - 1) * DAY_MS, EXPIRED + 1, EXPIRED + KEPT);
	insert(s, audits, NOW_MS - (AUDIT_KEEP_DAYS + 1) * DAY_MS, 1, EXPIRED);
	insert(s, audits, NOW_MS - (AUDIT_KEEP_DAYS - 1) * DAY_MS, 1, KEPT);
}

static void test_slices(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_open(dir, NULL);
	struct slices w;
	int64_t pages;

	(void)state;
	fill(s);
	pages = kit_number(s, "PRAGMA page_count");
	w = sweep_all(s);
	assert_int_equal(w.rows, 3 * EXPIRED);
	assert_true(w.most <= STORE_SWEEP_ROWS);
	assert_true(w.calls >= 3 * EXPIRED / STORE_SWEEP_ROWS);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM offline_message"), KEPT);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM record"), KEPT);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM audit"), KEPT);
	/* The pages of 1,700 texts went back to the file system. */
	assert_true(kit_number(s, "PRAGMA page_count") < pages - EXPIRED / 2);
	w = sweep_all(s);
	assert_int_equal(w.rows, 0);
	assert_int_equal(w.calls, 1);
	store_close(&s);
	kit_dir_end(dir);
}

static void test_settings_decide(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_open(dir, NULL);

	(void)state;
	fill(s);
	assert_int_equal(kit_put(s, "records.keep_days", "365"), E_OK);
	assert_int_equal(kit_put(s, "audit.keep_days", "1"), E_OK);
	assert_int_equal(sweep_all(s).rows, 2 * EXPIRED + KEPT);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM record"), EXPIRED + KEPT);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM audit"), 0);
	store_close(&s);
	kit_dir_end(dir);
}

struct kept_text {
	struct store_op op;
	int64_t conversation, purge_ms;
	const char *words;
};

static enum err run_archive(struct store_op *op, struct db *db)
{
	struct kept_text *k = CONTAINER_OF(op, struct kept_text, op);
	struct db_archive_text t = {
		.at_ms = 1,
		.purge_ms = k->purge_ms,
		.conversation = k->conversation,
		.from_uri = STR("sip:a@example.org"),
		.to_uris = STR("sip:b@example.org"),
		.content_type = STR("text/plain"),
		.plain = str_of(k->words),
		.body = STR(""),
	};

	return db_archive_put(db, &t);
}

static void archive(struct store *s, int64_t conversation, int64_t purge_ms, const char *words)
{
	struct kept_text k = { .op = { .cls = STORE_DURABLE, .run = run_archive } };

	k.conversation = conversation;
	k.purge_ms = purge_ms;
	k.words = words;
	assert_int_equal(store_run_sync(s, &k.op), E_OK);
}

static bool has_bytes(const char *path, const char *word)
{
	FILE *f = fopen(path, "re");
	size_t size = (size_t)kit_size(path);
	char *all = xmalloc(size + 1);
	bool has;

	assert_non_null(f);
	assert_int_equal(fread(all, 1, size, f), size);
	fclose(f);
	has = memmem(all, size, word, strlen(word)) != NULL;
	free(all);
	return has;
}

/* Of a text whose time is over not a byte stays in the file; who took part goes with the last text. */
static void test_archive(void **state)
{
	char *dir = kit_dir_new(), *path = xasprintf("%s/%s", dir, STORE_FILE);
	struct store *s = kit_open(dir, NULL);

	(void)state;
	archive(s, 1, NOW_MS - 1, "quagmire once");
	archive(s, 1, 0, "for ever");
	archive(s, 2, NOW_MS - 1, "quagmire twice");
	archive(s, 2, NOW_MS - 2, "quagmire thrice");
	archive(s, 3, NOW_MS + 1, "not yet");
	store_close(&s);
	assert_true(has_bytes(path, "quagmire"));
	s = kit_open(dir, NULL);
	assert_int_equal(sweep_all(s).rows, 3);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM archive_text"), 2);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM archive_who WHERE conversation = 2"),
			 0);
	assert_int_equal(kit_number(s, "SELECT count(DISTINCT conversation) FROM archive_who"), 2);
	store_close(&s);
	assert_false(has_bytes(path, "quagmire"));
	assert_true(has_bytes(path, "for ever"));
	free(path);
	kit_dir_end(dir);
}

/* The running store does it by itself, and what it deletes reaches the main file. */
static void test_by_itself(void **state)
{
	char *dir = kit_dir_new();
	struct store *s = kit_open(dir, NULL);
	struct store_stats st = { 0 };

	(void)state;
	assert_int_equal(
		kit_sql(s,
			"INSERT INTO account VALUES (1, 'zoe', '', '', '', '', NULL, 1, 1, 1, 0)"),
		E_OK);
	insert(s, offline, 1000, 1, EXPIRED);	    /* 1970 */
	insert(s, offline, 4102444800000, 1, KEPT); /* 2100 */
	assert_int_equal(store_start(s), E_OK);
	for (int i = 0; i < 1500 && st.swept_rows < EXPIRED; i++) {
		usleep(20000);
		store_stats(s, &st);
	}
	assert_int_equal(st.swept_rows, EXPIRED);
	assert_int_equal(kit_number(s, "SELECT count(*) FROM offline_message"), KEPT);
	store_close(&s);
	kit_dir_end(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_slices),
		cmocka_unit_test(test_settings_decide),
		cmocka_unit_test(test_archive),
		cmocka_unit_test(test_by_itself),
	};

	signal(SIGIO, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
