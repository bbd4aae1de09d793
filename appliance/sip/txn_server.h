/* txn_server.h: server transactions (RFC 3261 17.2, RFC 6026) over reliable transports.
 *
 * A transaction belongs to its connection and dies with it.  Others keep its
 * id, never its pointer: after the final answer, or when the connection is
 * gone, sip_txn_get says NULL and sip_reply does nothing.  A handler's own
 * txn pointer is good until the handler returns. */
#ifndef SIP_TXN_SERVER_H
#define SIP_TXN_SERVER_H

#include <stdint.h>

#include "base/str.h"
#include "net/conn_id.h"
#include "sip/msg.h"

struct sip_stack;
struct sip_conn;
struct sip_txn; /* opaque */

uint64_t sip_txn_id(const struct sip_txn *t); /* never reused */
/* ref it to keep it past the final answer */
const struct sip_msg *sip_txn_msg(const struct sip_txn *t);
struct sip_msg *sip_txn_msg_ref(struct sip_txn *t);
struct sip_conn *sip_txn_conn(struct sip_txn *t);
conn_id sip_txn_conn_id(const struct sip_txn *t);
struct sip_stack *sip_txn_stack(struct sip_txn *t);
uint64_t sip_txn_account(const struct sip_txn *t); /* 0 until authenticate has set it */
void sip_txn_set_account(struct sip_txn *t, uint64_t account);
/* what our answers carry: the request's own, or ours */
struct str sip_txn_to_tag(const struct sip_txn *t);

struct sip_txn *sip_txn_get(struct sip_stack *s, uint64_t txn_id); /* NULL: answered or gone */

/* Answers; 1xx may be followed by others.  reason NULL: the standard phrase.  extra_headers:
 * complete lines with CRLF.  Unknown and answered ids are ignored: late answers are normal. */
void sip_reply(struct sip_stack *s, uint64_t txn_id, int code, const char *reason,
	       struct str extra_headers, struct str content_type, struct str body);
void sip_reply_code(struct sip_stack *s, uint64_t txn_id, int code); /* nothing but the code */

/* For an INVITE that waits: called when a CANCEL has come (answered 200 already), or when the
 * connection died (cancelled = false).  Without it the stack answers 487 by itself. */
typedef void sip_cancel_fn(void *arg, uint64_t txn_id, bool cancelled);
void sip_txn_on_cancel(struct sip_txn *t, sip_cancel_fn *fn, void *arg);

#endif
