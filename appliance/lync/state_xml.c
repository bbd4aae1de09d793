#include "lync/state_xml.h"

#include "lync/avail_map.h"
#include "lync/category.h"

static void start_state(struct xmlw *w)
{
	xmlw_start(w, "state");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/state");
	xmlw_attrz(w, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
	xmlw_attrz(w, "xsi:type", "aggregateState");
}

static void number_element(struct xmlw *w, const char *name, uint64_t n)
{
	struct buf b;

	buf_init(&b, 32);
	buf_add_u64(&b, n);
	xmlw_elem(w, name, buf_str(&b));
	buf_fini(&b);
}

static void idle_attribute(struct xmlw *w, int64_t since_ms)
{
	struct buf b;

	buf_init(&b, 64);
	category_time(&b, since_ms);
	xmlw_attr(w, "lastActive",
		  str_sub(buf_str(&b), 0, 19)); /* to the second, as clients parse it */
	buf_fini(&b);
}

void state_xml_aggregate(struct xmlw *w, const struct presence_state *s)
{
	uint32_t min, max;
	struct str token = token_of_activity(s->activity, &min, &max);
	uint32_t number = number_of_avail(s->avail, s->activity);

	start_state(w);
	if (s->idle_since_ms != 0)
		idle_attribute(w, s->idle_since_ms);
	number_element(w, "availability", number);
	if (token.p != NULL && number >= min && number <= max) {
		xmlw_start(w, "activity");
		xmlw_attr(w, "token", token);
		xmlw_attr_u64(w, "minAvailability", min);
		xmlw_attr_u64(w, "maxAvailability", max);
		xmlw_end(w);
	}
	xmlw_end(w);
}

void state_xml_offline(struct xmlw *w)
{
	start_state(w);
	number_element(w, "availability", 18500);
	xmlw_end(w);
}

void state_xml_tel(struct str number, struct buf *out)
{
	buf_addz(out, "tel:");
	for (size_t i = 0; i < number.len; i++)
		if ((number.p[i] >= '0' && number.p[i] <= '9') || (number.p[i] == '+' && i == 0))
			buf_addc(out, number.p[i]);
}

static void phone(struct xmlw *w, struct str number)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	state_xml_tel(number, &uri);
	xmlw_start(w, "phone");
	xmlw_attrz(w, "type", "work");
	xmlw_elem(w, "uri", buf_str(&uri));
	xmlw_elem(w, "displayString", number);
	xmlw_end(w);
	buf_fini(&uri);
}

void state_xml_card(struct lync *l, struct xmlw *w, const struct account *a,
		    enum card_detail detail)
{
	const struct department *d = directory_department(l->cfg.directory, a->department);

	xmlw_start(w, "contactCard");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/contactcard");
	xmlw_start(w, "identity");
	xmlw_start(w, "name");
	xmlw_elem(w, "displayName", a->display.len > 0 ? a->display : a->name);
	xmlw_end(w);
	if (a->email.len > 0)
		xmlw_elem(w, "email", a->email);
	xmlw_end(w);
	if (detail == CARD_FULL) {
		if (d != NULL)
			xmlw_elem(w, "department", d->name);
		if (a->title.len > 0)
			xmlw_elem(w, "title", a->title);
		if (a->phone.len > 0)
			phone(w, a->phone);
	}
	xmlw_end(w);
}

void state_xml_note(struct xmlw *w, struct str text)
{
	xmlw_start(w, "note");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/note");
	xmlw_start(w, "body");
	xmlw_attrz(w, "type", "personal");
	xmlw_attrz(w, "uri", "");
	xmlw_text(w, text);
	xmlw_end(w);
	xmlw_end(w);
}

/* Text goes to whatever client the person uses; the rest is between clients. */
void state_xml_services(struct lync *l, struct xmlw *w, const struct account *a,
			const struct presence_state *s)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	lync_aor(l, a, &uri);
	xmlw_start(w, "services");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/service");
	if (s->avail != AVAIL_OFFLINE) {
		xmlw_start(w, "service");
		xmlw_attr(w, "uri", buf_str(&uri));
		xmlw_start(w, "capabilities");
		xmlw_start(w, "text");
		xmlw_attrz(w, "render", "true");
		xmlw_attrz(w, "capture", "true");
		xmlw_attrz(w, "publish", "false");
		xmlw_attr_u64(w, "deviceAvailability", number_of_avail(s->avail, s->activity));
		xmlw_end(w);
		xmlw_end(w);
		xmlw_end(w);
	}
	xmlw_end(w);
	buf_fini(&uri);
}

void state_xml_properties(struct xmlw *w)
{
	xmlw_start(w, "userProperties");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/categories");
	xmlw_elemz(w, "telephonyMode", "None");
	xmlw_end(w);
}
