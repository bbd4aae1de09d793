/* watching.h: the presence edge of the standards dialect: PUBLISH (RFC 3903), SUBSCRIBE and NOTIFY for one
 * person (RFC 3856) and for lists (RFC 4662, 5367).
 *
 *   publish.c  what a client says of itself becomes facets of its endpoint
 *   watch.c    one person watched in one dialog
 *   list.c     many people watched in one dialog
 *
 * Nothing here is on disk: publications and subscriptions end with their
 * connection, and clients make them anew (412, 481). */
#ifndef SIMPLE_WATCHING_H
#define SIMPLE_WATCHING_H

#include "base/map.h"
#include "sip/event.h"
#include "simple/pidf.h"
#include "simple/simple_int.h"

/* What the presence room hands back with a watch: a subscription's id, or an entry of a list. */
#define WATCH_CTX_LIST (1ull << 63)
#define WATCH_CTX_ENTRY_BITS 12
_Static_assert(LIST_OWN_MAX < 1 << WATCH_CTX_ENTRY_BITS, "an entry's number must fit");

/* One per simple.  Flavours are dialects of the presence room; lists have numbers of their own. */
struct watching {
	struct simple *simple;
	struct sip_subs *subs;
	struct sip_sub_hooks watch_hooks, list_hooks;
	int dialect[PIDF_FLAVOURS];
	struct map watches; /* struct watch, by subscription */
	struct map lists;   /* struct watch_list, by number */
	uint64_t last_list;
	struct map publications; /* by etag */
	struct map publishers;	 /* struct publisher, by account */
	uint64_t last_publication;
	uint64_t published, refused;
};

struct watching *watching_new(struct simple *s);
void watching_free(struct watching **wp);

void simple_on_publish(struct sip_txn *t, void *arg);
void simple_on_subscribe(struct sip_txn *t, void *arg);
void watching_conn_closed(struct watching *w, conn_id conn);
void watching_endpoint_gone(struct watching *w, const struct endpoint *e);

/* --- publish.c --- */
void publications_init(struct watching *w);
void publications_fini(struct watching *w);

/* --- watch.c --- */
void watch_init(struct watching *w);
void watch_fini(struct watching *w);
/* A SUBSCRIBE for one person, past the checks of the package. */
void watch_on_subscribe(struct watching *w, struct sip_txn *t, uint32_t expires_s);
enum pidf_flavour watch_flavour(const struct sip_msg *m);

/* --- list.c --- */
void watch_list_init(struct watching *w);
void watch_list_fini(struct watching *w);
bool watch_list_is_wanted(const struct sip_msg *m); /* the body is a list of people */
#define LIST_OWN_USER "rls" /* sip:rls@domain: whoever subscribes gets his own contact list */
bool watch_list_is_own(const struct watching *w, const struct sip_msg *m);
void watch_list_on_own(struct watching *w, struct sip_txn *t, uint32_t expires_s);
void watch_list_on_subscribe(struct watching *w, struct sip_txn *t, uint32_t expires_s);
/* The presence room's hooks, of a watch whose ctx has WATCH_CTX_LIST. */
enum err watch_list_notify(struct watching *w, uint64_t ctx);
void watch_list_on_gone(struct watching *w, uint64_t ctx);

#endif
