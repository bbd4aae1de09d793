/* Who a request is for; flow tokens and GRUUs that nobody can make up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "sip/route.h"

static const struct sip_self self = {
	.domain = { "porchlight.test", 15 },
	.host = { "im.example.test", 15 },
	.port = 5061,
	.secret = { { 1, 2, 3 } },
};

static char token5[33];

static int setup(void **state)
{
	struct buf b;

	(void)state;
	buf_init(&b, 64);
	sip_flow_token_encode(&self.secret, 5, &b);
	(void)snprintf(token5, sizeof(token5), "%.*s", STR_ARG(buf_str(&b)));
	buf_fini(&b);
	return 0;
}

static struct sip_msg *decode(const char *ruri, const char *headers)
{
	static const char form[] =
		"MESSAGE %s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bK1\r\nFrom: <sip:a@h>;tag=1\r\n"
		"To: <sip:b@h>\r\nCall-ID: c\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n";
	char text[4096];
	struct sip_msg *m;
	int n = snprintf(text, sizeof(text), form, ruri, headers);

	assert_int_equal(sip_msg_decode(str_n(text, (size_t)n), (size_t)n, SIP_LINES_STRICT, &m),
			 E_OK);
	assert_int_equal(m->fault.code, 0);
	return m;
}

static void test_next(void **state)
{
	/* %s in a header or R-URI stands for the token of connection 5. */
	static const struct {
		const char *ruri, *headers;
		enum sip_next kind;
		conn_id conn;
		size_t popped;
	} table[] = {
		{ "sip:bob@porchlight.test", "", SIP_NEXT_LOCAL, 0, 0 },
		{ "sip:bob@PORCHLIGHT.test.", "", SIP_NEXT_LOCAL, 0, 0 },
		{ "sips:bob@sip.porchlight.test:5061", "", SIP_NEXT_LOCAL, 0, 0 },
		{ "sip:bob@im.example.test", "", SIP_NEXT_LOCAL, 0, 0 },
		{ "sip:bob@[2001:db8::5]", "", SIP_NEXT_LOCAL, 0, 0 },
		{ "sip:bob@evil-porchlight.test", "", SIP_NEXT_FOREIGN, 0, 0 },
		{ "sip:bob@example.test", "", SIP_NEXT_FOREIGN, 0, 0 },
		{ "sip:bob@192.0.2.9", "Route: <sip:im.example.test;lr>\r\n", SIP_NEXT_FOREIGN, 0,
		  1 },
		{ "sip:bob@porchlight.test", "Route: <sip:[2001:db8::5]:5061;transport=tls;lr>\r\n",
		  SIP_NEXT_LOCAL, 0, 1 },
		{ "sip:bob@192.0.2.9", "Route: <sip:%s@im.example.test;lr>\r\n", SIP_NEXT_FLOW, 5,
		  1 },
		{ "sip:bob@192.0.2.9",
		  "Route: <sip:im.example.test;lr>, <sip:%s@im.example.test;lr>\r\n", SIP_NEXT_FLOW,
		  5, 2 },
		{ "sip:bob@192.0.2.9",
		  "Route: <sip:%s@im.example.test;lr>\r\nRoute: <sip:p.other.test;lr>\r\n",
		  SIP_NEXT_ROUTE, 5, 1 },
		{ "sip:bob@192.0.2.9",
		  "Route: <sip:p.other.test;lr>, <sip:%s@im.example.test;lr>\r\n", SIP_NEXT_ROUTE,
		  0, 0 },
		{ "sip:%s@im.example.test;lr", "", SIP_NEXT_FLOW, 5, 0 }, /* a strict router */
		{ "sip:bob@192.0.2.9",
		  "Route: <sip:00000000000000050000000000000000@im.example.test;lr>\r\n",
		  SIP_NEXT_FORGED, 0, 1 },
		{ "sip:bob@192.0.2.9", "Route: <sip:bob@im.example.test;lr>\r\n", SIP_NEXT_FORGED,
		  0, 1 },
	};
	struct addr local;

	(void)state;
	assert_int_equal(addr_decode(STR("[2001:db8::5]:5061"), &local), E_OK);
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		char ruri[256], headers[512];
		struct sip_next_hop n;
		struct sip_msg *m;
		const char *parts[2] = { table[i].ruri, table[i].headers };
		char *outs[2] = { ruri, headers };

		for (size_t k = 0; k < 2; k++) {
			const char *mark = strstr(parts[k], "%s");
			size_t before = mark == NULL ? strlen(parts[k]) : (size_t)(mark - parts[k]);

			(void)snprintf(outs[k], 256, "%.*s%s%s", (int)before, parts[k],
				       mark == NULL ? "" : token5, mark == NULL ? "" : mark + 2);
		}
		m = decode(ruri, headers);
		n = sip_route_next(&self, m, &local);
		assert_int_equal(n.kind, table[i].kind);
		assert_int_equal(n.popped, table[i].popped);
		if (table[i].kind == SIP_NEXT_FLOW || table[i].kind == SIP_NEXT_LOCAL)
			assert_int_equal(n.conn, table[i].conn);
		sip_msg_unref(&m);
	}
}

static void test_route_lines(void **state)
{
	struct sip_msg *m = decode(
		"sip:b@h",
		"Route: <sip:one;lr>, \"Two\" <sip:two;lr>;x=y\r\nRoute: <sip:three;lr>\r\n");
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	sip_route_lines(m, 1, &b);
	assert_true(str_eqz(buf_str(&b),
			    "Route: \"Two\" <sip:two;lr>;x=y\r\nRoute: <sip:three;lr>\r\n"));
	buf_reset(&b);
	sip_route_lines(m, 3, &b);
	assert_int_equal(b.len, 0);
	buf_fini(&b);
	sip_msg_unref(&m);
}

/* Every single changed digit makes a token that is not ours. */
static void test_tokens(void **state)
{
	struct sip_secret other = { { 9 } };
	conn_id id = 0;

	(void)state;
	assert_int_equal(sip_flow_token_decode(&self.secret, str_of(token5), &id), E_OK);
	assert_int_equal(id, 5);
	assert_int_equal(sip_flow_token_decode(&other, str_of(token5), &id), E_DENIED);
	for (size_t i = 0; i < 32; i++) {
		char t[33];

		memcpy(t, token5, sizeof(t));
		t[i] = t[i] == '0' ? '1' : '0';
		assert_int_equal(sip_flow_token_decode(&self.secret, str_of(t), &id), E_DENIED);
	}
	assert_int_equal(sip_flow_token_decode(&self.secret, str_n(token5, 31), &id), E_BAD);
	assert_int_equal(
		sip_flow_token_decode(&self.secret, STR("zz000000000000000000000000000000"), &id),
		E_BAD);
}

static void test_record_route(void **state)
{
	struct buf b;
	char want[128];

	(void)state;
	buf_init(&b, 256);
	sip_route_record(&self, 5, NULL, &b);
	(void)snprintf(want, sizeof(want),
		       "Record-Route: <sip:%s@im.example.test:5061;transport=tls;lr>\r\n", token5);
	assert_true(str_eqz(buf_str(&b), want));
	buf_fini(&b);
}

/* A name that only this machine knows is none: who came to an address finds us there. */
static void test_host_port(void **state)
{
	static const struct {
		const char *host, *local, *want;
	} table[] = {
		{ "im.example.test", "127.0.0.1:1", "im.example.test:5061" },
		{ "localhost", "127.0.0.1:1", "127.0.0.1:5061" },
		{ "localhost", "[::1]:1", "[::1]:5061" },
		{ "localhost", NULL, "localhost:5061" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct sip_self s = { .host = str_of(table[i].host), .port = 5061 };
		struct addr local;
		struct buf b;

		if (table[i].local != NULL)
			assert_int_equal(addr_decode(str_of(table[i].local), &local), E_OK);
		buf_init(&b, 256);
		sip_self_host_port(&s, table[i].local == NULL ? NULL : &local, &b);
		assert_true(str_eqz(buf_str(&b), table[i].want));
		buf_fini(&b);
	}
}

static void test_loop(void **state)
{
	char via[256];
	struct sip_msg *m = decode("sip:b@h", "");
	uint32_t h = sip_route_loop_hash(3, m->ruri, m->call_id, m->cseq);

	(void)state;
	assert_false(sip_route_is_loop(&self, 3, m));
	sip_msg_unref(&m);
	(void)snprintf(via, sizeof(via),
		       "Via: SIP/2.0/TLS im.example.test:5061;branch=z9hG4bK%08xffff\r\n", h);
	m = decode("sip:b@h", via);
	assert_true(sip_route_is_loop(&self, 3, m));
	assert_false(sip_route_is_loop(&self, 4, m)); /* of another life of the server */
	sip_msg_unref(&m);
	m = decode("sip:c@h", via); /* a spiral: the target has changed (16.3 step 4) */
	assert_false(sip_route_is_loop(&self, 3, m));
	sip_msg_unref(&m);
	(void)snprintf(via, sizeof(via),
		       "Via: SIP/2.0/TLS other.test:5061;branch=z9hG4bK%08xffff\r\n", h);
	m = decode("sip:b@h", via);
	assert_false(sip_route_is_loop(&self, 3, m));
	sip_msg_unref(&m);
}

static void test_gruu(void **state)
{
	struct buf a, b;
	struct uri u;
	uint64_t endpoint;

	(void)state;
	buf_init(&a, 512);
	buf_init(&b, 512);
	sip_gruu_public(&a, STR("a b"), self.domain, STR("urn:uuid:1;x"));
	assert_true(str_eqz(buf_str(&a), "sip:a%20b@porchlight.test;gr=urn:uuid:1%3Bx"));
	assert_int_equal(uri_decode(buf_str(&a), &u), E_OK);
	assert_true(sip_gruu_is(&u));
	assert_true(str_eqz(sip_gruu_instance(&u), "urn:uuid:1%3Bx"));
	buf_reset(&a);
	sip_gruu_temp(&self.secret, &a, 77, self.domain);
	sip_gruu_temp(&self.secret, &b, 77, self.domain);
	assert_false(str_eq(buf_str(&a), buf_str(&b))); /* two of one endpoint look unlike */
	assert_int_equal(uri_decode(buf_str(&a), &u), E_OK);
	assert_true(sip_gruu_is(&u));
	assert_int_equal(sip_gruu_instance(&u).len, 0);
	assert_int_equal(sip_gruu_temp_decode(&self.secret, u.user, &endpoint), E_OK);
	assert_int_equal(endpoint, 77);
	((char *)(uintptr_t)u.user.p)[8] ^= 1;
	assert_int_equal(sip_gruu_temp_decode(&self.secret, u.user, &endpoint) == E_OK, 0);
	assert_int_equal(sip_gruu_temp_decode(&self.secret, STR("alice"), &endpoint), E_BAD);
	assert_int_equal(uri_decode(STR("sip:alice@porchlight.test"), &u), E_OK);
	assert_false(sip_gruu_is(&u));
	buf_fini(&a);
	buf_fini(&b);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, NULL)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_next),	   T(test_route_lines), T(test_tokens), T(test_record_route),
		T(test_host_port), T(test_loop),	T(test_gruu),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
