/* registrar_int.h: the inside of struct registrar, for this folder. */
#ifndef REGISTRAR_REGISTRAR_INT_H
#define REGISTRAR_REGISTRAR_INT_H

#include "base/limits.h"
#include "base/list.h"
#include "base/map.h"
#include "registrar/registrar.h"

/* Invariants:
 * 1. An entry is in by_id, in its account's list and in its connection's list; its timer runs.
 * 2. A holder (account or connection) exists while its list is not empty.
 * 3. No account has more than ENDPOINTS_PER_ACCOUNT entries.
 * 4. e.contact ... e.user_agent are owned by the entry. */
struct entry {
	struct endpoint e;
	struct map_node by_id;
	struct list in_account; /* newest first */
	struct list in_conn;
	struct registrar *owner;
	struct timer expiry;
	unsigned holds; /* calls it is in */
};

/* Who has given its place; the texts are owned. */
struct yielded {
	struct str contact, instance;
	uint32_t reg_id;
	int64_t active_ms; /* as the endpoint's */
	int64_t until_ms;  /* then it is forgotten */
};

struct holder {
	struct map_node node;
	struct list list;
	size_t count;
	struct yielded
		*yielded; /* owned; of an account: the oldest first, REG_YIELDED_MAX at most */
	size_t n_yielded;
};

struct registrar {
	struct heap *heap;
	struct map by_id, accounts, conns;
	struct registrar_hooks hooks[REGISTRAR_LISTENERS_MAX];
	size_t n_hooks;
	endpoint_id last_id;
	enum registrar_full full;
	struct registrar_stats stats;
};

/* An instance (and reg-id) names the client; without one the contact does (RFC 5627 4.2, 5626 6). */
bool binding_is_of(const struct binding *b, struct str instance, uint32_t reg_id,
		   struct str contact);
void entry_end(struct entry *x, enum registrar_end why);
static inline struct entry *entry_in_account(struct list *n)
{
	return LIST_ITEM(n, struct entry, in_account);
}

/* --- full.c --- */
/* Ends as many others of the account, or none.  E_FULL: there are not so many that may be ended for this. */
MUST_USE enum err full_make_room(struct registrar *r, struct holder *account,
				 const struct registration *reg, size_t count);
/* Since when a client that signs in has done nothing: now, unless it gave its place and comes back by itself. */
int64_t full_active_ms(struct holder *account, const struct binding *b);
void full_forget(struct holder *account); /* the holder ends */

#endif
