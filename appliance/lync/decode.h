/* decode.h: the bodies of SERVICE requests, taken apart.  Pure: whom they name, and whether he may, is for those who
 * carry them out.  All results are views of the document. */
#ifndef LYNC_DECODE_H
#define LYNC_DECODE_H

#include "codec/xml.h"
#include "directory/roster.h"
#include "lync/category.h"
#include "lync/lync_int.h"

/* --- decode_contact.c: SOAP ([MS-SIP] 3.2) --- */
/* false: no such operation.  *err_out: E_NOTFOUND, a group is meant and not named; E_BAD: an extension that is no
 * document by itself. */
bool decode_contact_op(const struct xml_node *n, struct roster_op *op, enum err *err_out);

/* --- decode_publication.c: msrtc-category-publish ([MS-PRES] 3.5) --- */
struct publication {
	struct str name, xml;
	uint32_t instance, container, version;
	enum category_expire expire;
	bool is_removal;
	uint32_t expires_s; /* 0: not given */
};

struct refusal {
	int code; /* 0: none */
	unsigned id;
	const char *reason; /* static */
};

struct refusal refusal_bad(const char *reason);
/* The publications of a request, at most PUBLICATIONS_MAX, none twice; any bad one refuses all. */
struct refusal decode_publications(const struct xml_node *list, struct publication *out,
				   size_t *count_out);

/* --- decode_members.c: setContainerMembers ([MS-PRES] 3.6) --- */
struct container_change {
	uint32_t id, version;
	const struct xml_node *node;
};
MUST_USE enum err decode_container(const struct xml_node *n, struct container_change *out);

/* The next member of a container that is one person; from: NULL, or the one before.  NULL: no more. */
struct member_change {
	struct str who; /* "bob@contoso.example", with or without sip: in front */
	bool is_add;
};
const struct xml_node *decode_member(const struct container_change *c, const struct xml_node *from,
				     struct member_change *out);
/* uri: into text.  E_BAD: no address. */
MUST_USE enum err decode_member_uri(struct str who, struct buf *text, struct uri *out);

#endif
