/* certs.h: certificates with their keys, PEM.  Store thread.  Of each kind one is active; old ones are kept. */
#ifndef DB_CERTS_H
#define DB_CERTS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum db_cert_kind { DB_CERT_CA = 1, DB_CERT_SERVER, DB_CERT_TLS_DSK };

struct db_cert {
	int64_t id;
	enum db_cert_kind kind;
	struct str cert_pem; /* the chain, own certificate first */
	struct str key_pem;
	struct str serial; /* hex */
	int64_t not_before_ms, not_after_ms, created_ms;
	bool is_own;	/* issued by our CA: renewed by itself */
	bool is_active; /* set by each and get */
};

/* Becomes the active one of its kind. */
MUST_USE enum err db_cert_add(struct db *db, const struct db_cert *c, int64_t *id_out);
typedef void db_cert_fn(const struct db_cert *c, void *arg); /* borrowed */
/* the active one */
MUST_USE enum err db_cert_get(struct db *db, enum db_cert_kind kind, db_cert_fn *fn, void *arg);
MUST_USE enum err db_cert_each(struct db *db, db_cert_fn *fn, void *arg); /* newest first */
MUST_USE enum err db_cert_delete(struct db *db, int64_t id); /* E_DENIED: the active one */

#endif
