/* conversation.c: who talks with whom.  A two-party conversation in pager mode has no end of its own:
 * it ends after IM_PAGER_SILENCE_MS without a text.
 *
 *     first text ─→ goes on ── silence, stop ─→ ended (record written, object gone) */
#include <assert.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/immcu_int.h"

struct str im_uri_of(const struct immcu *m, const struct account *a)
{
	struct str domain = directory_domain(m->cfg.directory);
	char *z = xasprintf("sip:%.*s@%.*s", STR_ARG(a->name), STR_ARG(domain));

	return str_of(z);
}

static void set_pair(struct conversation *c, account_id a, account_id b)
{
	c->pair.low = a < b ? a : b;
	c->pair.high = a < b ? b : a;
}

static struct str pair_key(const struct conversation *c)
{
	return str_n(&c->pair, sizeof(c->pair));
}

struct conversation *conversation_get(struct immcu *m, int64_t id)
{
	struct map_node *n = map_get_id(&m->conversations, (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct conversation, by_id);
}

struct conversation *conversation_find_pair(struct immcu *m, account_id a, account_id b)
{
	struct conversation key = { .m = m };
	struct map_node *n;

	set_pair(&key, a, b);
	n = map_get(&m->pairs, pair_key(&key));
	return n == NULL ? NULL : CONTAINER_OF(n, struct conversation, by_pair);
}

static struct participant *participant_find(const struct conversation *c, account_id account)
{
	LIST_EACH (&c->participants, n) {
		struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

		if (p->account == account)
			return p;
	}
	return NULL;
}

static struct participant *participant_add(struct conversation *c, const struct account *a)
{
	struct participant *p = xcalloc(1, sizeof(*p));

	p->account = a->id;
	p->uri = im_uri_of(c->m, a);
	p->joined_ms = clk_wall_ms();
	p->is_dirty = true;
	list_push_back(&c->participants, &p->in_conversation);
	c->n_participants++;
	return p;
}

static void on_silence(struct timer *t, void *arg)
{
	struct conversation *c = arg;

	(void)t;
	conversation_end(&c, CONV_END_SILENCE);
}

static struct str uri_of_id(const struct immcu *m, account_id id)
{
	const struct account *a = id == 0 ? NULL : directory_get(m->cfg.directory, id);

	return a == NULL ? STR_NULL : im_uri_of(m, a);
}

static struct conversation *open_any(struct immcu *m, enum db_record_kind kind,
				     enum db_record_origin origin, account_id by)
{
	struct conversation *c = xcalloc(1, sizeof(*c));

	c->m = m;
	c->record.id = ++m->last_conversation;
	c->record.kind = kind;
	c->record.started_ms = clk_wall_ms();
	c->record.origin = origin;
	c->record.begun_by = uri_of_id(m, by);
	list_init(&c->participants);
	list_init(&c->in_dirty);
	timer_init(&c->silence, on_silence, c);
	map_put_id(&m->conversations, &c->by_id, (uint64_t)c->record.id);
	m->stats.conversations++;
	return c;
}

static struct conversation *open_two(struct immcu *m, enum db_record_kind kind,
				     enum db_record_origin origin, const struct account *a,
				     const struct account *b)
{
	struct conversation *c = open_any(m, kind, origin, a->id);

	(void)participant_add(c, a);
	if (b->id != a->id)
		(void)participant_add(c, b);
	return c;
}

struct conversation *conversation_open_group(struct immcu *m, account_id by)
{
	struct conversation *c = open_any(m, DB_RECORD_GROUP, DB_ORIGIN_GROUP, by);

	record_touch(c);
	return c;
}

void conversation_become_group(struct conversation *c)
{
	timer_stop(c->m->cfg.heap, &c->silence);
	map_del(&c->m->pairs, &c->by_pair);
	c->by_pair.key = STR_NULL;
	c->record.kind = DB_RECORD_GROUP;
	c->record.origin = DB_ORIGIN_ESCALATED;
	record_touch(c);
}

void conversation_join(struct conversation *c, const struct account *a, account_id by)
{
	struct participant *p = participant_find(c, a->id);

	if (p == NULL)
		p = participant_add(c, a);
	if (by != 0 && by != a->id && p->invited_by.len == 0)
		p->invited_by = uri_of_id(c->m, by);
	p->left_ms = 0;
	p->is_dirty = true;
	record_touch(c);
}

void conversation_leave(struct conversation *c, account_id account)
{
	struct participant *p = participant_find(c, account);

	if (p == NULL)
		return;
	p->left_ms = clk_wall_ms();
	p->is_dirty = true;
	record_touch(c);
}

void conversation_count(struct conversation *c, account_id account, int64_t sent, int64_t received)
{
	struct participant *p = participant_find(c, account);

	if (p == NULL || (sent == 0 && received == 0))
		return;
	p->sent += sent;
	p->received += received;
	p->is_dirty = true;
	record_touch(c);
}

void conversation_count_text(struct conversation *c, int64_t at_ms)
{
	c->record.messages++;
	c->record.last_ms = at_ms;
	if (c->record.first_ms == 0)
		c->record.first_ms = at_ms;
	record_touch(c);
}

struct conversation *conversation_open_call(struct immcu *m, const struct account *a,
					    const struct account *b)
{
	struct conversation *c = open_two(m, DB_RECORD_CALL, DB_ORIGIN_CALL, a, b);

	record_touch(c);
	return c;
}

struct conversation *conversation_open_pair(struct immcu *m, const struct account *a,
					    const struct account *b)
{
	struct conversation *c = conversation_find_pair(m, a->id, b->id);

	if (c != NULL)
		return c;
	c = open_two(m, DB_RECORD_IM, DB_ORIGIN_TEXT, a, b);
	timer_start(m->cfg.heap, &c->silence, clk_ms() + IM_PAGER_SILENCE_MS);
	set_pair(c, a->id, b->id);
	map_put(&m->pairs, &c->by_pair, pair_key(c));
	log_debug("immcu", "conversation=%lld event=opened", (long long)c->record.id);
	record_touch(c);
	return c;
}

void conversation_rest(struct conversation *c)
{
	if (c->n_sessions > 0 || c->record.kind != DB_RECORD_IM)
		timer_stop(c->m->cfg.heap, &c->silence);
	else
		timer_start(c->m->cfg.heap, &c->silence, clk_ms() + IM_PAGER_SILENCE_MS);
}

static void note_client(struct participant *p, struct str client, enum dialect dialect)
{
	p->has_dialect = true;
	p->dialect = dialect;
	if (client.len > 0 && !str_eq(p->client, client)) {
		str_free(&p->client);
		p->client = str_dup(client);
	}
	p->is_dirty = true;
}

void conversation_note_client(struct conversation *c, account_id account, struct str client,
			      enum dialect dialect)
{
	struct participant *p = participant_find(c, account);

	if (p == NULL)
		return;
	note_client(p, client, dialect);
	record_touch(c);
}

bool conversation_is_first(const struct conversation *c, account_id from)
{
	const struct participant *p = participant_find(c, from);

	return p == NULL || p->sent == 0;
}

void conversation_on_text(struct immcu *m, int64_t id, const struct im_text *t)
{
	struct conversation *c = conversation_get(m, id);
	struct participant *p = c == NULL ? NULL : participant_find(c, t->from);

	if (c == NULL)
		return;
	c->record.messages++;
	c->record.last_ms = t->sent_ms;
	if (c->record.first_ms == 0)
		c->record.first_ms = t->sent_ms;
	if (p != NULL) {
		p->sent++;
		note_client(p, t->client, t->dialect);
	}
	conversation_rest(c);
	record_touch(c);
}

void conversation_on_result(struct immcu *m, int64_t id, int code)
{
	struct conversation *c = conversation_get(m, id);

	if (c == NULL)
		return;
	c->record.result_code = code;
	if (code >= 300)
		c->record.failures++;
	record_touch(c);
}

void conversation_on_copy(struct immcu *m, int64_t id, account_id to, const struct endpoint *e)
{
	struct conversation *c = conversation_get(m, id);
	struct participant *p = c == NULL ? NULL : participant_find(c, to);

	if (c == NULL && id != 0)
		record_late_copy(m, id, to, e);
	if (p == NULL)
		return;
	p->received++;
	p->is_dirty = true;
	if (e != NULL)
		note_client(p, e->user_agent, e->dialect);
	record_touch(c);
}

/* The one place that frees. */
void conversation_end(struct conversation **cp, enum conversation_end why)
{
	struct conversation *c = *cp;
	struct immcu *m;

	if (c == NULL)
		return;
	m = c->m;
	timer_stop(m->cfg.heap, &c->silence);
	if (why != CONV_END_OPEN) {
		c->record.ended_ms = c->record.last_ms != 0 && c->record.kind == DB_RECORD_IM
					     ? c->record.last_ms
					     : clk_wall_ms();
		c->record.end_reason = why;
		LIST_EACH (&c->participants, n) {
			struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

			p->left_ms = p->left_ms != 0 ? p->left_ms : c->record.ended_ms;
			p->is_dirty = true;
		}
		record_touch(c);
		record_flush(m);
	}
	list_del(&c->in_dirty);
	if (c->by_pair.key.p != NULL) /* a call or group is in no table of pairs */
		map_del(&m->pairs, &c->by_pair);
	map_del(&m->conversations, &c->by_id);
	LIST_EACH (&c->participants, n) {
		struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

		list_del(&p->in_conversation);
		str_free(&p->uri);
		str_free(&p->client);
		str_free(&p->invited_by);
		free(p);
	}
	m->stats.conversations--;
	str_free(&c->record.begun_by);
	free(c);
	*cp = NULL;
}

void conversation_end_all(struct immcu *m, enum conversation_end why)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&m->conversations, &it); n != NULL;
	     n = map_next(&m->conversations, &it)) {
		struct conversation *c = CONTAINER_OF(n, struct conversation, by_id);

		conversation_end(&c, why);
	}
}
