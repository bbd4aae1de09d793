#include "base/num.h"

#include "lync/decode.h"

/* "1 3 7" as bits; what is no group id counts for nothing. */
static uint64_t read_groups(struct str text)
{
	uint64_t bits = 0;
	uint32_t id;

	while (text.p != NULL)
		if (num_u32(str_cut(&text, ' '), 1, GROUP_DEPARTMENT, &id) == E_OK)
			bits |= group_bit(id);
	return bits;
}

static enum err read_group_id(const struct xml_node *n, roster_group_id *out)
{
	enum err err = num_u32(xml_child_text(n, NULL, "groupID"), 1, GROUP_DEPARTMENT, out);

	return err == E_OK ? E_OK : E_NOTFOUND;
}

/* It goes into the documents of the list as it is, so its prefixes must be its own. */
static bool is_whole(struct str inner)
{
	struct xml_doc doc;
	struct buf b;
	bool is;

	buf_init(&b, XML_BYTES_MAX);
	buf_addz(&b, "<e>");
	buf_add(&b, inner);
	buf_addz(&b, "</e>");
	is = buf_err(&b) == E_OK && xml_decode(buf_str(&b), &doc) == E_OK;
	if (is)
		xml_fini(&doc);
	buf_fini(&b);
	return is;
}

bool decode_contact_op(const struct xml_node *n, struct roster_op *op, enum err *err_out)
{
	const struct xml_node *extension = xml_child(n, NULL, "contactExtension");

	*err_out = E_OK;
	op->name = xml_child_text(n, NULL, "name");
	op->external = xml_child_text(n, NULL, "externalURI");
	op->uri = xml_child_text(n, NULL, "URI");
	if (xml_is(n, NULL, "setContact")) {
		op->kind = ROSTER_PUT_CONTACT;
		op->name = xml_child_text(n, NULL, "displayName");
		op->groups = read_groups(xml_child_text(n, NULL, "groups"));
		op->is_subscribed = !str_ieqz(xml_child_text(n, NULL, "subscribed"), "false");
		op->extension = extension == NULL ? STR("") : extension->inner;
		if (op->extension.len > 0 && !is_whole(op->extension))
			*err_out = E_BAD;
	} else if (xml_is(n, NULL, "deleteContact")) {
		op->kind = ROSTER_REMOVE_CONTACT;
	} else if (xml_is(n, NULL, "addGroup")) {
		op->kind = ROSTER_ADD_GROUP; /* a groupID in it means nothing */
	} else if (xml_is(n, NULL, "modifyGroup")) {
		op->kind = ROSTER_CHANGE_GROUP;
		*err_out = read_group_id(n, &op->group);
	} else if (xml_is(n, NULL, "deleteGroup")) {
		op->kind = ROSTER_REMOVE_GROUP;
		*err_out = read_group_id(n, &op->group);
	} else {
		return false;
	}
	return true;
}
