/* Challenges, credentials, and who may say to be whom. */
#include "tests/unit/simple/sim.h"

static int message(conn_id conn, const char *from)
{
	return sim_send(conn, &(struct sim_request){ .method = "MESSAGE",
						     .ruri = "sip:bob@" SIM_DOMAIN,
						     .from = from,
						     .to = "bob",
						     .type = "text/plain",
						     .body = STR("hello") });
}

/* design: {pidgin, baresip, Linphone, unknown}. */
static void test_offers(void **state)
{
	static const struct {
		const char *agent;
		bool sha256_first, sha256_again;
	} table[] = {
		{ "UCCAPI/4.0.7577.314 OC/4.0.7577.314 (pidgin-sipe)", true, false },
		{ "baresip v1.0.0 (x86_64/linux)", false, false },
		{ "Linphone/5.1.65 (belle-sip/5.1)", true, true },
		{ "Somebody's Phone 1.0", true, false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct sim_request r = { .method = "REGISTER",
					 .ruri = "sip:" SIM_DOMAIN,
					 .from = "alice",
					 .to = "alice" };
		char headers[128];

		fake_open(&sim.net, 1 + i);
		(void)snprintf(headers, sizeof(headers), "User-Agent: %s\r\n", table[i].agent);
		r.headers = headers;
		for (int again = 0; again < 2; again++) {
			struct str sent;
			bool sha256;

			assert_int_equal(sim_send(1 + i, &r), 401);
			sent = sim_sent(1 + i);
			sha256 = str_search(sent, STR("algorithm=SHA-256")) < sent.len;
			assert_int_equal(sha256, again != 0 ? table[i].sha256_again
							    : table[i].sha256_first);
			assert_true(str_search(sent, STR("algorithm=MD5")) < sent.len);
			assert_true(!sha256 || str_search(sent, STR("algorithm=SHA-256")) <
						       str_search(sent, STR("algorithm=MD5")));
			assert_true(str_search(sent, STR("NTLM")) == sent.len);
			assert_true(str_search(sent, STR("realm=\"porchlight.test\"")) < sent.len);
		}
	}
}

static void test_an_understood_pair_is_offered_again(void **state)
{
	const char *headers = "User-Agent: Somebody's Phone\r\nContact: <sip:a@h>\r\n";

	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(sim_register(1, "alice", "secret words", headers), 200);
	fake_open(&sim.net, 2);
	(void)sim_send(2, &(struct sim_request){ .method = "REGISTER",
						 .ruri = "sip:" SIM_DOMAIN,
						 .from = "alice",
						 .to = "alice",
						 .headers = headers });
	assert_true(str_search(sim_sent(2), STR("SHA-256")) < sim_sent(2).len);
}

static void test_names_with_and_without_domain(void **state)
{
	static const bool md5[] = { false, true };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct sim_request r = { .method = "REGISTER",
					 .ruri = "sip:" SIM_DOMAIN,
					 .from = "alice",
					 .to = "alice" };
		struct buf b;

		fake_open(&sim.net, 1 + i);
		r.headers = "User-Agent: Linphone\r\n";
		assert_int_equal(sim_send(1 + i, &r), 401);
		buf_init(&b, 1u << 16);
		sim_authorize(&b, sim_sent(1 + i),
			      &(struct sim_credentials){ .username = i < 2 ? "alice"
									   : "alice@" SIM_DOMAIN,
							 .password = "secret words",
							 .method = "REGISTER",
							 .uri = "sip:" SIM_DOMAIN,
							 .md5 = md5[i & 1] });
		buf_addc(&b, 0);
		r.headers = b.p;
		assert_int_equal(sim_send(1 + i, &r), 200);
		buf_fini(&b);
	}
}

/* Everything but nonces and tags. */
static void comparable(struct str s, struct buf *out)
{
	while (s.len > 0) {
		struct str line = str_cut(&s, '\n');

		if (str_starts(line, STR("SIP/2.0")) || str_starts(line, STR("WWW")))
			buf_add(out, str_sub(line, 0, str_search(line, STR("nonce="))));
		if (str_starts(line, STR("WWW")))
			buf_add(out, str_sub(line, str_search(line, STR("algorithm")), line.len));
	}
}

static void test_unknown_and_wrong_are_alike(void **state)
{
	/* wrong, unknown, disabled */
	static const char *const names[] = { "alice", "nobody", "carol" };
	struct buf seen[3];

	(void)state;
	sim.people[2].enabled = false;
	for (size_t i = 0; i < 3; i++) {
		fake_open(&sim.net, 1 + i);
		assert_int_equal(sim_register(1 + i, names[i], i == 2 ? "secret words" : "guess",
					      "Contact: <sip:a@h>\r\n"),
				 401);
		buf_init(&seen[i], 1u << 16);
		comparable(sim_sent(1 + i), &seen[i]);
		assert_true(seen[i].len > 50);
		assert_true(str_eq(buf_str(&seen[i]), buf_str(&seen[0])));
	}
	for (size_t i = 0; i < 3; i++)
		buf_fini(&seen[i]);
}

static void test_throttle(void **state)
{
	struct simple_stats st;

	(void)state;
	fake_open(&sim.net, 1);
	for (int i = 0; i <= THROTTLE_PAIR_FREE; i++)
		assert_int_equal(sim_register(1, "alice", "guess", "Contact: <sip:a@h>\r\n"), 401);
	fake_open(&sim.net, 2);
	assert_int_equal(sim_register(2, "alice", "secret words", "Contact: <sip:a@h>\r\n"), 503);
	assert_true(sim_header(sim_sent(2), "Retry-After").len > 0);
	/* A colleague at the same place is not hurt, and challenges count nothing. */
	assert_int_equal(sim_register(2, "bob", "secret words", "Contact: <sip:b@h>\r\n"), 200);
	fake_advance(&sim.net, THROTTLE_WAIT_MIN_MS * 2);
	assert_int_equal(sim_register(2, "alice", "secret words", "Contact: <sip:a@h>\r\n"), 200);
	simple_stats_get(sim.simple, &st);
	assert_int_equal(st.wrong_credentials, THROTTLE_PAIR_FREE + 1);
	assert_int_equal(st.throttled, 1);
}

static void test_spoofed(void **state)
{
	(void)state;
	fake_open(&sim.net, 3);
	assert_int_equal(message(3, "alice"), 401);
	sim_sign_in(1, "alice");
	assert_int_equal(message(1, "bob"), 403);
	assert_int_equal(message(1, "nobody"), 403);
	assert_int_equal(message(1, "<sip:alice@elsewhere.test>"), 403);
	assert_int_equal(message(1, "<tel:+4912345>"), 403);
	assert_int_equal(sim.submitted_count, 0);
	assert_int_equal(message(1, "ALICE"), 0); /* waits for the IMMCU */
	assert_int_equal(sim.submitted_count, 1);
	assert_int_equal(sim.submitted[0].t.from, 1);
}

static int register_as(conn_id conn, const char *username, const char *from, const char *to,
		       unsigned nc, struct str challenge)
{
	struct sim_request r = {
		.method = "REGISTER", .ruri = "sip:" SIM_DOMAIN, .from = from, .to = to
	};
	struct buf b;
	int code;

	buf_init(&b, 1u << 16);
	sim_authorize(&b, challenge,
		      &(struct sim_credentials){ .username = username,
						 .password = "secret words",
						 .method = "REGISTER",
						 .uri = "sip:" SIM_DOMAIN,
						 .nc = nc });
	buf_addz(&b, "Contact: <sip:a@h>\r\n");
	buf_addc(&b, 0);
	r.headers = b.p;
	code = sim_send(conn, &r);
	buf_fini(&b);
	return code;
}

static struct str challenge_of(conn_id conn)
{
	assert_int_equal(
		sim_send(conn, &(struct sim_request){ .method = "REGISTER",
						      .ruri = "sip:" SIM_DOMAIN,
						      .from = "alice",
						      .to = "alice",
						      .headers = "User-Agent: Linphone\r\n" }),
		401);
	return str_dup(sim_sent(conn));
}

static void test_third_party(void **state)
{
	struct str ch;

	(void)state;
	fake_open(&sim.net, 1);
	ch = challenge_of(1);
	assert_int_equal(register_as(1, "bob", "alice", "alice", 1, ch), 403);
	assert_int_equal(register_as(1, "alice", "alice", "bob", 2, ch), 403);
	assert_int_equal(register_as(1, "alice", "alice", "<sip:alice@elsewhere.test>", 3, ch),
			 403);
	assert_int_equal(register_as(1, "alice", "alice", "alice", 4, ch), 200);
	str_free(&ch);
}

static void test_nonces(void **state)
{
	struct str ch;

	(void)state;
	fake_open(&sim.net, 1);
	fake_open(&sim.net, 2);
	ch = challenge_of(1);
	assert_int_equal(register_as(1, "alice", "alice", "alice", 1, ch), 200);
	assert_int_equal(register_as(1, "alice", "alice", "alice", 1, ch), 401); /* replayed */
	assert_true(str_search(sim_sent(1), STR("stale=true")) < sim_sent(1).len);
	assert_int_equal(register_as(1, "alice", "alice", "alice", 2, ch), 200);
	/* another connection's */
	assert_int_equal(register_as(2, "alice", "alice", "alice", 3, ch), 401);
	assert_true(str_search(sim_sent(2), STR("stale=true")) < sim_sent(2).len);
	fake_advance(&sim.net, SIP_NONCE_LIFE_MS);
	assert_int_equal(register_as(1, "alice", "alice", "alice", 4, ch), 401);
	str_free(&ch);
}

static void test_malformed_credentials(void **state)
{
	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(
		sim_send(1,
			 &(struct sim_request){
				 .method = "REGISTER",
				 .ruri = "sip:" SIM_DOMAIN,
				 .from = "alice",
				 .to = "alice",
				 .headers = "Authorization: Digest realm=\"porchlight.test\", "
					    "username=\"alice\", username=\"bob\"\r\n" }),
		400);
	/* Another realm, another scheme: as if there were none. */
	assert_int_equal(
		sim_send(
			1,
			&(struct sim_request){
				.method = "REGISTER",
				.ruri = "sip:" SIM_DOMAIN,
				.from = "alice",
				.to = "alice",
				.headers =
					"Authorization: Digest realm=\"other\", username=\"alice\"\r\n"
					"Authorization: Basic YWxpY2U6c2VjcmV0\r\n" }),
		401);
}

static void test_two_accounts_on_one_connection(void **state)
{
	(void)state;
	sim_sign_in(1, "alice");
	assert_int_equal(sim_register(1, "bob", "secret words", "Contact: <sip:b@h>\r\n"), 200);
	assert_int_equal(message(1, "bob"), 0);
	assert_int_equal(message(1, "alice"), 0);
	assert_int_equal(sim.submitted[0].t.from, 2);
	assert_int_equal(sim.submitted[1].t.from, 1);
	sip_stack_drop_account(sim.net.stack, 1);
	assert_false(sim.net.closed[1]);
	assert_int_equal(message(1, "alice"), 403);
	sip_stack_drop_account(sim.net.stack, 2);
	assert_true(sim.net.closed[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(test_offers),
		SIM_TEST(test_an_understood_pair_is_offered_again),
		SIM_TEST(test_names_with_and_without_domain),
		SIM_TEST(test_unknown_and_wrong_are_alike),
		SIM_TEST(test_throttle),
		SIM_TEST(test_spoofed),
		SIM_TEST(test_third_party),
		SIM_TEST(test_nonces),
		SIM_TEST(test_malformed_credentials),
		SIM_TEST(test_two_accounts_on_one_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
