/* immcu_int.h: the inside of the IMMCU, for this folder.
 *
 *   conversation.c  who talks with whom, when it ends, the counts
 *   record.c        the counts on their way to the disk
 *   delivery.c      one text to one account: copies, the answer
 *   offline.c       what waits on disk, in order, and its delivery
 *
 * Everything asynchronous keeps ids. */
#ifndef IMMCU_IMMCU_INT_H
#define IMMCU_IMMCU_INT_H

#include "base/list.h"
#include "base/map.h"
#include "db/offline.h"
#include "db/records.h"
#include "db/store.h"
#include "immcu/immcu.h"

/* An operation with the store; first in the struct of its kind.  What the store never answered is
 * ended by immcu_free. */
struct im_op {
	struct store_op op;
	struct immcu *m;
	struct list in_ops;
	void (*done)(
		struct im_op *o); /* switch thread, unless the IMMCU is gone; NULL: nothing to do */
	void (*free)(struct im_op *o); /* the struct with all it owns */
};
void im_op_submit(struct immcu *m, struct im_op *o, enum store_class cls,
		  enum err (*run)(struct store_op *op, struct db *db));

/* An owned copy of a text: every view points into bytes. */
struct im_copy {
	struct im_text v;
	char *bytes; /* owned */
	size_t size;
};
void im_copy_init(struct im_copy *c, const struct im_text *t);
void im_copy_fini(struct im_copy *c);

/* --- conversation.c --- */

enum conversation_end {
	CONV_END_OPEN, /* goes on */
	CONV_END_SILENCE,
	CONV_END_STOPPED, /* the server */
	CONV_END_CRASH,
	CONV_END_CLOSED, /* said goodbye */
	CONV_END_FAILED, /* never began */
	CONV_END_LOST,	 /* an endpoint */
	CONV_END_EMPTY,	 /* a group without members */
};

struct participant {
	struct list in_conversation;
	account_id account;
	struct str uri;	       /* owned */
	struct str client;     /* owned */
	struct str invited_by; /* owned */
	bool has_dialect;
	enum dialect dialect;
	int64_t sent, received, joined_ms, left_ms;
	bool is_dirty;
};

/* Invariants:
 * 1. In by_id always; in pairs while it is a two-party one; its silence timer runs then, unless a
 *    session is open.
 * 2. Linked in dirty exactly while something is not yet handed to the store. */
struct conversation {
	struct immcu *m;
	struct map_node by_id, by_pair;
	struct list in_dirty;
	struct timer silence;
	struct db_record record; /* its id is the conversation's; owns begun_by */
	struct list participants;
	size_t n_participants;
	size_t n_sessions;    /* open ones: the silence timer stands still */
	bool is_archive_told; /* both know that they are archived */
	struct {
		account_id low, high;
	} pair; /* the key of by_pair */
};

struct conversation *conversation_get(struct immcu *m, int64_t id);
/* The one that goes on between two accounts, or NULL. */
struct conversation *conversation_find_pair(struct immcu *m, account_id a, account_id b);
/* A call between two, beside whatever they write to each other (call_record.h). */
struct conversation *conversation_open_call(struct immcu *m, const struct account *a,
					    const struct account *b);
struct conversation *conversation_open_pair(struct immcu *m, const struct account *a,
					    const struct account *b);
/* Whether this account has said nothing in it yet. */
bool conversation_is_first(const struct conversation *c, account_id from);
void conversation_on_text(struct immcu *m, int64_t id, const struct im_text *t);
void conversation_on_result(struct immcu *m, int64_t id, int code);
void conversation_on_copy(struct immcu *m, int64_t id, account_id to, const struct endpoint *e);
struct conversation *conversation_open_group(struct immcu *m, account_id by);
/* A two-party one becomes a group's: no silence ends it, the two may begin another. */
void conversation_become_group(struct conversation *c);
/* Again, too.  by: who brought him; 0 or himself: nobody. */
void conversation_join(struct conversation *c, const struct account *a, account_id by);
void conversation_leave(struct conversation *c, account_id account);
void conversation_count(struct conversation *c, account_id account, int64_t sent, int64_t received);
void conversation_count_text(struct conversation *c, int64_t at_ms);
/* The silence begins anew. */
void conversation_rest(struct conversation *c);
void conversation_note_client(struct conversation *c, account_id account, struct str client,
			      enum dialect dialect);
void conversation_end(struct conversation **cp, enum conversation_end why);
void conversation_end_all(struct immcu *m, enum conversation_end why);

/* --- record.c --- */

void record_touch(struct conversation *c);
void record_flush(struct immcu *m);	 /* hands what is dirty to the store */
void record_flush_some(struct immcu *m); /* the timer's: a slice of it */
MUST_USE enum err record_load(struct immcu *m);
/* A stored text arrived after its conversation's end. */
void record_late_copy(struct immcu *m, int64_t id, account_id to, const struct endpoint *e);

/* --- delivery.c --- */

enum delivery_state {
	DELIVERY_LIVE,	  /* copies are out, the sender waits */
	DELIVERY_STORING, /* on its way to the disk */
	DELIVERY_STORED,  /* on disk, the sender has 202, copies may still be answered */
	DELIVERY_AGAIN,	  /* out of the disk, copies are out */
};

/* Invariants:
 * 1. In deliveries by id; in its mailbox's list `live` exactly in DELIVERY_LIVE, oldest first.
 * 2. answer is NULL once it was called.
 * 3. row is 0 before DELIVERY_STORED; after that rows maps it to this delivery.
 * 4. The timer runs exactly in DELIVERY_LIVE. */
struct delivery {
	struct immcu *m;
	struct map_node by_id;
	struct list in_live;
	uint64_t id;
	enum delivery_state state;
	struct im_copy text; /* empty once it is on its way to the disk */
	account_id to;
	enum im_kind kind;
	size_t size; /* of the text */
	int64_t conversation;
	struct list legs; /* not answered yet */
	size_t n_legs;
	bool is_taken;	 /* an endpoint said 2xx */
	bool is_refused; /* so far every answer was a refusal of the text itself */
	int last_code;	 /* of the last endpoint that failed; 0: none */
	struct timer wait;
	int64_t row;
	uint64_t token;
	im_answer_fn *answer;
	void *arg;
};

struct leg {
	struct map_node by_id;
	struct list in_delivery;
	uint64_t delivery;
	endpoint_id endpoint;
};

struct delivery *delivery_get(struct immcu *m, uint64_t id);
/* Takes a text to its receiver, who exists. */
void delivery_submit(struct immcu *m, const struct im_text *t, int64_t conversation, uint64_t token,
		     im_answer_fn *answer, void *arg);
/* What a row's turn is: copies of it to every endpoint that has none under way.  d is the delivery that
 * holds the row, or NULL.  Returns the one that goes on, or NULL: no endpoint is there. */
struct delivery *delivery_again(struct immcu *m, struct delivery *d, int64_t row,
				const struct im_text *t);
/* A new endpoint is there: a copy to it. */
void delivery_send_more(struct delivery *d);
void delivery_fail(struct delivery *d, int code, int retry_after_s); /* answers and frees */
void delivery_free(struct delivery **dp); /* of whatever state; not answered any more */
/* Everything live to this account goes to disk, in order: something older must go there. */
void delivery_store_live(struct immcu *m, account_id account);
/* The put of a DELIVERY_STORING ended. */
void delivery_on_stored(struct delivery *d, enum err err, int64_t row);

/* --- offline.c --- */

/* What is known of a stored row beyond what the disk says. */
enum row_state {
	ROW_KEPT,    /* a delivery holds it: late or repeated copies */
	ROW_SKIPPED, /* every client refused it: waits for a new client */
	ROW_DEAD,    /* delivered: its deletion is under way or to be repeated */
};
enum row_fate {
	ROW_TAKEN,   /* an endpoint has it: delete the row */
	ROW_REFUSED, /* all endpoints refused this text: the next row's turn */
	ROW_FAILED,  /* nobody answered: all waits */
	ROW_LEFT,    /* copies of long ago failed: it waits for its turn as any other */
};
struct row {
	struct map_node by_id;
	struct list in_skipped;
	int64_t id;
	account_id account;
	enum row_state state;
	uint64_t delivery;  /* of ROW_KEPT */
	struct timer retry; /* of ROW_DEAD */
	struct immcu *m;
};

enum drain_state {
	DRAIN_IDLE,
	DRAIN_READING, /* a page is being read */
	DRAIN_SENDING, /* the first of page is with the receiver's clients */
	DRAIN_BLOCKED, /* nobody took it; a sign-in, a late answer or the timer starts again */
};

/* What is under way to one account.  Invariants:
 * 1. rows counts rows on disk that are not ROW_DEAD; n_skipped of them are ROW_SKIPPED, and listed.
 * 2. cursor: every row up to it has been dealt with since the last start of the drain.
 * 3. The timer runs exactly in DRAIN_BLOCKED with an endpoint signed in. */
struct mailbox {
	struct immcu *m;
	struct map_node by_account;
	account_id account;
	struct list live; /* deliveries, oldest first */
	size_t storing;
	size_t rows, n_skipped, bytes;
	struct list skipped; /* rows */
	enum drain_state state;
	/* the row being sent is not the first: skipped ones before it get another turn */
	bool is_rewound;
	/* a later one is a new client, which may take what others refused */
	endpoint_id newest_asked;
	uint64_t reading; /* names the page under way: an older one is dropped */
	uint64_t sending; /* delivery */
	int64_t cursor;
	struct list page; /* struct paged, read and not yet sent */
	struct timer retry;
};

struct mailbox *mailbox_get(struct immcu *m, account_id account);
struct mailbox *mailbox_make(struct immcu *m, account_id account);
void mailbox_release(struct immcu *m, account_id account); /* frees it if nothing needs it */
void mailbox_drop(struct immcu *m, account_id account);
/* Older texts wait: newer ones must wait behind them. */
bool mailbox_has_backlog(const struct mailbox *b);
bool mailbox_is_full(const struct mailbox *b, size_t size);
/* Moves the text of d to the store; then delivery_on_stored. */
void offline_put(struct delivery *d);
/* Row d->row is on disk and d holds it. */
void offline_hold(struct delivery *d);
/* d lets go of its row: what becomes of it. */
void offline_release(struct delivery *d, enum row_fate fate);
void offline_block(struct mailbox *b);
void offline_sign_in(struct immcu *m, account_id account);
MUST_USE enum err offline_load(struct immcu *m);
void offline_stop(struct immcu *m); /* asks the disk once more for what it would not delete */
void offline_fini(struct immcu *m); /* frees mailboxes and rows; deliveries are gone */

/* --- session.c --- */

void session_fini(struct immcu *m);

/* --- all of it --- */

struct groups;
struct filter;
struct archive;

struct immcu {
	struct immcu_cfg cfg;
	struct groups *groups;
	struct filter *filter;
	struct archive *archive;
	struct im_dialect dialect[DIALECTS];
	struct map conversations, pairs;
	int64_t last_conversation;
	struct list dirty;
	struct timer flush;
	struct map deliveries, legs, mailboxes, rows, sessions;
	struct list ops;  /* struct im_op with the store */
	uint64_t last_id; /* of deliveries, legs and pages */
	int64_t offline_keep_s;
	bool is_stopped, is_paused;
	struct immcu_stats stats;
};

/* A definite refusal of the text itself: asking the same client again is pointless. */
bool im_code_is_refusal(int code);
/* "sip:name@domain", owned. */
struct str im_uri_of(const struct immcu *m, const struct account *a);

#endif
