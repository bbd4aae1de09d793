/* group.h: conversations of many: ad-hoc conferences and standing groups, for clients of every dialect.
 *
 * A group is an address (name@domain; a Lync-class client also knows it by
 * organizer and conf_id).  Members are accounts, never groups, so that no text
 * can go round in circles.  A member is reached by legs: one endpoint each,
 * opened by the adapter of its dialect when the client has joined, answered,
 * or (a client that knows nothing of groups) at once.
 *
 *     leg:    INVITED ─→ JOINED ─→ OPEN ─→ ended     (INVITED and JOINED may be left out)
 *     member: added ─→ has legs ⇄ has none ─→ left
 *
 * Every text gets a number when it comes in, and every leg gets the texts in that order, from a cursor:
 * what a member missed while he had no open leg comes first.  A leg that cannot follow is dropped,
 * the group goes on.  Every change of the roster raises the version by one and is told as one
 * event.  Memory is the truth; groups, members and the last texts are on disk too, so that a
 * restart loses none of them.  Switch thread only; nothing here calls back into the caller's own call
 * but events and leg ends.  by: who does it; 0: the server or an administrator, who may everything. */
#ifndef IMMCU_GROUP_H
#define IMMCU_GROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "directory/directory.h"
#include "immcu/immcu.h"
#include "registrar/registrar.h"

typedef int64_t group_id;      /* 0: none; never reused */
typedef uint64_t group_leg_id; /* 0: none; never reused */

enum group_kind {
	/* ends after GROUP_IDLE_MS without a text, or GROUP_EMPTY_MS without members */
	GROUP_ADHOC,
	GROUP_STANDING, /* lasts until it is deleted */
};
enum group_access {
	GROUP_OPEN,   /* any account that knows the address may join; a text to it joins */
	GROUP_CLOSED, /* only those who were added */
};
enum group_role { GROUP_ATTENDEE, GROUP_PRESENTER };

/* Borrowed until the next call. */
struct group_info {
	group_id id;
	enum group_kind kind;
	enum group_access access;
	bool is_locked;		  /* nobody joins but the organizer and who comes back */
	bool ends_with_organizer; /* his leaving ends it; default no */
	struct str name;	  /* the user part of its address, lower case */
	struct str conf_id;	  /* the Lync conference id, as its creator wrote it */
	struct str subject;	  /* shown as its name */
	account_id organizer;	  /* 0: an administrator made it */
	uint64_t version;	  /* of the roster; strictly rising, across restarts too */
	uint64_t last_seq;	  /* of the texts */
	int64_t created_ms;	  /* wall */
	int64_t conversation;	  /* the record's id; 0: nobody has talked or met yet */
	size_t members, legs;
};

struct group_new {
	enum group_kind kind;
	enum group_access access;
	struct str name;    /* empty: made up from the id */
	struct str conf_id; /* empty: made up */
	struct str subject;
	account_id organizer; /* becomes the first member, a presenter; 0: none */
	bool ends_with_organizer;
};

/* done: once, when it is on disk, or failed to get there (E_FULL, E_IO; then it goes on in memory); may be NULL. */
typedef void group_done_fn(void *arg, enum err err, group_id id);

/* E_EXISTS: the name is an account's or a group's, or the organizer has that conf_id; E_BAD: the name is not
 * allowed; E_FULL: GROUPS_MAX.  The id is valid at once. */
MUST_USE enum err group_create(struct immcu *m, const struct group_new *n, group_done_fn *done,
			       void *arg, group_id *out);
/* A two-party conversation goes on as this group, which has no conversation of its own yet: same id, same
 * record.  E_NOTFOUND: the two do not talk; E_EXISTS: it has one already. */
MUST_USE enum err group_adopt_pair(struct immcu *m, group_id id, account_id a, account_id b);

const struct group_info *group_get(const struct immcu *m, group_id id); /* NULL: gone */
const struct group_info *group_find(const struct immcu *m,
				    struct str name); /* ASCII case ignored */
const struct group_info *group_find_conf(const struct immcu *m, account_id organizer,
					 struct str conf_id);
typedef bool group_each_fn(const struct group_info *g,
			   void *arg); /* false: stop; must not change groups */
void group_each(const struct immcu *m, group_each_fn *fn, void *arg);

/* --- the roster --- */

struct group_member {
	account_id account;
	enum group_role role;
	bool is_organizer;
	/* stays a member without a client; others leave GROUP_REJOIN_MS after their last leg */
	bool is_sticky;
	int64_t joined_ms; /* wall */
	uint64_t version;  /* of his last change */
	size_t legs, open; /* of them */
};
enum group_leg_state {
	GROUP_LEG_INVITED, /* asked to come */
	GROUP_LEG_JOINED,  /* there, but takes no texts yet (a C3P focus without its IM MCU) */
	GROUP_LEG_OPEN,
};
struct group_leg {
	group_leg_id id;
	group_id group;
	account_id account;
	endpoint_id endpoint; /* may be gone from the registrar */
	enum dialect dialect;
	enum group_leg_state state;
	unsigned shape; /* the adapter's: legs of one dialect and shape share a rendering */
	/* the adapter's: what a roster of the other dialect may call it (GRUU, contact) */
	struct str label;
	void *ctx; /* the adapter's */
	bool takes_typing, takes_receipts;
	/* lines beginning with / are for the server: the client knows no groups */
	bool has_commands;
	int64_t since_ms; /* wall */
};

typedef bool group_member_fn(const struct group_member *p, void *arg); /* false: stop */
void group_each_member(const struct immcu *m, group_id id, group_member_fn *fn,
		       void *arg); /* oldest first */
/* false: not a member. */
bool group_get_member(const struct immcu *m, group_id id, account_id who, struct group_member *out);
typedef bool group_leg_fn(const struct group_leg *l, void *arg);
/* who 0: of all members. */
void group_each_leg(const struct immcu *m, group_id id, account_id who, group_leg_fn *fn,
		    void *arg);
const struct group_leg *group_leg_get(const struct immcu *m, group_leg_id id); /* NULL: ended */
const struct group_leg *group_leg_find(const struct immcu *m, group_id id, endpoint_id endpoint);

/* --- changing it --- E_NOTFOUND: no such group or member; E_DENIED: by may not. */

/* By himself.  E_DENIED: closed, locked or removed before; E_FULL: GROUP_MEMBERS_MAX.  Already in: E_OK. */
MUST_USE enum err group_join(struct immcu *m, group_id id, account_id who, bool is_sticky);
/* By a member: E_DENIED also for an attendee of a closed or locked group.  Already in: E_OK, and he is asked
 * again.  The adapters are told to invite every endpoint he has (struct group_dialect). */
MUST_USE enum err group_add(struct immcu *m, group_id id, account_id by, account_id who,
			    enum group_role role);
/* Leaves (by == who) or is removed (a presenter; he may not come back by himself). */
MUST_USE enum err group_remove(struct immcu *m, group_id id, account_id by, account_id who);
MUST_USE enum err group_set_role(struct immcu *m, group_id id, account_id by, account_id who,
				 enum group_role role);
MUST_USE enum err group_set_lock(struct immcu *m, group_id id, account_id by, bool is_locked);
MUST_USE enum err group_set_access(struct immcu *m, group_id id, account_id by,
				   enum group_access access);
MUST_USE enum err group_set_subject(struct immcu *m, group_id id, account_id by,
				    struct str subject);
MUST_USE enum err group_end(struct immcu *m, group_id id,
			    account_id by); /* for all; deletes a standing one */

/* What was changed goes to the disk within a second by itself; for who waits until it is there. */
void group_save(struct immcu *m, group_id id, group_done_fn *done, void *arg);

/* --- legs --- */

struct group_leg_new {
	account_id account; /* a member */
	endpoint_id endpoint;
	enum group_leg_state state;
	unsigned shape;	  /* below GROUP_SHAPES_MAX */
	struct str label; /* copied */
	void *ctx;
	unsigned window; /* texts under way at once; 0: 1 */
	bool takes_typing, takes_receipts, has_commands;
};
/* Replaces one of the same endpoint.  E_NOTFOUND: no member; E_FULL: GROUP_LEGS_PER_MEMBER. */
MUST_USE enum err group_leg_open(struct immcu *m, group_id id, const struct group_leg_new *n,
				 group_leg_id *out);
void group_leg_set_state(struct immcu *m, group_leg_id leg, enum group_leg_state state);
/* The client left, refused or was lost (rejoins within GROUP_REJOIN_MS without losing a text). */
enum group_leg_end {
	GROUP_LEG_LEFT,	    /* said goodbye */
	GROUP_LEG_LOST,	    /* its connection or endpoint ended */
	GROUP_LEG_FAILED,   /* answered that it knows nothing of this */
	GROUP_LEG_FULL,	    /* could not follow */
	GROUP_LEG_REMOVED,  /* its member was removed */
	GROUP_LEG_REPLACED, /* the endpoint opened another */
	GROUP_LEG_GROUP_ENDED,
};
void group_leg_close(struct immcu *m, group_leg_id leg, enum group_leg_end why); /* gone: nothing */

/* --- texts --- */

/* Borrowed.  What a leg is given. */
struct group_text {
	group_id group;
	uint64_t seq;		      /* rising by one from 1; 0: typing or a private notice */
	const struct account *author; /* NULL: the server */
	struct str author_name, author_display; /* as when it was said; the account may be gone */
	struct im_text t; /* t.from_endpoint said it; t.plain is what plain clients show */
	bool is_replayed; /* said before this leg was there: show the time */
};

/* leg: whose leg it came by, 0: a text to the address of a client without one.  Answers as immcu_submit: 202 when
 * it is on disk (it is with the others by then), 200 for typing and commands, 403 no member, 404 no group,
 * 413, 503 flood or disk, 606 policy. */
void group_submit(struct immcu *m, group_id id, group_leg_id leg, const struct im_text *t,
		  uint64_t token, im_answer_fn *answer, void *arg);
/* The final answer to a copy.  415, 488 and the like skip the text; others end the leg. */
void group_on_answer(struct immcu *m, group_leg_id leg, uint64_t seq, int code);

/* --- what adapters are told --- */

enum group_event_kind {
	GROUP_EV_MEMBER,      /* added or changed: role, legs; see his entry */
	GROUP_EV_MEMBER_GONE, /* left or removed */
	GROUP_EV_STATE,	      /* subject, lock, access */
	GROUP_EV_ENDED,	      /* the last one; the group is gone after it */
};
struct group_event {
	group_id group;
	uint64_t version;
	enum group_event_kind kind;
	account_id account; /* of MEMBER and MEMBER_GONE */
	account_id by;
};

struct group_failure {
	account_id account;
	endpoint_id endpoint;
	int code;
};

struct group_dialect {
	/* Once per text and shape, before the first send of it. */
	void (*render)(void *arg, unsigned shape, const struct group_text *t, struct buf *out);
	/* One copy; later group_on_answer(leg->id, t->seq, code), never from inside, unless seq is 0, which
	 * nobody waits for.  E_FULL: its connection takes no more: the leg ends. */
	enum err (*send)(void *arg, const struct group_leg *leg, const struct group_text *t,
			 struct str rendering);
	/* A member has this endpoint, without a leg: he was added, or signed in.  Open a leg or invite it.
	 * by 0: nobody in particular. */
	void (*invite)(void *arg, const struct group_info *g, account_id who,
		       const struct endpoint *e, account_id by);
	/* Every change, in order of versions; must not change the group. */
	void (*on_event)(void *arg, const struct group_info *g, const struct group_event *ev);
	/* leg is good for the call and never used again: end its dialog, free ctx; must not change the group. */
	void (*on_leg_end)(void *arg, const struct group_leg *leg, enum group_leg_end why);
	/* All copies of a text that came by this leg are answered, or 32 s passed: who did not get it.  May be NULL. */
	void (*on_report)(void *arg, const struct group_leg *author, uint64_t seq,
			  const struct group_failure *f, size_t count);
	void *arg;
};
void group_set_dialect(struct immcu *m, enum dialect which, const struct group_dialect *d);

/* The events after `after`, oldest first, for a subscriber that comes back.  E_STALE: too long ago: tell all. */
typedef void group_event_fn(const struct group_event *ev, void *arg);
MUST_USE enum err group_events_since(const struct immcu *m, group_id id, uint64_t after,
				     group_event_fn *fn, void *arg);

struct group_stats {
	uint64_t groups, standing, members, legs;	     /* now */
	uint64_t texts, copies, answered, replayed, failed;  /* ever */
	uint64_t legs_lost, legs_full, flood_refused, ended; /* ever */
	uint64_t history_bytes;				     /* now */
};
void group_stats_get(const struct immcu *m, struct group_stats *out);

#endif
