#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codec/uri.h"

static struct uri must(const char *text)
{
	struct uri u;

	if (uri_decode(str_of(text), &u) != E_OK)
		fail_msg("%s", text);
	return u;
}

static void splits_all_parts(void **state)
{
	struct uri u = must(
		"SIPS:alice:secret@[2001:db8::1]:5061;transport=tls;lr?subject=a%20b&priority=urgent");

	(void)state;
	assert_int_equal(u.scheme, URI_SIPS);
	assert_true(str_eqz(u.user, "alice"));
	assert_true(str_eqz(u.password, "secret"));
	assert_true(str_eqz(u.host, "[2001:db8::1]"));
	assert_int_equal(u.port, 5061);
	assert_true(str_eqz(u.params, ";transport=tls;lr"));
	assert_true(str_eqz(uri_param(&u, "TRANSPORT"), "tls"));
	assert_non_null(uri_param(&u, "lr").p);
	assert_int_equal(uri_param(&u, "lr").len, 0);
	assert_null(uri_param(&u, "maddr").p);
	assert_true(str_eqz(uri_header(&u, "Subject"), "a%20b"));
	assert_true(str_eqz(uri_header(&u, "priority"), "urgent"));
	assert_null(uri_header(&u, "to").p);

	u = must("sip:example.com");
	assert_null(u.user.p);
	assert_int_equal(u.port, 0);
	assert_true(str_eqz(u.host, "example.com"));
}

/* RFC 4475 3.1.1.2, 3.1.1.3, 3.1.1.6 and 3.1.1.9. */
static void torture_uris(void **state)
{
	struct uri u = must(
		"sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too."
		"(doesn't-it)@example.com");
	struct buf b;

	(void)state;
	assert_true(str_eqz(u.user, "1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*"));
	assert_true(str_eqz(u.password, "&it+has=1,weird!*pas$wo~d_too.(doesn't-it)"));
	assert_true(str_eqz(u.host, "example.com"));

	u = must("sip:user;par=u%40example.net@example.com");
	assert_true(str_eqz(u.user, "user;par=u%40example.net"));
	assert_true(str_eqz(u.host, "example.com"));
	assert_int_equal(u.params.len, 0);

	u = must("sip:null-%00-null@example.com");
	buf_init(&b, 100);
	uri_unescape(&b, u.user);
	assert_int_equal(b.len, 11);
	assert_memory_equal(b.p, "null-\0-null", 11);
	assert_true(uri_unescaped_is(u.user, str_n("null-\0-null", 11)));
	assert_false(uri_unescaped_is(u.user, STR("null-")));
	buf_fini(&b);

	u = must("sip:sips%3Auser%40example.com@example.net");
	assert_int_equal(u.scheme, URI_SIP);
	assert_true(uri_unescaped_is(u.user, STR("sips:user@example.com")));
	assert_true(str_eqz(u.host, "example.net"));
}

static void other_schemes_stay_whole(void **state)
{
	struct uri u = must("tel:+1-201-555-0123;phone-context=x");

	(void)state;
	assert_int_equal(u.scheme, URI_TEL);
	assert_true(str_eqz(u.rest, "+1-201-555-0123;phone-context=x"));
	assert_int_equal(u.host.len, 0);
	u = must("urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6");
	assert_int_equal(u.scheme, URI_OTHER);
	u = must("im:bob@example.com");
	assert_int_equal(u.scheme, URI_IM);
	assert_true(str_eqz(u.user, "bob"));
	assert_false(uri_is_sip(&u));
}

/* As pidgin-sipe and Lync write them. */
static void lync_uris(void **state)
{
	struct uri u = must(
		"sip:alice@example.com;gruu;opaque=user:epid:qIByUWXwkFqJ_mpd-AA;x=YWI=");

	(void)state;
	assert_true(str_eqz(uri_param(&u, "opaque"), "user:epid:qIByUWXwkFqJ_mpd-AA"));
	assert_true(str_eqz(uri_param(&u, "x"), "YWI="));
	u = must("sip:alice@example.com;gruu;opaque=app:conf:focus:id:BT2GC4PD");
	assert_true(str_eqz(uri_param(&u, "opaque"), "app:conf:focus:id:BT2GC4PD"));
}

static void refuses(void **state)
{
	static const char *const bad[] = {
		"",
		"sip",
		"sip:",
		"sip:@example.com",
		"sip:a@",
		"sip:a@b@c",
		"sip:a b@c",
		"sip:a@b:0",
		"sip:a@b:65536",
		"sip:a@b:",
		"sip:a@b:5060x",
		"sip:a@b:-1",
		"sip:a@[::1",
		"sip:a@::1",
		"sip:a@[::g]",
		"sip:a@[1.2.3.4]",
		"sip:a@[::1]x",
		"sip:a@[::1%25eth0]",
		"sip:a@1.2.3.256",
		"sip:a@1.2.3",
		"sip:a@b..c",
		"sip:a@-b",
		"sip:a@b-",
		"sip:a@b%2ec",
		"sip:a%4@b",
		"sip:a%zz@b",
		"sip:a@b;x;X=1",
		"sip:a@b;;x",
		"sip:a@b;=1",
		"sip:a@b;x=<",
		"sip:a@b?x",
		"sip:a@b?=1",
		"sip:a@b?x=1&",
		"sip:a\"b@c",
		"sip:<a@b>",
		"1sip:a@b",
		"sip:a@b;x=\x80",
		"s ip:a@b",
		"tel:",
		"tel:1 2",
		"urn:a<b",
		"sip:a@b\r\nX: y",
		":a@b",
	};
	struct uri u = { .port = 9 };
	char big[URI_MAX + 2];
	struct buf b;

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		if (uri_decode(str_of(bad[i]), &u) != E_BAD)
			fail_msg("%s", bad[i]);
	assert_int_equal(u.port, 9); /* untouched */
	assert_int_equal(uri_decode(str_n("sip:a@b\0c", 9), &u), E_BAD);
	memset(big, 'a', sizeof(big));
	memcpy(big, "sip:", 4);
	assert_int_equal(uri_decode(str_n(big, sizeof(big)), &u), E_TOOBIG);
	buf_init(&b, 4096);
	buf_addz(&b, "sip:a@b");
	for (int i = 0; i < URI_PARAMS_MAX; i++)
		buf_addf(&b, ";p%d", i);
	assert_int_equal(uri_decode(buf_str(&b), &u), E_OK);
	buf_addz(&b, ";more");
	assert_int_equal(uri_decode(buf_str(&b), &u), E_TOOBIG);
	buf_fini(&b);
}

static void hosts(void **state)
{
	static const char *const good[] = { "a",	 "example.com", "example.com.",
					    "1.2.3.4",	 "[::1]",	"[2001:db8::1.2.3.4]",
					    "x-y.local", "win_box",	"3com.com" };

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_true(uri_is_host(str_of(good[i])));
	assert_false(uri_is_host(STR(".")));
	assert_false(uri_is_host(STR("")));
	assert_false(uri_is_host(STR("a/b")));
	assert_false(uri_is_host(STR("[]")));
}

/* The examples of RFC 3261 19.1.4, and RFC 5954 4. */
static void compares(void **state)
{
	static const struct {
		const char *a, *b;
		bool is_eq;
	} cases[] = {
		{ "sip:%61lice@atlanta.com;transport=TCP", "sip:alice@AtLanTa.CoM;Transport=tcp",
		  true },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com;newparam=5", true },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com;security=on", true },
		{ "sip:carol@chicago.com;newparam=5", "sip:carol@chicago.com;security=on", true },
		{ "sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com",
		  "sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com", true },
		{ "sip:alice@atlanta.com?subject=project%20x&priority=urgent",
		  "sip:alice@atlanta.com?priority=urgent&subject=project%20x", true },
		{ "SIP:ALICE@AtLanTa.CoM;Transport=udp", "sip:alice@AtLanTa.CoM;Transport=UDP",
		  false },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:5060", false },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com;transport=udp", false },
		{ "sip:bob@biloxi.com", "sip:bob@biloxi.com:6000;transport=tcp", false },
		{ "sip:carol@chicago.com", "sip:carol@chicago.com?Subject=next%20meeting", false },
		{ "sip:bob@phone21.boxesbybob.com", "sip:bob@192.0.2.4", false },
		{ "sip:carol@chicago.com;security=on", "sip:carol@chicago.com;security=off",
		  false },
		{ "sip:a@b", "sips:a@b", false },
		{ "sip:a@b", "sip:a:pw@b", false },
		{ "sip:b", "sip:a@b", false },
		{ "sip:a@b;maddr=1.2.3.4", "sip:a@b", false },
		{ "sip:a@b;gr=x", "sip:a@b", false },
		{ "sip:a@b;user=phone", "sip:a@b", false },
		/* a reserved character means something else escaped */
		{ "sip:a%3bb@c", "sip:a;b@c", false },
		{ "sip:a%2Db@c", "sip:a-b@c", true },
		{ "sip:a@[2001:db8::9:1]", "sip:a@[2001:0DB8::0009:1]", true },
		{ "sip:a@[::1]", "sip:a@[::2]", false },
		{ "sip:a@b?x=1&x=1", "sip:a@b?x=1", false },
		{ "tel:123", "TEL:123", true },
		{ "tel:123", "tel:124", false },
		{ "urn:a", "uri:a", false },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct uri a = must(cases[i].a), b = must(cases[i].b);

		if (uri_eq(&a, &b) != cases[i].is_eq || uri_eq(&b, &a) != cases[i].is_eq)
			fail_msg("%s %s", cases[i].a, cases[i].b);
		assert_true(uri_eq(&a, &a));
	}
}

static void compares_aors(void **state)
{
	struct uri a = must("sip:%61lice@Example.com:5061;transport=tls"),
		   b = must("sips:alice@example.com");
	struct uri c = must("sip:Alice@example.com"), d = must("im:alice@example.com");

	(void)state;
	assert_true(uri_eq_aor(&a, &b));
	assert_false(uri_eq_aor(&a, &c));
	assert_false(uri_eq_aor(&a, &d));
}

static void escapes(void **state)
{
	struct uri u;
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	uri_encode_aor(&b, STR("a@b;c %?/\xc3\xa4"), STR("example.com"));
	assert_true(str_eqz(buf_str(&b), "sip:a%40b%3Bc%20%25%3F%2F%C3%A4@example.com"));
	assert_int_equal(uri_decode(buf_str(&b), &u), E_OK);
	assert_true(uri_unescaped_is(u.user, STR("a@b;c %?/\xc3\xa4")));
	buf_reset(&b);
	for (int i = 0; i < 256; i++) { /* every octet survives as user, parameter and header */
		char c = (char)i;

		buf_reset(&b);
		buf_addz(&b, "sip:");
		uri_escape_user(&b, str_n(&c, 1));
		buf_addz(&b, "@h;p=");
		uri_escape_param(&b, str_n(&c, 1));
		buf_addz(&b, "?h=");
		uri_escape_header(&b, str_n(&c, 1));
		assert_int_equal(uri_decode(buf_str(&b), &u), E_OK);
		assert_true(uri_unescaped_is(u.user, str_n(&c, 1)));
		assert_true(uri_unescaped_is(uri_param(&u, "p"), str_n(&c, 1)));
		assert_true(uri_unescaped_is(uri_header(&u, "h"), str_n(&c, 1)));
	}
	buf_reset(&b);
	uri_unescape(&b, STR("100%"));
	assert_true(str_eqz(buf_str(&b), "100%"));
	buf_fini(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(splits_all_parts),
		cmocka_unit_test(torture_uris),
		cmocka_unit_test(other_schemes_stay_whole),
		cmocka_unit_test(lync_uris),
		cmocka_unit_test(refuses),
		cmocka_unit_test(hosts),
		cmocka_unit_test(compares),
		cmocka_unit_test(compares_aors),
		cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
