/* receive.c: cutting the stream into messages, matching answers to requests, answering the server's
 * requests, and looking for the marks that this generator put into what it sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "load.h"

enum { ANSWER_MAX = 16 * 1024 };

void (*receive_on_text)(struct agent *a, const struct txn *t);
void (*receive_on_presence)(struct agent *watcher, struct agent *who, uint32_t serial);

struct line {
	const char *p, *end; /* end is behind the line feed */
};

static struct line line_at(const char *p, const char *end)
{
	const char *lf = memchr(p, '\n', (size_t)(end - p));

	return (struct line){ p, lf == NULL ? end : lf + 1 };
}

/* The value of a header of that name, or NULL. */
static const char *value_of(struct line l, const char *name)
{
	size_t n = strlen(name);

	if ((size_t)(l.end - l.p) <= n || strncasecmp(l.p, name, n) != 0 || l.p[n] != ':')
		return NULL;
	for (l.p += n + 1; l.p < l.end && *l.p == ' ';)
		l.p++;
	return l.p;
}

static struct txn *txn_of_via(const char *via, const char *end)
{
	const char *branch = memmem(via, (size_t)(end - via), "z9hG4bK", 7);
	unsigned index, generation;

	return branch != NULL && sscanf(branch + 7, "%x.%x", &index, &generation) == 2
		       ? txn_find(index, generation)
		       : NULL;
}

static void keep_etag(struct agent *a, const char *v, const char *end)
{
	size_t n = 0;

	while (v + n < end && v[n] != '\r' && v[n] != '\n' && n < sizeof(a->presence.etag) - 1)
		n++;
	memcpy(a->presence.etag, v, n);
	a->presence.etag[n] = '\0';
}

static void on_answer(struct agent *a, const char *head, const char *end)
{
	int code = (int)strtol(head + 8, NULL, 10);
	struct txn *t = NULL;
	const char *v;
	bool via_seen = false;

	if (code < 200)
		return;
	for (struct line l = line_at(head, end); l.p < end; l = line_at(l.end, end)) {
		if (!via_seen && (v = value_of(l, "Via")) != NULL) {
			via_seen = true;
			t = txn_of_via(v, l.end);
		} else if ((v = value_of(l, "WWW-Authenticate")) != NULL ||
			   (v = value_of(l, "Proxy-Authenticate")) != NULL) {
			digest_challenge(a, v, l.end);
		} else if ((v = value_of(l, "Authentication-Info")) != NULL) {
			digest_next_nonce(a, v, l.end);
		} else if (code < 300 && (v = value_of(l, "SIP-ETag")) != NULL) {
			keep_etag(a, v, l.end);
		}
	}
	if (t != NULL && t->from == a)
		txn_answered(t, code);
}

static bool is_copied(struct line l)
{
	static const char *const copied[] = { "Via", "v",	"From", "f",   "To",
					      "t",   "Call-ID", "i",	"CSeq" };

	for (size_t i = 0; i < sizeof(copied) / sizeof(copied[0]); i++)
		if (value_of(l, copied[i]) != NULL)
			return true;
	return false;
}

/* RFC 3261 8.2.6.2: the headers an answer must carry, and a tag of ours in To. */
static void answer(struct agent *a, const char *head, const char *end)
{
	static char out[ANSWER_MAX];
	size_t n = (size_t)snprintf(out, sizeof(out), "SIP/2.0 200 OK\r\n");

	for (struct line l = line_at(head, end); l.p < end; l = line_at(l.end, end)) {
		size_t len = (size_t)(l.end - l.p);
		bool is_to = value_of(l, "To") != NULL || value_of(l, "t") != NULL;

		if (!is_copied(l) || n + len + 64 > sizeof(out))
			continue;
		memcpy(out + n, l.p, len);
		n += len;
		if (is_to && memmem(l.p, len, ";tag=", 5) == NULL)
			n += (size_t)snprintf(out + n - 2, sizeof(out) - n, ";tag=lg%d\r\n",
					      agent_number(a)) -
			     2;
	}
	n += (size_t)snprintf(out + n, sizeof(out) - n, "Content-Length: 0\r\n\r\n");
	agent_send(a, out, n);
}

/* lg:NUMBER:NUMBER: is what this generator marks its bodies with. */
static bool mark_in(const char *p, size_t len, uint32_t *first, uint32_t *second)
{
	const char *mark = memmem(p, len, "lg:", 3);

	return mark != NULL && sscanf(mark, "lg:%x:%x:", first, second) == 2;
}

static void on_request(struct agent *a, const char *p, size_t head_len, size_t body_len)
{
	const char *body = p + head_len;
	uint32_t first, second;
	struct txn *t;

	if (strncmp(p, "ACK ", 4) == 0)
		return;
	if (strncmp(p, "MESSAGE ", 8) == 0) {
		if (mark_in(body, body_len, &first, &second) &&
		    (t = txn_find(first, second)) != NULL) {
			if (receive_on_text != NULL)
				receive_on_text(a, t);
			txn_delivered(t, a);
		}
	} else if (strncmp(p, "NOTIFY ", 7) == 0) {
		if (mark_in(body, body_len, &first, &second) &&
		    first < (uint32_t)(opt.users + opt.newcomers) && receive_on_presence != NULL)
			receive_on_presence(a, &agents[first], second);
	}
	answer(a, p, body);
}

static size_t length_of_body(const char *head, const char *end)
{
	const char *v;

	for (struct line l = line_at(head, end); l.p < end; l = line_at(l.end, end))
		if ((v = value_of(l, "Content-Length")) != NULL || (v = value_of(l, "l")) != NULL)
			return (size_t)strtoul(v, NULL, 10);
	return 0;
}

size_t receive(struct agent *a, const char *p, size_t len)
{
	const char *s = p, *end = p + len, *blank;
	size_t head_len, body_len;

	while (a->state == AGENT_UP) {
		while (s < end && (*s == '\r' || *s == '\n')) /* keep-alive */
			s++;
		blank = memmem(s, (size_t)(end - s), "\r\n\r\n", 4);
		if (blank == NULL)
			break;
		head_len = (size_t)(blank + 4 - s);
		body_len = length_of_body(s, blank + 2);
		if (head_len + body_len > (size_t)(end - s))
			break;
		if (strncmp(s, "SIP/2.0 ", 8) == 0)
			on_answer(a, s, blank + 2);
		else
			on_request(a, s, head_len, body_len);
		s += head_len + body_len;
	}
	return (size_t)(s - p);
}
