/* focus_roster.c: the conference-info document (RFC 4575), whole and in parts.
 *
 * Linphone reads the same document with its own role names; its versions are the group's, so that they go on
 * where they were after a restart.  Other clients count the documents of their subscription (4575 5.1). */
#include "codec/xmlw.h"
#include "sip/route.h"

#include "simple/focus.h"

#define NS_CONFERENCE "urn:ietf:params:xml:ns:conference-info"

struct doc {
	struct focus *f;
	const struct group_info *g;
	enum focus_flavour flavour;
	struct xmlw x;
};

static void start(struct doc *d, struct buf *out, const char *state, uint64_t version)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	focus_uri(d->f, d->g, &uri);
	xmlw_init(&d->x, out);
	xmlw_decl(&d->x);
	xmlw_start(&d->x, "conference-info");
	xmlw_attrz(&d->x, "xmlns", NS_CONFERENCE);
	xmlw_attr(&d->x, "entity", buf_str(&uri));
	xmlw_attrz(&d->x, "state", state);
	xmlw_attr_u64(&d->x, "version", version);
	buf_fini(&uri);
}

/* No free-text: Linphone takes it for a time in decimal digits and aborts on anything else. */
static void add_description(struct doc *d)
{
	struct buf uri;

	xmlw_start(&d->x, "conference-description");
	xmlw_elem(&d->x, "subject", focus_name_of(d->g));
	if (focus_is_pair(d->g))
		xmlw_elemz(&d->x, "keywords", "one-to-one");
	if (d->flavour == FOCUS_STANDARD) {
		buf_init(&uri, URI_MAX);
		focus_uri(d->f, d->g, &uri);
		xmlw_start(&d->x, "conf-uris");
		xmlw_start(&d->x, "entry");
		xmlw_elem(&d->x, "uri", buf_str(&uri));
		xmlw_elemz(&d->x, "purpose", "participation");
		xmlw_end(&d->x);
		xmlw_end(&d->x);
		xmlw_start(&d->x, "maximum-user-count");
		buf_fini(&uri);
		buf_init(&uri, 24);
		buf_add_u64(&uri, GROUP_MEMBERS_MAX);
		xmlw_text(&d->x, buf_str(&uri));
		xmlw_end(&d->x);
		buf_fini(&uri);
	}
	xmlw_end(&d->x);
}

static void add_state(struct doc *d)
{
	struct buf count;

	if (d->flavour == FOCUS_LINPHONE)
		return;
	buf_init(&count, 24);
	buf_add_u64(&count, d->g->members);
	xmlw_start(&d->x, "conference-state");
	xmlw_elem(&d->x, "user-count", buf_str(&count));
	xmlw_elemz(&d->x, "active", "true");
	xmlw_elemz(&d->x, "locked", d->g->is_locked ? "true" : "false");
	xmlw_end(&d->x);
	buf_fini(&count);
}

static const char *role_of(const struct doc *d, const struct group_member *p)
{
	bool leads = p->role == GROUP_PRESENTER;

	if (d->flavour == FOCUS_LINPHONE)
		return leads ? "admin" : "participant";
	return leads ? "moderator" : "participant";
}

struct endpoints {
	struct doc *d;
	struct str aor;
};

static bool add_endpoint(const struct group_leg *l, void *arg)
{
	struct endpoints *e = arg;
	struct doc *d = e->d;
	struct buf uri;

	if (l->state == GROUP_LEG_INVITED ||
	    (d->flavour == FOCUS_LINPHONE &&
	     (l->dialect != DIALECT_SIMPLE || l->shape != FOCUS_ROOM)))
		return true;
	/* Addresses of the other dialect mean nothing here. */
	buf_init(&uri, URI_MAX);
	if (l->dialect == DIALECT_SIMPLE)
		buf_add(&uri, l->label);
	else
		buf_addf(&uri, "%.*s;gr=leg-%llu", STR_ARG(e->aor), (unsigned long long)l->id);
	xmlw_start(&d->x, "endpoint");
	xmlw_attr(&d->x, "entity", buf_str(&uri));
	xmlw_attrz(&d->x, "state", "full");
	if (d->flavour == FOCUS_STANDARD) {
		xmlw_elemz(&d->x, "status", "connected");
		xmlw_start(&d->x, "media");
		xmlw_attrz(&d->x, "id", "1");
		xmlw_elemz(&d->x, "type", "message");
		xmlw_elemz(&d->x, "status", "sendrecv");
		xmlw_end(&d->x);
	}
	xmlw_end(&d->x);
	buf_fini(&uri);
	return true;
}

static bool add_user(const struct group_member *p, void *arg)
{
	struct doc *d = arg;
	const struct account *a = directory_get(d->f->simple->cfg.directory, p->account);
	struct buf aor;
	struct endpoints e = { .d = d };

	if (a == NULL)
		return true;
	buf_init(&aor, URI_MAX);
	simple_aor(d->f->simple, a, &aor);
	e.aor = buf_str(&aor);
	xmlw_start(&d->x, "user");
	xmlw_attr(&d->x, "entity", e.aor);
	xmlw_attrz(&d->x, "state", "full");
	if (a->display.len > 0)
		xmlw_elem(&d->x, "display-text", a->display);
	xmlw_start(&d->x, "roles");
	xmlw_elemz(&d->x, "entry", role_of(d, p));
	xmlw_end(&d->x);
	group_each_leg(d->f->immcu, d->g->id, p->account, add_endpoint, &e);
	xmlw_end(&d->x);
	buf_fini(&aor);
	return true;
}

static void add_gone(struct doc *d, account_id account)
{
	const struct account *a = directory_get(d->f->simple->cfg.directory, account);
	struct buf aor;

	if (a == NULL)
		return;
	buf_init(&aor, URI_MAX);
	simple_aor(d->f->simple, a, &aor);
	xmlw_start(&d->x, "user");
	xmlw_attr(&d->x, "entity", buf_str(&aor));
	xmlw_attrz(&d->x, "state", "deleted");
	xmlw_end(&d->x);
	buf_fini(&aor);
}

void focus_roster_full(struct focus *f, const struct group_info *g, enum focus_flavour flavour,
		       uint64_t version, struct buf *out)
{
	struct doc d = { .f = f, .g = g, .flavour = flavour };

	start(&d, out, "full", version);
	add_description(&d);
	add_state(&d);
	xmlw_start(&d.x, "users");
	xmlw_attrz(&d.x, "state", "full");
	group_each_member(f->immcu, g->id, add_user, &d);
	xmlw_end_all(&d.x);
}

/* Whom something happened to, each once: what he is now tells all of it. */
struct changes {
	account_id who[GROUP_EVENTS_KEPT];
	size_t count;
	bool has_state;
};

static void note(const struct group_event *ev, void *arg)
{
	struct changes *c = arg;

	if (ev->account == 0) {
		c->has_state = true;
		return;
	}
	for (size_t i = 0; i < c->count; i++)
		if (c->who[i] == ev->account)
			return;
	if (c->count < ARRAY_LEN(c->who))
		c->who[c->count++] = ev->account;
}

enum err focus_roster_since(struct focus *f, const struct group_info *g, enum focus_flavour flavour,
			    uint64_t after, uint64_t version, struct buf *out)
{
	struct doc d = { .f = f, .g = g, .flavour = flavour };
	struct changes c = { .count = 0 };
	struct group_member p;
	enum err e = group_events_since(f->immcu, g->id, after, note, &c);

	if (e != E_OK)
		return e;
	start(&d, out, "partial", version);
	if (c.has_state)
		add_description(&d);
	add_state(&d);
	if (c.count > 0) {
		xmlw_start(&d.x, "users");
		xmlw_attrz(&d.x, "state", "partial");
		for (size_t i = 0; i < c.count; i++) {
			if (group_get_member(f->immcu, g->id, c.who[i], &p))
				(void)add_user(&p, &d);
			else
				add_gone(&d, c.who[i]);
		}
	}
	xmlw_end_all(&d.x);
	return E_OK;
}
