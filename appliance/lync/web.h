/* web.h: the web services of the Lync-class dialect: web tickets, certificates for TLS-DSK, the address book. */
#ifndef LYNC_WEB_H
#define LYNC_WEB_H

#include "codec/xml.h"
#include "http/server.h"
#include "lync/lync_int.h"

/* --- web.c --- */
/* Appends "https://HOST:PORT", where they are. */
void lync_web_base(const struct lync *l, struct buf *out);

/* --- web_auth.c --- */
/* Who the Authorization value names, by password: Basic, or NTLM inside NTLM or Negotiate, whose two steps belong
 * to one connection.  NULL: nobody (yet); then the complete WWW-Authenticate values go to challenges. */
struct web_auth;
struct web_auth *web_auth_new(void);
void web_auth_free(struct web_auth **ap);
struct web_credentials {
	struct str value; /* of Authorization */
	uint64_t conn;
	const struct addr *peer;
};
const struct account *web_auth_check(struct lync *l, const struct web_credentials *c,
				     struct buf *challenges);

/* --- discover.c: also under the server's own name, to which the answers point --- */
void discover_on_root(struct http_req *rq, void *arg);
void discover_on_user(struct http_req *rq, void *arg);
#define DISCOVER_PATH "/Autodiscover/AutodiscoverService.svc/root"

/* --- certprov.c --- */
/* Answers a GetAndPublishCert, now or from the store's thread. */
void certprov_on_request(struct lync *l, struct http_req *rq, const struct xml_node *envelope);
/* All certificates of one person are void from now on. */
void certprov_revoke(struct lync *l, account_id account);
void web_fault(struct http_req *rq, unsigned status, const char *text);

#endif
