#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/x509.h"
#include "crypto/x509_load.h"
#include "crypto/x509_make.h"

/* openssl(1) is the second opinion: it enforces name constraints, which mbedTLS does not. */
static char dir[] = "/tmp/porchlight-x509-XXXXXX";
static struct buf ca_key, ca, server_key, server;
static int64_t now_s;

static void save(const char *name, struct str text)
{
	char path[128];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "w");
	assert_non_null(f);
	assert_int_equal(fwrite(text.p, 1, text.len, f), text.len);
	assert_int_equal(fclose(f), 0);
}

/* Runs openssl in dir; true if it exits with 0.  Its output goes into text. */
static bool openssl(const char *arguments, char *text, size_t cap)
{
	char command[512];
	size_t n;
	FILE *p;

	(void)snprintf(command, sizeof(command), "cd %s && openssl %s 2>&1", dir, arguments);
	p = popen(command, "r");
	assert_non_null(p);
	n = fread(text, 1, cap - 1, p);
	text[n] = '\0';
	while (fgetc(p) != EOF)
		;
	return pclose(p) == 0;
}

static struct x509_ca_in ca_in(void)
{
	static const struct str domains[] = { { "example.com", 11 } };

	return (struct x509_ca_in){ .name = STR("Porchlight CA of example.com, \"x\" + #1"),
				    .key_pem = buf_str(&ca_key),
				    .domains = domains,
				    .domain_count = 1,
				    .host = STR("im.example.com"),
				    .now_s = now_s };
}

static struct x509_server_in server_in(void)
{
	static const struct str names[] = { { "example.com", 11 },
					    { "sip.example.com", 15 },
					    { "IM.example.com", 14 } };

	return (struct x509_server_in){ .host = STR("im.example.com"),
					.names = names,
					.name_count = 3,
					.key_pem = buf_str(&server_key),
					.ca_cert_pem = buf_str(&ca),
					.ca_key_pem = buf_str(&ca_key),
					.now_s = now_s };
}

static int set_up(void **state)
{
	struct buf *all[] = { &ca_key, &ca, &server_key, &server };
	struct x509_ca_in ci;
	struct x509_server_in si;

	(void)state;
	now_s = (int64_t)time(NULL);
	for (size_t i = 0; i < ARRAY_LEN(all); i++)
		buf_init(all[i], X509_PEM_MAX);
	if (mkdtemp(dir) == NULL || x509_make_key(&ca_key) != E_OK ||
	    x509_make_key(&server_key) != E_OK)
		return 1;
	ci = ca_in();
	if (x509_make_ca(&ci, &ca) != E_OK)
		return 1;
	si = server_in();
	if (x509_make_server(&si, &server) != E_OK)
		return 1;
	save("ca.pem", buf_str(&ca));
	save("server.pem", buf_str(&server));
	save("server.key", buf_str(&server_key));
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	(void)state;
	buf_fini(&ca_key);
	buf_fini(&ca);
	buf_fini(&server_key);
	buf_fini(&server);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? 0 : 1;
}

static void openssl_accepts_our_certificates(void **state)
{
	char text[8192];

	(void)state;
	assert_true(openssl("verify -x509_strict -purpose sslserver -verify_hostname im.example.com"
			    " -CAfile ca.pem server.pem",
			    text, sizeof(text)));
	assert_true(openssl("x509 -in ca.pem -noout -text", text, sizeof(text)));
	assert_non_null(strstr(text, "X509v3 Name Constraints:"));
	assert_null(strstr(text, "X509v3 Name Constraints: critical")); /* Linphone refuses that */
	assert_non_null(strstr(text, "DNS:example.com"));
	assert_null(strstr(text, "DNS:im.example.com")); /* it is below the domain */
	assert_non_null(strstr(text, "CA:TRUE, pathlen:0"));
	assert_non_null(strstr(text, "Certificate Sign, CRL Sign"));
	assert_true(openssl("x509 -in server.pem -noout -text", text, sizeof(text)));
	assert_non_null(strstr(text, "DNS:im.example.com, DNS:example.com, DNS:sip.example.com\n"));
	assert_non_null(strstr(text, "TLS Web Server Authentication"));
	assert_non_null(strstr(text, "prime256v1"));
}

static void verify_made(struct x509_ca_in ci, struct x509_server_in si, bool is_good,
			const char *why)
{
	char text[4096];
	struct buf c, s;

	buf_init(&c, X509_PEM_MAX);
	buf_init(&s, X509_PEM_MAX);
	assert_int_equal(x509_make_ca(&ci, &c), E_OK);
	si.ca_cert_pem = buf_str(&c);
	assert_int_equal(x509_make_server(&si, &s), E_OK);
	save("c.pem", buf_str(&c));
	save("s.pem", buf_str(&s));
	if (openssl("verify -x509_strict -CAfile c.pem s.pem", text, sizeof(text)) != is_good)
		fail_msg("%s", text);
	if (why != NULL)
		assert_non_null(strstr(text, why));
	buf_fini(&c);
	buf_fini(&s);
}

static void names_outside_are_not_believed(void **state)
{
	static const struct str outside[] = { { "mail.example.org", 16 } },
				near[] = { { "badexample.com", 14 } };
	struct x509_server_in si = server_in();

	(void)state;
	si.names = outside;
	si.name_count = 1;
	verify_made(ca_in(), si, false, "permitted subtree violation");
	si.names = near;
	verify_made(ca_in(), si, false, "permitted subtree violation");
}

static void a_host_outside_of_the_domain_is_permitted(void **state)
{
	struct x509_ca_in ci = ca_in();
	struct x509_server_in si = server_in();

	(void)state;
	si.host = ci.host = STR("server7.hosting.example.net");
	verify_made(ci, si, true, NULL);
	ci.host = STR("other.example.net");
	verify_made(ci, si, false, "permitted subtree violation");
}

static void addresses_may_be_constrained(void **state)
{
	static const struct str inside[] = { { "10.1.2.3", 8 },
					     { "2001:db8::5", 11 },
					     { "192.0.2.65", 10 } };
	static const struct str outside[] = { { "10.1.2.3", 8 }, { "11.1.2.3", 8 } },
				twin[] = { { "192.0.2.97", 10 } };
	static const struct str subnets[] = { { "10.0.0.0/8", 10 },
					      { "2001:db8::/32", 13 },
					      { "192.0.2.65", 10 } };
	struct x509_ca_in ci = ca_in();
	struct x509_server_in si = server_in();

	(void)state;
	si.addresses = outside;
	si.address_count = 2;
	verify_made(ci, si, true, NULL); /* not constrained */
	ci.subnets = subnets;
	ci.subnet_count = 3;
	verify_made(ci, si, false, "permitted subtree violation");
	si.addresses = twin;
	si.address_count = 1;
	verify_made(ci, si, false, "permitted subtree violation");
	si.addresses = inside;
	si.address_count = 3;
	verify_made(ci, si, true, NULL);
	ci.host = si.host = STR("10.9.9.9"); /* a server without a name */
	verify_made(ci, si, true, NULL);
}

static void refuses_what_is_no_name(void **state)
{
	static const struct str bad_names[] = { { "a b", 3 } }, none[] = { { "", 0 } },
				ip[] = { { "1.2.3.4", 7 } };
	static const struct str bad_subnets[] = {
		{ "10.0.0.1/8", 10 }, { "10.0.0.0/33", 11 }, { "x", 1 }, { "10.0.0.0/", 9 }
	};
	struct x509_ca_in ci = ca_in();
	struct x509_server_in si = server_in();
	struct buf out;

	(void)state;
	buf_init(&out, X509_PEM_MAX);
	ci.domains = bad_names;
	assert_int_equal(x509_make_ca(&ci, &out), E_BAD);
	ci.domains = none;
	assert_int_equal(x509_make_ca(&ci, &out), E_BAD);
	ci.domains = ip;
	assert_int_equal(x509_make_ca(&ci, &out), E_BAD);
	ci.domain_count = 0;
	assert_int_equal(x509_make_ca(&ci, &out), E_BAD);
	for (size_t i = 0; i < ARRAY_LEN(bad_subnets); i++) {
		ci = ca_in();
		ci.subnets = &bad_subnets[i];
		ci.subnet_count = 1;
		assert_int_equal(x509_make_ca(&ci, &out), E_BAD);
	}
	ci = ca_in();
	ci.key_pem = STR("no key");
	assert_int_equal(x509_make_ca(&ci, &out), E_NOTFOUND);
	si.host = STR("a b");
	assert_int_equal(x509_make_server(&si, &out), E_BAD);
	si = server_in();
	si.ca_key_pem = buf_str(&server_key);
	assert_int_equal(x509_make_server(&si, &out), E_DENIED);
	assert_int_equal(out.len, 0);
	buf_fini(&out);
}

static void reads_what_was_made(void **state)
{
	static const struct str addresses[] = { { "192.0.2.1", 9 }, { "2001:DB8::1", 11 } };
	struct x509_server_in si = server_in();
	struct x509_info i;
	struct buf out;
	char text[512], line[200];

	(void)state;
	buf_init(&out, X509_PEM_MAX);
	si.addresses = addresses;
	si.address_count = 2;
	assert_int_equal(x509_make_server(&si, &out), E_OK);
	save("read.pem", buf_str(&out));
	buf_add(&out, buf_str(&ca));
	assert_int_equal(x509_read(buf_str(&out), &i), E_OK);
	assert_true(str_eqz(i.common_name, "im.example.com"));
	assert_true(str_eqz(i.subject, "CN=im.example.com"));
	assert_int_equal(i.dns_count, 3);
	assert_true(str_eqz(i.dns[2], "sip.example.com"));
	assert_int_equal(i.ip_count, 2);
	assert_true(str_eqz(i.ip[1], "2001:db8::1"));
	assert_true(i.not_after_s - i.not_before_s == (int64_t)X509_SERVER_DAYS * 86400);
	assert_true(i.not_before_s == now_s - 3600);
	assert_int_equal(i.chain_len, 2);
	assert_string_equal(i.key_kind, "EC");
	assert_int_equal(i.key_bits, 256);
	assert_false(i.is_ca);
	assert_false(i.is_self_signed);
	assert_true(openssl("x509 -in read.pem -noout -serial -fingerprint -sha256", text,
			    sizeof(text)));
	(void)snprintf(line, sizeof(line), "serial=%s\n", i.serial);
	assert_non_null(strstr(text, line));
	assert_non_null(strstr(text, i.fingerprint));
	assert_true(x509_covers(&i, STR("SIP.example.com")));
	assert_false(x509_covers(&i, STR("x.example.com")));
	assert_true(x509_covers(&i, STR("2001:db8:0::1")));
	assert_false(x509_covers(&i, STR("192.0.2.2")));
	x509_info_fini(&i);
	x509_info_fini(&i);
	assert_int_equal(x509_read(buf_str(&ca), &i), E_OK);
	assert_true(i.is_ca && i.is_self_signed);
	assert_true(str_eqz(i.common_name, "Porchlight CA of example.com, \"x\" + #1"));
	assert_true(i.not_after_s == now_s + (int64_t)X509_CA_DAYS * 86400);
	x509_info_fini(&i);
	buf_fini(&out);
}

static void wildcards_cover_one_label(void **state)
{
	struct str dns[] = { STR("*.example.com") };
	struct x509_info i = { .dns = dns, .dns_count = 1 };

	(void)state;
	assert_true(x509_covers(&i, STR("im.Example.com")));
	assert_false(x509_covers(&i, STR("a.b.example.com")));
	assert_false(x509_covers(&i, STR("example.com")));
	assert_false(x509_covers(&i, STR(".example.com")));
	dns[0] = STR("*.com"); /* nobody sells that */
	assert_false(x509_covers(&i, STR("example.com")));
	dns[0] = STR("i*.example.com");
	assert_false(x509_covers(&i, STR("im.example.com")));
}

static void a_temporary_one_signs_itself(void **state)
{
	struct x509_server_in si = server_in();
	struct x509_info i;
	struct buf out;
	char text[2000];

	(void)state;
	buf_init(&out, X509_PEM_MAX);
	si.ca_cert_pem = si.ca_key_pem = STR_NULL;
	assert_int_equal(x509_make_server(&si, &out), E_OK);
	save("self.pem", buf_str(&out));
	assert_true(openssl("verify -CAfile self.pem self.pem", text, sizeof(text)));
	assert_int_equal(x509_read(buf_str(&out), &i), E_OK);
	assert_true(i.is_self_signed);
	x509_info_fini(&i);
	buf_fini(&out);
}

static void keys_are_matched(void **state)
{
	(void)state;
	assert_int_equal(x509_check_key(buf_str(&server), buf_str(&server_key)), E_OK);
	assert_int_equal(x509_check_key(buf_str(&server), buf_str(&ca_key)), E_DENIED);
	assert_int_equal(x509_check_key(buf_str(&ca), buf_str(&ca_key)), E_OK);
	assert_int_equal(x509_check_key(buf_str(&server), STR("x")), E_BAD);
	assert_int_equal(x509_check_key(STR("x"), buf_str(&server_key)), E_BAD);
}

static void an_encrypted_key_is_named(void **state)
{
	char text[4000];

	(void)state;
	assert_true(
		openssl("pkcs8 -topk8 -in server.key -passout pass:secret", text, sizeof(text)));
	assert_int_equal(x509_check_key(buf_str(&server), str_of(text)), E_UNSUPPORTED);
	assert_true(openssl("ec -aes128 -in server.key -passout pass:secret", text, sizeof(text)));
	assert_int_equal(x509_check_key(buf_str(&server), str_of(text)), E_UNSUPPORTED);
	assert_true(openssl("pkcs8 -topk8 -nocrypt -in server.key", text, sizeof(text)));
	assert_int_equal(x509_check_key(buf_str(&server), str_of(text)), E_OK);
}

/* root (RSA) -> intermediate with name constraints -> leaf, made by openssl as others would. */
static void make_foreign_chain(void)
{
	static const char *const steps[] = {
		"req -x509 -newkey rsa:2048 -nodes -keyout r.key -out r.pem -days 30 -subj /CN=root",
		"req -newkey rsa:2048 -nodes -keyout i.key -out i.csr -subj /CN=intermediate",
		"x509 -req -in i.csr -CA r.pem -CAkey r.key -CAcreateserial -days 30 -extfile i.ext -out i.pem",
		"req -newkey rsa:2048 -nodes -keyout l.key -out l.csr -subj /CN=im.example.com",
		"x509 -req -in l.csr -CA i.pem -CAkey i.key -CAcreateserial -days 30 -extfile l.ext -out l.pem",
		"req -x509 -newkey rsa:2048 -nodes -keyout f.key -out f.pem -days 30 -subj /CN=intermediate",
	};
	char text[4000];

	save("i.ext",
	     STR("basicConstraints=critical,CA:TRUE\nnameConstraints=critical,permitted;DNS:example.com\n"));
	save("l.ext", STR("subjectAltName=DNS:im.example.com,DNS:*.example.com\n"));
	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (!openssl(steps[i], text, sizeof(text)))
			fail_msg("%s", text);
}

static char *load(const char *const *names)
{
	struct buf b;
	char path[128], bytes[8192];

	buf_init(&b, X509_PEM_MAX);
	for (; *names != NULL; names++) {
		FILE *f;

		(void)snprintf(path, sizeof(path), "%s/%s", dir, *names);
		f = fopen(path, "r");
		assert_non_null(f);
		buf_add(&b, str_n(bytes, fread(bytes, 1, sizeof(bytes), f)));
		(void)fclose(f);
		buf_addz(&b, "\r\n");
	}
	return buf_take(&b, NULL);
}

static enum err import(const char *const *names, size_t *certs_out)
{
	char *pem = load(names);
	struct buf chain, key;
	struct x509_info i;
	enum err e;

	buf_init(&chain, X509_PEM_MAX);
	buf_init(&key, X509_PEM_MAX);
	e = x509_import(str_of(pem), STR(""), &chain, &key);
	if (e == E_OK) {
		assert_int_equal(x509_check_key(buf_str(&chain), buf_str(&key)), E_OK);
		assert_int_equal(x509_read(buf_str(&chain), &i), E_OK);
		assert_true(str_eqz(i.common_name, "im.example.com"));
		assert_true(x509_covers(&i, STR("x.example.com")));
		*certs_out = i.chain_len;
		x509_info_fini(&i);
	}
	free(pem);
	buf_fini(&chain);
	buf_fini(&key);
	return e;
}

#define FILES(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static void imports_in_any_order(void **state)
{
	size_t n = 0;

	(void)state;
	make_foreign_chain();
	assert_int_equal(import(FILES("r.pem", "i.pem", "l.key", "l.pem"), &n), E_OK);
	assert_int_equal(n, 2); /* without the root */
	assert_int_equal(import(FILES("l.pem", "f.pem", "i.pem", "l.key"), &n), E_OK);
	assert_int_equal(n, 2); /* the one of the same name was passed over */
	assert_int_equal(import(FILES("l.key", "l.pem"), &n), E_OK);
	assert_int_equal(n, 1);
	assert_int_equal(import(FILES("l.pem", "f.pem", "l.key"), &n), E_CORRUPT);
	assert_int_equal(import(FILES("l.pem", "i.pem"), &n), E_NOTFOUND);
	assert_int_equal(import(FILES("l.key"), &n), E_NOTFOUND);
	assert_int_equal(import(FILES("l.pem", "i.pem", "r.key"), &n), E_DENIED);
}

static void pem_is_searched_not_trusted(void **state)
{
	struct str
		rest = STR(
			"Bag Attributes\n-----BEGIN A-----\nx\n-----END A----------BEGIN B-----\n-----END A-----"),
		l, b;
	mbedtls_x509_crt chain;

	(void)state;
	assert_true(x509_pem_next(&rest, &l, &b));
	assert_true(str_eqz(l, "A"));
	assert_true(str_eqz(b, "-----BEGIN A-----\nx\n-----END A-----"));
	assert_false(x509_pem_next(&rest, &l, &b));
	mbedtls_x509_crt_init(&chain);
	assert_int_equal(
		x509_load_chain(
			STR("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"),
			&chain),
		E_BAD);
	mbedtls_x509_crt_free(&chain);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(openssl_accepts_our_certificates),
		cmocka_unit_test(names_outside_are_not_believed),
		cmocka_unit_test(a_host_outside_of_the_domain_is_permitted),
		cmocka_unit_test(addresses_may_be_constrained),
		cmocka_unit_test(refuses_what_is_no_name),
		cmocka_unit_test(reads_what_was_made),
		cmocka_unit_test(wildcards_cover_one_label),
		cmocka_unit_test(a_temporary_one_signs_itself),
		cmocka_unit_test(keys_are_matched),
		cmocka_unit_test(an_encrypted_key_is_named),
		cmocka_unit_test(imports_in_any_order),
		cmocka_unit_test(pem_is_searched_not_trusted),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
