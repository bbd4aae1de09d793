#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "crypto/digest.h"
#include "lync/sa.h"

static const struct sa_names names = { { "SIP Communications Service", 26 },
				       { "pool1.contoso.example", 21 } };
static const char request[] =
	"SUBSCRIBE sip:a@contoso.example SIP/2.0\r\nFrom: <sip:a@contoso.example>;tag=1\r\n"
	"To: <sip:a@contoso.example>\r\nCall-ID: x\r\nCSeq: 1 SUBSCRIBE\r\n\r\n";

static void make(struct sa *sa, enum auth_scheme scheme)
{
	struct sa_keys keys = { .scheme = scheme, .version = 4 };
	unsigned char exported[NTLM_KEY_LEN];

	memset(exported, 7, sizeof(exported));
	if (scheme == AUTH_NTLM)
		ntlm_keys_derive(exported, 0x62988255, NTLM_SIP_SEQ, &keys.ntlm);
	else
		memset(&keys.dsk, 9, sizeof(keys.dsk));
	sa_init(sa, "0A1B2C3D", &keys, 1000);
}

/* What a client with these keys sends. */
static enum err send_signed(struct sa *sa, unsigned cnum, const char *tampered)
{
	char value[512], num[12], hex[2 * SA_MAC_MAX + 1];
	struct sign_auth sign = { 4,
				  str_of(auth_scheme_name(sa->keys.scheme)),
				  STR("deadbeef"),
				  STR(""),
				  names.realm,
				  names.target };
	unsigned char mac[SA_MAC_MAX];
	size_t len = NTLM_MAC_LEN;
	struct sign_head head;
	struct auth_hdr auth;
	struct buf text;

	(void)snprintf(num, sizeof(num), "%u", cnum);
	sign.num = str_of(num);
	assert_int_equal(sign_head_of(str_of(request), &head), E_OK);
	buf_init(&text, 4096);
	sign_text(&text, &sign, &head);
	if (sa->keys.scheme == AUTH_NTLM) {
		ntlm_mac(&sa->keys.ntlm, NTLM_CLIENT, buf_str(&text), mac);
	} else {
		digest_hmac(DIGEST_SHA1, str_n(sa->keys.dsk.client, SA_DSK_KEY_LEN), buf_str(&text),
			    mac);
		len = DIGEST_SHA1_LEN;
	}
	buf_fini(&text);
	digest_hex(mac, len, hex);
	(void)snprintf(
		value, sizeof(value),
		"%s qop=\"auth\", opaque=\"0A1B2C3D\", realm=\"%.*s\", targetname=\"%.*s\", crand=\"deadbeef\", "
		"cnum=\"%u\", response=\"%s\"",
		auth_scheme_name(sa->keys.scheme), STR_ARG(names.realm), STR_ARG(names.target),
		cnum, hex);
	assert_int_equal(auth_hdr_decode(str_of(value), &auth), E_OK);
	assert_int_equal(sign_head_of(str_of(tampered), &head), E_OK);
	return sa_verify(sa, &names, &auth, &head, 0);
}

static void both_schemes_verify(void **state)
{
	struct sa sa;

	(void)state;
	for (int s = 0; s < AUTH_SCHEMES; s++) {
		make(&sa, s);
		assert_int_equal(send_signed(&sa, 1, request), E_OK);
		assert_int_equal(send_signed(&sa, 2,
					     "SUBSCRIBE sip:a@contoso.example SIP/2.0\r\n"
					     "From: <sip:b@contoso.example>;tag=1\r\n"
					     "To: <sip:a@contoso.example>\r\nCall-ID: x\r\n"
					     "CSeq: 1 SUBSCRIBE\r\n\r\n"),
				 E_AUTH);
		assert_int_equal(send_signed(&sa, 2, request),
				 E_OK); /* a wrong signature used nothing up */
		sa_fini(&sa);
	}
}

static void numbers_are_used_once(void **state)
{
	struct sa sa;

	(void)state;
	make(&sa, AUTH_NTLM);
	for (unsigned n = 1; n <= 600; n += 2)
		assert_int_equal(send_signed(&sa, n, request), E_OK);
	for (unsigned n = 599 - 255; n <= 599; n++) /* those between are still free, each once */
		assert_int_equal(send_signed(&sa, n, request), n % 2 == 1 ? E_EXISTS : E_OK);
	for (unsigned n = 599 - 255; n <= 599; n++)
		assert_int_equal(send_signed(&sa, n, request), E_EXISTS);
	assert_int_equal(send_signed(&sa, 599 - 256, request), E_STALE);
	assert_int_equal(send_signed(&sa, 2, request), E_STALE);
	assert_int_equal(send_signed(&sa, 100000, request), E_OK);
	assert_int_equal(send_signed(&sa, 100000, request), E_EXISTS);
	assert_int_equal(send_signed(&sa, 99999, request), E_OK);
	assert_int_equal(send_signed(&sa, 100000 - 64, request), E_OK);
	assert_int_equal(send_signed(&sa, 100001, request), E_OK);
	assert_int_equal(send_signed(&sa, 100000 - 64, request), E_EXISTS);
	sa_fini(&sa);
}

static void an_expired_one_is_of_no_use(void **state)
{
	struct auth_hdr auth = { .scheme = AUTH_NTLM };
	struct sign_head head;
	struct sa sa;

	(void)state;
	make(&sa, AUTH_NTLM);
	assert_int_equal(sign_head_of(str_of(request), &head), E_OK);
	assert_int_equal(sa_verify(&sa, &names, &auth, &head, 1000), E_STALE);
	assert_int_equal(sa_verify(&sa, &names, &auth, &head, 999), E_BAD);
	sa_fini(&sa);
}

/* What we sign carries all that the other side needs to check it, and counts up by one. */
static void our_signature_says_everything(void **state)
{
	struct sign_head head;
	char hex[2 * NTLM_MAC_LEN + 1];
	unsigned char mac[NTLM_MAC_LEN];
	struct buf line, text;
	struct sa sa;

	(void)state;
	make(&sa, AUTH_NTLM);
	assert_int_equal(sign_head_of(str_of(request), &head), E_OK);
	buf_init(&line, 4096);
	buf_init(&text, 4096);
	for (unsigned n = 1; n <= 3; n++) {
		char num[12], want[400];
		struct sign_auth sign = { 4,	   STR("NTLM"), STR(""),
					  STR(""), names.realm, names.target };

		buf_reset(&line);
		buf_reset(&text);
		assert_int_equal(sa_sign(&sa, &names, &head, &line), E_OK);
		(void)snprintf(num, sizeof(num), "%u", n);
		sign.num = str_of(num);
		sign.rand = str_sub(buf_str(&line), str_search(buf_str(&line), STR("srand=\"")) + 7,
				    line.len);
		sign.rand.len = 8;
		sign_text(&text, &sign, &head);
		ntlm_mac(&sa.keys.ntlm, NTLM_SERVER, buf_str(&text), mac);
		digest_hex(mac, sizeof(mac), hex);
		(void)snprintf(
			want, sizeof(want),
			"Authentication-Info: NTLM rspauth=\"%s\", srand=\"%.*s\", snum=\"%u\", "
			"opaque=\"0A1B2C3D\", qop=\"auth\", targetname=\"pool1.contoso.example\", "
			"realm=\"SIP Communications Service\", version=4\r\n",
			hex, STR_ARG(sign.rand), n);
		assert_true(str_ieqz(buf_str(&line), want));
	}
	buf_fini(&line);
	buf_fini(&text);
	sa_fini(&sa);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_schemes_verify),
		cmocka_unit_test(numbers_are_used_once),
		cmocka_unit_test(an_expired_one_is_of_no_use),
		cmocka_unit_test(our_signature_says_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
