/* directory.h: the people of the organisation: accounts, credentials, departments.
 *
 * Memory is the truth while running; every change is on disk before it is
 * true and before its caller hears of it.  Switch thread only.  Changes are
 * asynchronous: the callback comes once, on the switch thread, never from
 * inside the call. */
#ifndef DIRECTORY_DIRECTORY_H
#define DIRECTORY_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "crypto/digest.h"
#include "crypto/nthash.h"

struct directory; /* opaque */
struct store;
struct queue;
struct worker_pool;

typedef int64_t account_id;    /* 0: none; never reused */
typedef int64_t department_id; /* 0: none */

enum { PHOTO_HASH_LEN = 20 };

/* Borrowed until the account changes. */
struct account {
	account_id id;
	struct str name; /* lower case: the user part of sip:name@domain */
	struct str display, email, title, phone;
	department_id department;
	bool enabled;
	int64_t created_ms, password_set_ms, last_sign_in_ms; /* wall; 0: never */
	unsigned char ha1_md5[DIGEST_MD5_LEN], ha1_md5_domain[DIGEST_MD5_LEN];
	unsigned char ha1_sha256[DIGEST_SHA256_LEN], ha1_sha256_domain[DIGEST_SHA256_LEN];
	unsigned char nt_hash[NTHASH_LEN];
	bool has_nt; /* nt_hash is there: NTLM is allowed */
	bool has_photo;
	unsigned char photo_hash[PHOTO_HASH_LEN]; /* names its version */
};

struct department {
	department_id id;
	struct str name;
	size_t members;
};

struct directory_cfg {
	struct store *store;
	struct queue *queue; /* the switch's */
	struct worker_pool *workers;
};

struct directory *directory_new(const struct directory_cfg *cfg);
void directory_free(struct directory **dp); /* callbacks under way get E_GONE */
/* Boot, before the store's thread: reads everything.  domain may be STR_NULL before the first set-up. */
MUST_USE enum err directory_load(struct directory *d, struct str domain);
/* The first set-up: fixed from here on, because every password is hashed with it. */
void directory_set_domain(struct directory *d, struct str domain);
struct str directory_domain(const struct directory *d); /* STR_NULL: not set up */

/* --- looking --- */
const struct account *directory_get(const struct directory *d, account_id id); /* NULL: none */
/* ASCII case ignored */
const struct account *directory_find(const struct directory *d, struct str name);
const struct department *directory_department(const struct directory *d, department_id id);
const struct department *directory_department_find(const struct directory *d, struct str name);
size_t directory_count(const struct directory *d);
/* By name, those after `after` (STR_NULL: from the first), until fn answers false. */
typedef bool directory_each_fn(const struct account *a, void *arg);
void directory_each(const struct directory *d, struct str after, directory_each_fn *fn, void *arg);
typedef bool directory_department_fn(const struct department *p, void *arg);
/* by name */
void directory_each_department(const struct directory *d, directory_department_fn *fn, void *arg);

/* --- what names are allowed --- */
/* 1 to 64 of [a-z0-9._-], not beginning or ending with a dot; *why_out (static) says what is wrong. */
MUST_USE enum err directory_check_name(struct str name, const char **why_out);

/* --- changing: id is the account's or department's; done must not free the directory --- */
typedef void directory_done_fn(void *arg, enum err err, int64_t id);

struct account_new {
	struct str name, display, email, title, phone, password; /* copied */
	department_id department;
};
/* E_EXISTS: the name; E_BAD: name or password not allowed; E_NOTFOUND: the department;
 * E_TOOBIG: a text over ACCOUNT_TEXT_MAX; E_DENIED: no domain is set yet; E_AGAIN: too many passwords are
 * being hashed; E_FULL: ACCOUNTS_MAX, or the disk; E_IO: the disk. */
void directory_add(struct directory *d, const struct account_new *n, directory_done_fn *done,
		   void *arg);
/* All or none; the first fault's index in *bad_out (borrowed until done), count if it lies in no single one.
 * done's id is 0. */
void directory_add_many(struct directory *d, const struct account_new *n, size_t count,
			size_t *bad_out, directory_done_fn *done, void *arg);

struct account_change {
	account_id id;
	const struct str *display, *email, *title, *phone; /* NULL: as it is */
	const department_id *department;
	const bool *enabled;
};
void directory_change(struct directory *d, const struct account_change *c, directory_done_fn *done,
		      void *arg);
void directory_set_password(struct directory *d, account_id id, struct str password,
			    directory_done_fn *done, void *arg);
void directory_delete(struct directory *d, account_id id, directory_done_fn *done, void *arg);
/* A JPEG or PNG, copied; empty: none from now on.  E_TOOBIG: over PHOTO_BYTES_MAX; E_UNSUPPORTED: another kind;
 * E_NOTFOUND: the account, or it has none to take away.  DIRECTORY_CHANGED tells of it. */
void directory_set_photo(struct directory *d, account_id id, struct str image,
			 directory_done_fn *done, void *arg);
/* fn on the switch thread, once: the bytes, borrowed, and "image/jpeg" or "image/png".  E_NOTFOUND: has none. */
typedef void directory_photo_fn(void *arg, enum err err, struct str image, const char *type);
void directory_read_photo(struct directory *d, account_id id, directory_photo_fn *fn, void *arg);

void directory_signed_in(struct directory *d, account_id id); /* written within a second */

void directory_department_add(struct directory *d, struct str name, directory_done_fn *done,
			      void *arg);
void directory_department_rename(struct directory *d, department_id id, struct str name,
				 directory_done_fn *done, void *arg);
void directory_department_delete(struct directory *d, department_id id, directory_done_fn *done,
				 void *arg);

/* No NT hash from now on, and those there are go; or again, from each account's next password on. */
void directory_allow_nt(struct directory *d, bool is_allowed, directory_done_fn *done, void *arg);
bool directory_allows_nt(const struct directory *d);

/* --- hearing of it --- */
enum directory_event {
	DIRECTORY_ADDED,
	DIRECTORY_CHANGED,
	DIRECTORY_PASSWORD, /* a new one: who is signed in with the old one must go */
	DIRECTORY_DISABLED, /* or enabled: see a->enabled */
	DIRECTORY_DELETED,  /* a is valid for the call, and gone after it */
};
typedef void directory_event_fn(void *arg, enum directory_event event, const struct account *a);
/* Called after the change is true; at most DIRECTORY_LISTENERS_MAX. */
void directory_listen(struct directory *d, directory_event_fn *fn, void *arg);

enum department_event { DEPARTMENT_ADDED, DEPARTMENT_RENAMED, DEPARTMENT_DELETED };
/* When a department is deleted its members change first, each with its own DIRECTORY_CHANGED. */
typedef void department_event_fn(void *arg, enum department_event event,
				 const struct department *p);
void directory_listen_departments(struct directory *d, department_event_fn *fn, void *arg);

#endif
