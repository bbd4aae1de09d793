#include "simple/resource_lists.h"

#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "codec/uri.h"
#include "codec/xml.h"
#include "codec/xmlw.h"

#define NS_LISTS "urn:ietf:params:xml:ns:resource-lists"

/* The default group has no name of its own, a list must have one; clients create "friends" themselves. */
#define DEFAULT_LIST "default"

/* --- out --- */

struct writing {
	const struct directory *d;
	account_id owner;
	roster_group_id group;
	struct xmlw *w;
};

static bool add_entry(const struct roster_contact *c, void *arg)
{
	struct writing *x = arg;
	struct str name = c->name;
	const struct account *a = c->account == 0 ? NULL : directory_get(x->d, c->account);

	if ((c->groups & group_bit(x->group)) == 0)
		return true;
	if (name.len == 0 && a != NULL)
		name = a->display;
	xmlw_start(x->w, "entry");
	xmlw_attr(x->w, "uri", c->uri);
	if (name.len > 0)
		xmlw_elem(x->w, "display-name", name);
	xmlw_end(x->w);
	return true;
}

static bool add_list(const struct roster_group *g, void *arg)
{
	struct writing *x = arg;
	struct str name = g->name.len > 0 ? g->name : STR(DEFAULT_LIST);

	x->group = g->id;
	xmlw_start(x->w, "list");
	xmlw_attr(x->w, "name", name);
	xmlw_elem(x->w, "display-name", name);
	roster_each_contact(x->d, x->owner, add_entry, x);
	xmlw_end(x->w);
	return true;
}

void resource_lists_encode(const struct directory *d, account_id owner, struct buf *out)
{
	struct xmlw w;
	struct writing x = { .d = d, .owner = owner, .w = &w };

	xmlw_init(&w, out);
	xmlw_decl(&w);
	xmlw_start(&w, "resource-lists");
	xmlw_attrz(&w, "xmlns", NS_LISTS);
	roster_each_group(d, owner, add_list, &x);
	xmlw_end_all(&w);
}

/* --- in --- */

/* Invariant: op[0] clears, op[1..groups] add groups 2..groups+1, the rest put contacts. */
struct reading {
	struct roster_op *op;
	size_t count, groups, contacts_max;
	struct str skip;
	enum err err;
};

static struct roster_op *find_contact(struct reading *r, struct str uri)
{
	for (size_t i = 1 + r->groups; i < r->count; i++)
		if (r->op[i].kind == ROSTER_PUT_CONTACT && str_ieq(r->op[i].uri, uri))
			return &r->op[i];
	return NULL;
}

static void read_entry(struct reading *r, const struct xml_node *n, roster_group_id group)
{
	struct str uri = str_trim(xml_attr(n, "uri"));
	struct roster_op *op;
	struct uri u;

	if (uri_decode(uri, &u) != E_OK || u.scheme == URI_OTHER) {
		r->err = E_BAD;
		return;
	}
	op = find_contact(r, uri);
	if (op == NULL) {
		if (r->count - 1 - r->groups >= r->contacts_max) {
			r->err = E_TOOBIG;
			return;
		}
		op = &r->op[r->count++];
		*op = (struct roster_op){ .kind = ROSTER_PUT_CONTACT,
					  .uri = str_dup(uri),
					  .name = str_dup(xml_child_text(n, NULL, "display-name")),
					  .is_subscribed = true };
	}
	op->groups |= group_bit(group);
}

/* Lists inside lists are read into the outer one: a contact list here has one level. */
static void read_entries(struct reading *r, const struct xml_node *list, roster_group_id group)
{
	for (const struct xml_node *n = list->child; n != NULL && r->err == E_OK; n = n->next) {
		if (xml_is(n, NULL, "entry"))
			read_entry(r, n, group);
		else if (xml_is(n, NULL, "list"))
			read_entries(r, n, group);
	}
}

static struct str list_name(const struct xml_node *list)
{
	struct str name = xml_child_text(list, NULL, "display-name");

	return name.len > 0 ? name : str_trim(xml_attr(list, "name"));
}

static bool is_skipped(const struct reading *r, const struct xml_node *list)
{
	return r->skip.len > 0 && str_eq(list_name(list), r->skip);
}

static bool is_default(const struct xml_node *list)
{
	return str_ieqz(list_name(list), DEFAULT_LIST);
}

/* Groups first, so that every contact finds its own: the ids count up from the default's. */
static void read_groups(struct reading *r, const struct xml_node *root)
{
	for (const struct xml_node *n = xml_child(root, NULL, "list"); n != NULL;
	     n = xml_next(n, NULL, "list")) {
		if (is_default(n) || is_skipped(r, n))
			continue;
		if (GROUP_DEFAULT + 1 + r->groups >= GROUP_DEPARTMENT || list_name(n).len == 0) {
			r->err = list_name(n).len == 0 ? E_BAD : E_TOOBIG;
			return;
		}
		r->groups++;
		r->op[r->count++] = (struct roster_op){ .kind = ROSTER_ADD_GROUP,
							.group = (roster_group_id)(GROUP_DEFAULT +
										   r->groups),
							.name = str_dup(list_name(n)) };
	}
}

static void read_lists(struct reading *r, const struct xml_node *root)
{
	roster_group_id next = GROUP_DEFAULT;

	for (const struct xml_node *n = xml_child(root, NULL, "list"); n != NULL && r->err == E_OK;
	     n = xml_next(n, NULL, "list"))
		if (!is_skipped(r, n))
			read_entries(r, n, is_default(n) ? GROUP_DEFAULT : ++next);
}

enum err resource_lists_decode(struct str text, struct str skip, size_t contacts_max,
			       struct resource_lists *out)
{
	struct reading r = { .contacts_max = contacts_max, .skip = skip };
	struct xml_doc d;
	enum err e = xml_decode(text, &d);

	if (e != E_OK)
		return e;
	r.op = xcalloc(1 + GROUP_DEPARTMENT + contacts_max, sizeof(*r.op));
	r.op[r.count++].kind = ROSTER_CLEAR;
	r.err = xml_is(d.root, NS_LISTS, "resource-lists") ? E_OK : E_BAD;
	if (r.err == E_OK)
		read_groups(&r, d.root);
	if (r.err == E_OK)
		read_lists(&r, d.root);
	xml_fini(&d);
	*out = (struct resource_lists){ r.op, r.count };
	if (r.err != E_OK)
		resource_lists_fini(out);
	return r.err;
}

void resource_lists_fini(struct resource_lists *r)
{
	for (size_t i = 0; i < r->count; i++) {
		str_free(&r->ops[i].uri);
		str_free(&r->ops[i].name);
	}
	free(r->ops);
	*r = (struct resource_lists){ NULL, 0 };
}
