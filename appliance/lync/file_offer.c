/* Offers of files: MSN's invitation as header lines, Lync's as XML in a multipart body ([MS-SIPRE]). */
#include "lync/file_offer.h"

#include "base/limits.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "lync/text_format.h"

enum { COOKIE_MAX = 20 }; /* a number of 32 bits, and some more */

static enum filter_action stricter(enum filter_action a, enum filter_action b)
{
	return a > b ? a : b;
}

/* Each Application-File counts: which of two a client takes is its own affair. */
static enum filter_action in_invitation(const struct filter_policy *p, struct str body)
{
	enum filter_action a = FILTER_ALLOW;

	while (body.p != NULL && body.len > 0) {
		struct str line = str_cut(&body, '\n'), name = str_trim(str_cut(&line, ':'));

		if (str_ieqz(name, "Application-File"))
			a = stricter(a, filter_file(p, str_trim(line)));
	}
	return a;
}

struct str file_offer_cookie(struct str body)
{
	while (body.p != NULL && body.len > 0) {
		struct str line = str_cut(&body, '\n'), name = str_trim(str_cut(&line, ':'));

		if (!str_ieqz(name, "Invitation-Cookie"))
			continue;
		line = str_trim(line);
		for (size_t i = 0; i < line.len; i++)
			if (line.p[i] < '0' || line.p[i] > '9')
				return STR_NULL;
		return line.len <= COOKIE_MAX ? line : STR_NULL;
	}
	return STR_NULL;
}

static enum filter_action in_xml(const struct filter_policy *p, struct str body)
{
	const struct xml_node *file;
	enum filter_action a = FILTER_ALLOW;
	struct xml_doc d;

	if (xml_decode(body, &d) != E_OK)
		return p->files;
	file = xml_child(xml_child(d.root, NULL, "publishFile"), NULL, "fileInfo");
	for (; file != NULL; file = xml_next(file, NULL, "fileInfo"))
		a = stricter(a, filter_file(p, xml_child_text(file, NULL, "name")));
	xml_fini(&d);
	return a;
}

static enum filter_action in_part(const struct filter_policy *p, struct str type, struct str body)
{
	if (mime_is(type, "text/x-msmsgsinvite"))
		return in_invitation(p, body);
	return mime_is(type, "application/ms-filetransfer+xml") ? in_xml(p, body) : FILTER_ALLOW;
}

enum filter_action file_offer_in_body(const struct filter_policy *p, struct str content_type,
				      struct str body)
{
	enum filter_action a = FILTER_ALLOW;
	struct mime_multipart parts;
	struct mime_type t;

	if (p->files == FILTER_ALLOW)
		return FILTER_ALLOW;
	if (mime_type_decode(content_type, &t) != E_OK || !str_ieqz(t.type, "multipart"))
		return in_part(p, content_type, body);
	if (mime_split(content_type, body, &parts) != E_OK)
		return p->files;
	for (size_t i = 0; i < parts.count; i++)
		a = stricter(a, in_part(p, parts.part[i].content_type, parts.part[i].body));
	return a;
}

enum filter_action file_offer_in_text_format(const struct filter_policy *p, struct str value)
{
	enum filter_action a = FILTER_ALLOW; /* what is not embedded follows in a MESSAGE */
	struct buf b;
	enum err e;

	if (p->files == FILTER_ALLOW || !mime_is(value, "text/x-msmsgsinvite"))
		return FILTER_ALLOW;
	buf_init(&b, SIP_HEAD_MAX);
	e = text_format_body(value, &b);
	if (e == E_OK)
		a = in_invitation(p, buf_str(&b));
	else if (e != E_NOTFOUND)
		a = p->files;
	buf_fini(&b);
	return a;
}
