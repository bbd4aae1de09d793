/* immcu.c: the way in: what comes from adapters, and the life of the whole. */
#include "immcu/immcu.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "presence/presence.h"

#include "immcu/filter_int.h"
#include "immcu/group_int.h"
#include "immcu/immcu_int.h"

/* --- operations --- */

static void op_done(struct store_op *op)
{
	struct im_op *o = CONTAINER_OF(op, struct im_op, op);

	list_del(&o->in_ops);
	if (o->done != NULL)
		o->done(o);
	else
		o->free(o);
}

void im_op_submit(struct immcu *m, struct im_op *o, enum store_class cls,
		  enum err (*run)(struct store_op *op, struct db *db))
{
	o->m = m;
	o->op = (struct store_op){ .reply = m->cfg.queue, .cls = cls, .run = run, .done = op_done };
	list_del(&o->in_ops);
	list_push_back(&m->ops, &o->in_ops);
	store_submit(m->cfg.store, &o->op);
}

/* --- texts --- */

/* RFC 3261 21.4 and 21.6: what a client says when it does not want this text, whoever asks how often. */
bool im_code_is_refusal(int code)
{
	switch (code) {
	case 400:
	case 405:
	case 413:
	case 415:
	case 420:
	case 488:
	case 493:
	case 501:
	case 513:
	case 606:
		return true;
	default:
		return false;
	}
}

static void refuse(struct immcu *m, int code, int retry_after_s, uint64_t token,
		   im_answer_fn *answer, void *arg)
{
	m->stats.refused++;
	answer(arg, token, code, retry_after_s);
}

bool immcu_may_write(const struct immcu *m, account_id from, account_id to)
{
	return m->cfg.presence == NULL ||
	       presence_access_of(m->cfg.presence, to, from) != ACCESS_BLOCKED;
}

/* Policy, archive, and on its way. */
static void submit_text(struct immcu *m, const struct im_text *text, struct conversation *c,
			uint64_t token, im_answer_fn *answer, void *arg)
{
	struct im_text t = *text, written;
	int64_t id = c->record.id;
	struct buf said, body;
	bool is_news = tell_is_archived_news(m, c, text);
	int code;

	buf_init(&said, IM_SAID_MAX);
	buf_init(&body, IM_BODY_MAX + IM_SAID_MAX);
	policy_fill_plain(&t);
	written = t; /* without what we add: nobody is to be quoted with a word of ours */
	code = policy_apply(m, &t, conversation_is_first(c, t.from), is_news, &said, &body);
	conversation_on_text(m, id, &t);
	c->is_archive_told = c->is_archive_told || (is_news && code == 0);
	if (is_news && code == 0)
		tell_writer(m, text, tell_archived);
	if (code != 0) {
		conversation_on_result(m, id, code);
		tell_refused(m, text);
		refuse(m, code, 0, token, answer, arg);
	} else if (!archive_hold(m, &t, &written, id, token, answer, arg)) {
		archive_pair_text(m, &written, id);
		delivery_submit(m, &t, id, token, answer, arg);
	}
	buf_fini(&said);
	buf_fini(&body);
}

void immcu_submit(struct immcu *m, const struct im_text *t, uint64_t token, im_answer_fn *answer,
		  void *arg)
{
	const struct account *from = directory_get(m->cfg.directory, t->from);
	const struct account *to = directory_get(m->cfg.directory, t->to);
	struct conversation *c = NULL;

	if (from == NULL || !from->enabled) {
		refuse(m, 403, 0, token, answer, arg);
		return;
	}
	if (to == NULL || !to->enabled) {
		refuse(m, 404, 0, token, answer, arg);
		return;
	}
	if (!immcu_may_write(m, t->from, t->to)) {
		refuse(m, 480, 0, token, answer, arg);
		return;
	}
	if (t->body.len > IM_BODY_MAX) {
		refuse(m, 413, 0, token, answer, arg);
		return;
	}
	if (m->is_stopped || m->is_paused || m->stats.live_bytes > IM_LIVE_BYTES_MAX) {
		static struct log_rate rate;

		if (log_rate_ok(&rate, 1))
			log_warn("immcu", "event=refused reason=busy live_bytes=%llu",
				 (unsigned long long)m->stats.live_bytes);
		refuse(m, 503, IM_RETRY_AFTER_S, token, answer, arg);
		return;
	}
	if (t->kind != IM_RECEIPT) /* a client writes these by itself */
		registrar_touch(m->cfg.registrar, t->from_endpoint);
	switch (t->kind) {
	case IM_TEXT:
		m->stats.texts_in++;
		submit_text(m, t, conversation_open_pair(m, from, to), token, answer, arg);
		return;
	case IM_TYPING:
	case IM_RECEIPT: /* they belong to a conversation and do not begin one */
		m->stats.typing += t->kind == IM_TYPING;
		c = conversation_find_pair(m, t->from, t->to);
		break;
	}
	delivery_submit(m, t, c == NULL ? 0 : c->record.id, token, answer, arg);
}

void immcu_pause(struct immcu *m, bool is_paused)
{
	if (m->is_paused != is_paused)
		log_warn("immcu", "event=%s", is_paused ? "paused" : "resumed");
	m->is_paused = is_paused;
}

void immcu_on_sign_in(struct immcu *m, endpoint_id endpoint)
{
	const struct endpoint *e = registrar_get(m->cfg.registrar, endpoint);

	if (e == NULL)
		return;
	offline_sign_in(m, e->account);
	groups_sign_in(m, e);
}

void immcu_account_gone(struct immcu *m, account_id account)
{
	mailbox_drop(m, account);
	groups_account_gone(m, account);
}

/* --- life --- */

static void on_flush(struct timer *t, void *arg)
{
	(void)t;
	record_flush_some(arg);
}

static void on_sign_out(void *arg, const struct endpoint *e, enum registrar_end why)
{
	(void)why;
	groups_sign_out(arg, e);
}

void immcu_set_offline_keep(struct immcu *m, int64_t seconds)
{
	m->offline_keep_s = seconds;
}

struct immcu *immcu_new(const struct immcu_cfg *cfg)
{
	struct immcu *m = xcalloc(1, sizeof(*m));
	const struct registrar_hooks hooks = { .on_sign_out = on_sign_out, .arg = m };

	m->cfg = *cfg;
	m->offline_keep_s = IM_OFFLINE_KEEP_S;
	map_init(&m->conversations);
	map_init(&m->pairs);
	map_init(&m->deliveries);
	map_init(&m->legs);
	map_init(&m->mailboxes);
	map_init(&m->rows);
	map_init(&m->sessions);
	list_init(&m->dirty);
	list_init(&m->ops);
	timer_init(&m->flush, on_flush, m);
	m->groups = groups_new(m);
	m->filter = filter_new();
	m->archive = archive_new();
	registrar_listen(cfg->registrar, &hooks);
	return m;
}

void immcu_set_dialect(struct immcu *m, enum dialect which, const struct im_dialect *d)
{
	m->dialect[which] = *d;
}

enum err immcu_load(struct immcu *m)
{
	enum err e = record_load(m);

	if (e == E_OK)
		e = offline_load(m);
	if (e == E_OK)
		e = archive_load(m);
	if (e == E_OK)
		e = filter_load(m);
	return e != E_OK ? e : group_disk_load(m);
}

void immcu_stop(struct immcu *m)
{
	m->is_stopped = true;
	groups_stop(m);
	conversation_end_all(m, CONV_END_STOPPED);
	record_flush(m);
	offline_stop(m);
}

void immcu_free(struct immcu **mp)
{
	struct immcu *m = *mp;
	struct map_iter it;
	struct map_node *n;
	struct list *l;

	if (m == NULL)
		return;
	for (n = map_first(&m->deliveries, &it); n != NULL; n = map_next(&m->deliveries, &it)) {
		struct delivery *d = CONTAINER_OF(n, struct delivery, by_id);

		delivery_free(&d);
	}
	groups_free(&m->groups);
	offline_fini(m);
	session_fini(m);
	conversation_end_all(m, CONV_END_OPEN);
	while ((l = list_pop_front(&m->ops)) != NULL) {
		struct im_op *o = LIST_ITEM(l, struct im_op, in_ops);

		o->free(o);
	}
	filter_free(&m->filter);
	archive_free(&m->archive);
	timer_stop(m->cfg.heap, &m->flush);
	map_fini(&m->conversations);
	map_fini(&m->pairs);
	map_fini(&m->deliveries);
	map_fini(&m->legs);
	map_fini(&m->mailboxes);
	map_fini(&m->rows);
	map_fini(&m->sessions);
	free(m);
	*mp = NULL;
}

void immcu_stats_get(const struct immcu *m, struct immcu_stats *out)
{
	*out = m->stats;
}
