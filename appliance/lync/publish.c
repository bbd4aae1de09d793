/* SERVICE with msrtc-category-publish ([MS-PRES] 3.5): all of a request or nothing, by version.
 *
 * The answer names every changed category with all its instances; a client that
 * gets less forgets versions and publishes without end. */
#include "base/clk.h"
#include "base/mem.h"

#include "lync/decode.h"
#include "lync/self.h"
#include "lync/service.h"
#include "lync/stored.h"

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

static struct refusal read_request(struct request *r, const struct xml_node *root,
				   const struct account *a)
{
	const struct xml_node *list = xml_child(root, NULL, "publications");
	struct uri u;

	if (list == NULL)
		return refusal_bad("there are no publications");
	if (uri_decode(xml_attr(list, "uri"), &u) != E_OK || lync_account_of(r->lync, &u) != a)
		return (struct refusal){ 403, 4004, "The publications are somebody else's" };
	return decode_publications(list, r->v, &r->count);
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
