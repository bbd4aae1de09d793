/* MESSAGE in and out: what the IMMCU is handed, what the sender hears, what the receiver gets. */
#include <zlib.h>

#include "tests/unit/simple/sim.h"

static int text(conn_id conn, const char *ruri, const char *type, struct str body,
		const char *headers)
{
	return sim_send(conn, &(struct sim_request){ .method = "MESSAGE",
						     .ruri = ruri,
						     .from = "alice",
						     .to = "bob",
						     .type = type,
						     .body = body,
						     .headers = headers });
}

static void answer(size_t i, int code, int retry_after_s)
{
	struct sim_submitted *x = &sim.submitted[i];

	for (size_t k = 0; k < FAKE_CONNS; k++)
		buf_reset(&sim.net.sent[k]);
	x->answer(x->arg, x->token, code, retry_after_s);
}

static void test_in(void **state)
{
	const struct im_text *t;

	(void)state;
	sim_sign_in(1, "alice");
	assert_int_equal(
		text(1, "sip:bob@" SIM_DOMAIN, "text/plain;charset=UTF-8",
		     STR("안녕 \xf0\x9f\x91\x8b"),
		     "Subject: hi\r\nPriority: urgent\r\nX-Private: no\r\nContent-Language: ko\r\n"),
		0);
	assert_int_equal(sim.submitted_count, 1);
	t = &sim.submitted[0].t;
	assert_int_equal(t->from, 1);
	assert_int_equal(t->to, 2);
	assert_int_equal(t->kind, IM_TEXT);
	assert_int_equal(t->dialect, DIALECT_SIMPLE);
	assert_true(str_eqz(t->body, "안녕 \xf0\x9f\x91\x8b"));
	assert_true(str_eqz(t->content_type, "text/plain;charset=UTF-8"));
	assert_true(str_eq(t->message_id, t->call_id));
	assert_true(
		str_eqz(t->headers, "Subject: hi\r\nPriority: urgent\r\nContent-Language: ko\r\n"));
	assert_true(str_eqz(t->client, "test"));
	assert_int_equal(t->sent_ms, clk_wall_ms());
	assert_non_null(registrar_get(sim.registrar, t->from_endpoint));
	answer(0, 202, 0);
	assert_int_equal(sim_code(1), 202);
	answer(0, 200, 0); /* late ones are ignored */
	assert_int_equal(sim_code(1), 0);
}

static void test_refused(void **state)
{
	static char big[IM_BODY_MAX + 1];

	(void)state;
	memset(big, 'x', sizeof(big));
	sim_sign_in(1, "alice");
	assert_int_equal(text(1, "sip:nobody@" SIM_DOMAIN, "text/plain", STR("x"), NULL), 404);
	assert_int_equal(text(1, "sip:bob@elsewhere.test", "text/plain", STR("x"), NULL), 404);
	assert_int_equal(text(1, "sip:" SIM_DOMAIN, "text/plain", STR("x"), NULL), 404);
	assert_int_equal(text(1, "sip:bob@" SIM_DOMAIN, "text/plain", STR(""), NULL), 400);
	assert_int_equal(text(1, "sip:bob@" SIM_DOMAIN, NULL, STR("x"), NULL), 400);
	assert_int_equal(
		text(1, "sip:bob@" SIM_DOMAIN, "text/plain", str_n(big, sizeof(big)), NULL), 413);
	assert_int_equal(text(1, "sip:bob@" SIM_DOMAIN, "text/plain", STR("x"),
			      "Route: <sip:00000000000000000000000000000000@" SIM_DOMAIN
			      ";lr>\r\n"),
			 403);
	sim.people[1].enabled = false;
	assert_int_equal(text(1, "sip:bob@" SIM_DOMAIN, "text/plain", STR("x"), NULL), 404);
	assert_int_equal(sim.submitted_count, 0);
	sim.people[1].enabled = true;
	assert_int_equal(
		text(1, "sip:bob@" SIM_DOMAIN, "text/plain", str_n(big, IM_BODY_MAX), NULL), 0);
	answer(0, 503, 30);
	assert_int_equal(sim_code(1), 503);
	assert_true(str_eqz(sim_header(sim_sent(1), "Retry-After"), "30"));
}

/* The addresses we gave out ourselves, and the ones clients know us by. */
static void test_addresses(void **state)
{
	static const char *const ok[] = { "sip:BOB@porchlight.test",
					  "sip:%62ob@porchlight.test",
					  "sip:bob@im.porchlight.test:5061",
					  "sips:bob@sip.porchlight.test",
					  "sip:bob@192.0.2.1",
					  "sip:bob@porchlight.test;gr=urn:uuid:bob-2" };
	struct str sent, temp;
	char ruri[128];
	size_t at;

	(void)state;
	sim_sign_in(2, "bob");
	sent = sim_sent(2);
	at = str_search(sent, STR("temp-gruu=\"")) + 11;
	temp = str_sub(sent, at, str_find(sent, '"', at));
	(void)snprintf(ruri, sizeof(ruri), "%.*s", STR_ARG(temp));
	sim_sign_in(1, "alice");
	for (size_t i = 0; i < ARRAY_LEN(ok); i++)
		assert_int_equal(text(1, ok[i], "text/plain", STR("x"), NULL), 0);
	assert_int_equal(text(1, ruri, "text/plain", STR("x"), NULL), 0);
	for (size_t i = 0; i < sim.submitted_count; i++)
		assert_int_equal(sim.submitted[i].t.to, 2);
	ruri[12] = ruri[12] == '0' ? '1' : '0'; /* made up */
	assert_int_equal(text(1, ruri, "text/plain", STR("x"), NULL), 404);
	assert_int_equal(sim.submitted_count, ARRAY_LEN(ok) + 1);
}

static void test_kinds(void **state)
{
	static const char imdn[] =
		"From: <sip:alice@h>\r\nTo: <sip:bob@h>\r\nNS: imdn <urn:ietf:params:imdn>\r\n"
		"imdn.Message-ID: 34jk324j\r\n\r\nContent-Type: message/imdn+xml\r\n\r\n<imdn/>";
	Bytef packed[512];
	uLongf packed_len = sizeof(packed);

	(void)state;
	assert_int_equal(compress(packed, &packed_len, (const Bytef *)imdn, sizeof(imdn) - 1),
			 Z_OK);
	sim_sign_in(1, "alice");
	(void)text(1, "sip:bob@" SIM_DOMAIN, "application/im-iscomposing+xml",
		   STR("<isComposing/>"), NULL);
	(void)text(1, "sip:bob@" SIM_DOMAIN, "message/imdn+xml", STR("<imdn/>"), NULL);
	(void)text(1, "sip:bob@" SIM_DOMAIN, "message/cpim", str_of(imdn), NULL);
	(void)text(1, "sip:bob@" SIM_DOMAIN, "message/cpim", str_n(packed, packed_len),
		   "Content-Encoding: deflate\r\n");
	assert_int_equal(sim.submitted_count, 4);
	assert_int_equal(sim.submitted[0].t.kind, IM_TYPING);
	assert_int_equal(sim.submitted[1].t.kind, IM_RECEIPT);
	assert_int_equal(sim.submitted[2].t.kind, IM_RECEIPT);
	assert_true(str_eqz(sim.submitted[2].t.message_id, "34jk324j"));
	assert_int_equal(sim.submitted[3].t.kind, IM_RECEIPT);
	assert_true(str_eqz(sim.submitted[3].t.content_encoding, "deflate"));
	assert_true(str_eq(sim.submitted[3].t.body,
			   str_n(packed, packed_len))); /* passed on as it came */
}

static void deliver(leg_id leg, enum dialect dialect)
{
	const struct endpoint *e = registrar_find_conn(sim.registrar, 2, 2);
	struct im_text t = { .from = 1,
			     .to = 2,
			     .dialect = dialect,
			     .content_type = STR("text/plain"),
			     .content_encoding = STR("deflate"),
			     .body = STR("packed"),
			     .call_id = STR("id@alice"),
			     .headers = STR("Subject: hi\r\n"),
			     .sent_ms = 784111777000 };

	for (size_t k = 0; k < FAKE_CONNS; k++)
		buf_reset(&sim.net.sent[k]);
	sim.dialect.send(sim.dialect.arg, leg, e, &sim.people[0], &sim.people[1], &t);
}

static void test_out(void **state)
{
	struct str sent;

	(void)state;
	sim_sign_in(2, "bob");
	deliver(77, DIALECT_SIMPLE);
	sent = sim_sent(2);
	assert_true(
		str_starts(sent, STR("MESSAGE sip:bob@192.0.2.77:4002;transport=tls SIP/2.0\r\n")));
	assert_true(
		str_starts(sim_header(sent, "From"),
			   STR("\"Alice \\\"A\\\" Example\" <sip:alice@porchlight.test>;tag=")));
	assert_true(str_eqz(sim_header(sent, "To"), "\"Bob\" <sip:bob@porchlight.test>") ||
		    str_eqz(sim_header(sent, "To"), "Bob <sip:bob@porchlight.test>"));
	assert_true(str_eqz(sim_header(sent, "Call-ID"), "id@alice"));
	assert_true(str_eqz(sim_header(sent, "Date"), "Sun, 06 Nov 1994 08:49:37 GMT"));
	assert_true(str_eqz(sim_header(sent, "Content-Encoding"), "deflate"));
	assert_true(str_eqz(sim_header(sent, "Subject"), "hi"));
	assert_true(str_ends(sent, STR("\r\n\r\npacked")));
	sim_respond(2, str_dup(sim_sent(2)), 200);
	assert_int_equal(sim.answered_count, 1);
	assert_int_equal(sim.answered[0].leg, 77);
	assert_int_equal(sim.answered[0].code, 200);
	/* What another dialect put into the head means nothing here. */
	deliver(78, DIALECT_LYNC);
	assert_true(sim_header(sim_sent(2), "Subject").p == NULL);
	sim_respond(2, str_dup(sim_sent(2)), 486);
	assert_int_equal(sim.answered[1].code, 486);
}

/* Rich text of the other dialect arrives as the text its adapter made of it. */
static void test_rich_text_of_the_other_dialect(void **state)
{
	const struct endpoint *e;
	struct im_text t = { .dialect = DIALECT_LYNC,
			     .content_type = STR("text/html"),
			     .body = STR("<b>hi</b>"),
			     .plain = STR("hi"),
			     .call_id = STR("id"),
			     .message_id = STR("id.tag.2") };
	struct str sent;

	(void)state;
	sim_sign_in(2, "bob");
	e = registrar_find_conn(sim.registrar, 2, 2);
	for (size_t k = 0; k < FAKE_CONNS; k++)
		buf_reset(&sim.net.sent[k]);
	sim.dialect.send(sim.dialect.arg, 5, e, &sim.people[0], &sim.people[1], &t);
	sent = sim_sent(2);
	assert_true(str_istarts(sim_header(sent, "Content-Type"), STR("text/plain")));
	assert_true(str_ends(sent, STR("\r\n\r\nhi")));
	/* The dialog's own stands in all its texts, and Linphone shows only the first of those. */
	assert_true(str_eqz(sim_header(sent, "Call-ID"), "id.tag.2"));
}

/* A filter must see what is in a body that only the receiver unpacks. */
static void test_packed_text_is_read(void **state)
{
	Bytef packed[64];
	uLongf len = sizeof(packed);

	(void)state;
	assert_int_equal(compress(packed, &len, (const Bytef *)"forbidden", 9), Z_OK);
	sim_sign_in(1, "alice");
	(void)text(1, "sip:bob@" SIM_DOMAIN, "text/plain", str_n(packed, len),
		   "Content-Encoding: deflate\r\n");
	assert_true(str_eqz(sim.submitted[0].t.plain, "forbidden"));
	assert_true(str_eq(sim.submitted[0].t.body, str_n(packed, len)));
}

static void test_notice(void **state)
{
	const struct endpoint *e;
	struct im_text t = { .dialect = DIALECT_SIMPLE,
			     .content_type = STR("text/html"),
			     .body = STR("<b>hi</b>"),
			     .call_id = STR("id"),
			     .notice = STR("This is recorded.") };
	struct str sent;

	(void)state;
	sim_sign_in(2, "bob");
	e = registrar_find_conn(sim.registrar, 2, 2);
	for (size_t k = 0; k < FAKE_CONNS; k++)
		buf_reset(&sim.net.sent[k]);
	sim.dialect.send(sim.dialect.arg, 5, e, &sim.people[0], &sim.people[1], &t);
	sent = sim_sent(2);
	assert_true(str_search(sent, STR("<b>hi</b>MESSAGE ")) < sent.len);
	assert_true(str_ends(sent, STR("\r\n\r\nThis is recorded.")));
}

static void test_nobody_answers(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	deliver(1, DIALECT_SIMPLE);
	assert_int_equal(sim.answered_count, 0);
	fake_advance(&sim.net, SIP_TXN_LIFE_MS);
	assert_int_equal(sim.answered_count, 1);
	assert_int_equal(sim.answered[0].code, 408);
	deliver(2, DIALECT_SIMPLE);
	sip_on_close(sim.net.stack, 2);
	assert_int_equal(sim.answered[1].leg, 2);
	assert_int_equal(sim.answered[1].code, 503);
	deliver(3,
		DIALECT_SIMPLE); /* the connection is gone already: told, but never from inside */
	assert_int_equal(sim.answered_count, 2);
	fake_advance(&sim.net, 1);
	assert_int_equal(sim.answered[2].leg, 3);
	assert_int_equal(sim.answered[2].code, 503);
}

/* A sender that has gone gets nothing; the answer must not hit another. */
static void test_sender_gone(void **state)
{
	(void)state;
	sim_sign_in(1, "alice");
	(void)text(1, "sip:bob@" SIM_DOMAIN, "text/plain", STR("x"), NULL);
	sip_on_close(sim.net.stack, 1);
	answer(0, 200, 0);
	assert_int_equal(sim_code(1), 0);
}

static void test_options(void **state)
{
	struct str sent;

	(void)state;
	fake_open(&sim.net, 1);
	assert_int_equal(sim_send(1, &(struct sim_request){ .method = "OPTIONS",
							    .ruri = "sip:" SIM_DOMAIN,
							    .from = "x",
							    .to = "y" }),
			 200);
	sent = sim_sent(1);
	assert_true(str_starts(
		sim_header(sent, "Allow"),
		STR("CANCEL, REGISTER, MESSAGE, PUBLISH, SUBSCRIBE, INVITE, ACK, BYE, REFER, OPTIONS")));
	assert_true(str_starts(sim_header(sent, "Supported"), STR("gruu, outbound, ")));
	/* Nobody learns who exists. */
	assert_int_equal(sim_send(1, &(struct sim_request){ .method = "OPTIONS",
							    .ruri = "sip:alice@" SIM_DOMAIN,
							    .from = "x",
							    .to = "y" }),
			 200);
	assert_int_equal(sim_send(1, &(struct sim_request){ .method = "OPTIONS",
							    .ruri = "sip:nobody@" SIM_DOMAIN,
							    .from = "x",
							    .to = "y" }),
			 200);
	assert_int_equal(sim_send(1, &(struct sim_request){ .method = "OPTIONS",
							    .ruri = "sip:x@elsewhere.test",
							    .from = "x",
							    .to = "y" }),
			 404);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(test_in),
		SIM_TEST(test_refused),
		SIM_TEST(test_addresses),
		SIM_TEST(test_kinds),
		SIM_TEST(test_packed_text_is_read),
		SIM_TEST(test_notice),
		SIM_TEST(test_rich_text_of_the_other_dialect),
		SIM_TEST(test_out),
		SIM_TEST(test_nobody_answers),
		SIM_TEST(test_sender_gone),
		SIM_TEST(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
