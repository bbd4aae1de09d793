/* SUBSCRIBE and NOTIFY for one person and for lists, and the races between them. */
#include <zlib.h>

#include "codec/mime.h"
#include "codec/xml.h"
#include "tests/unit/simple/sim.h"

#define OPEN "<tuple id=\"t\"><status><basic>open</basic></status></tuple>"
#define BUSY "<p:person id=\"p\"><r:activities><r:busy/></r:activities></p:person>"
#define DOC(inner)                                                                                      \
	"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:r=\"urn:ietf:params:xml:ns:pidf:rpid\" " \
	"xmlns:p=\"urn:ietf:params:xml:ns:pidf:data-model\" entity=\"sip:bob@porchlight.test\">" inner  \
	"</presence>"

static char etag[128];

/* Says of bob what the document says, in place of what was said before. */
static void bob_says(const char *doc)
{
	char headers[256];
	struct str v;

	(void)snprintf(headers, sizeof(headers), "Event: presence\r\nExpires: 600\r\n%s%s%s",
		       etag[0] == 0 ? "" : "SIP-If-Match: ", etag, etag[0] == 0 ? "" : "\r\n");
	assert_int_equal(sim_send(2, &(struct sim_request){ .method = "PUBLISH",
							    .ruri = "sip:bob@" SIM_DOMAIN,
							    .from = "bob",
							    .to = "bob",
							    .headers = headers,
							    .type = "application/pidf+xml",
							    .body = str_of(doc) }),
			 200);
	v = sim_header(sim_sent(2), "SIP-ETag");
	(void)snprintf(etag, sizeof(etag), "%.*s", STR_ARG(v));
}

static int subscribe(conn_id conn, const char *who, const char *call_id, const char *to_tag,
		     const char *headers)
{
	char ruri[128];

	(void)snprintf(ruri, sizeof(ruri), "sip:%s@" SIM_DOMAIN, who);
	return sim_send(conn, &(struct sim_request){ .method = "SUBSCRIBE",
						     .ruri = ruri,
						     .from = "alice",
						     .to = who,
						     .call_id = call_id,
						     .to_tag = to_tag,
						     .headers = headers });
}

#define SUB "Event: presence\r\nContact: <sip:alice@192.0.2.77:4001>\r\n"

/* The first NOTIFY in what was sent to conn, as an owned copy; len 0: none. */
static struct str notify_in(conn_id conn)
{
	struct str s = sim_sent(conn);
	size_t at = str_starts(s, STR("NOTIFY ")) ? 0 : str_search(s, STR("\r\n\r\nNOTIFY "));

	if (at == s.len)
		return STR_NULL;
	return str_dup(str_sub(s, at == 0 ? 0 : at + 4, s.len));
}

static bool says(struct str notify, const char *what)
{
	return str_search(notify, str_of(what)) < notify.len;
}

static void clear(void)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		buf_reset(&sim.net.sent[i]);
}

/* What is due now reaches the watchers. */
static void run(void)
{
	clear();
	sim_notify_all();
	fake_advance(&sim.net, 0);
}

static char tag[64];

/* alice on 1 watches bob, who is on 2, and has taken the first NOTIFY. */
static struct str begin(void)
{
	struct str n, to;

	etag[0] = 0;
	sim_sign_in(2, "bob");
	sim_sign_in(1, "alice");
	assert_int_equal(subscribe(1, "bob", "w", NULL, SUB "Expires: 600\r\n"), 200);
	to = sim_header(sim_sent(1), "To");
	(void)snprintf(tag, sizeof(tag), "%.*s",
		       STR_ARG(str_sub(to, str_search(to, STR("tag=")) + 4, to.len)));
	n = notify_in(1);
	sim_respond(1, str_dup(n), 200);
	return n;
}

static uint64_t watches(void)
{
	struct presence_stats st;

	presence_stats_get(sim.presence, &st);
	return st.watches;
}

static void test_first(void **state)
{
	struct str n;

	(void)state;
	n = begin();
	assert_true(str_starts(n, STR("NOTIFY sip:alice@192.0.2.77:4001 SIP/2.0\r\n")));
	assert_true(str_eqz(sim_header(n, "Event"), "presence"));
	assert_true(str_eqz(sim_header(n, "Subscription-State"), "active;expires=600"));
	assert_true(str_eqz(sim_header(n, "Content-Type"), "application/pidf+xml"));
	assert_true(str_eqz(sim_header(n, "Call-ID"), "w"));
	assert_true(str_eqz(sim_header(n, "To"), "<sip:alice@porchlight.test>;tag=f1"));
	assert_true(says(n, "<basic>open</basic>"));
	assert_int_equal(watches(), 1);
	str_free(&n);
}

static void test_change(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	bob_says(DOC(OPEN BUSY));
	run();
	n = notify_in(1);
	assert_true(says(n, "busy/>"));
	assert_true(str_eqz(sim_header(n, "CSeq"), "2 NOTIFY"));
	/* While it is under way two changes become one: the latest. */
	bob_says(DOC(OPEN));
	run();
	bob_says(DOC(OPEN "<note>here</note>"));
	run();
	assert_int_equal(sim_sent(1).len, 0);
	sim_respond(1, n, 200);
	run();
	n = notify_in(1);
	assert_true(says(n, "here"));
	assert_false(says(n, "busy/>"));
	assert_true(str_eqz(sim_header(n, "CSeq"), "3 NOTIFY"));
	sim_respond(1, n, 200);
	run();
	assert_int_equal(sim_sent(1).len, 0);
}

static void test_offline_at_once(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	registrar_conn_closed(sim.registrar, 2);
	sip_on_close(sim.net.stack, 2);
	run();
	n = notify_in(1);
	assert_true(says(n, "<basic>closed</basic>"));
	str_free(&n);
}

static void test_refresh_and_end(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	fake_advance(&sim.net, 500000);
	assert_int_equal(subscribe(1, "bob", "w", tag, SUB "Expires: 300\r\n"), 200);
	assert_true(str_eqz(sim_header(sim_sent(1), "Expires"), "300"));
	n = notify_in(1);
	/* the whole state again */
	assert_true(str_eqz(sim_header(n, "Subscription-State"), "active;expires=300"));
	assert_true(says(n, "<basic>open</basic>"));
	sim_respond(1, n, 200);
	assert_int_equal(subscribe(1, "bob", "w", tag, SUB "Expires: 5\r\n"), 423);
	assert_true(str_eqz(sim_header(sim_sent(1), "Min-Expires"), "60"));
	assert_int_equal(watches(), 1);
	assert_int_equal(subscribe(1, "bob", "w", tag, SUB "Expires: 0\r\n"), 200);
	n = notify_in(1);
	assert_true(
		str_starts(sim_header(n, "Subscription-State"), STR("terminated;reason=timeout")));
	assert_true(says(n, "<basic>open</basic>"));
	assert_int_equal(watches(), 0);
	assert_int_equal(subscribe(1, "bob", "w", tag, SUB "Expires: 300\r\n"), 481);
	sim_respond(1, n, 481);
}

static void test_expiry(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	clear();
	fake_advance(&sim.net, 599999);
	assert_int_equal(watches(), 1);
	fake_advance(&sim.net, 1);
	n = notify_in(1);
	assert_true(str_eqz(sim_header(n, "Subscription-State"), "terminated;reason=timeout"));
	assert_int_equal(watches(), 0);
	str_free(&n);
}

static void test_fetch(void **state)
{
	struct str n;

	(void)state;
	sim_sign_in(1, "alice");
	assert_int_equal(subscribe(1, "bob", "w", NULL, SUB "Expires: 0\r\n"), 200);
	assert_true(str_eqz(sim_header(sim_sent(1), "Expires"), "0"));
	n = notify_in(1);
	assert_true(str_starts(sim_header(n, "Subscription-State"), STR("terminated")));
	assert_true(says(n, "<basic>closed</basic>"));
	assert_int_equal(watches(), 0);
	str_free(&n);
}

static void test_refused_notify(void **state)
{
	static const int codes[] = { 481, 400, 500, 408 };
	char call_id[16];

	(void)state;
	sim_sign_in(1, "alice");
	for (size_t i = 0; i < ARRAY_LEN(codes); i++) {
		(void)snprintf(call_id, sizeof(call_id), "w%zu", i);
		assert_int_equal(subscribe(1, "bob", call_id, NULL, SUB), 200);
		assert_int_equal(watches(), 1);
		sim_respond(1, notify_in(1), codes[i]);
		assert_int_equal(watches(), 0);
	}
	assert_int_equal(subscribe(1, "bob", "never", NULL, SUB), 200);
	fake_advance(&sim.net, SIP_TXN_LIFE_MS); /* no answer at all */
	assert_int_equal(watches(), 0);
}

static void test_old_request(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	sim.cseq -= 2;
	/* it was overtaken: 12.2.2 */
	assert_int_equal(subscribe(1, "bob", "w", tag, SUB "Expires: 0\r\n"), 500);
	assert_int_equal(watches(), 1);
	assert_int_equal(subscribe(1, "bob", "w", "not-ours", SUB), 481);
	assert_int_equal(subscribe(1, "bob", "other", tag, SUB), 481);
	/* Another user's dialog with the same names is not this one. */
	assert_int_equal(sim_send(2, &(struct sim_request){ .method = "SUBSCRIBE",
							    .ruri = "sip:bob@" SIM_DOMAIN,
							    .from = "bob",
							    .to = "bob",
							    .call_id = "w",
							    .to_tag = tag,
							    .headers = SUB "Expires: 0\r\n" }),
			 481);
	assert_int_equal(watches(), 1);
}

static void test_watcher_vanishes(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	bob_says(DOC(OPEN BUSY));
	sip_on_close(sim.net.stack, 1); /* between the change and its NOTIFY */
	assert_int_equal(watches(), 0);
	run();
	fake_advance(&sim.net, 3600 * 1000);
}

/* Never registered, yet let in: its subscriptions end with the connection all the same. */
static void test_watcher_without_register(void **state)
{
	struct sim_request r = {
		.method = "SUBSCRIBE", .ruri = "sip:bob@" SIM_DOMAIN, .from = "alice", .to = "bob"
	};
	struct buf b;

	(void)state;
	fake_open(&sim.net, 1);
	r.headers = SUB;
	assert_int_equal(sim_send(1, &r), 401);
	buf_init(&b, 1u << 16);
	sim_authorize(&b, sim_sent(1),
		      &(struct sim_credentials){ .username = "alice",
						 .password = "secret words",
						 .method = "SUBSCRIBE",
						 .uri = "sip:bob@" SIM_DOMAIN });
	buf_addz(&b, SUB);
	buf_addc(&b, 0);
	r.headers = b.p;
	assert_int_equal(sim_send(1, &r), 200);
	assert_int_equal(watches(), 1);
	sip_on_close(sim.net.stack, 1);
	assert_int_equal(watches(), 0);
	buf_fini(&b);
}

static void test_deleted(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	clear();
	sim.people[1].id = 0;
	presence_account_gone(sim.presence, 2);
	run();
	n = notify_in(1);
	if (n.len == 0) { /* told at once */
		assert_int_equal(watches(), 0);
	} else {
		assert_true(str_eqz(sim_header(n, "Subscription-State"),
				    "terminated;reason=noresource"));
		str_free(&n);
	}
	assert_int_equal(watches(), 0);
	assert_int_equal(subscribe(1, "bob", "again", NULL, SUB), 404);
}

static void test_blocked(void **state)
{
	struct str n = begin();

	(void)state;
	str_free(&n);
	assert_int_equal(presence_access_set(sim.presence, 2, 1, ACCESS_BLOCKED), E_OK);
	run();
	n = notify_in(1);
	assert_true(says(n, "<basic>closed</basic>"));
	sim_respond(1, n, 200);
	bob_says(DOC(OPEN BUSY));
	run();
	assert_int_equal(sim_sent(1).len, 0); /* nor that anything changes */
	presence_access_clear(sim.presence, 2, 1);
	run();
	n = notify_in(1);
	assert_true(says(n, "busy/>"));
	str_free(&n);
}

static void test_refused(void **state)
{
	(void)state;
	sim_sign_in(1, "alice");
	assert_int_equal(subscribe(1, "nobody", NULL, NULL, SUB), 404);
	assert_int_equal(subscribe(1, "bob", NULL, NULL, "Event: dialog\r\n"), 489);
	assert_true(str_eqz(sim_header(sim_sent(1), "Allow-Events"), "presence, conference"));
	assert_int_equal(subscribe(1, "bob", NULL, NULL, "Contact: <sip:a@h>\r\n"), 489);
	assert_int_equal(
		subscribe(1, "bob", NULL, NULL, SUB "Accept: application/simple-filter+xml\r\n"),
		406);
	assert_int_equal(subscribe(1, "bob", NULL, NULL, SUB "Expires: 59\r\n"), 423);
	assert_int_equal(subscribe(1, "bob", NULL, NULL, SUB "Require: eventlist, dialog\r\n"),
			 420);
	assert_int_equal(watches(), 0);
	assert_int_equal(
		subscribe(
			1, "bob", NULL, NULL,
			SUB
			"Accept: text/a, text/b\r\nAccept: text/c\r\nAccept: application/pidf+xml\r\n"),
		200);
	assert_int_equal(
		subscribe(1, "bob", NULL, NULL, "Event: presence;id=3\r\nContact: <sip:a@h>\r\n"),
		200);
	assert_int_equal(watches(), 2);
}

/* --- lists --- */

#define LIST(entries)                                                                               \
	"<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list name=\"x\">" entries \
	"</list></resource-lists>"
#define ENTRY(u) "<entry uri=\"" u "\"/>"

static int subscribe_list(struct str body, const char *headers)
{
	return sim_send(1, &(struct sim_request){ .method = "SUBSCRIBE",
						  .ruri = "sip:rls@" SIM_DOMAIN,
						  .from = "alice",
						  .to = "rls",
						  .call_id = "l",
						  .type = "application/resource-lists+xml",
						  .body = body,
						  .headers = headers });
}

#define LIST_SUB                                                                                                             \
	SUB "Supported: eventlist\r\nRequire: recipient-list-subscribe\r\nAccept: multipart/related, application/pidf+xml, " \
	    "application/rlmi+xml\r\n"

/* The parts of a list's NOTIFY and what the rlmi says: "uri:state" in order. */
static size_t read_list(struct str notify, bool *full, char out[512], struct mime_multipart *mp)
{
	struct str body = str_sub(notify, str_search(notify, STR("\r\n\r\n")) + 4, notify.len);
	struct xml_doc d;
	size_t n = 0;

	assert_int_equal(mime_split(sim_header(notify, "Content-Type"), body, mp), E_OK);
	assert_true(mime_is(mp->part[0].content_type, "application/rlmi+xml"));
	assert_int_equal(xml_decode(mp->part[0].body, &d), E_OK);
	*full = str_eqz(xml_attr(d.root, "fullState"), "true");
	for (const struct xml_node *r = xml_child(d.root, NULL, "resource"); r != NULL;
	     r = xml_next(r, NULL, "resource"))
		n += (size_t)snprintf(out + n, 512 - n, "%s%.*s:%.*s", n == 0 ? "" : " ",
				      STR_ARG(xml_attr(r, "uri")),
				      STR_ARG(xml_attr(xml_child(r, NULL, "instance"), "state")));
	xml_fini(&d);
	return mp->count;
}

static void test_list(void **state)
{
	struct mime_multipart mp;
	char got[512];
	struct str n;
	bool full;

	(void)state;
	etag[0] = 0;
	sim_sign_in(2, "bob");
	sim_sign_in(1, "alice");
	assert_int_equal(subscribe_list(STR(LIST(ENTRY("sip:bob@porchlight.test")
							 ENTRY("sip:nobody@porchlight.test") ENTRY(
								 "sip:carol@porchlight.test")
								 ENTRY("sip:x@elsewhere.test"))),
					LIST_SUB),
			 200);
	assert_true(str_eqz(sim_header(sim_sent(1), "Require"), "eventlist"));
	assert_int_equal(watches(), 2);
	n = notify_in(1);
	assert_int_equal(read_list(n, &full, got, &mp), 3);
	assert_true(full);
	assert_string_equal(got,
			    "sip:bob@porchlight.test:active sip:nobody@porchlight.test:terminated "
			    "sip:carol@porchlight.test:active sip:x@elsewhere.test:terminated");
	assert_true(says(mp.part[1].body, "<basic>open</basic>"));
	assert_true(says(mp.part[2].body, "<basic>closed</basic>"));
	sim_respond(1, n, 200);

	bob_says(DOC(OPEN BUSY));
	run();
	n = notify_in(1);
	assert_int_equal(read_list(n, &full, got, &mp), 2); /* who has changed, and nobody else */
	assert_false(full);
	assert_string_equal(got, "sip:bob@porchlight.test:active");
	assert_true(says(mp.part[1].body, "busy/>"));
	sim_respond(1, n, 200);

	sip_on_close(sim.net.stack, 1);
	assert_int_equal(watches(), 0);
}

/* The contact list the server keeps, asked for by its address; it follows what happens to the list. */
static void test_own_list(void **state)
{
	struct sim_request r = { .method = "SUBSCRIBE",
				 .ruri = "sip:rls@" SIM_DOMAIN,
				 .from = "alice",
				 .to = "rls",
				 .call_id = "own",
				 .headers = SUB "Supported: eventlist\r\n" };
	struct mime_multipart mp;
	char got[512];
	struct str n;
	bool full;

	(void)state;
	sim_roster_put(1, "sip:bob@porchlight.test", 2);
	sim_roster_put(2, "sip:alice@porchlight.test", 1); /* bob's own is not alice's */
	sim_sign_in(2, "bob");
	sim_sign_in(1, "alice");
	assert_int_equal(sim_send(1, &r), 200);
	n = notify_in(1);
	assert_int_equal(read_list(n, &full, got, &mp), 2);
	assert_true(full);
	assert_string_equal(got, "sip:bob@porchlight.test:active");
	clear();
	sim_roster_put(1, "sip:carol@porchlight.test", 3); /* while the first one is under way */
	run();
	assert_int_equal(sim_sent(1).len, 0);
	sim_respond(1, n, 200);
	run();
	n = notify_in(1);
	assert_int_equal(read_list(n, &full, got, &mp), 3);
	assert_true(full);
	assert_string_equal(got, "sip:bob@porchlight.test:active sip:carol@porchlight.test:active");
	sim_respond(1, n, 200);
	assert_int_equal(watches(), 2);
	sip_on_close(sim.net.stack, 1);
	assert_int_equal(watches(), 0);
	sim_roster_put(1, "sip:alice@porchlight.test", 1); /* nobody is left to be told */
	run();
}

static void test_list_deflated(void **state)
{
	static const char plain[] = LIST(ENTRY("sip:bob@porchlight.test")
						 ENTRY("sip:carol@porchlight.test"));
	Bytef packed[512];
	uLongf len = sizeof(packed);

	(void)state;
	assert_int_equal(compress(packed, &len, (const Bytef *)plain, sizeof(plain) - 1), Z_OK);
	sim_sign_in(1, "alice");
	assert_int_equal(
		subscribe_list(str_n(packed, len), LIST_SUB "Content-Encoding: deflate\r\n"), 200);
	assert_int_equal(watches(), 2);
	assert_int_equal(subscribe_list(STR("junk"), LIST_SUB "Content-Encoding: deflate\r\n"),
			 400);
}

static void test_list_refused(void **state)
{
	struct buf many;

	(void)state;
	sim_sign_in(1, "alice");
	assert_int_equal(subscribe_list(STR(LIST("")), SUB), 421);
	assert_true(str_eqz(sim_header(sim_sent(1), "Require"), "eventlist"));
	assert_int_equal(subscribe_list(STR("<a/>"), LIST_SUB), 400);
	assert_int_equal(
		subscribe_list(
			STR("<!DOCTYPE a><resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"/>"),
			LIST_SUB),
		400);
	buf_init(&many, 1u << 20);
	buf_addz(&many, "<resource-lists xmlns=\"urn:ietf:params:xml:ns:resource-lists\"><list>");
	for (int i = 0; i <= LIST_ENTRIES_MAX; i++)
		buf_addf(&many, "<entry uri=\"sip:u%d@porchlight.test\"/>", i);
	buf_addz(&many, "</list></resource-lists>");
	assert_int_equal(subscribe_list(buf_str(&many), LIST_SUB), 413);
	buf_fini(&many);
	assert_int_equal(watches(), 0);
	/* an empty list is one too */
	assert_int_equal(subscribe_list(STR(LIST("")), LIST_SUB), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(test_first),
		SIM_TEST(test_change),
		SIM_TEST(test_offline_at_once),
		SIM_TEST(test_refresh_and_end),
		SIM_TEST(test_expiry),
		SIM_TEST(test_fetch),
		SIM_TEST(test_refused_notify),
		SIM_TEST(test_old_request),
		SIM_TEST(test_watcher_vanishes),
		SIM_TEST(test_watcher_without_register),
		SIM_TEST(test_deleted),
		SIM_TEST(test_blocked),
		SIM_TEST(test_refused),
		SIM_TEST(test_list),
		SIM_TEST(test_own_list),
		SIM_TEST(test_list_deflated),
		SIM_TEST(test_list_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
