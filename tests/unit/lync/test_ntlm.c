#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "codec/base64.h"
#include "crypto/digest.h"
#include "lync/ntlm.h"

/* Two whole handshakes: Communicator 2007 R2 with OCS 2007 R2, and pidgin-sipe 1.25. */
#define PIDGIN_TYPE2                                                                               \
	"TlRMTVNTUAACAAAAAAAAADgAAABRgphiKG1SlOTvL68AAAAAAAAAAHQAdAA4AAAABgGxHQAAAA8CAA4AQwBPAE4A" \
	"VABPAFMATwABAAoAUABPAE8ATAAxAAQAHgBjAG8AbgB0AG8AcwBvAC4AZQB4AGEAbQBwAGwAZQADACoAcABvAG8A" \
	"bAAxAC4AYwBvAG4AdABvAHMAbwAuAGUAeABhAG0AcABsAGUAAAAAAA=="
#define PIDGIN_TYPE3                                                                               \
	"TlRMTVNTUAADAAAAGAAYAGQAAACkAKQAfAAAAA4ADgBIAAAACgAKAFYAAAAEAAQAYAAAABAAEAAgAQAAVYKYYgUB" \
	"KAoAAAAPQwBPAE4AVABPAFMATwBhAGwAaQBjAGUAVgBNAAif07n3Ytxfwg6H7B8YnvMIfRST4ZVfcnKQf8agzkB8" \
	"Tv+/lem5c30BAQAAAAAAAAB4IgPbet0BCH0Uk+GVX3IAAAAAAgAOAEMATwBOAFQATwBTAE8AAQAKAFAATwBPAEwA" \
	"MQAEAB4AYwBvAG4AdABvAHMAbwAuAGUAeABhAG0AcABsAGUAAwAqAHAAbwBvAGwAMQAuAGMAbwBuAHQAbwBzAG8A" \
	"LgBlAHgAYQBtAHAAbABlAAAAAAAAAAAACloos77t46iuTBRcO+z9MQ=="
/* [MS-NLMP] 4.2.4.3 */
#define NLMP_TYPE3                                                                         \
	"4E544C4D5353500003000000180018006C00000054005400840000000C000C004800000008000800" \
	"54000000100010005C00000010001000D8000000358288E20501280A0000000F44006F006D006100" \
	"69006E00550073006500720043004F004D005000550054004500520086C35097AC9CEC102554764A" \
	"57CCCC19AAAAAAAAAAAAAAAA68CD0AB851E51C96AABC927BEBEF6A1C010100000000000000000000" \
	"00000000AAAAAAAAAAAAAAAA0000000002000C0044006F006D00610069006E0001000C0053006500" \
	"72007600650072000000000000000000C5DAD2544FC9799094CE1CE90BC9D03E"

static struct buf bytes_of64(const char *text)
{
	struct buf b;

	buf_init(&b, 4096);
	assert_int_equal(base64_decode(str_of(text), &b), E_OK);
	return b;
}

static void unhex(const char *hex, void *out)
{
	assert_int_equal(digest_unhex(str_of(hex), out, strlen(hex) / 2), E_OK);
}

static void is_hex(const void *bytes, size_t len, const char *hex)
{
	unsigned char want[64];

	assert_int_equal(strlen(hex), 2 * len);
	unhex(hex, want);
	assert_memory_equal(bytes, want, len);
}

static void the_challenge_is_what_pidgin_took(void **state)
{
	const struct ntlm_names names = { STR("CONTOSO"), STR("POOL1"), STR("contoso.example"),
					  STR("pool1.contoso.example") };
	struct buf want = bytes_of64(PIDGIN_TYPE2), got;
	unsigned char nonce[NTLM_CHALLENGE_LEN];

	(void)state;
	unhex("286D5294E4EF2FAF", nonce);
	buf_init(&got, 4096);
	ntlm_challenge(&got, NTLM_FOR_SIP, &names, nonce);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.p, want.p, want.len);
	assert_int_equal(ntlm_token_type(buf_str(&got)), 2);
	buf_fini(&got);
	buf_fini(&want);
}

static void pidgin_signs_in(void **state)
{
	struct buf type2 = bytes_of64(PIDGIN_TYPE2), type3 = bytes_of64(PIDGIN_TYPE3);
	unsigned char nt[NTHASH_LEN], nonce[NTLM_CHALLENGE_LEN], exported[NTLM_KEY_LEN],
		mac[NTLM_MAC_LEN];
	struct ntlm_check check = { nt, nonce, STR(""), buf_str(&type2) };
	struct ntlm_auth a;
	struct ntlm_keys keys;

	(void)state;
	assert_int_equal(nthash_make(STR("Pa55word"), nt), E_OK);
	is_hex(nt, sizeof(nt), "0C61039F010B2FBB88FE449FBF262477");
	unhex("286D5294E4EF2FAF", nonce);
	assert_int_equal(ntlm_auth_decode(buf_str(&type3), &a), E_OK);
	assert_true(str_eq(a.user, str_n("a\0l\0i\0c\0e\0", 10)));
	assert_true(str_eq(a.workstation, str_n("V\0M\0", 4)));
	assert_int_equal(a.flags, 0x62988255);
	assert_false(a.has_mic);
	assert_int_equal(ntlm_verify(&a, &check, exported), E_OK);
	is_hex(exported, sizeof(exported), "1BCC0A5B116D7335A986D127F94CF381");
	ntlm_keys_derive(exported, a.flags, NTLM_SIP_SEQ, &keys);
	is_hex(keys.client_sign, NTLM_KEY_LEN, "2DF697B09729F2ACFA392964BB9969CA");
	is_hex(keys.server_sign, NTLM_KEY_LEN, "4172E072FEA5AFB202803FC984B8C804");
	ntlm_mac(
		&keys, NTLM_CLIENT,
		STR("<NTLM><71a19a46><1><SIP Communications Service><pool1.contoso.example>"
		    "<C625g9714a834Di68DEm4A61tEB43b4B79xA5FAx><3><REGISTER><sip:alice@contoso.example>"
		    "<2123429737><sip:alice@contoso.example><><><><>"),
		mac);
	is_hex(mac, sizeof(mac), "01000000B7756D3ED95B5FEE64000000");
	ntlm_mac(
		&keys, NTLM_SERVER,
		STR("<NTLM><156A4370><1><SIP Communications Service><pool1.contoso.example>"
		    "<C625g9714a834Di68DEm4A61tEB43b4B79xA5FAx><3><REGISTER><sip:alice@contoso.example>"
		    "<2123429737><sip:alice@contoso.example><D23AA411A843474E76F792CBE9EF57C7><><><7200><200>"),
		mac);
	is_hex(mac, sizeof(mac), "01000000084A297DBADB488D64000000");

	/* 2026-11-22T23:43:17Z by the client's clock. */
	assert_true(ntlm_skew_s(&a, 1795390997LL * 1000) > -86400 &&
		    ntlm_skew_s(&a, 1795390997LL * 1000) < 86400);
	nt[0] ^= 1;
	assert_int_equal(ntlm_verify(&a, &check, exported), E_AUTH);
	nt[0] ^= 1;
	nonce[7] ^= 1;
	assert_int_equal(ntlm_verify(&a, &check, exported), E_AUTH);
	buf_fini(&type2);
	buf_fini(&type3);
}

static void keys_of_communicator(void **state)
{
	unsigned char exported[NTLM_KEY_LEN], mac[NTLM_MAC_LEN];
	struct ntlm_keys keys;

	(void)state;
	unhex("6742FBE37BB1946B49D86A525BD29A9B", exported);
	ntlm_keys_derive(exported, 0x62988255, NTLM_SIP_SEQ, &keys);
	is_hex(keys.client_sign, NTLM_KEY_LEN, "EA5E87C195AE65338F7C023E7600690D");
	is_hex(keys.server_sign, NTLM_KEY_LEN, "0151FE94DBA8C83F3C6A6E5444AE54B4");
	ntlm_mac(
		&keys, NTLM_CLIENT,
		STR("<NTLM><13317733><1><SIP Communications Service><cosmo-ocs-r2.cosmo.local>"
		    "<4037df9284354df39065195bd57a4b14><3><REGISTER><sip:user@cosmo.local><3e49177a52>"
		    "<sip:user@cosmo.local><><><><>"),
		mac);
	is_hex(mac, sizeof(mac), "0100000029618E9651B65A7764000000");
	ntlm_mac(
		&keys, NTLM_SERVER,
		STR("<NTLM><9616454F><1><SIP Communications Service><cosmo-ocs-r2.cosmo.local>"
		    "<4037df9284354df39065195bd57a4b14><3><REGISTER><sip:user@cosmo.local><3e49177a52>"
		    "<sip:user@cosmo.local><5E61CCD925D17E043D9A74835A88F664><><><7200><200>"),
		mac);
	is_hex(mac, sizeof(mac), "01000000E615438A917661BE64000000");

	/* Without key exchange the checksum goes as it is. */
	unhex("0102030405060708090A0B0C0D0E0F00", exported);
	ntlm_keys_derive(exported, NTLM_ESS | NTLM_128, 0, &keys);
	is_hex(keys.client_sign, NTLM_KEY_LEN, "F7F97A82EC390F9C903DAC4F6ACEB132");
	ntlm_mac(&keys, NTLM_CLIENT, STR("jCIFS"), mac);
	is_hex(mac, sizeof(mac), "010000000A003602317A759A00000000");
}

struct example {
	unsigned char token[(sizeof(NLMP_TYPE3) - 1) / 2], nt[NTHASH_LEN],
		nonce[NTLM_CHALLENGE_LEN];
};

static void make_example(struct example *e)
{
	unhex(NLMP_TYPE3, e->token);
	unhex("0123456789ABCDEF", e->nonce);
	assert_int_equal(nthash_make(STR("Password"), e->nt), E_OK);
	is_hex(e->nt, sizeof(e->nt), "A4F49C406510BDCAB6824EE7C30FD852");
}

static void nlmp_example(void **state)
{
	unsigned char exported[NTLM_KEY_LEN];
	struct ntlm_auth a;
	struct example e;

	(void)state;
	make_example(&e);
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_OK);
	is_hex(a.proof.p, a.proof.len, "68CD0AB851E51C96AABC927BEBEF6A1C");
	assert_int_equal(
		ntlm_verify(&a, &(struct ntlm_check){ e.nt, e.nonce, STR(""), STR("") }, exported),
		E_OK);
	is_hex(exported, sizeof(exported), "55555555555555555555555555555555");
}

static void every_prefix_is_refused(void **state)
{
	struct ntlm_auth a;
	struct example e;

	(void)state;
	make_example(&e);
	for (size_t n = 0; n < sizeof(e.token); n++) {
		unsigned char *exact = xmalloc(
			n + 1); /* so that the sanitizer sees a read past the end */

		memcpy(exact, e.token, n);
		exact = xrealloc(exact, n > 0 ? n : 1);
		assert_int_not_equal(ntlm_auth_decode(str_n(exact, n), &a), E_OK);
		free(exact);
	}
}

/* Any bit of the proof, of what it is about and of the names decides. */
static void any_altered_byte_is_refused(void **state)
{
	unsigned char exported[NTLM_KEY_LEN];
	struct ntlm_auth a;
	struct example e;

	(void)state;
	make_example(&e);
	for (size_t at = 0x48; at < 0x5c;
	     at++) { /* domain and user; case of the user does not count */
		e.token[at] ^= 0x40;
		assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_OK);
		assert_int_equal(
			ntlm_verify(&a, &(struct ntlm_check){ e.nt, e.nonce, STR(""), STR("") },
				    exported),
			E_AUTH);
		e.token[at] ^= 0x40;
	}
	e.token[0x54] ^= 0x20; /* "user" */
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_OK);
	assert_int_equal(
		ntlm_verify(&a, &(struct ntlm_check){ e.nt, e.nonce, STR(""), STR("") }, exported),
		E_OK);
}

static void older_and_weaker_is_refused(void **state)
{
	struct ntlm_auth a;
	struct example e;

	(void)state;
	make_example(&e);
	e.token[20] = e.token[22] = 24; /* an NTLMv1 response */
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_UNSUPPORTED);
	make_example(&e);
	e.token[20] = e.token[22] = 0; /* anonymous */
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_UNSUPPORTED);
	make_example(&e);
	e.token[62] = (unsigned char)(e.token[62] & ~8); /* no extended session security */
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_UNSUPPORTED);
	make_example(&e);
	e.token[8] = 1;
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_BAD);
	make_example(&e);
	e.token[56] = 0xff; /* the session key points past the end */
	e.token[57] = 0xff;
	assert_int_equal(ntlm_auth_decode(str_n(e.token, sizeof(e.token)), &a), E_BAD);
}

static void put_field(unsigned char *token, size_t at, size_t len, size_t from)
{
	token[at] = token[at + 2] = (unsigned char)len;
	token[at + 4] = (unsigned char)from;
	token[at + 5] = (unsigned char)(from >> 8);
}

/* A client that was told the time signs the whole exchange ([MS-NLMP] 3.1.5.1.2). */
static void a_mic_is_checked(void **state)
{
	unsigned char token[256] = { 0 }, nt[NTHASH_LEN], nonce[8] = { 1, 2, 3, 4, 5, 6, 7, 8 },
		      key[16], base[16];
	unsigned char exported[NTLM_KEY_LEN];
	const struct str challenge = STR("the challenge as it was sent");
	struct ntlm_check check = { nt, nonce, STR(""), challenge };
	unsigned char *temp = token + 88 + 8 + 16;
	struct str parts[3];
	struct ntlm_auth a;
	size_t len = 88 + 8 + 16 + 28 + 8 + 4;

	(void)state;
	assert_int_equal(nthash_make(STR("Pa55word"), nt), E_OK);
	memcpy(token, "NTLMSSP\0\3\0\0\0", 12);
	unhex("01820800", token + 60); /* UNICODE NTLM ALWAYS_SIGN ESS, no key exchange */
	put_field(token, 36, 8, 88);
	memcpy(token + 88, "b\0o\0b\0\0\0", 8);
	put_field(token, 36, 6, 88);
	put_field(token, 20, 16 + 28 + 8 + 4, 88 + 8);
	memcpy(temp, "\1\1", 2);
	memcpy(temp + 28, "\6\0\4\0\2\0\0\0\0\0\0\0", 12);
	digest_hmac(DIGEST_MD5, str_n(nt, 16), str_n("B\0O\0B\0", 6), key);
	parts[0] = str_n(nonce, 8);
	parts[1] = str_n(temp, 28 + 8 + 4);
	digest_hmac_parts(DIGEST_MD5, str_n(key, 16), parts, 2, token + 96);
	digest_hmac(DIGEST_MD5, str_n(key, 16), str_n(token + 96, 16), base);
	parts[0] = challenge;
	parts[1] = str_n(token, len);
	digest_hmac_parts(DIGEST_MD5, str_n(base, 16), parts, 2, token + 72);

	assert_int_equal(ntlm_auth_decode(str_n(token, len), &a), E_OK);
	assert_true(a.has_mic);
	assert_int_equal(ntlm_verify(&a, &check, exported), E_OK);
	assert_memory_equal(exported, base, sizeof(base));
	check.challenge = STR("the challenge as it was sent?");
	assert_int_equal(ntlm_verify(&a, &check, exported), E_AUTH);
	check.challenge = challenge;
	token[70] ^= 1; /* the version, which nothing else covers */
	assert_int_equal(ntlm_verify(&a, &check, exported), E_AUTH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_challenge_is_what_pidgin_took),
		cmocka_unit_test(pidgin_signs_in),
		cmocka_unit_test(keys_of_communicator),
		cmocka_unit_test(nlmp_example),
		cmocka_unit_test(every_prefix_is_refused),
		cmocka_unit_test(any_altered_byte_is_refused),
		cmocka_unit_test(older_and_weaker_is_refused),
		cmocka_unit_test(a_mic_is_checked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
