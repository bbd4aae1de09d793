/* build.h: encodes requests and responses by appending to one buf.
 *
 * Long header names only (pidgin-sipe knows no others); Content-Length always.
 * Values come from code of ours or from decoded messages, so they hold no
 * line ends. */
#ifndef SIP_BUILD_H
#define SIP_BUILD_H

#include "base/buf.h"
#include "sip/adapter.h"
#include "sip/msg.h"

struct sip_response {
	int code;
	struct str reason;	  /* len 0: the standard phrase */
	struct str to_tag;	  /* added when the request's To has none; len 0: none */
	const struct addr *peer;  /* for received and rport */
	struct str extra_headers; /* complete lines with CRLF */
	struct str content_type, body;
	struct sip_conn *conn; /* its finisher is asked; NULL: nobody is */
	uint64_t account;      /* for the finisher */
};

/* Via, From, To, Call-ID, CSeq and, where a dialog may begin, Record-Route are copied as sent
 * (RFC 3261 8.2.6.2, 12.1.1). */
void sip_build_response(struct buf *b, const struct sip_msg *req, const struct sip_response *r);

/* The request's Via lines, ours to answer or to put behind our own: received and rport filled in. */
void sip_build_vias(struct buf *b, const struct sip_msg *req, const struct addr *peer);

/* resp passed on as the answer to req over conn: status, headers and body of resp, the Vias of req. */
void sip_build_forwarded(struct buf *b, const struct sip_msg *req, const struct sip_msg *resp,
			 struct sip_conn *conn, uint64_t account, struct str extra_headers);

struct sip_request {
	struct str method, uri;
	struct str via; /* value of our Via */
	struct str from, to, call_id;
	uint32_t cseq;
	struct str cseq_method; /* len 0: method */
	uint32_t max_forwards;
	struct str extra_headers; /* complete lines with CRLF */
	struct str content_type, body;
	struct sip_conn *conn; /* as above */
};

void sip_build_request(struct buf *b, const struct sip_request *r);

/* "Name: value CRLF"; control characters in value are replaced by blanks. */
void sip_build_header(struct buf *b, const char *name, struct str value);

#endif
