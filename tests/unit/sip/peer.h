/* peer.h: the other side of a fake stack: writes requests, reads answers, answers what it is sent. */
#ifndef TESTS_SIP_PEER_H
#define TESTS_SIP_PEER_H

#include <stdio.h>

#include "tests/unit/sip/fake_net.h"

struct peer_request {
	const char *method, *branch; /* branch NULL: none at all; "" with the '=': an empty one */
	const char *ruri, *from_tag, *to_tag, *call_id, *headers, *body;
	unsigned cseq;
	const char *cseq_method;
};

static inline void peer_write(struct buf *b, const struct peer_request *r)
{
	const char *body = r->body == NULL ? "" : r->body;

	buf_addf(b, "%s %s SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.77:5061", r->method,
		 r->ruri == NULL ? "sip:bob@porchlight.test" : r->ruri);
	if (r->branch != NULL)
		buf_addf(b, ";branch=%s", r->branch);
	buf_addf(b, "\r\nFrom: <sip:alice@porchlight.test>;tag=%s\r\nTo: <sip:bob@porchlight.test>",
		 r->from_tag == NULL ? "a" : r->from_tag);
	if (r->to_tag != NULL)
		buf_addf(b, ";tag=%s", r->to_tag);
	buf_addf(b, "\r\nCall-ID: %s\r\nCSeq: %u %s\r\nMax-Forwards: 70\r\n%s",
		 r->call_id == NULL ? "c1" : r->call_id, r->cseq == 0 ? 1 : r->cseq,
		 r->cseq_method == NULL ? r->method : r->cseq_method,
		 r->headers == NULL ? "" : r->headers);
	if (body[0] != 0)
		buf_addz(b, "Content-Type: text/plain\r\n");
	buf_addf(b, "Content-Length: %zu\r\n\r\n%s", strlen(body), body);
}

/* Forgets what was sent before. */
static inline void peer_clear(struct fake *f)
{
	for (size_t i = 0; i < FAKE_CONNS; i++)
		buf_reset(&f->sent[i]);
}

static inline void peer_send(struct fake *f, conn_id conn, const struct peer_request *r)
{
	struct buf b;

	peer_clear(f);
	buf_init(&b, 1u << 20);
	peer_write(&b, r);
	if (sip_on_bytes(f->stack, conn, buf_str(&b)) != (ssize_t)b.len && !f->closed[conn])
		abort();
	buf_fini(&b);
}

static inline struct str peer_got(struct fake *f, conn_id conn)
{
	return buf_str(&f->sent[conn]);
}

/* "100 487": the status codes sent to conn, in order; requests by their method. */
static inline const char *peer_codes(struct fake *f, conn_id conn)
{
	static char text[256];
	struct str s = peer_got(f, conn);
	size_t n = 0;

	text[0] = 0;
	while (s.len > 0 && n < sizeof(text) - 40) {
		size_t head = str_search(s, STR("\r\n\r\n")),
		       at = str_search(s, STR("Content-Length: "));
		size_t len = 0;

		if (str_starts(s, STR("SIP/2.0 ")))
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.3s",
					      n == 0 ? "" : " ", s.p + 8);
		else
			n += (size_t)snprintf(text + n, sizeof(text) - n, "%s%.*s",
					      n == 0 ? "" : " ", (int)str_find(s, ' ', 0), s.p);
		for (at += 16; at < head; at++)
			len = len * 10 + (size_t)(s.p[at] - '0');
		s = str_sub(s, head + 4 + len, s.len);
	}
	return text;
}

static inline struct str peer_header(struct str text, const char *name)
{
	char needle[64];
	size_t at;
	int n = snprintf(needle, sizeof(needle), "\r\n%s: ", name);

	at = str_search(text, str_n(needle, (size_t)n));
	if (at == text.len)
		return STR_NULL;
	at += (size_t)n;
	return str_sub(text, at, str_find(text, '\r', at));
}

/* Answers the request kept in req with code, To tag and more header lines. */
static inline void peer_answer(struct fake *f, conn_id conn, struct str req, int code,
			       const char *to_tag, const char *headers)
{
	static const char *const copied[] = { "Via", "From", "Call-ID", "CSeq" };
	struct str to = peer_header(req, "To");
	struct buf b;

	peer_clear(f);
	buf_init(&b, 1u << 16);
	buf_addf(&b, "SIP/2.0 %d Whatever\r\n", code);
	for (size_t i = 0; i < ARRAY_LEN(copied); i++) {
		struct str v = peer_header(req, copied[i]);

		buf_addf(&b, "%s: %.*s\r\n", copied[i], STR_ARG(v));
	}
	buf_addf(&b, "To: %.*s", STR_ARG(to));
	if (to_tag != NULL)
		buf_addf(&b, ";tag=%s", to_tag);
	buf_addf(&b, "\r\n%sContent-Length: 0\r\n\r\n", headers == NULL ? "" : headers);
	if (sip_on_bytes(f->stack, conn, buf_str(&b)) != (ssize_t)b.len)
		abort();
	buf_fini(&b);
}

#endif
