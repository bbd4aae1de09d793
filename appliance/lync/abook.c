#include "lync/abook.h"

#include "codec/xmlw.h"

#include "lync/service.h"
#include "lync/state_xml.h"
#include "lync/ticket.h"
#include "lync/web.h"

struct look {
	struct lync *lync;
	const struct abook_query *query;
	struct xmlw *w;
	uint32_t found;
};

static bool fits_any(const struct look *k, const struct account *a, const struct abook_term *t)
{
	struct str list = t->attributes;

	while (list.len > 0)
		if (lync_search_fits(k->lync, a, str_trim(str_cut(&list, ',')), t->value))
			return true;
	return false;
}

static bool fits(const struct look *k, const struct account *a)
{
	for (size_t i = 0; i < k->query->n; i++)
		if (!fits_any(k, a, &k->query->terms[i]))
			return false;
	return true;
}

static bool is_wanted(const struct look *k, const char *name, struct str value)
{
	return value.len > 0 && (k->query->wanted.len == 0 || abook_list_has(k->query->wanted, name));
}

static void add(const struct look *k, const char *name, struct str value)
{
	if (!is_wanted(k, name, value))
		return;
	xmlw_start(k->w, "Attribute");
	xmlw_elemz(k->w, "Name", name);
	xmlw_start(k->w, "Value");
	xmlw_attrz(k->w, "xsi:type", "xsd:string");
	xmlw_text(k->w, value);
	xmlw_end(k->w);
	xmlw_end(k->w);
}

/* pidgin-sipe shows a number only from a list of values. */
static void add_phone(const struct look *k, struct str number)
{
	struct buf uri;

	if (!is_wanted(k, "telephoneNumber", number))
		return;
	buf_init(&uri, URI_MAX);
	state_xml_tel(number, &uri);
	xmlw_start(k->w, "Attribute");
	xmlw_elemz(k->w, "Name", "telephoneNumber");
	xmlw_start(k->w, "Values");
	xmlw_elem(k->w, "string", buf_str(&uri));
	xmlw_end(k->w);
	xmlw_end(k->w);
	buf_fini(&uri);
}

static void write_entry(const struct look *k, const struct account *a)
{
	const struct department *d = directory_department(k->lync->cfg.directory, a->department);
	struct buf aor;

	buf_init(&aor, URI_MAX);
	lync_aor(k->lync, a, &aor);
	xmlw_start(k->w, "AbEntry");
	xmlw_start(k->w, "Attributes");
	add(k, "displayName", a->display.len > 0 ? a->display : a->name);
	add(k, "msRTCSIP-PrimaryUserAddress", buf_str(&aor));
	add(k, "mail", a->email);
	add(k, "title", a->title);
	add(k, "department", d != NULL ? d->name : STR(""));
	add(k, "company", d != NULL ? d->name : STR("")); /* all that pidgin-sipe shows of it */
	add_phone(k, a->phone);
	xmlw_end(k->w);
	xmlw_end(k->w);
	buf_fini(&aor);
}

static bool look_at(const struct account *a, void *arg)
{
	struct look *k = arg;

	if (!a->enabled || !fits(k, a))
		return true;
	write_entry(k, a);
	return ++k->found < k->query->max;
}

static void answer(struct lync *l, struct http_req *rq, const struct abook_query *q)
{
	struct look k = { .lync = l, .query = q };
	struct xmlw w;
	struct buf b;

	k.w = &w;
	buf_init(&b, SIP_BODY_MAX);
	xmlw_init(&w, &b);
	xmlw_start(&w, "s:Envelope");
	xmlw_attrz(&w, "xmlns:s", "http://schemas.xmlsoap.org/soap/envelope/");
	xmlw_start(&w, "s:Body");
	xmlw_attrz(&w, "xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance");
	xmlw_attrz(&w, "xmlns:xsd", "http://www.w3.org/2001/XMLSchema");
	xmlw_start(&w, "SearchAbEntryResponse");
	xmlw_attrz(&w, "xmlns", "DistributionListExpander");
	xmlw_start(&w, "SearchAbEntryResult");
	xmlw_start(&w, "Items");
	directory_each(l->cfg.directory, STR_NULL, look_at, &k);
	xmlw_end_all(&w);
	if (buf_err(&b) == E_OK)
		http_reply(rq, 200, "text/xml; charset=utf-8", buf_str(&b));
	else
		web_fault(rq, 500, "The answer would be too large: search for more");
	buf_fini(&b);
}

void abook_on_request(struct lync *l, struct http_req *rq, const struct xml_node *envelope)
{
	struct abook_query q;
	enum err err = abook_query_decode(envelope, &q);

	if (lync_ticket_bearer_of(l, envelope) == NULL)
		web_fault(rq, 401, "The web ticket is unknown or has ended");
	else if (err != E_OK)
		web_fault(rq, 400, err == E_TOOBIG ? "Too many things to look for" : "Nothing to look for");
	else
		answer(l, rq, &q);
}
