/* directorySearch ([MS-SIP] 3.2): rows that all must fit, by the beginning of words. */
#include "base/mem.h"
#include "base/num.h"

#include "lync/service.h"

#define WINRTC "http://schemas.microsoft.com/winrtc/2002/11/sip"

struct search {
	struct lync *lync;
	const struct xml_node *rows; /* the Array of the question */
	struct xmlw *w;
	uint32_t max, found;
	bool more;
};

/* Any word of text begins with what. */
static bool has_word(struct str text, struct str what)
{
	while (text.p != NULL)
		if (str_istarts(str_cut(&text, ' '), what))
			return true;
	return false;
}

static bool is_address(const struct lync *l, const struct account *a, struct str what)
{
	struct buf aor;
	bool is;

	buf_init(&aor, URI_MAX);
	lync_aor(l, a, &aor);
	is = str_istarts(buf_str(&aor), what) ||
	     str_istarts(str_sub(buf_str(&aor), 4, aor.len), what);
	buf_fini(&aor);
	return is;
}

bool lync_search_fits(const struct lync *l, const struct account *a, struct str attribute,
		      struct str what)
{
	const struct department *d = directory_department(l->cfg.directory, a->department);

	if (str_ieqz(attribute, "givenName") || str_ieqz(attribute, "sn") ||
	    str_ieqz(attribute, "displayName"))
		return has_word(a->display, what) || str_istarts(a->display, what) ||
		       str_istarts(a->name, what);
	if (str_ieqz(attribute, "mail"))
		return str_istarts(a->email, what);
	if (str_ieqz(attribute, "msRTCSIP-PrimaryUserAddress"))
		return is_address(l, a, what);
	if (str_ieqz(attribute, "telephoneNumber"))
		return str_istarts(a->phone, what);
	if (str_ieqz(attribute, "title"))
		return has_word(a->title, what);
	if (str_ieqz(attribute, "department"))
		return d != NULL && str_istarts(d->name, what);
	return false; /* company, country: not kept here, so nobody is of any */
}

static bool fits_all(const struct search *s, const struct account *a)
{
	const struct xml_node *row = xml_child(s->rows, NULL, "row");

	if (row == NULL)
		return false;
	for (; row != NULL; row = xml_next(row, NULL, "row"))
		if (!lync_search_fits(s->lync, a, xml_attr_ns(row, WINRTC, "attrib"),
				      xml_attr_ns(row, WINRTC, "value")))
			return false;
	return true;
}

static void write_row(struct search *s, const struct account *a)
{
	const struct department *d = directory_department(s->lync->cfg.directory, a->department);
	struct buf aor;

	buf_init(&aor, URI_MAX);
	lync_aor(s->lync, a, &aor);
	xmlw_start(s->w, "m:row");
	xmlw_attr(s->w, "m:uri", buf_str(&aor));
	xmlw_attr(s->w, "m:displayName", a->display.len > 0 ? a->display : a->name);
	xmlw_attr(s->w, "m:title", a->title);
	xmlw_attr(s->w, "m:office", STR(""));
	xmlw_attr(s->w, "m:phone", a->phone);
	xmlw_attr(s->w, "m:company", d != NULL ? d->name : STR(""));
	xmlw_attr(s->w, "m:city", STR(""));
	xmlw_attr(s->w, "m:state", STR(""));
	xmlw_attr(s->w, "m:country", STR(""));
	xmlw_attr(s->w, "m:email", a->email);
	xmlw_end(s->w);
	buf_fini(&aor);
}

static bool look_at(const struct account *a, void *arg)
{
	struct search *s = arg;

	if (!a->enabled || !fits_all(s, a))
		return true;
	if (s->found == s->max) {
		s->more = true;
		return false;
	}
	s->found++;
	write_row(s, a);
	return true;
}

static void answer(struct lync *l, struct sip_txn *t, const struct search *s, struct str rows)
{
	struct xmlw w;
	struct buf b, count;

	buf_init(&b, SIP_BODY_MAX);
	buf_init(&count, 32);
	buf_add_u64(&count, s->found);
	lync_soap_start(&w, &b);
	xmlw_start(&w, "m:directorySearch");
	xmlw_elemz(&w, "m:moreAvailable", s->more ? "true" : "false");
	xmlw_elem(&w, "m:returned", buf_str(&count));
	xmlw_start(&w, "m:value");
	xmlw_attrz(&w, "m:href", "#searchReply");
	xmlw_end(&w);
	xmlw_end(&w);
	xmlw_start(&w, "m:Array");
	xmlw_attrz(&w, "m:id", "searchReply");
	xmlw_raw(&w, rows);
	xmlw_end_all(&w);
	sip_reply(l->cfg.stack, sip_txn_id(t), 200, NULL, STR_NULL, LYNC_SOAP_TYPE, buf_str(&b));
	buf_fini(&count);
	buf_fini(&b);
}

void lync_on_search(struct lync *l, struct sip_txn *t, const struct xml_node *body)
{
	const struct xml_node *q = xml_child(body, WINRTC, "directorySearch");
	struct search s = { .lync = l, .rows = xml_child(body, NULL, "Array") };
	struct xmlw w;
	struct buf rows;

	if (num_u32(xml_child_text(q, NULL, "maxResults"), 1, LYNC_SEARCH_MAX, &s.max) != E_OK)
		s.max = LYNC_SEARCH_MAX;
	buf_init(&rows, SIP_BODY_MAX / 2);
	xmlw_init(&w, &rows);
	s.w = &w;
	directory_each(l->cfg.directory, STR_NULL, look_at, &s);
	if (buf_err(&rows) == E_OK)
		answer(l, t, &s, buf_str(&rows));
	else
		lync_refuse(l, t, 413, 4008, "The answer would be too large: search for more");
	buf_fini(&rows);
}
