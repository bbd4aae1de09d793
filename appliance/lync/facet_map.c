#include "lync/facet_map.h"

#include "base/limits.h"
#include "base/mem.h"
#include "base/num.h"
#include "codec/xml.h"
#include "lync/avail_map.h"

#define XSI "http://www.w3.org/2001/XMLSchema-instance"

enum { CONTAINER_ALL = 2, CONTAINER_TEAM = 3, CONTAINER_NOTE = 200 };

static bool is_state(const struct category *c)
{
	return str_eqz(c->name, "state") &&
	       (c->container == CONTAINER_ALL || c->container == CONTAINER_TEAM);
}

/* The same note goes into 200, 300 and 400; the first of them speaks for all. */
static bool is_note(const struct category *c)
{
	return str_eqz(c->name, "note") && c->container == CONTAINER_NOTE;
}

uint64_t facet_source_of(const struct category *c)
{
	return (uint64_t)(is_note(c) ? 2 : 1) << 32 | c->instance;
}

/* "xs:userState" and "userState" are the same name. */
static struct str type_of(const struct xml_node *state)
{
	struct str type = xml_attr_ns(state, XSI, "type");
	size_t colon = str_find(type, ':', 0);

	return colon < type.len ? str_sub(type, colon + 1, type.len) : type;
}

static bool kind_of(struct str type, enum facet_kind *out)
{
	static const struct {
		const char *type;
		enum facet_kind kind;
	} kinds[] = {
		{ "userState", FACET_USER },
		{ "machineState", FACET_MACHINE },
		{ "calendarState", FACET_CALENDAR },
		{ "phoneState", FACET_PHONE },
	};

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (str_eqz(type, kinds[i].type)) {
			*out = kinds[i].kind;
			return true;
		}
	return false;
}

static bool read_state(const struct xml_node *n, struct facet *out)
{
	uint32_t number;

	if (!xml_is(n, NULL, "state") || !kind_of(type_of(n), &out->kind) ||
	    num_u32(xml_child_text(n, NULL, "availability"), 0, 1000000, &number) != E_OK)
		return false;
	out->avail = avail_of_number(number);
	out->activity = activity_of_token(xml_attr(xml_child(n, NULL, "activity"), "token"));
	return out->avail != AVAIL_NONE;
}

static bool read_note(const struct xml_node *n, struct buf *note_out, struct facet *out)
{
	struct str text = str_sub(xml_text(xml_child(n, NULL, "body")), 0, PRESENCE_NOTE_MAX);

	while (text.len > 0 && !str_is_utf8(text)) /* the cut went through a character */
		text.len--;
	if (text.len == 0)
		return false;
	buf_add(note_out, text);
	out->kind = FACET_NOTE;
	out->note = buf_str(note_out);
	return buf_err(note_out) == E_OK;
}

bool facet_of_category(const struct category *c, struct buf *note_out, struct facet *out)
{
	struct xml_doc doc;
	bool ok;

	if ((!is_state(c) && !is_note(c)) || c->xml.len == 0 || xml_decode(c->xml, &doc) != E_OK)
		return false;
	*out = (struct facet){
		.endpoint = c->expire == EXPIRE_ENDPOINT ? c->endpoint : 0,
		.source = facet_source_of(c),
		.audience = c->container == CONTAINER_TEAM ? FACET_FOR_TEAM : FACET_FOR_ALL,
		.published_ms = c->published_ms,
		.expires_ms = INT64_MAX, /* whoever keeps the category takes it back */
	};
	ok = is_note(c) ? read_note(doc.root, note_out, out) : read_state(doc.root, out);
	xml_fini(&doc);
	return ok;
}

void facet_state_type(struct str xml, struct buf *out)
{
	struct xml_doc doc;

	if (xml_decode(xml, &doc) != E_OK)
		return;
	buf_add(out, type_of(doc.root));
	xml_fini(&doc);
}
