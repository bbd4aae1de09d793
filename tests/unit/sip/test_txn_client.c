/* Client transactions: fn hears of every request exactly once (RFC 3261 17.1, RFC 6026 7.2, 8.4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/sip/peer.h"

static struct fake net;
static struct {
	unsigned finals, progresses;
	int code;
	uint64_t ctx;
	bool has_msg;
} heard;

static void on_final(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	(void)arg;
	heard.finals++;
	heard.code = code;
	heard.ctx = ctx;
	heard.has_msg = resp != NULL;
}

static void on_progress(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	(void)arg;
	(void)ctx;
	(void)resp;
	heard.progresses++;
	heard.code = code;
}

static int setup(void **state)
{
	(void)state;
	memset(&heard, 0, sizeof(heard));
	fake_init(&net);
	fake_open(&net, 1);
	fake_open(&net, 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fake_fini(&net);
	return 0;
}

static uint64_t send_it(const char *method, struct str *sent)
{
	struct sip_out o = { .conn = 1,
			     .method = str_of(method),
			     .uri = STR("sip:bob@192.0.2.77"),
			     .from = STR("<sip:alice@porchlight.test>;tag=a"),
			     .to = STR("<sip:bob@porchlight.test>"),
			     .call_id = STR("c"),
			     .cseq = 7,
			     .extra_headers = STR("Route: <sip:r1;lr>\r\nRoute: <sip:r2;lr>\r\n"),
			     .ctx = 42,
			     .progress = on_progress };
	uint64_t id;

	peer_clear(&net);
	id = sip_request_send(net.stack, &o, on_final, NULL);
	assert_true(id != 0);
	assert_int_equal(heard.finals, 0);
	*sent = str_dup(peer_got(&net, 1));
	return id;
}

static uint64_t live(void)
{
	struct sip_stats st;

	sip_stats_get(net.stack, &st);
	return st.client_txns;
}

static void test_final(void **state)
{
	struct str sent;

	(void)state;
	(void)send_it("MESSAGE", &sent);
	assert_true(str_starts(
		sent,
		STR("MESSAGE sip:bob@192.0.2.77 SIP/2.0\r\nVia: SIP/2.0/TLS im.porchlight.test:5061;branch=z9hG4bK")));
	assert_true(str_eqz(peer_header(sent, "CSeq"), "7 MESSAGE"));
	assert_true(str_eqz(peer_header(sent, "Max-Forwards"), "70"));
	peer_answer(&net, 1, sent, 100, NULL, NULL);
	assert_int_equal(heard.progresses, 1);
	peer_answer(&net, 1, sent, 200, "b", NULL);
	assert_int_equal(heard.finals, 1);
	assert_int_equal(heard.code, 200);
	assert_int_equal(heard.ctx, 42);
	assert_true(heard.has_msg);
	assert_int_equal(live(), 0);
	peer_answer(&net, 1, sent, 200, "b", NULL); /* again: nothing waits for it */
	assert_int_equal(heard.finals, 1);
	str_free(&sent);
}

static void test_not_for_us(void **state)
{
	struct str sent, forged;
	size_t at;

	(void)state;
	(void)send_it("MESSAGE", &sent);
	peer_answer(&net, 2, sent, 200, "b", NULL); /* on another connection */
	assert_int_equal(heard.finals, 0);
	forged = str_dup(sent);
	at = str_search(forged, STR("z9hG4bK")) + 7 + 8 + 16 + 3;
	((char *)(uintptr_t)forged.p)[at] = forged.p[at] == '0' ? '1' : '0';
	/* a branch of our making, but for its random part */
	peer_answer(&net, 1, forged, 200, "b", NULL);
	assert_int_equal(heard.finals, 0);
	peer_answer(&net, 1, sent, 486, "b", NULL);
	assert_int_equal(heard.code, 486);
	str_free(&forged);
	str_free(&sent);
}

static void test_timeout(void **state)
{
	struct str sent;

	(void)state;
	(void)send_it("MESSAGE", &sent);
	fake_advance(&net, SIP_TXN_LIFE_MS - 1);
	assert_int_equal(heard.finals, 0);
	fake_advance(&net, 1); /* Timer F */
	assert_int_equal(heard.finals, 1);
	assert_int_equal(heard.code, 408);
	assert_false(heard.has_msg);
	str_free(&sent);
}

static void test_connection_gone(void **state)
{
	struct str sent;
	struct sip_out o = { .conn = 9,
			     .method = STR("MESSAGE"),
			     .uri = STR("sip:x"),
			     .call_id = STR("c"),
			     .cseq = 1 };

	(void)state;
	(void)send_it("MESSAGE", &sent);
	sip_on_close(net.stack, 1);
	assert_int_equal(heard.code, 503);
	assert_int_equal(heard.finals, 1);
	(void)sip_request_send(net.stack, &o, on_final, NULL);
	assert_int_equal(heard.finals, 1); /* never from inside */
	fake_advance(&net, 0);
	assert_int_equal(heard.finals, 2);
	assert_int_equal(heard.code, 503);
	assert_int_equal(sip_request_send_once(net.stack, &o), E_GONE);
	str_free(&sent);
}

static void test_forgotten(void **state)
{
	struct str sent;
	uint64_t id;

	(void)state;
	id = send_it("MESSAGE", &sent);
	sip_request_forget(net.stack, id);
	peer_answer(&net, 1, sent, 200, "b", NULL);
	assert_int_equal(heard.finals, 0);
	assert_int_equal(live(), 0);
	str_free(&sent);
}

static void test_invite_refused(void **state)
{
	struct str sent, ack;

	(void)state;
	(void)send_it("INVITE", &sent);
	peer_answer(&net, 1, sent, 180, "b", NULL);
	assert_int_equal(heard.progresses, 1);
	peer_answer(&net, 1, sent, 486, "b", NULL);
	ack = peer_got(&net, 1);
	assert_true(str_starts(ack, STR("ACK sip:bob@192.0.2.77 SIP/2.0\r\n")));
	assert_true(str_eq(peer_header(ack, "Via"), peer_header(sent, "Via"))); /* 17.1.1.3 */
	assert_true(str_eqz(peer_header(ack, "To"), "<sip:bob@porchlight.test>;tag=b"));
	assert_true(str_eqz(peer_header(ack, "CSeq"), "7 ACK"));
	assert_true(str_search(ack, STR("Route: <sip:r1;lr>\r\nRoute: <sip:r2;lr>\r\n")) < ack.len);
	assert_int_equal(heard.finals, 1);
	assert_int_equal(live(), 0);
	str_free(&sent);
}

static void test_invite_accepted(void **state)
{
	struct str sent;

	(void)state;
	(void)send_it("INVITE", &sent);
	peer_answer(&net, 1, sent, 200, "b", NULL);
	assert_string_equal(peer_codes(&net, 1), ""); /* the ACK of a 2xx is the dialog's */
	assert_int_equal(heard.finals, 1);
	peer_answer(&net, 1, sent, 200, "c", NULL); /* a second phone behind a fork */
	assert_int_equal(heard.finals, 1);
	assert_int_equal(heard.progresses, 1);
	peer_answer(&net, 1, sent, 486, "d", NULL);
	assert_int_equal(heard.progresses, 1);
	assert_int_equal(live(), 1);
	fake_advance(&net, SIP_TXN_LIFE_MS); /* Timer M */
	assert_int_equal(live(), 0);
	assert_int_equal(heard.finals, 1);
	str_free(&sent);
}

static void test_invite_unanswered(void **state)
{
	struct str sent;

	(void)state;
	(void)send_it("INVITE", &sent);
	fake_advance(&net, SIP_INVITE_WAIT_MS);
	assert_int_equal(heard.code, 408); /* no sign of life at all: nothing to cancel */
	str_free(&sent);
	memset(&heard, 0, sizeof(heard));
	(void)send_it("INVITE", &sent);
	peer_answer(&net, 1, sent, 180, "b", NULL);
	fake_advance(&net, SIP_INVITE_WAIT_MS); /* Timer C: 16.8 */
	assert_string_equal(peer_codes(&net, 1), "CANCEL");
	assert_int_equal(heard.finals, 0);
	peer_answer(&net, 1, sent, 487, "b", NULL);
	assert_int_equal(heard.code, 487);
	str_free(&sent);
}

static void test_cancel(void **state)
{
	struct str sent, cancel;
	uint64_t id;

	(void)state;
	id = send_it("INVITE", &sent);
	peer_answer(&net, 1, sent, 180, "b", NULL);
	peer_clear(&net);
	sip_request_cancel(net.stack, id);
	cancel = str_dup(peer_got(&net, 1));
	assert_true(str_starts(cancel, STR("CANCEL ")));
	assert_true(str_eq(peer_header(cancel, "Via"), peer_header(sent, "Via")));
	/* 9.1: as in the INVITE */
	assert_true(str_eqz(peer_header(cancel, "To"), "<sip:bob@porchlight.test>"));
	sip_request_cancel(net.stack, id);
	assert_string_equal(peer_codes(&net, 1), "CANCEL"); /* once */
	peer_answer(&net, 1, cancel, 200, NULL, NULL);
	assert_int_equal(heard.finals, 0);
	fake_advance(&net, SIP_TXN_LIFE_MS); /* the peer never answers the INVITE */
	assert_int_equal(heard.finals, 1);
	assert_int_equal(heard.code, 408);
	str_free(&cancel);
	str_free(&sent);
}

static void test_many(void **state)
{
	struct str sent;

	(void)state;
	for (int i = 0; i < SIP_CLIENT_TXNS_PER_CONN; i++) {
		(void)send_it("MESSAGE", &sent);
		str_free(&sent);
	}
	(void)send_it("MESSAGE", &sent);
	assert_int_equal(sent.len, 0);
	fake_advance(&net, 0);
	assert_int_equal(heard.finals, 1);
	assert_int_equal(heard.code, 503);
	str_free(&sent);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_final),		 T(test_not_for_us),
		T(test_timeout),	 T(test_connection_gone),
		T(test_forgotten),	 T(test_invite_refused),
		T(test_invite_accepted), T(test_invite_unanswered),
		T(test_cancel),		 T(test_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
