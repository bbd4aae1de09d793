/* category.h: what one person's Lync-class clients have published: instances of categories in containers
 * ([MS-PRES] 2.2.2).  Opaque but for what facets are made of.
 *
 * Plain data with one owner; no clock, no network. */
#ifndef LYNC_CATEGORY_H
#define LYNC_CATEGORY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/list.h"
#include "base/str.h"

enum category_expire {
	EXPIRE_STATIC,	 /* until it is taken back */
	EXPIRE_ENDPOINT, /* with the endpoint that published it */
	EXPIRE_USER,	 /* with the person's last endpoint */
	EXPIRE_TIME,	 /* at its time */
	EXPIRE_KINDS,
};
const char *category_expire_name(enum category_expire e);
MUST_USE enum err category_expire_decode(struct str s, enum category_expire *out);

enum { CONTAINER_MAX = 32767, CONTAINER_BLOCKED = 32000 };

struct category {
	struct list node;
	struct str name; /* owned */
	uint32_t instance, container, version;
	enum category_expire expire;
	uint64_t endpoint;    /* who published it; 0: an earlier life of the server */
	int64_t published_ms; /* wall */
	int64_t expires_ms;   /* wall; 0: never */
	struct str xml;	      /* owned; as published, empty for an empty publication */
};

struct categories {
	struct list list; /* oldest key first */
	size_t count;
};

void categories_init(struct categories *cs);
void categories_fini(struct categories *cs);

struct category *categories_find(const struct categories *cs, struct str name, uint32_t instance,
				 uint32_t container);
/* The one with these names, made (version 0) if there is none.  NULL: LYNC_INSTANCES_MAX. */
struct category *categories_make(struct categories *cs, struct str name, uint32_t instance,
				 uint32_t container);
void categories_drop(struct categories *cs, struct category *c);
bool categories_has(const struct categories *cs, struct str name,
		    uint32_t container); /* any instance */

/* Wall time as the server of OCS stamps it: "2026-11-22T23:43:33.088", UTC without a Z. */
void category_time(struct buf *out, int64_t wall_ms);

#endif
