/* SUBSCRIBE for many people at once: the list stands in the body (RFC 5367), or is the subscriber's own
 * contact list, sip:rls@domain without a body; the states come together (RFC 4662).
 *
 * The first NOTIFY and those after a refresh hold everybody, the others whom
 * something happened to: changes of one moment travel together, because the
 * list is sent from a timer that is due at once.  Of a long list the first
 * NOTIFY names everybody and says how LIST_ENTRIES_MAX of them are; the next
 * ones, which then are no full states, follow as soon as it is answered. */
#include <stdio.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "codec/inflate.h"
#include "codec/mime.h"
#include "codec/xml.h"
#include "codec/xmlw.h"
#include "directory/roster.h"

#include "simple/watching.h"

#define NS_LISTS "urn:ietf:params:xml:ns:resource-lists"
#define NS_RLMI "urn:ietf:params:xml:ns:rlmi"

enum { BOUNDARY_LEN = 32 };

struct entry {
	struct str uri; /* owned: as the client wrote it */
	watch_id watch; /* 0: nobody of ours, or deleted */
	bool is_dirty;
};

/* Invariants:
 * 1. In lists by its number; subscription is its dialog.
 * 2. The timer runs while something is due and no NOTIFY is under way. */
struct watch_list {
	struct map_node by_number;
	struct watching *w;
	uint64_t number;
	sub_id subscription;
	struct str uri; /* owned: the list's own */
	uint32_t version;
	bool is_full_due, is_due;
	account_id watcher;
	int dialect;	/* of the presence room */
	bool is_roster; /* the watcher's contact list, as it is now */
	struct timer flush;
	size_t count;
	struct entry *entry; /* owned */
};

static struct watch_list *find(const struct watching *w, uint64_t number)
{
	struct map_node *n = map_get_id(&w->lists, number);

	return n == NULL ? NULL : CONTAINER_OF(n, struct watch_list, by_number);
}

static void drop_entries(struct watch_list *l)
{
	for (size_t i = 0; i < l->count; i++) {
		presence_unwatch(l->w->simple->cfg.presence, l->entry[i].watch);
		str_free(&l->entry[i].uri);
	}
	free(l->entry);
	l->entry = NULL;
	l->count = 0;
}

static void list_free(struct watch_list *l)
{
	timer_stop(l->w->simple->cfg.heap, &l->flush);
	map_del(&l->w->lists, &l->by_number);
	drop_entries(l);
	str_free(&l->uri);
	free(l);
}

/* --- the documents --- */

static void add_instance(struct xmlw *x, const struct entry *e, size_t i)
{
	char cid[48];
	int n = snprintf(cid, sizeof(cid), "p%zu@porchlight", i);

	xmlw_start(x, "instance");
	xmlw_attr_u64(x, "id", i + 1);
	if (e->watch != 0) {
		xmlw_attrz(x, "state", "active");
		xmlw_attr(x, "cid", str_n(cid, n < 0 ? 0 : (size_t)n));
	} else {
		xmlw_attrz(x, "state", "terminated");
		xmlw_attrz(x, "reason", "noresource");
	}
	xmlw_end(x);
}

/* Those whose state travels next: the dirty ones before the index this gives. */
static size_t end_of_batch(const struct watch_list *l)
{
	size_t n = 0, i = 0;

	for (; i < l->count && n < LIST_ENTRIES_MAX; i++)
		n += l->entry[i].is_dirty;
	return i;
}

static void add_part_head(struct buf *b, const char *boundary, const char *cid, const char *type)
{
	buf_addf(
		b,
		"--%s\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <%s@porchlight>\r\nContent-Type: %s\r\n\r\n",
		boundary, cid, type);
}

static bool has_dirty(const struct watch_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->entry[i].is_dirty)
			return true;
	return false;
}

static void add_rlmi(struct buf *b, struct watch_list *l, bool is_full, size_t end)
{
	struct xmlw x;

	xmlw_init(&x, b);
	xmlw_decl(&x);
	xmlw_start(&x, "list");
	xmlw_attrz(&x, "xmlns", NS_RLMI);
	xmlw_attr(&x, "uri", l->uri);
	xmlw_attr_u64(&x, "version", l->version);
	xmlw_attr_bool(&x, "fullState", is_full);
	for (size_t i = 0; i < l->count; i++) {
		bool is_in_batch = l->entry[i].is_dirty && i < end;

		if (!is_full && !is_in_batch)
			continue;
		xmlw_start(&x, "resource");
		xmlw_attr(&x, "uri", l->entry[i].uri);
		if (is_in_batch)
			add_instance(&x, &l->entry[i], i);
		xmlw_end(&x);
	}
	xmlw_end_all(&x);
}

static void add_states(struct buf *b, struct watch_list *l, size_t end, const char *boundary)
{
	char cid[24];
	struct str body;

	for (size_t i = 0; i < end; i++) {
		struct entry *e = &l->entry[i];

		if (!e->is_dirty || e->watch == 0 ||
		    presence_watch_now(l->w->simple->cfg.presence, e->watch, &body) != E_OK)
			continue;
		(void)snprintf(cid, sizeof(cid), "p%zu", i);
		buf_addz(b, "\r\n");
		add_part_head(b, boundary, cid, "application/pidf+xml;charset=\"UTF-8\"");
		buf_add(b, body);
	}
	buf_addf(b, "\r\n--%s--\r\n", boundary);
}

static void send_state(struct watch_list *l)
{
	struct watching *w = l->w;
	bool is_full = l->is_full_due;
	uint64_t number = l->number;
	size_t end;
	char boundary[BOUNDARY_LEN + 1];
	struct buf body, type;
	enum err e;

	(void)snprintf(boundary, sizeof(boundary), "%016llx%08x",
		       (unsigned long long)str_hash(l->number, l->uri), l->version);
	buf_init(&body, SIP_OUT_MAX);
	buf_init(&type, 256);
	buf_addf(
		&type,
		"multipart/related;type=\"application/rlmi+xml\";start=\"<rlmi@porchlight>\";boundary=\"%s\"",
		boundary);
	add_part_head(&body, boundary, "rlmi", "application/rlmi+xml;charset=\"UTF-8\"");
	for (size_t i = 0; is_full && i < l->count; i++)
		l->entry[i].is_dirty = true;
	end = end_of_batch(l);
	add_rlmi(&body, l, is_full, end);
	add_states(&body, l, end, boundary);
	e = buf_err(&body) != E_OK
		    ? buf_err(&body)
		    : sip_sub_notify(w->subs, l->subscription, STR("Require: eventlist\r\n"),
				     buf_str(&type), buf_str(&body));
	buf_fini(&type);
	buf_fini(&body);
	l = find(w, number); /* the last NOTIFY ends it */
	if (l == NULL)
		return;
	l->is_due = e == E_AGAIN;
	if (e == E_AGAIN)
		return;
	l->version++;
	l->is_full_due = false;
	for (size_t i = 0; i < end; i++)
		l->entry[i].is_dirty = false;
	l->is_due = has_dirty(l); /* the rest when this one is answered: on_ready */
	if (e == E_TOOBIG)
		sip_sub_end(w->subs, l->subscription, "rejected");
}

static void on_flush(struct timer *t, void *arg)
{
	(void)t;
	send_state(arg);
}

static void send_soon(struct watch_list *l)
{
	l->is_due = true;
	if (!timer_is_running(&l->flush))
		timer_start(l->w->simple->cfg.heap, &l->flush, clk_ms());
}

/* --- what the presence room says --- */

static struct entry *entry_of(struct watching *w, uint64_t ctx, struct watch_list **list_out)
{
	struct watch_list *l = find(w, (ctx & ~WATCH_CTX_LIST) >> WATCH_CTX_ENTRY_BITS);
	size_t i = ctx & ((1u << WATCH_CTX_ENTRY_BITS) - 1);

	*list_out = l;
	return l == NULL || i >= l->count ? NULL : &l->entry[i];
}

enum err watch_list_notify(struct watching *w, uint64_t ctx)
{
	struct watch_list *l;
	struct entry *e = entry_of(w, ctx, &l);

	if (e == NULL)
		return E_GONE;
	e->is_dirty = true;
	send_soon(l);
	return E_OK;
}

void watch_list_on_gone(struct watching *w, uint64_t ctx)
{
	struct watch_list *l;
	struct entry *e = entry_of(w, ctx, &l);

	if (e == NULL)
		return;
	e->watch = 0;
	e->is_dirty = true;
	send_soon(l);
}

/* --- what the subscription says --- */

static void on_due(void *arg, sub_id sub, uint64_t ctx, bool is_last)
{
	struct watch_list *l = find(arg, ctx);

	(void)sub;
	if (l == NULL)
		return;
	l->is_full_due = true;
	if (is_last)
		send_state(l);
	else
		send_soon(l);
}

static void on_ready(void *arg, sub_id sub, uint64_t ctx)
{
	struct watch_list *l = find(arg, ctx);

	(void)sub;
	if (l != NULL && l->is_due)
		send_soon(l);
}

static void on_end(void *arg, sub_id sub, uint64_t ctx, enum sub_end why)
{
	struct watch_list *l = find(arg, ctx);

	(void)sub, (void)why;
	if (l != NULL)
		list_free(l);
}

/* --- SUBSCRIBE --- */

bool watch_list_is_wanted(const struct sip_msg *m)
{
	return mime_is(m->content_type, "application/resource-lists+xml");
}

/* Entries in document order; nested lists are read through. */
static size_t collect(const struct xml_node *n, struct str *out, size_t count)
{
	for (n = n->child; n != NULL; n = n->next) {
		if (xml_is(n, NULL, "entry") && xml_attr(n, "uri").len > 0) {
			if (count <= LIST_ENTRIES_MAX)
				out[count++] = xml_attr(n, "uri");
		} else if (xml_is(n, NULL, "list")) {
			count = collect(n, out, count);
		}
	}
	return count;
}

static void watch_entry(struct watch_list *l, size_t i, struct str uri)
{
	struct simple *s = l->w->simple;
	const struct account *a;
	struct uri u;

	l->entry[i] = (struct entry){ .uri = str_dup(uri) };
	if (uri_decode(uri, &u) != E_OK || !sip_stack_is_ours(s->cfg.stack, &u))
		return;
	a = simple_account_of(s, &u);
	if (a != NULL && presence_watch(s->cfg.presence, a->id, l->watcher, l->dialect,
					WATCH_CTX_LIST | l->number << WATCH_CTX_ENTRY_BITS | i,
					&l->entry[i].watch) != E_OK)
		l->entry[i].watch = 0;
}

static void watch_all(struct watch_list *l, const struct str *uris, size_t count)
{
	l->entry = xcalloc(count + 1, sizeof(*l->entry));
	for (; l->count < count; l->count++)
		watch_entry(l, l->count, uris[l->count]);
}

/* NULL: refused, answered. */
static struct watch_list *accept_list(struct watching *w, struct sip_txn *t, uint32_t expires_s)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct watch_list *l = xcalloc(1, sizeof(*l));

	l->w = w;
	l->number = ++w->last_list;
	l->uri = str_dup(m->ruri);
	l->watcher = (account_id)sip_txn_account(t);
	l->dialect = w->dialect[watch_flavour(m)];
	l->is_full_due = true;
	timer_init(&l->flush, on_flush, l);
	map_put_id(&w->lists, &l->by_number, l->number);
	l->subscription = sip_sub_accept(
		w->subs, t,
		&(struct sip_sub_accept){ .event = "presence",
					  .expires_s = expires_s,
					  .headers = STR("Require: eventlist\r\n"),
					  .account = sip_txn_account(t),
					  .ctx = l->number,
					  .hooks = &w->list_hooks });
	if (l->subscription != 0)
		return l;
	list_free(l);
	return NULL;
}

/* --- the subscriber's own contact list --- */

bool watch_list_is_own(const struct watching *w, const struct sip_msg *m)
{
	return m->body.len == 0 && uri_unescaped_is(m->ruri_uri.user, STR(LIST_OWN_USER)) &&
	       sip_stack_is_ours(w->simple->cfg.stack, &m->ruri_uri) &&
	       directory_find(w->simple->cfg.directory, STR(LIST_OWN_USER)) == NULL;
}

static bool count_contact(const struct roster_contact *c, void *arg)
{
	(void)c;
	return ++*(size_t *)arg < LIST_OWN_MAX;
}

/* c->uri is good for this call only, and copied. */
static bool watch_contact(const struct roster_contact *c, void *arg)
{
	struct watch_list *l = arg;

	watch_entry(l, l->count, c->uri);
	return ++l->count < LIST_OWN_MAX;
}

static void watch_roster(struct watch_list *l)
{
	const struct directory *d = l->w->simple->cfg.directory;
	size_t count = 0;

	drop_entries(l);
	roster_each_contact(d, l->watcher, count_contact, &count);
	l->entry = xcalloc(count + 1, sizeof(*l->entry));
	roster_each_contact(d, l->watcher, watch_contact, l);
	l->is_full_due = true;
}

static void on_roster(void *arg, const struct roster_event *e)
{
	struct watching *w = arg;
	struct map_iter it;

	for (struct map_node *n = map_first(&w->lists, &it); n != NULL;
	     n = map_next(&w->lists, &it)) {
		struct watch_list *l = CONTAINER_OF(n, struct watch_list, by_number);

		if (!l->is_roster || l->watcher != e->owner)
			continue;
		watch_roster(l);
		send_soon(l);
	}
}

void watch_list_on_own(struct watching *w, struct sip_txn *t, uint32_t expires_s)
{
	struct watch_list *l = accept_list(w, t, expires_s);

	if (l == NULL)
		return;
	l->is_roster = true;
	watch_roster(l);
	send_state(l);
}

/* --- a list in the body --- */

static void refuse(struct watching *w, struct sip_txn *t, int code, const char *reason)
{
	sip_reply(w->simple->cfg.stack, sip_txn_id(t), code, reason, STR_NULL, STR_NULL, STR_NULL);
}

void watch_list_on_subscribe(struct watching *w, struct sip_txn *t, uint32_t expires_s)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct watch_list *l = NULL;
	struct str *uris, body = m->body;
	struct xml_doc d;
	struct buf plain;
	size_t count;
	enum err e = E_OK;

	buf_init(&plain, PRESENCE_BODY_MAX);
	if (str_ieqz(m->content_encoding, "deflate") || str_ieqz(m->content_encoding, "gzip")) {
		e = inflate_decode(str_ieqz(m->content_encoding, "gzip") ? INFLATE_GZIP
									 : INFLATE_DEFLATE,
				   m->body, &plain);
		body = buf_str(&plain);
	}
	if (e == E_OK)
		e = xml_decode(body, &d);
	if (e != E_OK || !xml_is(d.root, NS_LISTS, "resource-lists")) {
		if (e == E_OK)
			xml_fini(&d);
		buf_fini(&plain);
		refuse(w, t, 400, "Bad Resource List");
		return;
	}
	uris = xcalloc(LIST_ENTRIES_MAX + 1, sizeof(*uris));
	count = collect(d.root, uris, 0);
	if (count > LIST_ENTRIES_MAX)
		refuse(w, t, 413, "Too Many Entries In The List");
	else
		l = accept_list(w, t, expires_s);
	if (l != NULL) {
		watch_all(l, uris, count);
		send_state(l);
	}
	free(uris);
	xml_fini(&d);
	buf_fini(&plain);
}

/* --- life --- */

void watch_list_init(struct watching *w)
{
	map_init(&w->lists);
	roster_listen(w->simple->cfg.directory, on_roster, w);
	w->list_hooks = (struct sip_sub_hooks){
		.on_due = on_due, .on_ready = on_ready, .on_end = on_end, .arg = w
	};
}

void watch_list_fini(struct watching *w)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&w->lists, &it); n != NULL;
	     n = map_next(&w->lists, &it))
		list_free(CONTAINER_OF(n, struct watch_list, by_number));
	map_fini(&w->lists);
}
