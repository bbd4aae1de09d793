/* user.h: one person as Lync-class clients see themselves: what they published, and what the server adds.
 *
 * Made when first asked for, kept for as long as the server runs.  What is to
 * outlive it is written to the lync_category table.  Switch thread. */
#ifndef LYNC_USER_H
#define LYNC_USER_H

#include "codec/xmlw.h"
#include "lync/category.h"
#include "lync/lync_int.h"

enum { LYNC_CONTAINERS = 9 };
extern const uint32_t lync_containers[LYNC_CONTAINERS]; /* 0, 1, 2 ... 32000 */

struct lync_user {
	struct map_node by_account;
	struct lync *lync;
	account_id account;
	struct categories categories;
	uint32_t container_version[LYNC_CONTAINERS];
	/* The state the server computes, as it was last told to the person's own endpoints. */
	struct presence_state shown[2]; /* by facet_audience */
	uint32_t shown_version;
	int64_t shown_ms;
	watch_id self_watch; /* 0: nobody of his is signed in here */
	struct timer expiry; /* of the next instance that ends by itself */
};

struct lync_user *lync_user_of(struct lync *l, account_id account);	    /* never NULL */
struct lync_user *lync_user_find(const struct lync *l, account_id account); /* NULL: not yet */
void lync_user_forget(struct lync *l, account_id account); /* the account is gone */
void lync_users_fini(struct lync *l);

/* An instance of that name and number was put, changed or dropped: the person's facets follow. */
void lync_user_sync(struct lync_user *u, const struct category *key);
void lync_user_sync_all(struct lync_user *u); /* the presence room has forgotten them */
/* Takes over what the presence room says now; true: it is something else than before. */
bool lync_user_refresh(struct lync_user *u);
void lync_user_wake_expiry(struct lync_user *u); /* after instances with an end were put */
/* The endpoint, perhaps the last, has gone: what was bound to it goes; its other endpoints are told. */
void lync_user_endpoint_gone(struct lync *l, const struct endpoint *e);

/* Writes every instance of the category, in every container: clients forget what a document leaves out. */
void lync_user_write_category(struct lync_user *u, struct str name, struct xmlw *w);
void lync_user_write_all(struct lync_user *u, struct xmlw *w);

#endif
