#include "directory/subscribers.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"
#include "db/rosters.h"

#include "directory/roster_int.h"

static struct subscriber *find(const struct person *p, account_id watcher)
{
	for (size_t i = 0; i < p->n_subscribers; i++)
		if (p->subscriber[i].watcher == watcher)
			return &p->subscriber[i];
	return NULL;
}

static size_t waiting(const struct person *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n_subscribers; i++)
		n += !p->subscriber[i].is_acknowledged;
	return n;
}

static void append(struct person *p, const struct subscriber *s)
{
	p->subscriber = xrealloc(p->subscriber, (p->n_subscribers + 1) * sizeof(*s));
	p->subscriber[p->n_subscribers++] = *s;
}

static void drop(struct person *p, struct subscriber *s)
{
	size_t at = (size_t)(s - p->subscriber);

	memmove(s, s + 1, (--p->n_subscribers - at) * sizeof(*s));
}

static void load_one(const struct db_subscriber *s, void *arg)
{
	struct person *p = person_get(arg, s->account_id);

	assert(p != NULL); /* the table's foreign key */
	append(p, &(struct subscriber){ s->watcher_id, s->is_acknowledged, s->since_ms });
}

enum err subscribers_load(struct directory *d, struct db *db)
{
	return db_subscriber_each(db, load_one, d);
}

void subscribers_each(const struct directory *d, account_id owner, subscriber_fn *fn, void *arg)
{
	const struct person *p = person_get(d, owner);

	for (size_t i = 0; p != NULL && i < p->n_subscribers; i++)
		if (!fn(&p->subscriber[i], arg))
			return;
}

void subscribers_listen(struct directory *d, subscribers_event_fn *fn, void *arg)
{
	assert(d->n_subscribers_listeners < DIRECTORY_LISTENERS_MAX);
	d->subscribers_listener[d->n_subscribers_listeners++] = (struct subscribers_listener){
		fn, arg
	};
}

static void tell(struct directory *d, account_id owner)
{
	for (size_t i = 0; i < d->n_subscribers_listeners; i++)
		d->subscribers_listener[i].fn(d->subscribers_listener[i].arg, owner);
}

void subscribers_drop_watcher(struct directory *d, account_id watcher)
{
	for (size_t i = 0; i < d->by_id.count; i++) {
		struct person *p = d->sorted[i];
		struct subscriber *s = find(p, watcher);

		if (s == NULL)
			continue;
		drop(p, s);
		tell(d, p->a.id);
	}
}

/* --- changing --- */

struct notice {
	struct change c;
	account_id owner;
	struct subscriber s;
	bool is_gone; /* forget it */
	bool is_new;  /* memory has changed: tell */
};

static struct notice *notice_of(struct change *c)
{
	return CONTAINER_OF(c, struct notice, c);
}

static enum err store(struct store_op *op, struct db *db)
{
	const struct notice *x = notice_of(change_of(op));
	struct db_subscriber row = {
		.account_id = x->owner,
		.watcher_id = x->s.watcher,
		.is_acknowledged = x->s.is_acknowledged,
		.since_ms = x->s.since_ms,
	};

	return x->is_gone ? db_subscriber_drop(db, x->owner, x->s.watcher)
			  : db_subscriber_put(db, &row);
}

static bool apply(struct change *c)
{
	struct notice *x = notice_of(c);
	struct person *p = person_get(c->d, x->owner);
	struct subscriber *s = p == NULL ? NULL : find(p, x->s.watcher);

	if (p == NULL || person_get(c->d, x->s.watcher) == NULL)
		return true; /* deleted meanwhile, on disk too */
	x->is_new = true;
	if (x->is_gone && s != NULL)
		drop(p, s);
	else if (!x->is_gone && s != NULL)
		s->is_acknowledged = x->s.is_acknowledged;
	else if (!x->is_gone)
		append(p, &x->s);
	return true;
}

static void after(struct change *c, struct directory *d, enum err err)
{
	if (err == E_OK && notice_of(c)->is_new)
		tell(d, notice_of(c)->owner);
}

static struct notice *notice_new(struct directory *d, account_id owner, account_id watcher,
				 directory_done_fn *done, void *arg)
{
	struct notice *x = change_new(d, sizeof(*x), done, arg);

	x->c.apply = apply;
	x->c.after = after;
	x->owner = owner;
	x->s = (struct subscriber){ .watcher = watcher, .since_ms = clk_wall_ms() };
	return x;
}

static bool is_contact(const struct directory *d, account_id owner, const struct account *a)
{
	struct roster_contact c;
	char *uri = uri_of(d, a);
	bool is = roster_get_contact(d, owner, str_of(uri), &c);

	free(uri);
	return is;
}

void subscriber_add(struct directory *d, account_id owner, account_id watcher,
		    directory_done_fn *done, void *arg)
{
	struct notice *x = notice_new(d, owner, watcher, done, arg);
	const struct person *p = person_get(d, owner), *w = person_get(d, watcher);

	if (p == NULL || w == NULL || p == w)
		change_answer(&x->c, p == w && p != NULL ? E_BAD : E_NOTFOUND);
	else if (find(p, watcher) != NULL || is_contact(d, owner, &w->a))
		change_answer(&x->c, E_OK);
	else if (waiting(p) >= SUBSCRIBERS_MAX)
		change_answer(&x->c, E_FULL);
	else
		change_store(&x->c, store);
}

void subscriber_acknowledge(struct directory *d, account_id owner, account_id watcher,
			    directory_done_fn *done, void *arg)
{
	struct notice *x = notice_new(d, owner, watcher, done, arg);
	const struct person *p = person_get(d, owner);
	const struct subscriber *s = p == NULL ? NULL : find(p, watcher);

	if (s == NULL) {
		change_answer(&x->c, E_NOTFOUND);
		return;
	}
	x->s = *s;
	x->s.is_acknowledged = true;
	change_store(&x->c, store);
}

void subscriber_forget(struct directory *d, account_id owner, account_id watcher,
		       directory_done_fn *done, void *arg)
{
	struct notice *x = notice_new(d, owner, watcher, done, arg);
	const struct person *p = person_get(d, owner);

	x->is_gone = true;
	if (p == NULL || find(p, watcher) == NULL)
		change_answer(&x->c, E_OK);
	else
		change_store(&x->c, store);
}
