#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

enum { TXNS = 1 << 16, REQUEST_MAX = 96 * 1024, EXPIRES_S = 3600 };

void (*txn_on_done)(const struct txn *t);

static struct txn txns[TXNS];
static uint32_t free_list[TXNS];
static int free_count;
static unsigned expire_at;
static const char *const names[METHODS] = { "REGISTER", "MESSAGE", "SUBSCRIBE", "PUBLISH" };

/* Set once the server has challenged that method: 401 or 407. */
static int challenged[METHODS] = { [REGISTER] = 401 };

struct text {
	char p[REQUEST_MAX];
	size_t len;
};

static void add(struct text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void add(struct text *t, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	t->len += (size_t)vsnprintf(t->p + t->len, sizeof(t->p) - t->len, format, ap);
	va_end(ap);
	if (t->len >= sizeof(t->p))
		die("a request too long");
}

void txns_init(void)
{
	for (uint32_t i = TXNS; i-- > 0;)
		free_list[free_count++] = i;
}

int txns_open(void)
{
	return TXNS - free_count;
}

static void add_body(struct text *t, const char *type, const char *body, int filling)
{
	size_t len = strlen(body);

	add(t, "Content-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", type, len + (size_t)filling,
	    body);
	for (int i = 0; i < filling; i++)
		t->p[t->len++] = (char)('a' + i % 26);
}

static void add_head(struct text *t, const struct txn *x, const char *uri, const char *to,
		     const char *call_id)
{
	add(t,
	    "%s %s SIP/2.0\r\nVia: SIP/2.0/TLS %s;branch=z9hG4bK%x.%x.%d;rport\r\nMax-Forwards: "
	    "70\r\n"
	    "From: <sip:%s@%s>;tag=%x\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: %u %s\r\n",
	    names[x->method], uri, x->from->address, (unsigned)(x - txns), x->generation,
	    x->attempts, agent_name(x->from), opt.domain, (unsigned)agent_number(x->from) + 0x1000,
	    to, call_id, ++x->from->cseq, names[x->method]);
	if (challenged[x->method] != 0)
		t->len += digest_header(t->p + t->len, sizeof(t->p) - t->len, x->from,
					challenged[x->method], names[x->method], uri);
}

static void add_contact(struct text *t, const struct agent *a)
{
	add(t, "Contact: <sip:%s@%s;transport=tls>", agent_name(a), a->address);
}

static void make_register(struct text *t, const struct txn *x, const char *me)
{
	char uri[128], call_id[64];

	snprintf(uri, sizeof(uri), "sip:%s", opt.domain);
	snprintf(call_id, sizeof(call_id), "r%d.%d", opt.first + agent_number(x->from), opt.port);
	add_head(t, x, uri, me, call_id);
	add_contact(t, x->from);
	add(t,
	    ";+sip.instance=\"<urn:uuid:6c6f6164-0000-4000-8000-%012x>\"\r\nExpires: "
	    "%d\r\nContent-Length: 0\r\n\r\n",
	    (unsigned)(opt.first + agent_number(x->from)), EXPIRES_S);
}

static void make_message(struct text *t, const struct txn *x, const char *to)
{
	char call_id[64], body[64];

	snprintf(call_id, sizeof(call_id), "m%x.%x", (unsigned)(x - txns), x->generation);
	snprintf(body, sizeof(body), "lg:%x:%x: ", (unsigned)(x - txns), x->generation);
	add_head(t, x, to, to, call_id);
	add_body(t, "text/plain", body,
		 opt.payload > (int)strlen(body) ? opt.payload - (int)strlen(body) : 0);
}

static void make_subscribe(struct text *t, const struct txn *x, const char *to)
{
	char call_id[64];

	snprintf(call_id, sizeof(call_id), "s%x.%x.%x", (unsigned)agent_number(x->from),
		 (unsigned)agent_number(x->to), x->generation);
	add_head(t, x, to, to, call_id);
	add_contact(t, x->from);
	add(t,
	    "\r\nEvent: presence\r\nAccept: application/pidf+xml\r\nExpires: %d\r\nContent-Length: "
	    "0\r\n\r\n",
	    EXPIRES_S);
}

static void make_publish(struct text *t, const struct txn *x, const char *me)
{
	char call_id[64], body[1024];

	snprintf(call_id, sizeof(call_id), "p%x", (unsigned)agent_number(x->from));
	snprintf(body, sizeof(body),
		 "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n"
		 "<presence xmlns=\"urn:ietf:params:xml:ns:pidf\" entity=\"%s\"><tuple "
		 "id=\"t1\"><status>"
		 "<basic>open</basic></status><contact priority=\"0.8\">%s</contact>"
		 "<note>lg:%x:%x:</note></tuple></presence>\r\n",
		 me, me, (unsigned)agent_number(x->from), x->from->presence.serial);
	add_head(t, x, me, me, call_id);
	if (x->from->presence.etag[0] != '\0')
		add(t, "SIP-If-Match: %s\r\n", x->from->presence.etag);
	add(t, "Event: presence\r\nExpires: %d\r\n", EXPIRES_S);
	add_body(t, "application/pidf+xml", body, 0);
}

static void send(struct txn *x)
{
	static struct text t;
	char me[128], to[128] = "";

	snprintf(me, sizeof(me), "sip:%s@%s", agent_name(x->from), opt.domain);
	if (x->to != NULL)
		snprintf(to, sizeof(to), "sip:%s@%s", agent_name(x->to), opt.domain);
	else if (opt.group != NULL)
		snprintf(to, sizeof(to), "sip:%s@%s", opt.group, opt.domain);
	t.len = 0;
	switch (x->method) {
	case REGISTER:
		make_register(&t, x, me);
		break;
	case MESSAGE:
		make_message(&t, x, to);
		break;
	case SUBSCRIBE:
		make_subscribe(&t, x, to);
		break;
	case PUBLISH:
		make_publish(&t, x, me);
		break;
	case METHODS:
		die("no such method");
	}
	x->sent_ns = now_ns();
	agent_send(x->from, t.p, t.len);
}

struct txn *txn_start(enum method method, struct agent *from, struct agent *to, uint64_t due_ns,
		      bool counted)
{
	struct txn *x;

	if (free_count == 0)
		die("too many requests at once");
	x = &txns[free_list[--free_count]];
	*x = (struct txn){ .generation = x->generation + 1,
			   .method = method,
			   .from = from,
			   .to = to,
			   .due_ns = due_ns,
			   .copies = 1,
			   .used = true,
			   .counted = counted };
	send(x);
	return x;
}

void txn_again(struct txn *t)
{
	t->attempts++;
	send(t);
}

struct txn *txn_find(uint32_t index, uint32_t generation)
{
	return index < TXNS && txns[index].used && txns[index].generation == generation
		       ? &txns[index]
		       : NULL;
}

static void settle(struct txn *t)
{
	struct txn copy = *t;

	report_answer(t->code);
	if (t->code == 408)
		faults.unanswered++;
	else if (t->code >= 300)
		faults.refused++;
	else if (t->method == MESSAGE && t->deliveries < t->copies)
		faults.undelivered++;
	t->used = false;
	free_list[free_count++] = (uint32_t)(t - txns);
	txn_on_done(&copy);
}

/* A text is done when it is answered and has arrived, in whichever order. */
static void settle_when_done(struct txn *t)
{
	if (t->code >= 300 || (t->code > 0 && (t->method != MESSAGE || t->deliveries >= t->copies)))
		settle(t);
}

void txn_delivered(struct txn *t, struct agent *by)
{
	t->deliveries++;
	if (t->deliveries > t->copies || (t->to != NULL && t->to != by))
		faults.misdelivered++;
	settle_when_done(t);
}

void txn_answered(struct txn *t, int code)
{
	if ((code == 401 || code == 407) && t->attempts < 2) {
		challenged[t->method] = code;
		txn_again(t);
		return;
	}
	if (opt.verbose && code >= 300)
		fprintf(stderr, "%s by %s: %d\n", names[t->method], agent_name(t->from), code);
	t->code = code;
	settle_when_done(t);
}

void txns_expire(void)
{
	uint64_t now = now_ns();

	for (int n = 0; n < TXNS / 64; n++) {
		struct txn *t = &txns[expire_at++ % TXNS];

		if (t->used && now > t->sent_ns + (uint64_t)(opt.timeout_s * (double)NS_PER_S)) {
			t->code = t->code > 0 ? t->code : 408;
			settle(t);
		}
	}
}

void txns_drain(void)
{
	while (txns_open() > 0)
		agents_pump(5 * NS_PER_MS);
}
