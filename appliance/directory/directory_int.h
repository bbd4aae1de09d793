/* directory_int.h: the inside of struct directory, and how a change goes to the disk, for this folder. */
#ifndef DIRECTORY_DIRECTORY_INT_H
#define DIRECTORY_DIRECTORY_INT_H

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "db/accounts.h"
#include "db/store.h"
#include "directory/directory.h"
#include "directory/roster.h"
#include "directory/subscribers.h"
#include "net/queue.h"
#include "net/worker.h"

struct roster; /* roster_int.h */

/* account.name and the other texts are owned by the entry. */
struct person {
	struct account a;
	struct map_node by_id, by_name;
	struct list in_unit;
	struct roster *roster;	  /* owned; NULL: never changed */
	uint64_t roster_version;  /* from 1 */
	struct list roster_edits; /* in the order they were asked for; the first is under way */
	struct subscriber *subscriber; /* owned; oldest first */
	size_t n_subscribers;
};

struct unit {
	struct department d; /* owns d.name */
	struct map_node by_id, by_name;
	struct list members; /* persons */
};

struct listener {
	directory_event_fn *fn;
	void *arg;
};

struct department_listener {
	department_event_fn *fn;
	void *arg;
};

struct roster_listener {
	roster_event_fn *fn;
	void *arg;
};

struct subscribers_listener {
	subscribers_event_fn *fn;
	void *arg;
};

/* Invariants:
 * 1. A person is in by_id, by_name and sorted; sorted is in the order of str_cmp of the names.
 * 2. A person's department is 0 or in units; the person then is in its list, and d.members counts that.
 * 3. A change is in changes from change_new to its end; adding counts the accounts of those that add. */
struct directory {
	struct directory_cfg cfg;
	struct str domain; /* owned */
	bool allows_nt;
	struct map by_id, by_name;
	struct person **sorted; /* owned; by_id.count entries */
	size_t sorted_cap;
	struct map units, units_by_name;
	struct list changes;
	size_t adding;
	struct listener listener[DIRECTORY_LISTENERS_MAX];
	struct department_listener department_listener[DIRECTORY_LISTENERS_MAX];
	size_t n_listeners, n_department_listeners;
	struct roster_listener roster_listener[DIRECTORY_LISTENERS_MAX];
	struct subscribers_listener subscribers_listener[DIRECTORY_LISTENERS_MAX];
	size_t n_roster_listeners, n_subscribers_listeners;
	size_t contacts_max;
};

/* --- persons and departments in memory: persons.c, departments.c --- */
struct person *person_get(const struct directory *d, account_id id);
/* Copies what a and c hold; c may be NULL.  Not in sorted yet. */
struct person *person_new(struct directory *d, const struct db_account *a,
			  const struct db_credential *c);
void person_set_credential(struct person *p, const struct db_credential *c);
/* unknown: none */
void person_set_department(struct directory *d, struct person *p, department_id id);
void persons_sort_in(struct directory *d, struct person **v, size_t count); /* reorders v */
void person_remove(struct directory *d, struct person *p);
void person_free(struct person *p);
void text_set(struct str *to, struct str from);

MUST_USE enum err photos_load(struct directory *d, struct db *db);

struct unit *unit_get(const struct directory *d, department_id id);
struct unit *unit_new(struct directory *d, department_id id, struct str name);
void units_fini(struct directory *d);

void directory_tell(struct directory *d, enum directory_event event, const struct account *a);
void directory_tell_departments(struct directory *d, enum department_event event,
				const struct department *p);

/* --- a change under way: change.c ---
 *
 * The first member of what a kind of change holds.  It ends in one of three
 * ways, each from the queue: refused, done on disk, or, when the directory has
 * ended before it, silently.  d is NULL from then on. */
struct change {
	struct store_op op;
	struct job later;
	struct list node; /* in d->changes */
	struct directory *d;
	size_t adding; /* of d->adding */
	directory_done_fn *done;
	void *arg;
	int64_t id;
	enum err err;
	/* It is on disk: memory, then listeners.  false: there is more, call again in a later turn. */
	bool (*apply)(struct change *c);
	void (*on_fail)(struct change *c); /* before done hears of an error; may be NULL */
	/* after done; may be NULL */
	void (*after)(struct change *c, struct directory *d, enum err err);
	void (*fini)(struct change *c); /* ends what the kind holds; may be NULL */
};

void *change_new(struct directory *d, size_t size, directory_done_fn *done, void *arg);
/* ends it, after the call that began it has returned */
void change_answer(struct change *c, enum err err);
void change_store(struct change *c, enum err (*run)(struct store_op *op, struct db *db));
/* The same for what changes nothing and only waits for what the disk says. */
void change_read(struct change *c, enum err (*run)(struct store_op *op, struct db *db));
void change_end(struct change *c, enum err err);
void changes_abandon(struct directory *d);

static inline struct change *change_of(struct store_op *op)
{
	return CONTAINER_OF(op, struct change, op);
}

/* E_BAD: not one line of UTF-8; E_TOOBIG: over ACCOUNT_TEXT_MAX. */
MUST_USE enum err text_check(struct str s);

#endif
