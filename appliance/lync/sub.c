#include "lync/sub.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"

#include "lync/conf.h"
#include "lync/packages.h"

static const char *const events[PACKAGES] = { "vnd-microsoft-roaming-contacts",
					      "vnd-microsoft-roaming-self", "presence",
					      "conference" };

/* The one teardown. */
void lync_sub_end(struct lync *l, struct lync_sub *s)
{
	lync_watches_end(l, s);
	timer_stop(l->cfg.heap, &s->expiry);
	map_del(&l->subs, &s->by_id);
	list_del(&s->in_conn);
	sip_dialogs_del(&l->dialogs, &s->dialog);
	sip_dialog_fini(&s->dialog);
	free(s);
	l->stats.subscriptions--;
}

void lync_subs_end(struct lync *l, struct lync_conn *lc)
{
	LIST_EACH (&lc->subs, n)
		lync_sub_end(l, LIST_ITEM(n, struct lync_sub, in_conn));
}

static void on_expiry(struct timer *t, void *arg)
{
	struct lync_sub *s = arg;

	(void)t;
	lync_sub_end(s->conn->lync, s);
}

struct lync_sub *lync_sub_make(struct lync *l, struct sip_txn *t, enum lync_package p)
{
	struct lync_conn *lc = lync_conn_of(sip_txn_conn(t));
	struct sip_msg *m = sip_txn_msg_ref(t);
	struct lync_sub *s;
	size_t count = 0;

	LIST_EACH (&lc->subs, n)
		count++;
	s = xcalloc(1, sizeof(*s));
	if (count >= LYNC_SUBS_PER_CONN ||
	    sip_dialog_init_uas(&s->dialog, m, sip_txn_to_tag(t), lc->id) != E_OK) {
		sip_msg_unref(&m);
		free(s);
		lync_refuse(l, t, 413, 2012, "Too many subscriptions");
		return NULL;
	}
	s->benotify = sip_msg_has_token(m, SIP_HDR_SUPPORTED, STR("ms-benotify"));
	sip_msg_unref(&m);
	s->id = ++l->last_sub;
	s->conn = lc;
	s->package = p;
	s->dialog.local_cseq = 1; /* the document in the answer counts as the first notification */
	list_init(&s->watched);
	timer_init(&s->expiry, on_expiry, s);
	map_put_id(&l->subs, &s->by_id, s->id);
	list_push_back(&lc->subs, &s->in_conn);
	sip_dialogs_put(&l->dialogs, &s->dialog);
	l->stats.subscriptions++;
	return s;
}

static void common_lines(struct lync *l, struct sip_txn *t, uint32_t expires_s, struct buf *out)
{
	struct str event = sip_msg_get(sip_txn_msg(t), SIP_HDR_EVENT);

	buf_addf(out, "Contact: <sip:%.*s:%u;transport=tls>\r\n",
		 STR_ARG(sip_stack_host(l->cfg.stack)), sip_stack_port(l->cfg.stack));
	buf_addf(out, "Expires: %u\r\nEvent: %.*s\r\n", expires_s, STR_ARG(event));
	if (expires_s > 0)
		buf_addf(out, "subscription-state: active;expires=%u\r\n", expires_s);
	else
		buf_addz(out, "subscription-state: terminated;expires=0\r\n");
	buf_addz(
		out,
		"ms-piggyback-cseq: 1\r\nSupported: ms-benotify\r\nSupported: ms-piggyback-first-notify\r\n");
}

void lync_sub_answer(struct lync *l, struct sip_txn *t, struct lync_sub *s, struct str extra,
		     struct str content_type, struct str body)
{
	struct buf lines;

	timer_start(l->cfg.heap, &s->expiry,
		    clk_ms() + (LYNC_SUB_EXPIRES_S + LYNC_SUB_GRACE_S) * 1000LL);
	buf_init(&lines, SIP_HEAD_MAX);
	common_lines(l, t, LYNC_SUB_EXPIRES_S, &lines);
	buf_add(&lines, extra);
	sip_reply(l->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), content_type, body);
	buf_fini(&lines);
}

void lync_sub_answer_once(struct lync *l, struct sip_txn *t, struct str extra,
			  struct str content_type, struct str body)
{
	struct buf lines;

	buf_init(&lines, SIP_HEAD_MAX);
	common_lines(l, t, 0, &lines);
	buf_add(&lines, extra);
	sip_reply(l->cfg.stack, sip_txn_id(t), 200, NULL, buf_str(&lines), content_type, body);
	buf_fini(&lines);
}

void lync_sub_notify(struct lync *l, struct lync_sub *s, struct str extra, struct str content_type,
		     struct str body)
{
	int64_t left_ms = s->expiry.at_ms - clk_ms() - LYNC_SUB_GRACE_S * 1000LL;
	const struct endpoint *e = registrar_find_conn(l->cfg.registrar, s->conn->account,
						       s->conn->id);
	struct buf lines, scratch;
	struct sip_out o = { .content_type = content_type, .body = body };

	if (e == NULL) /* signed out, and the connection is closing */
		return;
	buf_init(&lines, SIP_HEAD_MAX);
	buf_init(&scratch, SIP_HEAD_MAX);
	buf_addf(&lines, "Event: %s\r\nsubscription-state: active;expires=%lld\r\n",
		 events[s->package], (long long)(left_ms > 1000 ? left_ms / 1000 : 1));
	buf_add(&lines, extra);
	sip_dialog_request(&s->dialog, s->benotify ? STR("BENOTIFY") : STR("NOTIFY"),
			   buf_str(&lines), &scratch, &o);
	o.uri = e->contact; /* what the registrar knows, not the GRUU */
	/* A NOTIFY's answer says nothing we would act on: a client that does not live loses its connection. */
	if (!s->benotify)
		(void)sip_request_send(l->cfg.stack, &o, NULL, NULL);
	else if (sip_request_send_once(l->cfg.stack, &o) != E_OK)
		log_debug("lync", "conn=%llu cannot be notified now",
			  (unsigned long long)s->conn->id);
	buf_fini(&scratch);
	buf_fini(&lines);
}

void lync_subs_each(struct lync *l, account_id account, enum lync_package p, lync_sub_fn *fn,
		    void *arg)
{
	endpoint_id id[ENDPOINTS_PER_ACCOUNT];
	size_t n = registrar_of_account(l->cfg.registrar, account, id, ENDPOINTS_PER_ACCOUNT);

	for (size_t i = 0; i < n; i++) {
		const struct endpoint *e = registrar_get(l->cfg.registrar, id[i]);
		struct sip_conn *c = e == NULL ? NULL : sip_conn_get(l->cfg.stack, e->conn);
		struct lync_conn *lc = c == NULL ? NULL : lync_conn_of(c);

		if (lc == NULL || lc->account != account)
			continue;
		LIST_EACH (&lc->subs, k) {
			struct lync_sub *s = LIST_ITEM(k, struct lync_sub, in_conn);

			if (s->package == p)
				fn(l, s, arg);
		}
	}
}

/* --- SUBSCRIBE --- */

static void in_dialog(struct lync *l, struct sip_txn *t)
{
	const struct sip_msg *m = sip_txn_msg(t);
	struct sip_dialog *d = sip_dialogs_get(&l->dialogs, m, sip_txn_conn_id(t));
	struct lync_sub *s;

	if (d == NULL) {
		lync_refuse_public(l, t, 481, 2014, "The subscription does not exist");
		return;
	}
	s = CONTAINER_OF(d, struct lync_sub, dialog);
	if (sip_dialog_on_request(d, m) != E_OK) {
		sip_reply(l->cfg.stack, sip_txn_id(t), 500, "CSeq Is Not Above The Last", STR_NULL,
			  STR_NULL, STR_NULL);
		return;
	}
	if (m->has_expires && m->expires_s == 0) {
		lync_sub_answer_once(l, t, STR_NULL, STR_NULL, STR_NULL);
		lync_sub_end(l, s);
		return;
	}
	switch (s->package) {
	case PACKAGE_CONTACTS:
		lync_contacts_refresh(l, t, s);
		break;
	case PACKAGE_SELF:
		lync_self_refresh(l, t, s);
		break;
	case PACKAGE_PRESENCE:
		lync_watch_refresh(l, t, s);
		break;
	case PACKAGE_CONFERENCE:
		lync_sub_answer(l, t, s, STR_NULL, STR_NULL, STR_NULL);
		break;
	case PACKAGES:
		break;
	}
}

void lync_on_subscribe(struct sip_txn *t, void *arg)
{
	struct lync *l = arg;
	const struct sip_msg *m = sip_txn_msg(t);
	struct str event = sip_msg_get(m, SIP_HDR_EVENT);

	event = str_trim(str_cut(&event, ';'));
	if (m->to.tag.p != NULL)
		in_dialog(l, t);
	else if (str_ieqz(event, "vnd-microsoft-provisioning-v2"))
		lync_on_provisioning(l, t);
	else if (str_ieqz(event, events[PACKAGE_CONTACTS]))
		lync_contacts_subscribe(l, t);
	else if (str_ieqz(event, events[PACKAGE_SELF]))
		lync_self_subscribe(l, t);
	else if (str_ieqz(event, events[PACKAGE_PRESENCE]))
		lync_watch_subscribe(l, t);
	else if (str_ieqz(event, events[PACKAGE_CONFERENCE]))
		conf_subscribe(l, t);
	else
		sip_reply(
			l->cfg.stack, sip_txn_id(t), 489, NULL,
			STR("Allow-Events: vnd-microsoft-roaming-contacts,vnd-microsoft-roaming-self,"
			    "vnd-microsoft-provisioning-v2,presence,conference\r\n"),
			STR_NULL, STR_NULL);
}
