/* The room's front door: adapters, signing, accounts of a connection, budgets, closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sip/peer.h"

static struct fake net;
static unsigned handled[3], closed[3], signed_count;
static char last_signed[1024];
static bool pend;

/* --- two dialects that know nothing of each other --- */

static bool claims_lync(void *arg, const struct sip_conn *c, const struct sip_msg *m)
{
	(void)arg;
	(void)c;
	return sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("msrtc-event-categories"));
}

static bool claims_register(void *arg, const struct sip_conn *c, const struct sip_msg *m)
{
	(void)arg;
	(void)c;
	return m->method_id == SIP_METHOD_REGISTER;
}

static enum sip_auth_result admit(void *arg, struct sip_txn *t)
{
	(void)arg;
	if (pend)
		return SIP_AUTH_PENDING;
	sip_txn_set_account(t, FAKE_ALICE);
	return SIP_AUTH_OK;
}

static void on_any(struct sip_txn *t, void *arg)
{
	handled[*(int *)arg]++;
	net.last_txn = sip_txn_id(t);
	if (!net.hold)
		sip_reply_code(net.stack, sip_txn_id(t), 200);
}

static void on_adapter_close(void *arg, struct sip_conn *c)
{
	assert_true(c->owner == NULL || c->owner == arg);
	closed[*(int *)arg]++;
}

static int is_lync = 1, is_simple = 2, is_common = 0;
static const char *const lync_tags[] = { "ms-benotify", NULL };
static const struct sip_verb lync_verbs[] = {
	{ "REGISTER", on_any, SIP_AUTH_REQUIRED, 0, 1 },
	{ "SERVICE", on_any, SIP_AUTH_REQUIRED, 100, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};
static const struct sip_verb simple_verbs[] = {
	{ "REGISTER", on_any, SIP_AUTH_REQUIRED, 0, 1 },
	{ "OPTIONS", on_any, SIP_AUTH_NONE, 0, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};
static const struct sip_verb common_verbs[] = {
	{ "INVITE", on_any, SIP_AUTH_REQUIRED, 100, 1 },
	{ "OPTIONS", on_any, SIP_AUTH_REQUIRED, 0, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

static int setup(void **state)
{
	struct sip_adapter lync = { .name = "lync",
				    .claims = claims_lync,
				    .authenticate = admit,
				    .on_close = on_adapter_close,
				    .verbs = lync_verbs,
				    .supported = lync_tags,
				    .arg = &is_lync };
	struct sip_adapter simple = { .name = "simple",
				      .claims = claims_register,
				      .authenticate = admit,
				      .on_close = on_adapter_close,
				      .verbs = simple_verbs,
				      .arg = &is_simple };

	(void)state;
	memset(handled, 0, sizeof(handled));
	memset(closed, 0, sizeof(closed));
	signed_count = 0;
	pend = false;
	fake_init_bare(&net);
	sip_stack_add_adapter(net.stack, &lync);
	sip_stack_add_adapter(net.stack, &simple);
	sip_stack_set_common_verbs(net.stack, common_verbs, &is_common);
	for (conn_id id = 1; id <= 3; id++)
		fake_open(&net, id);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_fini(&net);
	return 0;
}

static unsigned n_sent;

static const char *ask(conn_id conn, const char *method, const char *headers)
{
	char branch[32];

	(void)snprintf(branch, sizeof(branch), "z9hG4bKs%u", ++n_sent);
	peer_send(&net, conn,
		  &(struct peer_request){ .method = method, .branch = branch, .headers = headers });
	return peer_codes(&net, conn);
}

static void test_claims(void **state)
{
	(void)state;
	/* Nobody's yet: the last of the list answers, and does not keep it. */
	assert_string_equal(ask(1, "OPTIONS", NULL), "200");
	assert_null(sip_conn_get(net.stack, 1)->adapter);
	assert_int_equal(handled[2], 1);
	assert_string_equal(ask(1, "REGISTER", "Supported: adhoclist, msrtc-event-categories\r\n"),
			    "200");
	assert_string_equal(sip_conn_get(net.stack, 1)->adapter->name, "lync");
	assert_int_equal(handled[1], 1);
	/* For life, look or no look. */
	assert_string_equal(ask(1, "REGISTER", NULL), "200");
	assert_string_equal(ask(1, "SERVICE", NULL), "200");
	assert_int_equal(handled[1], 3);
	assert_string_equal(ask(2, "REGISTER", NULL), "200");
	assert_string_equal(ask(2, "REGISTER", "Supported: msrtc-event-categories\r\n"), "200");
	assert_int_equal(handled[2], 3);
	assert_string_equal(ask(2, "SERVICE", NULL), "405");
	assert_true(str_eqz(peer_header(peer_got(&net, 2), "Allow"),
			    "CANCEL, REGISTER, OPTIONS, INVITE"));
	/* Common verbs stand behind an adapter's own. */
	assert_string_equal(ask(1, "INVITE", NULL), "200");
	assert_string_equal(ask(2, "INVITE", NULL), "200");
	assert_int_equal(handled[0], 2);
	assert_string_equal(ask(2, "OPTIONS", NULL), "200");
	assert_int_equal(handled[2], 4);
	/* Option tags are each adapter's. */
	assert_string_equal(ask(1, "SERVICE", "Require: ms-benotify\r\n"), "200");
	assert_string_equal(ask(2, "REGISTER", "Require: ms-benotify, x\r\n"), "420");
	assert_true(str_eqz(peer_header(peer_got(&net, 2), "Unsupported"), "ms-benotify, x"));
	/* What goes on to another client may require of it what it likes; of us it asks by Proxy-Require. */
	assert_string_equal(ask(2, "INVITE", "Require: 100rel\r\n"), "200");
	assert_string_equal(ask(2, "INVITE", "Proxy-Require: sec-agree\r\n"), "420");
	assert_string_equal(ask(2, "FOO", NULL), "501");
}

/* A client that speaks before it registers, or never does, must still be noticed when it goes. */
static void test_let_in_without_register(void **state)
{
	(void)state;
	assert_string_equal(ask(1, "OPTIONS", NULL), "200");
	assert_null(sip_conn_get(net.stack, 1)->adapter);
	pend = true;
	assert_string_equal(ask(1, "INVITE", NULL), "");
	assert_null(sip_conn_get(net.stack, 1)->adapter);
	pend = false;
	assert_string_equal(ask(1, "INVITE", NULL), "200");
	assert_string_equal(sip_conn_get(net.stack, 1)->adapter->name, "simple");
	sip_on_close(net.stack, 1);
	assert_int_equal(closed[2], 1);
}

static void test_owner_is_freed_once(void **state)
{
	(void)state;
	(void)ask(1, "REGISTER", "Supported: msrtc-event-categories\r\n");
	(void)ask(2, "REGISTER", NULL);
	sip_conn_get(net.stack, 1)->owner = &is_lync;
	sip_conn_get(net.stack, 2)->owner = &is_simple;
	sip_on_close(net.stack, 1);
	assert_int_equal(closed[1], 1);
	sip_on_close(net.stack, 1);
	assert_int_equal(closed[1], 1);
	sip_stack_free(&net.stack);
	assert_int_equal(closed[2], 1);
}

/* --- signing --- */

static void sign(void *arg, const struct sip_finishing *f, struct buf *out)
{
	(void)arg;
	signed_count++;
	(void)snprintf(last_signed, sizeof(last_signed), "%d %.*s %.*s|%.*s|%.*s|%u|%.*s|%llu",
		       f->status, STR_ARG(f->method), STR_ARG(f->from), STR_ARG(f->to),
		       STR_ARG(f->call_id), f->cseq, STR_ARG(f->headers),
		       (unsigned long long)f->account);
	buf_addz(out, "Authentication-Info: signed\r\n");
}

static bool is_signed(conn_id conn)
{
	return str_eqz(peer_header(peer_got(&net, conn), "Authentication-Info"), "signed");
}

static void test_finisher(void **state)
{
	struct sip_out o = { .conn = 1,
			     .method = STR("INVITE"),
			     .uri = STR("sip:a@h"),
			     .from = STR("<sip:b@h>;tag=1"),
			     .to = STR("<sip:a@h>"),
			     .call_id = STR("c9"),
			     .cseq = 4,
			     .extra_headers = STR("Expires: 3\r\n"),
			     .content_type = STR("text/plain"),
			     .body = STR("x") };
	struct str sent, to;
	uint64_t id;

	(void)state;
	(void)ask(1, "REGISTER", "Supported: msrtc-event-categories\r\n");
	assert_false(is_signed(1));
	sip_conn_get(net.stack, 1)->finisher = (struct sip_finisher){ sign, NULL };
	(void)ask(1, "REGISTER", NULL);
	assert_true(is_signed(1));
	to = peer_header(peer_got(&net, 1), "To");
	{
		char want[1024];

		(void)snprintf(want, sizeof(want),
			       "200 REGISTER <sip:alice@porchlight.test>;tag=a|%.*s|c1|1||7",
			       STR_ARG(to));
		assert_string_equal(last_signed, want); /* the tag of ours is part of it */
	}
	(void)ask(1, "FOO", NULL); /* the stack's own answers too */
	assert_true(is_signed(1));
	(void)ask(2, "REGISTER", NULL);
	assert_false(is_signed(2)); /* another connection */

	net.hold = true;
	signed_count = 0;
	(void)ask(1, "INVITE", NULL);
	assert_string_equal(peer_codes(&net, 1), "100");
	assert_int_equal(signed_count, 0); /* provisional answers are not */
	peer_clear(&net);
	sip_reply_code(net.stack, net.last_txn, 486);
	assert_int_equal(signed_count, 1);

	peer_clear(&net);
	id = sip_request_send(net.stack, &o, NULL, NULL);
	assert_true(is_signed(1));
	assert_string_equal(last_signed,
			    "0 INVITE <sip:b@h>;tag=1|<sip:a@h>|c9|4|Expires: 3\r\n|0");
	sent = str_dup(peer_got(&net, 1));
	assert_true(str_search(sent,
			       STR("Authentication-Info: signed\r\nContent-Type: text/plain\r\n")) <
		    sent.len);
	peer_answer(&net, 1, sent, 180, "t", NULL);
	peer_clear(&net);
	sip_request_cancel(net.stack, id);
	assert_true(is_signed(1));
	peer_answer(&net, 1, sent, 486, "t", NULL); /* brings an ACK */
	assert_string_equal(peer_codes(&net, 1), "ACK");
	assert_true(is_signed(1));
	o.method = STR("BENOTIFY");
	peer_clear(&net);
	assert_int_equal(sip_request_send_once(net.stack, &o), E_OK);
	assert_true(is_signed(1));
	str_free(&sent);
}

/* --- what a connection may do --- */

static void test_pending(void **state)
{
	(void)state;
	pend = true;
	assert_string_equal(ask(2, "REGISTER", NULL), "");
	assert_int_equal(handled[2], 0);
	sip_auth_done(net.stack, 1, SIP_AUTH_OK);
	assert_int_equal(handled[2], 1);
	assert_string_equal(peer_codes(&net, 2), "200");
	sip_auth_done(net.stack, 1, SIP_AUTH_OK); /* answered: nothing */
	assert_int_equal(handled[2], 1);
	(void)ask(2, "REGISTER", NULL);
	sip_on_close(net.stack, 2);
	sip_auth_done(net.stack, 2, SIP_AUTH_OK); /* gone: nothing */
	assert_int_equal(handled[2], 1);
}

static void test_not_set_up(void **state)
{
	(void)state;
	sip_stack_set_names(net.stack, STR_NULL, STR_NULL, 0);
	assert_string_equal(ask(1, "REGISTER", NULL), "503");
	sip_stack_set_names(net.stack, STR("porchlight.test"), STR("im.porchlight.test"), 5061);
	assert_string_equal(ask(1, "REGISTER", NULL), "200");
}

static void test_no_adapter(void **state)
{
	struct fake bare;

	(void)state;
	fake_init_bare(&bare);
	fake_open(&bare, 1);
	peer_send(&bare, 1, &(struct peer_request){ .method = "OPTIONS", .branch = "z9hG4bK1" });
	assert_string_equal(peer_codes(&bare, 1), "503");
	peer_send(&bare, 1, &(struct peer_request){ .method = "ACK", .branch = "z9hG4bK1" });
	assert_string_equal(peer_codes(&bare, 1), "");
	fake_fini(&bare);
	clk_set_ms(1000000, 1700000000000);
}

static void test_accounts(void **state)
{
	struct sip_conn *c = sip_conn_get(net.stack, 1);

	(void)state;
	for (uint64_t a = 1; a <= SIP_ACCOUNTS_PER_CONN; a++) {
		assert_int_equal(sip_conn_add_account(net.stack, c, a), E_OK);
		assert_int_equal(sip_conn_add_account(net.stack, c, a), E_OK);
	}
	assert_int_equal(sip_conn_add_account(net.stack, c, 99), E_FULL);
	sip_conn_drop_account(net.stack, c, 3);
	assert_false(sip_conn_has_account(c, 3));
	assert_int_equal(sip_conn_add_account(net.stack, c, 99), E_OK);
	assert_true(sip_conn_has_account(c, 99) && sip_conn_has_account(c, 8));
	assert_int_equal(sip_conn_add_account(net.stack, sip_conn_get(net.stack, 2), 99), E_OK);
	sip_stack_drop_account(net.stack, 99);
	assert_false(sip_conn_has_account(c, 99));
	assert_false(net.closed[1]);
	assert_true(net.closed[2]); /* nobody is left on it */
	assert_false(net.closed[3]);
}

static void test_flood(void **state)
{
	unsigned refused = 0;

	(void)state;
	for (int i = 0; i < SIP_FLOOD_BURST_UNAUTH + 10; i++)
		refused += strcmp(ask(3, "OPTIONS", NULL), "503") == 0;
	assert_int_equal(refused, 10);
	fake_advance(&net, 1000);
	for (int i = 0; i < SIP_FLOOD_PER_S_UNAUTH; i++)
		assert_string_equal(ask(3, "OPTIONS", NULL), "200");
	assert_string_equal(ask(3, "OPTIONS", NULL), "503");
	assert_true(str_eqz(peer_header(peer_got(&net, 3), "Retry-After"), "1"));
	assert_string_equal(ask(2, "OPTIONS", NULL), "200"); /* nobody else notices */
	for (int i = 0; i < SIP_FLOOD_REFUSALS_MAX && !net.closed[3]; i++)
		(void)ask(3, "OPTIONS", NULL);
	assert_true(net.closed[3]);
}

static void test_bad_messages(void **state)
{
	int n = 0;

	(void)state;
	while (!net.closed[3] && n++ < SIP_BAD_MESSAGES_MAX) {
		fake_advance(&net, 1000);
		(void)ask(3, "OPTIONS", "Expires: never\r\n");
	}
	assert_int_equal(n, SIP_BAD_MESSAGES_MAX);
	assert_true(net.closed[3]);
}

static void test_hops(void **state)
{
	static const char form[] =
		"OPTIONS sip:%s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bKh%d\r\nFrom: <sip:a@h>;tag=1\r\n"
		"To: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 0\r\nContent-Length: 0\r\n\r\n";
	char text[512];
	int n;

	(void)state;
	n = snprintf(text, sizeof(text), form, "bob@porchlight.test", 1);
	assert_int_equal(sip_on_bytes(net.stack, 1, str_n(text, (size_t)n)), n);
	assert_string_equal(peer_codes(&net, 1), "483");
	peer_clear(&net);
	/* for ourselves: goes nowhere further */
	n = snprintf(text, sizeof(text), form, "porchlight.test", 2);
	assert_int_equal(sip_on_bytes(net.stack, 1, str_n(text, (size_t)n)), n);
	assert_string_equal(peer_codes(&net, 1), "200");
}

static void test_gone_connection(void **state)
{
	(void)state;
	sip_on_close(net.stack, 1);
	assert_null(sip_conn_get(net.stack, 1));
	assert_int_equal(sip_on_bytes(net.stack, 1, STR("\r\n\r\n")), E_GONE);
	sip_conn_close(net.stack, 1, true);
	assert_false(net.closed[1]);
	sip_conn_close(net.stack, 2, true);
	assert_true(net.closed[2]);
	/* on its way out: nothing is read any more */
	assert_string_equal(ask(2, "OPTIONS", NULL), "");
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_claims),
		T(test_let_in_without_register),
		T(test_owner_is_freed_once),
		T(test_finisher),
		T(test_pending),
		T(test_not_set_up),
		T(test_no_adapter),
		T(test_accounts),
		T(test_flood),
		T(test_bad_messages),
		T(test_hops),
		T(test_gone_connection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
