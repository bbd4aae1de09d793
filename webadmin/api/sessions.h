/* sessions.h: who is signed in to the pages: tokens by hash, with two time limits.
 *
 * Web thread; a memory table, filled from and written through to db/admins by
 * session.c.  The token itself is known to the browser alone; the CSRF token is
 * derived from it, so neither is stored. */
#ifndef API_SESSIONS_H
#define API_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "crypto/token.h"

struct sessions; /* opaque */

struct session {
	unsigned char hash[TOKEN_HASH_LEN];
	int64_t admin;
	int64_t created_ms, used_ms; /* wall clock: sessions outlive a restart */
	int64_t noted_ms;	     /* the use that is in the file */
};

struct sessions *sessions_new(void);
void sessions_free(struct sessions **sp);

/* Over SESSIONS_PER_ADMIN the one unused for longest goes; its hash is then in *ended_out (else zero). */
void sessions_put(struct sessions *t, const struct session *s,
		  unsigned char ended_out[TOKEN_HASH_LEN]);
/* The session of a token, NULL when unknown or over its limits (it is then removed). */
struct session *sessions_get(struct sessions *t, struct str token, int64_t wall_ms);
bool sessions_end(struct sessions *t, struct str token);
/* All of one administrator, but the one of keep (may be STR_NULL). */
void sessions_end_admin(struct sessions *t, int64_t admin, struct str keep);
size_t sessions_count(const struct sessions *t);

/* What a page of this session must send with a change. */
void sessions_csrf(struct str token, char out[TOKEN_CAP]);
bool sessions_csrf_fits(struct str token, struct str csrf);

#endif
