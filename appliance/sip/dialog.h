/* dialog.h: what two ends of a dialog agree on (RFC 3261 12): ids, route set, targets, CSeq.
 *
 * Plain values; the owner keeps it in its own object and
 * indexes it with struct sip_dialogs by id or by the message's tags. */
#ifndef SIP_DIALOG_H
#define SIP_DIALOG_H

#include "base/buf.h"
#include "base/err.h"
#include "base/map.h"
#include "sip/msg.h"
#include "sip/txn_client.h"

/* All strings are views into one block: a server holds many of these (a subscription each). */
struct sip_dialog {
	struct map_node node; /* in sip_dialogs, by key */
	char *block;	      /* owned */
	struct str key;	      /* connection, call-id, local tag, remote tag */
	conn_id conn;	      /* the flow to the peer; moves when the peer comes back on another */
	struct str call_id, local_tag, remote_tag; /* parts of key */
	struct str local, remote;		   /* From/To values for our requests, with tags */
	struct str remote_target;		   /* Request-URI of our requests */
	struct str route_lines;			   /* complete "Route: ..." lines */
	uint32_t local_cseq, remote_cseq;	   /* 0: none yet */
	bool has_remote_cseq;
};

/* As UAS: from the request that makes the dialog and the To tag of our 2xx (12.1.1).
 * As UAC: from our request's From and CSeq and the response that makes it (12.1.2). */
MUST_USE enum err sip_dialog_init_uas(struct sip_dialog *d, struct sip_msg *req,
				      struct str local_tag, conn_id conn);
MUST_USE enum err sip_dialog_init_uac(struct sip_dialog *d, struct sip_msg *resp,
				      uint32_t local_cseq, conn_id conn);
void sip_dialog_fini(struct sip_dialog *d);

/* An in-dialog request has come: E_STALE when its CSeq is not above the last (12.2.2: answer
 * 500); ACK and CANCEL never are.  A target refresh (INVITE, UPDATE, SUBSCRIBE, NOTIFY, REFER)
 * takes the new Contact. */
MUST_USE enum err sip_dialog_on_request(struct sip_dialog *d, const struct sip_msg *req);

/* Fills method, uri, from, to, call_id, next cseq; puts route lines before extra (whose
 * buf must live until the request is sent).  The ACK of a 2xx takes the INVITE's CSeq. */
void sip_dialog_request(struct sip_dialog *d, struct str method, struct str extra,
			struct buf *scratch, struct sip_out *out);

/* Index.  Keyed with the connection: two pidgin-sipe started in one second use the same
 * Call-IDs and tags. */
struct sip_dialogs {
	struct map map;
};
void sip_dialogs_init(struct sip_dialogs *x);
void sip_dialogs_fini(struct sip_dialogs *x); /* must be empty */
void sip_dialogs_put(struct sip_dialogs *x, struct sip_dialog *d);
void sip_dialogs_del(struct sip_dialogs *x, struct sip_dialog *d);
/* the peer came back */
void sip_dialogs_move(struct sip_dialogs *x, struct sip_dialog *d, conn_id conn);
/* The dialog a request from that connection belongs to; NULL: none (481). */
struct sip_dialog *sip_dialogs_get(const struct sip_dialogs *x, const struct sip_msg *req,
				   conn_id conn);

#endif
