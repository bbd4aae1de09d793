/* Names of offered files, wherever a client may put them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/buf.h"
#include "codec/base64.h"
#include "lync/file_offer.h"

#define INVITATION \
	"Application-Name: File Transfer\r\nInvitation-Command: INVITE\r\nApplication-File: %s\r\nApplication-FileSize: 1\r\n"

static const struct filter_policy block = { .files = FILTER_BLOCK, .extensions = STR("exe bat") };
static const struct filter_policy warn = { .files = FILTER_WARN, .extensions = STR("exe bat") };
static const struct filter_policy allow = { .files = FILTER_ALLOW, .extensions = STR("exe") };

static enum filter_action body(const struct filter_policy *p, const char *type, const char *text)
{
	return file_offer_in_body(p, str_of(type), str_of(text));
}

static void test_invitation(void **state)
{
	static const char type[] = "text/x-msmsgsinvite; charset=UTF-8";

	(void)state;
	assert_int_equal(
		body(&block, type, "Invitation-Command: INVITE\r\nApplication-File: setup.exe\r\n"),
		FILTER_BLOCK);
	assert_int_equal(body(&block, type, "application-file:SETUP.EXE"), FILTER_BLOCK);
	assert_int_equal(body(&block, type, "Application-File: setup.exe. \n"), FILTER_BLOCK);
	assert_int_equal(
		body(&block, type, "Application-File: plan.odt\r\nApplication-File: x.bat\r\n"),
		FILTER_BLOCK);
	assert_int_equal(body(&block, type, "Application-File: plan.odt\r\nA: x.exe\r\n"),
			 FILTER_ALLOW);
	assert_int_equal(
		body(&block, type, "Invitation-Command: ACCEPT\r\nInvitation-Cookie: 1\r\n"),
		FILTER_ALLOW);
	assert_int_equal(body(&block, type, ""), FILTER_ALLOW);
	assert_int_equal(body(&warn, type, "Application-File: setup.exe\r\n"), FILTER_WARN);
	assert_int_equal(body(&allow, type, "Application-File: setup.exe\r\n"), FILTER_ALLOW);
	assert_int_equal(body(&block, "text/plain", "Application-File: setup.exe\r\n"),
			 FILTER_ALLOW);
}

static void test_xml(void **state)
{
	static const char type[] = "multipart/mixed;boundary=\"b\"";
	static const char head[] = "--b\r\nContent-Type: application/ms-filetransfer+xml\r\n\r\n";
	static const char xml[] =
		"<request xmlns=\"http://schemas.microsoft.com/rtc/2009/05/filetransfer\" requestId=\"1\">"
		"<publishFile><fileInfo><id>{1}</id><name>plan.odt</name><size>1</size></fileInfo>"
		"<fileInfo><name>%s</name></fileInfo></publishFile></request>";
	static const char tail[] =
		"\r\n--b\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n\r\n--b--\r\n";
	struct buf b;

	(void)state;
	buf_init(&b, 4000);
	buf_addz(&b, head);
	buf_addf(&b, xml, "setup.exe");
	buf_addz(&b, tail);
	assert_int_equal(file_offer_in_body(&block, str_of(type), buf_str(&b)), FILTER_BLOCK);
	assert_int_equal(file_offer_in_body(&warn, str_of(type), buf_str(&b)), FILTER_WARN);
	assert_int_equal(file_offer_in_body(&allow, str_of(type), buf_str(&b)), FILTER_ALLOW);
	/* What ends nowhere might be anything. */
	assert_int_equal(
		file_offer_in_body(&block, str_of(type), str_sub(buf_str(&b), 0, b.len - 10)),
		FILTER_BLOCK);
	buf_reset(&b);
	buf_addz(&b, head);
	buf_addf(&b, xml, "answer.pdf");
	buf_addz(&b, tail);
	assert_int_equal(file_offer_in_body(&block, str_of(type), buf_str(&b)), FILTER_ALLOW);
	buf_reset(&b);
	buf_addz(&b, head);
	buf_addz(&b, "<request");
	buf_addz(&b, tail);
	assert_int_equal(file_offer_in_body(&block, str_of(type), buf_str(&b)), FILTER_BLOCK);
	buf_fini(&b);
}

static enum filter_action embedded(const char *file)
{
	enum filter_action a;
	struct buf text, value;

	buf_init(&text, 1000);
	buf_init(&value, 2000);
	buf_addf(&text, INVITATION, file);
	buf_addz(&value, "text/x-msmsgsinvite; charset=UTF-8;ms-body=");
	base64_encode(&value, buf_str(&text));
	a = file_offer_in_text_format(&block, buf_str(&value));
	buf_fini(&value);
	buf_fini(&text);
	return a;
}

static void test_text_format(void **state)
{
	(void)state;
	assert_int_equal(embedded("setup.exe"), FILTER_BLOCK);
	assert_int_equal(embedded("plan.odt"), FILTER_ALLOW);
	assert_int_equal(file_offer_in_text_format(
				 &block, STR("text/x-msmsgsinvite; charset=UTF-8;ms-body=???")),
			 FILTER_BLOCK);
	assert_int_equal(file_offer_in_text_format(&block, STR("text/x-msmsgsinvite")),
			 FILTER_ALLOW);
	assert_int_equal(file_offer_in_text_format(
				 &block, STR("text/plain; charset=UTF-8;msgr=AAA;ms-body=AAAA")),
			 FILTER_ALLOW);
	assert_int_equal(file_offer_in_text_format(&block, STR_NULL), FILTER_ALLOW);
}

static void test_cookie(void **state)
{
	(void)state;
	assert_true(
		str_eqz(file_offer_cookie(STR("A: b\r\nInvitation-Cookie: 947812095\r\nC: d\r\n")),
			"947812095"));
	assert_int_equal(file_offer_cookie(STR("Invitation-Cookie: 1 2\r\n")).len, 0);
	assert_int_equal(file_offer_cookie(STR("Invitation-Cookie: 123456789012345678901\r\n")).len,
			 0);
	assert_int_equal(file_offer_cookie(STR("Application-File: x")).len, 0);
	assert_int_equal(file_offer_cookie(STR_NULL).len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_invitation),
		cmocka_unit_test(test_xml),
		cmocka_unit_test(test_text_format),
		cmocka_unit_test(test_cookie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
