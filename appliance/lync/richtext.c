#include "lync/richtext.h"

#include "base/mem.h"
#include "base/num.h"
#include "codec/mime.h"

enum {
	MULTIPART_DEPTH_MAX = 3,
	RTF_GROUPS_MAX = 64,
	ENTITY_MAX = 10,
	TAG_NAME_MAX = 12,
	RTF_WORD_MAX = 32
};

/* --- Unicode --- */

static void add_code_point(struct buf *out, uint32_t c)
{
	char b[4];
	size_t n = 0;

	if (c == 0 || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
		c = 0xfffd;
	if (c < 0x80) {
		b[n++] = (char)c;
	} else if (c < 0x800) {
		b[n++] = (char)(0xc0 | c >> 6);
		b[n++] = (char)(0x80 | (c & 63));
	} else if (c < 0x10000) {
		b[n++] = (char)(0xe0 | c >> 12);
		b[n++] = (char)(0x80 | (c >> 6 & 63));
		b[n++] = (char)(0x80 | (c & 63));
	} else {
		b[n++] = (char)(0xf0 | c >> 18);
		b[n++] = (char)(0x80 | (c >> 12 & 63));
		b[n++] = (char)(0x80 | (c >> 6 & 63));
		b[n++] = (char)(0x80 | (c & 63));
	}
	buf_add(out, str_n(b, n));
}

/* 0x80 to 0x9f of Windows-1252; the rest of it is Latin-1. */
static uint32_t of_1252(unsigned char c)
{
	static const uint16_t high[32] = {
		0x20ac, 0xfffd, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021,
		0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0xfffd, 0x017d, 0xfffd,
		0xfffd, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014,
		0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0xfffd, 0x017e, 0x0178,
	};

	return c >= 0x80 && c < 0xa0 ? high[c - 0x80] : c;
}

/* --- HTML --- */

struct html {
	struct buf *out;
	struct str href; /* of the link that is open */
	size_t link_at;	 /* where its text begins in out */
	bool in_link;
	const char *skip;   /* inside style or script: until its end tag */
	bool pending_space; /* a blank is owed before the next character */
};

static bool ends_line(const struct buf *b)
{
	return b->len == 0 || b->p[b->len - 1] == '\n';
}

static void new_line(struct html *h)
{
	h->pending_space = false;
	if (!ends_line(h->out))
		buf_addc(h->out, '\n');
}

static void pay_space(struct html *h)
{
	if (h->pending_space && !ends_line(h->out))
		buf_addc(h->out, ' ');
	h->pending_space = false;
}

/* Returns how much of s the entity takes; 0: it is none. */
static size_t entity(struct str s, struct buf *out)
{
	static const struct {
		const char *name;
		uint32_t c;
	} named[] = { { "amp", '&' },  { "lt", '<' },	 { "gt", '>' },
		      { "quot", '"' }, { "apos", '\'' }, { "nbsp", ' ' } };
	size_t end = str_find(str_sub(s, 0, ENTITY_MAX), ';', 1);
	struct str name = str_sub(s, 1, end);
	uint64_t c = 0;

	if (end >= ENTITY_MAX || end >= s.len)
		return 0;
	if (name.len > 1 && name.p[0] == '#') {
		bool is_hex = name.p[1] == 'x' || name.p[1] == 'X';

		if ((is_hex ? num_hex_u64(str_sub(name, 2, name.len), &c)
			    : num_u64(str_sub(name, 1, name.len), 0, 0x10ffff, &c)) != E_OK ||
		    c > 0x10ffff)
			return 0;
		add_code_point(out, (uint32_t)c);
		return end + 1;
	}
	for (size_t i = 0; i < ARRAY_LEN(named); i++) {
		if (str_ieqz(name, named[i].name)) {
			add_code_point(out, named[i].c);
			return end + 1;
		}
	}
	return 0;
}

static struct str attr_of(struct str tag, const char *name)
{
	struct str n = str_of(name);

	for (size_t at = 0; at + n.len < tag.len; at++) {
		struct str rest = str_sub(tag, at, tag.len);
		char quote;

		if (!str_istarts(rest, n) || rest.p[n.len] != '=')
			continue;
		rest = str_sub(rest, n.len + 1, rest.len);
		if (rest.len == 0)
			return STR_NULL;
		quote = rest.p[0];
		if (quote != '"' && quote != '\'')
			return str_sub(rest, 0, str_find(rest, ' ', 0));
		return str_sub(rest, 1, str_find(rest, quote, 1));
	}
	return STR_NULL;
}

static void open_link(struct html *h, struct str tag)
{
	pay_space(h);
	h->in_link = true;
	h->href = attr_of(tag, "href");
	h->link_at = h->out->len;
}

static void close_link(struct html *h)
{
	struct str shown;

	if (!h->in_link)
		return;
	h->in_link = false;
	shown = str_sub(buf_str(h->out), h->link_at, h->out->len);
	if (h->href.len == 0 || str_search(h->href, str_trim(shown)) < h->href.len)
		return;
	buf_addz(h->out, " <");
	buf_add(h->out, h->href);
	buf_addc(h->out, '>');
}

static bool is_block(struct str name)
{
	static const char *const blocks[] = { "p",  "div",   "br", "li", "ul", "ol",
					      "tr", "table", "h1", "h2", "h3", "blockquote" };

	for (size_t i = 0; i < ARRAY_LEN(blocks); i++)
		if (str_ieqz(name, blocks[i]))
			return true;
	return false;
}

static void on_tag(struct html *h, struct str tag)
{
	bool is_end = tag.len > 0 && tag.p[0] == '/';
	struct str rest = str_sub(tag, is_end ? 1 : 0, tag.len), name;
	size_t n = 0;

	while (n < rest.len && n < TAG_NAME_MAX && rest.p[n] != ' ' && rest.p[n] != '/' &&
	       rest.p[n] != '\t' && rest.p[n] != '\r' && rest.p[n] != '\n')
		n++;
	name = str_sub(rest, 0, n);
	if (h->skip != NULL) {
		if (is_end && str_ieqz(name, h->skip))
			h->skip = NULL;
		return;
	}
	if (str_ieqz(name, "br"))
		buf_addc(h->out, '\n');
	else if (is_block(name))
		new_line(h);
	else if (str_ieqz(name, "a") && is_end)
		close_link(h);
	else if (str_ieqz(name, "a"))
		open_link(h, rest);
	else if (!is_end &&
		 (str_ieqz(name, "style") || str_ieqz(name, "script") || str_ieqz(name, "title")))
		h->skip = str_ieqz(name, "style")    ? "style"
			  : str_ieqz(name, "script") ? "script"
						     : "title";
}

void richtext_of_html(struct str s, struct buf *out)
{
	struct html h = { .out = out };

	for (size_t i = 0; i < s.len;) {
		char c = s.p[i];
		size_t n;

		if (c == '<') {
			bool is_comment = str_starts(str_sub(s, i, s.len), STR("<!--"));
			size_t end = is_comment
					     ? i + str_search(str_sub(s, i, s.len), STR("-->")) + 2
					     : str_find(s, '>', i);

			if (!is_comment)
				on_tag(&h, str_sub(s, i + 1, end));
			i = end + 1;
			continue;
		}
		i++;
		if (h.skip != NULL)
			continue;
		if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
			h.pending_space = true;
			continue;
		}
		pay_space(&h);
		n = c == '&' ? entity(str_sub(s, i - 1, s.len), out) : 0;
		if (n == 0)
			buf_addc(out, c);
		else
			i += n - 1;
	}
	while (out->len > 0 && out->p[out->len - 1] == '\n')
		out->len--;
}

/* --- RTF --- */

struct rtf {
	struct buf *out;
	struct str s;
	size_t at;
	size_t depth;
	size_t hidden;	 /* the depth of the group nothing is shown of; 0: none */
	int64_t uc;	 /* how many characters stand in for a \uN */
	int64_t to_skip; /* of them, still to come */
	uint32_t high;	 /* surrogate that waits for its other half */
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static void show(struct rtf *r, uint32_t c)
{
	if (r->to_skip > 0)
		r->to_skip--;
	else if (r->hidden == 0)
		add_code_point(r->out, c);
}

static void show_utf16(struct rtf *r, int64_t n)
{
	uint32_t c = (uint32_t)(n < 0 ? n + 65536 : n) & 0xffff;

	if (c >= 0xd800 && c < 0xdc00) {
		r->high = c;
	} else if (c >= 0xdc00 && c < 0xe000 && r->high != 0) {
		show(r, 0x10000 + ((r->high - 0xd800) << 10) + (c - 0xdc00));
		r->high = 0;
	} else {
		show(r, c);
		r->high = 0;
	}
	r->to_skip = r->uc;
}

static bool hides(struct str w)
{
	static const char *const words[] = { "fonttbl", "colortbl", "stylesheet", "info",
					     "pict",	"object",   "themedata",  "generator" };

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (str_eqz(w, words[i]))
			return true;
	return false;
}

static void on_word(struct rtf *r, struct str w, int64_t n, bool has_n)
{
	if (str_eqz(w, "par") || str_eqz(w, "line")) {
		show(r, '\n');
	} else if (str_eqz(w, "tab")) {
		show(r, '\t');
	} else if (str_eqz(w, "u") && has_n) {
		r->to_skip = 0;
		show_utf16(r, n);
	} else if (str_eqz(w, "uc") && has_n && n >= 0 && n <= 4) {
		r->uc = n;
	} else if (r->hidden == 0 && hides(w)) {
		r->hidden = r->depth;
	}
}

/* A control word with its number: \word-12 and one blank. */
static void control_word(struct rtf *r)
{
	size_t from = r->at, digits;
	struct str w;
	int64_t n = 0;
	bool negative;

	while (r->at < r->s.len && r->at - from < RTF_WORD_MAX && is_letter(r->s.p[r->at]))
		r->at++;
	w = str_sub(r->s, from, r->at);
	negative = r->at < r->s.len && r->s.p[r->at] == '-';
	r->at += negative;
	digits = r->at;
	while (r->at < r->s.len && r->at - digits < 8 && r->s.p[r->at] >= '0' &&
	       r->s.p[r->at] <= '9')
		n = n * 10 + (r->s.p[r->at++] - '0');
	on_word(r, w, negative ? -n : n, r->at > digits);
	if (r->at < r->s.len && r->s.p[r->at] == ' ')
		r->at++;
}

static void control(struct rtf *r)
{
	char c = r->at < r->s.len ? r->s.p[r->at] : '\0';
	uint64_t hex;

	if (is_letter(c)) {
		control_word(r);
		return;
	}
	r->at++;
	if (c == '\'' && num_hex_u64(str_sub(r->s, r->at, r->at + 2), &hex) == E_OK) {
		r->at += 2;
		show(r, of_1252((unsigned char)hex));
	} else if (c == '*' && r->hidden == 0) {
		r->hidden = r->depth;
	} else if (c == '\\' || c == '{' || c == '}') {
		show(r, (unsigned char)c);
	} else if (c == '~') {
		show(r, ' ');
	}
}

void richtext_of_rtf(struct str s, struct buf *out)
{
	struct rtf r = { .out = out, .s = s, .uc = 1 };

	while (r.at < s.len && r.depth <= RTF_GROUPS_MAX) {
		char c = s.p[r.at++];

		if (c == '{') {
			r.depth++;
		} else if (c == '}') {
			if (r.hidden == r.depth)
				r.hidden = 0;
			r.depth -= r.depth > 0;
		} else if (c == '\\') {
			control(&r);
		} else if (c != '\r' && c != '\n') {
			show(&r, of_1252((unsigned char)c));
		}
	}
	while (out->len > 0 && out->p[out->len - 1] == '\n')
		out->len--;
}

/* --- bodies --- */

static void add_utf8(struct str s, struct buf *out)
{
	while (s.len > 0) {
		size_t n = str_utf8_len(s);

		if (n > 0)
			buf_add(out, str_sub(s, 0, n));
		else
			add_code_point(
				out,
				of_1252((unsigned char)s.p[0])); /* an old client's own code page */
		s = str_sub(s, n > 0 ? n : 1, s.len);
	}
}

static bool of_part(struct str type, struct str body, struct buf *out, int depth);

/* Plain first, then whatever can be read. */
static bool of_multipart(struct str type, struct str body, struct buf *out, int depth)
{
	struct mime_multipart m;

	if (depth == MULTIPART_DEPTH_MAX || mime_split(type, body, &m) != E_OK)
		return false;
	for (size_t i = 0; i < m.count; i++)
		if (m.part[i].content_type.len == 0 ||
		    mime_is(m.part[i].content_type, "text/plain"))
			return of_part(STR("text/plain"), m.part[i].body, out, depth);
	for (size_t i = 0; i < m.count; i++)
		if (of_part(m.part[i].content_type, m.part[i].body, out, depth + 1))
			return true;
	return false;
}

static bool of_part(struct str type, struct str body, struct buf *out, int depth)
{
	struct mime_type t;

	if (mime_is(type, "text/plain"))
		add_utf8(body, out);
	else if (mime_is(type, "text/html"))
		richtext_of_html(body, out);
	else if (mime_is(type, "text/rtf") || mime_is(type, "application/rtf"))
		richtext_of_rtf(body, out);
	else if (mime_type_decode(type, &t) == E_OK && str_ieqz(t.type, "multipart"))
		return of_multipart(type, body, out, depth);
	else
		return false;
	return true;
}

bool richtext_of_body(struct str content_type, struct str body, struct buf *out)
{
	return of_part(content_type, body, out, 0);
}
