/* PUBLISH of presence (RFC 3903): etags, refresh, modify, remove, and each header left out in turn. */
#include <zlib.h>

#include "tests/unit/simple/sim.h"

#define DOC(inner)                                                                                            \
	"<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" xmlns:r=\"urn:ietf:params:xml:ns:pidf:rpid\" "       \
	"xmlns:p=\"urn:ietf:params:xml:ns:pidf:data-model\" entity=\"sip:bob@porchlight.test\">"              \
	"<tuple id=\"t\"><status><basic>open</basic></status></tuple><p:person id=\"p\"><r:activities>" inner \
	"</r:activities></p:person></presence>"
#define BUSY DOC("<r:busy/>")
#define AWAY DOC("<r:away/>")

static char etag[128];

static int publish(conn_id conn, const char *who, const char *headers, const char *type,
		   struct str body)
{
	char ruri[64];
	int code;

	(void)snprintf(ruri, sizeof(ruri), "sip:%s@" SIM_DOMAIN, who);
	code = sim_send(conn, &(struct sim_request){ .method = "PUBLISH",
						     .ruri = ruri,
						     .from = "bob",
						     .to = who,
						     .headers = headers,
						     .type = type,
						     .body = body });
	if (code == 200) {
		struct str v = sim_header(sim_sent(conn), "SIP-ETag");

		assert_true(v.len > 0);
		(void)snprintf(etag, sizeof(etag), "%.*s", STR_ARG(v));
	}
	return code;
}

#define PIDF "application/pidf+xml"

/* With the last etag, or the given one. */
static int again(const char *tag, const char *expires, const char *type, struct str body)
{
	char headers[256];

	(void)snprintf(headers, sizeof(headers), "Event: presence\r\nSIP-If-Match: %s\r\n%s", tag,
		       expires);
	return publish(2, "bob", headers, type, body);
}

static enum avail seen(void)
{
	struct presence_state s;

	presence_get(sim.presence, 2, 1, &s);
	return s.avail;
}

static void test_life(void **state)
{
	char first[128];

	(void)state;
	sim_sign_in(2, "bob");
	assert_int_equal(seen(), AVAIL_AVAILABLE);
	assert_int_equal(publish(2, "bob", "Event: presence\r\nExpires: 100\r\n", PIDF, STR(BUSY)),
			 200);
	assert_true(str_eqz(sim_header(sim_sent(2), "Expires"), "100"));
	assert_int_equal(seen(), AVAIL_BUSY);
	(void)snprintf(first, sizeof(first), "%s", etag);
	assert_int_equal(again(etag, "Expires: 100\r\n", NULL, STR("")), 200); /* refresh */
	assert_string_not_equal(first, etag);
	assert_int_equal(again(first, "", NULL, STR("")), 412); /* each tag serves once */
	assert_int_equal(again(etag, "", PIDF, STR(AWAY)), 200);
	assert_int_equal(seen(), AVAIL_AWAY);
	assert_int_equal(again(etag, "Expires: 0\r\n", NULL, STR("")), 200);
	assert_true(str_eqz(sim_header(sim_sent(2), "Expires"), "0"));
	assert_int_equal(seen(), AVAIL_OFFLINE); /* signed in, but asked not to be seen */
	assert_int_equal(again(etag, "", PIDF, STR(BUSY)), 412);
	assert_int_equal(seen(), AVAIL_OFFLINE);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(AWAY)), 200);
	assert_int_equal(seen(), AVAIL_AWAY);
}

static void test_expiry(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	assert_int_equal(publish(2, "bob", "Event: presence\r\nExpires: 59\r\n", PIDF, STR(BUSY)),
			 423);
	assert_true(str_eqz(sim_header(sim_sent(2), "Min-Expires"), "60"));
	assert_int_equal(
		publish(2, "bob", "Event: presence\r\nExpires: 100000\r\n", PIDF, STR(BUSY)), 200);
	assert_true(str_eqz(sim_header(sim_sent(2), "Expires"), "3600"));
	assert_int_equal(again(etag, "Expires: 60\r\n", NULL, STR("")), 200);
	fake_advance(&sim.net, 59999);
	assert_int_equal(seen(), AVAIL_BUSY);
	fake_advance(&sim.net, 1);
	assert_int_equal(seen(), AVAIL_AVAILABLE);
	assert_int_equal(again(etag, "", NULL, STR("")), 412);
}

/* Each part left out, or wrong, in turn; what was said stays said. */
static void test_refused(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(BUSY)), 200);
	assert_int_equal(publish(2, "bob", "", PIDF, STR(AWAY)), 489);
	assert_true(str_eqz(sim_header(sim_sent(2), "Allow-Events"), "presence"));
	assert_int_equal(publish(2, "bob", "Event: dialog\r\n", PIDF, STR(AWAY)), 489);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", NULL, STR("")), 400);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", NULL, STR(AWAY)), 400);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", "text/plain", STR(AWAY)), 415);
	assert_true(str_eqz(sim_header(sim_sent(2), "Accept"), PIDF));
	assert_int_equal(
		publish(2, "bob", "Event: presence\r\nContent-Encoding: zstd\r\n", PIDF, STR(AWAY)),
		415);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR("<presence")), 400);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR("<!DOCTYPE x>" AWAY)),
			 400);
	assert_int_equal(publish(2, "alice", "Event: presence\r\n", PIDF, STR(AWAY)), 403);
	assert_int_equal(publish(2, "nobody", "Event: presence\r\n", PIDF, STR(AWAY)), 404);
	assert_int_equal(again("made-up", "", PIDF, STR(AWAY)), 412);
	assert_int_equal(again(etag, "", PIDF, STR("<presence")), 400);
	assert_int_equal(seen(), AVAIL_BUSY);
	/* the refused one has not used the tag up */
	assert_int_equal(again(etag, "", NULL, STR("")), 200);
}

static void test_tag_of_somebody_else(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	sim_sign_in(1, "alice");
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(BUSY)), 200);
	{
		char headers[256];

		(void)snprintf(headers, sizeof(headers),
			       "Event: presence\r\nSIP-If-Match: %s\r\nExpires: 0\r\n", etag);
		assert_int_equal(sim_send(1, &(struct sim_request){ .method = "PUBLISH",
								    .ruri = "sip:alice@" SIM_DOMAIN,
								    .from = "alice",
								    .to = "alice",
								    .headers = headers }),
				 412);
	}
	assert_int_equal(seen(), AVAIL_BUSY);
}

static void test_deflated(void **state)
{
	Bytef packed[1024];
	uLongf len = sizeof(packed);

	(void)state;
	assert_int_equal(compress(packed, &len, (const Bytef *)BUSY, sizeof(BUSY) - 1), Z_OK);
	sim_sign_in(2, "bob");
	assert_int_equal(publish(2, "bob", "Event: presence\r\nContent-Encoding: deflate\r\n", PIDF,
				 str_n(packed, len)),
			 200);
	assert_int_equal(seen(), AVAIL_BUSY);
	assert_int_equal(publish(2, "bob", "Event: presence\r\nContent-Encoding: deflate\r\n", PIDF,
				 str_n(packed, len - 1)),
			 400);
}

/* What a device said goes with it. */
static void test_ends_with_the_endpoint(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	sim_sign_in(3, "bob");
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(BUSY)), 200);
	assert_int_equal(publish(3, "bob", "Event: presence\r\n", PIDF, STR(AWAY)), 200);
	registrar_conn_closed(sim.registrar, 2);
	sip_on_close(sim.net.stack, 2);
	assert_int_equal(seen(), AVAIL_AWAY);
	registrar_conn_closed(sim.registrar, 3);
	sip_on_close(sim.net.stack, 3);
	assert_int_equal(seen(), AVAIL_OFFLINE);
	fake_advance(&sim.net, 3600 * 1000); /* no timer of theirs is left */
}

static void test_too_many(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	for (int i = 0; i < PUBLICATIONS_PER_ACCOUNT; i++)
		assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(BUSY)), 200);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(BUSY)), 503);
	assert_int_equal(again(etag, "Expires: 0\r\n", NULL, STR("")), 200);
	assert_int_equal(publish(2, "bob", "Event: presence\r\n", PIDF, STR(BUSY)), 200);
}

static void test_for_no_time(void **state)
{
	(void)state;
	sim_sign_in(2, "bob");
	assert_int_equal(publish(2, "bob", "Event: presence\r\nExpires: 0\r\n", PIDF, STR(BUSY)),
			 200);
	assert_int_equal(seen(), AVAIL_AVAILABLE);
	assert_int_equal(again(etag, "", NULL, STR("")), 412);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		SIM_TEST(test_life),	 SIM_TEST(test_expiry),
		SIM_TEST(test_refused),	 SIM_TEST(test_tag_of_somebody_else),
		SIM_TEST(test_deflated), SIM_TEST(test_ends_with_the_endpoint),
		SIM_TEST(test_too_many), SIM_TEST(test_for_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
