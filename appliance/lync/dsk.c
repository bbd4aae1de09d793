#include "lync/dsk.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rand.h"
#include "crypto/token.h"
#include "lync/dsk_record.h"

enum {
	HS_CLIENT_HELLO = 1,
	HS_SERVER_HELLO = 2,
	HS_CERTIFICATE = 11,
	HS_CERTIFICATE_REQUEST = 13,
	HS_SERVER_HELLO_DONE = 14,
	HS_CERTIFICATE_VERIFY = 15,
	HS_CLIENT_KEY_EXCHANGE = 16,
	HS_FINISHED = 20,
	HS_HEAD = 4,
	SUITE_RSA_AES128_SHA = 0x002f,
};

enum dsk_state { DSK_HELLO, DSK_FLIGHT, DSK_RSA, DSK_DONE, DSK_FAILED };

/* Invariants:
 * 1. transcript holds the payload of every handshake message so far, in order; the client's Finished
 *    joins it when it has been checked.
 * 2. job is set in DSK_RSA until it is taken; sealed is set from then on. */
struct dsk {
	enum dsk_state state;
	struct dsk_key *key; /* borrowed */
	struct buf transcript;
	unsigned char client_random[DSK_RANDOM_LEN], server_random[DSK_RANDOM_LEN],
		hello_version[2];
	unsigned char master[DSK_MASTER_LEN];
	struct dsk_rsa *job;
	struct str sealed; /* owned: the client's Finished record */
	struct str cert;   /* owned: the client's certificate */
};

/* A cursor over big-endian fields; `ok` falls once something is missing. */
struct reader {
	struct str rest;
	bool ok;
};

static struct str take(struct reader *r, size_t n)
{
	struct str s = str_sub(r->rest, 0, n);

	if (n > r->rest.len) {
		r->ok = false;
		return STR("");
	}
	r->rest = str_sub(r->rest, n, r->rest.len);
	return s;
}

static size_t take_number(struct reader *r, size_t bytes)
{
	struct str s = take(r, bytes);
	size_t v = 0;

	for (size_t i = 0; i < s.len; i++)
		v = v << 8 | (unsigned char)s.p[i];
	return v;
}

static struct str take_vector(struct reader *r, size_t length_bytes)
{
	return take(r, take_number(r, length_bytes));
}

struct dsk *dsk_new(struct dsk_key *key)
{
	struct dsk *d = xcalloc(1, sizeof(*d));

	d->key = key;
	buf_init(&d->transcript, DSK_TRANSCRIPT_MAX);
	return d;
}

void dsk_free(struct dsk **dp)
{
	struct dsk *d = *dp;

	if (d == NULL)
		return;
	buf_fini(&d->transcript);
	free(d->job);
	str_free(&d->sealed);
	str_free(&d->cert);
	mem_wipe(d, sizeof(*d));
	free(d);
	*dp = NULL;
}

static void put_number(struct buf *b, size_t v, size_t bytes)
{
	while (bytes-- > 0)
		buf_addc(b, (char)(v >> (8 * bytes) & 0xff));
}

static void put_message(struct buf *b, unsigned type, struct str body)
{
	put_number(b, type, 1);
	put_number(b, body.len, 3);
	buf_add(b, body);
}

/* ServerHello to ServerHelloDone in one record: pidgin-sipe cannot read a record that holds
 * ServerHelloDone alone. */
static enum err send_flight(struct dsk *d, struct buf *out)
{
	struct str cert = dsk_key_cert_der(d->key);
	size_t from = d->transcript.len;
	unsigned char session[32];
	struct buf body;

	buf_init(&body, DSK_TRANSCRIPT_MAX);
	rand_bytes(d->server_random, sizeof(d->server_random));
	rand_bytes(session, sizeof(session));
	buf_add(&body, STR("\3\1"));
	buf_add(&body, str_n(d->server_random, sizeof(d->server_random)));
	put_number(&body, sizeof(session), 1);
	buf_add(&body, str_n(session, sizeof(session)));
	put_number(&body, SUITE_RSA_AES128_SHA, 2);
	put_number(&body, 0, 1);
	put_message(&d->transcript, HS_SERVER_HELLO, buf_str(&body));

	buf_reset(&body);
	put_number(&body, cert.len + 3, 3);
	put_number(&body, cert.len, 3);
	buf_add(&body, cert);
	put_message(&d->transcript, HS_CERTIFICATE, buf_str(&body));
	/* rsa_sign, from any authority: genuine clients present nothing unasked. */
	put_message(&d->transcript, HS_CERTIFICATE_REQUEST, STR("\1\1\0\0"));
	put_message(&d->transcript, HS_SERVER_HELLO_DONE, STR(""));
	buf_fini(&body);
	if (buf_err(&d->transcript) != E_OK)
		return buf_err(&d->transcript);
	dsk_record_plain(out, DSK_RECORD_HANDSHAKE,
			 str_sub(buf_str(&d->transcript), from, d->transcript.len));
	return buf_err(out);
}

static bool offers_suite(struct str suites)
{
	for (size_t i = 0; i + 1 < suites.len; i += 2)
		if (((unsigned)(unsigned char)suites.p[i] << 8 | (unsigned char)suites.p[i + 1]) ==
		    SUITE_RSA_AES128_SHA)
			return true;
	return false;
}

static enum err on_hello(struct dsk *d, struct str token, struct buf *out)
{
	struct reader r = { .ok = true };
	struct str payload, version, random, suites;
	unsigned type;

	if (dsk_record_next(&token, &type, &payload) != E_OK || type != DSK_RECORD_HANDSHAKE ||
	    token.len > 0)
		return E_BAD;
	r.rest = payload;
	if (take_number(&r, 1) != HS_CLIENT_HELLO || take_number(&r, 3) != r.rest.len)
		return E_BAD;
	version = take(&r, 2);
	random = take(&r, DSK_RANDOM_LEN);
	(void)take_vector(&r, 1); /* a session id: nothing is ever resumed */
	suites = take_vector(&r, 2);
	(void)take_vector(&r, 1);
	if (!r.ok)
		return E_BAD;
	if (version.p[0] != 3 || version.p[1] < 1 || !offers_suite(suites))
		return E_UNSUPPORTED;
	memcpy(d->hello_version, version.p, 2);
	memcpy(d->client_random, random.p, DSK_RANDOM_LEN);
	buf_add(&d->transcript, payload);
	return send_flight(d, out);
}

/* The plain messages of the client's flight, in their one order (RFC 2246 7.3). */
static enum err read_messages(struct dsk *d, struct str messages)
{
	struct reader r = { messages, true }, m = { .ok = true };
	struct dsk_rsa *job = d->job;
	struct str part;

	if (take_number(&r, 1) != HS_CERTIFICATE)
		return E_BAD;
	m.rest = take_vector(&r, 3);
	m.rest = take_vector(&m, 3);
	if (!r.ok || !m.ok)
		return E_BAD;
	if (m.rest.len == 0)
		return E_UNSUPPORTED;
	part = take_vector(&m, 3); /* the leaf; what follows is its chain */
	if (!m.ok || part.len > sizeof(job->cert))
		return E_BAD;
	memcpy(job->cert, part.p, part.len);
	job->cert_len = part.len;
	d->cert = str_dup(part);

	if (take_number(&r, 1) != HS_CLIENT_KEY_EXCHANGE)
		return E_BAD;
	m.rest = take_vector(&r, 3);
	part = take_vector(&m, 2);
	if (!r.ok || !m.ok || part.len > sizeof(job->sealed))
		return E_BAD;
	memcpy(job->sealed, part.p, part.len);
	job->sealed_len = part.len;

	buf_add(&d->transcript, str_sub(messages, 0, messages.len - r.rest.len));
	digest_md5(buf_str(&d->transcript), job->transcript_hash);
	digest_sha1(buf_str(&d->transcript), job->transcript_hash + DIGEST_MD5_LEN);

	part = r.rest;
	if (take_number(&r, 1) != HS_CERTIFICATE_VERIFY)
		return E_BAD;
	m.rest = take_vector(&r, 3);
	buf_add(&d->transcript, part);
	part = take_vector(&m, 2);
	if (!r.ok || !m.ok || r.rest.len > 0 || part.len > sizeof(job->signature))
		return E_BAD;
	memcpy(job->signature, part.p, part.len);
	job->signature_len = part.len;
	return buf_err(&d->transcript);
}

/* Handshake records up to ChangeCipherSpec, however the messages are spread over them, then Finished. */
static enum err on_flight(struct dsk *d, struct str token)
{
	struct str payload = STR("");
	struct buf messages;
	unsigned type = 0;
	enum err err;

	buf_init(&messages, DSK_TRANSCRIPT_MAX);
	while ((err = dsk_record_next(&token, &type, &payload)) == E_OK &&
	       type == DSK_RECORD_HANDSHAKE)
		buf_add(&messages, payload);
	if (err == E_OK && (type != DSK_RECORD_CCS || !str_eq(payload, STR("\1"))))
		err = E_BAD;
	if (err == E_OK)
		err = buf_err(&messages);
	if (err == E_OK)
		err = dsk_record_next(&token, &type, &payload);
	if (err == E_OK && (type != DSK_RECORD_HANDSHAKE || token.len > 0))
		err = E_BAD;
	if (err == E_OK) {
		d->job = xcalloc(1, sizeof(*d->job));
		d->job->key = d->key;
		memcpy(d->job->hello_version, d->hello_version, sizeof(d->hello_version));
		d->sealed = str_dup(payload);
		err = read_messages(d, buf_str(&messages));
	}
	buf_fini(&messages);
	return err;
}

enum err dsk_feed(struct dsk *d, struct str token, struct buf *out, enum dsk_next *next_out)
{
	enum err err = E_BAD;

	if (token.len > DSK_TRANSCRIPT_MAX)
		err = E_TOOBIG;
	else if (d->state == DSK_HELLO)
		err = on_hello(d, token, out);
	else if (d->state == DSK_FLIGHT)
		err = on_flight(d, token);
	if (err != E_OK) {
		d->state = DSK_FAILED;
		return err;
	}
	*next_out = d->state == DSK_HELLO ? DSK_SEND : DSK_NEED_RSA;
	d->state = d->state == DSK_HELLO ? DSK_FLIGHT : DSK_RSA;
	return E_OK;
}

struct dsk_rsa *dsk_take_job(struct dsk *d)
{
	struct dsk_rsa *job = d->state == DSK_RSA ? d->job : NULL;

	if (job != NULL)
		d->job = NULL;
	return job;
}

static enum err check_finished(struct dsk *d, const struct dsk_record_keys *keys)
{
	unsigned char want[DSK_VERIFY_LEN];
	struct buf plain;
	enum err err;

	buf_init(&plain, DSK_TRANSCRIPT_MAX);
	err = dsk_record_open(keys, d->sealed, &plain);
	if (err == E_OK) {
		dsk_verify_data(d->master, "client finished", buf_str(&d->transcript), want);
		if (plain.len != HS_HEAD + DSK_VERIFY_LEN ||
		    memcmp(plain.p, "\x14\0\0\x0c", HS_HEAD) != 0 ||
		    !token_eq(str_n(plain.p + HS_HEAD, DSK_VERIFY_LEN), str_n(want, sizeof(want))))
			err = E_AUTH;
		buf_add(&d->transcript, buf_str(&plain));
	}
	buf_fini(&plain);
	return err == E_OK ? buf_err(&d->transcript) : err;
}

enum err dsk_finish(struct dsk *d, const struct dsk_rsa *job, struct buf *out)
{
	struct dsk_record_keys keys;
	unsigned char finished[HS_HEAD + DSK_VERIFY_LEN] = { HS_FINISHED, 0, 0, DSK_VERIFY_LEN };
	enum err err;

	if (d->state != DSK_RSA)
		return E_BAD;
	dsk_master(job->premaster, d->client_random, d->server_random, d->master);
	dsk_record_derive(str_n(d->master, DSK_MASTER_LEN), str_n(d->client_random, DSK_RANDOM_LEN),
			  str_n(d->server_random, DSK_RANDOM_LEN), &keys);
	err = check_finished(d, &keys);
	if (err == E_OK && !job->is_signature_right)
		err = E_AUTH;
	if (err == E_OK) {
		dsk_verify_data(d->master, "server finished", buf_str(&d->transcript),
				finished + HS_HEAD);
		dsk_record_plain(out, DSK_RECORD_CCS, STR("\1"));
		dsk_record_seal(out, &keys, str_n(finished, sizeof(finished)));
		err = buf_err(out);
	}
	mem_wipe(&keys, sizeof(keys));
	d->state = err == E_OK ? DSK_DONE : DSK_FAILED;
	return err;
}

struct str dsk_client_cert(const struct dsk *d)
{
	return d->cert;
}

void dsk_get_sign_keys(const struct dsk *d, unsigned char client_out[DSK_SIGN_KEY_LEN],
		       unsigned char server_out[DSK_SIGN_KEY_LEN])
{
	dsk_sign_keys(d->master, d->client_random, d->server_random, client_out, server_out);
}
