/* Server transactions: each request is handled once and answered once, whatever the peer repeats, cancels or
 * forgets (RFC 3261 17.2, RFC 6026, RFC 2543 matching). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sip/peer.h"

#define MAGIC "z9hG4bK"

static struct fake net;
static unsigned acks, cancels, cancels_by_close;

static void on_ack(struct sip_txn *t, void *arg)
{
	(void)arg;
	assert_true(sip_txn_msg(t)->method_id == SIP_METHOD_ACK);
	/* must do nothing: an ACK is never answered */
	sip_reply_code(net.stack, sip_txn_id(t), 200);
	acks++;
}

static void on_cancel(void *arg, uint64_t txn_id, bool cancelled)
{
	(void)arg;
	if (!cancelled) {
		cancels_by_close++;
		return;
	}
	cancels++;
	sip_reply_code(net.stack, txn_id, 487);
}

static void on_invite(struct sip_txn *t, void *arg)
{
	struct fake *f = arg;

	if (f->hold)
		sip_txn_on_cancel(t, on_cancel, NULL);
	fake_handle(t, arg);
}

static const struct sip_verb verbs[] = {
	{ "INVITE", on_invite, SIP_AUTH_REQUIRED, 4096, 1 },
	{ "ACK", on_ack, SIP_AUTH_REQUIRED, 4096, 1 },
	{ "MESSAGE", fake_handle, SIP_AUTH_REQUIRED, 4096, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

static int setup(void **state)
{
	(void)state;
	acks = cancels = cancels_by_close = 0;
	fake_init_verbs(&net, verbs);
	for (conn_id id = 1; id <= 2; id++) {
		fake_open(&net, id);
		fake_sign_in(&net, id);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_fini(&net);
	return 0;
}

static void send_on(conn_id conn, const char *method, const char *branch)
{
	peer_send(&net, conn,
		  &(struct peer_request){ .method = method,
					  .branch = branch,
					  .body = strcmp(method, "MESSAGE") == 0 ? "x" : NULL });
}

static uint64_t live(void)
{
	struct sip_stats st;

	sip_stats_get(net.stack, &st);
	return st.server_txns;
}

static void test_once(void **state)
{
	struct str first;

	(void)state;
	send_on(1, "MESSAGE", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "202");
	first = str_dup(peer_got(&net, 1));
	send_on(1, "MESSAGE", MAGIC "1");
	assert_true(str_eq(peer_got(&net, 1), first)); /* the same octets, To tag and all */
	assert_int_equal(net.handled, 1);
	send_on(1, "MESSAGE", MAGIC "2");
	assert_int_equal(net.handled, 2);
	send_on(2, "MESSAGE", MAGIC "1"); /* another connection's branch is another request */
	assert_int_equal(net.handled, 3);
	assert_int_equal(live(), 0);
	str_free(&first);
}

static void test_repeated_while_it_waits(void **state)
{
	(void)state;
	net.hold = true;
	send_on(1, "MESSAGE", MAGIC "1");
	send_on(1, "MESSAGE", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "");
	assert_int_equal(net.handled, 1);
	assert_int_equal(live(), 1);
	sip_reply_code(net.stack, net.last_txn, 202);
	assert_string_equal(peer_codes(&net, 1), "202");
	sip_reply_code(net.stack, net.last_txn, 500);
	assert_string_equal(peer_codes(&net, 1), "202");
	assert_null(sip_txn_get(net.stack, net.last_txn));
}

/* pidgin-sipe sends no branch in a dialog; RFC 2543 clients one without the cookie. */
static void test_without_branch(void **state)
{
	static const char *const branches[] = { NULL, "1", "z9hG4bK" };
	struct peer_request r = { .method = "MESSAGE", .body = "x", .cseq = 5 };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(branches); i++) {
		unsigned before = net.handled;

		r.branch = branches[i];
		r.cseq = 5;
		peer_send(&net, 1, &r);
		peer_send(&net, 1, &r);
		assert_string_equal(peer_codes(&net, 1), "202");
		assert_int_equal(net.handled, before + 1);
		r.cseq = 6; /* the next request of the dialog */
		peer_send(&net, 1, &r);
		assert_int_equal(net.handled, before + 2);
		r.call_id = "other";
		peer_send(&net, 1, &r);
		assert_int_equal(net.handled, before + 3);
		r.call_id = NULL;
	}
}

static void test_silent_handler(void **state)
{
	(void)state;
	net.hold = true;
	send_on(1, "MESSAGE", MAGIC "1");
	peer_clear(&net);
	fake_advance(&net, SIP_TXN_SILENT_MS - 1);
	assert_string_equal(peer_codes(&net, 1), "");
	fake_advance(&net, 1);
	assert_string_equal(peer_codes(&net, 1), "500");
	assert_int_equal(live(), 0);
}

static void test_caps(void **state)
{
	char branch[32];

	(void)state;
	net.hold = true;
	for (int i = 0; i < SIP_TXNS_PER_CONN; i++) {
		(void)snprintf(branch, sizeof(branch), MAGIC "%d", i);
		send_on(1, "MESSAGE", branch);
		assert_string_equal(peer_codes(&net, 1), "");
	}
	send_on(1, "MESSAGE", MAGIC "more");
	assert_string_equal(peer_codes(&net, 1), "503");
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Retry-After"), "1"));
	assert_int_equal(net.handled, SIP_TXNS_PER_CONN);
	sip_reply_code(net.stack, net.last_txn, 202);
	send_on(1, "MESSAGE", MAGIC "more");
	assert_int_equal(net.handled, SIP_TXNS_PER_CONN + 1);
}

/* Only so many answers are kept; the oldest goes, and its request would be taken anew. */
static void test_kept_answers(void **state)
{
	char branch[32];

	(void)state;
	for (int i = 0; i <= SIP_TXNS_DONE_PER_CONN; i++) {
		(void)snprintf(branch, sizeof(branch), MAGIC "%d", i);
		send_on(1, "MESSAGE", branch);
	}
	send_on(1, "MESSAGE", MAGIC "1");
	assert_int_equal(net.handled, SIP_TXNS_DONE_PER_CONN + 1);
	send_on(1, "MESSAGE", MAGIC "0");
	assert_int_equal(net.handled, SIP_TXNS_DONE_PER_CONN + 2);
	fake_advance(&net, SIP_TXN_LIFE_MS); /* and none for longer than this */
	send_on(1, "MESSAGE", MAGIC "1");
	assert_int_equal(net.handled, SIP_TXNS_DONE_PER_CONN + 3);
}

static void test_invite_refused(void **state)
{
	(void)state;
	net.hold = true;
	send_on(1, "INVITE", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "100"); /* 17.2.1: at once */
	sip_reply_code(net.stack, net.last_txn, 180);
	sip_reply_code(net.stack, net.last_txn, 486);
	assert_string_equal(peer_codes(&net, 1), "100 180 486");
	send_on(1, "INVITE", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "486");
	peer_send(&net, 1,
		  &(struct peer_request){
			  .method = "ACK", .branch = MAGIC "1", .to_tag = "whatever" });
	assert_string_equal(peer_codes(&net, 1), "");
	assert_int_equal(acks, 0); /* the transaction's own */
	send_on(1, "INVITE", MAGIC "1");
	assert_int_equal(net.handled, 2); /* Timer I is 0 */
}

static void test_invite_refused_never_acked(void **state)
{
	(void)state;
	net.hold = true;
	send_on(1, "INVITE", MAGIC "1");
	sip_reply_code(net.stack, net.last_txn, 486);
	fake_advance(&net, SIP_TXN_LIFE_MS - 1); /* Timer H */
	send_on(1, "INVITE", MAGIC "1");
	assert_int_equal(net.handled, 1);
	fake_advance(&net, 1);
	send_on(1, "INVITE", MAGIC "1");
	assert_int_equal(net.handled, 2);
}

static void test_invite_accepted(void **state)
{
	(void)state;
	send_on(1, "INVITE", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "200");
	send_on(1, "INVITE", MAGIC "1"); /* RFC 6026: absorbed while ACCEPTED */
	assert_string_equal(peer_codes(&net, 1), "200");
	assert_int_equal(net.handled, 1);
	peer_send(&net, 1,
		  &(struct peer_request){ .method = "ACK", .branch = MAGIC "2", .to_tag = "x" });
	assert_int_equal(acks, 1); /* the dialog's */
	assert_string_equal(peer_codes(&net, 1), "");
	peer_send(&net, 1,
		  &(struct peer_request){ .method = "ACK", .branch = MAGIC "1", .to_tag = "x" });
	assert_int_equal(acks, 2);	     /* even with the INVITE's branch, as RFC 2543 had it */
	fake_advance(&net, SIP_TXN_LIFE_MS); /* Timer L */
	send_on(1, "INVITE", MAGIC "1");
	assert_int_equal(net.handled, 2);
}

static void test_cancel(void **state)
{
	(void)state;
	net.hold = true;
	send_on(1, "CANCEL", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "481");
	send_on(1, "INVITE", MAGIC "1");
	send_on(2, "CANCEL", MAGIC "1");
	/* nobody cancels what came on another connection */
	assert_string_equal(peer_codes(&net, 2), "481");
	assert_int_equal(cancels, 0);
	send_on(1, "CANCEL", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "200 487");
	assert_int_equal(cancels, 1);
	send_on(1, "CANCEL", MAGIC "1");
	assert_string_equal(peer_codes(&net, 1), "200"); /* too late: no effect (9.2) */
	assert_int_equal(cancels, 1);
}

static void test_cancel_without_branch(void **state)
{
	(void)state;
	net.hold = true;
	peer_send(&net, 1, &(struct peer_request){ .method = "INVITE", .cseq = 3 });
	peer_send(&net, 1, &(struct peer_request){ .method = "CANCEL", .cseq = 4 });
	assert_string_equal(peer_codes(&net, 1), "481");
	peer_send(&net, 1, &(struct peer_request){ .method = "CANCEL", .cseq = 3 });
	assert_string_equal(peer_codes(&net, 1), "200 487");
}

static void test_connection_dies(void **state)
{
	uint64_t txn;

	(void)state;
	net.hold = true;
	send_on(1, "INVITE", MAGIC "1");
	txn = net.last_txn;
	sip_on_close(net.stack, 1);
	assert_int_equal(cancels_by_close, 1);
	assert_int_equal(live(), 0);
	peer_clear(&net);
	sip_reply_code(net.stack, txn, 200);
	assert_string_equal(peer_codes(&net, 1), "");
	fake_advance(&net, SIP_INVITE_WAIT_MS + SIP_TXN_SILENT_MS); /* no timer of it is left */
}

static void test_tags(void **state)
{
	struct str to;

	(void)state;
	send_on(1, "MESSAGE", MAGIC "1");
	to = peer_header(peer_got(&net, 1), "To");
	assert_true(str_starts(to, STR("<sip:bob@porchlight.test>;tag=")));
	peer_send(
		&net, 1,
		&(struct peer_request){
			.method = "MESSAGE", .branch = MAGIC "2", .to_tag = "mine", .body = "x" });
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "To"),
			    "<sip:bob@porchlight.test>;tag=mine"));
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_once),
		T(test_repeated_while_it_waits),
		T(test_without_branch),
		T(test_silent_handler),
		T(test_caps),
		T(test_kept_answers),
		T(test_invite_refused),
		T(test_invite_refused_never_acked),
		T(test_invite_accepted),
		T(test_cancel),
		T(test_cancel_without_branch),
		T(test_connection_dies),
		T(test_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
