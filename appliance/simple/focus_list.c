/* focus_list.c: what stands in the bodies of a focus's requests. */
#include "codec/inflate.h"
#include "codec/mime.h"
#include "codec/xml.h"

#include "simple/focus.h"

#define NS_LISTS "urn:ietf:params:xml:ns:resource-lists"

/* Linphone deflates what is not tiny, and leaves the header on an empty body. */
static struct str decoded(const struct sip_msg *m, struct buf *scratch)
{
	bool is_gzip = str_ieqz(m->content_encoding, "gzip");

	if (m->content_encoding.len == 0 || m->body.len == 0 ||
	    str_ieqz(m->content_encoding, "identity"))
		return m->body;
	if (!is_gzip && !str_ieqz(m->content_encoding, "deflate"))
		return STR_NULL;
	if (inflate_decode(is_gzip ? INFLATE_GZIP : INFLATE_DEFLATE, m->body, scratch) != E_OK)
		return STR_NULL;
	return buf_str(scratch);
}

struct str focus_body(const struct sip_msg *m, const char *type, struct buf *scratch)
{
	struct mime_multipart parts;
	struct mime_type t;
	struct str body = decoded(m, scratch);

	if (body.len == 0 || m->content_type.len == 0)
		return STR_NULL;
	if (mime_is(m->content_type, type))
		return body;
	if (mime_type_decode(m->content_type, &t) != E_OK || !str_ieqz(t.type, "multipart") ||
	    mime_split(m->content_type, body, &parts) != E_OK)
		return STR_NULL;
	for (size_t i = 0; i < parts.count; i++)
		if (mime_is(parts.part[i].content_type, type))
			return parts.part[i].body;
	return STR_NULL;
}

/* Nested lists are read through. */
static void walk(const struct xml_node *n, focus_entry_fn *fn, void *arg)
{
	for (n = n->child; n != NULL; n = n->next) {
		if (xml_is(n, NS_LISTS, "entry") && xml_attr(n, "uri").len > 0)
			fn(arg, xml_attr(n, "uri"));
		else if (xml_is(n, NS_LISTS, "list"))
			walk(n, fn, arg);
	}
}

enum err focus_list_decode(struct str xml, focus_entry_fn *fn, void *arg)
{
	struct xml_doc d;
	enum err e = xml_decode(xml, &d);

	if (e != E_OK)
		return e;
	if (xml_is(d.root, NS_LISTS, "resource-lists"))
		walk(d.root, fn, arg);
	else
		e = E_BAD;
	xml_fini(&d);
	return e;
}

void focus_sdp_decline(struct str offer, struct buf *out)
{
	buf_addz(out, "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\n");
	while (offer.len > 0) {
		struct str line = str_trim(str_cut(&offer, '\n')), media, proto;

		if (!str_starts(line, STR("m=")))
			continue;
		media = str_cut(&line, ' ');
		(void)str_cut(&line, ' '); /* the port */
		proto = line;
		buf_addf(out, "%.*s 0 %.*s\r\n", STR_ARG(media), STR_ARG(proto));
	}
}
