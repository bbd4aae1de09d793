/* Dialogs: who talks to whom over which flow, with which numbers (RFC 3261 12). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "sip/dialog.h"

static struct sip_msg *decode(const char *start, const char *from_tag, const char *to_tag,
			      unsigned cseq, const char *method, const char *headers)
{
	char text[4096];
	struct sip_msg *m;
	int n = snprintf(
		text, sizeof(text),
		"%s\r\nVia: SIP/2.0/TLS h;branch=z9hG4bK1\r\nFrom: \"A, B\" <sip:alice@h>;tag=%s\r\n"
		"To: <sip:bob@h>%s%s\r\nCall-ID: c1\r\nCSeq: %u %s\r\nMax-Forwards: 70\r\n%sContent-Length: 0\r\n\r\n",
		start, from_tag, to_tag[0] == 0 ? "" : ";tag=", to_tag, cseq, method, headers);

	assert_int_equal(sip_msg_decode(str_n(text, (size_t)n), (size_t)n, SIP_LINES_STRICT, &m),
			 E_OK);
	assert_int_equal(m->fault.code, 0);
	return m;
}

#define ROUTES "Record-Route: <sip:one;lr>, <sip:two;lr>\r\nRecord-Route: <sip:three;lr>\r\n"

static struct sip_msg *subscribe(unsigned cseq, const char *to_tag, const char *contact)
{
	return decode("SUBSCRIBE sip:bob@h SIP/2.0", "ta", to_tag, cseq, "SUBSCRIBE", contact);
}

static void test_uas(void **state)
{
	struct sip_msg *m = subscribe(7, "", "Contact: <sip:alice@10.0.0.1:4000>\r\n" ROUTES);
	struct sip_dialog d;
	struct sip_out o = { 0 };
	struct buf scratch;

	(void)state;
	assert_int_equal(sip_dialog_init_uas(&d, m, STR("tb"), 3), E_OK);
	sip_msg_unref(&m); /* it must not live on the message */
	buf_init(&scratch, SIP_HEAD_MAX);
	sip_dialog_request(&d, STR("NOTIFY"), STR("Event: presence\r\n"), &scratch, &o);
	assert_int_equal(o.conn, 3);
	assert_true(str_eqz(o.uri, "sip:alice@10.0.0.1:4000"));
	assert_true(str_eqz(o.from, "<sip:bob@h>;tag=tb"));
	assert_true(str_eqz(o.to, "\"A, B\" <sip:alice@h>;tag=ta"));
	assert_true(str_eqz(o.call_id, "c1"));
	assert_true(str_eqz(
		o.extra_headers,
		"Route: <sip:one;lr>\r\nRoute: <sip:two;lr>\r\nRoute: <sip:three;lr>\r\nEvent: presence\r\n"));
	assert_int_equal(o.cseq, 1);
	sip_dialog_request(&d, STR("NOTIFY"), STR(""), &scratch, &o);
	assert_int_equal(o.cseq, 2);
	sip_dialog_request(&d, STR("ACK"), STR(""), &scratch, &o); /* takes the INVITE's */
	assert_int_equal(o.cseq, 2);
	buf_fini(&scratch);
	sip_dialog_fini(&d);
}

static void test_uac(void **state)
{
	struct sip_msg *m = decode("SIP/2.0 200 OK", "ta", "tb", 5, "INVITE",
				   "Contact: <sip:bob@10.0.0.2>\r\n" ROUTES);
	struct sip_dialog d;
	struct sip_out o = { 0 };
	struct buf scratch;

	(void)state;
	assert_int_equal(sip_dialog_init_uac(&d, m, 5, 4), E_OK);
	sip_msg_unref(&m);
	buf_init(&scratch, SIP_HEAD_MAX);
	sip_dialog_request(&d, STR("ACK"), STR(""), &scratch, &o);
	assert_int_equal(o.cseq, 5);
	assert_true(str_eqz(o.uri, "sip:bob@10.0.0.2"));
	assert_true(str_eqz(o.from, "\"A, B\" <sip:alice@h>;tag=ta"));
	assert_true(str_eqz(o.to, "<sip:bob@h>;tag=tb"));
	assert_true(
		str_eqz(o.extra_headers,
			"Route: <sip:three;lr>\r\nRoute: <sip:two;lr>\r\nRoute: <sip:one;lr>\r\n"));
	sip_dialog_request(&d, STR("BYE"), STR(""), &scratch, &o);
	assert_int_equal(o.cseq, 6);
	buf_fini(&scratch);
	sip_dialog_fini(&d);
}

static void test_order(void **state)
{
	struct sip_msg *m = subscribe(7, "", ""), *again;
	struct sip_dialog d;
	struct sip_out o = { 0 };
	struct buf scratch;

	(void)state;
	assert_int_equal(sip_dialog_init_uas(&d, m, STR("tb"), 3), E_OK);
	buf_init(&scratch, SIP_HEAD_MAX);
	sip_dialog_request(&d, STR("NOTIFY"), STR(""), &scratch, &o);
	assert_true(str_eqz(o.uri, "sip:alice@h")); /* no Contact: the address stands in */
	assert_int_equal(sip_dialog_on_request(&d, m), E_STALE);
	again = subscribe(6, "tb", "Contact: <sip:old@h>\r\n");
	assert_int_equal(sip_dialog_on_request(&d, again), E_STALE);
	sip_msg_unref(&again);
	again = subscribe(20, "tb", "Contact: <sip:new@h>\r\n"); /* gaps are fine */
	assert_int_equal(sip_dialog_on_request(&d, again), E_OK);
	sip_msg_unref(&again);
	sip_dialog_request(&d, STR("NOTIFY"), STR(""), &scratch, &o);
	assert_true(str_eqz(o.uri, "sip:new@h"));
	assert_true(str_eqz(o.to, "\"A, B\" <sip:alice@h>;tag=ta")); /* nothing else has moved */
	again = decode("BYE sip:bob@h SIP/2.0", "ta", "tb", 21, "BYE", "Contact: <sip:evil@h>\r\n");
	assert_int_equal(sip_dialog_on_request(&d, again), E_OK);
	sip_msg_unref(&again);
	sip_dialog_request(&d, STR("NOTIFY"), STR(""), &scratch, &o);
	assert_true(str_eqz(o.uri, "sip:new@h")); /* a BYE refreshes no target */
	buf_fini(&scratch);
	sip_dialog_fini(&d);
	sip_msg_unref(&m);
}

static void test_index(void **state)
{
	struct sip_msg *m = subscribe(7, "", ""), *in = subscribe(8, "tb", ""),
		       *other = subscribe(8, "tx", "");
	struct sip_dialog one, two;
	struct sip_dialogs x;

	(void)state;
	sip_dialogs_init(&x);
	/* Two clients that started in the same second use the same Call-ID and tags. */
	assert_int_equal(sip_dialog_init_uas(&one, m, STR("tb"), 3), E_OK);
	assert_int_equal(sip_dialog_init_uas(&two, m, STR("tb"), 4), E_OK);
	sip_dialogs_put(&x, &one);
	sip_dialogs_put(&x, &two);
	assert_ptr_equal(sip_dialogs_get(&x, in, 3), &one);
	assert_ptr_equal(sip_dialogs_get(&x, in, 4), &two);
	assert_null(sip_dialogs_get(&x, in, 5));
	assert_null(sip_dialogs_get(&x, m, 3)); /* no To tag: begins one */
	assert_null(sip_dialogs_get(&x, other, 3));
	sip_dialogs_move(&x, &one, 9);
	assert_null(sip_dialogs_get(&x, in, 3));
	assert_ptr_equal(sip_dialogs_get(&x, in, 9), &one);
	assert_int_equal(one.conn, 9);
	sip_dialogs_del(&x, &one);
	assert_null(sip_dialogs_get(&x, in, 9));
	sip_dialogs_del(&x, &two);
	sip_dialog_fini(&one);
	sip_dialog_fini(&two);
	sip_dialogs_fini(&x);
	sip_msg_unref(&m);
	sip_msg_unref(&in);
	sip_msg_unref(&other);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_uas),
		cmocka_unit_test(test_uac),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_index),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
