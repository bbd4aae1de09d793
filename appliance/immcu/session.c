/* session.c: sessions of two, as dialects with IM dialogs have them, and what they mean to the conversation.
 *
 *     opened ─→ conversation goes on, however silent ── last one closed ─→ ends, or in pager mode is silent again */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"

#include "immcu/immcu_int.h"

struct session {
	struct map_node by_id;
	int64_t conversation;
	enum dialect dialect;
};

static struct session *session_get(const struct immcu *m, im_session_id id)
{
	struct map_node *n = map_get_id(&m->sessions, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct session, by_id);
}

static void session_free(struct immcu *m, struct session *s)
{
	map_del(&m->sessions, &s->by_id);
	free(s);
}

static struct conversation *conversation_of(struct immcu *m, const struct im_session *s)
{
	const struct account *from = directory_get(m->cfg.directory, s->from);
	const struct account *to = directory_get(m->cfg.directory, s->to);
	bool goes_on = conversation_find_pair(m, s->from, s->to) != NULL;
	struct conversation *c;

	if (from == NULL || to == NULL || !from->enabled || !to->enabled || m->is_stopped ||
	    m->is_paused)
		return NULL;
	c = conversation_open_pair(m, from, to);
	if (!goes_on)
		c->record.origin = DB_ORIGIN_SESSION;
	conversation_note_client(c, s->from, s->from_client, s->dialect);
	if (s->to_endpoint != 0)
		conversation_note_client(c, s->to, s->to_client, s->dialect);
	return c;
}

im_session_id immcu_session_open(struct immcu *m, const struct im_session *s)
{
	struct conversation *c = conversation_of(m, s);
	struct session *x;

	if (c == NULL)
		return 0;
	x = xcalloc(1, sizeof(*x));
	x->conversation = c->record.id;
	x->dialect = s->dialect;
	map_put_id(&m->sessions, &x->by_id, ++m->last_id);
	c->n_sessions++;
	registrar_touch(m->cfg.registrar, s->from_endpoint);
	c->record.result_code = c->record.result_code == 0 ? 200 : c->record.result_code;
	conversation_rest(c);
	record_touch(c);
	return x->by_id.hash;
}

int64_t immcu_session_conversation(const struct immcu *m, im_session_id id)
{
	const struct session *s = session_get(m, id);

	return s == NULL ? 0 : s->conversation;
}

/* Whether a client without sessions takes part: then goodbye in one session says nothing about him. */
static bool has_pager(const struct conversation *c, enum dialect dialect)
{
	LIST_EACH (&c->participants, n) {
		const struct participant *p = LIST_ITEM(n, struct participant, in_conversation);

		if (p->has_dialect && p->dialect != dialect)
			return true;
	}
	return false;
}

void immcu_session_close(struct immcu *m, im_session_id id, int code)
{
	struct session *s = session_get(m, id);
	struct conversation *c = s == NULL ? NULL : conversation_get(m, s->conversation);
	enum dialect dialect;

	if (s == NULL)
		return;
	dialect = s->dialect;
	session_free(m, s);
	if (c == NULL)
		return;
	c->n_sessions--;
	if (code >= 300)
		c->record.result_code = code;
	/* A group that began as these two goes on without their session. */
	if (c->n_sessions > 0 || c->record.kind != DB_RECORD_IM)
		return;
	if (has_pager(c, dialect)) {
		conversation_rest(c);
		record_touch(c);
	} else {
		conversation_end(&c, code < 300 ? CONV_END_CLOSED : CONV_END_LOST);
	}
}

void immcu_session_failed(struct immcu *m, const struct im_session *s, int code)
{
	bool goes_on = conversation_find_pair(m, s->from, s->to) != NULL;
	struct conversation *c = conversation_of(m, s);

	if (c == NULL)
		return;
	c->record.result_code = code;
	c->record.failures++;
	if (goes_on)
		record_touch(c);
	else
		conversation_end(&c, CONV_END_FAILED);
}

void session_fini(struct immcu *m)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&m->sessions, &it); n != NULL;
	     n = map_next(&m->sessions, &it))
		session_free(m, CONTAINER_OF(n, struct session, by_id));
}
