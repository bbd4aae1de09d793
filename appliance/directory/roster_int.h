/* roster_int.h: one contact list in memory, for this folder. */
#ifndef DIRECTORY_ROSTER_INT_H
#define DIRECTORY_ROSTER_INT_H

#include "directory/directory_int.h"

struct group {
	roster_group_id id;
	struct str name, external; /* owned if not empty */
};

struct contact {
	struct str uri, name, external, extension; /* owned if not empty */
	uint64_t groups; /* may be 0: in the department or the default group */
	bool is_subscribed;
};

/* Invariants:
 * 1. The default group is there, no id twice, no name twice.
 * 2. contact is in the order of str_cmp of the addresses, none twice.
 * 3. A contact's groups are all there. */
struct roster {
	struct group *group; /* owned; in the owner's order */
	size_t n_groups;
	struct contact *contact; /* owned */
	size_t n_contacts, cap;
};

struct roster *roster_copy(const struct roster *r); /* NULL gives an empty one */
void roster_free(struct roster **rp);
struct group *roster_find_group(const struct roster *r, roster_group_id id);
struct contact *roster_find_contact(const struct roster *r, struct str uri);
struct group *roster_insert_group(struct roster *r, roster_group_id id, struct str name,
				  struct str external);
void roster_delete_group(struct roster *r, roster_group_id id);
void roster_move_group(struct roster *r, roster_group_id id, size_t to);
void roster_put_contact(struct roster *r, const struct roster_op *c);
void roster_delete_contact(struct roster *r, struct contact *c);

/* The department as p's list has it; NULL: has none, or a larger one than lists show. */
const struct unit *roster_unit(const struct directory *d, const struct person *p);
bool roster_is_colleague(const struct directory *d, const struct person *p, struct str uri);
char *uri_of(const struct directory *d, const struct account *a); /* for free() */

void roster_tell(struct directory *d, const struct roster_event *e);
void roster_abandon(struct person *p); /* p ends: what waits is answered */
MUST_USE enum err rosters_load(struct directory *d, struct db *db);

/* --- roster_department.c: after it is true in memory --- */
/* or came, or went */
void roster_on_moved(struct directory *d, const struct account *a, department_id was_in);
void roster_on_renamed(struct directory *d, const struct unit *u);
/* before its members leave it */
void roster_on_dissolved(struct directory *d, const struct unit *u);

/* --- subscribers.c --- */
MUST_USE enum err subscribers_load(struct directory *d, struct db *db);
/* is deleted: gone on disk already */
void subscribers_drop_watcher(struct directory *d, account_id watcher);

#endif
