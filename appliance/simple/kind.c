#include "simple/kind.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codec/cpim.h"
#include "codec/inflate.h"
#include "codec/mime.h"
#include "codec/xml.h"

static enum im_kind of_type(struct str content_type)
{
	if (mime_is(content_type, "application/im-iscomposing+xml"))
		return IM_TYPING;
	if (mime_is(content_type, "message/imdn+xml"))
		return IM_RECEIPT;
	return IM_TEXT;
}

enum err simple_inflate(struct str encoding, struct str body, struct buf *scratch, struct str *out)
{
	enum inflate_kind kind;
	enum err e;

	/* An empty body with an encoding is empty: Linphone sends such (5.1, un-SUBSCRIBE). */
	if (encoding.len == 0 || body.len == 0 || str_ieqz(encoding, "identity")) {
		*out = body;
		return E_OK;
	}
	if (str_ieqz(encoding, "deflate"))
		kind = INFLATE_DEFLATE;
	else if (str_ieqz(encoding, "gzip"))
		kind = INFLATE_GZIP;
	else
		return E_UNSUPPORTED;
	e = inflate_decode(kind, body, scratch);
	if (e == E_OK)
		*out = buf_str(scratch);
	return e;
}

/* --- what a person reads --- */

static void add_entity(struct str name, struct buf *out)
{
	static const struct {
		const char *name, *text;
	} table[] = { { "lt", "<" },	{ "gt", ">" },	 { "amp", "&" },
		      { "quot", "\"" }, { "apos", "'" }, { "nbsp", " " } };

	for (size_t i = 0; i < ARRAY_LEN(table); i++)
		if (str_eqz(name, table[i].name)) {
			buf_addz(out, table[i].text);
			return;
		}
	buf_addc(out, '&');
	buf_add(out, name);
	buf_addc(out, ';');
}

/* The words of an HTML text; tags go, but where a link leads stays: a filter has to see it. */
static void add_html(struct str html, struct buf *out)
{
	while (html.len > 0) {
		size_t end;

		if (html.p[0] == '<') {
			struct str tag = str_sub(html, 1, end = str_find(html, '>', 0));
			size_t href = str_search(tag, STR("href="));

			if (href < tag.len) {
				buf_addc(out, ' ');
				buf_add(out, str_sub(tag, href + 5, tag.len));
				buf_addc(out, ' ');
			} else if (str_istarts(tag, STR("br")) || str_istarts(tag, STR("/p")) ||
				   str_istarts(tag, STR("/div"))) {
				buf_addc(out, '\n');
			}
			html = str_sub(html, end + 1, html.len);
		} else if (html.p[0] == '&' && (end = str_find(html, ';', 0)) < html.len &&
			   end < 8) {
			add_entity(str_sub(html, 1, end), out);
			html = str_sub(html, end + 1, html.len);
		} else {
			buf_addc(out, html.p[0]);
			html = str_sub(html, 1, html.len);
		}
	}
}

/* A file that was put on a server (RCS): its name and where it is. */
static void add_file(struct str body, struct buf *out)
{
	const struct xml_node *data;
	struct xml_doc d;

	if (xml_decode(body, &d) != E_OK)
		return;
	buf_add(out, xml_text(xml_find(d.root, NULL, "file-name")));
	for (data = xml_find(d.root, NULL, "file-info"); data != NULL;
	     data = xml_next(data, NULL, "file-info")) {
		buf_addc(out, ' ');
		buf_add(out, xml_attr(xml_child(data, NULL, "data"), "url"));
	}
	xml_fini(&d);
}

static struct str made(struct buf *b)
{
	return buf_err(b) == E_OK && b->len > 0 ? buf_str(b) : STR_NULL;
}

static struct str read_text(struct str type, struct str body, struct buf *b)
{
	struct mime_multipart *parts;
	struct str text = STR_NULL;

	if (mime_is(type, "text/plain"))
		return body;
	if (mime_is(type, "text/html")) {
		add_html(body, b);
		return made(b);
	}
	if (mime_is(type, "application/vnd.gsma.rcs-ft-http+xml")) {
		add_file(body, b);
		return made(b);
	}
	if (!str_istarts(type, STR("multipart/")))
		return STR_NULL;
	parts = xcalloc(1, sizeof(*parts));
	if (mime_split(type, body, parts) == E_OK)
		for (size_t i = 0; i < parts->count && text.p == NULL; i++)
			if (mime_is(parts->part[i].content_type, "text/plain") ||
			    parts->part[i].content_type.len == 0)
				text = parts->part[i].body;
	free(parts);
	return text;
}

static struct str read_about(struct str imdn, struct buf *b)
{
	struct xml_doc d;

	if (xml_decode(imdn, &d) != E_OK)
		return STR_NULL;
	buf_add(b, xml_text(xml_find(d.root, NULL, "message-id")));
	xml_fini(&d);
	return made(b);
}

void simple_kind_of(struct str content_type, struct str content_encoding, struct str body,
		    struct simple_kind *out)
{
	struct cpim_msg cpim;

	*out = (struct simple_kind){ .kind = of_type(content_type), .inner_type = content_type };
	buf_init(&out->inflated, IM_BODY_MAX);
	buf_init(&out->made, IM_BODY_MAX);
	if (simple_inflate(content_encoding, body, &out->inflated, &out->inner) != E_OK)
		return;
	if (mime_is(content_type, "message/cpim") && cpim_decode(out->inner, &cpim) == E_OK) {
		out->is_wrapped = true;
		out->kind = of_type(cpim.content_type);
		out->message_id = cpim.message_id;
		out->inner_type = cpim.content_type.len > 0 ? cpim.content_type : STR("text/plain");
		out->inner = cpim.content;
	}
	if (out->kind == IM_RECEIPT)
		out->about = read_about(out->inner, &out->made);
	else if (out->kind == IM_TEXT &&
		 (out->inner.p != body.p || !mime_is(content_type, "text/plain")))
		out->plain = read_text(out->inner_type, out->inner, &out->made);
}

void simple_kind_fini(struct simple_kind *k)
{
	buf_fini(&k->inflated);
	buf_fini(&k->made);
}
