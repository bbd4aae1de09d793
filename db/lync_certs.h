/* lync_certs.h: certificates that people's Lync-class clients sign in with.  Store thread.
 *
 * A certificate counts while its row is there: deleting it revokes it. */
#ifndef DB_LYNC_CERTS_H
#define DB_LYNC_CERTS_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct db;

enum { DB_FINGERPRINT_LEN = 32 };

struct db_lync_cert {
	unsigned char fingerprint[DB_FINGERPRINT_LEN];
	int64_t account_id;
	struct str device;
	int64_t not_after_ms, created_ms;
};

/* A new one of the same device replaces it; of one person no more than max are kept, the newest.
 * E_NOTFOUND: no such account. */
MUST_USE enum err db_lync_cert_add(struct db *db, const struct db_lync_cert *c, int64_t max);
/* E_NOTFOUND: unknown, or revoked.  device stays empty. */
MUST_USE enum err db_lync_cert_find(struct db *db,
				    const unsigned char fingerprint[DB_FINGERPRINT_LEN],
				    struct db_lync_cert *out);
MUST_USE enum err db_lync_cert_revoke(struct db *db, int64_t account_id); /* all of one person */
MUST_USE enum err db_lync_cert_revoke_one(
	struct db *db, int64_t account_id,
	const unsigned char fingerprint[DB_FINGERPRINT_LEN]);	       /* E_NOTFOUND */
typedef void db_lync_cert_fn(const struct db_lync_cert *c, void *arg); /* borrowed */
MUST_USE enum err db_lync_cert_each(struct db *db, int64_t account_id, db_lync_cert_fn *fn,
				    void *arg);

#endif
