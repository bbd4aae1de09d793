/* stack.h: connections, dispatch by the verb table, budgets: the SIP room's front door.
 *
 * Switch thread only.  No sockets: bytes come in through sip_on_bytes, go out
 * through the send hook.  Hooks may be called from inside any function here;
 * they must not call sip_on_* back. */
#ifndef SIP_STACK_H
#define SIP_STACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/str.h"
#include "net/addr.h"
#include "net/conn.h"
#include "net/conn_id.h"
#include "sip/adapter.h"
#include "sip/msg.h"
#include "sip/txn_client.h"
#include "sip/txn_server.h"

struct sip_stack_cfg {
	struct heap *heap;
	enum err (*send)(void *arg, conn_id conn, struct str bytes);
	void (*close)(void *arg, conn_id conn, bool after_flush);
	/* NULL allowed: first account on a connection */
	void (*on_authenticated)(void *arg, conn_id conn);
	void *arg;
	struct str domain, host; /* copied; both empty: not set up yet, every request gets 503 */
	uint16_t port;		 /* of our Via and Record-Route */
};

/* What the stack keeps per connection; others read it. */
struct sip_conn {
	conn_id id;
	struct conn_info info;
	uint64_t accounts[SIP_ACCOUNTS_PER_CONN]; /* verified on it; opaque to sip */
	size_t account_count;
	struct str user_agent;		   /* owned; the last one seen */
	unsigned quirks;		   /* enum sip_quirk */
	const struct sip_adapter *adapter; /* that has claimed it; NULL: none yet */
	struct sip_finisher finisher;	   /* set by that adapter */
	void *owner;			   /* that adapter's; freed by its on_close */
};

struct sip_stack *sip_stack_new(const struct sip_stack_cfg *cfg);
/* client callbacks get 503; adapters' on_close is called */
void sip_stack_free(struct sip_stack **sp);
/* In order of asking; copied; SIP_ADAPTERS_MAX.  Without any, every request gets 503. */
void sip_stack_add_adapter(struct sip_stack *s, const struct sip_adapter *a);
/* Verbs every adapter shares, behind its own; borrowed; ends with method == NULL.  May be NULL. */
void sip_stack_set_common_verbs(struct sip_stack *s, const struct sip_verb *verbs, void *arg);
/* From an adapter's handler: this request is none of its own after all (an INVITE that is a call, a BYE of
 * one), the common verb shall have it; 481 or 405 when there is none. */
void sip_pass(struct sip_txn *t);
/* After the wizard, or a changed certificate name. */
void sip_stack_set_names(struct sip_stack *s, struct str domain, struct str host, uint16_t port);

/* The hub's hooks. */
void sip_on_open(struct sip_stack *s, conn_id id, const struct conn_info *info);
ssize_t sip_on_bytes(struct sip_stack *s, conn_id id, struct str bytes);
void sip_on_close(struct sip_stack *s, conn_id id);

/* NULL: gone; borrowed for this call */
struct sip_conn *sip_conn_get(struct sip_stack *s, conn_id id);
bool sip_conn_has_account(const struct sip_conn *c, uint64_t account);
/* E_FULL: SIP_ACCOUNTS_PER_CONN others are on it.  Twice is fine. */
MUST_USE enum err sip_conn_add_account(struct sip_stack *s, struct sip_conn *c, uint64_t account);
void sip_conn_drop_account(struct sip_stack *s, struct sip_conn *c, uint64_t account);
/* Off every connection (a new password, disabled, deleted); a connection left with none is closed. */
void sip_stack_drop_account(struct sip_stack *s, uint64_t account);
void sip_conn_close(struct sip_stack *s, conn_id id, bool after_flush);

/* Ends SIP_AUTH_PENDING: on OK the handler runs now (unless the transaction is gone). */
void sip_auth_done(struct sip_stack *s, uint64_t txn_id, enum sip_auth_result result);

struct str sip_stack_domain(const struct sip_stack *s);
struct str sip_stack_host(const struct sip_stack *s);
uint16_t sip_stack_port(const struct sip_stack *s);
/* The R-URI names the server itself, or someone in its domain (RFC 3261 16.4). */
bool sip_stack_is_ours(const struct sip_stack *s, const struct uri *u);

/* Appends "Allow: CANCEL, ..." CRLF: the adapter's verbs and the common ones. */
void sip_allow_line(const struct sip_stack *s, const struct sip_adapter *a, struct buf *out);
/* Appends "Record-Route: <sip:TOKEN@host:port;transport=tls;lr>" CRLF. */
void sip_stack_record_route(const struct sip_stack *s, conn_id id, struct buf *out);
/* Appends our host:port for a Contact of ours that goes over that connection (sip_self_host_port). */
void sip_stack_host_port(const struct sip_stack *s, conn_id id, struct buf *out);
struct sip_secret;
const struct sip_secret *sip_stack_secret(const struct sip_stack *s); /* for GRUU and dialog ids */

struct sip_stats {
	/* by class */
	uint64_t requests_in[SIP_METHOD_COUNT], responses_in, requests_out, responses_out[7];
	uint64_t bad_messages, dropped, unmatched_responses, pings, flood_refused, framing_errors,
		retransmissions;
	uint64_t connections, server_txns, client_txns; /* now */
};
void sip_stats_get(const struct sip_stack *s, struct sip_stats *out);

#endif
