/* The handshake against a client written here after RFC 2246, and the vectors of a run with pidgin-sipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>
#include <mbedtls/aes.h>
#include <mbedtls/pk.h>
#include <mbedtls/rsa.h>
#include <mbedtls/x509_crt.h>

#include "base/mem.h"
#include "base/rand.h"
#include "crypto/digest.h"
#include "crypto/x509_load.h"
#include "lync/dsk.h"
#include "lync/dsk_record.h"

static struct dsk_key *server_key, *client_key;
static struct buf client_pem;

static int make_keys(void **state)
{
	struct buf pem;

	(void)state;
	buf_init(&pem, 8192);
	buf_init(&client_pem, 8192);
	assert_int_equal(dsk_key_make(&pem), E_OK);
	assert_int_equal(dsk_key_make(&client_pem), E_OK);
	assert_int_equal(
		dsk_key_load(buf_str(&pem), STR("pool1.contoso.example"), 1790000000, &server_key),
		E_OK);
	assert_int_equal(dsk_key_load(buf_str(&client_pem), STR("alice@contoso.example"),
				      1790000000, &client_key),
			 E_OK);
	buf_fini(&pem);
	return 0;
}

static int free_keys(void **state)
{
	(void)state;
	dsk_key_free(&server_key);
	dsk_key_free(&client_key);
	buf_fini(&client_pem);
	return 0;
}

static void is_hex(const void *bytes, size_t len, const char *hex)
{
	unsigned char want[128];

	assert_int_equal(digest_unhex(str_of(hex), want, len), E_OK);
	assert_memory_equal(bytes, want, len);
}

static void key_vectors(void **state)
{
	unsigned char pre[48] = { 3, 1 }, cr[32], sr[32], master[48], client[32], server[32],
		      secret[32], out[32];

	(void)state;
	for (unsigned char i = 0; i < 46; i++)
		pre[2 + i] = i;
	for (unsigned char i = 0; i < 32; i++) {
		cr[i] = (unsigned char)(0xc0 + i % 16);
		sr[i] = (unsigned char)(0x50 + i % 16);
		secret[i] = i;
		out[i] = (unsigned char)(0x80 + i);
	}
	dsk_master(pre, cr, sr, master);
	is_hex(master, 48,
	       "eb54326b14b13ce06b569f31dedce938fc59418950ca067388b8c7e89c0341e1d17f8d3274b99df3b042ef471140b173");
	dsk_sign_keys(master, cr, sr, client, server);
	is_hex(client, 32, "c038a527159dcf88161e4861e48deacf6f71d7ed05cca05d90bd9a5cc61e584e");
	is_hex(server, 32, "10d0d9766af5bc196d5689a1485bb3ec69917943a626243eda3098b37e8a536d");
	dsk_p_sha1(str_n(secret, 32), str_n(out, 32), master, 32);
	is_hex(master, 32, "2f738c0d36c86c17dc1c0c4578d6a194847b817095b34c840403604f0947ac4c");
	digest_hmac(
		DIGEST_SHA1, str_n(client, 32),
		STR("<TLS-DSK><0a1b2c3d><1><SIP Communications Service><pool1.contoso.example><d5f2b95d5be64c2c><6>"
		    "<REGISTER><sip:alice@contoso.example><4a2b44d131><sip:alice@contoso.example><><><><>"),
		out);
	is_hex(out, 20, "185d8738b2c7a2c374e6741147722c2696a07a27");
}

struct client {
	struct buf hs; /* all handshake messages */
	unsigned char random[32], server_random[32], premaster[48], master[48];
	struct str server_cert;
	struct dsk_record_keys keys;
};

static void put(struct buf *b, size_t v, size_t bytes)
{
	while (bytes-- > 0)
		buf_addc(b, (char)(v >> (8 * bytes)));
}

static void message(struct client *c, unsigned type, struct str body)
{
	put(&c->hs, type, 1);
	put(&c->hs, body.len, 3);
	buf_add(&c->hs, body);
}

static void client_hello(struct client *c, struct buf *out)
{
	struct buf body;

	buf_init(&c->hs, 65536);
	buf_init(&body, 4096);
	rand_bytes(c->random, sizeof(c->random));
	buf_add(&body, STR("\3\1"));
	buf_add(&body, str_n(c->random, 32));
	buf_add(&body, STR("\0\0\x0a\0\4\0\5\0\x2f\0\x35\0\3\1\0"));
	message(c, 1, buf_str(&body));
	dsk_record_plain(out, DSK_RECORD_HANDSHAKE, buf_str(&c->hs));
	buf_fini(&body);
}

/* Everything must be in one record: pidgin-sipe fails otherwise. */
static void client_reads_flight(struct client *c, struct str flight)
{
	size_t before = c->hs.len, cert_len;
	unsigned type;
	struct str payload, last;

	assert_int_equal(dsk_record_next(&flight, &type, &payload), E_OK);
	assert_int_equal(flight.len, 0);
	assert_int_equal(type, DSK_RECORD_HANDSHAKE);
	last = str_sub(payload, payload.len - 4, payload.len);
	assert_memory_equal(last.p, "\x0e\0\0\0", 4);
	buf_add(&c->hs, payload);
	payload = str_sub(buf_str(&c->hs), before, c->hs.len);
	assert_int_equal(payload.p[0], 2);
	memcpy(c->server_random, payload.p + 6, 32);
	assert_memory_equal(payload.p + 4 + 2 + 32 + 33, "\0\x2f\0", 3);
	payload = str_sub(payload, 4 + 2 + 32 + 33 + 3, payload.len);
	assert_int_equal(payload.p[0], 11);
	cert_len = (size_t)(unsigned char)payload.p[8] << 8 | (unsigned char)payload.p[9];
	c->server_cert = str_sub(payload, 10, 10 + cert_len);
	assert_int_equal(payload.p[10 + cert_len], 13);
}

enum fault { NONE, BAD_PREMASTER, BAD_SIGNATURE, BAD_FINISHED, OTHER_VERSION, NO_CERT };

static void key_exchange(struct client *c, enum fault fault, struct buf *body)
{
	unsigned char sealed[256];
	mbedtls_x509_crt crt;

	rand_bytes(c->premaster, sizeof(c->premaster));
	c->premaster[0] = 3;
	c->premaster[1] = fault == OTHER_VERSION ? 3 : 1;
	mbedtls_x509_crt_init(&crt);
	assert_int_equal(mbedtls_x509_crt_parse_der(&crt, (const unsigned char *)c->server_cert.p,
						    c->server_cert.len),
			 0);
	assert_int_equal(mbedtls_rsa_pkcs1_encrypt(mbedtls_pk_rsa(crt.pk), x509_rng, NULL, 48,
						   c->premaster, sealed),
			 0);
	mbedtls_x509_crt_free(&crt);
	if (fault == BAD_PREMASTER)
		sealed[100] ^= 1;
	put(body, sizeof(sealed), 2);
	buf_add(body, str_n(sealed, sizeof(sealed)));
}

static void certificate_verify(struct client *c, enum fault fault, struct buf *body)
{
	unsigned char hash[DSK_TRANSCRIPT_HASH_LEN], sig[256];
	mbedtls_pk_context pk;

	digest_md5(buf_str(&c->hs), hash);
	digest_sha1(buf_str(&c->hs), hash + DIGEST_MD5_LEN);
	if (fault == BAD_SIGNATURE)
		hash[3] ^= 1;
	mbedtls_pk_init(&pk);
	buf_addc(&client_pem, '\0');
	assert_int_equal(mbedtls_pk_parse_key(&pk, (const unsigned char *)client_pem.p,
					      client_pem.len, NULL, 0, x509_rng, NULL),
			 0);
	client_pem.len--;
	assert_int_equal(mbedtls_rsa_pkcs1_sign(mbedtls_pk_rsa(pk), x509_rng, NULL, MBEDTLS_MD_NONE,
						sizeof(hash), hash, sig),
			 0);
	mbedtls_pk_free(&pk);
	put(body, sizeof(sig), 2);
	buf_add(body, str_n(sig, sizeof(sig)));
}

static void client_flight(struct client *c, enum fault fault, size_t record_max, struct buf *out)
{
	unsigned char finished[16] = { 20, 0, 0, 12 };
	struct dsk_record_keys swapped;
	size_t from = c->hs.len;
	struct str cert = dsk_key_cert_der(client_key), plain;
	struct buf body;

	c->server_cert = str_dup(c->server_cert); /* hs grows and moves */
	buf_init(&body, 8192);
	put(&body, fault == NO_CERT ? 0 : cert.len + 3, 3);
	if (fault != NO_CERT) {
		put(&body, cert.len, 3);
		buf_add(&body, cert);
	}
	message(c, 11, buf_str(&body));
	buf_reset(&body);
	key_exchange(c, fault, &body);
	str_free(&c->server_cert);
	message(c, 16, buf_str(&body));
	buf_reset(&body);
	certificate_verify(c, fault, &body);
	message(c, 15, buf_str(&body));
	buf_fini(&body);

	for (plain = str_sub(buf_str(&c->hs), from, c->hs.len); plain.len > 0;
	     plain = str_sub(plain, record_max, plain.len))
		dsk_record_plain(out, DSK_RECORD_HANDSHAKE, str_sub(plain, 0, record_max));
	dsk_record_plain(out, DSK_RECORD_CCS, STR("\1"));
	dsk_master(c->premaster, c->random, c->server_random, c->master);
	dsk_record_derive(str_n(c->master, 48), str_n(c->random, 32), str_n(c->server_random, 32),
			  &c->keys);
	dsk_verify_data(c->master, "client finished", buf_str(&c->hs), finished + 4);
	if (fault == BAD_FINISHED)
		finished[7] ^= 1;
	swapped = c->keys; /* dsk_record_seal is the server's half */
	memcpy(swapped.server_mac, c->keys.client_mac, 20);
	memcpy(swapped.server_key, c->keys.client_key, 16);
	memcpy(swapped.server_iv, c->keys.client_iv, 16);
	dsk_record_seal(out, &swapped, str_n(finished, sizeof(finished)));
	buf_add(&c->hs, str_n(finished, sizeof(finished)));
}

static void client_checks_end(struct client *c, struct str last)
{
	unsigned char want[16] = { 20, 0, 0, 12 };
	struct dsk_record_keys swapped = c->keys;
	struct str payload;
	struct buf plain;
	unsigned type;

	assert_int_equal(dsk_record_next(&last, &type, &payload), E_OK);
	assert_int_equal(type, DSK_RECORD_CCS);
	assert_int_equal(dsk_record_next(&last, &type, &payload), E_OK);
	assert_int_equal(last.len, 0);
	memcpy(swapped.client_mac, c->keys.server_mac, 20);
	memcpy(swapped.client_key, c->keys.server_key, 16);
	memcpy(swapped.client_iv, c->keys.server_iv, 16);
	buf_init(&plain, 256);
	assert_int_equal(dsk_record_open(&swapped, payload, &plain), E_OK);
	dsk_verify_data(c->master, "server finished", buf_str(&c->hs), want + 4);
	assert_int_equal(plain.len, 16);
	assert_memory_equal(plain.p, want, 16);
	buf_fini(&plain);
}

static enum err run(enum fault fault, size_t record_max, bool check_end)
{
	unsigned char client_sign[32], server_sign[32], want_client[32], want_server[32];
	struct client c = { .server_cert = STR_NULL };
	struct dsk *d = dsk_new(server_key);
	struct dsk_rsa *job;
	struct buf in, out;
	enum dsk_next next;
	enum err err;

	buf_init(&in, 65536);
	buf_init(&out, 65536);
	client_hello(&c, &in);
	assert_int_equal(dsk_feed(d, buf_str(&in), &out, &next), E_OK);
	assert_int_equal(next, DSK_SEND);
	assert_null(dsk_take_job(d));
	client_reads_flight(&c, buf_str(&out));
	buf_reset(&in);
	buf_reset(&out);
	client_flight(&c, fault, record_max, &in);
	err = dsk_feed(d, buf_str(&in), &out, &next);
	if (err == E_OK) {
		assert_int_equal(next, DSK_NEED_RSA);
		assert_int_equal(out.len, 0);
		job = dsk_take_job(d);
		assert_non_null(job);
		assert_null(dsk_take_job(d));
		dsk_rsa_run(job);
		err = dsk_finish(d, job, &out);
		free(job);
	}
	if (err == E_OK && check_end) {
		client_checks_end(&c, buf_str(&out));
		assert_true(str_eq(dsk_client_cert(d), dsk_key_cert_der(client_key)));
		dsk_get_sign_keys(d, client_sign, server_sign);
		dsk_sign_keys(c.master, c.random, c.server_random, want_client, want_server);
		assert_memory_equal(client_sign, want_client, 32);
		assert_memory_equal(server_sign, want_server, 32);
	}
	buf_fini(&in);
	buf_fini(&out);
	buf_fini(&c.hs);
	dsk_free(&d);
	dsk_free(&d);
	return err;
}

static void a_handshake(void **state)
{
	(void)state;
	assert_int_equal(run(NONE, 16384, true), E_OK);
	assert_int_equal(run(NONE, 7, true), E_OK); /* messages spread over many records */
}

static void faults_are_one_answer(void **state)
{
	(void)state;
	assert_int_equal(run(BAD_PREMASTER, 16384, true), E_AUTH);
	assert_int_equal(run(OTHER_VERSION, 16384, true), E_AUTH);
	assert_int_equal(run(BAD_SIGNATURE, 16384, true), E_AUTH);
	assert_int_equal(run(BAD_FINISHED, 16384, true), E_AUTH);
	assert_int_equal(run(NO_CERT, 16384, true), E_UNSUPPORTED);
}

static void prefixes_of_both_flights(void **state)
{
	struct client c = { .server_cert = STR_NULL };
	struct buf hello, flight, out;
	enum dsk_next next;

	(void)state;
	buf_init(&hello, 65536);
	buf_init(&flight, 65536);
	buf_init(&out, 65536);
	client_hello(&c, &hello);
	for (size_t n = 0; n <= hello.len; n++) {
		struct dsk *d = dsk_new(server_key);
		char *exact = xmalloc(n > 0 ? n : 1);

		memcpy(exact, hello.p, n);
		buf_reset(&out);
		assert_int_equal(dsk_feed(d, str_n(exact, n), &out, &next) == E_OK, n == hello.len);
		free(exact);
		if (n == hello.len)
			client_reads_flight(&c, buf_str(&out));
		dsk_free(&d);
	}
	client_flight(&c, NONE, 100, &flight);
	for (size_t n = 0; n < flight.len; n++) {
		struct dsk *d = dsk_new(server_key);
		char *exact = xmalloc(n > 0 ? n : 1);

		memcpy(exact, flight.p, n);
		buf_reset(&out);
		assert_int_equal(dsk_feed(d, buf_str(&hello), &out, &next), E_OK);
		assert_int_not_equal(dsk_feed(d, str_n(exact, n), &out, &next), E_OK);
		assert_int_not_equal(dsk_feed(d, buf_str(&flight), &out, &next),
				     E_OK); /* no second try */
		assert_null(dsk_take_job(d));
		free(exact);
		dsk_free(&d);
	}
	buf_fini(&hello);
	buf_fini(&flight);
	buf_fini(&out);
	buf_fini(&c.hs);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(key_vectors),
		cmocka_unit_test(a_handshake),
		cmocka_unit_test(faults_are_one_answer),
		cmocka_unit_test(prefixes_of_both_flights),
	};

	return cmocka_run_group_tests(tests, make_keys, free_keys);
}
