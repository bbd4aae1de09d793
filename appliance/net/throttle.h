/* throttle.h: slows password guessing down, shared by Digest, NTLM and the web sign-in.
 *
 * Only wrong credentials count: neither challenges nor blocked attempts do.
 * Three counters, each forgotten THROTTLE_WINDOW_MS after its last failure:
 *   pair (account, source)  after THROTTLE_PAIR_FREE failures that pair waits,
 *                           doubling up to THROTTLE_WAIT_MAX_MS;
 *   account                 guessed from many sources: sources the account has
 *                           not signed in from wait, its own go on;
 *   source                  THROTTLE_SOURCE_ACCOUNTS distinct accounts failed
 *                           from it: pairs without an earlier success wait.
 * So one phone with an old password blocks itself, not the office behind the
 * same NAT, and a stranger cannot lock a user out of his own place.  Thread-safe.
 * The user agent plays no part: the guesser chooses it. */
#ifndef NET_THROTTLE_H
#define NET_THROTTLE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "net/addr.h"

struct throttle; /* opaque */

enum throttle_why { THROTTLE_PASS, THROTTLE_PAIR, THROTTLE_ACCOUNT, THROTTLE_SOURCE };

struct throttle *throttle_new(void);
void throttle_free(struct throttle **tp);

/* account: the name as typed, known or not (ASCII case ignored).  now_ms: loop clock. */
void throttle_fail(struct throttle *t, struct str account, const struct addr *peer, int64_t now_ms);
void throttle_ok(struct throttle *t, struct str account, const struct addr *peer, int64_t now_ms);

/* Before the credentials are looked at.  THROTTLE_PASS or why not; then *wait_ms_out tells for how long. */
enum throttle_why throttle_check(struct throttle *t, struct str account, const struct addr *peer,
				 int64_t now_ms, int64_t *wait_ms_out);
bool throttle_is_blocked(struct throttle *t, struct str account, const struct addr *peer,
			 int64_t now_ms);

/* A new password was set, or the administrator asked: every counter of the account goes. */
void throttle_forget(struct throttle *t, struct str account, int64_t now_ms);

struct throttle_stats {
	uint64_t failures, blocked_pair, blocked_account, blocked_source; /* ever */
	uint64_t entries;						  /* now */
};
void throttle_stats_get(struct throttle *t, struct throttle_stats *out);

#endif
