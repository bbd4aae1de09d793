/* frame.h: cuts a byte stream into SIP messages and keep-alives (RFC 3261 18.3, RFC 5626 4.4.1).
 *
 * Pure: sees bytes and limits only.  It remembers how far it has looked, so a
 * head that comes in a thousand reads is scanned once.  The caller offers the
 * unconsumed bytes again with more behind them. */
#ifndef SIP_FRAME_H
#define SIP_FRAME_H

#include <stdbool.h>
#include <stddef.h>

#include "base/str.h"
#include "sip/msg.h"

struct sip_frame {
	size_t scanned;	 /* of the offered bytes: no head end before this */
	size_t head_len; /* 0: not found yet */
	size_t total;	 /* head and body, once head_len is known */
	bool loose;	 /* a bare CR or LF was seen in this head */
	bool after_crlf; /* the last thing consumed was a lone CRLF: one more makes a ping */
};

enum sip_frame_kind {
	SIP_FRAME_MORE, /* nothing whole yet; consume nothing */
	SIP_FRAME_SKIP, /* a lone CRLF */
	SIP_FRAME_PING, /* CRLF CRLF: answer CRLF */
	SIP_FRAME_MSG,
	/* the stream cannot be cut any further: answer fault if a head is there, close */
	SIP_FRAME_BAD,
};

struct sip_framed {
	size_t consumed; /* drop so many bytes */
	struct str msg;	 /* MSG: head and body; BAD: the head as far as known (len 0: none) */
	size_t head_len;
	enum sip_lines lines;
	struct sip_fault fault; /* of BAD */
};

void sip_frame_init(struct sip_frame *f);
enum sip_frame_kind sip_frame_next(struct sip_frame *f, struct str in, size_t msg_max,
				   struct sip_framed *out);

#endif
