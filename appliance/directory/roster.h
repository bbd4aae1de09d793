/* roster.h: contact lists: each account's groups and contacts, one list whatever client looks at it.
 *
 * A list has a version that rises by one with every event, across restarts.
 * Group 1 always exists and holds who is in no other group.  The owner's
 * department is a group too, read-only, made from the directory and never
 * stored.  Owned by the directory and read with it at boot; switch thread.
 * Changes of one list are done in the order they were asked for, each all or
 * none, on disk first: then done is called, then the listeners. */
#ifndef DIRECTORY_ROSTER_H
#define DIRECTORY_ROSTER_H

#include "directory/directory.h"

/* 1 to 64, reused: clients of the Lync family take no larger ones */
typedef uint32_t roster_group_id;
#define GROUP_DEFAULT 1
#define GROUP_DEPARTMENT 64
static inline uint64_t group_bit(roster_group_id id)
{
	return (uint64_t)1 << (id - 1);
}

/* Borrowed until the list changes; in a callback, until it returns. */
struct roster_group {
	roster_group_id id;
	struct str name;     /* the default group's is empty until it is given one */
	struct str external; /* opaque here */
	bool is_read_only;   /* the department */
};

struct roster_contact {
	struct str uri;			/* with its scheme, lower case; unique in the list */
	struct str name;		/* the owner's choice; empty: as the contact is called */
	uint64_t groups;		/* bits; at least one */
	bool is_subscribed;		/* wants to see presence */
	bool is_read_only;		/* only there because of the department */
	struct str external, extension; /* opaque here */
	account_id account;		/* 0: not one of ours */
};

/* --- looking; an owner that does not exist has an empty list --- */
uint64_t roster_version(const struct directory *d, account_id owner);  /* 1: never changed */
typedef bool roster_group_fn(const struct roster_group *g, void *arg); /* false: stop */
/* in order */
void roster_each_group(const struct directory *d, account_id owner, roster_group_fn *fn, void *arg);
typedef bool roster_contact_fn(const struct roster_contact *c, void *arg);
void roster_each_contact(const struct directory *d, account_id owner, roster_contact_fn *fn,
			 void *arg);
bool roster_get_group(const struct directory *d, account_id owner, roster_group_id id,
		      struct roster_group *out);
/* out's uri is the one given; the rest is borrowed from the list. */
bool roster_get_contact(const struct directory *d, account_id owner, struct str uri,
			struct roster_contact *out);
size_t roster_count(const struct directory *d, account_id owner); /* the owner's own contacts */
/* Which of ours an address names: sip:name@domain, without parameters.  NULL: none. */
const struct account *directory_find_uri(const struct directory *d, struct str uri);

/* --- changing --- */
enum roster_op_kind {
	/* name, external; group: the id wanted, or 0 for the lowest free one */
	ROSTER_ADD_GROUP,
	ROSTER_CHANGE_GROUP, /* group, name, external */
	ROSTER_MOVE_GROUP,   /* group to index position among the owner's groups */
	ROSTER_REMOVE_GROUP, /* its contacts lose it */
	/* new, or replaced as a whole: uri, name, groups (0: the default), ... */
	ROSTER_PUT_CONTACT,
	ROSTER_REMOVE_CONTACT, /* uri */
	ROSTER_CLEAR,	       /* all of the owner's contacts and groups */
};

struct roster_op { /* texts are copied */
	enum roster_op_kind kind;
	roster_group_id group;
	size_t position;
	struct str uri, name, external, extension;
	uint64_t groups; /* the department's bit is ignored */
	bool is_subscribed;
};

#define ROSTER_ANY_VERSION 0
/* All or none.  done's id is the group's for a first op that adds one, else 0.
 * E_STALE: not that version any more.  E_NOTFOUND: owner, group or contact; E_EXISTS: the group's name or
 * id; E_DENIED: the default group or the department cannot be removed, the department not be changed;
 * E_FULL: too many groups or contacts; E_TOOBIG, E_BAD: a text; E_FULL, E_IO: the disk. */
void roster_change(struct directory *d, account_id owner, uint64_t version,
		   const struct roster_op *ops, size_t count, directory_done_fn *done, void *arg);

/* How many contacts one list may hold; the setting contacts_max is read at boot. */
size_t roster_contacts_max(const struct directory *d);
void roster_set_contacts_max(struct directory *d, size_t max);

/* --- hearing of it --- */
enum roster_event_kind {
	ROSTER_GROUP_ADDED,
	ROSTER_GROUP_CHANGED,
	ROSTER_GROUP_REMOVED,
	ROSTER_CONTACT_ADDED,
	ROSTER_CONTACT_CHANGED,
	ROSTER_CONTACT_REMOVED,
	ROSTER_RESET, /* another department, a cleared list: read all of it again */
};

struct roster_event {
	enum roster_event_kind kind;
	account_id owner;
	uint64_t version;      /* after it; the one before was version - 1 */
	roster_group_id group; /* of GROUP events */
	struct str uri;	       /* of CONTACT events */
};
/* The list already is as it will be after the last event of a change. */
typedef void roster_event_fn(void *arg, const struct roster_event *e);
/* DIRECTORY_LISTENERS_MAX at most */
void roster_listen(struct directory *d, roster_event_fn *fn, void *arg);

#endif
