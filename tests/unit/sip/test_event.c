/* Subscriptions as every package's owner sees them: what is asked of it, in which order, and how each ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sip/event.h"
#include "tests/unit/sip/peer.h"

static struct fake net;
static struct sip_subs *subs;
static struct {
	unsigned due, last, ready, ended;
	enum sub_end why;
	bool silent_owner; /* does not notify when asked */
	bool end_in_due;
} owner;
static sub_id last_sub;
static struct sip_sub_accept accept_as;
static uint32_t granted;

static void on_due(void *arg, sub_id id, uint64_t ctx, bool is_last)
{
	(void)arg;
	assert_int_equal(ctx, 11);
	owner.due++;
	owner.last += is_last;
	if (owner.end_in_due)
		sip_sub_end(subs, id, "rejected");
	else if (!owner.silent_owner)
		(void)!sip_sub_notify(subs, id, STR("X-Kind: due\r\n"), STR("text/plain"),
				      STR("state"));
}

static void on_ready(void *arg, sub_id id, uint64_t ctx)
{
	(void)arg;
	(void)id;
	assert_int_equal(ctx, 11);
	owner.ready++;
}

static void on_end(void *arg, sub_id id, uint64_t ctx, enum sub_end why)
{
	(void)arg;
	assert_int_equal(ctx, 11);
	assert_int_equal(sip_sub_account(subs, id), 0); /* it is gone already */
	owner.ended++;
	owner.why = why;
}

static const struct sip_sub_hooks hooks = { on_due, on_ready, on_end, NULL };

static void on_subscribe(struct sip_txn *t, void *arg)
{
	(void)arg;
	if (sip_txn_msg(t)->to.tag.p != NULL) {
		sip_sub_on_request(subs, t, 60, 600);
		return;
	}
	if (!sip_sub_expires(t, 60, 300, 600, &granted))
		return;
	accept_as.expires_s = granted;
	last_sub = sip_sub_accept(subs, t, &accept_as);
}

static const struct sip_verb verbs[] = {
	{ "SUBSCRIBE", on_subscribe, SIP_AUTH_REQUIRED, 4096, 1 },
	{ NULL, NULL, SIP_AUTH_NONE, 0, 0 },
};

static int setup(void **state)
{
	(void)state;
	memset(&owner, 0, sizeof(owner));
	accept_as = (struct sip_sub_accept){
		.event = "test", .account = 7, .ctx = 11, .hooks = &hooks
	};
	fake_init_verbs(&net, verbs);
	for (conn_id id = 1; id <= 2; id++) {
		fake_open(&net, id);
		fake_sign_in(&net, id);
	}
	subs = sip_subs_new(net.stack, &net.heap);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sip_subs_free(&subs);
	fake_fini(&net);
	return 0;
}

static unsigned n_sent;

static const char *subscribe(const char *to_tag, const char *headers)
{
	char branch[32];

	(void)snprintf(branch, sizeof(branch), "z9hG4bKe%u", ++n_sent);
	peer_send(&net, 1,
		  &(struct peer_request){ .method = "SUBSCRIBE",
					  .branch = branch,
					  .cseq = n_sent,
					  .to_tag = to_tag,
					  .headers = headers });
	return peer_codes(&net, 1);
}

static char tag[64];

static void begin(void)
{
	struct str to;

	assert_string_equal(subscribe(NULL, "Contact: <sip:a@h>\r\nExpires: 300\r\n"), "200");
	to = peer_header(peer_got(&net, 1), "To");
	(void)snprintf(tag, sizeof(tag), "%.*s",
		       STR_ARG(str_sub(to, str_search(to, STR("tag=")) + 4, to.len)));
	peer_clear(&net);
	assert_int_equal(sip_sub_account(subs, last_sub), 7);
}

static enum err notify(const char *body)
{
	return sip_sub_notify(subs, last_sub, STR_NULL, STR("text/plain"), str_of(body));
}

static struct str sent(void)
{
	return str_dup(peer_got(&net, 1));
}

static uint64_t live(void)
{
	struct sip_subs_stats st;

	sip_subs_stats_get(subs, &st);
	return st.subscriptions;
}

static void test_one_at_a_time(void **state)
{
	struct str n;

	(void)state;
	begin();
	assert_int_equal(notify("one"), E_OK);
	n = sent();
	assert_true(str_starts(n, STR("NOTIFY sip:a@h SIP/2.0\r\n")));
	assert_true(str_eqz(peer_header(n, "Event"), "test"));
	assert_true(str_eqz(peer_header(n, "Subscription-State"), "active;expires=300"));
	assert_true(
		str_eqz(peer_header(n, "Contact"), "<sip:im.porchlight.test:5061;transport=tls>"));
	assert_int_equal(notify("two"), E_AGAIN);
	peer_answer(&net, 1, n, 200, NULL, NULL);
	assert_int_equal(owner.ready, 1);
	fake_advance(&net, 1500);
	assert_int_equal(notify("two"), E_OK);
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Subscription-State"),
			    "active;expires=299"));
	str_free(&n);
}

static void test_ends(void **state)
{
	struct str n;

	(void)state;
	/* By Expires 0: the owner is asked for the whole state once more. */
	begin();
	assert_string_equal(subscribe(tag, "Expires: 0\r\n"), "200 NOTIFY");
	assert_true(str_search(peer_got(&net, 1),
			       STR("Subscription-State: terminated;reason=timeout\r\n")) <
		    peer_got(&net, 1).len);
	assert_true(str_search(peer_got(&net, 1), STR("X-Kind: due")) < peer_got(&net, 1).len);
	assert_int_equal(owner.last, 1);
	assert_int_equal(owner.ended, 1);
	assert_int_equal(owner.why, SUB_END_UNSUBSCRIBED);
	/* While a NOTIFY is under way: the last one waits for its answer. */
	begin();
	assert_int_equal(notify("one"), E_OK);
	n = sent();
	assert_string_equal(subscribe(tag, "Expires: 0\r\n"), "200");
	assert_int_equal(owner.ended, 1);
	peer_answer(&net, 1, n, 200, NULL, NULL);
	assert_string_equal(peer_codes(&net, 1), "NOTIFY");
	assert_int_equal(owner.ended, 2);
	str_free(&n);
	/* By time, with an owner that has nothing to say. */
	owner.silent_owner = true;
	begin();
	fake_advance(&net, 300000);
	assert_string_equal(peer_codes(&net, 1), "NOTIFY");
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Content-Length"), "0"));
	assert_int_equal(owner.why, SUB_END_EXPIRED);
	/* By its owner. */
	begin();
	sip_sub_end(subs, last_sub, "noresource");
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Subscription-State"),
			    "terminated;reason=noresource"));
	assert_int_equal(owner.why, SUB_END_OWNER);
	/* By its connection. */
	begin();
	assert_int_equal(notify("one"), E_OK);
	sip_subs_conn_closed(subs, 1);
	assert_int_equal(owner.why, SUB_END_CONN);
	sip_subs_conn_closed(subs, 1);
	assert_int_equal(owner.ended, 5);
	assert_int_equal(live(), 0);
	assert_int_equal(notify("late"), E_GONE);
	sip_sub_end(subs, last_sub, "noresource");
}

static void test_owner_ends_it_when_asked(void **state)
{
	(void)state;
	begin();
	owner.end_in_due = true;
	assert_string_equal(subscribe(tag, "Expires: 100\r\n"), "200 NOTIFY");
	assert_int_equal(owner.ended, 1);
	assert_int_equal(live(), 0);
	begin();
	assert_string_equal(subscribe(tag, "Expires: 0\r\n"), "200 NOTIFY");
	assert_int_equal(owner.ended, 2);
}

static void test_refused(void **state)
{
	struct str n;

	(void)state;
	begin();
	assert_int_equal(notify("one"), E_OK);
	n = sent();
	peer_answer(&net, 1, n, 481, NULL, NULL);
	assert_int_equal(owner.why, SUB_END_REFUSED);
	assert_int_equal(owner.ready, 0);
	assert_string_equal(subscribe(tag, "Expires: 100\r\n"), "481");
	str_free(&n);
}

/* RFC 6665 4.2.2: who says when to try again keeps the subscription, and is told all at that time. */
static void test_retry_after(void **state)
{
	struct str n;

	(void)state;
	begin();
	for (int i = 0; i < 2; i++) {
		assert_int_equal(notify("one"), E_OK);
		n = sent();
		peer_answer(&net, 1, n, i == 0 ? 480 : 503, NULL,
			    i == 0 ? "Retry-After: 5\r\n" : "Retry-After: 5 (in a tunnel)\r\n");
		str_free(&n);
		assert_int_equal(live(), 1);
		assert_int_equal(notify("two"), E_AGAIN);
		fake_advance(&net, 4999);
		assert_int_equal(owner.due, i);
		fake_advance(&net, 1);
		assert_int_equal(owner.due, i + 1);
		n = sent();
		assert_true(str_search(n, STR("X-Kind: due")) < n.len);
		peer_answer(&net, 1, n, 200, NULL, NULL);
		str_free(&n);
	}
	/* A refresh and an end do not wait. */
	assert_int_equal(notify("three"), E_OK);
	n = sent();
	peer_answer(&net, 1, n, 480, NULL, "Retry-After: 1000\r\n");
	str_free(&n);
	assert_string_equal(subscribe(tag, "Expires: 200\r\n"), "200 NOTIFY");
	assert_int_equal(notify("four"), E_AGAIN);
	fake_advance(&net, SIP_TXN_LIFE_MS);
	assert_int_equal(owner.why, SUB_END_REFUSED);
	begin();
	assert_int_equal(notify("five"), E_OK);
	n = sent();
	peer_answer(&net, 1, n, 480, NULL, "Retry-After: 1000\r\n");
	assert_string_equal(subscribe(tag, "Expires: 0\r\n"), "200 NOTIFY");
	assert_int_equal(owner.ended, 2);
	str_free(&n);
	/* Nonsense is no time. */
	begin();
	assert_int_equal(notify("six"), E_OK);
	n = sent();
	peer_answer(&net, 1, n, 480, NULL, "Retry-After: soon\r\n");
	assert_int_equal(owner.why, SUB_END_REFUSED);
	str_free(&n);
	assert_int_equal(live(), 0);
}

/* BENOTIFY: nothing is waited for; the first state stands in the 200. */
static void test_silent(void **state)
{
	(void)state;
	accept_as.is_silent = true;
	accept_as.headers = STR("X-Mine: 1\r\n");
	accept_as.contact = STR("sip:bob@h;gruu");
	accept_as.content_type = STR("text/plain");
	accept_as.body = STR("first");
	(void)subscribe(NULL, "Contact: <sip:a@h>\r\nExpires: 9999\r\n");
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Expires"), "600"));
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Contact"), "<sip:bob@h;gruu>"));
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "X-Mine"), "1"));
	assert_true(str_ends(peer_got(&net, 1), STR("\r\n\r\nfirst")));
	peer_clear(&net);
	for (int i = 0; i < 3; i++)
		assert_int_equal(notify("x"), E_OK);
	assert_string_equal(peer_codes(&net, 1), "BENOTIFY BENOTIFY BENOTIFY");
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Contact"), "<sip:bob@h;gruu>"));
}

static void test_fetch(void **state)
{
	(void)state;
	(void)subscribe(NULL, "Contact: <sip:a@h>\r\nExpires: 0\r\n");
	assert_int_equal(owner.ended, 0);
	assert_int_equal(notify("all"), E_OK);
	assert_int_equal(owner.ended, 1);
	assert_int_equal(live(), 0);
}

static void test_too_brief(void **state)
{
	(void)state;
	assert_string_equal(subscribe(NULL, "Contact: <sip:a@h>\r\nExpires: 59\r\n"), "423");
	assert_true(str_eqz(peer_header(peer_got(&net, 1), "Min-Expires"), "60"));
	assert_int_equal(live(), 0);
	(void)subscribe(NULL, "Contact: <sip:a@h>\r\n");
	assert_int_equal(granted, 300);
}

static void test_cap(void **state)
{
	char call_id[32];

	(void)state;
	for (int i = 0; i <= SIP_SUBS_PER_CONN; i++) {
		(void)snprintf(call_id, sizeof(call_id), "call%d", i);
		fake_advance(&net, 10);
		peer_send(&net, 2,
			  &(struct peer_request){
				  .method = "SUBSCRIBE", .branch = call_id, .call_id = call_id });
		assert_string_equal(peer_codes(&net, 2), i < SIP_SUBS_PER_CONN ? "200" : "503");
	}
	assert_int_equal(live(), SIP_SUBS_PER_CONN);
	sip_subs_conn_closed(subs, 2);
	assert_int_equal(owner.ended, SIP_SUBS_PER_CONN);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_one_at_a_time), T(test_ends),	    T(test_owner_ends_it_when_asked),
		T(test_refused),       T(test_retry_after), T(test_silent),
		T(test_fetch),	       T(test_too_brief),   T(test_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
