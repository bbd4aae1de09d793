/* SUBSCRIBE for the presence of one person (RFC 3856), and the package's checks for lists too. */
#include <stdlib.h>

#include "base/mem.h"
#include "codec/mime.h"

#include "simple/focus.h"
#include "simple/watching.h"

/* Invariant: in watches by its subscription's id, and watched by the presence room under id. */
struct watch {
	struct map_node by_sub;
	watch_id id;
	bool is_due; /* a change came while a NOTIFY was under way */
};

static struct watch *find(const struct watching *w, sub_id sub)
{
	struct map_node *n = map_get_id(&w->watches, sub);

	return n == NULL ? NULL : CONTAINER_OF(n, struct watch, by_sub);
}

static void watch_free(struct watching *w, struct watch *x)
{
	map_del(&w->watches, &x->by_sub);
	free(x);
}

/* --- towards the client --- */

static void on_due(void *arg, sub_id sub, uint64_t ctx, bool is_last)
{
	struct watching *w = arg;
	struct watch *x = find(w, sub);
	struct str body;

	(void)ctx, (void)is_last;
	if (x == NULL || presence_watch_now(w->simple->cfg.presence, x->id, &body) != E_OK)
		return;
	x->is_due = false;
	/* The last NOTIFY ends the subscription, and x with it. */
	if (sip_sub_notify(w->subs, sub, STR_NULL, STR("application/pidf+xml"), body) == E_AGAIN)
		x->is_due = true;
}

static void on_ready(void *arg, sub_id sub, uint64_t ctx)
{
	struct watching *w = arg;
	struct watch *x = find(w, sub);

	(void)ctx;
	if (x == NULL || !x->is_due)
		return;
	x->is_due = false;
	presence_watch_again(w->simple->cfg.presence, x->id);
}

static void on_end(void *arg, sub_id sub, uint64_t ctx, enum sub_end why)
{
	struct watching *w = arg;
	struct watch *x = find(w, sub);

	(void)ctx, (void)why;
	if (x == NULL)
		return;
	presence_unwatch(w->simple->cfg.presence, x->id);
	watch_free(w, x);
}

/* --- from the presence room --- */

static void render(struct watching *w, const struct presence_view *v, struct buf *out,
		   enum pidf_flavour flavour)
{
	const struct account *a = directory_get(w->simple->cfg.directory, v->presentity);
	struct buf entity;

	buf_init(&entity, URI_MAX);
	if (a != NULL)
		simple_aor(w->simple, a, &entity);
	pidf_encode(flavour, buf_str(&entity), v->state, out);
	buf_fini(&entity);
}

static void render_standard(void *arg, const struct presence_view *v, struct buf *out)
{
	render(arg, v, out, PIDF_STANDARD);
}

static void render_linphone(void *arg, const struct presence_view *v, struct buf *out)
{
	render(arg, v, out, PIDF_LINPHONE);
}

static enum err notify(void *arg, watch_id id, uint64_t ctx, const struct presence_view *v,
		       struct str rendering)
{
	struct watching *w = arg;
	struct watch *x = find(w, ctx);
	enum err e;

	(void)id, (void)v;
	if ((ctx & WATCH_CTX_LIST) != 0)
		return watch_list_notify(w, ctx);
	if (x == NULL)
		return E_GONE;
	e = sip_sub_notify(w->subs, ctx, STR_NULL, STR("application/pidf+xml"), rendering);
	if (e == E_AGAIN)
		x->is_due = true;
	return e;
}

/* The person was deleted (RFC 6665 4.1.3: noresource), or the watcher's account was. */
static void on_presence_end(void *arg, watch_id id, uint64_t ctx, enum presence_end why)
{
	struct watching *w = arg;
	struct watch *x = find(w, ctx);

	(void)id;
	if ((ctx & WATCH_CTX_LIST) != 0) {
		watch_list_on_gone(w, ctx);
		return;
	}
	if (x != NULL)
		watch_free(w, x);
	if (why == PRESENCE_END_ACCOUNT_GONE)
		sip_sub_end(w->subs, ctx, "noresource");
}

/* --- SUBSCRIBE --- */

/* Linphone says what it is in User-Agent; its Contact does only where it is no GRUU. */
enum pidf_flavour watch_flavour(const struct sip_msg *m)
{
	struct str agent = sip_msg_get(m, SIP_HDR_USER_AGENT), params;

	if (str_search(agent, STR("Linphone")) < agent.len)
		return PIDF_LINPHONE;
	if (m->contact.len == 0)
		return PIDF_STANDARD;
	params = m->contact.v[0].params;
	return str_search(params, STR("+org.linphone.specs")) < params.len ? PIDF_LINPHONE
									   : PIDF_STANDARD;
}

void watch_on_subscribe(struct watching *w, struct sip_txn *t, uint32_t expires_s)
{
	struct simple *s = w->simple;
	int code;
	const struct account *a = simple_target_of(s, t, &code);
	struct sip_sub_accept accept = { .event = "presence",
					 .expires_s = expires_s,
					 .account = sip_txn_account(t),
					 .hooks = &w->watch_hooks };
	struct watch *x;
	sub_id sub;

	if (a == NULL) {
		sip_reply_code(s->cfg.stack, sip_txn_id(t), code);
		return;
	}
	sub = sip_sub_accept(w->subs, t, &accept);
	if (sub == 0)
		return;
	x = xcalloc(1, sizeof(*x));
	if (presence_watch(s->cfg.presence, a->id, (account_id)accept.account,
			   w->dialect[watch_flavour(sip_txn_msg(t))], sub, &x->id) != E_OK) {
		free(x);
		sip_sub_end(w->subs, sub, "rejected");
		return;
	}
	map_put_id(&w->watches, &x->by_sub, sub);
	on_due(w, sub, 0, false);
}

/* RFC 3856 6.6: without Accept it is PIDF; with it, PIDF must be in it. */
static bool takes_pidf(const struct sip_msg *m)
{
	return m->first[SIP_HDR_ACCEPT] == 0 ||
	       sip_msg_has_token(m, SIP_HDR_ACCEPT, STR("application/pidf+xml")) ||
	       sip_msg_has_token(m, SIP_HDR_ACCEPT, STR("*/*")) ||
	       sip_msg_has_token(m, SIP_HDR_ACCEPT, STR("application/*"));
}

void simple_on_subscribe(struct sip_txn *t, void *arg)
{
	struct simple *s = arg;
	struct watching *w = s->watching;
	const struct sip_msg *m = sip_txn_msg(t);
	struct str event = sip_msg_get(m, SIP_HDR_EVENT), package;
	uint32_t expires_s;
	bool is_list;

	if (m->to.tag.p != NULL) {
		sip_sub_on_request(w->subs, t, SUBSCRIBE_EXPIRES_MIN_S, SUBSCRIBE_EXPIRES_MAX_S);
		return;
	}
	package = str_trim(str_cut(&event, ';'));
	if (str_ieqz(package, "conference")) {
		if (sip_sub_expires(t, SUBSCRIBE_EXPIRES_MIN_S, SUBSCRIBE_EXPIRES_DEFAULT_S,
				    SUBSCRIBE_EXPIRES_MAX_S, &expires_s))
			focus_on_subscribe(s->focus, t, expires_s);
		return;
	}
	if (!str_ieqz(package, "presence")) {
		sip_reply(s->cfg.stack, sip_txn_id(t), 489, NULL,
			  STR("Allow-Events: presence, conference\r\n"), STR_NULL, STR_NULL);
		return;
	}
	if (!takes_pidf(m)) {
		sip_reply(s->cfg.stack, sip_txn_id(t), 406, NULL,
			  STR("Accept: application/pidf+xml\r\n"), STR_NULL, STR_NULL);
		return;
	}
	if (!sip_sub_expires(t, SUBSCRIBE_EXPIRES_MIN_S, SUBSCRIBE_EXPIRES_DEFAULT_S,
			     SUBSCRIBE_EXPIRES_MAX_S, &expires_s))
		return;
	is_list = watch_list_is_wanted(m) || watch_list_is_own(w, m);
	/* RFC 4662 4.1: who does not say it cannot read what we would send. */
	if (is_list && !sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("eventlist")))
		sip_reply(s->cfg.stack, sip_txn_id(t), 421, NULL, STR("Require: eventlist\r\n"),
			  STR_NULL, STR_NULL);
	else if (!is_list)
		watch_on_subscribe(w, t, expires_s);
	else if (watch_list_is_own(w, m))
		watch_list_on_own(w, t, expires_s);
	else
		watch_list_on_subscribe(w, t, expires_s);
}

/* --- life --- */

void watch_init(struct watching *w)
{
	struct presence_dialect d = { .notify = notify, .on_end = on_presence_end, .arg = w };

	w->watch_hooks = (struct sip_sub_hooks){
		.on_due = on_due, .on_ready = on_ready, .on_end = on_end, .arg = w
	};
	d.render = render_standard;
	w->dialect[PIDF_STANDARD] = presence_add_dialect(w->simple->cfg.presence, &d);
	d.render = render_linphone;
	w->dialect[PIDF_LINPHONE] = presence_add_dialect(w->simple->cfg.presence, &d);
	map_init(&w->watches);
}

void watch_fini(struct watching *w)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&w->watches, &it); n != NULL;
	     n = map_next(&w->watches, &it))
		watch_free(w, CONTAINER_OF(n, struct watch, by_sub));
	map_fini(&w->watches);
}

struct watching *watching_new(struct simple *s)
{
	struct watching *w = xcalloc(1, sizeof(*w));

	w->simple = s;
	w->subs = sip_subs_new(s->cfg.stack, s->cfg.heap);
	publications_init(w);
	watch_init(w);
	watch_list_init(w);
	return w;
}

void watching_free(struct watching **wp)
{
	struct watching *w = *wp;

	if (w == NULL)
		return;
	sip_subs_free(&w->subs);
	watch_list_fini(w);
	watch_fini(w);
	publications_fini(w);
	free(w);
	*wp = NULL;
}

void watching_conn_closed(struct watching *w, conn_id conn)
{
	sip_subs_conn_closed(w->subs, conn);
}
