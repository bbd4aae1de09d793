/* call.h: audio and video calls: a stateful, record-routing proxy for their signalling (RFC 3261 16).
 *
 * Media goes end to end and is never looked at.  Each call that was answered is
 * a presence facet ("on the phone") of both sides; each one that was tried is
 * a record.  A side whose connection dies has CALL_LOST_MS to come back on another;
 * then the other side gets BYE with Reason 408.
 *
 * Calls stay within one dialect: the media of Lync-class and standards clients
 * do not fit (488 with a Warning).  Switch thread only. */
#ifndef CALL_CALL_H
#define CALL_CALL_H

#include <stdint.h>

#include "base/heap.h"
#include "net/conn_id.h"
#include "registrar/registrar.h"
#include "sip/stack.h"

struct calls; /* opaque */
struct directory;
struct immcu;
struct presence;

struct calls_cfg {
	struct heap *heap;
	struct sip_stack *stack;
	struct directory *directory;
	struct registrar *registrar;
	struct presence *presence;
	struct immcu *immcu; /* keeps the records */
};

struct calls *calls_new(const struct calls_cfg *cfg);
void calls_free(struct calls **cp); /* before the stack; records of living calls are closed */

/* For sip_stack_set_common_verbs, with the calls as their argument: the INVITEs that no dialect took for
 * itself, and what is said inside a dialog (ACK, BYE, re-INVITE, UPDATE, PRACK, INFO, REFER, NOTIFY). */
extern const struct sip_verb calls_verbs[];
void calls_on_conn_closed(struct calls *c, conn_id conn);

struct calls_stats {
	uint64_t ringing, up; /* now */
	/* ever; lost: ended because a side never came back */
	uint64_t tried, answered, failed, lost;
};
void calls_stats_get(const struct calls *c, struct calls_stats *out);

#endif
