/* PUBLISH of presence (RFC 3903).
 *
 *   without SIP-If-Match, with a body    a new publication
 *   with it, with a body                 modified
 *   with it, without a body              refreshed
 *   with it, Expires 0                   removed
 *
 * What is said is bound to the endpoint of the connection and ends with it. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/rand.h"
#include "codec/inflate.h"
#include "codec/mime.h"
#include "crypto/digest.h"

#include "simple/watching.h"

enum { ETAG_LEN = 32 };

struct publisher {
	struct map_node by_account;
	struct list publications;
	size_t count;
};

/* Invariants: in publications by its etag and in its publisher's list always; source names its facets, and
 * is never 0. */
struct publication {
	struct map_node by_etag;
	struct list in_publisher;
	struct timer expiry;
	struct watching *w;
	char etag[ETAG_LEN + 1];
	account_id account;
	endpoint_id endpoint; /* 0: the client is not registered on this connection */
	uint64_t source;
	struct pidf doc;
};

/* A tag from before a restart, or of somebody else, must not fit: random, not counted. */
static void rename_publication(struct publication *p)
{
	unsigned char bytes[ETAG_LEN / 2];

	if (p->etag[0] != '\0')
		map_del(&p->w->publications, &p->by_etag);
	rand_bytes(bytes, sizeof(bytes));
	digest_hex(bytes, sizeof(bytes), p->etag);
	map_put(&p->w->publications, &p->by_etag, str_n(p->etag, ETAG_LEN));
}

static void take_back(struct publication *p)
{
	presence_drop(p->w->simple->cfg.presence, p->account, p->endpoint, p->source);
}

static struct publisher *publisher_get(const struct watching *w, account_id account)
{
	struct map_node *n = map_get_id(&w->publishers, (uint64_t)account);

	return n == NULL ? NULL : CONTAINER_OF(n, struct publisher, by_account);
}

static void join(struct publication *p)
{
	struct publisher *of = publisher_get(p->w, p->account);

	if (of == NULL) {
		of = xcalloc(1, sizeof(*of));
		list_init(&of->publications);
		map_put_id(&p->w->publishers, &of->by_account, (uint64_t)p->account);
	}
	list_push_back(&of->publications, &p->in_publisher);
	of->count++;
}

static void leave(struct publication *p)
{
	struct publisher *of = publisher_get(p->w, p->account);

	list_del(&p->in_publisher);
	if (--of->count > 0)
		return;
	map_del(&p->w->publishers, &of->by_account);
	free(of);
}

static void publication_free(struct publication *p)
{
	leave(p);
	timer_stop(p->w->simple->cfg.heap, &p->expiry);
	map_del(&p->w->publications, &p->by_etag);
	pidf_fini(&p->doc);
	free(p);
}

static void on_expiry(struct timer *t, void *arg)
{
	struct publication *p = arg;

	(void)t;
	take_back(p);
	publication_free(p);
}

/* What the device shows and what the person chose are different facets: a choice of "busy" holds on
 * every device, being away from one does not. */
static enum facet_kind kind_of(const struct pidf *d)
{
	if (d->activity == ACTIVITY_ON_THE_PHONE)
		return FACET_PHONE;
	if (d->activity == ACTIVITY_IN_A_MEETING || d->activity == ACTIVITY_PRESENTING)
		return FACET_CALENDAR;
	return d->avail == AVAIL_BUSY || d->avail == AVAIL_DND ? FACET_USER : FACET_MACHINE;
}

static enum err put_facet(struct publication *p, enum facet_kind kind, enum avail avail,
			  struct str note)
{
	struct facet f = {
		.endpoint = p->endpoint,
		.source = p->source,
		.kind = kind,
		.avail = avail,
		.activity = kind == FACET_NOTE ? ACTIVITY_NONE : p->doc.activity,
		.note = note,
		.published_ms = clk_wall_ms(),
		.expires_ms = INT64_MAX, /* on_expiry takes them all back together */
	};

	return presence_put(p->w->simple->cfg.presence, p->account, &f);
}

/* All it says, in place of what it said; no moment in between is seen by anybody: watchers are told from
 * the work list, later. */
static enum err say(struct publication *p)
{
	enum facet_kind kind = kind_of(&p->doc);
	enum err e;

	take_back(p);
	e = put_facet(p, kind, p->doc.avail, STR_NULL);
	/* Who is busy is at a device that is on. */
	if (e == E_OK && kind != FACET_MACHINE)
		e = put_facet(p, FACET_MACHINE, AVAIL_AVAILABLE, STR_NULL);
	if (e == E_OK && p->doc.note.len > 0)
		e = put_facet(p, FACET_NOTE, AVAIL_NONE, p->doc.note);
	if (e != E_OK)
		take_back(p);
	return e;
}

/* Who takes his publication back and stays signed in wants to be seen offline: that is how Linphone's "offline" is
 * chosen.  Being signed in does not make this endpoint available until it publishes again. */
static void appear_offline(const struct publication *p)
{
	struct facet f = {
		.endpoint = p->endpoint,
		.source = FACET_SOURCE_SIGN_IN,
		.kind = FACET_MACHINE,
		.avail = AVAIL_OFFLINE,
		.published_ms = clk_wall_ms(),
		.expires_ms = INT64_MAX,
	};

	if (p->endpoint != 0 && presence_put(p->w->simple->cfg.presence, p->account, &f) != E_OK)
		log_warn("simple", "account=%lld has too many facets; still seen as available",
			 (long long)p->account);
}

static void appear_again(const struct publication *p)
{
	if (p->endpoint != 0)
		presence_endpoint_on(p->w->simple->cfg.presence, p->account, p->endpoint);
}

static void answer(struct watching *w, struct sip_txn *t, const struct publication *p,
		   uint32_t expires_s)
{
	struct buf b;

	w->published++;
	buf_init(&b, 256);
	buf_addf(&b, "Expires: %u\r\nSIP-ETag: %s\r\n", expires_s, p->etag);
	sip_reply(w->simple->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&b), STR_NULL, STR_NULL);
	buf_fini(&b);
}

static void refuse(struct watching *w, struct sip_txn *t, int code, const char *reason,
		   const char *headers)
{
	w->refused++;
	sip_reply(w->simple->cfg.stack, sip_txn_id(t), code, reason, str_of(headers), STR_NULL,
		  STR_NULL);
}

/* The body as a document; the answer has been sent when it cannot be read. */
static bool read_body(struct watching *w, struct sip_txn *t, struct pidf *out)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct buf plain;
	enum err e = E_OK;

	if (!mime_is(m->content_type, "application/pidf+xml")) {
		refuse(w, t, 415, NULL, "Accept: application/pidf+xml\r\n");
		return false;
	}
	buf_init(&plain, SIP_BODY_MAX);
	if (m->content_encoding.len > 0 && !str_ieqz(m->content_encoding, "identity")) {
		if (!str_ieqz(m->content_encoding, "deflate") &&
		    !str_ieqz(m->content_encoding, "gzip")) {
			buf_fini(&plain);
			refuse(w, t, 415, NULL, "Accept-Encoding: deflate, gzip, identity\r\n");
			return false;
		}
		e = inflate_decode(str_ieqz(m->content_encoding, "gzip") ? INFLATE_GZIP
									 : INFLATE_DEFLATE,
				   m->body, &plain);
	}
	if (e == E_OK)
		e = pidf_decode(watch_flavour(m), plain.len > 0 ? buf_str(&plain) : m->body, out);
	buf_fini(&plain);
	if (e != E_OK)
		refuse(w, t, e == E_TOOBIG ? 413 : 400,
		       e == E_TOOBIG ? NULL : "Bad Presence Document", "");
	return e == E_OK;
}

static bool has_too_many(const struct watching *w, account_id account)
{
	const struct publisher *of = publisher_get(w, account);

	return of != NULL && of->count >= PUBLICATIONS_PER_ACCOUNT;
}

static void start_expiry(struct publication *p, uint32_t expires_s)
{
	timer_start(p->w->simple->cfg.heap, &p->expiry, clk_ms() + (int64_t)expires_s * 1000);
}

static void publish_new(struct watching *w, struct sip_txn *t, uint32_t expires_s)
{
	account_id account = (account_id)sip_txn_account(t);
	const struct endpoint *e = registrar_find_conn(w->simple->cfg.registrar, account,
						       sip_txn_conn_id(t));
	struct publication *p;
	struct pidf doc;

	if (sip_txn_msg(t)->body.len == 0) {
		refuse(w, t, 400, "PUBLISH Without A Body", "");
		return;
	}
	if (!read_body(w, t, &doc))
		return;
	p = xcalloc(1, sizeof(*p));
	p->w = w;
	p->account = account;
	p->endpoint = e == NULL ? 0 : e->id;
	p->source = ++w->last_publication;
	p->doc = doc;
	timer_init(&p->expiry, on_expiry, p);
	rename_publication(p);
	join(p);
	if (expires_s == 0) { /* RFC 3903 6: published for no time at all */
		answer(w, t, p, 0);
		publication_free(p);
	} else if (say(p) != E_OK) {
		publication_free(p);
		refuse(w, t, 503, NULL, "Retry-After: 60\r\n");
	} else {
		appear_again(p);
		start_expiry(p, expires_s);
		answer(w, t, p, expires_s);
	}
}

static void publish_again(struct watching *w, struct sip_txn *t, struct publication *p,
			  uint32_t expires_s)
{
	struct pidf doc;

	if (expires_s == 0) {
		answer(w, t, p, 0);
		appear_offline(p);
		take_back(p);
		publication_free(p);
		return;
	}
	if (sip_txn_msg(t)->body.len > 0) {
		if (!read_body(w, t, &doc))
			return; /* the old state stays (RFC 3903 6, step 6) */
		pidf_fini(&p->doc);
		p->doc = doc;
		if (say(p) != E_OK) {
			publication_free(p);
			refuse(w, t, 503, NULL, "Retry-After: 60\r\n");
			return;
		}
	}
	rename_publication(p);
	start_expiry(p, expires_s);
	answer(w, t, p, expires_s);
}

static struct publication *find(const struct watching *w, struct str etag)
{
	struct map_node *n = map_get(&w->publications, etag);

	return n == NULL ? NULL : CONTAINER_OF(n, struct publication, by_etag);
}

void simple_on_publish(struct sip_txn *t, void *arg)
{
	struct simple *s = arg;
	struct watching *w = s->watching;
	const struct sip_msg *m = sip_txn_msg(t);
	const struct account *a = simple_target_of(s, t, &(int){ 0 });
	struct str etag = sip_msg_get(m, SIP_HDR_SIP_IF_MATCH);
	struct publication *p = etag.p == NULL ? NULL : find(w, etag);
	uint32_t expires_s;

	if (!str_ieqz(sip_msg_get(m, SIP_HDR_EVENT), "presence"))
		refuse(w, t, 489, NULL, "Allow-Events: presence\r\n");
	else if (a == NULL)
		refuse(w, t, 404, NULL, "");
	else if (a->id != (account_id)sip_txn_account(t))
		refuse(w, t, 403, "Presence Of Somebody Else", "");
	else if (etag.p != NULL && (p == NULL || p->account != a->id))
		refuse(w, t, 412, NULL, "");
	else if (etag.p == NULL && has_too_many(w, a->id))
		refuse(w, t, 503, NULL, "Retry-After: 60\r\n");
	else if (sip_sub_expires(t, PUBLISH_EXPIRES_MIN_S, PUBLISH_EXPIRES_DEFAULT_S,
				 PUBLISH_EXPIRES_MAX_S, &expires_s)) {
		if (p != NULL)
			publish_again(w, t, p, expires_s);
		else
			publish_new(w, t, expires_s);
	}
}

/* Its facets have ended with the endpoint. */
void watching_endpoint_gone(struct watching *w, const struct endpoint *e)
{
	struct publisher *of = publisher_get(w, e->account);

	if (of == NULL)
		return;
	LIST_EACH (&of->publications, n) {
		struct publication *p = LIST_ITEM(n, struct publication, in_publisher);

		if (p->endpoint != e->id)
			continue;
		if (of->count == 1) { /* the last one takes the publisher with it */
			publication_free(p);
			return;
		}
		publication_free(p);
	}
}

void publications_init(struct watching *w)
{
	map_init(&w->publications);
	map_init(&w->publishers);
}

void publications_fini(struct watching *w)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&w->publications, &it); n != NULL;
	     n = map_next(&w->publications, &it))
		publication_free(CONTAINER_OF(n, struct publication, by_etag));
	map_fini(&w->publications);
	map_fini(&w->publishers);
}
