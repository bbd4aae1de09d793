/* route.h: who a request is for (RFC 3261 16.4-16.6), flow tokens (RFC 5626 5.2), GRUU (RFC 5627).
 *
 * Pure but for the secret.  Tokens carry their own HMAC, so a URI a client
 * made up never reaches another client's connection. */
#ifndef SIP_ROUTE_H
#define SIP_ROUTE_H

#include "base/buf.h"
#include "base/err.h"
#include "net/addr.h"
#include "net/conn_id.h"
#include "sip/msg.h"

enum { SIP_SECRET_BYTES = 32 };

struct sip_secret {
	unsigned char key[SIP_SECRET_BYTES];
};

struct sip_self {
	struct str domain, host;
	uint16_t port;
	struct sip_secret secret;
};

bool sip_self_has_host(const struct sip_self *s, struct str host);

/* 32 hex digits: conn id and half an HMAC-SHA-256, bound to the use. */
void sip_flow_token_encode(const struct sip_secret *k, conn_id id, struct buf *out);
MUST_USE enum err sip_flow_token_decode(const struct sip_secret *k, struct str token, conn_id *out);

enum sip_next {
	SIP_NEXT_LOCAL,	  /* no Route left and the R-URI is in our domain */
	SIP_NEXT_FLOW,	  /* a Route of ours names a living flow: conn_out */
	SIP_NEXT_ROUTE,	  /* a foreign Route is left: routes_out starts with it */
	SIP_NEXT_FOREIGN, /* the R-URI is not in our domain */
	SIP_NEXT_FORGED,  /* a Route of ours with a token that is not: 403 */
};

struct sip_next_hop {
	enum sip_next kind;
	conn_id conn;
	size_t popped; /* how many Routes at the front were ours */
};

/* Reads Route from the front: ours are popped (loose routing, 16.4), the last token counts, for a
 * Record-Route of ours has one value per side.  A strict router's R-URI that is one of those counts
 * as the first.  local: the address the request came to; clients name it in their outbound proxy. */
struct sip_next_hop sip_route_next(const struct sip_self *s, const struct sip_msg *m,
				   const struct addr *local);

/* The rest of the Route set after popped, as complete lines. */
void sip_route_lines(const struct sip_msg *m, size_t popped, struct buf *out);
void sip_route_record(const struct sip_self *s, conn_id id, const struct addr *local,
		      struct buf *out);
/* Appends host:port as a peer that connected to local (may be NULL) can find us: our name, but local itself where
 * that name is localhost, which baresip's resolver does not know. */
void sip_self_host_port(const struct sip_self *s, const struct addr *local, struct buf *out);

/* What makes a request the same one when it comes again (16.6 step 8); a part of our branches. */
uint32_t sip_route_loop_hash(uint64_t seed, struct str ruri, struct str call_id, uint32_t cseq);
bool sip_route_is_loop(const struct sip_self *s, uint64_t seed, const struct sip_msg *m); /* 482 */

/* Public: sip:user@domain;gr=instance.  Temporary: sip:tgruu.TOKEN@domain;gr, where the token is
 * the endpoint's id, masked and signed, so that two of one endpoint look unlike. */
void sip_gruu_public(struct buf *out, struct str user, struct str domain, struct str instance);
void sip_gruu_temp(const struct sip_secret *k, struct buf *out, uint64_t endpoint,
		   struct str domain);
bool sip_gruu_is(const struct uri *u);		   /* has a gr parameter */
struct str sip_gruu_instance(const struct uri *u); /* of a public one; len 0: temporary or none */
MUST_USE enum err sip_gruu_temp_decode(const struct sip_secret *k, struct str user,
				       uint64_t *endpoint_out);

#endif
