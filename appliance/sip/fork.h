/* fork.h: one request carried to several targets at once and its best answer brought back (RFC 3261
 * 16.7, 16.8, 16.10).
 *
 * The first 2xx wins and the others are cancelled; one that accepts all the
 * same gets ACK and BYE, so that nobody talks to nobody.  Without a 2xx the best
 * failure goes back once all have answered.  Switch thread only. */
#ifndef SIP_FORK_H
#define SIP_FORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "net/conn_id.h"
#include "sip/msg.h"
#include "sip/txn_server.h"

struct sip_forks; /* opaque: all that are under way */

struct sip_fork_target {
	conn_id conn;
	struct str uri; /* Request-URI; len 0: as it came */
	uint64_t ctx;	/* the caller's own, handed back */
};

struct sip_fork {
	const struct sip_fork_target *target;
	size_t count;	   /* at most SIP_FORK_MAX, at least 1 */
	size_t popped;	   /* Routes that were ours (sip_forward_next) */
	bool record_route; /* the request may make a dialog */
	struct str extra;  /* complete header lines for the copies */
	/* Once: the final code that went to the caller; 487 also when the caller is gone.  winner: ctx of the
	 * target that sent resp; resp is NULL when the code was made here.  NULL allowed. */
	void (*on_final)(void *arg, uint64_t ctx, int code, uint64_t winner,
			 const struct sip_msg *resp);
	/* All have failed, the best said code: true: the caller is not answered, the owner will do it by the
	 * transaction's id; on_final is not called.  NULL: always false. */
	bool (*on_failed)(void *arg, uint64_t ctx, int code);
	void *arg;
	uint64_t ctx;
};

struct sip_forks *sip_forks_new(struct sip_stack *s);
void sip_forks_free(struct sip_forks **xp); /* no hooks */

/* From the handler of t.  What cannot be sent counts as a failed target. */
void sip_fork_start(struct sip_forks *x, struct sip_txn *t, const struct sip_fork *f);

/* ACK and BYE to an INVITE's 2xx that nobody wants (RFC 3261 13.2.2.4). */
void sip_hang_up(struct sip_stack *s, conn_id conn, const struct sip_msg *resp);

#endif
