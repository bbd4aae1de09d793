#include "base/num.h"

#include "lync/decode.h"

enum err decode_container(const struct xml_node *n, struct container_change *out)
{
	out->node = n;
	if (num_u32(xml_attr(n, "id"), 0, CONTAINER_MAX, &out->id) != E_OK ||
	    num_u32(xml_attr(n, "version"), 0, UINT32_MAX, &out->version) != E_OK)
		return E_BAD;
	return E_OK;
}

const struct xml_node *decode_member(const struct container_change *c, const struct xml_node *from,
				     struct member_change *out)
{
	const struct xml_node *m = from == NULL ? xml_child(c->node, NULL, "member")
						: xml_next(from, NULL, "member");

	while (m != NULL && !str_eqz(xml_attr(m, "type"), "user"))
		m = xml_next(m, NULL, "member");
	if (m != NULL)
		*out = (struct member_change){ .who = xml_attr(m, "value"),
					       .is_add = !str_eqz(xml_attr(m, "action"),
								  "remove") };
	return m;
}

enum err decode_member_uri(struct str who, struct buf *text, struct uri *out)
{
	if (!str_istarts(who, STR("sip:")))
		buf_addz(text, "sip:");
	buf_add(text, who);
	return buf_err(text) == E_OK ? uri_decode(buf_str(text), out) : E_BAD;
}
