/* focus.h: groups for standards clients: the conference focus (RFC 4353, 4579) over the IMMCU's groups.
 *
 * A group is sip:NAME@domain; sip:conference-factory@domain makes one.  Three kinds of client take part:
 *
 *   room clients       Linphone's group chat: a dialog per device, texts as message/cpim from the group's address
 *   conference-aware   an INVITE dialog, roster and REFER by RFC 4579; texts as of a plain one
 *   plain              nothing but pager MESSAGE to and from the group's address, the author named in the text
 *
 *   focus.c         addresses, life, what the IMMCU tells
 *   focus_part.c    an endpoint's share in a group: its leg, its dialog, its end
 *   focus_invite.c  asking a client in
 *   focus_join.c    INVITE, ACK and BYE of clients: making, joining, renaming, leaving
 *   focus_refer.c   REFER: adding, removing, promoting
 *   focus_list.c    bodies: resource lists, SDP
 *   focus_text.c    texts in and out
 *   focus_receipt.c delivery notices for members whose clients send none
 *   focus_event.c   SUBSCRIBE and NOTIFY of the conference package (RFC 4575)
 *   focus_roster.c  its documents
 *
 * No dialog is on disk.  After a restart a room client subscribes again and is in; only a client that does not
 * within FOCUS_RESUME_MS is asked anew. */
#ifndef SIMPLE_FOCUS_H
#define SIMPLE_FOCUS_H

#include "base/list.h"
#include "base/map.h"
#include "immcu/group.h"
#include "sip/dialog.h"
#include "sip/event.h"
#include "simple/simple_int.h"

#define FOCUS_FACTORY "conference-factory"

/* How a leg's texts are written: the shape of its renderings. */
enum focus_shape { FOCUS_PLAIN, FOCUS_ROOM };

enum focus_part_state {
	FOCUS_WAITING, /* it may know the room already: it is given time to say so */
	FOCUS_INVITED, /* our INVITE is not answered */
	FOCUS_IN,
};

/* A text of this endpoint whose author wants to know who got it. */
struct focus_pending {
	struct list link;
	uint64_t seq;
	struct str message_id; /* owned */
};

/* Invariants:
 * 1. In parts by id always; leg is its leg in the group, whose ctx is this part.
 * 2. dialog is in focus.dialogs exactly while has_dialog; request is our INVITE exactly in FOCUS_INVITED.
 * 3. The timer runs exactly in FOCUS_WAITING. */
struct focus_part {
	struct map_node by_id;
	struct focus *focus;
	uint64_t id;
	group_id group;
	endpoint_id endpoint;
	account_id account;
	conn_id conn;
	group_leg_id leg;
	enum focus_shape shape;
	enum focus_part_state state;
	bool has_dialog, has_left; /* has_left: the client itself said BYE */
	struct sip_dialog dialog;
	uint64_t request;
	unsigned rejoins; /* how often it said that it does not know the room it had joined */
	struct timer wait;
	uint64_t seq; /* of the copy under way; 0: none */
	struct list pending;
	size_t n_pending;
};

/* What is kept of a group here.  Freed when it ends, or holds nothing. */
struct focus_room {
	struct map_node by_id;
	group_id id;
	struct list watches;  /* of focus_event.c */
	account_id *welcomed; /* owned: plain members who were told how it works */
	size_t n_welcomed;
};

struct focus {
	struct simple *simple;
	struct immcu *immcu;
	struct sip_dialogs dialogs;
	struct map parts, rooms, subs;
	uint64_t last_part;
	int64_t started_ms; /* wall */
	struct sip_sub_hooks sub_hooks;
	struct list due; /* subscriptions with something to tell */
	struct timer pump;
	group_id *tidy; /* owned: groups somebody left */
	size_t n_tidy;
	bool is_telling; /* subscriptions are being walked */
	struct timer tidy_timer;
};

struct focus *focus_new(struct simple *s);
void focus_free(struct focus **fp);

/* --- addresses (focus.c) --- */
bool focus_is_factory(const struct focus *f, const struct uri *u);
/* NULL: none */
const struct group_info *focus_group_of(const struct focus *f, const struct uri *u);
void focus_uri(const struct focus *f, const struct group_info *g, struct buf *out);
void focus_factory_uri(const struct focus *f, struct buf *out);
/* The public GRUU, or the contact of a client without one. */
void focus_endpoint_uri(const struct focus *f, const struct endpoint *e, struct buf *out);
/* "Contact: <uri>;isfocus;text" CRLF, Record-Route for a dialog over conn. */
void focus_contact_line(const struct focus *f, const struct group_info *g, struct buf *out);
void focus_dialog_lines(const struct focus *f, const struct group_info *g, conn_id conn,
			struct buf *out);
/* The endpoint that sent it; NULL: not registered on this connection. */
const struct endpoint *focus_sender(const struct focus *f, const struct sip_txn *t);
bool focus_is_room_client(const struct endpoint *e);
/* What a roster calls it. */
struct str focus_name_of(const struct group_info *g);
/* One-to-one rooms: of two, led by nobody; the pair stands in the conference id. */
bool focus_is_pair(const struct group_info *g);
struct focus_room *focus_room_get(struct focus *f, group_id id);
struct focus_room *focus_room_make(struct focus *f, group_id id);
void focus_room_release(struct focus *f, group_id id); /* frees it if it holds nothing */

/* --- verbs --- */
void focus_on_invite(struct sip_txn *t, void *simple);
void focus_on_ack(struct sip_txn *t, void *simple);
void focus_on_bye(struct sip_txn *t, void *simple);
void focus_on_refer(struct sip_txn *t, void *simple);
/* True when it was for a group. */
bool focus_on_message(struct focus *f, struct sip_txn *t);
/* A SUBSCRIBE for the conference package outside a dialog. */
void focus_on_subscribe(struct focus *f, struct sip_txn *t, uint32_t expires_s);
void focus_refuse(const struct focus *f, const struct sip_txn *t, int code, const char *reason,
		  const char *headers);
int focus_code_of(enum err e);

/* --- focus_part.c --- */
struct focus_part *focus_part_get(const struct focus *f, uint64_t id);
struct focus_part *focus_part_find(const struct focus *f, group_id group, endpoint_id e);
struct focus_part *focus_part_of(const struct focus *f, const struct sip_txn *t); /* by dialog */
/* A new leg; one of the same endpoint ends.  NULL: no member, or too many legs. */
struct focus_part *focus_part_open(struct focus *f, group_id group, const struct endpoint *e,
				   enum focus_shape shape, enum group_leg_state state);
void focus_part_free(struct focus_part *p); /* of whatever state; says nothing to anybody */
void focus_part_enter(struct focus_part *p, enum focus_part_state state);
void focus_part_on_leg_end(void *arg, const struct group_leg *leg, enum group_leg_end why);
/* The client has shown that it knows the room: it is in, whatever was asked before. */
void focus_part_resume(struct focus *f, const struct group_info *g, const struct endpoint *e);
void focus_part_forget_pending(struct focus_part *p, struct focus_pending *x);

/* --- focus_invite.c --- */
void focus_invite(void *arg, const struct group_info *g, account_id who, const struct endpoint *e,
		  account_id by);
void focus_invite_part(struct focus_part *p);		    /* FOCUS_WAITING → FOCUS_INVITED */
void focus_invite_waiting(struct focus *f, group_id group); /* all that wait */
/* The client keeps a room whose dialog we no longer have: a new dialog, to end it. */
void focus_say_farewell(struct focus_part *p);

/* --- focus_list.c --- */
/* A part of that type, multipart or not, its encoding undone into scratch; p == NULL: none. */
struct str focus_body(const struct sip_msg *m, const char *type, struct buf *scratch);
/* The URIs of a resource list; fn's view is good for the call.  E_BAD. */
typedef void focus_entry_fn(void *arg, struct str uri);
MUST_USE enum err focus_list_decode(struct str xml, focus_entry_fn *fn, void *arg);
/* An answer that takes no stream of the offer (RFC 3264 6). */
void focus_sdp_decline(struct str offer, struct buf *out);

/* --- focus_text.c --- */
void focus_render(void *arg, unsigned shape, const struct group_text *t, struct buf *out);
enum err focus_send(void *arg, const struct group_leg *leg, const struct group_text *t,
		    struct str rendering);
/* One MESSAGE from the group to an endpoint. */
struct focus_out {
	const struct group_info *group;
	const struct endpoint *to;
	enum focus_shape shape;
	struct str body, call_id; /* call_id len 0: a new one */
	int64_t sent_ms;
	bool is_urgent; /* not Priority: non-urgent */
};
void focus_message(struct focus *f, const struct focus_out *o, sip_response_fn *fn, uint64_t ctx);

/* --- focus_receipt.c --- */
void focus_receipt_wanted(struct focus *f, const struct group_leg *leg, uint64_t seq,
			  struct str message_id);
void focus_on_report(void *arg, const struct group_leg *author, uint64_t seq,
		     const struct group_failure *f, size_t count);

/* --- focus_event.c --- */
void focus_events_init(struct focus *f);
void focus_events_fini(struct focus *f);
void focus_tell(struct focus *f, const struct group_info *g, const struct group_event *ev);

/* --- focus_roster.c --- */
enum focus_flavour { FOCUS_STANDARD, FOCUS_LINPHONE };
void focus_roster_full(struct focus *f, const struct group_info *g, enum focus_flavour flavour,
		       uint64_t version, struct buf *out);
/* What changed after `after`; E_STALE: too long ago. */
MUST_USE enum err focus_roster_since(struct focus *f, const struct group_info *g,
				     enum focus_flavour flavour, uint64_t after, uint64_t version,
				     struct buf *out);

#endif
