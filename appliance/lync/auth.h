/* auth.h: between auth.c, which decides, and the schemes' own files. */
#ifndef LYNC_AUTH_H
#define LYNC_AUTH_H

#include "lync/lync_int.h"

static inline const struct addr *auth_peer(struct sip_txn *t)
{
	return &sip_txn_conn(t)->info.peer;
}

/* The 401 with the schemes; always SIP_AUTH_ANSWERED. */
enum sip_auth_result auth_challenge_again(struct lync *l, struct sip_txn *t, const char *why);
/* The account has been proven: may it be the one of From and To? */
enum sip_auth_result auth_admit(struct lync *l, struct sip_txn *t, const struct account *a);
/* From here on the connection signs and is signed with sa, which is copied. */
void auth_install(struct sip_txn *t, struct lync_conn *lc, const struct sa *sa, account_id account);

/* --- ntlm_auth.c --- */
enum sip_auth_result auth_on_ntlm(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				  const struct auth_hdr *h, struct str token);
void auth_ntlm_end(struct lync_conn *lc); /* the exchange, if one is under way */

#endif
