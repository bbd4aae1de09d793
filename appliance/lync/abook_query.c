#include "base/num.h"

#include "lync/abook.h"

static enum err add(struct abook_query *q, struct str attributes, struct str value)
{
	if (attributes.len == 0 || value.len == 0)
		return E_OK; /* a field of the form left empty */
	if (q->n == ABOOK_TERMS_MAX)
		return E_TOOBIG;
	q->terms[q->n++] = (struct abook_term){ attributes, value };
	return E_OK;
}

enum err abook_query_decode(const struct xml_node *envelope, struct abook_query *out)
{
	const struct xml_node *ask = xml_child(xml_find(envelope, NULL, "SearchAbEntry"), NULL,
					       "AbEntryRequest"),
			      *basic = xml_child(ask, NULL, "BasicSearch"),
			      *form = xml_child(ask, NULL, "ChangeSearch"),
			      *field = xml_child(form, NULL, NULL),
			      *meta = xml_child(ask, NULL, "Metadata");
	enum err err;

	*out = (struct abook_query){ .wanted = xml_child_text(meta, NULL, "ReturnList") };
	if (num_u32(xml_child_text(meta, NULL, "MaxResultNum"), 1, LYNC_SEARCH_MAX, &out->max) !=
	    E_OK)
		out->max = LYNC_SEARCH_MAX;
	err = add(out, xml_child_text(basic, NULL, "SearchList"),
		  xml_child_text(basic, NULL, "Value"));
	for (; err == E_OK && field != NULL; field = xml_next(field, NULL, NULL))
		err = add(out, xml_child_text(field, NULL, "SearchOn"),
			  xml_child_text(field, NULL, "Value"));
	if (err == E_OK && out->n == 0)
		err = E_BAD;
	return err;
}

bool abook_list_has(struct str list, const char *name)
{
	while (list.len > 0)
		if (str_ieqz(str_trim(str_cut(&list, ',')), name))
			return true;
	return false;
}
