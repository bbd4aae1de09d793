/* admins.h: administrators and API keys in memory, as the file has them; names fold ASCII case.
 *
 * Web thread.  Loaded at boot; handlers change it after the store has. */
#ifndef API_ADMINS_H
#define API_ADMINS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "crypto/token.h"

struct admins; /* opaque */

struct admin {
	int64_t id;
	struct str name;   /* owned */
	struct str argon2; /* owned; empty until a password is chosen */
	bool enabled, has_totp;
	int64_t created_ms, last_sign_in_ms;
};

struct api_key {
	int64_t id;
	struct str name; /* owned */
	unsigned char hash[TOKEN_HASH_LEN];
	bool may_change;
	int64_t admin;				 /* who made it; 0: the command line */
	int64_t created_ms, expires_ms, used_ms; /* 0: never */
};

struct admins *admins_new(void);
void admins_free(struct admins **ap);

void admins_put(struct admins *t, const struct admin *a); /* copies */
struct admin *admins_find(struct admins *t, struct str name);
struct admin *admins_get(struct admins *t, int64_t id);
void admins_set_password(struct admin *a, struct str argon2);
void admins_del(struct admins *t, int64_t id); /* with the keys this administrator made */
size_t admins_count(const struct admins *t);
typedef void admin_fn(const struct admin *a, void *arg);
void admins_each(const struct admins *t, admin_fn *fn, void *arg); /* by id */

void admins_put_key(struct admins *t, const struct api_key *k); /* copies */
struct api_key *admins_find_key(struct admins *t, struct str token,
				int64_t wall_ms); /* NULL: unknown or expired */
struct api_key *admins_get_key(struct admins *t, int64_t id);
void admins_del_key(struct admins *t, int64_t id);
size_t admins_key_count(const struct admins *t);
typedef void api_key_fn(const struct api_key *k, void *arg);
void admins_each_key(const struct admins *t, api_key_fn *fn, void *arg);

#endif
