/* packages.h: what each event package does with its subscriptions; between sub.c and the packages' files. */
#ifndef LYNC_PACKAGES_H
#define LYNC_PACKAGES_H

#include "lync/sub.h"

/* --- provision.c: asked once, answered once --- */
void lync_on_provisioning(struct lync *l, struct sip_txn *t);

/* --- contacts.c: the contact list --- */
void lync_contacts_subscribe(struct lync *l, struct sip_txn *t);
void lync_contacts_refresh(struct lync *l, struct sip_txn *t, struct lync_sub *s);

/* --- self.c: what a person's own endpoints share --- */
enum self_scope { SELF_CATEGORIES = 1, SELF_CONTAINERS = 2, SELF_SUBSCRIBERS = 4 };
void lync_self_subscribe(struct lync *l, struct sip_txn *t);
void lync_self_refresh(struct lync *l, struct sip_txn *t, struct lync_sub *s);

/* --- watch.c: other people --- */
void lync_watch_subscribe(struct lync *l, struct sip_txn *t);
void lync_watch_refresh(struct lync *l, struct sip_txn *t, struct lync_sub *s);
void lync_watches_end(struct lync *l, struct lync_sub *s);
/* The presence room's hooks for watchers of this dialect; render is lync_render. */
enum err lync_watch_notify(void *arg, watch_id id, uint64_t ctx, const struct presence_view *v,
			   struct str rendering);
void lync_watch_on_end(void *arg, watch_id id, uint64_t ctx, enum presence_end why);

/* --- members.c --- */
/* watcher has put owner into his contact list: owner is asked, once. */
void lync_watched_by(struct lync *l, account_id owner, account_id watcher);

#endif
