/* msg.h: one decoded SIP message: views over bytes it owns.
 *
 * Refcounted (a transaction keeps its request); switch thread only.  All views,
 * the header table and the address lists live as long as the message.  Decoding
 * never loses what an answer needs: a message with a fault is still readable
 * as far as it goes, and fault tells what to answer. */
#ifndef SIP_MSG_H
#define SIP_MSG_H

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "codec/uri.h"
#include "sip/addr.h"
#include "sip/hdr.h"
#include "sip/methods.h"
#include "sip/via.h"

struct sip_hdr {
	struct str name, value; /* name as sent; value trimmed, folds turned into blanks */
	enum sip_hdr_id id;
	uint16_t next; /* 1 + index of the next header with this id; 0: none */
};

struct sip_addr_list {
	struct sip_addr *v;
	size_t len;
};

struct sip_fault {
	int code;	    /* 0: none; else the answer (400, 416, 505 ...) */
	const char *reason; /* static: "Bad CSeq" */
};

struct sip_msg {
	unsigned refs;
	struct str bytes; /* owned, with the message's own allocation */
	struct arena arena;
	struct sip_fault fault; /* the first one found, in order of the text */

	int status; /* 0: a request */
	enum sip_method method_id;
	struct str method; /* of a request; of a response: from CSeq */
	struct str ruri;   /* as sent */
	struct uri ruri_uri;
	struct str reason;

	struct sip_hdr *hdr;
	size_t hdr_count;
	uint16_t first[SIP_HDR_COUNT]; /* 1 + index; 0: none */

	struct sip_via via; /* the top one */
	struct sip_addr from, to;
	struct str call_id;
	uint32_t cseq;
	struct str cseq_method;
	uint32_t max_forwards; /* 70 when absent */
	bool has_expires;
	uint32_t expires_s;
	struct str content_type, content_encoding; /* len 0: none */
	struct str user_agent;			   /* of the sender: User-Agent or Server */
	struct sip_addr_list contact, route;
	struct str body;
};

static inline bool sip_msg_is_request(const struct sip_msg *m)
{
	return m->status == 0;
}

/* How the head's lines end: SIP_LINES_LOOSE is for heads the framer found damaged (bare CR or
 * LF), to read enough of them for a 400; their fault is always set. */
enum sip_lines { SIP_LINES_STRICT, SIP_LINES_LOOSE };

/* Copies the bytes of one framed message and decodes them.  E_BAD: not even a start line; the
 * start line of anything else was understood, *out is set and fault tells the rest. */
MUST_USE enum err sip_msg_decode(struct str bytes, size_t head_len, enum sip_lines lines,
				 struct sip_msg **out);

/* to keep it; counting changes nothing a reader sees */
struct sip_msg *sip_msg_ref(const struct sip_msg *m);
void sip_msg_unref(struct sip_msg **mp);

/* A response can be built: Via, From, To, Call-ID and CSeq are there (RFC 3261 8.2.6.2). */
bool sip_msg_is_answerable(const struct sip_msg *m);

/* First header of that id or name (long form; compact forms match); p == NULL: none. */
struct str sip_msg_get(const struct sip_msg *m, enum sip_hdr_id id);
struct str sip_msg_get_name(const struct sip_msg *m, struct str name);
/* The k-th (from 0) header of that id; false past the last. */
bool sip_msg_get_nth(const struct sip_msg *m, enum sip_hdr_id id, size_t k, struct str *out);

/* Walk: for (h = sip_msg_first(m, id); h; h = sip_msg_next(m, h)). */
const struct sip_hdr *sip_msg_first(const struct sip_msg *m, enum sip_hdr_id id);
const struct sip_hdr *sip_msg_next(const struct sip_msg *m, const struct sip_hdr *h);

/* True if a comma list header (Supported, Require, Allow ...) has this token in any of its lines. */
bool sip_msg_has_token(const struct sip_msg *m, enum sip_hdr_id id, struct str token);
/* Calls fn for each token of such a header, in order; fn answers false to stop. */
typedef bool sip_token_fn(void *arg, struct str token);
void sip_msg_each_token(const struct sip_msg *m, enum sip_hdr_id id, sip_token_fn *fn, void *arg);

/* All addresses of Contact, Route, Record-Route, Path ... in order, in the message's arena. */
MUST_USE enum err sip_msg_addrs(struct sip_msg *m, enum sip_hdr_id id, struct sip_addr_list *out);

/* The contact's own expires parameter, else the Expires header, else dflt; overflow is a fault earlier. */
uint32_t sip_contact_expires_s(const struct sip_msg *m, const struct sip_addr *contact,
			       uint32_t dflt);

#endif
