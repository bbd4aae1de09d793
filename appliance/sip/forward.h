/* forward.h: passing a request or a response on, as a record-routing proxy does (RFC 3261 16.6, 16.7).
 *
 * The message goes on as it came but for what a proxy must touch: our Via on
 * top, Max-Forwards, the Routes that were ours, credentials meant for us, and
 * Record-Route.  Bodies pass octet for octet. */
#ifndef SIP_FORWARD_H
#define SIP_FORWARD_H

#include "base/buf.h"
#include "sip/msg.h"
#include "sip/route.h"
#include "sip/txn_client.h"
#include "sip/txn_server.h"

/* How a forwarded request is changed. */
struct sip_forward {
	conn_id conn;	   /* where it goes */
	struct str uri;	   /* the new Request-URI; len 0: as it came */
	size_t popped;	   /* Routes at the front that were ours */
	bool record_route; /* this request may make a dialog, and we stay in its path */
	struct str extra;  /* complete header lines put in front of the copied ones */
};

/* Fills o from the request of t; its header lines are written to scratch, which must live until o is
 * sent.  E_TOOBIG.  The caller sets o->ctx and o->progress. */
MUST_USE enum err sip_forward_request(struct sip_txn *t, const struct sip_forward *f,
				      struct buf *scratch, struct sip_out *o);

/* The response's status, headers and body as the answer to txn_id; extra: complete header lines.
 * Ids of answered or gone transactions are ignored. */
void sip_forward_response(struct sip_stack *s, uint64_t txn_id, const struct sip_msg *resp,
			  struct str extra);

/* Where a request with Routes or a flow token goes next; the address the client used counts as ours. */
struct sip_next_hop sip_forward_next(struct sip_txn *t);

#endif
