/* accounts.h: the people who can sign in, and what their passwords are checked against.  Store thread.
 *
 * Ids are never reused.  Deleting an account deletes its credentials and its
 * undelivered messages; records keep its address. */
#ifndef DB_ACCOUNTS_H
#define DB_ACCOUNTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum { DB_MD5_LEN = 16, DB_SHA256_LEN = 32, DB_NT_LEN = 16 };

struct db_account {
	int64_t id;
	struct str name; /* lower case, unique: the user part of the SIP address */
	struct str display, email, title, phone;
	int64_t department_id; /* 0: none */
	bool enabled;
	int64_t created_ms, password_set_ms, last_sign_in_ms; /* wall; 0: never */
};

struct db_credential {
	unsigned char ha1_md5[DB_MD5_LEN];	  /* of name */
	unsigned char ha1_md5_domain[DB_MD5_LEN]; /* of name@domain */
	unsigned char ha1_sha256[DB_SHA256_LEN];
	unsigned char ha1_sha256_domain[DB_SHA256_LEN];
	unsigned char nt_hash[DB_NT_LEN];
	bool has_nt; /* only while NTLM is allowed */
	struct str argon2;
};

/* a->id is ignored.  E_EXISTS: the name; E_NOTFOUND: the department. */
MUST_USE enum err db_account_add(struct db *db, const struct db_account *a,
				 const struct db_credential *c, int64_t *id_out);

/* What is NULL stays as it is, so that two changes under way do not undo each other. */
struct db_account_change {
	int64_t id;
	const struct str *display, *email, *title, *phone;
	const int64_t *department_id; /* of 0: none from now on */
	const bool *enabled;
};
/* E_NOTFOUND: the account or the department. */
MUST_USE enum err db_account_update(struct db *db, const struct db_account_change *c);
MUST_USE enum err db_account_delete(struct db *db, int64_t id);
MUST_USE enum err db_account_signed_in(struct db *db, int64_t id, int64_t now_ms);
MUST_USE enum err db_account_set_password(struct db *db, int64_t id, const struct db_credential *c,
					  int64_t now_ms);
MUST_USE enum err db_account_drop_nt(struct db *db); /* all of them: NTLM was forbidden */

/* c is NULL if there are none; both borrowed until fn returns. */
typedef void db_account_fn(const struct db_account *a, const struct db_credential *c, void *arg);
MUST_USE enum err db_account_each(struct db *db, db_account_fn *fn, void *arg); /* by id */

#endif
