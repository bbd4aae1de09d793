/* REGISTER: what is bound, refused and given back. */
#include "tests/unit/simple/sim.h"

static size_t endpoints(account_id account)
{
	endpoint_id id[ENDPOINTS_PER_ACCOUNT];

	return registrar_of_account(sim.registrar, account, id, ENDPOINTS_PER_ACCOUNT);
}

static const struct endpoint *newest(account_id account)
{
	endpoint_id id[ENDPOINTS_PER_ACCOUNT];

	assert_true(registrar_of_account(sim.registrar, account, id, ENDPOINTS_PER_ACCOUNT) > 0);
	return registrar_get(sim.registrar, id[0]);
}

static int reg(conn_id conn, const char *headers)
{
	return sim_register(conn, "alice", "secret words", headers);
}

static void test_binds(void **state)
{
	struct str contact, sent;

	(void)state;
	sim_sign_in(1, "alice");
	sent = sim_sent(1);
	contact = sim_header(sent, "Contact");
	assert_true(str_starts(contact,
			       STR("<sip:alice@192.0.2.77:4001;transport=tls>;+sip.instance=")));
	assert_true(str_search(contact,
			       STR(";pub-gruu=\"sip:alice@porchlight.test;gr=urn:uuid:alice-1\"")) <
		    contact.len);
	assert_true(str_search(contact, STR(";temp-gruu=\"sip:tgruu.")) < contact.len);
	assert_true(str_ends(contact, STR(";expires=600")));
	assert_true(sim_header(sent, "Date").len == 29);
	assert_true(sim_header(sent, "Require").p == NULL);
	assert_int_equal(endpoints(1), 1);
	assert_int_equal(newest(1)->conn, 1);
	assert_true(str_eqz(newest(1)->user_agent, "test"));
	/* who signs in is the server's to note, once, and not at each refresh */
	assert_int_equal(sim.signed_in, 0);
	assert_int_equal(sim.im_signed_in, 1);
}

static void test_expiry(void **state)
{
	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;expires=59\r\n"), 423);
	assert_true(str_eqz(sim_header(sim_sent(1), "Min-Expires"), "60"));
	assert_int_equal(endpoints(1), 0);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;expires=60\r\n"), 200);
	assert_int_equal(newest(1)->expires_ms, clk_ms() + 60000);
	assert_int_equal(reg(1, "Contact: <sip:a@h>\r\n"), 200);
	assert_int_equal(newest(1)->expires_ms, clk_ms() + REG_EXPIRES_DEFAULT_S * 1000);
	assert_int_equal(reg(1, "Contact: <sip:a@h>\r\nExpires: 4000000000\r\n"), 200);
	assert_int_equal(newest(1)->expires_ms, clk_ms() + REG_EXPIRES_MAX_S * 1000);
	fake_advance(&sim.net, REG_EXPIRES_MAX_S * 1000);
	assert_int_equal(endpoints(1), 0);
}

static void test_all_or_none(void **state)
{
	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;expires=100, <sip:b@h>;expires=10\r\n"), 423);
	assert_int_equal(endpoints(1), 0);
	assert_int_equal(reg(1, "Contact: <sip:a@h>, <sip:b@h>;q=0.5\r\n"), 200);
	assert_int_equal(endpoints(1), 2);
	assert_true(str_search(sim_sent(1), STR("<sip:b@h>;q=0.500;expires=600")) <
		    sim_sent(1).len);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;expires=0, <sip:c@h>\r\n"), 200);
	assert_int_equal(endpoints(1), 2);
	assert_int_equal(reg(1, ""), 200); /* only asks */
	assert_true(str_search(sim_sent(1), STR("<sip:c@h>")) < sim_sent(1).len);
	assert_int_equal(endpoints(1), 2);
}

static void test_star(void **state)
{
	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(reg(1, "Contact: <sip:a@h>, <sip:b@h>\r\n"), 200);
	assert_int_equal(reg(1, "Contact: *\r\n"), 400);
	assert_int_equal(reg(1, "Contact: *\r\nExpires: 1\r\n"), 400);
	assert_int_equal(reg(1, "Contact: *, <sip:c@h>\r\nExpires: 0\r\n"), 400);
	assert_int_equal(endpoints(1), 2);
	assert_int_equal(reg(1, "Contact: *\r\nExpires: 0\r\n"), 200);
	assert_int_equal(endpoints(1), 0);
	assert_true(sim_header(sim_sent(1), "Contact").p == NULL);
	assert_int_equal(sip_conn_get(sim.net.stack, 1)->account_count, 0);
}

static void test_too_many(void **state)
{
	char headers[64];

	(void)state;
	fake_open(&sim.net, 1);
	for (int i = 0; i < ENDPOINTS_PER_ACCOUNT; i++) {
		(void)snprintf(headers, sizeof(headers), "Contact: <sip:a%d@h>\r\n", i);
		assert_int_equal(reg(1, headers), 200);
	}
	assert_int_equal(reg(1, "Contact: <sip:one-more@h>\r\n"), 403);
	assert_int_equal(endpoints(1), ENDPOINTS_PER_ACCOUNT);
	assert_int_equal(reg(1, "Contact: <sip:a3@h>;expires=0, <sip:one-more@h>\r\n"), 200);
	assert_int_equal(endpoints(1), ENDPOINTS_PER_ACCOUNT);
}

static void test_outbound(void **state)
{
	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(
		reg(1,
		    "Contact: <sip:a@h>;+sip.instance=\"<urn:x>\";reg-id=1\r\nSupported: outbound\r\n"),
		200);
	assert_true(str_eqz(sim_header(sim_sent(1), "Require"), "outbound"));
	assert_true(str_eqz(sim_header(sim_sent(1), "Flow-Timer"), "120"));
	assert_int_equal(newest(1)->reg_id, 1);
	assert_int_equal(
		reg(1,
		    "Contact: <sip:a@h>;+sip.instance=\"<urn:x>\";reg-id=0\r\nSupported: outbound\r\n"),
		400);
	/* The flow comes back on another connection: the old one ends. */
	fake_open(&sim.net, 2);
	assert_int_equal(
		reg(2,
		    "Contact: <sip:a@h>;+sip.instance=\"<urn:x>\";reg-id=1\r\nSupported: outbound\r\n"),
		200);
	assert_int_equal(endpoints(1), 1);
	assert_int_equal(newest(1)->conn, 2);
	assert_true(sim.net.closed[1]);
	assert_false(sim.net.closed[2]);
}

static void test_bad(void **state)
{
	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(reg(1, "Contact: <mailto:a@h>\r\n"), 400);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;q=2\r\n"), 400);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;q=0.1234\r\n"), 400);
	assert_int_equal(reg(1, "Contact: <sip:a@h>;q=1.5\r\n"), 400);
	assert_int_equal(reg(1, "Contact: <sip:alice@porchlight.test;gr=urn:x>\r\n"), 403);
	assert_int_equal(reg(1, "Contact: <sip:a@h>\r\nRequire: path\r\n"), 420);
	assert_int_equal(endpoints(1), 0);
}

static void test_old_cseq(void **state)
{
	struct sim_request r = { .method = "REGISTER",
				 .ruri = "sip:" SIM_DOMAIN,
				 .from = "alice",
				 .to = "alice",
				 .call_id = "same" };
	struct buf b;

	(void)state;
	fake_open(&sim.net, 1);
	sim.cseq = 100;
	buf_init(&b, 1u << 16);
	for (int i = 0; i < 2; i++) {
		r.headers = "";
		assert_int_equal(sim_send(1, &r), 401);
		buf_reset(&b);
		sim_authorize(&b, sim_sent(1),
			      &(struct sim_credentials){ .username = "alice",
							 .password = "secret words",
							 .method = "REGISTER",
							 .uri = "sip:" SIM_DOMAIN });
		buf_addz(&b,
			 i == 0 ? "Contact: <sip:a@h>\r\n" : "Contact: <sip:a@h>;expires=0\r\n");
		buf_addc(&b, 0);
		r.headers = b.p;
		assert_int_equal(sim_send(1, &r), i == 0 ? 200 : 500);
		assert_int_equal(endpoints(1), 1);
		sim.cseq = 90;
	}
	buf_fini(&b);
}

static void test_sign_out(void **state)
{
	(void)state;
	sim_sign_in(1, "alice");
	sim_sign_in(2, "alice");
	assert_int_equal(endpoints(1), 2);
	assert_int_equal(
		reg(1,
		    "Contact: <sip:alice@192.0.2.77:4001;transport=tls>;+sip.instance=\"<urn:uuid:alice-1>\"\r\n"
		    "Expires: 0\r\n"),
		200);
	assert_int_equal(endpoints(1), 1);
	assert_int_equal(registrar_end_endpoint(sim.registrar, newest(1)->id, END_BY_ADMIN), E_OK);
	assert_true(sim.net.closed[2]);
	assert_int_equal(endpoints(1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(test_binds), SIM_TEST(test_expiry),   SIM_TEST(test_all_or_none),
		SIM_TEST(test_star),  SIM_TEST(test_too_many), SIM_TEST(test_outbound),
		SIM_TEST(test_bad),   SIM_TEST(test_old_cseq), SIM_TEST(test_sign_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
