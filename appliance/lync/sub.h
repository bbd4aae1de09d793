/* sub.h: subscriptions of Lync-class clients ([MS-SIP] 3.3): the first document comes in the answer, later
 * ones by BENOTIFY.
 *
 *   SUBSCRIBE → 200 with the document → BENOTIFY ... → SUBSCRIBE Expires 0, time, or the connection ends
 *
 * A subscription belongs to its connection.  Others keep its id. */
#ifndef LYNC_SUB_H
#define LYNC_SUB_H

#include "base/map.h"
#include "lync/lync_int.h"
#include "sip/dialog.h"

typedef uint64_t lync_sub_id; /* 0: none; never reused */

enum lync_package {
	PACKAGE_CONTACTS,
	PACKAGE_SELF,
	PACKAGE_PRESENCE,
	PACKAGE_CONFERENCE,
	PACKAGES
};

/* Invariant: in lync.subs by id, in lync.dialogs, and in its connection's list, from make to end. */
struct lync_sub {
	struct map_node by_id;
	struct list in_conn;
	struct sip_dialog dialog;
	lync_sub_id id;
	struct lync_conn *conn;
	enum lync_package package;
	bool benotify; /* else NOTIFY */
	struct timer expiry;
	unsigned scopes;     /* of roaming-self: enum self_scope bits */
	struct list watched; /* of presence: struct lync_watch */
	unsigned categories; /* of presence: which the watcher asked for, bits */
	uint32_t list_version;
	int64_t group; /* of conference: group_id */
};

/* For a SUBSCRIBE without To tag.  NULL: refused, answered. */
struct lync_sub *lync_sub_make(struct lync *l, struct sip_txn *t, enum lync_package p);
/* The 200 with the document; extra: further complete lines. */
void lync_sub_answer(struct lync *l, struct sip_txn *t, struct lync_sub *s, struct str extra,
		     struct str content_type, struct str body);
/* The 200 to one that asks once (Expires 0) or was ended: no dialog is left. */
void lync_sub_answer_once(struct lync *l, struct sip_txn *t, struct str extra,
			  struct str content_type, struct str body);
void lync_sub_notify(struct lync *l, struct lync_sub *s, struct str extra, struct str content_type,
		     struct str body);
void lync_sub_end(struct lync *l, struct lync_sub *s); /* nothing is sent */
void lync_subs_end(struct lync *l, struct lync_conn *lc);

/* Calls fn for each subscription of that package by the account's endpoints; fn must not end any. */
typedef void lync_sub_fn(struct lync *l, struct lync_sub *s, void *arg);
void lync_subs_each(struct lync *l, account_id account, enum lync_package p, lync_sub_fn *fn,
		    void *arg);

void lync_on_subscribe(struct sip_txn *t, void *arg);

#endif
