/* A request forked to two flows: who wins, who is cancelled, what the caller hears. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "sip/fork.h"
#include "sip/forward.h"

#include "fake_net.h"

static const char invite[] = "INVITE sip:bob@porchlight.test SIP/2.0\r\n"
			     "Via: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKa1;rport\r\n"
			     "Max-Forwards: 70\r\n"
			     "From: <sip:alice@porchlight.test>;tag=ta\r\n"
			     "To: <sip:bob@porchlight.test>\r\n"
			     "Call-ID: c1\r\nCSeq: 7 INVITE\r\n"
			     "Contact: <sip:alice@10.0.0.1;transport=tls>\r\n"
			     "P-Asserted-Identity: <sip:boss@porchlight.test>\r\n"
			     "Authorization: Digest username=\"alice\"\r\n"
			     "X-Thing: stays\r\n"
			     "Content-Type: application/sdp\r\nContent-Length: 4\r\n\r\nv=0\n";

struct bench {
	struct fake f;
	struct sip_forks *forks;
	int final_code, finals;
	uint64_t winner;
};

static struct bench *the;

static void on_final(void *arg, uint64_t ctx, int code, uint64_t winner, const struct sip_msg *resp)
{
	struct bench *b = arg;

	assert_int_equal(ctx, 99);
	assert_true(resp == NULL || resp->status == code);
	b->final_code = code;
	b->winner = winner;
	b->finals++;
}

static void on_invite(struct sip_txn *t, void *arg)
{
	const struct sip_fork_target targets[] = {
		{ .conn = 2, .uri = STR("sip:bob@10.0.0.2"), .ctx = 22 },
		{ .conn = 3, .uri = STR("sip:bob@10.0.0.3"), .ctx = 33 }
	};
	struct sip_fork f = { .target = targets,
			      .count = 2,
			      .record_route = true,
			      .extra = STR("X-Ours: yes\r\n"),
			      .on_final = on_final,
			      .arg = the,
			      .ctx = 99 };

	(void)arg;
	sip_fork_start(the->forks, t, &f);
}

static const struct sip_verb verbs[] = { { "INVITE", on_invite, SIP_AUTH_REQUIRED, 4096, 1 },
					 { NULL, NULL, SIP_AUTH_NONE, 0, 0 } };

static bool has(struct bench *b, conn_id id, const char *text)
{
	return str_search(buf_str(&b->f.sent[id]), str_of(text)) < b->f.sent[id].len;
}

/* What a phone on id answers to the first request it was sent. */
static void answer(struct bench *b, conn_id id, const char *status, const char *method)
{
	struct str sent = buf_str(&b->f.sent[id]);
	size_t at = str_search(sent, STR("Via: "));
	struct str via = str_sub(sent, at, str_find(sent, '\r', at));
	struct buf m;

	buf_init(&m, 65536);
	buf_addf(
		&m,
		"SIP/2.0 %s\r\n%.*s\r\nVia: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKa1\r\n"
		"From: <sip:alice@porchlight.test>;tag=ta\r\nTo: <sip:bob@porchlight.test>;tag=tb%llu\r\n"
		"Call-ID: c1\r\nCSeq: 7 %s\r\nContact: <sip:bob@10.0.0.%llu>\r\nX-Phone: %llu\r\nContent-Length: 0\r\n\r\n",
		status, STR_ARG(via), (unsigned long long)id, method, (unsigned long long)id,
		(unsigned long long)id);
	assert_int_equal(sip_on_bytes(b->f.stack, id, buf_str(&m)), (ssize_t)m.len);
	buf_fini(&m);
}

static int setup(void **state)
{
	struct bench *b = xcalloc(1, sizeof(*b));

	the = b;
	fake_init_verbs(&b->f, verbs);
	b->forks = sip_forks_new(b->f.stack);
	for (conn_id id = 1; id <= 3; id++) {
		fake_open(&b->f, id);
		fake_sign_in(&b->f, id);
	}
	assert_int_equal(sip_on_bytes(b->f.stack, 1, str_of(invite)), (ssize_t)strlen(invite));
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct bench *b = *state;

	sip_forks_free(&b->forks);
	fake_fini(&b->f);
	free(b);
	return 0;
}

static void copies(void **state)
{
	struct bench *b = *state;

	assert_true(has(b, 1, "SIP/2.0 100 "));
	assert_true(has(b, 2, "INVITE sip:bob@10.0.0.2 SIP/2.0\r\n"));
	assert_true(has(b, 3, "INVITE sip:bob@10.0.0.3 SIP/2.0\r\n"));
	for (conn_id id = 2; id <= 3; id++) {
		assert_true(has(b, id, "Max-Forwards: 69\r\n"));
		assert_true(has(b, id, "X-Thing: stays\r\n"));
		assert_true(has(b, id, "X-Ours: yes\r\n"));
		assert_true(has(b, id, "branch=z9hG4bKa1;rport=40001;received=192.0.2.77\r\n") ||
			    has(b, id, "branch=z9hG4bKa1;received=192.0.2.77;rport=40001\r\n") ||
			    has(b, id, "received=192.0.2.77"));
		assert_true(has(b, id, "Record-Route: <sip:"));
		assert_true(has(b, id, "\r\n\r\nv=0\n"));
		assert_false(has(b, id, "Authorization"));
		assert_false(has(b, id, "P-Asserted-Identity"));
	}
}

static void first_wins(void **state)
{
	struct bench *b = *state;

	answer(b, 2, "180 Ringing", "INVITE");
	assert_true(has(b, 1, "SIP/2.0 180 Ringing\r\n"));
	answer(b, 3, "180 Ringing", "INVITE");
	answer(b, 3, "200 OK", "INVITE");
	assert_true(has(b, 1, "SIP/2.0 200 OK\r\n"));
	assert_true(has(b, 1, "X-Phone: 3\r\n"));
	assert_true(has(b, 2, "CANCEL sip:bob@10.0.0.2 "));
	assert_false(has(b, 3, "CANCEL"));
	assert_int_equal(b->winner, 33);
	answer(b, 2, "487 Request Terminated", "INVITE");
	assert_true(has(b, 2, "ACK sip:bob@10.0.0.2 "));
	assert_int_equal(b->finals, 1);
	assert_int_equal(b->final_code, 200);
}

/* Both lift: the second is hung up, nobody is left talking to nobody. */
static void late_winner(void **state)
{
	struct bench *b = *state;

	answer(b, 2, "180 Ringing", "INVITE");
	answer(b, 3, "200 OK", "INVITE");
	answer(b, 2, "200 OK", "INVITE");
	assert_true(has(b, 2, "ACK sip:bob@10.0.0.2 "));
	assert_true(has(b, 2, "BYE sip:bob@10.0.0.2 "));
	assert_false(has(b, 1, "X-Phone: 2\r\n\r\n"));
	assert_int_equal(b->finals, 1);
}

static void best_failure(void **state)
{
	struct bench *b = *state;

	answer(b, 2, "486 Busy Here", "INVITE");
	assert_int_equal(b->finals, 0);
	sip_on_close(b->f.stack, 3); /* says less than a person who is busy */
	assert_true(has(b, 1, "SIP/2.0 486 Busy Here\r\n"));
	assert_int_equal(b->final_code, 486);
	assert_int_equal(b->winner, 22);
}

static void decline_ends_all(void **state)
{
	struct bench *b = *state;

	answer(b, 2, "180 Ringing", "INVITE");
	answer(b, 3, "603 Decline", "INVITE");
	assert_true(has(b, 2, "CANCEL "));
	answer(b, 2, "487 Request Terminated", "INVITE");
	assert_int_equal(b->final_code, 603);
}

static void all_gone(void **state)
{
	struct bench *b = *state;

	sip_on_close(b->f.stack, 2);
	sip_on_close(b->f.stack, 3);
	assert_true(has(b, 1, "SIP/2.0 480 "));
	assert_int_equal(b->final_code, 480);
}

static void caller_gives_up(void **state)
{
	static const char cancel[] =
		"CANCEL sip:bob@porchlight.test SIP/2.0\r\n"
		"Via: SIP/2.0/TLS 10.0.0.1:5061;branch=z9hG4bKa1;rport\r\n"
		"Max-Forwards: 70\r\nFrom: <sip:alice@porchlight.test>;tag=ta\r\n"
		"To: <sip:bob@porchlight.test>\r\nCall-ID: c1\r\nCSeq: 7 CANCEL\r\n"
		"Content-Length: 0\r\n\r\n";
	struct bench *b = *state;

	answer(b, 2, "180 Ringing", "INVITE");
	answer(b, 3, "180 Ringing", "INVITE");
	assert_int_equal(sip_on_bytes(b->f.stack, 1, str_of(cancel)), (ssize_t)strlen(cancel));
	assert_true(has(b, 2, "CANCEL "));
	assert_true(has(b, 3, "CANCEL "));
	answer(b, 2, "487 Request Terminated", "INVITE");
	answer(b, 3, "200 OK", "INVITE"); /* lifted while the CANCEL was under way */
	assert_true(has(b, 1, "SIP/2.0 200 OK"));
	assert_int_equal(b->finals, 1);
}

static void caller_vanishes(void **state)
{
	struct bench *b = *state;

	answer(b, 2, "180 Ringing", "INVITE");
	sip_on_close(b->f.stack, 1);
	assert_int_equal(b->final_code, 487);
	assert_true(has(b, 2, "CANCEL "));
	answer(b, 3, "200 OK", "INVITE");
	assert_true(has(b, 3, "BYE sip:bob@10.0.0.3 "));
	assert_int_equal(b->finals, 1);
}

static void nobody_answers(void **state)
{
	struct bench *b = *state;

	fake_advance(&b->f, SIP_INVITE_WAIT_MS + 1);
	fake_advance(&b->f, SIP_TXN_LIFE_MS + 1);
	assert_true(has(b, 1, "SIP/2.0 408 "));
	assert_int_equal(b->final_code, 408);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(copies, setup, teardown),
		cmocka_unit_test_setup_teardown(first_wins, setup, teardown),
		cmocka_unit_test_setup_teardown(late_winner, setup, teardown),
		cmocka_unit_test_setup_teardown(best_failure, setup, teardown),
		cmocka_unit_test_setup_teardown(decline_ends_all, setup, teardown),
		cmocka_unit_test_setup_teardown(all_gone, setup, teardown),
		cmocka_unit_test_setup_teardown(caller_gives_up, setup, teardown),
		cmocka_unit_test_setup_teardown(caller_vanishes, setup, teardown),
		cmocka_unit_test_setup_teardown(nobody_answers, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
