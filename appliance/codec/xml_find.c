#include "codec/xml.h"

bool xml_is(const struct xml_node *n, const char *ns, const char *name)
{
	return n != NULL && (ns == NULL || str_eqz(n->ns, ns)) &&
	       (name == NULL || str_eqz(n->name, name));
}

static const struct xml_node *first_of(const struct xml_node *n, const char *ns, const char *name)
{
	while (n != NULL && !xml_is(n, ns, name))
		n = n->next;
	return n;
}

const struct xml_node *xml_child(const struct xml_node *n, const char *ns, const char *name)
{
	return n == NULL ? NULL : first_of(n->child, ns, name);
}

const struct xml_node *xml_next(const struct xml_node *n, const char *ns, const char *name)
{
	return n == NULL ? NULL : first_of(n->next, ns, name);
}

const struct xml_node *xml_find(const struct xml_node *top, const char *ns, const char *name)
{
	const struct xml_node *n = top == NULL ? NULL : top->child;

	while (n != NULL) {
		if (xml_is(n, ns, name))
			return n;
		if (n->child != NULL) {
			n = n->child;
			continue;
		}
		while (n->next == NULL) {
			n = n->parent;
			if (n == top)
				return NULL;
		}
		n = n->next;
	}
	return NULL;
}

static struct str attr_of(const struct xml_node *n, struct str ns, const char *name)
{
	for (const struct xml_attr *a = n == NULL ? NULL : n->attrs; a != NULL; a = a->next)
		if (str_eqz(a->name, name) && str_eq(a->ns, ns))
			return a->value;
	return STR_NULL;
}

struct str xml_attr(const struct xml_node *n, const char *name)
{
	return attr_of(n, STR(""), name);
}

struct str xml_attr_ns(const struct xml_node *n, const char *ns, const char *name)
{
	return attr_of(n, str_of(ns), name);
}

struct str xml_text(const struct xml_node *n)
{
	return n == NULL ? STR("") : str_trim(n->text);
}

struct str xml_child_text(const struct xml_node *n, const char *ns, const char *name)
{
	const struct xml_node *child = xml_child(n, ns, name);

	return child == NULL ? STR_NULL : xml_text(child);
}
