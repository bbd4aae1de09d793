/* simple.h: the standards dialect: SIP and SIMPLE clients (Linphone, baresip, Jitsi, MicroSIP ...).
 *
 * Translates between the wire and the domain: REGISTER with Digest, Outbound and
 * GRUU, pager-mode MESSAGE with isComposing and IMDN, OPTIONS.  It claims every
 * client that registers and that no adapter before it has claimed.  Across
 * dialects texts travel in the forms used here: text/plain in UTF-8,
 * application/im-iscomposing+xml, message/imdn+xml.  Switch thread only. */
#ifndef SIMPLE_SIMPLE_H
#define SIMPLE_SIMPLE_H

#include <stdint.h>

#include "base/heap.h"
#include "directory/directory.h"
#include "http/server.h"
#include "immcu/immcu.h"
#include "net/throttle.h"
#include "presence/presence.h"
#include "registrar/registrar.h"
#include "sip/adapter.h"
#include "sip/stack.h"

struct simple; /* opaque */
struct queue;

/* All borrowed, and alive until simple_free. */
struct simple_cfg {
	struct heap *heap;
	struct sip_stack *stack;
	struct directory *directory;
	struct registrar *registrar;
	struct immcu *immcu;
	struct presence *presence;
	struct throttle *throttle;
};

/* Hangs itself into registrar, directory and immcu (immcu_set_dialect); the caller adds
 * simple_adapter to the stack, behind those that are choosier. */
struct simple *simple_new(const struct simple_cfg *cfg);
/* After the stack: its last callbacks still come here. */
void simple_free(struct simple **sp);
struct sip_adapter simple_adapter(struct simple *s);

/* XCAP (RFC 4825) for contact lists, as an application of the HTTP server.  sw: the switch's queue. */
struct http_app simple_web(struct simple *s, struct queue *sw);

struct simple_stats {
	uint64_t challenges, stale, wrong_credentials, throttled, spoofed; /* ever */
	uint64_t texts_in, copies_out;
};
void simple_stats_get(const struct simple *s, struct simple_stats *out);

#endif
