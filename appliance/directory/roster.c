/* One contact list in memory, and looking at it with the department mixed in. */
#include "directory/roster_int.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "db/rosters.h"
#include "db/settings.h"

#define KEY_CONTACTS_MAX "contacts_max"

/* --- groups --- */

static void group_fini(struct group *g)
{
	text_set(&g->name, STR(""));
	text_set(&g->external, STR(""));
}

struct group *roster_find_group(const struct roster *r, roster_group_id id)
{
	for (size_t i = 0; i < r->n_groups; i++)
		if (r->group[i].id == id)
			return &r->group[i];
	return NULL;
}

struct group *roster_insert_group(struct roster *r, roster_group_id id, struct str name,
				  struct str external)
{
	struct group *g;

	r->group = xrealloc(r->group, (r->n_groups + 1) * sizeof(*r->group));
	g = &r->group[r->n_groups++];
	*g = (struct group){ .id = id };
	text_set(&g->name, name);
	text_set(&g->external, external);
	return g;
}

void roster_move_group(struct roster *r, roster_group_id id, size_t to)
{
	size_t at = (size_t)(roster_find_group(r, id) - r->group);
	struct group g = r->group[at];

	if (to >= r->n_groups)
		to = r->n_groups - 1;
	if (to < at)
		memmove(&r->group[to + 1], &r->group[to], (at - to) * sizeof(g));
	else
		memmove(&r->group[at], &r->group[at + 1], (to - at) * sizeof(g));
	r->group[to] = g;
}

void roster_delete_group(struct roster *r, roster_group_id id)
{
	roster_move_group(r, id, r->n_groups - 1);
	group_fini(&r->group[--r->n_groups]);
}

/* --- contacts --- */

/* Where uri is, or would be. */
static size_t position(const struct roster *r, struct str uri)
{
	size_t lo = 0, hi = r->n_contacts;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (str_cmp(r->contact[mid].uri, uri) < 0)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

struct contact *roster_find_contact(const struct roster *r, struct str uri)
{
	size_t at = position(r, uri);

	return at < r->n_contacts && str_eq(r->contact[at].uri, uri) ? &r->contact[at] : NULL;
}

static struct contact *insert(struct roster *r, struct str uri)
{
	size_t at = position(r, uri);
	struct contact *c;

	if (r->n_contacts == r->cap) {
		r->cap = r->cap < 8 ? 8 : r->cap + r->cap / 2;
		r->contact = xrealloc(r->contact, r->cap * sizeof(*r->contact));
	}
	c = &r->contact[at];
	memmove(c + 1, c, (r->n_contacts++ - at) * sizeof(*c));
	*c = (struct contact){ .uri = str_dup(uri) };
	return c;
}

void roster_put_contact(struct roster *r, const struct roster_op *op)
{
	struct contact *c = roster_find_contact(r, op->uri);

	if (c == NULL)
		c = insert(r, op->uri);
	text_set(&c->name, op->name);
	text_set(&c->external, op->external);
	text_set(&c->extension, op->extension);
	c->groups = op->groups & ~group_bit(GROUP_DEPARTMENT);
	c->is_subscribed = op->is_subscribed;
}

static void contact_fini(struct contact *c)
{
	text_set(&c->uri, STR(""));
	text_set(&c->name, STR(""));
	text_set(&c->external, STR(""));
	text_set(&c->extension, STR(""));
}

void roster_delete_contact(struct roster *r, struct contact *c)
{
	size_t at = (size_t)(c - r->contact);

	contact_fini(c);
	memmove(c, c + 1, (--r->n_contacts - at) * sizeof(*c));
}

/* --- life --- */

struct roster *roster_copy(const struct roster *from)
{
	struct roster *r = xcalloc(1, sizeof(*r));

	if (from == NULL) {
		roster_insert_group(r, GROUP_DEFAULT, STR(""), STR(""));
		return r;
	}
	for (size_t i = 0; i < from->n_groups; i++)
		roster_insert_group(r, from->group[i].id, from->group[i].name,
				    from->group[i].external);
	r->cap = r->n_contacts = from->n_contacts;
	if (r->cap > 0)
		r->contact = xcalloc(r->cap, sizeof(*r->contact));
	for (size_t i = 0; i < from->n_contacts; i++) {
		struct contact *c = &r->contact[i];
		const struct contact *f = &from->contact[i];

		c->groups = f->groups;
		c->is_subscribed = f->is_subscribed;
		text_set(&c->uri, f->uri);
		text_set(&c->name, f->name);
		text_set(&c->external, f->external);
		text_set(&c->extension, f->extension);
	}
	return r;
}

void roster_free(struct roster **rp)
{
	struct roster *r = *rp;

	if (r == NULL)
		return;
	for (size_t i = 0; i < r->n_groups; i++)
		group_fini(&r->group[i]);
	for (size_t i = 0; i < r->n_contacts; i++)
		contact_fini(&r->contact[i]);
	free(r->group);
	free(r->contact);
	free(r);
	*rp = NULL;
}

/* --- loading --- */

static struct roster *loaded(struct directory *d, account_id owner)
{
	struct person *p = person_get(d, owner);

	assert(p != NULL); /* the tables' foreign keys */
	if (p->roster == NULL)
		p->roster = xcalloc(1, sizeof(*p->roster));
	return p->roster;
}

static void load_version(int64_t owner, int64_t version, void *arg)
{
	struct person *p = person_get(arg, owner);

	assert(p != NULL);
	p->roster_version = (uint64_t)version;
}

static void load_group(const struct db_roster_group *g, void *arg)
{
	roster_insert_group(loaded(arg, g->account_id), (roster_group_id)g->id, g->name,
			    g->external);
}

static void load_contact(const struct db_roster_contact *c, void *arg)
{
	struct roster_op op = {
		.uri = c->uri,
		.name = c->name,
		.external = c->external,
		.extension = c->extension,
		.groups = c->groups,
		.is_subscribed = c->is_subscribed,
	};

	roster_put_contact(loaded(arg, c->account_id), &op);
}

/* The default group is stored only with others. */
static void complete(struct directory *d)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&d->by_id, &it); n != NULL;
	     n = map_next(&d->by_id, &it)) {
		struct roster *r = CONTAINER_OF(n, struct person, by_id)->roster;

		if (r != NULL && roster_find_group(r, GROUP_DEFAULT) == NULL) {
			roster_insert_group(r, GROUP_DEFAULT, STR(""), STR(""));
			roster_move_group(r, GROUP_DEFAULT, 0);
		}
	}
}

enum err rosters_load(struct directory *d, struct db *db)
{
	int64_t max = (int64_t)d->contacts_max;
	enum err e = db_setting_get_i64(db, STR(KEY_CONTACTS_MAX), 1, ROSTER_CONTACTS_MAX, &max);

	if (e != E_OK && e != E_NOTFOUND && e != E_BAD)
		return e;
	d->contacts_max = (size_t)max;
	e = db_roster_each(db, load_version, d);
	if (e == E_OK)
		e = db_roster_each_group(db, load_group, d);
	if (e == E_OK)
		e = db_roster_each_contact(db, load_contact, d);
	complete(d);
	return e;
}

size_t roster_contacts_max(const struct directory *d)
{
	return d->contacts_max;
}

void roster_set_contacts_max(struct directory *d, size_t max)
{
	assert(max > 0 && max <= ROSTER_CONTACTS_MAX);
	d->contacts_max = max;
}

/* --- looking --- */

static const struct group only_default = { .id = GROUP_DEFAULT,
					   .name = { "", 0 },
					   .external = { "", 0 } };

uint64_t roster_version(const struct directory *d, account_id owner)
{
	const struct person *p = person_get(d, owner);

	return p == NULL ? 1 : p->roster_version;
}

size_t roster_count(const struct directory *d, account_id owner)
{
	const struct person *p = person_get(d, owner);

	return p == NULL || p->roster == NULL ? 0 : p->roster->n_contacts;
}

static struct roster_group group_view(const struct group *g)
{
	return (struct roster_group){ .id = g->id, .name = g->name, .external = g->external };
}

static struct roster_group unit_view(const struct unit *u)
{
	return (struct roster_group){ .id = GROUP_DEPARTMENT,
				      .name = u->d.name,
				      .is_read_only = true };
}

void roster_each_group(const struct directory *d, account_id owner, roster_group_fn *fn, void *arg)
{
	const struct person *p = person_get(d, owner);
	const struct roster *r = p == NULL ? NULL : p->roster;
	const struct unit *u = p == NULL ? NULL : roster_unit(d, p);
	const struct group *g = r == NULL ? &only_default : r->group;
	size_t n = r == NULL ? 1 : r->n_groups;
	bool goes_on = true;

	for (size_t i = 0; goes_on && i < n; i++) {
		struct roster_group view = group_view(&g[i]);

		goes_on = fn(&view, arg);
	}
	if (goes_on && u != NULL) {
		struct roster_group view = unit_view(u);

		fn(&view, arg);
	}
}

bool roster_get_group(const struct directory *d, account_id owner, roster_group_id id,
		      struct roster_group *out)
{
	const struct person *p = person_get(d, owner);
	const struct group *g;

	if (p == NULL)
		return false;
	if (id == GROUP_DEPARTMENT) {
		const struct unit *u = roster_unit(d, p);

		if (u != NULL)
			*out = unit_view(u);
		return u != NULL;
	}
	if (p->roster != NULL)
		g = roster_find_group(p->roster, id);
	else
		g = id == GROUP_DEFAULT ? &only_default : NULL;
	if (g != NULL)
		*out = group_view(g);
	return g != NULL;
}

/* c is NULL for who is there because of the department alone. */
static struct roster_contact contact_view(struct str uri, const struct contact *c,
					  const struct account *a, bool is_colleague)
{
	struct roster_contact v = {
		.uri = uri,
		.is_subscribed = c == NULL || c->is_subscribed,
		.is_read_only = c == NULL,
		.account = a == NULL ? 0 : a->id,
	};

	if (c != NULL) {
		v.groups = c->groups;
		v.name = c->name;
		v.external = c->external;
		v.extension = c->extension;
	}
	if (is_colleague)
		v.groups |= group_bit(GROUP_DEPARTMENT);
	if (v.groups == 0)
		v.groups = group_bit(GROUP_DEFAULT);
	return v;
}

bool roster_get_contact(const struct directory *d, account_id owner, struct str uri,
			struct roster_contact *out)
{
	const struct person *p = person_get(d, owner);
	const struct contact *c;
	bool is_colleague;

	if (p == NULL)
		return false;
	c = p->roster == NULL ? NULL : roster_find_contact(p->roster, uri);
	is_colleague = roster_is_colleague(d, p, uri);
	if (c == NULL && !is_colleague)
		return false;
	*out = contact_view(uri, c, directory_find_uri(d, uri), is_colleague);
	return true;
}

static bool each_own(const struct directory *d, const struct person *p, roster_contact_fn *fn,
		     void *arg)
{
	for (size_t i = 0; p->roster != NULL && i < p->roster->n_contacts; i++) {
		const struct contact *c = &p->roster->contact[i];
		struct roster_contact v = contact_view(c->uri, c, directory_find_uri(d, c->uri),
						       roster_is_colleague(d, p, c->uri));

		if (!fn(&v, arg))
			return false;
	}
	return true;
}

void roster_each_contact(const struct directory *d, account_id owner, roster_contact_fn *fn,
			 void *arg)
{
	const struct person *p = person_get(d, owner);
	const struct unit *u = p == NULL ? NULL : roster_unit(d, p);
	bool goes_on = p != NULL && each_own(d, p, fn, arg);

	if (!goes_on || u == NULL)
		return;
	LIST_EACH (&u->members, n) {
		const struct account *a = &LIST_ITEM(n, struct person, in_unit)->a;
		char *uri = uri_of(d, a);

		if (goes_on && a->id != owner &&
		    (p->roster == NULL || roster_find_contact(p->roster, str_of(uri)) == NULL)) {
			struct roster_contact v = contact_view(str_of(uri), NULL, a, true);

			goes_on = fn(&v, arg);
		}
		free(uri);
	}
}

/* --- addresses --- */

char *uri_of(const struct directory *d, const struct account *a)
{
	return xasprintf("sip:%.*s@%.*s", STR_ARG(a->name), STR_ARG(d->domain));
}

const struct account *directory_find_uri(const struct directory *d, struct str uri)
{
	struct str rest = uri, scheme = str_cut(&rest, ':'), user;

	if (!str_ieq(scheme, STR("sip")) && !str_ieq(scheme, STR("sips")))
		return NULL;
	user = str_cut(&rest, '@');
	return rest.p != NULL && str_ieq(rest, d->domain) ? directory_find(d, user) : NULL;
}

/* --- listeners --- */

void roster_listen(struct directory *d, roster_event_fn *fn, void *arg)
{
	assert(d->n_roster_listeners < DIRECTORY_LISTENERS_MAX);
	d->roster_listener[d->n_roster_listeners++] = (struct roster_listener){ fn, arg };
}

void roster_tell(struct directory *d, const struct roster_event *e)
{
	for (size_t i = 0; i < d->n_roster_listeners; i++)
		d->roster_listener[i].fn(d->roster_listener[i].arg, e);
}
