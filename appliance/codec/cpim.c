#include "codec/cpim.h"

#include <string.h>

#include "base/limits.h"
#include "codec/mime.h"

/* Takes a line without its end off *s. */
static struct str take_line(struct str *s)
{
	struct str line = str_cut(s, '\n');

	if (line.len > 0 && line.p[line.len - 1] == '\r')
		line.len--;
	return line;
}

/* "Name: value" or "Name:;lang=de value" (RFC 3862 2.2, 2.4); the parameters are of no use to us. */
static bool header_of(struct str line, struct str *name, struct str *value)
{
	struct str rest = line;

	*name = str_cut(&rest, ':');
	if (rest.p == NULL || name->len == 0 || memchr(name->p, ' ', name->len) != NULL)
		return false;
	if (rest.len > 0 && rest.p[0] == ';')
		rest = str_sub(rest, str_find(rest, ' ', 0), rest.len);
	*value = str_trim(rest);
	return true;
}

/* The prefix an NS header gives to ns: "NS: imdn <urn:ietf:params:imdn>"; p == NULL: none. */
static struct str prefix_of(struct str head, const char *ns)
{
	struct str name, value;

	while (head.len > 0) {
		if (!header_of(take_line(&head), &name, &value) || !str_eqz(name, "NS"))
			continue;
		size_t open = str_find(value, '<', 0), close = str_find(value, '>', open);

		if (close < value.len && str_eqz(str_sub(value, open + 1, close), ns))
			return str_trim(str_sub(value, 0, open));
	}
	return STR_NULL;
}

struct str cpim_header(const struct cpim_msg *m, const char *ns, const char *name)
{
	struct str prefix = ns == NULL ? STR_NULL : prefix_of(m->head, ns), rest = m->head, n,
		   value;

	if (ns != NULL && prefix.p == NULL)
		return STR_NULL;
	while (rest.len > 0) {
		if (!header_of(take_line(&rest), &n, &value))
			continue;
		if (prefix.len > 0) {
			if (!str_starts(n, prefix) || n.len <= prefix.len || n.p[prefix.len] != '.')
				continue;
			n = str_sub(n, prefix.len + 1, n.len);
		}
		if (str_eqz(n, name)) /* names are case-sensitive (RFC 3862 2.1) */
			return value;
	}
	return STR_NULL;
}

/* [display] "<" uri ">" */
static bool address_of(struct str value, struct str *display, struct str *uri)
{
	size_t open, close, from = 0;

	if (value.len > 0 && value.p[0] == '"') {
		for (from = 1; from < value.len && value.p[from] != '"'; from++)
			if (value.p[from] == '\\')
				from++;
	}
	open = str_find(value, '<', from);
	close = str_find(value, '>', open);
	if (close >= value.len || close == open + 1)
		return false;
	*uri = str_sub(value, open + 1, close);
	*display = str_trim(str_sub(value, 0, open));
	if (display->len >= 2 && display->p[0] == '"' && display->p[display->len - 1] == '"')
		*display = str_sub(*display, 1, display->len - 1);
	return true;
}

static enum err check_head(struct str head)
{
	struct str name, value;

	for (size_t lines = 0; head.len > 0; lines++) {
		if (lines == CPIM_HEADERS_MAX)
			return E_TOOBIG;
		if (!header_of(take_line(&head), &name, &value))
			return E_BAD;
	}
	return E_OK;
}

enum err cpim_decode(struct str body, struct cpim_msg *out)
{
	struct cpim_msg m = { 0 };
	struct str rest, value;
	enum err e;

	mime_cut_head(body, &m.head, &rest);
	mime_cut_head(rest, &m.part_head, &m.content);
	if (m.head.len == 0 || m.part_head.len == 0 || m.content.p == NULL)
		return E_BAD;
	if (m.content.p == m.part_head.p + m.part_head.len)
		return E_BAD; /* no empty line behind the content's headers: cut short */
	e = check_head(m.head);
	if (e == E_OK)
		e = check_head(m.part_head);
	if (e != E_OK)
		return e;
	value = cpim_header(&m, NULL, "From");
	if (value.p != NULL && !address_of(value, &m.from_name, &m.from))
		return E_BAD;
	value = cpim_header(&m, NULL, "To");
	if (value.p != NULL && !address_of(value, &m.to_name, &m.to))
		return E_BAD;
	m.date_time = cpim_header(&m, NULL, "DateTime");
	m.message_id = cpim_header(&m, CPIM_NS_IMDN, "Message-ID");
	m.notification = cpim_header(&m, CPIM_NS_IMDN, "Disposition-Notification");
	m.content_type = mime_header(m.part_head, "Content-Type");
	*out = m;
	return E_OK;
}

bool cpim_list_has(struct str list, const char *word)
{
	while (list.len > 0)
		if (str_ieqz(str_trim(str_cut(&list, ',')), word))
			return true;
	return false;
}

/* Text for one line: controls are left out, they could end it. */
static void add_clean(struct buf *b, struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.p[i] >= 0x20 && s.p[i] != 0x7f)
			buf_addc(b, s.p[i]);
}

static void add_address(struct buf *b, const char *header, struct str display, struct str uri)
{
	buf_addz(b, header);
	if (display.len > 0) {
		buf_addc(b, '"');
		for (size_t i = 0; i < display.len; i++) {
			if (display.p[i] == '"' || display.p[i] == '\\')
				buf_addc(b, '\\');
			add_clean(b, str_sub(display, i, i + 1));
		}
		buf_addz(b, "\" ");
	}
	buf_addc(b, '<');
	add_clean(b, uri);
	buf_addz(b, ">\r\n");
}

static void add_line(struct buf *b, const char *header, struct str value)
{
	if (value.len == 0)
		return;
	buf_addz(b, header);
	add_clean(b, value);
	buf_addz(b, "\r\n");
}

void cpim_encode(struct buf *b, const struct cpim_msg *m)
{
	add_address(b, "From: ", m->from_name, m->from);
	add_address(b, "To: ", m->to_name, m->to);
	add_line(b, "DateTime: ", m->date_time);
	if (m->message_id.len > 0 || m->notification.len > 0) {
		buf_addz(b, "NS: imdn <" CPIM_NS_IMDN ">\r\n");
		add_line(b, "imdn.Message-ID: ", m->message_id);
		add_line(b, "imdn.Disposition-Notification: ", m->notification);
	}
	buf_addz(b, "\r\n");
	add_line(b, "Content-Type: ", m->content_type);
	buf_addz(b, "\r\n");
	buf_add(b, m->content);
}
