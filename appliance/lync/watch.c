/* SUBSCRIBE for presence by categories ([MS-SIP] 3.3, [MS-PRES] 3.4): many people in one dialog, or one.
 *
 * A request names people to add, or to take off; one without any renews all.  Every
 * person named gets a document in the answer; later changes come one by one. */
#include <stdlib.h>

#include "base/mem.h"
#include "codec/mime.h"
#include "codec/xml.h"

#include "lync/packages.h"
#include "lync/render.h"
#include "lync/rlmi.h"

/* Invariant: in lync.watches by id, in its subscription's list, and watched by the presence room. */
struct lync_watch {
	struct map_node by_id;
	struct list in_sub;
	struct lync_sub *sub;
	watch_id watch;
	account_id account;
	struct render_sent sent;
	/* Owned: as the client wrote it, in lower case: it looks for these very bytes.  NULL: it is what the
	 * address is anyhow, and there are fifty of them for each client. */
	struct str uri;
};

static void watch_free(struct lync *l, struct lync_watch *w)
{
	presence_unwatch(l->cfg.presence, w->watch);
	map_del(&l->watches, &w->by_id);
	list_del(&w->in_sub);
	str_free(&w->uri);
	free(w);
}

void lync_watches_end(struct lync *l, struct lync_sub *s)
{
	LIST_EACH (&s->watched, n)
		watch_free(l, LIST_ITEM(n, struct lync_watch, in_sub));
}

static struct lync_watch *find(const struct lync_sub *s, account_id account)
{
	LIST_EACH (&s->watched, n) {
		struct lync_watch *w = LIST_ITEM(n, struct lync_watch, in_sub);

		if (w->account == account)
			return w;
	}
	return NULL;
}

static void keep_uri(struct lync *l, struct lync_watch *w, const struct account *a, struct str uri)
{
	struct buf aor;

	buf_init(&aor, URI_MAX);
	lync_aor(l, a, &aor);
	w->uri = str_dup_lower(uri);
	if (str_eq(w->uri, buf_str(&aor)))
		str_free(&w->uri);
	buf_fini(&aor);
}

/* What the client calls him; room: for the text. */
static struct str uri_of(struct lync *l, const struct lync_watch *w, struct buf *room)
{
	const struct account *a;

	if (w->uri.p != NULL)
		return w->uri;
	a = directory_get(l->cfg.directory, w->account);
	if (a != NULL)
		lync_aor(l, a, room);
	return buf_str(room);
}

/* NULL: too many are watched already. */
static struct lync_watch *watch_make(struct lync *l, struct lync_sub *s, const struct account *a,
				     struct str uri)
{
	struct lync_watch *w = find(s, a->id);

	if (w != NULL)
		return w;
	w = xcalloc(1, sizeof(*w));
	w->sub = s;
	w->account = a->id;
	map_put_id(&l->watches, &w->by_id, ++l->last_watch);
	if (presence_watch(l->cfg.presence, a->id, s->conn->account, l->dialect, l->last_watch,
			   &w->watch) != E_OK) {
		map_del(&l->watches, &w->by_id);
		free(w);
		return NULL;
	}
	keep_uri(l, w, a, uri);
	list_push_back(&s->watched, &w->in_sub);
	return w;
}

/* --- documents --- */

static void document_of(struct lync *l, struct lync_watch *w, struct str uri, struct buf *out)
{
	struct str rendering;

	if (presence_watch_now(l->cfg.presence, w->watch, &rendering) == E_OK)
		(void)lync_render_document(rendering, w->sub->categories, uri, RENDER_WHOLE,
					   &w->sent, out);
}

static void add_document(struct lync *l, struct rlmi *r, struct lync_watch *w)
{
	struct buf doc, room;
	struct str uri;

	buf_init(&doc, SIP_BODY_MAX);
	buf_init(&room, URI_MAX);
	uri = uri_of(l, w, &room);
	document_of(l, w, uri, &doc);
	rlmi_add(r, uri, buf_str(&doc));
	buf_fini(&room);
	buf_fini(&doc);
}

static void own_uri(struct lync *l, const struct lync_sub *s, struct buf *out)
{
	const struct account *a = directory_get(l->cfg.directory, s->conn->account);

	if (a != NULL)
		lync_aor(l, a, out);
}

static void start_list(struct lync *l, struct lync_sub *s, struct rlmi *r)
{
	struct buf uri;

	buf_init(&uri, URI_MAX);
	own_uri(l, s, &uri);
	rlmi_init(r, sip_stack_host(l->cfg.stack), buf_str(&uri), s->list_version++);
	buf_fini(&uri);
}

/* --- from the presence room --- */

static struct lync_watch *watch_of(struct lync *l, uint64_t id)
{
	struct map_node *n = map_get_id(&l->watches, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct lync_watch, by_id);
}

static void send_document(struct lync *l, struct lync_sub *s, struct str uri, struct str doc)
{
	struct buf body, type;
	struct rlmi r;

	buf_init(&body, SIP_BODY_MAX);
	buf_init(&type, SIP_HEAD_MAX);
	start_list(l, s, &r);
	rlmi_add(&r, uri, doc);
	rlmi_end(&r, &body, &type);
	lync_sub_notify(l, s, STR("Require: eventlist\r\n"), buf_str(&type), buf_str(&body));
	rlmi_fini(&r);
	buf_fini(&type);
	buf_fini(&body);
}

enum err lync_watch_notify(void *arg, watch_id id, uint64_t ctx, const struct presence_view *v,
			   struct str rendering)
{
	struct lync *l = arg;
	struct lync_watch *w = watch_of(l, ctx);
	struct buf doc, room;
	struct str uri;

	(void)id, (void)v;
	if (w == NULL)
		return E_GONE;
	buf_init(&doc, SIP_BODY_MAX);
	buf_init(&room, URI_MAX);
	uri = uri_of(l, w, &room);
	/* Perhaps what has changed is nothing this one asked for. */
	if (lync_render_document(rendering, w->sub->categories, uri, RENDER_CHANGES, &w->sent,
				 &doc))
		send_document(l, w->sub, uri, buf_str(&doc));
	buf_fini(&room);
	buf_fini(&doc);
	return E_OK;
}

void lync_watch_on_end(void *arg, watch_id id, uint64_t ctx, enum presence_end why)
{
	struct lync *l = arg;
	struct lync_watch *w = watch_of(l, ctx);

	(void)id, (void)why;
	if (w == NULL)
		return;
	w->watch = 0;
	watch_free(l, w);
}

/* --- requests --- */

static void read_categories(struct lync_sub *s, const struct xml_node *action)
{
	const struct xml_node *list = xml_child(action, NULL, "categoryList"), *n;

	for (n = xml_child(list, NULL, "category"); n != NULL; n = xml_next(n, NULL, "category"))
		s->categories |= render_category_of(xml_attr(n, "name"));
}

static const struct account *account_of_text(struct lync *l, struct str uri)
{
	const struct account *a;
	struct uri u;

	if (uri_decode(uri, &u) != E_OK)
		return NULL;
	a = lync_account_of(l, &u);
	return a != NULL && a->enabled ? a : NULL;
}

static void subscribe_one(struct lync *l, struct lync_sub *s, const struct xml_node *resource,
			  struct rlmi *r)
{
	struct str uri = xml_attr(resource, "uri");
	const struct account *a = account_of_text(l, uri);
	struct lync_watch *w;

	if (a == NULL) {
		rlmi_add_unknown(r, uri);
		return;
	}
	w = watch_make(l, s, a, uri);
	if (w != NULL)
		add_document(l, r, w);
	else
		rlmi_add_unknown(r, uri);
	if (xml_child(resource, NULL, "context") != NULL)
		lync_watched_by(l, a->id, s->conn->account);
}

static void unsubscribe_one(struct lync *l, struct lync_sub *s, const struct xml_node *resource)
{
	const struct account *a = account_of_text(l, xml_attr(resource, "uri"));
	struct lync_watch *w = a == NULL ? NULL : find(s, a->id);

	if (w != NULL)
		watch_free(l, w);
}

/* Carries a batchSub out; how many people it named. */
static size_t batch(struct lync *l, struct lync_sub *s, const struct xml_node *root, struct rlmi *r)
{
	const struct xml_node *action = xml_child(root, NULL, "action"), *n;
	size_t count = 0;

	for (; action != NULL; action = xml_next(action, NULL, "action")) {
		bool is_off = str_ieqz(xml_attr(action, "name"), "unsubscribe");

		read_categories(s, action);
		n = xml_child(xml_child(action, NULL, "adhocList"), NULL, "resource");
		for (; n != NULL; n = xml_next(n, NULL, "resource"), count++) {
			if (is_off)
				unsubscribe_one(l, s, n);
			else
				subscribe_one(l, s, n, r);
		}
	}
	return count;
}

static void answer(struct lync *l, struct sip_txn *t, struct lync_sub *s, struct str type,
		   struct str body, bool is_list)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct str extra = is_list ? STR("Require: eventlist\r\n") : STR_NULL;

	if (m->has_expires && m->expires_s == 0) { /* a poll */
		lync_sub_answer_once(l, t, extra, type, body);
		lync_sub_end(l, s);
	} else {
		lync_sub_answer(l, t, s, extra, type, body);
	}
}

static void answer_list(struct lync *l, struct sip_txn *t, struct lync_sub *s,
			const struct xml_node *root)
{
	struct buf body, type;
	struct rlmi r;

	buf_init(&body, SIP_BODY_MAX);
	buf_init(&type, SIP_HEAD_MAX);
	start_list(l, s, &r);
	if (root == NULL || batch(l, s, root, &r) == 0)
		LIST_EACH (&s->watched, n)
			add_document(l, &r, LIST_ITEM(n, struct lync_watch, in_sub));
	rlmi_end(&r, &body, &type);
	answer(l, t, s, buf_str(&type), buf_str(&body), true);
	rlmi_fini(&r);
	buf_fini(&type);
	buf_fini(&body);
}

/* One person, named by the Request-URI: one bare document. */
static void answer_single(struct lync *l, struct sip_txn *t, struct lync_sub *s,
			  const struct account *a, const struct xml_node *root)
{
	struct lync_watch *w;
	struct buf doc, aor;

	if (root != NULL)
		for (const struct xml_node *n = xml_child(root, NULL, "action"); n != NULL;
		     n = xml_next(n, NULL, "action"))
			read_categories(s, n);
	if (s->categories == 0)
		s->categories = RENDER_ALL & ~(unsigned)RENDER_OTHERS;
	buf_init(&doc, SIP_BODY_MAX);
	buf_init(&aor, URI_MAX);
	lync_aor(l, a, &aor);
	w = watch_make(l, s, a, buf_str(&aor));
	if (w == NULL) {
		lync_refuse(l, t, 413, 2012, "Too many people are watched");
		lync_sub_end(l, s);
	} else {
		document_of(l, w, buf_str(&aor), &doc);
		answer(l, t, s, STR("application/msrtc-event-categories+xml"), buf_str(&doc),
		       false);
	}
	buf_fini(&aor);
	buf_fini(&doc);
}

static bool has_batch(const struct sip_msg *m)
{
	return m->body.len > 0 &&
	       mime_is(m->content_type, "application/msrtc-adrl-categorylist+xml");
}

/* false: refused, answered. */
static bool decode_body(struct lync *l, struct sip_txn *t, struct xml_doc *doc)
{
	if (xml_decode(sip_txn_msg(t)->body, doc) == E_OK)
		return true;
	lync_refuse(l, t, 400, 4001, "The body is not well-formed");
	return false;
}

void lync_watch_subscribe(struct lync *l, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);
	const struct account *a = lync_account_of(l, &m->ruri_uri);
	struct xml_doc doc = { .root = NULL };
	bool has_body = has_batch(m);
	struct lync_sub *s;

	if (a == NULL || !a->enabled) {
		lync_refuse(l, t, 404, 4005, "The destination is unknown or not enabled");
		return;
	}
	if (has_body && !decode_body(l, t, &doc))
		return;
	s = lync_sub_make(l, t, PACKAGE_PRESENCE);
	if (s != NULL && has_body && a->id == s->conn->account)
		answer_list(l, t, s, doc.root);
	else if (s != NULL)
		answer_single(l, t, s, a, doc.root);
	if (has_body)
		xml_fini(&doc);
}

void lync_watch_refresh(struct lync *l, struct sip_txn *t, struct lync_sub *s)
{
	struct xml_doc doc = { .root = NULL };
	bool has_body = has_batch(sip_txn_msg(t));

	if (has_body && !decode_body(l, t, &doc))
		return;
	answer_list(l, t, s, doc.root);
	if (has_body)
		xml_fini(&doc);
}
