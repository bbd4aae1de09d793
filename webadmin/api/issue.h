/* issue.h: which names and addresses our certificates carry, and making them.
 *
 * Making is pure and slow (keys): worker threads, or boot.  Results are PEM. */
#ifndef API_ISSUE_H
#define API_ISSUE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

enum { ISSUE_ADDRESSES_MAX = 32 };

struct issue_names {
	struct str domain, host;
	struct str address[ISSUE_ADDRESSES_MAX]; /* owned texts */
	size_t n_addresses;
};

/* Fills in the addresses of this machine's interfaces, without link-local ones. */
void issue_names_local(struct issue_names *n);
void issue_names_fini(struct issue_names *n); /* the addresses only */

/* A host name, or domain, as DNS has them (RFC 1123 2.1): letters, digits, hyphens and dots. */
bool issue_is_name(struct str name);

struct issue_pair {
	struct buf cert, key; /* init/fini in place */
};
void issue_pair_init(struct issue_pair *p);
void issue_pair_fini(struct issue_pair *p); /* wipes the key */

/* Ten years, limited to the domain and the host. */
MUST_USE enum err issue_ca(const struct issue_names *n, int64_t now_s, struct issue_pair *out);
/* CN = host; SANs host, domain, the names clients look for below it, every address; localhost when
 * the host is localhost. */
MUST_USE enum err issue_server(const struct issue_names *n, struct str ca_cert, struct str ca_key,
			       int64_t now_s, struct issue_pair *out);
/* Signed by itself, for the host's own name and addresses: before the first set-up. */
MUST_USE enum err issue_temporary(int64_t now_s, struct issue_pair *out);

#endif
