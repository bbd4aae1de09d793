/* Every case of RFC 4475 and RFC 5118 through framing, decoding and dispatch: in one piece, byte by
 * byte and in odd pieces, signed in and not.  expected.tsv holds the verdicts; no two ways of feeding
 * may differ in anything but random tags.
 *
 * The files here are our own, written after what the RFCs describe.  Where the RFCs' originals are at
 * hand (PORCHLIGHT_TORTURE_DIR, or shared/tools/torture beside the project), they run as well. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "sip/frame.h"
#include "sip/msg.h"
#include "tests/unit/sip/fake_net.h"

enum { FIELDS = 7, CASES_MAX = 256, TEXT_MAX = 4096 };

struct torture_case {
	char name[128], path[512];
	/* file, section, decode, signed in, not signed in, originals, what */
	struct str field[FIELDS];
	bool original;
};

static struct torture_case cases[CASES_MAX];
static size_t case_count;

static struct str read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	size_t len;
	char *p;

	if (f == NULL)
		return STR_NULL;
	buf_init(&b, 1u << 20);
	while ((p = buf_reserve(&b, 4096)) != NULL && (len = fread(p, 1, 4096, f)) > 0)
		buf_commit(&b, len);
	(void)fclose(f);
	p = buf_take(&b, &len);
	return str_n(p, len);
}

/* "401 405!" from what was sent: the codes in order, '!' if the connection ends. */
static void summary(struct str sent, bool closed, struct buf *out)
{
	while (sent.len > 0) {
		struct str line = str_sub(sent, 0, str_find(sent, '\r', 0));

		if (str_starts(line, STR("SIP/2.0 "))) {
			if (out->len > 0)
				buf_addc(out, ' ');
			buf_add(out, str_sub(line, 8, 11));
		}
		sent = str_sub(sent, line.len + 2, sent.len);
	}
	if (out->len == 0)
		buf_addc(out, '-');
	if (closed)
		buf_addc(out, '!');
}

/* Nobody else notices: another connection of the same server is served as ever. */
static void check_neighbour(struct fake *f)
{
	static const char options[] =
		"OPTIONS sip:porchlight.test SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.9;branch=z9hG4bKn\r\n"
		"From: <sip:n@porchlight.test>;tag=n\r\nTo: <sip:porchlight.test>\r\nCall-ID: n\r\n"
		"CSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

	assert_int_equal(sip_on_bytes(f->stack, 2, str_of(options)), sizeof(options) - 1);
	assert_true(str_starts(buf_str(&f->sent[2]), STR("SIP/2.0 200 OK\r\n")));
}

static void run_one(struct str bytes, size_t step, bool signed_in, struct buf *out)
{
	struct fake f;
	struct fake_feed feed = { .last = 0 };
	bool open;

	fake_init(&f);
	fake_open(&f, 1);
	fake_open(&f, 2);
	if (signed_in)
		fake_sign_in(&f, 1);
	open = fake_feed(&f, 1, &feed, bytes, step);
	summary(buf_str(&f.sent[1]), !open, out);
	check_neighbour(&f);
	sip_on_close(f.stack, 1);
	fake_fini(&f);
}

static void check_answers(const struct torture_case *c, struct str bytes, bool signed_in,
			  struct str want)
{
	static const size_t steps[] = { 1u << 20, 1, 2, 3, 7, 64, 1000 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		struct buf got;

		buf_init(&got, TEXT_MAX);
		run_one(bytes, steps[i], signed_in, &got);
		if (!str_eq(buf_str(&got), want))
			fail_msg("%s, %s, pieces of %zu: got %.*s, want %.*s", c->name,
				 signed_in ? "signed in" : "not signed in", steps[i],
				 STR_ARG(buf_str(&got)), STR_ARG(want));
		buf_fini(&got);
	}
}

/* What framing and decoding alone say of the first message. */
static void decode_verdict(struct str bytes, struct buf *out)
{
	struct sip_framed framed;
	struct sip_frame f;
	struct sip_msg *m;

	sip_frame_init(&f);
	switch (sip_frame_next(&f, bytes, SIP_HEAD_MAX + SIP_BODY_MAX, &framed)) {
	case SIP_FRAME_MORE:
		buf_addz(out, "more");
		return;
	case SIP_FRAME_BAD:
		buf_addf(out, "frame: %d %s", framed.fault.code, framed.fault.reason);
		return;
	case SIP_FRAME_SKIP:
	case SIP_FRAME_PING:
		buf_addz(out, "ping");
		return;
	case SIP_FRAME_MSG:
		break;
	}
	if (sip_msg_decode(framed.msg, framed.head_len, framed.lines, &m) != E_OK) {
		buf_addz(out, "start line");
		return;
	}
	if (m->fault.code == 0)
		buf_addz(out, "ok");
	else
		buf_addf(out, "%d %s", m->fault.code, m->fault.reason);
	sip_msg_unref(&m);
}

static void test_case(void **state)
{
	const struct torture_case *c = *state;
	struct str bytes = read_file(c->path), in = c->field[3], out = c->field[4];
	struct buf got;

	if (bytes.p == NULL)
		fail_msg("%s: cannot be read", c->path);
	if (c->original && !str_eqz(c->field[5], "=")) {
		out = c->field[5];
		in = str_cut(&out, '/');
	}
	if (!c->original) {
		buf_init(&got, TEXT_MAX);
		decode_verdict(bytes, &got);
		if (!str_eq(buf_str(&got), c->field[2]))
			fail_msg("%s: decodes as %.*s, want %.*s", c->name, STR_ARG(buf_str(&got)),
				 STR_ARG(c->field[2]));
		buf_fini(&got);
	}
	check_answers(c, bytes, true, in);
	check_answers(c, bytes, false, out);
	free((void *)(uintptr_t)bytes.p);
}

static void add(struct str line, const char *dir, bool original)
{
	struct torture_case *c = &cases[case_count];
	struct str rest = line, base;

	for (size_t i = 0; i < FIELDS; i++) {
		c->field[i] = str_cut(&rest, '\t');
		if (c->field[i].p == NULL) {
			(void)fprintf(stderr, "expected.tsv: too few fields: %.*s\n",
				      STR_ARG(line));
			exit(1);
		}
	}
	base = str_sub(c->field[0], 0, str_search(c->field[0], STR(".sip")));
	(void)snprintf(c->path, sizeof(c->path), "%s/%.*s%s", dir, STR_ARG(base),
		       original ? ".dat" : ".sip");
	(void)snprintf(c->name, sizeof(c->name), "%s%.*s", original ? "original " : "",
		       STR_ARG(base));
	c->original = original;
	if (original && (str_eqz(c->field[5], "none") || access(c->path, R_OK) != 0))
		return;
	if (++case_count == CASES_MAX)
		abort();
}

static void load(struct str table, const char *dir, bool original)
{
	while (table.len > 0) {
		struct str line = str_cut(&table, '\n');

		if (line.len > 0 && line.p[0] != '#')
			add(line, dir, original);
	}
}

int main(void)
{
	static struct CMUnitTest tests[CASES_MAX];
	const char *dir = getenv("WIRE_DIR"), *originals = getenv("PORCHLIGHT_TORTURE_DIR");
	char path[512];
	struct str table;
	size_t own;
	int failed;

	dir = dir == NULL ? "tests/wire" : dir;
	originals = originals == NULL ? "../shared/tools/torture" : originals;
	(void)snprintf(path, sizeof(path), "%s/expected.tsv", dir);
	table = read_file(path);
	if (table.p == NULL) {
		(void)fprintf(stderr, "%s cannot be read\n", path);
		return 1;
	}
	load(table, dir, false);
	own = case_count;
	load(table, originals, true);
	for (size_t i = 0; i < case_count; i++)
		tests[i] = (struct CMUnitTest){ .name = cases[i].name,
						.test_func = test_case,
						.initial_state = &cases[i] };
	failed = _cmocka_run_group_tests("torture", tests, own, NULL, NULL);
	if (case_count > own)
		failed += _cmocka_run_group_tests("originals", tests + own, case_count - own, NULL,
						  NULL);
	free((void *)(uintptr_t)table.p);
	return failed;
}
