/* sim.h: the standards dialect on a stack without a network, between real registrar, presence and throttle
 * and a directory and an IMMCU of three people that only remember what they were asked. */
#ifndef TESTS_SIM_H
#define TESTS_SIM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "crypto/digest.h"
#include "simple/simple.h"
#include "tests/unit/simple/sim_domain.h"
#include "tests/unit/sip/fake_net.h"

enum { SIM_PEOPLE = 3, SIM_COPIES = 16 };

#define SIM_DOMAIN "porchlight.test"

struct sim_submitted {
	struct im_text t; /* its strings owned here */
	uint64_t token;
	im_answer_fn *answer;
	void *arg;
};

struct sim {
	struct fake net;
	struct registrar *registrar;
	struct presence *presence;
	struct throttle *throttle;
	struct simple *simple;
	struct account people[SIM_PEOPLE];
	struct im_dialect dialect;
	struct sim_submitted submitted[SIM_COPIES];
	size_t submitted_count;
	struct {
		leg_id leg;
		int code;
	} answered[SIM_COPIES];
	size_t answered_count;
	unsigned signed_in, im_signed_in;
	bool woken;
	uint32_t cseq, branch;
};

static struct sim sim;

/* --- the directory and the IMMCU, as far as the dialect asks them --- */

const struct account *directory_get(const struct directory *d, account_id id)
{
	(void)d;
	return id >= 1 && id <= SIM_PEOPLE && sim.people[id - 1].id != 0 ? &sim.people[id - 1]
									 : NULL;
}

const struct account *directory_find(const struct directory *d, struct str name)
{
	(void)d;
	for (size_t i = 0; i < SIM_PEOPLE; i++)
		if (sim.people[i].id != 0 && str_ieq(sim.people[i].name, name))
			return &sim.people[i];
	return NULL;
}

const struct account *directory_find_uri(const struct directory *d, struct str uri)
{
	struct str rest = uri;

	(void)str_cut(&rest, ':');
	return directory_find(d, str_cut(&rest, '@'));
}

void directory_signed_in(struct directory *d, account_id id)
{
	(void)d;
	(void)id;
	sim.signed_in++;
}

void directory_listen(struct directory *d, directory_event_fn *fn, void *arg)
{
	(void)d;
	(void)fn;
	(void)arg;
}

void immcu_set_dialect(struct immcu *m, enum dialect which, const struct im_dialect *d)
{
	(void)m;
	assert_int_equal(which, DIALECT_SIMPLE);
	sim.dialect = *d;
}

void immcu_submit(struct immcu *m, const struct im_text *t, uint64_t token, im_answer_fn *answer,
		  void *arg)
{
	struct sim_submitted *x = &sim.submitted[sim.submitted_count++];
	struct str *own[] = { &x->t.content_type, &x->t.content_encoding,
			      &x->t.body,	  &x->t.call_id,
			      &x->t.message_id,	  &x->t.headers,
			      &x->t.client,	  &x->t.plain,
			      &x->t.about };

	(void)m;
	assert_true(sim.submitted_count < SIM_COPIES);
	*x = (struct sim_submitted){ *t, token, answer, arg };
	for (size_t i = 0; i < ARRAY_LEN(own); i++)
		*own[i] = str_dup(*own[i]);
}

void immcu_on_answer(struct immcu *m, leg_id leg, int code)
{
	(void)m;
	sim.answered[sim.answered_count].leg = leg;
	sim.answered[sim.answered_count++].code = code;
}

void immcu_on_sign_in(struct immcu *m, endpoint_id endpoint)
{
	(void)m;
	assert_non_null(registrar_get(sim.registrar, endpoint));
	sim.im_signed_in++;
}

/* --- life --- */

static inline void sim_hash(struct account *a, const char *password)
{
	struct str colon = STR(":"), realm = STR(SIM_DOMAIN), at = STR("@"), pw = str_of(password);
	struct str plain[] = { a->name, colon, realm, colon, pw };
	struct str domain[] = { a->name, at, realm, colon, realm, colon, pw };

	digest_parts(DIGEST_MD5, plain, ARRAY_LEN(plain), a->ha1_md5);
	digest_parts(DIGEST_SHA256, plain, ARRAY_LEN(plain), a->ha1_sha256);
	digest_parts(DIGEST_MD5, domain, ARRAY_LEN(domain), a->ha1_md5_domain);
	digest_parts(DIGEST_SHA256, domain, ARRAY_LEN(domain), a->ha1_sha256_domain);
}

static inline void sim_wake(void *arg)
{
	(void)arg;
	sim.woken = true;
}

static inline void sim_notify_all(void)
{
	while (presence_work(sim.presence, 1))
		;
}

static inline void sim_presence_on(void *arg, const struct endpoint *e)
{
	(void)arg;
	presence_endpoint_on(sim.presence, e->account, e->id);
}

static inline void sim_presence_off(void *arg, const struct endpoint *e, enum registrar_end why)
{
	(void)arg;
	(void)why;
	presence_endpoint_off(sim.presence, e->account, e->id);
}

static inline int sim_setup(void **state)
{
	static const char *const names[SIM_PEOPLE] = { "alice", "bob", "carol" };
	static const char *const displays[SIM_PEOPLE] = { "Alice \"A\" Example", "Bob", "" };
	struct sip_adapter adapter;

	(void)state;
	memset(&sim, 0, sizeof(sim));
	memset(&sim_roster, 0, sizeof(sim_roster));
	fake_init_bare(&sim.net);
	sim.registrar = registrar_new(&sim.net.heap);
	sim.presence = presence_new(
		&(struct presence_cfg){ .heap = &sim.net.heap, .wake = sim_wake });
	sim.throttle = throttle_new();
	registrar_listen(sim.registrar,
			 &(struct registrar_hooks){ .on_sign_in = sim_presence_on,
						    .on_sign_out = sim_presence_off });
	for (int i = 0; i < SIM_PEOPLE; i++) {
		sim.people[i] = (struct account){ .id = i + 1,
						  .name = str_of(names[i]),
						  .display = str_of(displays[i]),
						  .enabled = true };
		sim_hash(&sim.people[i], "secret words");
	}
	sim.simple = simple_new(&(struct simple_cfg){
		.heap = &sim.net.heap,
		.stack = sim.net.stack,
		.registrar = sim.registrar,
		.presence = sim.presence,
		.throttle = sim.throttle,
	});
	adapter = simple_adapter(sim.simple);
	sip_stack_add_adapter(sim.net.stack, &adapter);
	return 0;
}

static inline int sim_teardown(void **state)
{
	(void)state;
	sip_stack_free(&sim.net.stack);
	simple_free(&sim.simple);
	presence_free(&sim.presence);
	registrar_free(&sim.registrar);
	throttle_free(&sim.throttle);
	for (size_t i = 0; i < sim.submitted_count; i++) {
		struct im_text *t = &sim.submitted[i].t;
		struct str *own[] = { &t->content_type, &t->content_encoding,
				      &t->body,		&t->call_id,
				      &t->message_id,	&t->headers,
				      &t->client,	&t->plain,
				      &t->about };

		for (size_t k = 0; k < ARRAY_LEN(own); k++)
			str_free(own[k]);
	}
	fake_fini(&sim.net);
	return 0;
}

/* --- the wire --- */

/* What was sent to conn since the last look; the caller looks at it before anything else is sent. */
static inline struct str sim_sent(conn_id conn)
{
	return buf_str(&sim.net.sent[conn]);
}

/* The first value of a header in text; p == NULL: none. */
static inline struct str sim_header(struct str text, const char *name)
{
	char needle[64];
	size_t at, end;
	int n = snprintf(needle, sizeof(needle), "\r\n%s: ", name);

	at = str_search(text, str_n(needle, (size_t)n));
	if (at == text.len)
		return STR_NULL;
	at += (size_t)n;
	end = str_find(text, '\r', at);
	return str_sub(text, at, end);
}

static inline int sim_code(conn_id conn)
{
	struct str s = sim_sent(conn);

	if (!str_starts(s, STR("SIP/2.0 ")))
		return 0;
	return (s.p[8] - '0') * 100 + (s.p[9] - '0') * 10 + (s.p[10] - '0');
}

static inline void sim_feed(conn_id conn, struct str bytes)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		buf_reset(&sim.net.sent[i]);
	assert_int_equal(sip_on_bytes(sim.net.stack, conn, bytes), (ssize_t)bytes.len);
}

struct sim_request {
	/* from, to: user parts, or whole values when they have a ':' */
	const char *method, *ruri, *from, *to;
	const char *call_id; /* NULL: one of its own */
	const char *headers; /* complete lines */
	const char *type;
	struct str body;
	const char *to_tag;
};

static inline void sim_add_party(struct buf *b, const char *name, const char *who)
{
	if (strchr(who, ':') != NULL)
		buf_addf(b, "%s: %s", name, who);
	else
		buf_addf(b, "%s: <sip:%s@" SIM_DOMAIN ">", name, who);
}

/* Sends it and returns the code that came back. */
static inline int sim_send(conn_id conn, const struct sim_request *r)
{
	struct buf b;
	int code;

	sim.cseq++;
	buf_init(&b, 1u << 20);
	buf_addf(&b, "%s %s SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.77:5061;branch=z9hG4bK%u;rport\r\n",
		 r->method, r->ruri, ++sim.branch);
	sim_add_party(&b, "From", r->from);
	if (strstr(r->from, "tag=") == NULL)
		buf_addz(&b, ";tag=f1");
	buf_addz(&b, "\r\n");
	sim_add_party(&b, "To", r->to);
	if (r->to_tag != NULL)
		buf_addf(&b, ";tag=%s", r->to_tag);
	if (r->call_id != NULL)
		buf_addf(&b, "\r\nCall-ID: %s\r\n", r->call_id);
	else
		buf_addf(&b, "\r\nCall-ID: call%u@client\r\n", sim.cseq);
	buf_addf(&b, "CSeq: %u %s\r\nMax-Forwards: 70\r\n%s", sim.cseq, r->method,
		 r->headers == NULL ? "" : r->headers);
	if (r->type != NULL)
		buf_addf(&b, "Content-Type: %s\r\n", r->type);
	buf_addf(&b, "Content-Length: %zu\r\n\r\n", r->body.len);
	buf_add(&b, r->body);
	sim_feed(conn, buf_str(&b));
	code = sim_code(conn);
	buf_fini(&b);
	return code;
}

/* The value of a quoted or plain parameter in a challenge. */
static inline struct str sim_param(struct str challenge, const char *name)
{
	size_t at = str_search(challenge, str_of(name)), end;

	if (at == challenge.len)
		return STR_NULL;
	at += strlen(name) + 1;
	if (challenge.p[at] == '"')
		return str_sub(challenge, at + 1, str_find(challenge, '"', at + 1));
	end = str_find(challenge, ',', at);
	return str_sub(challenge, at, end);
}

struct sim_credentials {
	const char *username, *password, *method, *uri;
	unsigned nc;
	bool md5;
};

/* An Authorization line that answers the challenge found in text. */
static inline void sim_authorize(struct buf *out, struct str text, const struct sim_credentials *c)
{
	enum digest_alg alg = c->md5 ? DIGEST_MD5 : DIGEST_SHA256;
	struct str ch = text, nonce, colon = STR(":");
	char ha1_hex[65], ha2_hex[65], hex[65], nc[9];
	unsigned char bytes[DIGEST_MAX];
	size_t at = str_search(text, c->md5 ? STR("algorithm=MD5") : STR("algorithm=SHA-256")),
	       line = 0;

	assert_true(at < text.len);
	for (size_t i = 0; i < at; i++)
		if (text.p[i] == '\n')
			line = i;
	ch = str_sub(text, line, text.len);
	nonce = sim_param(ch, "nonce");
	(void)snprintf(nc, sizeof(nc), "%08x", c->nc == 0 ? 1 : c->nc);
	{
		struct str a1[] = { str_of(c->username), colon, STR(SIM_DOMAIN), colon,
				    str_of(c->password) };
		struct str a2[] = { str_of(c->method), colon, str_of(c->uri) };

		digest_parts(alg, a1, ARRAY_LEN(a1), bytes);
		digest_hex(bytes, digest_len(alg), ha1_hex);
		digest_parts(alg, a2, ARRAY_LEN(a2), bytes);
		digest_hex(bytes, digest_len(alg), ha2_hex);
	}
	{
		struct str all[] = { str_of(ha1_hex), colon, nonce,	     colon,
				     str_of(nc),      colon, STR("c0ffee"),  colon,
				     STR("auth"),     colon, str_of(ha2_hex) };

		digest_parts(alg, all, ARRAY_LEN(all), bytes);
		digest_hex(bytes, digest_len(alg), hex);
	}
	buf_addf(out,
		 "Authorization: Digest username=\"%s\", realm=\"" SIM_DOMAIN
		 "\", nonce=\"%.*s\", uri=\"%s\", response=\"%s\","
		 " algorithm=%s, cnonce=\"c0ffee\", qop=auth, nc=%s\r\n",
		 c->username, STR_ARG(nonce), c->uri, hex, c->md5 ? "MD5" : "SHA-256", nc);
}

/* REGISTER as NAME with headers, challenge and all; the code of the second answer. */
static inline int sim_register(conn_id conn, const char *name, const char *password,
			       const char *headers)
{
	struct sim_request r = { .method = "REGISTER",
				 .ruri = "sip:" SIM_DOMAIN,
				 .from = name,
				 .to = name,
				 .headers = headers };
	struct buf b;
	int code = sim_send(conn, &r);

	if (code != 401)
		return code;
	buf_init(&b, 1u << 16);
	sim_authorize(
		&b, sim_sent(conn),
		&(struct sim_credentials){ .username = name,
					   .password = password,
					   .method = "REGISTER",
					   .uri = "sip:" SIM_DOMAIN,
					   .md5 = str_search(sim_sent(conn), STR("SHA-256")) ==
						  sim_sent(conn).len });
	buf_addz(&b, headers);
	buf_addc(&b, 0);
	r.headers = b.p;
	code = sim_send(conn, &r);
	buf_fini(&b);
	return code;
}

static inline void sim_sign_in(conn_id conn, const char *name)
{
	char headers[256];

	fake_open(&sim.net, conn);
	(void)snprintf(
		headers, sizeof(headers),
		"Contact: <sip:%s@192.0.2.77:%u;transport=tls>;+sip.instance=\"<urn:uuid:%s-%u>\"\r\n"
		"Expires: 600\r\nSupported: gruu, outbound\r\nUser-Agent: test\r\n",
		name, 4000 + (unsigned)conn, name, (unsigned)conn);
	assert_int_equal(sim_register(conn, name, "secret words", headers), 200);
}

/* Answers a request that was sent to conn; frees req. */
static inline void sim_respond(conn_id conn, struct str req, int code)
{
	static const char *const copied[] = { "Via", "From", "To", "Call-ID", "CSeq" };
	struct buf b;

	buf_init(&b, 1u << 16);
	buf_addf(&b, "SIP/2.0 %d Whatever\r\n", code);
	for (size_t i = 0; i < ARRAY_LEN(copied); i++) {
		struct str v = sim_header(req, copied[i]);

		buf_addf(&b, "%s: %.*s\r\n", copied[i], STR_ARG(v));
	}
	buf_addz(&b, "Content-Length: 0\r\n\r\n");
	sim_feed(conn, buf_str(&b));
	buf_fini(&b);
	str_free(&req);
}

#define SIM_TEST(f) cmocka_unit_test_setup_teardown(f, sim_setup, sim_teardown)

#endif
