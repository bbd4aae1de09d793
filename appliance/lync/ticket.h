/* ticket.h: web tickets ([MS-OCAUTHWS]): who has shown his password to the web services, and what he signs with.
 *
 * A ticket is a row in a table in memory, named by its AssertionID, which cannot be guessed; the assertion around
 * it is for the client's eyes.  Tickets end with the server: clients fetch new ones.  Switch thread. */
#ifndef LYNC_TICKET_H
#define LYNC_TICKET_H

#include "codec/xml.h"
#include "lync/lync_int.h"

enum { TICKET_KEY_LEN = 32 };

struct lync_ticket {
	struct map_node by_id;
	struct list node; /* oldest first */
	struct str id;	  /* owned */
	account_id account;
	unsigned char key[TICKET_KEY_LEN]; /* proof of possession */
	int64_t expires_ms;		   /* loop clock */
};

struct lync_tickets *lync_tickets_new(void);
void lync_tickets_free(struct lync_tickets **tp);
void lync_tickets_forget(struct lync *l,
			 account_id account); /* a new password, disabled, deleted */

/* Makes one for what the request (RequestSecurityToken) asks, and appends the answer.  E_BAD: malformed;
 * E_DENIED: it asks for somebody else's. */
MUST_USE enum err lync_ticket_issue(struct lync *l, const struct account *a,
				    const struct xml_node *request, struct buf *answer_out);

/* The ticket in a Security header, its signature over the time stamp checked.  E_AUTH: unknown, ended or not
 * signed by whom it was given to. */
MUST_USE enum err lync_ticket_check(struct lync *l, const struct xml_node *envelope,
				    const struct lync_ticket **out);
/* For services that ask for no proof: whose ticket the assertion is, or the one in a Security header.  NULL: of
 * nobody who may use them. */
const struct account *lync_ticket_bearer(struct lync *l, const struct xml_node *assertion);
const struct account *lync_ticket_bearer_of(struct lync *l, const struct xml_node *envelope);

#endif
