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
unsigned render_category_of(struct str name);

/* The presence room's render hook: arg is the struct lync. */
void lync_render(void *arg, const struct presence_view *v, struct buf *out);

/* Appends the whole <categories> document out of a rendering. */
void lync_render_document(struct str rendering, unsigned wanted, struct str uri, struct buf *out);

#endif
