/* xmlw.h: writes XML into a buf; everything from outside is escaped on its way.
 *
 * Names are literals of ours ("dm:person"), kept by pointer until the end tag.
 * What XML 1.0 cannot hold (most control characters, broken UTF-8) becomes
 * U+FFFD.  Failures stay in the buf. */
#ifndef CODEC_XMLW_H
#define CODEC_XMLW_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/str.h"

struct xmlw {
	struct buf *b; /* borrowed */
	const char *open[XML_DEPTH_MAX];
	size_t depth;
	bool is_in_tag; /* the start tag still takes attributes */
};

void xmlw_init(struct xmlw *w, struct buf *b);
void xmlw_decl(struct xmlw *w); /* <?xml version="1.0" encoding="UTF-8"?> */
void xmlw_start(struct xmlw *w, const char *name);
void xmlw_attr(struct xmlw *w, const char *name, struct str value);
void xmlw_attrz(struct xmlw *w, const char *name, const char *value);
void xmlw_attr_u64(struct xmlw *w, const char *name, uint64_t value);
void xmlw_attr_bool(struct xmlw *w, const char *name, bool value); /* true, false */
void xmlw_text(struct xmlw *w, struct str text);
void xmlw_textz(struct xmlw *w, const char *text);
void xmlw_raw(struct xmlw *w, struct str xml); /* well-formed already */
void xmlw_end(struct xmlw *w);		       /* an element without content is closed as <name/> */
void xmlw_end_all(struct xmlw *w);
/* <name>text</name> */
void xmlw_elem(struct xmlw *w, const char *name, struct str text);
void xmlw_elemz(struct xmlw *w, const char *name, const char *text);

/* The escaping alone, for attribute values and text alike. */
void xmlw_escape(struct buf *b, struct str s);

#endif
