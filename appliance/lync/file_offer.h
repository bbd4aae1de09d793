/* file_offer.h: what a Lync-class client offers to send, against the organisation's list of files.  The bytes
 * themselves go from client to client.  Pure functions.
 *
 *   text/x-msmsgsinvite               a MESSAGE in the chat, and embedded in its INVITE (pidgin-sipe, Communicator)
 *   application/ms-filetransfer+xml   a part of an INVITE of its own (Lync 2010 and later) */
#ifndef LYNC_FILE_OFFER_H
#define LYNC_FILE_OFFER_H

#include "immcu/filter.h"

/* The strictest that holds for a file in that body.  An offer that cannot be read is what its name might be
 * under the strictest rule: nobody could tell what the other client makes of it. */
enum filter_action file_offer_in_body(const struct filter_policy *p, struct str content_type,
				      struct str body);
/* The same for the ms-text-format of an INVITE: "text/x-msmsgsinvite; charset=UTF-8;ms-body=BASE64". */
enum filter_action file_offer_in_text_format(const struct filter_policy *p, struct str value);
/* What names the transfer in a text/x-msmsgsinvite; empty: it cannot be named. */
struct str file_offer_cookie(struct str body);

#endif
