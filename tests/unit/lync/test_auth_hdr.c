#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lync/auth_hdr.h"

static void what_clients_write(void **state)
{
	struct auth_hdr h;

	(void)state;
	assert_int_equal(
		auth_hdr_decode(
			STR("NTLM qop=\"auth\", realm=\"SIP Communications Service\", "
			    "targetname=\"pool1.contoso.example\", gssapi-data=\"\", version=4"),
			&h),
		E_OK);
	assert_int_equal(h.scheme, AUTH_NTLM);
	assert_non_null(h.gssapi.p);
	assert_int_equal(h.gssapi.len, 0);
	assert_int_equal(h.version, 4);
	assert_null(h.response.p);

	assert_int_equal(
		auth_hdr_decode(
			STR("TLS-DSK opaque=\"6567CBB2\",crand=\"f892de7c\" ,  cnum=\"2\", response=\"01AB\""),
			&h),
		E_OK);
	assert_int_equal(h.scheme, AUTH_TLS_DSK);
	assert_null(h.gssapi.p);
	assert_true(str_eqz(h.opaque, "6567CBB2"));
	assert_true(str_eqz(h.crand, "f892de7c"));
	assert_true(str_eqz(h.cnum, "2"));
	assert_true(str_eqz(h.response, "01AB"));
	assert_int_equal(h.version, 0);
}

static void what_is_refused(void **state)
{
	static const struct {
		const char *value;
		enum err err;
	} cases[] = {
		{ "", E_BAD },
		{ "Digest username=\"alice\"", E_UNSUPPORTED },
		{ "Kerberos gssapi-data=\"YII=\"", E_UNSUPPORTED },
		{ "NTLM opaque", E_BAD },
		{ "NTLM opaque=", E_BAD },
		{ "NTLM opaque=\"1\" cnum=\"1\"", E_BAD },
		{ "NTLM opaque=\"1\", opaque=\"2\"", E_BAD },
		{ "NTLM version=4, version=3", E_BAD },
		{ "NTLM version=x", E_BAD },
		{ "NTLM opaque=\"1", E_BAD },
	};
	struct auth_hdr h;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(auth_hdr_decode(str_of(cases[i].value), &h), cases[i].err);
}

static void prefixes_do_no_harm(void **state)
{
	static const char whole[] =
		"NTLM qop=\"auth\", opaque=\"6567CBB2\", crand=\"f892de7c\", cnum=\"2\", version=4";
	struct auth_hdr h;

	(void)state;
	for (size_t n = 1; n < sizeof(whole); n++) {
		char *exact = xmalloc(n);

		memcpy(exact, whole, n);
		if (auth_hdr_decode(str_n(exact, n), &h) == E_OK)
			assert_true(h.opaque.p == NULL || h.opaque.len == 8);
		free(exact);
	}
	assert_int_equal(auth_hdr_decode(str_of(whole), &h), E_OK);
}

static void challenges(void **state)
{
	struct auth_challenge c = { .scheme = AUTH_NTLM,
				    .realm = STR("SIP Communications Service"),
				    .target = STR("pool1.contoso.example") };
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	auth_challenge_line(&b, &c);
	assert_true(str_eqz(buf_str(&b),
			    "WWW-Authenticate: NTLM targetname=\"pool1.contoso.example\", "
			    "realm=\"SIP Communications Service\", version=4\r\n"));
	buf_reset(&b);
	c.opaque = STR("6567CBB2");
	c.gssapi = STR("NTLM");
	auth_challenge_line(&b, &c);
	assert_true(str_eqz(buf_str(&b),
			    "WWW-Authenticate: NTLM opaque=\"6567CBB2\", gssapi-data=\"TlRMTQ==\", "
			    "targetname=\"pool1.contoso.example\", "
			    "realm=\"SIP Communications Service\", version=4\r\n"));
	buf_reset(&b);
	c = (struct auth_challenge){ .scheme = AUTH_TLS_DSK,
				     .realm = c.realm,
				     .target = c.target,
				     .sts_uri = STR("https://pool1.contoso.example/c") };
	auth_challenge_line(&b, &c);
	assert_true(str_ends(buf_str(&b),
			     STR(", version=4, sts-uri=\"https://pool1.contoso.example/c\"\r\n")));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_clients_write),
		cmocka_unit_test(what_is_refused),
		cmocka_unit_test(prefixes_do_no_harm),
		cmocka_unit_test(challenges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
