/* via.h: one Via value (RFC 3261 20.42), views into the message. */
#ifndef SIP_VIA_H
#define SIP_VIA_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "net/addr.h"

struct sip_via {
	struct str text;      /* this value alone, as sent */
	struct str version;   /* "2.0" */
	struct str transport; /* any case; pidgin-sipe writes "tls" */
	struct str sent_by;   /* host[:port] as sent, blanks and all */
	struct str host;      /* with brackets if it has them */
	uint16_t port;	      /* 0: none */
	struct str params;    /* ";..." */
	struct str branch;    /* p == NULL: none */
	bool has_rport, has_received;
	/* in text: where "=port" belongs; 0: rport absent or already filled */
	size_t rport_end;
};

/* Reads the first value of a Via line; *rest_out what follows its comma (p == NULL: nothing). */
MUST_USE enum err sip_via_decode(struct str line, struct sip_via *out, struct str *rest_out);

/* The branch names a transaction by itself (RFC 3261 8.1.1.7): the cookie and something after it. */
bool sip_via_is_3261(const struct sip_via *v);

/* Appends text with received and rport filled in from the source (RFC 3261 18.2.1, RFC 3581 4). */
void sip_via_encode_received(struct buf *b, const struct sip_via *v, const struct addr *peer);

#endif
