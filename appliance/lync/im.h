/* im.h: instant messages of Lync-class clients: an INVITE dialog that two people write in.
 *
 *   im_chat.c    chats: who with whom, over which dialogs, and their end
 *   im_invite.c  an INVITE for a chat, to the callee's Lync-class endpoints or answered by the server
 *   im_in.c      MESSAGE, INFO, BYE and ACK from a client
 *   im_out.c     a copy of a text to a client, as the IMMCU asks for it
 *
 *      INVITE            2xx, ours or theirs          BYE, 481, a lost connection
 *   ─────────→ RINGING ─────────────────────→ OPEN ─────────────────────────────→ gone
 *                                              ↑
 *   a text for a client that takes none outside a dialog: CALLING ── its 2xx
 *
 * Between two Lync-class endpoints the dialog stays theirs (Call-ID, tags and bodies pass), but every
 * text goes through the IMMCU and its answer is the receiver's.  Where the other side has no such
 * endpoint the server is the dialog's other end. */
#ifndef LYNC_IM_H
#define LYNC_IM_H

#include "base/map.h"
#include "immcu/filter.h"
#include "lync/lync_int.h"
#include "sip/dialog.h"
#include "sip/fork.h"

enum chat_state { CHAT_RINGING, CHAT_CALLING, CHAT_OPEN };

struct chat;

/* One party.  Invariant: has_dialog: a client is at that end, and dialog is the one we speak to it. */
struct chat_side {
	struct chat *chat;
	/* in im.sides, by (endpoint, the other's account); the newest chat only */
	struct map_node by_peer;
	account_id account;
	endpoint_id endpoint; /* 0: the server answers for him */
	struct sip_dialog dialog;
	bool has_dialog, is_listed;
	unsigned texts; /* of its own that the IMMCU has not answered yet */
	struct {
		endpoint_id endpoint;
		account_id peer;
	} key;
};

/* Invariants:
 * 1. In by_id always; sides with a dialog are in im.dialogs in CHAT_OPEN.
 * 2. session is open exactly in CHAT_OPEN.
 * 3. waiting holds copies exactly in CHAT_CALLING. */
struct chat {
	struct map_node by_id;
	struct im *im;
	uint64_t id;
	enum chat_state state;
	struct chat_side a, b; /* who called, who was called */
	im_session_id session;
	struct sip_msg *invite; /* of RINGING */
	conn_id from;		/* the connection it came on */
	uint64_t txn;		/* of RINGING */
	struct list waiting;	/* struct im_waiting */
	bool is_offline_told;	/* that texts wait for the one called, or for who left */
};

struct im {
	struct lync *lync;
	struct sip_forks *forks;
	struct sip_dialogs dialogs;
	struct map chats, sides;
	struct list later; /* struct im_waiting: answers the IMMCU is given from the timer */
	struct timer later_timer;
	uint64_t last_id;
};

struct im *im_new(struct lync *l);
void im_free(struct im **ip);
void im_conn_closed(struct im *im, conn_id conn);

/* Verbs of the dialect; what is none of theirs is passed on. */
void im_on_invite(struct sip_txn *t, void *arg);
void im_on_message(struct sip_txn *t, void *arg);
void im_on_info(struct sip_txn *t, void *arg);
void im_on_bye(struct sip_txn *t, void *arg);
void im_on_ack(struct sip_txn *t, void *arg);

/* --- im_chat.c --- */
struct chat *chat_new(struct im *im, account_id a, endpoint_id from, account_id b);
struct chat *chat_get(struct im *im, uint64_t id);
/* The chat a request belongs to and the side it came from; NULL: none. */
struct chat *chat_of(struct im *im, const struct sip_msg *m, conn_id conn,
		     struct chat_side **side_out);
struct chat_side *chat_other(struct chat_side *s);
/* The newest open chat in which that endpoint talks with that account. */
struct chat_side *chat_find(struct im *im, endpoint_id endpoint, account_id peer);
/* Both dialogs are set: OPEN from here on.  False: an account is gone; the chat is. */
bool chat_open(struct chat *c);
/* Says BYE to whoever still has a dialog, but for except (may be NULL). */
void chat_close(struct chat *c, int code, const struct chat_side *except);
void chat_free(struct chat *c);

/* --- im_out.c --- */
void im_send(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
	     const struct account *to, const struct im_text *t);
void im_flush_waiting(struct chat *c, int code); /* sends them (200), or fails them all */
void im_answer_later(struct im *im, leg_id leg, int code);
/* A line of the server's own, in the other's name, to one side. */
void im_tell(struct chat_side *s, struct str text);
void im_say(struct chat_side *s, struct str type, struct str body); /* the same, of any type */
/* Once until something arrives, in the conversation: the sender shall not wonder why nobody answers. */
void im_tell_offline(struct chat_side *s);

/* --- im_in.c --- */
/* True: it is blocked, and has been answered with that code. */
bool im_is_refused(struct im *im, struct sip_txn *t, int code, enum filter_action action,
		   const char *what);

/* --- im_invite.c --- */
/* The SDP of an IM session as we answer and offer it. */
void im_sdp(struct im *im, account_id as, struct buf *out);

#endif
