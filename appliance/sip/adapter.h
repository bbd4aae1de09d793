/* adapter.h: the seam between the stack and the dialects: who answers a request, and who signs what goes out.
 *
 * The stack knows an ordered list of adapters; dialects never know each other, and either may be left
 * out of the build.  app/ makes the stack, then each dialect, and adds their adapters, the choosiest
 * first (lync, then simple):
 *
 *   s = sip_stack_new(&cfg);
 *   lync = lync_new(...);     sip_stack_add_adapter(s, lync_adapter(lync));
 *   simple = simple_new(...); sip_stack_add_adapter(s, simple_adapter(simple));
 *
 * How one is chosen.  A connection is one client, so it belongs to one adapter for life, from the
 * first request an adapter claims: lync/ claims a REGISTER that shows a Lync-class client (or its
 * NEGOTIATE), simple/ any other REGISTER.  Until then the last of the list answers what nobody claims;
 * it keeps the connection once its authenticate has let a request in.  The adapter's verb table, its authenticate hook
 * and its option tags hold for the request; verbs both dialects share (calls) are common verbs of
 * the stack, looked up after the adapter's own.
 *
 * Finisher.  A dialect that signs messages sets conn->finisher once it has keys.  From then on it is
 * called for every request and every answer of 200 and above on that connection, whoever sends it
 * (the stack's own 4xx, ACK and CANCEL as well), after all header lines but the ones it appends and
 * Content-Type, Content-Length.  Nothing it saw changes afterwards.  A retransmitted answer is sent
 * as it was signed.
 *
 * Responses.  Its clients' answers to what we sent may be signed too: accepts_response looks at each one that
 * a transaction waits for, before the transaction does. */
#ifndef SIP_ADAPTER_H
#define SIP_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"
#include "sip/msg.h"

struct sip_conn;
struct sip_txn;

enum sip_auth {
	SIP_AUTH_NONE,	   /* OPTIONS */
	SIP_AUTH_REQUIRED, /* authenticate decides before the handler runs */
};

enum sip_auth_result {
	SIP_AUTH_OK,	   /* the account is set on the transaction */
	SIP_AUTH_ANSWERED, /* 401, 403 ... has been sent */
	SIP_AUTH_PENDING,  /* later sip_auth_done (a worker checks) */
};

typedef void sip_request_fn(struct sip_txn *txn, void *arg);

/* The verb table decides, nothing else.  ACK needs no line: it ends transactions; with a line
 * the handler gets ACKs of 2xx.  CANCEL is the stack's own. */
struct sip_verb {
	const char *method;
	sip_request_fn *on_request;
	enum sip_auth auth;
	size_t body_max;
	unsigned cost; /* of the flood budget */
};

struct sip_adapter {
	const char *name; /* static, for logs */
	/* This client is one of ours.  NULL: claims nothing, only takes what is left over. */
	bool (*claims)(void *arg, const struct sip_conn *c, const struct sip_msg *m);
	enum sip_auth_result (*authenticate)(void *arg, struct sip_txn *txn);
	/* False: an answer of 200 and above is not the client's own, and counts as not come.  NULL: all are. */
	bool (*accepts_response)(void *arg, struct sip_conn *c, const struct sip_msg *m);
	/* A connection it claimed has ended: free conn->owner.  NULL allowed. */
	void (*on_close)(void *arg, struct sip_conn *c);
	const struct sip_verb *verbs; /* borrowed; ends with method == NULL */
	/* option tags for Require; borrowed; ends with NULL; may be NULL */
	const char *const *supported;
	void *arg; /* of the hooks and of the verbs' handlers */
};

/* What is about to be sent; views good for the call. */
struct sip_finishing {
	struct sip_conn *conn;
	int status;	   /* 0: a request */
	struct str method; /* of the CSeq */
	/* the header values, tags and all, octet for octet as they go out */
	struct str from, to;
	struct str call_id;
	uint32_t cseq;
	/* complete lines: what was given as extra_headers (Contact, Expires ...) */
	struct str headers;
	/* whose transaction it is, as set by authenticate; 0: unknown, or a request */
	uint64_t account;
};

/* Appends complete header lines (Authentication-Info: ...) CRLF to out, or nothing. */
typedef void sip_finish_fn(void *arg, const struct sip_finishing *f, struct buf *out);

struct sip_finisher {
	sip_finish_fn *fn; /* NULL: nothing to add */
	void *arg;
};

#endif
