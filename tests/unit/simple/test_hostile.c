/* Every message of tests/wire through the standards dialect itself, signed in and not: it answers the same however
 * the bytes arrive, and the person on the next connection is served as ever. */
#include <glob.h>

#include "tests/unit/simple/sim.h"

enum { SUMMARY_MAX = 512, FILES_MIN = 90 };

static struct str read_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b;
	size_t len;
	char *p;

	assert_non_null(f);
	buf_init(&b, 1u << 20);
	while ((p = buf_reserve(&b, 4096)) != NULL && (len = fread(p, 1, 4096, f)) > 0)
		buf_commit(&b, len);
	(void)fclose(f);
	p = buf_take(&b, &len);
	return str_n(p, len);
}

/* The codes of all answers, in order. */
static void summarize(struct str sent, bool open, char out[SUMMARY_MAX])
{
	size_t n = 0;

	out[0] = 0;
	while (sent.len > 0) {
		struct str line = str_sub(sent, 0, str_find(sent, '\r', 0));

		if (str_starts(line, STR("SIP/2.0 ")) && n < SUMMARY_MAX - 8)
			n += (size_t)snprintf(out + n, SUMMARY_MAX - n, "%.4s", line.p + 8);
		sent = str_sub(sent, line.len + 2, sent.len);
	}
	(void)snprintf(out + n, SUMMARY_MAX - n, "%s", open ? "" : "!");
}

static void run(struct str bytes, size_t step, bool signed_in, char out[SUMMARY_MAX])
{
	struct fake_feed feed = { .last = 0 };
	bool open;

	assert_int_equal(sim_setup(NULL), 0);
	sim_sign_in(2, "bob");
	if (signed_in)
		sim_sign_in(1, "alice");
	else
		fake_open(&sim.net, 1);
	buf_reset(&sim.net.sent[1]);
	open = fake_feed(&sim.net, 1, &feed, bytes, step);
	/* What waits for the IMMCU waits in both ways of feeding. */
	for (size_t i = 0; i < sim.submitted_count; i++)
		sim.submitted[i].answer(sim.submitted[i].arg, sim.submitted[i].token, 202, 0);
	summarize(sim_sent(1), open, out);
	assert_int_equal(sim_send(2,
				  &(struct sim_request){
					  .method = "SUBSCRIBE",
					  .ruri = "sip:alice@" SIM_DOMAIN,
					  .from = "bob",
					  .to = "alice",
					  .headers = "Event: presence\r\nContact: <sip:b@h>\r\n" }),
			 200);
	sip_on_close(sim.net.stack, 1);
	assert_int_equal(sim_teardown(NULL), 0);
}

static void test_all(void **state)
{
	glob_t g;

	(void)state;
	assert_int_equal(glob("tests/wire/*/*.sip", 0, NULL, &g), 0);
	assert_true(g.gl_pathc >= FILES_MIN);
	for (size_t i = 0; i < g.gl_pathc; i++) {
		struct str bytes = read_file(g.gl_pathv[i]);

		for (int signed_in = 0; signed_in < 2; signed_in++) {
			static const size_t steps[] = { 1, 7, 64 };
			char whole[SUMMARY_MAX], pieces[SUMMARY_MAX];

			run(bytes, 1u << 20, signed_in != 0, whole);
			if (str_ends(str_of(g.gl_pathv[i]), STR("extra/good.sip")))
				assert_string_equal(whole, signed_in != 0 ? "202 " : "401 ");
			if (str_ends(str_of(g.gl_pathv[i]), STR("extra/spoof.sip")))
				assert_string_equal(whole, signed_in != 0 ? "403 " : "401 ");
			for (size_t k = 0; k < ARRAY_LEN(steps); k++) {
				run(bytes, steps[k], signed_in != 0, pieces);
				if (strcmp(whole, pieces) != 0)
					fail_msg("%s in pieces of %zu: \"%s\", whole: \"%s\"",
						 g.gl_pathv[i], steps[k], pieces, whole);
			}
		}
		free((void *)(uintptr_t)bytes.p);
	}
	globfree(&g);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_all) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
