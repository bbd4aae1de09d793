/* list.h: an intrusive doubly linked list with a sentinel head.
 *
 * The node lives in its object; a node not in a list is zero or self-linked,
 * and list_del on it does nothing. */
#ifndef BASE_LIST_H
#define BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/mem.h"

struct list {
	struct list *next, *prev;
};

static inline void list_init(struct list *l)
{
	l->next = l->prev = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l || l->next == NULL;
}

static inline bool list_is_linked(const struct list *n)
{
	return n->next != NULL && n->next != n;
}

static inline void list_add_between(struct list *n, struct list *prev, struct list *next)
{
	n->prev = prev;
	n->next = next;
	prev->next = n;
	next->prev = n;
}

static inline void list_push_back(struct list *l, struct list *n)
{
	list_add_between(n, l->prev, l);
}

static inline void list_push_front(struct list *l, struct list *n)
{
	list_add_between(n, l, l->next);
}

static inline void list_del(struct list *n)
{
	if (!list_is_linked(n))
		return;
	n->prev->next = n->next;
	n->next->prev = n->prev;
	n->next = n->prev = n;
}

static inline struct list *list_pop_front(struct list *l)
{
	struct list *n = l->next;

	if (list_is_empty(l))
		return NULL;
	list_del(n);
	return n;
}

#define LIST_ITEM(node, type, member) CONTAINER_OF(node, type, member)
/* n may be deleted inside the loop; other nodes may not. */
#define LIST_EACH(l, n)                                                 \
	for (struct list *n = (l)->next, *n##_next = n->next; n != (l); \
	     n = n##_next, n##_next = n->next)

#endif
