/* Digest: RFC 7616's own example, our challenges, and everything that must not pass. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/limits.h"
#include "base/mem.h"
#include "crypto/digest.h"
#include "sip/digest.h"
#include "sip/msg.h"

#define REALM "porchlight.test"

static struct sip_digest *digest;
static struct sip_msg *kept; /* the last one checked: what a verdict says are views into it */
static unsigned lookups;

static int setup(void **state)
{
	(void)state;
	lookups = 0;
	digest = sip_digest_new();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	sip_msg_unref(&kept);
	sip_digest_free(&digest);
	sip_digest_free(&digest);
	return 0;
}

static void ha1_text(const char *user, enum digest_alg alg, unsigned char *out)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "%s:" REALM ":secret", user);

	digest_one(alg, str_n(text, (size_t)n), out);
}

/* alice is the only one. */
static bool ha1(void *arg, struct str name, enum sip_ha1 which, unsigned char out[SIP_HA1_MAX],
		uint64_t *id_out)
{
	bool domain = which == SIP_HA1_MD5_DOMAIN || which == SIP_HA1_SHA256_DOMAIN;
	bool sha256 = which == SIP_HA1_SHA256 || which == SIP_HA1_SHA256_DOMAIN;

	(void)arg;
	lookups++;
	if (!str_eqz(name, "alice"))
		return false;
	ha1_text(domain ? "alice@" REALM : "alice", sha256 ? DIGEST_SHA256 : DIGEST_MD5, out);
	*id_out = 7;
	return true;
}

struct attempt {
	const char *user, *password, *nonce, *uri, *alg, *qop, *nc, *cnonce, *more;
	const char *method, *ruri;
	uint64_t binding;
	int64_t now_ms;
};

static void respond(const struct attempt *a, char hex[65])
{
	enum digest_alg alg = strcmp(a->alg, "SHA-256") == 0 ? DIGEST_SHA256 : DIGEST_MD5;
	char one[65], two[65];
	unsigned char bytes[DIGEST_MAX];
	struct str colon = STR(":");
	struct str p1[] = { str_of(a->user), colon, STR(REALM), colon, str_of(a->password) };
	struct str p2[] = { str_of(a->method), colon, str_of(a->uri) };

	digest_parts(alg, p1, 5, bytes);
	digest_hex(bytes, digest_len(alg), one);
	digest_parts(alg, p2, 3, bytes);
	digest_hex(bytes, digest_len(alg), two);
	{
		struct str all[] = { str_of(one),    colon, str_of(a->nonce),  colon,
				     str_of(a->nc),  colon, str_of(a->cnonce), colon,
				     str_of(a->qop), colon, str_of(two) };

		digest_parts(alg, all, ARRAY_LEN(all), bytes);
	}
	digest_hex(bytes, digest_len(alg), hex);
}

static enum sip_digest_verdict check(const struct attempt *a, struct sip_digest_out *out)
{
	static struct sip_digest_out ignored;
	char text[4096], response[65];
	struct sip_msg *m;
	enum sip_digest_verdict v;
	int n;

	respond(a, response);
	n = snprintf(
		text, sizeof(text),
		"%s %s SIP/2.0\r\nVia: SIP/2.0/TLS h;branch=z9hG4bK1\r\nFrom: <sip:alice@" REALM
		">;tag=1\r\n"
		"To: <sip:alice@" REALM ">\r\nCall-ID: c\r\nCSeq: 1 %s\r\nMax-Forwards: 70\r\n"
		"Authorization: Digest username=\"%s\", realm=\"" REALM
		"\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
		"algorithm=%s, cnonce=\"%s\", qop=%s, nc=%s%s\r\nContent-Length: 0\r\n\r\n",
		a->method, a->ruri, a->method, a->user, a->nonce, a->uri, response, a->alg,
		a->cnonce, a->qop, a->nc, a->more == NULL ? "" : a->more);
	assert_int_equal(sip_msg_decode(str_n(text, (size_t)n), (size_t)n, SIP_LINES_STRICT, &m),
			 E_OK);
	assert_int_equal(m->fault.code, 0);
	v = sip_digest_check(digest,
			     &(struct sip_digest_in){ .msg = m,
						      .realm = STR(REALM),
						      .binding = a->binding,
						      .now_ms = a->now_ms,
						      .ha1 = ha1 },
			     out == NULL ? &ignored : out);
	sip_msg_unref(&kept);
	kept = m;
	return v;
}

static const char *nonce_of(uint64_t binding, int64_t now_ms)
{
	static char nonce[128];
	struct buf b;
	size_t at;

	buf_init(&b, 4096);
	sip_digest_challenge(digest, STR(REALM), binding, SIP_OFFER_MD5, SIP_NONCE_FIRST, now_ms,
			     &b);
	at = str_search(buf_str(&b), STR("nonce=\"")) + 7;
	(void)snprintf(nonce, sizeof(nonce), "%.*s",
		       STR_ARG(str_sub(buf_str(&b), at, str_find(buf_str(&b), '"', at))));
	buf_fini(&b);
	return nonce;
}

static struct attempt good(void)
{
	return (struct attempt){ .user = "alice",
				 .password = "secret",
				 .nonce = nonce_of(5, 1000000),
				 .uri = "sip:" REALM,
				 .alg = "SHA-256",
				 .qop = "auth",
				 .nc = "00000001",
				 .cnonce = "abc",
				 .method = "REGISTER",
				 .ruri = "sip:" REALM,
				 .binding = 5,
				 .now_ms = 1000000 };
}

static void test_good(void **state)
{
	static const char *const users[] = { "alice", ("alice@" REALM), "alice@PORCHLIGHT.TEST" };
	static const char *const algs[] = { "SHA-256", "MD5" };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		struct attempt a = good();
		struct sip_digest_out out;

		a.user = users[i % 2];
		a.alg = algs[i / 2];
		assert_int_equal(check(&a, &out), SIP_DIGEST_OK);
		assert_int_equal(out.id, 7);
		assert_true(str_eqz(out.name, "alice"));
		assert_true(str_eqz(out.username, users[i % 2]));
		assert_int_equal(out.is_sha256, i / 2 == 0);
	}
}

static void test_wrong(void **state)
{
	struct attempt a = good();
	struct sip_digest_out out;

	(void)state;
	a.password = "guess";
	assert_int_equal(check(&a, &out), SIP_DIGEST_WRONG);
	assert_int_equal(out.id, 0);
	assert_true(str_eqz(out.name, "alice"));
	a = good();
	a.user = "nobody";
	assert_int_equal(check(&a, &out), SIP_DIGEST_WRONG);
	a = good();
	a.user = "alice@elsewhere.test"; /* right password, hashed with another name */
	assert_int_equal(check(&a, &out), SIP_DIGEST_WRONG);
	assert_int_equal(lookups, 3);
}

/* The wrong password never learns whether its nonce was stale. */
static void test_stale(void **state)
{
	struct attempt a = good();

	(void)state;
	a.binding = 6;
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
	a.password = "guess";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_WRONG);
	a = good();
	a.now_ms += SIP_NONCE_LIFE_MS;
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
	a = good();
	a.now_ms -= 3600 * 1000; /* minted in the future: not by us */
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
	a = good();
	a.nonce = "00000000000000000000000000000000000000000000000000000000000000ff";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
	a.nonce = "short";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
}

static void test_counts(void **state)
{
	static const struct {
		const char *nc;
		enum sip_digest_verdict v;
	} steps[] = {
		{ "00000005", SIP_DIGEST_OK },	  { "00000005", SIP_DIGEST_STALE },
		{ "00000003", SIP_DIGEST_OK },	  { "00000003", SIP_DIGEST_STALE },
		{ "00000006", SIP_DIGEST_OK },	  { "00000045", SIP_DIGEST_OK },
		{ "00000007", SIP_DIGEST_OK },	  { "00000005", SIP_DIGEST_STALE },
		{ "00000004", SIP_DIGEST_STALE }, { "ffffffff", SIP_DIGEST_OK },
		{ "ffffffff", SIP_DIGEST_STALE },
	};
	struct attempt a = good();
	char nonce[128];

	(void)state;
	(void)snprintf(nonce, sizeof(nonce), "%s", a.nonce);
	a.nonce = nonce;
	for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
		a.nc = steps[i].nc;
		assert_int_equal(check(&a, NULL), steps[i].v);
	}
}

static void test_malformed(void **state)
{
	static const struct {
		size_t field; /* of struct attempt */
		const char *value;
	} table[] = {
		{ offsetof(struct attempt, nc), "1" },
		{ offsetof(struct attempt, nc), "00000000" },
		{ offsetof(struct attempt, nc), "0000000g" },
		{ offsetof(struct attempt, qop), "auth-int" },
		{ offsetof(struct attempt, cnonce), "" },
		{ offsetof(struct attempt, uri), "sip:elsewhere.test" },
		{ offsetof(struct attempt, uri), "not a uri" },
		{ offsetof(struct attempt, alg), "SHA-512-256" },
		{ offsetof(struct attempt, alg), "MD5-sess" },
		{ offsetof(struct attempt, user), "" },
		{ offsetof(struct attempt, more), ", realm=\"" REALM "\"" },
		{ offsetof(struct attempt, more), ", userhash=true" },
		{ offsetof(struct attempt, more), ", =x" },
		{ offsetof(struct attempt, more), " trailing" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(table); i++) {
		struct attempt a = good();
		struct sip_digest_out out;

		memcpy((char *)&a + table[i].field, &table[i].value, sizeof(table[i].value));
		assert_int_equal(check(&a, &out), SIP_DIGEST_BAD);
		assert_non_null(out.reason);
	}
	assert_int_equal(lookups, 0); /* before anyone is looked up */
}

/* Clients put the ;transport=tls of their settings into one and not into the other. */
static void test_uri_parameters(void **state)
{
	struct attempt a = good();

	(void)state;
	a.uri = "sip:" REALM ";transport=tls";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_OK);
	a = good();
	a.ruri = "sip:" REALM ";transport=tls";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_OK);
	a = good();
	/* a response for another method is worth nothing, tested by its hash */
	a.method = "MESSAGE";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_OK);
}

static void test_challenge(void **state)
{
	struct buf b;
	struct str s;

	(void)state;
	buf_init(&b, 4096);
	sip_digest_challenge(digest, STR("a \"b\" c"), 1, SIP_OFFER_PAIR, SIP_NONCE_STALE, 5, &b);
	s = buf_str(&b);
	assert_true(
		str_starts(s, STR("WWW-Authenticate: Digest realm=\"a \\\"b\\\" c\", nonce=\"")));
	assert_true(str_search(s, STR("algorithm=SHA-256, qop=\"auth\", stale=true\r\n")) <
		    str_search(s, STR("algorithm=MD5,")));
	buf_reset(&b);
	sip_digest_challenge(digest, STR("r"), 1, SIP_OFFER_MD5, SIP_NONCE_FIRST, 5, &b);
	s = buf_str(&b);
	assert_true(str_search(s, STR("SHA-256")) == s.len);
	assert_true(str_search(s, STR("stale")) == s.len);
	buf_fini(&b);
}

/* When counts have to be forgotten, older nonces go with them. */
static void test_many_nonces(void **state)
{
	struct attempt a = good();
	char first[128];

	(void)state;
	(void)snprintf(first, sizeof(first), "%s", a.nonce);
	a.nonce = first;
	assert_int_equal(check(&a, NULL), SIP_DIGEST_OK);
	for (int i = 0; i < SIP_NONCES_MAX; i++) {
		struct attempt b = good();

		b.now_ms += 1 + i / 100;
		b.nonce = nonce_of(5, b.now_ms);
		assert_int_equal(check(&b, NULL), SIP_DIGEST_OK);
	}
	a.nc = "00000001";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
	a.nc = "00000002";
	assert_int_equal(check(&a, NULL), SIP_DIGEST_STALE);
}

static void test_params(void **state)
{
	struct sip_digest_params p;

	(void)state;
	assert_int_equal(sip_digest_params_decode(
				 STR("digest  USERNAME = \"a\\\"b\" ,realm=x,  nc=00000001"), &p),
			 E_OK);
	assert_true(str_eqz(p.username, "a\\\"b"));
	assert_true(str_eqz(p.realm, "x"));
	assert_int_equal(sip_digest_params_decode(STR("NTLM qop=\"auth\""), &p), E_UNSUPPORTED);
	assert_int_equal(sip_digest_params_decode(STR("Digest"), &p), E_OK);
	assert_int_equal(sip_digest_params_decode(STR(""), &p), E_UNSUPPORTED);
	assert_int_equal(sip_digest_params_decode(STR("Digest username"), &p), E_BAD);
	assert_int_equal(sip_digest_params_decode(STR("Digest username=\"open"), &p), E_BAD);
	assert_int_equal(sip_digest_params_decode(STR("Digest nc=1, NC=1"), &p), E_BAD);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(test_good),	   T(test_wrong),	T(test_stale),
		T(test_counts),	   T(test_malformed),	T(test_uri_parameters),
		T(test_challenge), T(test_many_nonces), T(test_params),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
