#include "base/num.h"

#include "lync/decode.h"
#include "lync/facet_map.h"

struct refusal refusal_bad(const char *reason)
{
	return (struct refusal){ 400, 4000, reason };
}

/* Server-made: what a client says about them would be lost or lie. */
static bool is_ours(const struct publication *p)
{
	struct buf type;
	bool ours;

	if (str_eqz(p->name, "userProperties") || str_eqz(p->name, "services") ||
	    str_eqz(p->name, "legacyInterop"))
		return true;
	if (str_eqz(p->name, "contactCard"))
		return p->instance == 0;
	if (!str_eqz(p->name, "state") || p->xml.len == 0)
		return false;
	buf_init(&type, 256);
	facet_state_type(p->xml, &type);
	ours = str_starts(buf_str(&type), STR("aggregate"));
	buf_fini(&type);
	return ours;
}

/* It goes into other documents as it is, so it must stand alone: one element, its prefixes declared. */
static bool stands_alone(struct str xml)
{
	struct xml_doc doc;

	if (xml.len == 0)
		return true;
	if (xml_decode(xml, &doc) != E_OK)
		return false;
	xml_fini(&doc);
	return true;
}

static struct refusal read_one(const struct xml_node *n, struct publication *p)
{
	struct str expires = xml_attr(n, "expires"), type = xml_attr(n, "expireType");

	p->name = xml_attr(n, "categoryName");
	p->xml = str_trim(n->inner);
	if (p->name.len == 0 || p->name.len > LYNC_CATEGORY_NAME_MAX)
		return refusal_bad("categoryName is missing or too long");
	if (num_u32(xml_attr(n, "instance"), 0, UINT32_MAX, &p->instance) != E_OK ||
	    num_u32(xml_attr(n, "container"), 0, CONTAINER_MAX, &p->container) != E_OK ||
	    num_u32(xml_attr(n, "version"), 0, UINT32_MAX, &p->version) != E_OK)
		return refusal_bad("instance, container or version is no number");
	if (expires.p != NULL && num_u32(expires, 0, UINT32_MAX, &p->expires_s) != E_OK)
		return refusal_bad("expires is no number");
	p->is_removal = expires.p != NULL && p->expires_s == 0;
	p->expire = EXPIRE_STATIC;
	if (type.p != NULL && category_expire_decode(type, &p->expire) != E_OK)
		return refusal_bad("unknown expireType");
	if (p->expire == EXPIRE_TIME && expires.p == NULL)
		return refusal_bad("expireType time needs expires");
	if (p->xml.len > LYNC_CATEGORY_MAX)
		return (struct refusal){ 413, 2010, "The category is too large" };
	if (!stands_alone(p->xml))
		return refusal_bad("a category's content does not stand alone");
	if (!p->is_removal && is_ours(p))
		return (struct refusal){ 403, 2003, "The publication is read-only" };
	return (struct refusal){ 0 };
}

static bool is_twice(const struct publication *all, size_t count, const struct publication *p)
{
	for (size_t i = 0; i < count; i++)
		if (all[i].instance == p->instance && all[i].container == p->container &&
		    str_eq(all[i].name, p->name))
			return true;
	return false;
}

struct refusal decode_publications(const struct xml_node *list, struct publication *out,
				   size_t *count_out)
{
	const struct xml_node *n = xml_child(list, NULL, "publication");
	size_t count = 0;

	for (; n != NULL; n = xml_next(n, NULL, "publication")) {
		struct publication p = { .instance = 0 };
		struct refusal no = read_one(n, &p);

		if (no.code != 0)
			return no;
		if (count == PUBLICATIONS_MAX)
			return (struct refusal){ 413, 2010, "Too many publications at once" };
		if (is_twice(out, count, &p))
			return refusal_bad("a publication stands there twice");
		out[count++] = p;
	}
	*count_out = count;
	return (struct refusal){ 0 };
}
