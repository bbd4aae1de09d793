#include "sip/msg.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/mem.h"

#include "sip/msg_int.h"

enum { FIRST_HEADERS = 32, FAULT_TEXT_MAX = 96 };

struct sip_msg *sip_msg_ref(const struct sip_msg *m)
{
	/* every message is on the heap, none is const there */
	struct sip_msg *own = (struct sip_msg *)(uintptr_t)m;

	own->refs++;
	return own;
}

void sip_msg_unref(struct sip_msg **mp)
{
	struct sip_msg *m = *mp;

	*mp = NULL;
	if (m == NULL || --m->refs > 0)
		return;
	arena_fini(&m->arena);
	free(m);
}

void sip_msg_fault(struct sip_msg *m, int code, const char *what, struct str header)
{
	struct buf b;
	struct str text;

	if (m->fault.code != 0)
		return; /* the first one is what the peer should mend first */
	m->fault = (struct sip_fault){ code, what };
	if (header.len == 0 || header.len > FAULT_TEXT_MAX / 2)
		return;
	buf_init(&b, FAULT_TEXT_MAX);
	buf_addz(&b, what);
	buf_addc(&b, ' ');
	buf_add(&b, header);
	buf_addc(&b, '\0');
	if (buf_err(&b) == E_OK && arena_dup(&m->arena, buf_str(&b), &text) == E_OK)
		m->fault.reason = text.p;
	buf_fini(&b);
}

static bool is_version(struct str s)
{
	size_t dot = str_find(s, '.', 4);

	if (s.len < 7 || !str_istarts(s, STR("SIP/")) || dot == 4 || dot + 1 >= s.len)
		return false;
	for (size_t i = 4; i < s.len; i++)
		if (i != dot && (s.p[i] < '0' || s.p[i] > '9'))
			return false;
	return true;
}

/* SIP-Version SP 3DIGIT SP Reason-Phrase; the last blank is often left out. */
static enum err status_line(struct sip_msg *m, struct str line)
{
	struct str rest = line, version = str_cut(&rest, ' '), code = str_cut(&rest, ' ');

	if (!str_ieqz(version, "SIP/2.0") || code.len != 3 || code.p[0] < '1' || code.p[0] > '6')
		return E_BAD;
	for (size_t i = 0; i < 3; i++) {
		if (code.p[i] < '0' || code.p[i] > '9')
			return E_BAD;
		m->status = m->status * 10 + (code.p[i] - '0');
	}
	m->reason = rest.p == NULL ? STR("") : rest;
	return E_OK;
}

/* Method SP Request-URI SP SIP-Version, with exactly those blanks.  The method is found at the
 * front and the version at the back, so a damaged middle can still be answered. */
static enum err request_line(struct sip_msg *m, struct str line)
{
	struct str rest = line, trimmed = str_trim(line), version, uri;
	size_t sp = trimmed.len;

	m->method = str_cut(&rest, ' ');
	while (sp > 0 && trimmed.p[sp - 1] != ' ')
		sp--;
	version = str_sub(trimmed, sp, trimmed.len);
	if (!sip_is_token(m->method) || rest.p == NULL || !is_version(version))
		return E_BAD;
	m->method_id = sip_method_of(m->method);
	if (!str_ieqz(version, "SIP/2.0"))
		sip_msg_fault(m, 505, "Version Not Supported", STR_NULL);
	if (version.p <= rest.p) {
		sip_msg_fault(m, 400, "Bad Request-Line", STR_NULL);
		return E_OK;
	}
	uri = str_n(rest.p, (size_t)(version.p - 1 - rest.p));
	m->ruri = uri;
	if (trimmed.len != line.len || uri.len == 0 || uri.p[0] == ' ' || uri.p[uri.len - 1] == ' ')
		sip_msg_fault(m, 400, "Bad Request-Line", STR_NULL);
	sip_msg_check_ruri(m);
	return E_OK;
}

static struct sip_hdr *add_slot(struct sip_msg *m, size_t *cap)
{
	struct sip_hdr *grown;

	if (m->hdr_count == *cap) {
		size_t want = *cap == 0 ? FIRST_HEADERS : *cap * 2;

		grown = arena_alloc(&m->arena, want * sizeof(*grown));
		if (grown == NULL)
			return NULL;
		if (m->hdr_count > 0)
			memcpy(grown, m->hdr, m->hdr_count * sizeof(*grown));
		m->hdr = grown;
		*cap = want;
	}
	return &m->hdr[m->hdr_count++];
}

/* Chains the header to the others of its id; the tail is found by walking, the chains are short. */
static void link_header(struct sip_msg *m, struct sip_hdr *h)
{
	uint16_t *link = &m->first[h->id];

	while (*link != 0)
		link = &m->hdr[*link - 1].next;
	*link = (uint16_t)m->hdr_count;
}

/* Blanks out control characters in our copy, so that the 400 which says so may echo the value.
 * Legal ones: HTAB, and any but CR and LF behind a backslash inside quotes (quoted-pair). */
static bool blank_controls(char *p, size_t len)
{
	bool quoted = false, clean = true;

	for (size_t i = 0; i < len; i++) {
		unsigned char c = (unsigned char)p[i];

		if (c == '"')
			quoted = !quoted;
		if (quoted && c == '\\' && i + 1 < len && p[i + 1] != '\r' && p[i + 1] != '\n') {
			i++;
			continue;
		}
		if ((c < 0x20 && c != '\t') || c == 0x7f) {
			p[i] = ' ';
			clean = false;
		}
	}
	return clean;
}

static enum err header_line(struct sip_msg *m, char *p, size_t len, size_t *cap)
{
	struct str line = str_n(p, len), name, value;
	size_t colon = str_find(line, ':', 0);
	bool controls = false, gap;
	struct sip_hdr *h;

	name = str_trim(str_sub(line, 0, colon));
	gap = colon < len && name.len != colon; /* 7.3.1 has it, two readers split it differently */
	if (colon == len || !sip_is_token(name)) {
		sip_msg_fault(m, 400, "Bad Header Line", STR_NULL);
		return E_OK;
	}
	value = str_sub(line, colon + 1, len);
	if (!sip_is_clean(value))
		controls = !blank_controls(p + colon + 1, value.len);
	if (m->hdr_count == SIP_HEADERS_MAX) {
		sip_msg_fault(m, 513, "Too Many Headers", STR_NULL);
		return E_FULL;
	}
	h = add_slot(m, cap);
	if (h == NULL)
		return E_NOMEM;
	*h = (struct sip_hdr){ .name = name, .value = str_trim(value), .id = sip_hdr_id_of(name) };
	if (gap)
		sip_msg_fault(m, 400, "Space Before Colon In", name);
	if (controls)
		sip_msg_fault(m, 400, "Control Character In", name);
	if (h->id != SIP_HDR_OTHER && sip_hdr_is_single(h->id) && m->first[h->id] != 0)
		sip_msg_fault(m, 400, "Duplicate", sip_hdr_name(h->id));
	if (h->id != SIP_HDR_OTHER)
		link_header(m, h);
	return E_OK;
}

/* The end of the line that starts at p: where its line end begins; *next where the next one starts. */
static char *line_end(char *p, char *end, enum sip_lines lines, char **next)
{
	char *lf = memchr(p, '\n', (size_t)(end - p)), *stop;

	if (lf == NULL) {
		*next = end;
		return end;
	}
	*next = lf + 1;
	stop = lf > p && lf[-1] == '\r' ? lf - 1 : lf;
	while (lines == SIP_LINES_LOOSE && stop > p && stop[-1] == '\r')
		stop--;
	return stop;
}

static enum err headers(struct sip_msg *m, char *p, char *end, enum sip_lines lines)
{
	size_t cap = 0;
	enum err e;

	while (p < end) {
		char *next, *stop = line_end(p, end, lines, &next);

		if (stop == p)
			break; /* the empty line */
		while (next < end && (*next == ' ' || *next == '\t')) {
			char *folded_from = stop;

			stop = line_end(next, end, lines, &next);
			for (; *folded_from == '\r' || *folded_from == '\n'; folded_from++)
				*folded_from = ' ';
		}
		e = header_line(m, p, (size_t)(stop - p), &cap);
		if (e != E_OK)
			return e;
		p = next;
	}
	return E_OK;
}

static enum err decode(struct sip_msg *m, char *p, size_t head_len, enum sip_lines lines)
{
	char *end = p + head_len, *next, *stop = line_end(p, end, lines, &next);
	struct str line = str_n(p, (size_t)(stop - p));
	enum err e;

	if (!sip_is_clean(line))
		return E_BAD;
	e = str_istarts(line, STR("SIP/")) ? status_line(m, line) : request_line(m, line);
	if (e != E_OK)
		return e;
	if (lines == SIP_LINES_LOOSE)
		sip_msg_fault(m, 400, "Bad Line End", STR_NULL);
	e = headers(m, next, end, lines);
	if (e == E_NOMEM)
		return e;
	sip_msg_interpret(m);
	return E_OK;
}

enum err sip_msg_decode(struct str bytes, size_t head_len, enum sip_lines lines,
			struct sip_msg **out)
{
	struct sip_msg *m;
	char *copy;
	enum err e;

	if (head_len == 0 || head_len > bytes.len)
		return E_BAD;
	m = malloc(sizeof(*m) + bytes.len);
	if (m == NULL)
		return E_NOMEM;
	memset(m, 0, sizeof(*m));
	copy = (char *)(m + 1);
	memcpy(copy, bytes.p, bytes.len);
	m->refs = 1;
	m->bytes = str_n(copy, bytes.len);
	m->max_forwards = SIP_MAX_FORWARDS;
	m->body = str_n(copy + head_len, bytes.len - head_len);
	arena_init(&m->arena, SIP_ARENA_MAX);
	e = decode(m, copy, head_len, lines);
	if (e != E_OK) {
		sip_msg_unref(&m);
		return e;
	}
	*out = m;
	return E_OK;
}
