/* Which names a certificate may carry, and what the ones we make say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "crypto/x509.h"
#include "webadmin/api/issue.h"

static const int64_t now_s = 1800000000;

static void names_as_dns_has_them(void **state)
{
	char label[65], long_name[300];

	(void)state;
	assert_true(issue_is_name(STR("example.org")));
	assert_true(issue_is_name(STR("localhost")));
	assert_true(issue_is_name(STR("a-b.x1.example")));
	assert_true(issue_is_name(STR("10.example")));
	assert_false(issue_is_name(STR("")));
	assert_false(issue_is_name(STR("10.0.0.1"))); /* an address */
	assert_false(issue_is_name(STR("-a.example")));
	assert_false(issue_is_name(STR("a-.example")));
	assert_false(issue_is_name(STR("a..example")));
	assert_false(issue_is_name(STR("example.")));
	assert_false(issue_is_name(STR("under_score.example")));
	assert_false(issue_is_name(STR("\303\244.example")));
	assert_false(issue_is_name(STR("a b")));
	memset(label, 'a', sizeof(label));
	assert_true(issue_is_name(str_n(label, 63)));
	assert_false(issue_is_name(str_n(label, 64)));
	memset(long_name, 'a', sizeof(long_name));
	for (size_t i = 50; i < sizeof(long_name); i += 51)
		long_name[i] = '.';
	assert_false(issue_is_name(str_n(long_name, 254)));
}

static void authority_and_server(void **state)
{
	struct issue_names n = { .domain = STR("example.org"), .host = STR("im.example.org") };
	struct issue_pair ca, server;
	struct x509_info i;

	(void)state;
	issue_pair_init(&ca);
	issue_pair_init(&server);
	issue_names_local(&n);
	assert_true(n.n_addresses > 0); /* loopback at least */
	assert_int_equal(issue_ca(&n, now_s, &ca), E_OK);
	assert_int_equal(issue_server(&n, buf_str(&ca.cert), buf_str(&ca.key), now_s, &server),
			 E_OK);
	assert_int_equal(x509_check_key(buf_str(&server.cert), buf_str(&server.key)), E_OK);
	assert_int_equal(x509_read(buf_str(&server.cert), &i), E_OK);
	assert_true(str_eqz(i.common_name, "im.example.org"));
	assert_true(x509_covers(&i, STR("im.example.org")));
	assert_true(x509_covers(&i, STR("example.org")));
	assert_true(x509_covers(&i, STR("sip.example.org")));
	assert_true(x509_covers(&i, STR("lyncdiscoverinternal.example.org")));
	assert_false(x509_covers(&i, STR("www.example.org")));
	for (size_t k = 0; k < n.n_addresses; k++)
		assert_true(x509_covers(&i, n.address[k]));
	assert_true(i.not_after_s - now_s <= 397LL * 86400);
	assert_false(i.is_ca);
	x509_info_fini(&i);
	issue_names_fini(&n);
	issue_pair_fini(&ca);
	issue_pair_fini(&server);
}

static void the_temporary_one_signs_itself(void **state)
{
	struct issue_pair p;
	struct x509_info i;

	(void)state;
	issue_pair_init(&p);
	assert_int_equal(issue_temporary(now_s, &p), E_OK);
	assert_int_equal(x509_read(buf_str(&p.cert), &i), E_OK);
	assert_true(i.is_self_signed);
	assert_true(x509_covers(&i, STR("localhost")));
	assert_true(x509_covers(&i, STR("127.0.0.1")));
	x509_info_fini(&i);
	issue_pair_fini(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_as_dns_has_them),
		cmocka_unit_test(authority_and_server),
		cmocka_unit_test(the_temporary_one_signs_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
