/* render.h: one person's categories as one access level sees them: made once per level, cut to what each
 * watcher asked for. */
#ifndef LYNC_RENDER_H
#define LYNC_RENDER_H

#include "lync/user.h"

/* Which categories a watcher asked for. */
enum render_category {
	RENDER_STATE = 1,
	RENDER_CARD = 2,
	RENDER_NOTE = 4,
	RENDER_CALENDAR = 8,
	RENDER_SERVICES = 16,
	RENDER_OTHERS = 32, /* any other name */
	RENDER_ALL = 63,
};
enum { RENDER_KINDS = 6 };
unsigned render_category_of(struct str name);

/* The presence room's render hook: arg is the struct lync. */
void lync_render(void *arg, const struct presence_view *v, struct buf *out);

/* What a watcher has been sent of each kind: a hash; 0: nothing yet. */
struct render_sent {
	uint32_t hash[RENDER_KINDS];
};
enum render_how { RENDER_WHOLE, RENDER_CHANGES };

/* Appends a <categories> document out of a rendering: all that is wanted, or what the watcher has not got yet.
 * false: there is nothing of that, and nothing was appended. */
bool lync_render_document(struct str rendering, unsigned wanted, struct str uri,
			  enum render_how how, struct render_sent *sent, struct buf *out);

#endif
