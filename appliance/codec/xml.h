/* xml.h: an XML document as a small tree (namespaces resolved, no DTD, no entities but the five).
 *
 * expat reads, this keeps: elements, attributes and character data in one
 * arena that lives as long as the document.  Views into the source (raw,
 * inner) need it to stay.  UTF-8 only. */
#ifndef CODEC_XML_H
#define CODEC_XML_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct xml_attr {
	struct xml_attr *next;
	struct str ns, name, value; /* ns is empty for an attribute without a prefix */
};

struct xml_node {
	struct xml_node *parent, *next, *child; /* next: following sibling */
	struct xml_attr *attrs;
	struct str ns, name;
	struct str text;  /* character data of this element itself, in order, as one piece */
	struct str raw;	  /* source bytes from '<' to '>' of the end tag */
	struct str inner; /* source bytes between the tags */
};

struct xml_doc {
	struct arena arena;
	struct xml_node *root;
};

/* E_BAD: not well-formed; E_UNSUPPORTED: has a DTD; E_TOOBIG: over XML_BYTES_MAX, XML_DEPTH_MAX,
 * XML_NODES_MAX or XML_ATTRS_MAX.  After success: xml_fini. */
MUST_USE enum err xml_decode(struct str text, struct xml_doc *out);
void xml_fini(struct xml_doc *d);

/* ns == NULL: any namespace; name == NULL: any name.  All may return NULL and take NULL. */
bool xml_is(const struct xml_node *n, const char *ns, const char *name);
const struct xml_node *xml_child(const struct xml_node *n, const char *ns, const char *name);
const struct xml_node *xml_next(const struct xml_node *n, const char *ns, const char *name);
/* Depth first below n, n itself not counted. */
const struct xml_node *xml_find(const struct xml_node *n, const char *ns, const char *name);

/* p == NULL: no such attribute (of no namespace). */
struct str xml_attr(const struct xml_node *n, const char *name);
struct str xml_attr_ns(const struct xml_node *n, const char *ns, const char *name);
struct str xml_text(const struct xml_node *n); /* trimmed; empty for NULL */
/* Text of the first such child, trimmed.  p == NULL: no such child. */
struct str xml_child_text(const struct xml_node *n, const char *ns, const char *name);

#endif
