/* txn_client.h: client transactions (RFC 3261 17.1, RFC 6026) over reliable transports.
 *
 * Every request goes out on a connection the peer opened.  fn is called exactly
 * once, never from inside sip_request_send: with the final response, or with 408
 * (time-out) or 503 (connection gone) and no message. */
#ifndef SIP_TXN_CLIENT_H
#define SIP_TXN_CLIENT_H

#include <stdint.h>

#include "base/str.h"
#include "net/conn_id.h"
#include "sip/msg.h"

struct sip_stack;

/* resp is borrowed until fn returns (sip_msg_ref to keep); NULL: made here.  ctx is sip_out.ctx. */
typedef void sip_response_fn(void *arg, uint64_t ctx, int code, const struct sip_msg *resp);

struct sip_out {
	conn_id conn;
	struct str method, uri;
	struct str from, to; /* header values, tags and all */
	struct str call_id;
	uint32_t cseq;
	uint32_t max_forwards;	  /* 0: 70 */
	struct str extra_headers; /* complete lines with CRLF: Contact, Route, Event ... */
	struct str content_type, body;
	int64_t timeout_ms; /* 0: 64*T1, for INVITE SIP_INVITE_WAIT_MS */
	uint64_t ctx;	    /* handed to fn */
	/* NULL: not wanted. 1xx, and further 2xx to an INVITE (RFC 6026 7.2) */
	sip_response_fn *progress;
};

/* Adds Via with branch, Max-Forwards, CSeq, Content-Length.  Returns the client transaction's
 * id (for sip_request_cancel), never 0.  fn may be NULL. */
uint64_t sip_request_send(struct sip_stack *s, const struct sip_out *o, sip_response_fn *fn,
			  void *arg);

/* The owner ends: fn will not be called.  The transaction goes on by itself. */
void sip_request_forget(struct sip_stack *s, uint64_t id);

/* CANCEL for an INVITE that waits (RFC 3261 9.1); fn still gets the final answer. */
void sip_request_cancel(struct sip_stack *s, uint64_t id);

/* A request without a transaction: ACK of a 2xx, BENOTIFY.  E_GONE, E_FULL as the send hook says. */
MUST_USE enum err sip_request_send_once(struct sip_stack *s, const struct sip_out *o);

#endif
