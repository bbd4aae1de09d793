#include "lync/abook.h"

#include "base/num.h"
#include "codec/xmlw.h"
#include "crypto/digest.h"

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
	return value.len > 0 &&
	       (k->query->wanted.len == 0 || abook_list_has(k->query->wanted, name));
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

/* Where under PHOTOS_PATH it is, and what changes when it does: clients keep it by that. */
static void add_photo(const struct look *k, const struct account *a)
{
	char hex[2 * PHOTO_HASH_LEN + 1];
	struct buf path;

	if (!a->has_photo)
		return;
	digest_hex(a->photo_hash, sizeof(a->photo_hash), hex);
	buf_init(&path, URI_MAX);
	buf_addz(&path, "photos/");
	buf_add_u64(&path, (uint64_t)a->id);
	add(k, "PhotoRelPath", buf_str(&path));
	add(k, "PhotoHash", str_of(hex));
	buf_fini(&path);
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
	add_photo(k, a);
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
		web_fault(rq, 400,
			  err == E_TOOBIG ? "Too many things to look for" : "Nothing to look for");
	else
		answer(l, rq, &q);
}

static void on_photo_read(void *arg, enum err err, struct str image, const char *type)
{
	struct http_req *rq = arg;

	if (err == E_OK)
		http_reply(rq, 200, type, image);
	else if (err == E_NOTFOUND)
		web_fault(rq, 404, "No such photo");
	else
		web_fault(rq, 503, "The photo could not be read");
}

void abook_on_photo(struct lync *l, struct http_req *rq, struct str number,
		    const struct xml_node *assertion)
{
	const struct account *a = NULL;
	uint64_t id;

	if (lync_ticket_bearer(l, assertion) == NULL) {
		web_fault(rq, 401, "The web ticket is unknown or has ended");
		return;
	}
	if (num_u64(number, 1, INT64_MAX, &id) == E_OK)
		a = directory_get(l->cfg.directory, (account_id)id);
	if (a == NULL || !a->enabled)
		web_fault(rq, 404, "No such photo");
	else
		directory_read_photo(l->cfg.directory, a->id, on_photo_read, rq);
}
