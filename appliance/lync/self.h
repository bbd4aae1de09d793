/* self.h: what a person's own Lync-class endpoints tell each other (vnd-microsoft-roaming-self). */
#ifndef LYNC_SELF_H
#define LYNC_SELF_H

#include "lync/user.h"

#define SELF_CONTENT_TYPE STR("application/vnd-microsoft-roaming-self+xml")

/* These categories have changed: BENOTIFY to all the person's endpoints but that connection (0: to all). */
void lync_self_changed(struct lync_user *u, const struct str *names, size_t count, conn_id but);
/* The member list of these containers (indices into lync_containers, as bits) has. */
void lync_self_containers_changed(struct lync_user *u, unsigned which);
void lync_self_subscribers_changed(void *arg, account_id account); /* the directory's listener */

/* Appends <roamingData> with the complete sets of these categories. */
void lync_self_categories_document(struct lync_user *u, const struct str *names, size_t count,
				   struct buf *out);

/* The presence room's hooks for a person's watch of himself. */
extern const struct presence_dialect lync_self_dialect;

#endif
