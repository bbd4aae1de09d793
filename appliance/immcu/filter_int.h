/* filter_int.h: policy on its way into the IMMCU, for this folder. */
#ifndef IMMCU_FILTER_INT_H
#define IMMCU_FILTER_INT_H

#include "immcu/archive.h"
#include "immcu/filter.h"
#include "immcu/immcu_int.h"

struct filter; /* opaque: the policy, owned copies */
struct filter *filter_new(void);
void filter_free(struct filter **fp);
void filter_policy_copy(struct filter_policy *to,
			const struct filter_policy *from); /* owned strings, capped */
void filter_policy_fini(struct filter_policy *p);
MUST_USE enum err filter_load(struct immcu *m);

/* plain of a text that is text/plain already. */
void policy_fill_plain(struct im_text *t);
/* 0: it passes, else the code of the refusal.  What must be shown with it is appended to the body, if that
 * can be, else put into t->notice; said and body hold the bytes and live as long as t is used.  is_first: the
 * disclaimer belongs to it; is_archived: its receiver is told that it is archived. */
int policy_apply(struct immcu *m, struct im_text *t, bool is_first, bool is_archived,
		 struct buf *said, struct buf *body);

/* --- tell.c --- */

struct gleg;
struct group;
extern const struct str tell_archived, tell_link_refused;
/* A line to the client that wrote t. */
void tell_writer(struct immcu *m, const struct im_text *t, struct str line);
/* Why t was refused, if his client would not show it. */
void tell_refused(struct immcu *m, const struct im_text *t);
/* Whether the two have yet to be told that they are archived. */
bool tell_is_archived_news(const struct immcu *m, const struct conversation *c,
			   const struct im_text *t);
void tell_leg(struct gleg *l, struct str line); /* may end it */
void tell_group_archived(struct group *g);	/* whoever was not told yet */

/* --- archive.c --- */

struct archive; /* opaque: the rules */
struct gtext;
struct archive *archive_new(void);
void archive_free(struct archive **ap);
MUST_USE enum err archive_load(struct immcu *m);
/* What does not wait for the disk: on it within a second, if it is to be there at all. */
void archive_pair_text(struct immcu *m, const struct im_text *t, int64_t conversation);
void archive_group_text(struct group *g, const struct gtext *x); /* but a held one */
/* "Required": t goes on once what its author has written is on disk, and true is returned; else nothing is done. */
bool archive_hold(struct immcu *m, const struct im_text *t, const struct im_text *written,
		  int64_t conversation, uint64_t token, im_answer_fn *answer, void *arg);

/* What an operation carries to archive one text; empty: nothing to archive. */
struct archive_entry {
	bool is_on;
	int64_t conversation, at_ms, purge_ms; /* purge_ms 0: kept for ever */
	account_id from;
	struct str from_uri, to_uris, content_type, body, plain; /* owned */
};
void archive_entry_init(struct archive_entry *a, struct immcu *m, const struct im_text *t,
			int64_t conversation, const account_id *who, size_t count);
void archive_group_entry(struct group *g, const struct gtext *x, struct archive_entry *out);
void archive_entry_fini(struct archive_entry *a);
MUST_USE enum err archive_entry_put(const struct archive_entry *a,
				    struct db *db); /* store thread */

#endif
