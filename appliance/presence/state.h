/* state.h: what is said of a person's presence: availability, activity, note.
 *
 * The vocabulary of the domain; no wire format.  Availability is willingness
 * and reachability in one ordered scale, as Lync users know it; the adapters
 * map it to PIDF/RPID (RFC 3863, 4480) and to MS-PRES numbers. */
#ifndef PRESENCE_STATE_H
#define PRESENCE_STATE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

/* From most to least reachable.  AVAIL_NONE: nothing is said (only in a facet). */
enum avail {
	AVAIL_NONE,
	AVAIL_AVAILABLE,
	AVAIL_IDLE, /* available, inactive */
	AVAIL_BUSY,
	AVAIL_BUSY_IDLE,
	AVAIL_DND,
	AVAIL_BRB, /* be right back */
	AVAIL_AWAY,
	AVAIL_OFFLINE,
};

enum activity {
	ACTIVITY_NONE,
	ACTIVITY_ON_THE_PHONE,
	ACTIVITY_IN_A_CONFERENCE,
	ACTIVITY_IN_A_MEETING,
	ACTIVITY_PRESENTING,
	ACTIVITY_URGENT_ONLY, /* what the team sees of do-not-disturb: interrupt only if urgent */
	ACTIVITY_OUT_OF_OFFICE,
	ACTIVITY_OFF_WORK,
};

struct presence_state {
	enum avail avail;
	enum activity activity;
	struct str note;       /* owned where the struct is kept, borrowed in arguments */
	int64_t since_ms;      /* wall time at which avail last changed; 0 unknown */
	int64_t idle_since_ms; /* wall time at which the last active device fell idle; 0 not idle */
};

const char *avail_name(enum avail a); /* "available", "do-not-disturb" ... for API, log, CLI */
const char *activity_name(enum activity a); /* "on-the-phone" ...; "" for none */

/* Equal for a watcher: times do not count, or a refresh would be a change. */
bool presence_state_same(const struct presence_state *a, const struct presence_state *b);
void presence_state_copy(struct presence_state *to,
			 const struct presence_state *from); /* frees to's note */
void presence_state_fini(struct presence_state *s);

#endif
