/* presence.h: presentities, who watches them, and the work list of notifications.
 *
 * A change makes every watcher who would see a difference dirty; the work list
 * then reaches them in slices, latest state wins.  One rendering per (dialect,
 * access level) is shared by all watchers and kept until the next change.
 * Knows no wire format: dialects render and send.  Switch thread. */
#ifndef PRESENCE_PRESENCE_H
#define PRESENCE_PRESENCE_H

#include "base/buf.h"
#include "presence/access.h"
#include "presence/facet.h"
#include "presence/state.h"

struct presence; /* opaque */

typedef uint64_t watch_id; /* 0: none; never reused */

/* What one watcher is shown. Borrowed during the call. */
struct presence_view {
	int64_t presentity; /* account id */
	enum access_level level;
	const struct presence_state *state;
};

enum presence_end {
	PRESENCE_END_ACCOUNT_GONE, /* the presentity or the watcher was deleted or disabled */
	PRESENCE_END_REFUSED,	   /* the dialect said so from notify */
};

struct presence_dialect {
	void (*render)(void *arg, const struct presence_view *v, struct buf *out);
	/* Sends the rendering.  E_OK, or E_AGAIN: not now, the watcher stays dirty and the dialect calls
	 * presence_watch_again later; anything else ends the watch (on_end is called). */
	enum err (*notify)(void *arg, watch_id id, uint64_t ctx, const struct presence_view *v,
			   struct str rendering);
	void (*on_end)(void *arg, watch_id id, uint64_t ctx, enum presence_end why);
	void *arg;
};

enum { PRESENCE_DIALECTS_MAX = 4 };

struct presence_cfg {
	struct heap *heap;	 /* for expiring facets */
	void (*wake)(void *arg); /* work has come: call presence_work soon */
	void *arg;
};

struct presence *presence_new(const struct presence_cfg *cfg);
void presence_free(struct presence **pp);
int presence_add_dialect(struct presence *p,
			 const struct presence_dialect *d); /* copied; returns its number */

/* --- what is published --- */
MUST_USE enum err presence_put(struct presence *p, int64_t account, const struct facet *f);
void presence_drop(struct presence *p, int64_t account, uint64_t endpoint, uint64_t source);
void presence_endpoint_on(struct presence *p, int64_t account, uint64_t endpoint); /* signed in */
void presence_endpoint_off(struct presence *p, int64_t account,
			   uint64_t endpoint); /* all it published ends */
/* The account was deleted or disabled: its facets and watches end, who watches it is told. */
void presence_account_gone(struct presence *p, int64_t account);

/* --- who may see --- */
MUST_USE enum err presence_access_set(struct presence *p, int64_t owner, int64_t member,
				      enum access_level l);
void presence_access_clear(struct presence *p, int64_t owner, int64_t member);
enum access_level presence_access_of(const struct presence *p, int64_t owner, int64_t member);
void presence_access_each(const struct presence *p, int64_t owner, access_fn *fn, void *arg);

/* The state that member sees; out->note is borrowed until the next change. */
void presence_get(const struct presence *p, int64_t account, int64_t member,
		  struct presence_state *out);

/* What the facets say for that audience, whoever looks. */
void presence_state_for(const struct presence *p, int64_t account, enum facet_audience audience,
			struct presence_state *out);
/* What a dialect itself adds to its renderings has changed: they are made anew and sent to its watchers. */
void presence_touch(struct presence *p, int64_t account, int dialect);

/* --- who watches --- */
/* The new watch is clean: send the first state by presence_watch_again, or take it by presence_watch_now.
 * E_FULL: PRESENCE_WATCHERS_MAX or PRESENCE_WATCHES_MAX. */
MUST_USE enum err presence_watch(struct presence *p, int64_t presentity, int64_t watcher,
				 int dialect, uint64_t ctx, watch_id *out);
void presence_unwatch(struct presence *p, watch_id id); /* gone is fine; on_end is not called */
void presence_watch_again(struct presence *p,
			  watch_id id); /* makes it dirty: the current state is sent */
/* Takes the current rendering at once (a piggy-backed first notification); the watch is clean then. */
MUST_USE enum err presence_watch_now(struct presence *p, watch_id id, struct str *rendering_out);

/* Notifies at most max watchers; true while more are dirty. */
bool presence_work(struct presence *p, size_t max);

struct presence_stats {
	uint64_t presentities, watches, dirty;	     /* now */
	uint64_t changes, renderings, notifications; /* ever */
};
void presence_stats_get(const struct presence *p, struct presence_stats *out);

#endif
