/* admins.h: administrators and how they prove who they are: passwords, web sessions, API keys, one-time links.
 *
 * Store thread.  Tokens are stored as SHA-256 (crypto/token.h), never as they are. */
#ifndef DB_ADMINS_H
#define DB_ADMINS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum { DB_TOKEN_HASH_LEN = 32 };

struct db_admin {
	int64_t id;
	struct str name;   /* unique, ASCII case ignored */
	struct str argon2; /* empty: no password yet, only a link */
	struct str totp;   /* secret bytes; empty: none */
	int64_t totp_step; /* the last step that was accepted: no code serves twice */
	bool enabled;
	int64_t created_ms, last_sign_in_ms;
};

/* E_EXISTS */
MUST_USE enum err db_admin_add(struct db *db, const struct db_admin *a, int64_t *id_out);
MUST_USE enum err db_admin_set_password(struct db *db, int64_t id, struct str argon2);
MUST_USE enum err db_admin_set_totp(struct db *db, int64_t id, struct str secret); /* empty: off */
/* E_STALE: a step as late as this was accepted before. */
MUST_USE enum err db_admin_use_totp_step(struct db *db, int64_t id, int64_t step);
MUST_USE enum err db_admin_set_enabled(struct db *db, int64_t id, bool enabled);
MUST_USE enum err db_admin_signed_in(struct db *db, int64_t id, int64_t now_ms);
MUST_USE enum err db_admin_delete(struct db *db, int64_t id);  /* with sessions, keys and links */
typedef void db_admin_fn(const struct db_admin *a, void *arg); /* borrowed */
MUST_USE enum err db_admin_each(struct db *db, db_admin_fn *fn, void *arg); /* by id */

struct db_session {
	unsigned char hash[DB_TOKEN_HASH_LEN];
	int64_t admin_id;
	int64_t created_ms, used_ms, expires_ms;
	struct str address, agent;
};

/* new, or used again */
MUST_USE enum err db_session_put(struct db *db, const struct db_session *s);
/* E_NOTFOUND: it has ended; a late note of its use must not bring it back. */
MUST_USE enum err db_session_used(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN],
				  int64_t now_ms);
/* E_OK if gone */
MUST_USE enum err db_session_delete(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN]);
/* Those of one administrator, but the one with keep (may be NULL). */
MUST_USE enum err db_session_delete_admin(struct db *db, int64_t admin_id,
					  const unsigned char *keep);
typedef void db_session_fn(const struct db_session *s, void *arg); /* borrowed */
MUST_USE enum err db_session_each(struct db *db, db_session_fn *fn, void *arg);

struct db_api_key {
	int64_t id;
	struct str name; /* unique */
	unsigned char hash[DB_TOKEN_HASH_LEN];
	bool may_change;			 /* false: reads only */
	int64_t admin_id;			 /* who made it; 0: the command line */
	int64_t created_ms, used_ms, expires_ms; /* 0: never */
};

/* E_EXISTS: the name */
MUST_USE enum err db_api_key_add(struct db *db, const struct db_api_key *k, int64_t *id_out);
MUST_USE enum err db_api_key_delete(struct db *db, int64_t id);
MUST_USE enum err db_api_key_used(struct db *db, int64_t id, int64_t now_ms);
typedef void db_api_key_fn(const struct db_api_key *k, void *arg); /* borrowed */
MUST_USE enum err db_api_key_each(struct db *db, db_api_key_fn *fn, void *arg);

enum db_link_kind { DB_LINK_SETUP = 1, DB_LINK_NEW_ADMIN, DB_LINK_PASSWORD };

struct db_link {
	unsigned char hash[DB_TOKEN_HASH_LEN];
	enum db_link_kind kind;
	int64_t admin_id; /* 0: of nobody yet */
	int64_t created_ms, expires_ms;
};

MUST_USE enum err db_link_add(struct db *db, const struct db_link *l);
/* E_NOTFOUND; E_STALE: expired.  Neither uses it up. */
MUST_USE enum err db_link_get(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN],
			      int64_t now_ms, struct db_link *out);
/* As get, and it is gone afterwards: of two who try, one succeeds. */
MUST_USE enum err db_link_use(struct db *db, const unsigned char hash[DB_TOKEN_HASH_LEN],
			      int64_t now_ms, struct db_link *out);
/* 0: any */
MUST_USE enum err db_link_delete_kind(struct db *db, enum db_link_kind kind, int64_t admin_id);

#endif
