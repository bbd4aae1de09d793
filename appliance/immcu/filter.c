/* filter.c: links, file names and the disclaimer. */
#include "immcu/filter.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/filter_int.h"

struct filter {
	struct filter_policy v; /* owned strings */
};

static const struct str default_warning = { "Take care: this message contains a link.", 40 };

void filter_policy_fini(struct filter_policy *p)
{
	str_free(&p->link_hosts);
	str_free(&p->extensions);
	str_free(&p->disclaimer);
	str_free(&p->link_warning);
}

struct filter *filter_new(void)
{
	return xcalloc(1, sizeof(struct filter));
}

void filter_free(struct filter **fp)
{
	if (*fp == NULL)
		return;
	filter_policy_fini(&(*fp)->v);
	free(*fp);
	*fp = NULL;
}

static struct str capped(struct str s, size_t max)
{
	while (s.len > max)
		s.len--;
	while (s.len > 0 && !str_is_utf8(s)) /* not in the middle of a character */
		s.len--;
	return str_dup(s);
}

void filter_policy_copy(struct filter_policy *to, const struct filter_policy *from)
{
	*to = (struct filter_policy){
		.links = from->links,
		.files = from->files,
		.link_hosts = capped(from->link_hosts, FILTER_LIST_MAX),
		.extensions = capped(from->extensions, FILTER_LIST_MAX),
		.disclaimer = capped(from->disclaimer, IM_DISCLAIMER_MAX),
		.link_warning = capped(from->link_warning, IM_DISCLAIMER_MAX),
	};
}

void filter_set(struct immcu *m, const struct filter_policy *p)
{
	struct filter_policy v;

	filter_policy_copy(&v, p);
	filter_policy_fini(&m->filter->v);
	m->filter->v = v;
}

const struct filter_policy *filter_get(const struct immcu *m)
{
	return &m->filter->v;
}

/* --- links --- */

static struct str next_word(struct str *list)
{
	struct str word = STR_NULL;

	while (list->p != NULL && word.len == 0)
		word = str_trim(str_cut(list, ' '));
	return word;
}

static bool is_host_allowed(struct str hosts, struct str host)
{
	for (struct str w; (w = next_word(&hosts)).len > 0;) {
		if (str_ieq(w, host))
			return true;
		if (host.len > w.len && host.p[host.len - w.len - 1] == '.' &&
		    str_ieq(str_sub(host, host.len - w.len, host.len), w))
			return true;
	}
	return false;
}

/* user@ before a host is how a link pretends to lead elsewhere. */
static struct str host_of(struct str link)
{
	size_t end = 0, at;
	struct str host;

	while (end < link.len && link.p[end] != '/' && link.p[end] != '?' && link.p[end] != '#' &&
	       (unsigned char)link.p[end] > ' ' && link.p[end] != '"' && link.p[end] != '<' &&
	       link.p[end] != '\\')
		end++;
	host = str_sub(link, 0, end);
	while ((at = str_find(host, '@', 0)) < host.len)
		host = str_sub(host, at + 1, host.len);
	host = str_sub(host, 0, str_find(host, ':', 0));
	while (host.len > 0 && host.p[host.len - 1] == '.')
		host.len--;
	return host;
}

static bool is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* How long the beginning of a link is that s begins with; 0: none. */
static size_t link_prefix(struct str s)
{
	static const struct str prefix[] = { { "http://", 7 }, { "https://", 8 }, { "ftp://", 6 },
					     { "ftps://", 7 }, { "file://", 7 },  { "www.", 4 } };

	for (size_t i = 0; i < ARRAY_LEN(prefix); i++)
		if (s.len > prefix[i].len && str_istarts(s, prefix[i]))
			return prefix[i].len == 4 ? SIZE_MAX : prefix[i].len;
	return 0;
}

static bool has_link(const struct filter_policy *p, struct str plain)
{
	for (size_t i = 0; i < plain.len; i++) {
		struct str s = str_sub(plain, i, plain.len);
		size_t n;

		if (i > 0 && is_word_char(plain.p[i - 1]))
			continue;
		n = link_prefix(s);
		if (n == 0)
			continue;
		/* "www." belongs to the host. */
		if (!is_host_allowed(p->link_hosts,
				     host_of(n == SIZE_MAX ? s : str_sub(s, n, s.len))))
			return true;
	}
	return false;
}

enum filter_action filter_text(const struct filter_policy *p, struct str plain,
			       struct buf *notice_out)
{
	if (p->links == FILTER_ALLOW || !has_link(p, plain))
		return FILTER_ALLOW;
	if (p->links == FILTER_WARN)
		buf_add(notice_out, p->link_warning.len > 0 ? p->link_warning : default_warning);
	return p->links;
}

/* --- files --- */

enum filter_action filter_file(const struct filter_policy *p, struct str name)
{
	struct str list = p->extensions;

	name = str_trim(name);
	/* Windows ignores dots and blanks at the end: "evil.exe. ." runs. */
	while (name.len > 0 && (name.p[name.len - 1] == '.' || name.p[name.len - 1] == ' '))
		name.len--;
	for (struct str w; (w = next_word(&list)).len > 0;)
		if (name.len > w.len && name.p[name.len - w.len - 1] == '.' &&
		    str_ieq(str_sub(name, name.len - w.len, name.len), w))
			return p->files;
	return FILTER_ALLOW;
}

/* --- into the IMMCU --- */

static bool is_bare_plain(const struct im_text *t)
{
	struct str type = t->content_type;

	return t->content_encoding.len == 0 &&
	       str_ieqz(str_trim(str_cut(&type, ';')), "text/plain");
}

void policy_fill_plain(struct im_text *t)
{
	if (t->plain.p == NULL && is_bare_plain(t))
		t->plain = t->body;
}

static void append(struct im_text *t, struct str more, struct buf *body)
{
	bool is_plain_body = str_eq(t->plain, t->body);

	buf_add(body, t->body);
	buf_addz(body, "\r\n\r\n");
	buf_add(body, more);
	if (buf_err(body) != E_OK) {
		t->notice = more;
		return;
	}
	t->body = buf_str(body);
	if (is_plain_body)
		t->plain = t->body;
}

static void add_line(struct buf *said, struct str line)
{
	if (said->len > 0 && line.len > 0)
		buf_addz(said, "\r\n");
	buf_add(said, line);
}

int policy_apply(struct immcu *m, struct im_text *t, bool is_first, bool is_archived,
		 struct buf *said, struct buf *body)
{
	const struct filter_policy *p = &m->filter->v;

	if (filter_text(p, t->plain, said) == FILTER_BLOCK) {
		m->stats.blocked++;
		log_info("immcu", "event=blocked reason=link from=%lld", (long long)t->from);
		return 606;
	}
	if (is_first)
		add_line(said, p->disclaimer);
	if (is_archived)
		add_line(said, tell_archived);
	if (said->len == 0)
		return 0;
	if (is_bare_plain(t) && str_is_utf8(t->body) && str_eq(t->plain, t->body))
		append(t, buf_str(said), body);
	else
		t->notice = buf_str(said);
	return 0;
}
