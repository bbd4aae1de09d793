/* dsk_auth.h: TLS-DSK as a client's way to sign in: a handshake in REGISTERs, its RSA steps on a worker, its
 * certificate looked up by the store.
 *
 *   ClientHello ──→ 401 ServerHello.. ──→ Certificate..Finished ──worker, store──→ 401 Finished ──→ signed REGISTER
 *
 * Switch thread.  Steps under way outlive their connection and find it gone. */
#ifndef LYNC_DSK_AUTH_H
#define LYNC_DSK_AUTH_H

#include "lync/lync_int.h"

struct dsk_auth; /* one per struct lync */

/* Boot: finds the key of the handshakes, or has one made; until there is one nothing is offered. */
struct dsk_auth *dsk_auth_new(struct lync *l);
void dsk_auth_free(struct dsk_auth **ap);
bool dsk_auth_is_ready(const struct lync *l);

/* One token of a client (raw bytes).  Answers now or later. */
enum sip_auth_result dsk_auth_on_token(struct lync *l, struct sip_txn *t, struct lync_conn *lc,
				       const struct auth_hdr *h, struct str token);
void dsk_auth_drop(struct lync_conn *lc); /* the handshake, if one is under way */

#endif
