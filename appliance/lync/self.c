#include "lync/self.h"

#include "base/mem.h"
#include "codec/xml.h"
#include "directory/subscribers.h"

#include "lync/levels.h"
#include "lync/packages.h"

static void start_document(struct xmlw *w)
{
	xmlw_start(w, "roamingData");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/roaming-self");
}

static void start_categories(struct lync_user *u, struct xmlw *w)
{
	const struct account *a = directory_get(u->lync->cfg.directory, u->account);
	struct buf uri;

	buf_init(&uri, URI_MAX);
	if (a != NULL)
		lync_aor(u->lync, a, &uri);
	xmlw_start(w, "categories");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/categories");
	xmlw_attr(w, "uri", buf_str(&uri));
	buf_fini(&uri);
}

/* --- containers --- */

struct members {
	struct lync *lync;
	struct xmlw *w;
	uint32_t container;
};

static void write_member(int64_t member, enum access_level l, void *arg)
{
	struct members *m = arg;
	const struct account *a = directory_get(m->lync->cfg.directory, member);
	struct buf value;

	if (a == NULL || levels_container(l) != m->container)
		return;
	buf_init(&value, URI_MAX);
	lync_aor(m->lync, a, &value);
	xmlw_start(m->w, "member");
	xmlw_attrz(m->w, "type", "user");
	xmlw_attr(m->w, "value", str_sub(buf_str(&value), 4, value.len)); /* without "sip:" */
	xmlw_end(m->w);
	buf_fini(&value);
}

static void write_class(struct xmlw *w, const char *type)
{
	xmlw_start(w, "member");
	xmlw_attrz(w, "type", type);
	xmlw_end(w);
}

/* The classes are there from the start: a client that finds none writes them itself. */
static void write_container(struct lync_user *u, size_t i, struct xmlw *w)
{
	struct members m = { u->lync, w, lync_containers[i] };

	xmlw_start(w, "container");
	xmlw_attr_u64(w, "id", lync_containers[i]);
	xmlw_attr_u64(w, "version", lync_containers[i] == 0 ? 0 : u->container_version[i]);
	if (lync_containers[i] == 200)
		write_class(w, "sameEnterprise");
	else if (lync_containers[i] == 100)
		write_class(w, "federated");
	else if (lync_containers[i] == CONTAINER_BLOCKED)
		write_class(w, "publicCloud");
	presence_access_each(u->lync->cfg.presence, u->account, write_member, &m);
	xmlw_end(w);
}

static void write_containers(struct lync_user *u, unsigned which, struct xmlw *w)
{
	xmlw_start(w, "containers");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/containers");
	for (size_t i = 0; i < LYNC_CONTAINERS; i++)
		if (which & 1u << i)
			write_container(u, i, w);
	xmlw_end(w);
}

/* --- subscribers: who has added one --- */

static bool write_subscriber(const struct subscriber *s, void *arg)
{
	struct members *m = arg;
	const struct account *a = directory_get(m->lync->cfg.directory, s->watcher);
	struct buf value;

	if (a == NULL || s->is_acknowledged)
		return true;
	buf_init(&value, URI_MAX);
	lync_aor(m->lync, a, &value);
	xmlw_start(m->w, "subscriber");
	xmlw_attr(m->w, "user", str_sub(buf_str(&value), 4, value.len));
	xmlw_attr(m->w, "displayName", a->display);
	xmlw_attrz(m->w, "acknowledged", "false");
	xmlw_attrz(m->w, "type", "sameEnterprise");
	xmlw_end(m->w);
	buf_fini(&value);
	return true;
}

static void write_subscribers(struct lync *l, account_id account, struct xmlw *w)
{
	struct members m = { l, w, 0 };

	xmlw_start(w, "subscribers");
	xmlw_attrz(w, "xmlns", "http://schemas.microsoft.com/2006/09/sip/presence-subscribers");
	subscribers_each(l->cfg.directory, account, write_subscriber, &m);
	xmlw_end(w);
}

/* --- telling --- */

struct telling {
	struct str body;
	conn_id but;
	unsigned scope;
};

static void tell_one(struct lync *l, struct lync_sub *s, void *arg)
{
	const struct telling *t = arg;

	if (s->conn->id != t->but && (s->scopes & t->scope) != 0)
		lync_sub_notify(l, s, STR_NULL, SELF_CONTENT_TYPE, t->body);
}

static void tell(struct lync_user *u, unsigned scope, struct str body, conn_id but)
{
	struct telling t = { body, but, scope };

	lync_subs_each(u->lync, u->account, PACKAGE_SELF, tell_one, &t);
}

void lync_self_categories_document(struct lync_user *u, const struct str *names, size_t count,
				   struct buf *out)
{
	struct xmlw w;

	xmlw_init(&w, out);
	start_document(&w);
	start_categories(u, &w);
	for (size_t i = 0; i < count; i++)
		lync_user_write_category(u, names[i], &w);
	xmlw_end_all(&w);
}

void lync_self_changed(struct lync_user *u, const struct str *names, size_t count, conn_id but)
{
	struct buf b;

	buf_init(&b, SIP_BODY_MAX);
	lync_self_categories_document(u, names, count, &b);
	if (buf_err(&b) == E_OK)
		tell(u, SELF_CATEGORIES, buf_str(&b), but);
	buf_fini(&b);
}

void lync_self_containers_changed(struct lync_user *u, unsigned which)
{
	struct xmlw w;
	struct buf b;

	buf_init(&b, SIP_BODY_MAX);
	xmlw_init(&w, &b);
	start_document(&w);
	write_containers(u, which, &w);
	xmlw_end_all(&w);
	if (buf_err(&b) == E_OK)
		tell(u, SELF_CONTAINERS, buf_str(&b), 0);
	buf_fini(&b);
}

void lync_self_subscribers_changed(void *arg, account_id account)
{
	struct lync *l = arg;
	struct lync_user *u = lync_user_find(l, account);
	struct xmlw w;
	struct buf b;

	if (u == NULL)
		return;
	buf_init(&b, SIP_BODY_MAX);
	xmlw_init(&w, &b);
	start_document(&w);
	write_subscribers(l, account, &w);
	xmlw_end_all(&w);
	if (buf_err(&b) == E_OK)
		tell(u, SELF_SUBSCRIBERS, buf_str(&b), 0);
	buf_fini(&b);
}

/* --- the person's own state, computed --- */

static void render_nothing(void *arg, const struct presence_view *v, struct buf *out)
{
	(void)arg, (void)v;
	buf_addc(out, ' '); /* what is told to oneself depends on more than one's level */
}

static enum err on_state(void *arg, watch_id id, uint64_t ctx, const struct presence_view *v,
			 struct str rendering)
{
	struct lync_user *u = lync_user_find(arg, (account_id)ctx);
	const struct str name = STR("state");

	(void)id, (void)v, (void)rendering;
	if (u != NULL && lync_user_refresh(u))
		lync_self_changed(u, &name, 1, 0);
	return E_OK;
}

static void on_end(void *arg, watch_id id, uint64_t ctx, enum presence_end why)
{
	struct lync_user *u = lync_user_find(arg, (account_id)ctx);

	(void)id, (void)why;
	if (u != NULL)
		u->self_watch = 0;
}

const struct presence_dialect lync_self_dialect = { .render = render_nothing,
						    .notify = on_state,
						    .on_end = on_end };

/* --- SUBSCRIBE --- */

static unsigned read_scopes(const struct xml_node *root)
{
	unsigned scopes = 0;

	for (const struct xml_node *n = xml_child(root, NULL, "roaming"); n != NULL;
	     n = xml_next(n, NULL, "roaming")) {
		struct str type = xml_attr(n, "type");

		if (str_eqz(type, "categories"))
			scopes |= SELF_CATEGORIES;
		else if (str_eqz(type, "containers"))
			scopes |= SELF_CONTAINERS;
		else if (str_eqz(type, "subscribers"))
			scopes |= SELF_SUBSCRIBERS;
	}
	return scopes;
}

static void answer(struct lync *l, struct sip_txn *t, struct lync_sub *s)
{
	struct lync_user *u = lync_user_of(l, s->conn->account);
	struct xmlw w;
	struct buf b;

	if (u->self_watch == 0 &&
	    presence_watch(l->cfg.presence, u->account, u->account, l->self_dialect,
			   (uint64_t)u->account, &u->self_watch) != E_OK)
		log_warn("lync", "account=%lld watches too many to see itself",
			 (long long)u->account);
	lync_user_refresh(u);
	buf_init(&b, SIP_BODY_MAX);
	xmlw_init(&w, &b);
	start_document(&w);
	if (s->scopes & SELF_CATEGORIES) {
		start_categories(u, &w);
		lync_user_write_all(u, &w);
		xmlw_end(&w);
	}
	if (s->scopes & SELF_CONTAINERS)
		write_containers(u, ~0u, &w);
	if (s->scopes & SELF_SUBSCRIBERS)
		write_subscribers(l, u->account, &w);
	xmlw_end_all(&w);
	lync_sub_answer(l, t, s, STR_NULL, SELF_CONTENT_TYPE, buf_str(&b));
	buf_fini(&b);
}

void lync_self_subscribe(struct lync *l, struct sip_txn *t)
{
	struct lync_sub *s;
	struct xml_doc doc;
	unsigned scopes;

	if (xml_decode(sip_txn_msg(t)->body, &doc) != E_OK) {
		lync_refuse(l, t, 400, 4001, "The body is not well-formed");
		return;
	}
	scopes = read_scopes(doc.root);
	xml_fini(&doc);
	s = lync_sub_make(l, t, PACKAGE_SELF);
	if (s == NULL)
		return;
	s->scopes = scopes;
	answer(l, t, s);
}

void lync_self_refresh(struct lync *l, struct sip_txn *t, struct lync_sub *s)
{
	answer(l, t, s);
}
