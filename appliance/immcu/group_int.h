/* group_int.h: the inside of groups, for this folder.
 *
 *   group.c         making, finding, changing and ending; timers
 *   group_member.c  who is in, who may what, the log of changes
 *   group_leg.c     endpoints: cursors, copies, answers, losses
 *   group_text.c    the texts kept, renderings, reports
 *   group_submit.c  the way in: policy, flood, commands, numbers
 *   group_disk.c    what a restart finds
 *
 * A group owns its members and texts, a member its legs. */
#ifndef IMMCU_GROUP_INT_H
#define IMMCU_GROUP_INT_H

#include "base/limits.h"
#include "db/groups.h"
#include "immcu/group.h"
#include "immcu/immcu_int.h"

/* Members of all groups of one account. */
struct gaccount {
	struct map_node node;
	struct list members;
	size_t count;
};

struct gmember {
	struct group *g;
	struct list in_group, in_account;
	struct gaccount *owner;
	account_id account;
	enum group_role role;
	bool is_sticky, is_dirty, is_going;
	int64_t joined_ms;
	uint64_t version;
	uint64_t seen; /* every text up to it is with one of his legs, or was not for him */
	struct list legs;
	size_t n_legs, n_open;
	struct timer absent;	       /* runs while a member who is not sticky has no leg */
	int64_t sent, received;	       /* not yet in the record */
	int64_t flood_milli, flood_ms; /* texts he may send, in thousandths, as of then */
};

enum { GLEG_WINDOW_MAX = 16 };

/* Invariants:
 * 1. flight[0..n_flight) rise, all below v's cursor; n_flight <= window.
 * 2. In ready exactly while it is open, has room in the window and a text to send.
 * 3. Texts from counted_from on count this leg among those they wait for. */
struct gleg {
	struct group_leg v; /* owns v.label */
	struct gmember *member;
	struct map_node by_id;
	struct list in_member, in_ready;
	uint64_t cursor; /* the next text */
	uint64_t counted_from;
	uint64_t flight[GLEG_WINDOW_MAX];
	unsigned n_flight, window;
	bool is_in_hook;      /* a hook of its end is under way */
	bool is_archive_told; /* it has been told that the group is archived */
};

struct rendering {
	struct buf buf[DIALECTS][GROUP_SHAPES_MAX];
	bool is_made[DIALECTS][GROUP_SHAPES_MAX];
};

/* Invariant: renderings are there exactly while the text is listed in rendered. */
struct gtext {
	struct group *g;
	struct list in_group, in_rendered;
	uint64_t seq;
	struct im_copy text;
	bool is_held;	 /* waits for the archive's disk */
	bool is_dropped; /* never passes: the disk refused */
	bool is_taken;	 /* by one leg at least */
	bool is_reported;
	size_t waits; /* copies not answered, of legs that count */
	group_leg_id author_leg;
	struct group_failure *failures; /* owned */
	size_t n_failures;
	struct timer report;
	struct rendering *renderings; /* owned; NULL: none */
};

/* Invariants:
 * 1. texts are numbered without a gap from first_seq to v.last_seq; first_seq is last_seq + 1 if there are none.
 * 2. Legs send texts up to released, which is below the first held one.
 * 3. The idle timer runs exactly for an ad-hoc group; empty runs exactly while that has no member. */
struct group {
	struct immcu *m;
	struct map_node by_id, by_name, by_conf;
	struct group_info v; /* owns name, conf_id, subject */
	struct str conf_key; /* owned: organizer and conf_id */
	struct list members; /* oldest first */
	struct list texts;
	uint64_t first_seq, released;
	uint64_t disk_seq; /* while loading: the last number ever given */
	size_t text_bytes, n_texts;
	int64_t last_text_ms; /* wall */
	struct timer idle, empty, save;
	struct group_event *log; /* owned, oldest first */
	size_t n_log;
	account_id *banned; /* owned */
	size_t n_banned;
	struct db_member *gone; /* owned: left or removed, not yet on disk */
	size_t n_gone;
	bool is_ending;
	bool is_absent_on_disk; /* making it there failed: to be done again */
	bool is_roster_dirty;	/* a text to those members must not be on disk before them */
};

struct groups {
	struct immcu *m;
	struct group_dialect dialect[DIALECTS];
	struct map by_id, by_name, by_conf, accounts, legs;
	group_id last_id;
	group_leg_id last_leg;
	struct list ready;    /* legs with something to send */
	struct list rendered; /* texts that hold renderings */
	struct timer pump;
	bool is_pumping;
	struct group_stats stats;
};

/* --- group.c --- */

struct groups *groups_new(struct immcu *m);
void groups_stop(struct immcu *m); /* saves everything */
void groups_free(struct groups **gp);
void groups_account_gone(struct immcu *m, account_id account);
void groups_sign_in(struct immcu *m, const struct endpoint *e);
void groups_sign_out(struct immcu *m, const struct endpoint *e);
struct group *g_get(const struct immcu *m, group_id id);
struct group *g_new(struct immcu *m, group_id id); /* bare, linked by id alone */
void g_link(struct group *g);			   /* by name and conf_id, which are set */
void g_end(struct group *g);			   /* tells, closes, deletes, frees */
void g_touch(struct group *g);			   /* something for the disk */
void g_start_timers(struct group *g);
/* Opens its conversation if there is reason to: a second member, or a text. */
void g_need_conversation(struct group *g);
void g_count_flush(struct group *g);

/* --- group_member.c --- */

struct gmember *gm_get(const struct group *g, account_id account);
struct gmember *gm_add(struct group *g, account_id account, enum group_role role, bool is_sticky,
		       account_id by);
/* Bare, for the start. */
struct gmember *gm_link(struct group *g, account_id account);
void gm_remove(struct gmember *p, account_id by, enum group_leg_end why);
void gm_free(struct gmember *p);
void gm_check_absent(struct gmember *p);
bool gm_is_banned(const struct group *g, account_id account);
void gm_ban(struct group *g, account_id account);
void gm_note_gone(struct group *g, account_id account); /* for the disk */
/* Asks every endpoint he has and that has no leg. */
void gm_invite(struct gmember *p, account_id by);
void g_emit(struct group *g, enum group_event_kind kind, account_id account, account_id by);
MUST_USE enum err g_may(const struct group *g, account_id by); /* as a presenter */

/* --- group_leg.c --- */

struct gleg *gl_get(const struct immcu *m, group_leg_id id);
struct gleg *gl_find(const struct gmember *p, endpoint_id endpoint);
void gl_note_client(const struct gleg *l); /* in the record, if there is one yet */
void gl_end(struct gleg *l, enum group_leg_end why);
void gl_free(struct gleg *l);
void gl_wake(struct gleg *l); /* lists it as ready if it is */
void gl_wake_all(struct group *g);
void gl_pump(struct immcu *m);
void gl_pump_soon(struct immcu *m);
bool gl_is_own(const struct gtext *x, const struct gleg *l); /* no echo */

/* --- group_submit.c --- */

/* At once, beside the numbered texts; may end the leg. */
void gl_send_loose(struct gleg *l, const struct group_text *t);

/* --- group_text.c --- */

struct gtext *gt_find(const struct group *g, uint64_t seq);
struct gtext *gt_add(struct group *g, const struct im_text *t, group_leg_id author_leg,
		     bool is_held);
/* Out of the store, oldest first. */
void gt_restore(struct group *g, const struct im_text *t, uint64_t seq);
void gt_restored(struct group *g); /* those were all */
void gt_free(struct gtext *x);
void gt_view(const struct gtext *x, const struct gleg *l, struct group_text *out);
struct str gt_render(struct gtext *x, const struct gleg *l);
void gt_drop_renderings(struct groups *gs);
void gt_copy_done(struct gtext *x, const struct gleg *l, int code);
/* The disk has spoken; returns the answer to the author. */
int gt_on_stored(struct immcu *m, group_id id, uint64_t seq, enum err err);

/* --- group_disk.c --- */

MUST_USE enum err group_disk_load(struct immcu *m);
void group_disk_add(struct group *g, group_done_fn *done, void *arg);
void group_disk_save(struct group *g);
void group_disk_save_now(struct group *g, group_done_fn *done, void *arg);
void group_disk_delete(struct immcu *m, group_id id);
/* Then gt_on_stored, and its code to the author. */
void group_disk_put_text(struct gtext *x, uint64_t drop_seq, uint64_t token, im_answer_fn *answer,
			 void *arg);

#endif
