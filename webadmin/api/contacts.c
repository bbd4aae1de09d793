/* contacts.c: /users/{name}/contacts: one person's contact list, the one every client of his sees.
 *
 * A change reaches his clients of either dialect at once: the directory tells them. */
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"
#include "directory/roster.h"

#include "webadmin/api/handlers.h"
#include "webadmin/api/input.h"
#include "webadmin/api/users.h"

struct contacts_call {
	struct api_call call;
	struct str name, group;
	bool has_name, has_group;
	account_id owner;
	char *uri;	       /* owned; of the contact */
	json_t *list;	       /* taken by the reply */
	uint64_t groups_taken; /* bits */
	roster_group_id found;
};

static void contacts_fini(struct api_call *c)
{
	struct contacts_call *s = CONTAINER_OF(c, struct contacts_call, call);

	free(s->uri);
	s->uri = NULL;
}

static struct contacts_call *begin(struct http_req *rq, struct api *a)
{
	struct contacts_call *s = api_call_new(rq, a, sizeof(*s));

	if (s != NULL)
		s->call.fini = contacts_fini;
	return s;
}

/* --- the list --- */

static bool append_group(const struct roster_group *g, void *arg)
{
	struct contacts_call *s = arg;
	json_t *j = json_object();

	api_set_str(j, "name", g->name);
	json_object_set_new(j, "read_only", json_boolean(g->is_read_only));
	json_array_append_new(s->list, j);
	return true;
}

static json_t *names_of(const struct contacts_call *s, uint64_t groups)
{
	json_t *names = json_array();
	struct roster_group g;

	for (roster_group_id id = GROUP_DEFAULT; id <= GROUP_DEPARTMENT; id++)
		if ((groups & group_bit(id)) != 0 &&
		    roster_get_group(s->call.api->directory, s->owner, id, &g) && g.name.len > 0)
			json_array_append_new(names, api_str(g.name));
	return names;
}

static bool append_contact(const struct roster_contact *v, void *arg)
{
	struct contacts_call *s = arg;
	const struct account *a = directory_get(s->call.api->directory, v->account);
	json_t *j = json_object();

	api_set_str(j, "address", v->uri);
	api_set_str(j, "user", a != NULL ? a->name : STR_NULL);
	api_set_str(j, "name", v->name);
	json_object_set_new(j, "groups", names_of(s, v->groups));
	json_object_set_new(j, "subscribed", json_boolean(v->is_subscribed));
	json_object_set_new(j, "read_only", json_boolean(v->is_read_only));
	json_array_append_new(s->list, j);
	return true;
}

static void list(struct api_call *c)
{
	struct contacts_call *s = CONTAINER_OF(c, struct contacts_call, call);
	const struct directory *d = c->api->directory;
	const struct account *u = api_user_of_path(c);
	json_t *j;

	if (u == NULL)
		return;
	s->owner = u->id;
	j = json_object();
	s->list = json_array();
	roster_each_group(d, u->id, append_group, s);
	json_object_set_new(j, "groups", s->list);
	s->list = json_array();
	roster_each_contact(d, u->id, append_contact, s);
	json_object_set_new(j, "contacts", s->list);
	api_set_int(j, "version", (int64_t)roster_version(d, u->id));
	api_set_int(j, "count", (int64_t)roster_count(d, u->id));
	api_set_int(j, "max", (int64_t)roster_contacts_max(d));
	json_object_set_new(j, "next", json_null());
	api_reply(c->rq, 200, j);
}

void api_contacts_get(struct http_req *rq, void *arg)
{
	struct contacts_call *s = begin(rq, arg);

	if (s != NULL)
		api_switch(&s->call, list);
}

/* --- changing one --- */

/* The owner, and the contact's address: as given, or that of one of ours by name.  False: answered. */
static bool find_both(struct contacts_call *s)
{
	struct api_call *c = &s->call;
	struct str given = http_req_capture(c->rq, "contact");
	const struct account *owner = api_user_of_path(c), *contact;
	struct str low;

	if (owner == NULL)
		return false;
	s->owner = owner->id;
	if (str_find(given, ':', 0) < given.len) {
		low = str_dup_lower(given);
		s->uri = xasprintf("%.*s", STR_ARG(low));
		str_free(&low);
		return true;
	}
	contact = directory_find(c->api->directory, given);
	if (contact == NULL) {
		api_error(c->rq, 404, "not_found",
			  "is neither a user nor an address such as sip:name@domain", "contact");
		return false;
	}
	s->uri = xasprintf("sip:%.*s@%.*s", STR_ARG(contact->name), STR_ARG(c->api->sip_domain));
	return true;
}

static void on_changed(void *arg, enum err e, int64_t id)
{
	struct contacts_call *s = arg;
	struct api_call *c = &s->call;
	const struct directory *d = c->api->directory;

	(void)id;
	switch (e) {
	case E_OK:
		api_audit(c, "user.contacts", http_req_capture(c->rq, "name"), str_of(s->uri));
		api_reply_empty(c->rq);
		break;
	case E_DENIED:
		api_error(c->rq, 409, "read_only", "is there because of the department", "contact");
		break;
	case E_BAD:
	case E_TOOBIG:
		api_error(c->rq, 400, "invalid", "is no address, or a name is too long", "contact");
		break;
	case E_FULL:
		if (roster_count(d, s->owner) >= roster_contacts_max(d))
			api_error(
				c->rq, 409, "too_many",
				"The list has as many contacts as the setting contacts_max allows.",
				NULL);
		else
			api_fail(c->rq, e, "The contact list");
		break;
	default:
		api_fail(c->rq, e, "The contact");
	}
}

static bool match_group(const struct roster_group *g, void *arg)
{
	struct contacts_call *s = arg;

	s->groups_taken |= group_bit(g->id);
	if (!g->is_read_only && str_ieq(g->name, s->group))
		s->found = g->id;
	return true;
}

/* The group of that name, or the lowest free id for a new one.  0: there are as many as there may be. */
static roster_group_id choose_group(struct contacts_call *s, bool *is_new)
{
	roster_group_id id = GROUP_DEFAULT;

	*is_new = false;
	if (s->group.len == 0)
		return GROUP_DEFAULT;
	roster_each_group(s->call.api->directory, s->owner, match_group, s);
	if (s->found != 0)
		return s->found;
	*is_new = true;
	while (id < GROUP_DEPARTMENT && (s->groups_taken & group_bit(id)) != 0)
		id++;
	return id < GROUP_DEPARTMENT ? id : 0;
}

static void put(struct api_call *c)
{
	struct contacts_call *s = CONTAINER_OF(c, struct contacts_call, call);
	struct roster_op op[2] = { { .kind = ROSTER_ADD_GROUP } };
	struct roster_contact now;
	roster_group_id group = 0;
	bool is_new = false;

	if (!find_both(s))
		return;
	/* What is not given stays as it is; what only clients understand always does. */
	op[1] = (struct roster_op){ .kind = ROSTER_PUT_CONTACT,
				    .uri = str_of(s->uri),
				    .name = STR(""),
				    .is_subscribed = true };
	if (roster_get_contact(c->api->directory, s->owner, op[1].uri, &now) && !now.is_read_only) {
		op[1].name = now.name;
		op[1].groups = now.groups;
		op[1].is_subscribed = now.is_subscribed;
		op[1].external = now.external;
		op[1].extension = now.extension;
	}
	if (s->has_name)
		op[1].name = s->name;
	if (s->has_group) {
		group = choose_group(s, &is_new);
		if (group == 0) {
			api_error(c->rq, 409, "too_many", "has as many groups as there may be",
				  "group");
			return;
		}
		op[0].group = group;
		op[0].name = s->group;
		op[1].groups = group_bit(group);
	}
	roster_change(c->api->directory, s->owner, ROSTER_ANY_VERSION, is_new ? op : &op[1],
		      is_new ? 2 : 1, on_changed, s);
}

void api_contact_put(struct http_req *rq, void *arg)
{
	struct contacts_call *s = begin(rq, arg);

	if (s == NULL)
		return;
	const struct api_field fields[] = {
		{ .name = "name",
		  .kind = API_TEXT,
		  .max = ROSTER_NAME_MAX,
		  .text = &s->name,
		  .given = &s->has_name },
		{ .name = "group",
		  .kind = API_TEXT,
		  .max = ROSTER_NAME_MAX,
		  .text = &s->group,
		  .given = &s->has_group },
	};
	if (api_read(rq, fields, ARRAY_LEN(fields)))
		api_switch(&s->call, put);
}

static void drop(struct api_call *c)
{
	struct contacts_call *s = CONTAINER_OF(c, struct contacts_call, call);
	struct roster_op op = { .kind = ROSTER_REMOVE_CONTACT };

	if (!find_both(s))
		return;
	op.uri = str_of(s->uri);
	roster_change(c->api->directory, s->owner, ROSTER_ANY_VERSION, &op, 1, on_changed, s);
}

void api_contact_delete(struct http_req *rq, void *arg)
{
	struct contacts_call *s = begin(rq, arg);

	if (s != NULL && api_read(rq, NULL, 0))
		api_switch(&s->call, drop);
}
