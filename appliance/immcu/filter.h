/* filter.h: what the organisation allows in texts: links, file names, a disclaimer.
 *
 * Looks at the plain rendition an adapter gives (struct im_text plain), so the same
 * rule holds for every dialect.  Switch thread only. */
#ifndef IMMCU_FILTER_H
#define IMMCU_FILTER_H

#include "base/buf.h"
#include "base/str.h"
#include "immcu/immcu.h"

enum filter_action { FILTER_ALLOW, FILTER_WARN, FILTER_BLOCK };

struct filter_policy {
	enum filter_action links; /* http, https, ftp, file, www. */
	/* blank-separated hosts (and what ends with .host) that are always allowed */
	struct str link_hosts;
	enum filter_action files; /* names ending in one of the next */
	struct str extensions;	  /* blank-separated, without dot: "exe bat scr" */
	/* shown with the first text each way of a conversation; empty: none */
	struct str disclaimer;
	struct str link_warning; /* what WARN adds; empty: a sentence of ours */
};
/* Copies; what is too long is cut.  For as long as the server runs. */
void filter_set(struct immcu *m, const struct filter_policy *p);
/* The same, from when it is on disk, across restarts. */
typedef void filter_done_fn(void *arg, enum err err);
void filter_save(struct immcu *m, const struct filter_policy *p, filter_done_fn *done, void *arg);
const struct filter_policy *filter_get(const struct immcu *m); /* borrowed until the next set */

/* A text: WARN fills notice_out with what must be shown with it (appended).  Pure. */
enum filter_action filter_text(const struct filter_policy *p, struct str plain,
			       struct buf *notice_out);
/* A file that is offered, by name. */
enum filter_action filter_file(const struct filter_policy *p, struct str name);

#endif
