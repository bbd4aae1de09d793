/* access.h: who may see how much of whose presence.
 *
 * Five levels, as Lync names them.  Everyone in the organisation is at
 * "colleagues" unless the owner put them elsewhere; the blocked see offline
 * and cannot tell.  Memory is the truth while running; the owner's choices are
 * written through by the caller.  Switch thread. */
#ifndef PRESENCE_ACCESS_H
#define PRESENCE_ACCESS_H

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"

enum access_level {
	ACCESS_BLOCKED,	   /* offline, no note */
	ACCESS_PUBLIC,	   /* availability only */
	ACCESS_COLLEAGUES, /* availability, activity, note */
	ACCESS_TEAM,	   /* may interrupt do-not-disturb */
	ACCESS_PERSONAL,
	ACCESS_LEVELS, /* how many there are */
};

const char *access_level_name(enum access_level l); /* "blocked", "public" ... */
MUST_USE enum err access_level_decode(struct str name, enum access_level *out);

/* One owner's explicit choices. */
struct access {
	struct map by_member; /* account id -> entry; owned */
};

void access_init(struct access *a);
void access_fini(struct access *a);
enum access_level access_of(const struct access *a, int64_t member);
MUST_USE enum err access_set(struct access *a, int64_t member,
			     enum access_level l);   /* E_FULL: ACCESS_ENTRIES_MAX */
void access_clear(struct access *a, int64_t member); /* back to the default */

typedef void access_fn(int64_t member, enum access_level l, void *arg);
void access_each(const struct access *a, access_fn *fn, void *arg);

#endif
