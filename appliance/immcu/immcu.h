/* immcu.h: the IM multipoint control unit: every text enters a conversation here and leaves it on the
 * receiver's endpoints, or waits on disk.
 *
 * Knows no wire format: a dialect's adapter hands texts in and carries copies
 * out.  The answer to a text (issued once):
 *
 *     submitted ── endpoint said 2xx ───────────────────────────────→ 200
 *         └─ all failed, 8 s passed, none there, or others wait ─→ on disk → 202
 *                                                  └─ the disk fails ─→ 503
 *
 * Never 2xx on a mere write to a socket.  A stored text is deleted only after
 * an endpoint's 2xx, so only a crash between the two can repeat it, with the same
 * Call-ID and Message-ID.  Switch thread only. */
#ifndef IMMCU_IMMCU_H
#define IMMCU_IMMCU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/heap.h"
#include "base/str.h"
#include "directory/directory.h"
#include "registrar/registrar.h"

struct immcu; /* opaque */
struct presence;
struct store;
struct queue;

typedef uint64_t leg_id; /* one copy to one endpoint; 0: none; never reused */

enum im_kind {
	IM_TEXT,    /* stored if it must be, counted */
	IM_TYPING,  /* worth nothing later: never stored */
	IM_RECEIPT, /* a delivery notice (IMDN): stored like a text, not counted */
};

/* Borrowed views.  What an adapter cannot know of the other side's dialect stays opaque: body is
 * passed on octet for octet, headers is complete lines of the sender's dialect. */
struct im_text {
	account_id from, to;
	endpoint_id from_endpoint; /* 0: unknown */
	enum im_kind kind;
	enum dialect dialect; /* the sender's */
	/* the session's peer: no other endpoint of its dialect gets a copy; 0: all do */
	endpoint_id to_endpoint;
	struct str content_type, content_encoding, body;
	/* what a plain client shows, UTF-8, for filters and archive; STR_NULL: the body, if it
	 * is text/plain without an encoding, or nothing */
	struct str plain;
	struct str about; /* of a receipt in a group: the Message-ID it is about */
	struct str call_id, message_id;
	struct str headers;
	struct str client; /* the sender's User-Agent, for the record */
	int64_t sent_ms;   /* wall: when the server got it; the receiver sees this time */
	bool is_stored;	   /* out of the offline store: say when it was sent */
	/* of a stored one: as they were, should the account be gone */
	struct str from_name, from_display;
	int64_t conversation; /* set by the IMMCU: the conversation's id; 0: none */
	/* set by the IMMCU: a warning or disclaimer to show after the body; empty in what it
	 * could append itself (text/plain without an encoding) */
	struct str notice;
};

/* Answers to the sender: 200, 202, 404, 413, 480, 503 ...; retry_after_s 0: none. */
typedef void im_answer_fn(void *arg, uint64_t token, int code, int retry_after_s);

struct im_dialect {
	/* Carries one copy to e; later immcu_on_answer(leg, code), once, never from inside; leg 0 is a line of the
	 * server's, whose answer nobody waits for.  from may be
	 * a stand-in with id 0, name and display alone: who wrote a stored text may be gone. */
	void (*send)(void *arg, leg_id leg, const struct endpoint *e, const struct account *from,
		     const struct account *to, const struct im_text *t);
	void *arg;
};

struct immcu_cfg {
	struct heap *heap;
	struct queue *queue; /* the switch's */
	struct store *store;
	struct directory *directory;
	struct registrar *registrar;
	const struct presence *presence; /* whom people have blocked; NULL: nobody is */
};

struct immcu *immcu_new(const struct immcu_cfg *cfg);
/* Boot, before the store's thread: who has texts waiting; closes records a crash left open. */
MUST_USE enum err immcu_load(struct immcu *m);
/* The store has stopped, or will run what is submitted.  Closes every record. */
void immcu_stop(struct immcu *m);
void immcu_free(struct immcu **mp);
void immcu_set_dialect(struct immcu *m, enum dialect which, const struct im_dialect *d);

/* How long an undelivered text is kept, for those stored from now on; IM_OFFLINE_KEEP_S by default. */
void immcu_set_offline_keep(struct immcu *m, int64_t seconds);

/* answer is called exactly once, at once or later, unless the server ends. */
void immcu_submit(struct immcu *m, const struct im_text *t, uint64_t token, im_answer_fn *answer,
		  void *arg);
/* False: the receiver has blocked the sender, whose texts and sessions get 480. */
bool immcu_may_write(const struct immcu *m, account_id from, account_id to);
/* The final answer to a copy: a SIP-like code; 408 for none, 503 for a lost connection. */
void immcu_on_answer(struct immcu *m, leg_id leg, int code);
/* Signed in, or refreshed: what waits for the account is delivered, oldest first. */
void immcu_on_sign_in(struct immcu *m, endpoint_id endpoint);
/* An administrator stops IM: texts, sessions and groups answer 503; presence and what is stored stay. */
void immcu_pause(struct immcu *m, bool is_paused);
void immcu_account_gone(struct immcu *m, account_id account);

/* --- sessions of two, for dialects that have them (a Lync IM dialog) ---
 * While one is open the conversation does not end by silence.  Texts in it go through immcu_submit
 * with to_endpoint set; the adapter's send carries a copy to that endpoint inside the dialog. */
typedef uint64_t im_session_id; /* 0: none; never reused */
struct im_session {
	account_id from, to;
	/* to_endpoint 0: the server answers for other dialects or nobody */
	endpoint_id from_endpoint, to_endpoint;
	struct str from_client, to_client; /* User-Agents, for the record */
	enum dialect dialect;
};
/* 0: one of the accounts is unknown or disabled. */
im_session_id immcu_session_open(struct immcu *m, const struct im_session *s);
int64_t immcu_session_conversation(const struct immcu *m, im_session_id id); /* 0: gone */
/* code: 200 for a BYE, or what it failed with. */
void immcu_session_close(struct immcu *m, im_session_id id, int code);
/* An attempt that never became a session: a record with its result. */
void immcu_session_failed(struct immcu *m, const struct im_session *s, int code);

struct immcu_stats {
	uint64_t conversations, live, waiting; /* now: texts being delivered; stored texts */
	uint64_t texts_in, copies_out, delivered, stored, redelivered, refused, typing; /* ever */
	uint64_t live_bytes;								/* now */
	uint64_t archived, archive_failed, blocked;					/* ever */
};
void immcu_stats_get(const struct immcu *m, struct immcu_stats *out);

#endif
