/* SERVICE with msrtc-category-publish ([MS-PRES] 3.5): all of a request or nothing, by version.
 *
 * The answer names every changed category with all its instances; a client that
 * gets less forgets versions and publishes without end. */
#include "base/clk.h"
#include "base/mem.h"
#include "base/num.h"
#include "codec/xml.h"

#include "lync/facet_map.h"
#include "lync/self.h"
#include "lync/service.h"
#include "lync/stored.h"

struct publication {
	struct str name, xml;
	uint32_t instance, container, version;
	enum category_expire expire;
	bool is_removal;
	uint32_t expires_s; /* 0: not given */
};

struct request {
	struct lync *lync;
	struct lync_user *user;
	struct lync_conn *conn;
	endpoint_id endpoint;
	struct publication v[PUBLICATIONS_MAX];
	size_t count;
	struct str changed[SELF_NAMES_MAX];
	size_t changed_count;
};

struct refusal {
	int code; /* 0: none */
	unsigned id;
	const char *reason;
};

static struct refusal bad(const char *reason)
{
	return (struct refusal){ 400, 4000, reason };
}

/* Server-made: what a client says about them would be lost or lie. */
static bool is_ours(const struct publication *p)
{
	struct buf type;
	bool ours;

	if (str_eqz(p->name, "userProperties") || str_eqz(p->name, "services") ||
	    str_eqz(p->name, "legacyInterop"))
		return true;
	if (str_eqz(p->name, "contactCard"))
		return p->instance == 0;
	if (!str_eqz(p->name, "state") || p->xml.len == 0)
		return false;
	buf_init(&type, 256);
	facet_state_type(p->xml, &type);
	ours = str_starts(buf_str(&type), STR("aggregate"));
	buf_fini(&type);
	return ours;
}

/* It goes into other documents as it is, so it must stand alone: one element, its prefixes declared. */
static bool stands_alone(struct str xml)
{
	struct xml_doc doc;

	if (xml.len == 0)
		return true;
	if (xml_decode(xml, &doc) != E_OK)
		return false;
	xml_fini(&doc);
	return true;
}

static struct refusal read_one(const struct xml_node *n, struct publication *p)
{
	struct str expires = xml_attr(n, "expires"), type = xml_attr(n, "expireType");

	p->name = xml_attr(n, "categoryName");
	p->xml = str_trim(n->inner);
	if (p->name.len == 0 || p->name.len > LYNC_CATEGORY_NAME_MAX)
		return bad("categoryName is missing or too long");
	if (num_u32(xml_attr(n, "instance"), 0, UINT32_MAX, &p->instance) != E_OK ||
	    num_u32(xml_attr(n, "container"), 0, CONTAINER_MAX, &p->container) != E_OK ||
	    num_u32(xml_attr(n, "version"), 0, UINT32_MAX, &p->version) != E_OK)
		return bad("instance, container or version is no number");
	if (expires.p != NULL && num_u32(expires, 0, UINT32_MAX, &p->expires_s) != E_OK)
		return bad("expires is no number");
	p->is_removal = expires.p != NULL && p->expires_s == 0;
	p->expire = EXPIRE_STATIC;
	if (type.p != NULL && category_expire_decode(type, &p->expire) != E_OK)
		return bad("unknown expireType");
	if (p->expire == EXPIRE_TIME && expires.p == NULL)
		return bad("expireType time needs expires");
	if (p->xml.len > LYNC_CATEGORY_MAX)
		return (struct refusal){ 413, 2010, "The category is too large" };
	if (!stands_alone(p->xml))
		return bad("a category's content does not stand alone");
	if (!p->is_removal && is_ours(p))
		return (struct refusal){ 403, 2003, "The publication is read-only" };
	return (struct refusal){ 0 };
}

static bool is_twice(const struct request *r, const struct publication *p)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->v[i].instance == p->instance && r->v[i].container == p->container &&
		    str_eq(r->v[i].name, p->name))
			return true;
	return false;
}

static struct refusal read_request(struct request *r, const struct xml_node *root,
				   const struct account *a)
{
	const struct xml_node *list = xml_child(root, NULL, "publications"), *n;
	struct uri u;

	if (list == NULL)
		return bad("there are no publications");
	if (uri_decode(xml_attr(list, "uri"), &u) != E_OK || lync_account_of(r->lync, &u) != a)
		return (struct refusal){ 403, 4004, "The publications are somebody else's" };
	for (n = xml_child(list, NULL, "publication"); n != NULL;
	     n = xml_next(n, NULL, "publication")) {
		struct publication p = { .instance = 0 };
		struct refusal no = read_one(n, &p);

		if (no.code != 0)
			return no;
		if (r->count == PUBLICATIONS_MAX)
			return (struct refusal){ 413, 2010, "Too many publications at once" };
		if (is_twice(r, &p))
			return bad("a publication stands there twice");
		r->v[r->count++] = p;
	}
	return (struct refusal){ 0 };
}

/* --- versions --- */

static uint32_t version_of(const struct request *r, const struct publication *p)
{
	const struct category *c = categories_find(&r->user->categories, p->name, p->instance,
						   p->container);

	return c == NULL ? 0 : c->version;
}

/* A removal never conflicts: pidgin-sipe clears notes of all containers with the version of one. */
static bool is_conflict(const struct request *r, const struct publication *p)
{
	return !p->is_removal && p->version != version_of(r, p);
}

/* A client that has lost its versions repeats itself at the speed of the network; then it is right. */
static bool is_in_a_loop(struct lync_conn *lc)
{
	int64_t now_ms = clk_ms();

	if (now_ms - lc->conflicts_since_ms > LYNC_CONFLICT_WINDOW_MS) {
		lc->conflicts_since_ms = now_ms;
		lc->conflicts = 0;
	}
	return ++lc->conflicts > LYNC_CONFLICTS_MAX;
}

static void write_fault(const struct request *r, struct buf *out)
{
	struct xmlw w;

	xmlw_init(&w, out);
	xmlw_start(&w, "Fault");
	xmlw_attrz(&w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/rich-presence");
	xmlw_elemz(&w, "Faultcode", "Client.BadCall.WrongDelta");
	xmlw_start(&w, "details");
	for (size_t i = 0; i < r->count; i++) {
		if (!is_conflict(r, &r->v[i]))
			continue;
		xmlw_start(&w, "operation");
		xmlw_attr_u64(&w, "index", i + 1);
		xmlw_attr_u64(&w, "version", r->v[i].version);
		xmlw_attr_u64(&w, "curVersion", version_of(r, &r->v[i]));
		xmlw_end(&w);
	}
	xmlw_end_all(&w);
}

/* true: a 409 has been sent. */
static bool refuse_conflicts(struct request *r, struct sip_txn *t)
{
	bool any = false;
	struct buf b;

	for (size_t i = 0; i < r->count; i++)
		any |= is_conflict(r, &r->v[i]);
	if (!any || is_in_a_loop(r->conn))
		return false;
	buf_init(&b, SIP_BODY_MAX);
	write_fault(r, &b);
	sip_reply(r->lync->cfg.stack, sip_txn_id(t), 409, NULL,
		  STR("ms-diagnostics: 2045;reason=\"Publication version out of date\"\r\n"),
		  STR("application/msrtc-fault+xml"), buf_str(&b));
	buf_fini(&b);
	return true;
}

/* --- carrying it out --- */

static void note_changed(struct request *r, struct str name)
{
	for (size_t i = 0; i < r->changed_count; i++)
		if (str_eq(r->changed[i], name))
			return;
	if (r->changed_count < SELF_NAMES_MAX)
		r->changed[r->changed_count++] = name;
}

static void remove_one(struct request *r, const struct publication *p)
{
	struct category *c = categories_find(&r->user->categories, p->name, p->instance,
					     p->container),
			key;

	if (c == NULL)
		return;
	key = *c;
	key.name = p->name;
	lync_stored_drop(r->lync, r->user->account, c);
	categories_drop(&r->user->categories, c);
	lync_user_sync(r->user, &key);
}

static void put_one(struct request *r, const struct publication *p)
{
	struct category *c = categories_make(&r->user->categories, p->name, p->instance,
					     p->container);

	if (c == NULL) /* counted before */
		return;
	if (c->expire != p->expire)
		lync_stored_drop(r->lync, r->user->account, c);
	c->version++;
	c->expire = p->expire;
	c->endpoint = r->endpoint;
	c->published_ms = clk_wall_ms();
	c->expires_ms = p->expires_s == 0 ? 0 : c->published_ms + p->expires_s * 1000LL;
	str_free(&c->xml);
	c->xml = str_dup(p->xml);
	lync_stored_put(r->lync, r->user->account, c);
	lync_user_sync(r->user, c);
}

static void answer(struct request *r, struct sip_txn *t)
{
	struct buf b;

	buf_init(&b, SIP_BODY_MAX);
	lync_self_categories_document(r->user, r->changed, r->changed_count, &b);
	sip_reply(r->lync->cfg.stack, sip_txn_id(t), 200, NULL, STR_NULL, SELF_CONTENT_TYPE,
		  buf_str(&b));
	buf_fini(&b);
}

static bool is_shown_beyond_state(const struct request *r)
{
	for (size_t i = 0; i < r->changed_count; i++)
		if (!str_eqz(r->changed[i], "state") && !str_eqz(r->changed[i], "device"))
			return true;
	return false;
}

static void carry_out(struct request *r, struct sip_txn *t)
{
	for (size_t i = 0; i < r->count; i++) {
		note_changed(r, r->v[i].name);
		if (r->v[i].is_removal)
			remove_one(r, &r->v[i]);
		else
			put_one(r, &r->v[i]);
	}
	lync_user_wake_expiry(r->user);
	if (lync_user_refresh(r->user))
		note_changed(r, STR("state"));
	answer(r, t);
	lync_self_changed(r->user, r->changed, r->changed_count, sip_txn_conn_id(t));
	if (is_shown_beyond_state(r))
		presence_touch(r->lync->cfg.presence, r->user->account, r->lync->dialect);
}

static bool has_room(const struct request *r)
{
	size_t more = 0;

	for (size_t i = 0; i < r->count; i++)
		more += !r->v[i].is_removal && version_of(r, &r->v[i]) == 0;
	return r->user->categories.count + more <= LYNC_INSTANCES_MAX;
}

void lync_on_publish(struct lync *l, struct sip_txn *t, const struct xml_node *root)
{
	account_id account = (account_id)sip_txn_account(t);
	const struct endpoint *e = registrar_find_conn(l->cfg.registrar, account,
						       sip_txn_conn_id(t));
	struct request r = {
		.lync = l,
		.user = lync_user_of(l, account),
		.conn = lync_conn_of(sip_txn_conn(t)),
		.endpoint = e == NULL ? 0 : e->id,
	};
	struct refusal no = read_request(&r, root, directory_get(l->cfg.directory, account));

	if (no.code == 0 && !has_room(&r))
		no = (struct refusal){ 413, 2010, "Too many instances are published" };
	if (no.code != 0)
		lync_refuse(l, t, no.code, no.id, no.reason);
	else if (!refuse_conflicts(&r, t))
		carry_out(&r, t);
}
