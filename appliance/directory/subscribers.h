/* subscribers.h: who added whom, and whether the one who was added has taken note of it.
 *
 * It decides nothing about what may be seen: that is grants.h.  Owned by the directory; switch thread. */
#ifndef DIRECTORY_SUBSCRIBERS_H
#define DIRECTORY_SUBSCRIBERS_H

#include "directory/directory.h"

struct subscriber {
	account_id watcher;
	bool is_acknowledged;
	int64_t since_ms; /* wall */
};

typedef bool subscriber_fn(const struct subscriber *s, void *arg); /* false: stop */
/* oldest first */
void subscribers_each(const struct directory *d, account_id owner, subscriber_fn *fn, void *arg);

/* Nothing happens, and E_OK, if it is known already, or watcher is in owner's contact list.
 * E_FULL: SUBSCRIBERS_MAX wait for an answer. */
void subscriber_add(struct directory *d, account_id owner, account_id watcher,
		    directory_done_fn *done, void *arg);
/* E_NOTFOUND: no such. */
void subscriber_acknowledge(struct directory *d, account_id owner, account_id watcher,
			    directory_done_fn *done, void *arg);
/* As if it had never been: the next time counts as new.  E_OK also if there is none. */
void subscriber_forget(struct directory *d, account_id owner, account_id watcher,
		       directory_done_fn *done, void *arg);

/* owner's have changed. */
typedef void subscribers_event_fn(void *arg, account_id owner);
void subscribers_listen(struct directory *d, subscribers_event_fn *fn, void *arg);

#endif
