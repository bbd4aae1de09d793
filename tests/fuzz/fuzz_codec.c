/* fuzz_codec.c: the pure codecs: XML, MIME, CPIM, deflate, base64, dates.  The first byte chooses one. */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/limits.h"
#include "codec/base64.h"
#include "codec/cpim.h"
#include "codec/date.h"
#include "codec/inflate.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "codec/xmlw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_inside(struct str whole, struct str view)
{
	return view.p == NULL || view.len == 0 ||
	       (view.p >= whole.p && view.p + view.len <= whole.p + whole.len);
}

static size_t walk(struct str text, const struct xml_node *n, size_t depth)
{
	size_t count = 1;

	assert(depth <= XML_DEPTH_MAX);
	assert(is_inside(text, n->raw) && is_inside(text, n->inner));
	assert(str_is_utf8(n->text) && n->name.len > 0);
	for (const struct xml_attr *a = n->attrs; a != NULL; a = a->next)
		assert(str_is_utf8(a->value));
	for (const struct xml_node *c = n->child; c != NULL; c = c->next) {
		assert(c->parent == n);
		count += walk(text, c, depth + 1);
	}
	return count;
}

static void xml(struct str s)
{
	struct xml_doc d, again;
	struct xmlw w;
	struct buf b;

	if (xml_decode(s, &d) != E_OK)
		return;
	assert(walk(s, d.root, 1) <= XML_NODES_MAX);
	/* Any text we read we can write, and read back as it was. */
	buf_init(&b, 1u << 24);
	xmlw_init(&w, &b);
	xmlw_elem(&w, "a", d.root->text);
	assert(xml_decode(buf_str(&b), &again) == E_OK);
	assert(str_eq(again.root->text, d.root->text));
	xml_fini(&again);
	xml_fini(&d);
	buf_fini(&b);
}

/* Up to the first LF a Content-Type, then the body. */
static void mime(struct str s)
{
	struct mime_multipart *mp = &(struct mime_multipart){ 0 };
	struct str rest = s, type = str_cut(&rest, '\n');
	struct mime_type t;

	if (mime_type_decode(type, &t) == E_OK) {
		assert(is_inside(type, t.type) && is_inside(type, t.subtype) &&
		       is_inside(type, t.params));
		(void)mime_type_param(&t, "charset");
	}
	if (rest.p == NULL || mime_split(type, rest, mp) != E_OK)
		return;
	assert(mp->count <= MIME_PARTS_MAX);
	for (size_t i = 0; i < mp->count; i++) {
		assert(is_inside(rest, mp->part[i].headers) && is_inside(rest, mp->part[i].body));
		(void)mime_header(mp->part[i].headers, "Content-ID");
	}
}

static void cpim(struct str s)
{
	struct cpim_msg m, back;
	struct buf b;

	if (cpim_decode(s, &m) != E_OK)
		return;
	assert(is_inside(s, m.content) && is_inside(s, m.from) && is_inside(s, m.message_id));
	(void)cpim_header(&m, CPIM_NS_IMDN, "Disposition-Notification");
	(void)cpim_list_has(m.notification, "positive-delivery");
	if (m.from.len == 0 || m.to.len == 0 || m.content_type.len == 0)
		return;
	buf_init(&b, 1u << 22);
	cpim_encode(&b, &m);
	if (cpim_decode(buf_str(&b), &back) == E_OK)
		assert(str_eq(back.content, m.content));
	buf_fini(&b);
}

static void packed(struct str s)
{
	struct buf b;

	for (int kind = 0; kind < 2; kind++) {
		buf_init(&b, 128 * 1024);
		if (inflate_decode(kind == 0 ? INFLATE_DEFLATE : INFLATE_GZIP, s, &b) == E_OK)
			assert(b.len <= 128 * 1024);
		buf_fini(&b);
	}
}

static void base64(struct str s)
{
	struct buf plain, text;

	buf_init(&plain, 1u << 20);
	buf_init(&text, 1u << 21);
	if (base64_decode(s, &plain) == E_OK) {
		base64_encode(&text, buf_str(&plain));
		assert(str_eq(buf_str(&text), s)); /* one text for one sequence of bytes */
	}
	buf_reset(&plain);
	(void)!base64_decode_folded(s, &plain);
	buf_reset(&plain);
	buf_reset(&text);
	base64_url_encode(&text, s);
	assert(base64_url_decode(buf_str(&text), &plain) == E_OK && str_eq(buf_str(&plain), s));
	buf_fini(&plain);
	buf_fini(&text);
}

static void dates(struct str s)
{
	char sip[DATE_SIP_CAP], iso[DATE_ISO_CAP];
	int64_t t, back;

	if (date_sip_decode(s, &t) == E_OK) {
		date_sip_encode(t, sip);
		assert(date_sip_decode(str_of(sip), &back) == E_OK && back == t);
	}
	if (date_iso_decode(s, &t) == E_OK) {
		date_iso_encode(t, iso);
		assert(date_iso_decode(str_of(iso), &back) == E_OK && back == t);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const codecs[])(struct str) = { xml, mime, cpim, packed, base64, dates };

	if (size > 0)
		codecs[data[0] % 6](str_n(data + 1, size - 1));
	return 0;
}
