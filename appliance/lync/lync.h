/* lync.h: the Lync-class dialect: Communicator, Lync, Skype for Business and pidgin-sipe ([MS-SIP] and kin).
 *
 * Translates between their wire and the domain: sign-in by NTLM with every
 * message signed, GRUUs by epid, roaming data, presence by categories.  It
 * claims the clients that show themselves as such in their REGISTER.  Switch
 * thread only. */
#ifndef LYNC_LYNC_H
#define LYNC_LYNC_H

#include <stdbool.h>
#include <stdint.h>

#include "base/heap.h"
#include "directory/directory.h"
#include "http/server.h"
#include "immcu/immcu.h"
#include "net/throttle.h"
#include "net/worker.h"
#include "presence/presence.h"
#include "registrar/registrar.h"
#include "sip/adapter.h"
#include "sip/stack.h"

struct lync; /* opaque */
struct store;
struct queue;

/* All borrowed, and alive until lync_free. */
struct lync_cfg {
	struct heap *heap;
	struct sip_stack *stack;
	struct directory *directory;
	struct registrar *registrar;
	struct immcu *immcu;
	struct presence *presence;
	struct throttle *throttle;
	struct worker_pool *workers;
	struct store *store;
	struct queue *queue; /* the switch's */
	uint16_t web_port; /* where certificates come from; 0: nowhere, so TLS-DSK is not offered */
	/* A longer way to sign in has begun on that connection.  NULL allowed. */
	void (*allow_sign_in_ms)(void *arg, conn_id conn, int64_t ms);
	void *arg; /* of allow_sign_in_ms */
};

/* Hangs itself into registrar, presence and immcu; the caller adds lync_adapter to the stack, before
 * those that claim more. */
struct lync *lync_new(const struct lync_cfg *cfg);
/* After the stack: its last callbacks still come here. */
void lync_free(struct lync **lp);
struct sip_adapter lync_adapter(struct lync *l);
/* The web services, whose handlers hop to the switch, and the front page of lyncdiscover.DOMAIN. */
struct http_app lync_web(struct lync *l);
struct http_app lync_discover(struct lync *l);

/* Off: NTLM is not offered on SIP any more.  On is the default. */
void lync_set_ntlm(struct lync *l, bool on);
/* Off: web tickets are given for a password alone, not by NTLM.  On is the default. */
void lync_set_web_ntlm(struct lync *l, bool on);

struct lync_stats {
	/* ever */
	uint64_t challenges, wrong_credentials, throttled, spoofed, bad_signatures, replays;
	uint64_t signed_out;	       /* messages we signed */
	uint64_t conns, subscriptions; /* now */
};
void lync_stats_get(const struct lync *l, struct lync_stats *out);

#endif
