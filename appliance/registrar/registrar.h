/* registrar.h: endpoints: which connection reaches which account right now (RFC 3261 10, RFC 5626, RFC 5627).
 *
 * An endpoint is one signed-in client.  It names its connection by id and ends
 * when it expires, is removed, is replaced by a newer one of the same instance,
 * or its connection closes.  A client is only ever reached over the connection
 * it opened.  Nothing here is written to disk.  Switch thread only. */
#ifndef REGISTRAR_REGISTRAR_H
#define REGISTRAR_REGISTRAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/str.h"
#include "directory/directory.h"
#include "net/conn_id.h"

struct registrar; /* opaque */

typedef uint64_t endpoint_id; /* 0: none; never reused */

enum dialect { DIALECT_SIMPLE, DIALECT_LYNC, DIALECTS };
const char *dialect_name(enum dialect d);

/* Borrowed until the endpoint changes or ends. */
struct endpoint {
	endpoint_id id;
	account_id account;
	conn_id conn;
	enum dialect dialect;
	struct str contact;  /* the URI as the client wrote it */
	struct str params;   /* its header parameters, given back in answers */
	struct str instance; /* +sip.instance without <>; len 0: none */
	uint32_t reg_id;     /* 0: none (RFC 5626) */
	uint32_t q_milli;    /* 0..1000 */
	struct str call_id;  /* of the REGISTER that made it */
	uint32_t cseq;
	struct str user_agent;
	int64_t since_ms;   /* wall: signed in */
	int64_t expires_ms; /* loop clock */
	int64_t active_ms; /* loop clock: its person last did something: signed in, wrote, called */
};

enum registrar_end {
	END_REMOVED,
	END_EXPIRED,
	END_REPLACED,
	END_YIELDED,
	END_CONN_CLOSED,
	END_BY_ADMIN,
	END_ACCOUNT
};
/* END_REPLACED: the same client is here again; END_YIELDED: another one has its place. */
const char *registrar_end_name(enum registrar_end why);

struct registrar_hooks {
	/* A new endpoint; not called for a refresh. */
	void (*on_sign_in)(void *arg, const struct endpoint *e);
	/* e is valid for the call, and gone from the tables already. */
	void (*on_sign_out)(void *arg, const struct endpoint *e, enum registrar_end why);
	void *arg;
};

struct registrar *registrar_new(struct heap *heap);
void registrar_free(struct registrar **rp); /* no hooks */
void registrar_listen(struct registrar *r,
		      const struct registrar_hooks *h); /* REGISTRAR_LISTENERS_MAX at most */

/* One contact of a REGISTER. */
struct binding {
	struct str contact, params, instance;
	uint32_t reg_id, q_milli;
	uint32_t expires_s; /* 0: remove */
};
struct registration {
	account_id account;
	conn_id conn;
	enum dialect dialect;
	struct str call_id, user_agent;
	uint32_t cseq;
	const struct binding *binding;
	size_t count;
};
/* All or none (RFC 3261 10.3 step 7).  E_FULL: more than ENDPOINTS_PER_ACCOUNT, and nobody makes room;
 * E_STALE: an older CSeq of the same Call-ID. */
MUST_USE enum err registrar_put(struct registrar *r, const struct registration *reg);
/* Contact: *: all of the account.  E_STALE as above, then nothing changed. */
MUST_USE enum err registrar_clear(struct registrar *r, account_id account, struct str call_id,
				  uint32_t cseq);

/* What happens to one more client than an account may have. */
enum registrar_full {
	FULL_REPLACE_IDLE, /* the endpoint idle for longest ends, with END_YIELDED */
	FULL_REFUSE,
};
void registrar_set_full(struct registrar *r,
			enum registrar_full full); /* FULL_REPLACE_IDLE at first */
/* Its person did something just now.  An endpoint that is gone, or 0, is none. */
void registrar_touch(struct registrar *r, endpoint_id id);
/* It is in a call: it makes room for nobody until each hold is released, and then was active just now. */
void registrar_hold(struct registrar *r, endpoint_id id);
void registrar_release(struct registrar *r, endpoint_id id);

const struct endpoint *registrar_get(const struct registrar *r, endpoint_id id); /* NULL: gone */
/* The public GRUU's instance; NULL: none signed in. */
const struct endpoint *registrar_find_instance(const struct registrar *r, account_id account,
					       struct str instance);
const struct endpoint *registrar_find_conn(const struct registrar *r, account_id account,
					   conn_id conn);
/* Fills out with ids, most recently signed in first; returns how many (at most max). */
size_t registrar_of_account(const struct registrar *r, account_id account, endpoint_id *out,
			    size_t max);

typedef void registrar_each_fn(const struct endpoint *e, void *arg); /* must not change the table */
void registrar_each(const struct registrar *r, registrar_each_fn *fn, void *arg);

void registrar_conn_closed(struct registrar *r, conn_id conn);
void registrar_end_account(struct registrar *r, account_id account, enum registrar_end why);
enum err registrar_end_endpoint(struct registrar *r, endpoint_id id,
				enum registrar_end why); /* E_NOTFOUND */

struct registrar_stats {
	uint64_t endpoints, accounts;		 /* now */
	uint64_t sign_ins, refreshes, sign_outs; /* ever */
	uint64_t yielded;			 /* of sign_outs */
	uint64_t by_dialect[DIALECTS];		 /* now */
};
void registrar_stats_get(const struct registrar *r, struct registrar_stats *out);

#endif
