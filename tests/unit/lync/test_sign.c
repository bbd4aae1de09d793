#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/mem.h"
#include "lync/sign.h"

static const struct sign_auth v4 = {
	.version = 4,
	.scheme = { "NTLM", 4 },
	.rand = { "f892de7c", 8 },
	.num = { "2", 1 },
	.realm = { "SIP Communications Service", 26 },
	.target = { "pool1.contoso.example", 21 },
};

static void text_is(const struct sign_auth *auth, const char *message, const char *want)
{
	struct sign_head head;
	struct buf b;

	assert_int_equal(sign_head_of(str_of(message), &head), E_OK);
	buf_init(&b, 4096);
	sign_text(&b, auth, &head);
	assert_int_equal(b.len, strlen(want));
	assert_memory_equal(b.p, want, b.len);
	buf_fini(&b);
}

static void a_request(void **state)
{
	(void)state;
	text_is(&v4,
		"SUBSCRIBE sip:alice@contoso.example SIP/2.0\r\n"
		"Via: SIP/2.0/tls 192.0.2.77:50123\r\n"
		"From: <sip:alice@contoso.example>;tag=217684685;epid=d8d053f0ae7f\r\n"
		"To: <sip:alice@contoso.example>\r\n"
		"CSeq: 1 SUBSCRIBE\r\n"
		"Call-ID: 215Bg345Ca3637i3653mE16AtC20EbEC58x7EEBx\r\n\r\n",
		"<NTLM><f892de7c><2><SIP Communications Service><pool1.contoso.example>"
		"<215Bg345Ca3637i3653mE16AtC20EbEC58x7EEBx><1><SUBSCRIBE><sip:alice@contoso.example><217684685>"
		"<sip:alice@contoso.example><><><><>");
}

static void a_response(void **state)
{
	(void)state;
	text_is(&v4,
		"SIP/2.0 200 OK\r\n"
		"From: <sip:alice@contoso.example>;tag=217684685;epid=d8d053f0ae7f\r\n"
		"To: <sip:alice@contoso.example>;tag=C7E06FF6E350B7F9D564EB60B59DA0D0\r\n"
		"CSeq: 1 SUBSCRIBE\r\n"
		"Expires: 28800\r\n"
		"Call-ID: 215Bg345Ca3637i3653mE16AtC20EbEC58x7EEBx\r\n\r\n"
		"Expires: 1\r\nCSeq: 9 BYE\r\n",
		"<NTLM><f892de7c><2><SIP Communications Service><pool1.contoso.example>"
		"<215Bg345Ca3637i3653mE16AtC20EbEC58x7EEBx><1><SUBSCRIBE><sip:alice@contoso.example><217684685>"
		"<sip:alice@contoso.example><C7E06FF6E350B7F9D564EB60B59DA0D0><><><28800><200>");
}

static void version_2_leaves_out_to_and_identity(void **state)
{
	struct sign_auth v2 = v4;

	(void)state;
	v2.version = 2;
	v2.rand = STR("0878F41B");
	v2.num = STR("1");
	v2.target = STR("ocs1.ocs.provo.novell.com");
	text_is(&v2,
		"SIP/2.0 200 OK\r\n"
		"From: \"Gabriel\" <sip:gabriel@ocs.provo.novell.com>;tag=2947328781\r\n"
		"To: <sip:gabriel@ocs.provo.novell.com>;tag=B816D65C2300A32CFA6D371F2AF537FD\r\n"
		"CSeq: 3 REGISTER\r\nExpires: 900\r\n"
		"Call-ID: 8592g5DCBa1694i5887m0D0Bt2247b3F38xAE9Fx\r\n\r\n",
		"<NTLM><0878F41B><1><SIP Communications Service><ocs1.ocs.provo.novell.com>"
		"<8592g5DCBa1694i5887m0D0Bt2247b3F38xAE9Fx><3><REGISTER><sip:gabriel@ocs.provo.novell.com>"
		"<2947328781><B816D65C2300A32CFA6D371F2AF537FD><900><200>");
}

static void an_asserted_identity_counts(void **state)
{
	struct sign_auth a = v4;

	(void)state;
	a.rand = STR("1B6D47A1");
	a.num = STR("11");
	a.target = STR("LOC-COMPANYT-FE03.COMPANY.COM");
	text_is(&a,
		"SIP/2.0 180 Ringing\r\n"
		"FROM: <sip:sender@company.com>;epid=1;tag=2420628112\r\n"
		"t: sip:recipient@company.com;tag=7aee15546a\r\n"
		"CSeq: 1 INVITE\r\ni: 41CEg82ECa0AC8i3DD7mE673t9CF4b19DAxF780x\r\n"
		"P-Asserted-Identity: \"recipient\"<SIP:recipient@company.com>\r\n\r\n",
		"<NTLM><1B6D47A1><11><SIP Communications Service><LOC-COMPANYT-FE03.COMPANY.COM>"
		"<41CEg82ECa0AC8i3DD7mE673t9CF4b19DAxF780x><1><INVITE><sip:sender@company.com><2420628112>"
		"<sip:recipient@company.com><7aee15546a><SIP:recipient@company.com><><><180>");
}

static void identities(void **state)
{
	static const struct {
		const char *header, *sip, *tel;
	} cases[] = {
		{ "P-Asserted-Identity: \"Lunch, Lucas\" <sip:llucas@cisco.com>,<tel:+420123456;ext=88463>",
		  "sip:llucas@cisco.com", "tel:+420123456;ext=88463" },
		{ "P-Asserted-Identity: tel:+14085264000", "", "tel:+14085264000" },
		{ "P-Preferred-Identity: <sip:a@b.example>", "sip:a@b.example", "" },
		{ "P-Preferred-Identity: <sip:a@b.example>\r\nP-Asserted-Identity: <sip:c@d.example>",
		  "sip:c@d.example", "" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct sign_head h = { 0 };

		sign_head_read(&h, STR("<sip:x@y.example>;tag=1"), STR("sip:z@y.example"),
			       str_of(cases[i].header));
		assert_true(str_eqz(h.pai_sip, cases[i].sip));
		assert_true(str_eqz(h.pai_tel, cases[i].tel));
		assert_true(str_eqz(h.from_tag, "1"));
		assert_true(str_eqz(h.to_uri, "sip:z@y.example"));
		assert_int_equal(h.to_tag.len, 0);
	}
}

/* Every prefix is read without harm, and refused while a header that all messages have is missing. */
static void cut_short(void **state)
{
	static const char whole[] =
		"BYE sip:a@b.example SIP/2.0\r\nFrom: <sip:a@b.example>;tag=1\r\n"
		"To: <sip:c@b.example>\r\nCall-ID: x\r\nCSeq: 12 BYE\r\n\r\n";
	struct sign_head h;

	(void)state;
	for (size_t n = 0; n < sizeof(whole) - 8; n++) {
		char *exact = xmalloc(n > 0 ? n : 1);

		memcpy(exact, whole, n);
		assert_int_equal(sign_head_of(str_n(exact, n), &h), E_BAD);
		free(exact);
	}
	assert_int_equal(sign_head_of(str_of(whole), &h), E_OK);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request),
		cmocka_unit_test(a_response),
		cmocka_unit_test(version_2_leaves_out_to_and_identity),
		cmocka_unit_test(an_asserted_identity_counts),
		cmocka_unit_test(identities),
		cmocka_unit_test(cut_short),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
