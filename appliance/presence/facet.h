/* facet.h: the inputs to one person's presence, and the rule that makes one state of them.
 *
 * A facet is what one source says: a person's manual choice, a device, a
 * calendar, a call.  It belongs to an endpoint and ends with it, or to the
 * user (endpoint 0) and stays until taken back or expired.  Switch thread.
 *
 * The rule (presence_aggregate), after Lync's documented outcomes:
 *  1. no device facet at all: offline.
 *  2. a manual "offline" (appear offline), "be right back", "away" or
 *     "do not disturb" wins over everything, and is not weakened by idleness.
 *  3. a call or a meeting makes busy, unless the person said "available"
 *     after it began; the busiest of manual busy, call and meeting counts.
 *  4. the most active device decides idleness: inactive makes available idle,
 *     away makes available away and busy busy-idle (but not during a call).
 *  5. the newest note that is not empty is shown. */
#ifndef PRESENCE_FACET_H
#define PRESENCE_FACET_H

#include "base/list.h"
#include "presence/state.h"

enum facet_kind {
	FACET_USER, /* chosen by the person */
	/* a device: AVAILABLE active, IDLE inactive, AWAY, OFFLINE asked to appear so */
	FACET_MACHINE,
	FACET_CALENDAR,
	FACET_PHONE, /* a call or conference this endpoint takes part in */
	FACET_NOTE,
};

/* Who is meant to see it.  What people set for their team may differ from what all others see
 * (do-not-disturb that urgent calls may break). */
enum facet_audience { FACET_FOR_ALL, FACET_FOR_TEAM };

/* The source of the device facet that being signed in makes by itself: it counts only while its
 * endpoint has published no device facet of its own. */
#define FACET_SOURCE_SIGN_IN 0u

struct facet {
	struct list node;  /* in facets.list; zero outside */
	uint64_t endpoint; /* 0: the user's own, not bound to an endpoint */
	uint64_t source;   /* tells facets of one kind and endpoint apart (publication, dialog) */
	enum facet_kind kind;
	enum facet_audience audience;
	enum avail avail;
	enum activity activity;
	struct str note;      /* owned in the set, borrowed in arguments */
	int64_t published_ms; /* wall time, stamped by the server */
	int64_t expires_ms;   /* loop clock; INT64_MAX never */
};

struct facets {
	struct list list; /* of struct facet, newest last */
	size_t count;
};

void facets_init(struct facets *fs);
void facets_fini(struct facets *fs);

/* Adds, or replaces the one with the same (endpoint, source, kind, audience).  E_FULL: PRESENCE_FACETS_MAX. */
MUST_USE enum err facets_put(struct facets *fs, const struct facet *f);
size_t facets_drop(struct facets *fs, uint64_t endpoint,
		   uint64_t source);				   /* all kinds; returns how many */
size_t facets_drop_endpoint(struct facets *fs, uint64_t endpoint); /* endpoint != 0 */
size_t facets_expire(struct facets *fs, int64_t now_ms);
int64_t facets_next_expiry(const struct facets *fs); /* INT64_MAX: none */

/* Pure.  out->note is borrowed from fs; out->since_ms is left 0. */
void presence_aggregate(const struct facets *fs, enum facet_audience audience,
			struct presence_state *out);

#endif
