#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "codec/cpim.h"
#include "codec/mime.h"

/* RFC 5438 7.1.1.3, with one more name space. */
static const struct str sample = STR(
	"From: Alice <im:alice@example.com>\r\n"
	"To: Bob <im:bob@example.com>\r\n"
	"NS: imdn <urn:ietf:params:imdn>\r\n"
	"NS: MyFeatures <mid:MessageFeatures@id.foo.com>\r\n"
	"MyFeatures.VitalMessageOption: Confirmation-requested\r\n"
	"Subject:;lang=fr beau temps\r\n"
	"imdn.Message-ID: 34jk324j\r\n"
	"DateTime: 2006-04-04T12:16:49-05:00\r\n"
	"imdn.Disposition-Notification: positive-delivery, negative-delivery\r\n"
	"\r\n"
	"Content-type: text/plain; charset=utf-8\r\n"
	"Content-length: 12\r\n"
	"\r\n"
	"Hello World\n");

static void decodes(void **state)
{
	struct cpim_msg m;

	(void)state;
	assert_int_equal(cpim_decode(sample, &m), E_OK);
	assert_true(str_eqz(m.from, "im:alice@example.com"));
	assert_true(str_eqz(m.from_name, "Alice"));
	assert_true(str_eqz(m.to, "im:bob@example.com"));
	assert_true(str_eqz(m.date_time, "2006-04-04T12:16:49-05:00"));
	assert_true(str_eqz(m.message_id, "34jk324j"));
	assert_true(cpim_list_has(m.notification, "positive-delivery"));
	assert_true(cpim_list_has(m.notification, "negative-delivery"));
	assert_false(cpim_list_has(m.notification, "display"));
	assert_true(mime_is(m.content_type, "text/plain"));
	assert_true(str_eqz(m.content, "Hello World\n"));
	assert_true(str_eqz(cpim_header(&m, NULL, "Subject"), "beau temps"));
	assert_null(cpim_header(&m, NULL, "subject").p); /* case counts */
	assert_true(str_eqz(cpim_header(&m, "mid:MessageFeatures@id.foo.com", "VitalMessageOption"),
			    "Confirmation-requested"));
	assert_null(cpim_header(&m, "urn:other", "Message-ID").p);
}

/* The prefix is the sender's choice. */
static void prefixes_are_resolved(void **state)
{
	struct cpim_msg m;

	(void)state;
	assert_int_equal(
		cpim_decode(
			STR("From: <sip:a@b>\nTo: \"x <y> \\\" z\" <sip:c@d>\nNS: q <urn:ietf:params:imdn>\n"
			    "imdn.Message-ID: wrong\nq.Message-ID: right\n\nContent-Type: a/b\n\n"),
			&m),
		E_OK);
	assert_true(str_eqz(m.message_id, "right"));
	assert_true(str_eqz(m.to, "sip:c@d"));
	assert_true(str_eqz(m.to_name, "x <y> \\\" z"));
	assert_int_equal(m.from_name.len, 0);
	assert_int_equal(m.content.len, 0);
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"\r\n\r\n",
		"From: <a:b>\r\n\r\n",
		"From: <a:b>\r\n\r\nContent-Type: a/b\r\n",
		"no colon\r\n\r\nContent-Type: a/b\r\n\r\nx",
		"From: a:b\r\n\r\nContent-Type: a/b\r\n\r\nx",
		"From: <>\r\n\r\nContent-Type: a/b\r\n\r\nx",
		": x\r\n\r\nContent-Type: a/b\r\n\r\nx",
		"From: <a:b>\r\n\r\n\r\nx",
	};
	struct cpim_msg m;
	struct buf b;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (cpim_decode(str_of(bad[i]), &m) != E_BAD)
			fail_msg("%s", bad[i]);
	buf_init(&b, 100000);
	for (int i = 0; i <= CPIM_HEADERS_MAX; i++)
		buf_addf(&b, "H%d: x\r\n", i);
	buf_addz(&b, "\r\nContent-Type: a/b\r\n\r\nx");
	assert_int_equal(cpim_decode(buf_str(&b), &m), E_TOOBIG);
	buf_fini(&b);
}

static void no_prefix_reads_beyond(void **state)
{
	struct cpim_msg m;

	(void)state;
	for (size_t n = 0; n < sample.len; n++) {
		struct str part = str_dup(str_sub(sample, 0, n));
		bool has_both_heads = n >= sample.len - sizeof("Hello World\n") + 1;

		assert_int_equal(cpim_decode(part, &m), has_both_heads ? E_OK : E_BAD);
		str_free(&part);
	}
}

static void what_is_written_is_read(void **state)
{
	struct cpim_msg m, in = { .from_name = STR("A \"B\" \\ C\r\nTo: <evil>"),
				  .from = STR("sip:a@example.com"),
				  .to = STR("sip:b@example.com"),
				  .date_time = STR("2026-11-24T03:15:00.000Z"),
				  .message_id = STR("abc"),
				  .notification = STR("positive-delivery, display"),
				  .content_type = STR("text/plain;charset=UTF-8"),
				  .content = STR("hi\r\n\r\nthere") };
	struct buf b;

	(void)state;
	buf_init(&b, 2000);
	cpim_encode(&b, &in);
	assert_int_equal(buf_err(&b), E_OK);
	assert_int_equal(cpim_decode(buf_str(&b), &m), E_OK);
	assert_true(str_eqz(m.from_name, "A \\\"B\\\" \\\\ CTo: <evil>"));
	assert_true(str_eq(m.from, in.from));
	assert_true(str_eq(m.to, in.to));
	assert_int_equal(m.to_name.len, 0);
	assert_true(str_eq(m.date_time, in.date_time));
	assert_true(str_eq(m.message_id, in.message_id));
	assert_true(str_eq(m.notification, in.notification));
	assert_true(str_eq(m.content_type, in.content_type));
	assert_true(str_eq(m.content, in.content));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decodes),
		cmocka_unit_test(prefixes_are_resolved),
		cmocka_unit_test(refuses),
		cmocka_unit_test(no_prefix_reads_beyond),
		cmocka_unit_test(what_is_written_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
