/* vnd-microsoft-roaming-contacts ([MS-SIP] 3.2, 9.1): the whole list in the answer, then one change at a time. */
#include "lync/contacts.h"

#include "base/mem.h"
#include "codec/xmlw.h"

#include "lync/packages.h"

#define CONTENT_TYPE STR("application/vnd-microsoft-roaming-contacts+xml")
#define XMLNS "http://schemas.microsoft.com/2006/09/sip/roaming-contacts"

static bool write_group(const struct roster_group *g, struct xmlw *w, const char *element)
{
	xmlw_start(w, element);
	xmlw_attr_u64(w, "id", g->id);
	/* Clients show the default group, whose name is "~", under a name in their own language. */
	xmlw_attr(w, "name", g->id == GROUP_DEFAULT && g->name.len == 0 ? STR("~") : g->name);
	xmlw_attr(w, "externalURI", g->external);
	xmlw_end(w);
	return true;
}

static void groups_attribute(struct xmlw *w, uint64_t groups)
{
	struct buf b;

	buf_init(&b, 512);
	for (roster_group_id id = 1; id <= GROUP_DEPARTMENT; id++)
		if (groups & group_bit(id)) {
			if (b.len > 0)
				buf_addc(&b, ' ');
			buf_add_u64(&b, id);
		}
	xmlw_attr(w, "groups", buf_str(&b));
	buf_fini(&b);
}

static void write_contact(const struct roster_contact *c, struct str uri, struct xmlw *w,
			  const char *element)
{
	xmlw_start(w, element);
	xmlw_attr(w, "uri", uri);
	xmlw_attr(w, "name", c->name);
	groups_attribute(w, c->groups);
	xmlw_attr_bool(w, "subscribed", c->is_subscribed);
	xmlw_attr(w, "externalURI", c->external);
	if (c->extension.len > 0) {
		xmlw_start(w, "contactExtension");
		xmlw_raw(w, c->extension);
		xmlw_end(w);
	}
	xmlw_end(w);
}

static bool list_group(const struct roster_group *g, void *arg)
{
	return write_group(g, arg, "group");
}

/* pidgin-sipe puts "sip:" in front of every address of a whole list, and of none of a delta. */
static bool list_contact(const struct roster_contact *c, void *arg)
{
	struct str uri = c->uri;

	write_contact(c, str_istarts(uri, STR("sip:")) ? str_sub(uri, 4, uri.len) : uri, arg,
		      "contact");
	return true;
}

static void write_list(struct lync *l, account_id owner, struct buf *out)
{
	struct xmlw w;

	xmlw_init(&w, out);
	xmlw_start(&w, "contactList");
	xmlw_attrz(&w, "xmlns", XMLNS);
	xmlw_attr_u64(&w, "deltaNum", roster_version(l->cfg.directory, owner));
	roster_each_group(l->cfg.directory, owner, list_group, &w);
	roster_each_contact(l->cfg.directory, owner, list_contact, &w);
	xmlw_end_all(&w);
}

static void answer(struct lync *l, struct sip_txn *t, struct lync_sub *s)
{
	struct buf b;

	buf_init(&b, SIP_OUT_MAX / 2);
	write_list(l, s->conn->account, &b);
	if (buf_err(&b) == E_OK) {
		lync_sub_answer(l, t, s, STR_NULL, CONTENT_TYPE, buf_str(&b));
	} else {
		lync_refuse(l, t, 413, 4008, "The contact list is too large");
		lync_sub_end(l, s);
	}
	buf_fini(&b);
}

void lync_contacts_subscribe(struct lync *l, struct sip_txn *t)
{
	struct lync_sub *s = lync_sub_make(l, t, PACKAGE_CONTACTS);

	if (s != NULL)
		answer(l, t, s);
}

void lync_contacts_refresh(struct lync *l, struct sip_txn *t, struct lync_sub *s)
{
	answer(l, t, s);
}

/* --- changes --- */

static void write_removed(struct xmlw *w, const struct roster_event *e)
{
	xmlw_start(w, e->kind == ROSTER_GROUP_REMOVED ? "deletedGroup" : "deletedContact");
	if (e->kind == ROSTER_GROUP_REMOVED)
		xmlw_attr_u64(w, "id", e->group);
	else
		xmlw_attr(w, "uri", e->uri);
	xmlw_end(w);
}

/* The list may be further on already: what has gone since will be told by its own event. */
static void write_change(struct lync *l, const struct roster_event *e, struct xmlw *w)
{
	struct roster_contact c;
	struct roster_group g;

	switch (e->kind) {
	case ROSTER_GROUP_ADDED:
	case ROSTER_GROUP_CHANGED:
		if (roster_get_group(l->cfg.directory, e->owner, e->group, &g))
			write_group(&g, w,
				    e->kind == ROSTER_GROUP_ADDED ? "addedGroup" : "modifiedGroup");
		break;
	case ROSTER_CONTACT_ADDED:
	case ROSTER_CONTACT_CHANGED:
		if (roster_get_contact(l->cfg.directory, e->owner, e->uri, &c))
			write_contact(&c, c.uri, w,
				      e->kind == ROSTER_CONTACT_ADDED ? "addedContact"
								      : "modifiedContact");
		break;
	case ROSTER_GROUP_REMOVED:
	case ROSTER_CONTACT_REMOVED:
		write_removed(w, e);
		break;
	case ROSTER_RESET:
		break;
	}
}

static void tell(struct lync *l, struct lync_sub *s, void *arg)
{
	const struct buf *b = arg;

	lync_sub_notify(l, s, STR_NULL, CONTENT_TYPE, buf_str(b));
}

void lync_contacts_changed(void *arg, const struct roster_event *e)
{
	struct lync *l = arg;
	struct xmlw w;
	struct buf b;

	buf_init(&b, SIP_OUT_MAX / 2);
	if (e->kind == ROSTER_RESET) {
		write_list(l, e->owner, &b);
	} else {
		xmlw_init(&w, &b);
		xmlw_start(&w, "contactDelta");
		xmlw_attrz(&w, "xmlns", XMLNS);
		xmlw_attr_u64(&w, "deltaNum", e->version);
		xmlw_attr_u64(&w, "prevDeltaNum", e->version - 1);
		write_change(l, e, &w);
		xmlw_end_all(&w);
	}
	if (buf_err(&b) == E_OK)
		lync_subs_each(l, e->owner, PACKAGE_CONTACTS, tell, &b);
	buf_fini(&b);
}
