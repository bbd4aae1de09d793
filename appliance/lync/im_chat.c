#include <stdlib.h>

#include "base/mem.h"

#include "lync/im.h"

struct chat *chat_get(struct im *im, uint64_t id)
{
	struct map_node *n = map_get_id(&im->chats, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct chat, by_id);
}

struct chat_side *chat_other(struct chat_side *s)
{
	return s == &s->chat->a ? &s->chat->b : &s->chat->a;
}

struct chat *chat_of(struct im *im, const struct sip_msg *m, conn_id conn,
		     struct chat_side **side_out)
{
	struct sip_dialog *d = sip_dialogs_get(&im->dialogs, m, conn);

	if (d == NULL)
		return NULL;
	*side_out = CONTAINER_OF(d, struct chat_side, dialog);
	return (*side_out)->chat;
}

/* --- by whom an endpoint talks with --- */

static struct str side_key(const struct chat_side *s)
{
	return str_n(&s->key, sizeof(s->key));
}

static void unlist(struct im *im, struct chat_side *s)
{
	if (!s->is_listed)
		return;
	map_del(&im->sides, &s->by_peer);
	s->is_listed = false;
}

/* The newest wins: it is the one its client looks at. */
static void list_side(struct im *im, struct chat_side *s)
{
	struct map_node *old;

	if (!s->has_dialog || s->endpoint == 0)
		return;
	s->key.endpoint = s->endpoint;
	s->key.peer = chat_other(s)->account;
	old = map_get(&im->sides, side_key(s));
	if (old != NULL)
		unlist(im, CONTAINER_OF(old, struct chat_side, by_peer));
	map_put(&im->sides, &s->by_peer, side_key(s));
	s->is_listed = true;
}

struct chat_side *chat_find(struct im *im, endpoint_id endpoint, account_id peer)
{
	struct chat_side key = { .key = { .endpoint = endpoint, .peer = peer } };
	struct map_node *n = map_get(&im->sides, side_key(&key));

	return n == NULL ? NULL : CONTAINER_OF(n, struct chat_side, by_peer);
}

/* --- life of a chat --- */

struct chat *chat_new(struct im *im, account_id a, endpoint_id from, account_id b)
{
	struct chat *c = xcalloc(1, sizeof(*c));

	c->im = im;
	c->id = ++im->last_id;
	c->a.chat = c->b.chat = c;
	c->a.account = a;
	c->a.endpoint = from;
	c->b.account = b;
	list_init(&c->waiting);
	map_put_id(&im->chats, &c->by_id, c->id);
	return c;
}

static struct str client_of(struct im *im, endpoint_id id)
{
	const struct endpoint *e = registrar_get(im->lync->cfg.registrar, id);

	return e == NULL ? STR_NULL : e->user_agent;
}

static void put_dialog(struct im *im, struct chat_side *s)
{
	if (!s->has_dialog)
		return;
	/* they name our own flows, which these requests need not pass */
	s->dialog.route_lines = STR_NULL;
	sip_dialogs_put(&im->dialogs, &s->dialog);
	list_side(im, s);
}

bool chat_open(struct chat *c)
{
	struct im *im = c->im;
	struct im_session s = { .from = c->a.account,
				.to = c->b.account,
				.from_endpoint = c->a.endpoint,
				.to_endpoint = c->b.endpoint,
				.from_client = client_of(im, c->a.endpoint),
				.to_client = client_of(im, c->b.endpoint),
				.dialect = DIALECT_LYNC };

	c->state = CHAT_OPEN;
	put_dialog(im, &c->a);
	put_dialog(im, &c->b);
	c->session = immcu_session_open(im->lync->cfg.immcu, &s);
	sip_msg_unref(&c->invite);
	if (c->session != 0)
		return true;
	chat_close(c, 404, NULL);
	return false;
}

static void side_fini(struct im *im, struct chat *c, struct chat_side *s)
{
	unlist(im, s);
	if (!s->has_dialog)
		return;
	if (c->state == CHAT_OPEN)
		sip_dialogs_del(&im->dialogs, &s->dialog);
	sip_dialog_fini(&s->dialog);
}

void chat_free(struct chat *c)
{
	struct im *im = c->im;

	im_flush_waiting(c, 480);
	side_fini(im, c, &c->a);
	side_fini(im, c, &c->b);
	sip_msg_unref(&c->invite);
	map_del(&im->chats, &c->by_id);
	free(c);
}

static void say_bye(struct im *im, struct chat_side *s)
{
	struct sip_out o = { 0 };
	struct buf scratch;

	if (!s->has_dialog)
		return;
	buf_init(&scratch, SIP_OUT_MAX);
	sip_dialog_request(&s->dialog, STR("BYE"), STR_NULL, &scratch, &o);
	/* whatever is answered, it is over */
	(void)sip_request_send(im->lync->cfg.stack, &o, NULL, NULL);
	buf_fini(&scratch);
}

void chat_close(struct chat *c, int code, const struct chat_side *except)
{
	struct im *im = c->im;

	if (c->state == CHAT_OPEN) {
		if (&c->a != except)
			say_bye(im, &c->a);
		if (&c->b != except)
			say_bye(im, &c->b);
	}
	if (c->session != 0)
		immcu_session_close(im->lync->cfg.immcu, c->session, code);
	chat_free(c);
}

/* --- what ends without a word --- */

/* What the other had not answered when he went is stored by now, or will be; with the chat goes the place to
 * say so. */
static void close_deserted(struct chat *c, int code, struct chat_side *gone)
{
	if (chat_other(gone)->texts > 0)
		im_tell_offline(chat_other(gone));
	chat_close(c, code, gone);
}

static bool is_on(const struct chat_side *s, conn_id conn)
{
	return s->has_dialog && s->dialog.conn == conn;
}

/* Chats are few beside connections, so a scan serves. */
void im_conn_closed(struct im *im, conn_id conn)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&im->chats, &it); n != NULL;
	     n = map_next(&im->chats, &it)) {
		struct chat *c = CONTAINER_OF(n, struct chat, by_id);

		if (c->state == CHAT_RINGING)
			continue; /* the fork says how that ends */
		if (is_on(&c->a, conn))
			close_deserted(c, 408, &c->a);
		else if (is_on(&c->b, conn))
			close_deserted(c, 408, &c->b);
	}
}

/* --- all of it --- */

static void on_later(struct timer *t, void *arg);

struct im *im_new(struct lync *l)
{
	struct im *im = xcalloc(1, sizeof(*im));

	im->lync = l;
	im->forks = sip_forks_new(l->cfg.stack);
	sip_dialogs_init(&im->dialogs);
	map_init(&im->chats);
	map_init(&im->sides);
	list_init(&im->later);
	timer_init(&im->later_timer, on_later, im);
	immcu_set_dialect(l->cfg.immcu, DIALECT_LYNC,
			  &(struct im_dialect){ .send = im_send, .arg = im });
	return im;
}

struct im_answer {
	struct list link;
	leg_id leg;
	int code;
};

static void on_later(struct timer *t, void *arg)
{
	struct im *im = arg;
	struct list *n;

	(void)t;
	while ((n = list_pop_front(&im->later)) != NULL) {
		struct im_answer a = *LIST_ITEM(n, struct im_answer, link);

		free(LIST_ITEM(n, struct im_answer, link));
		immcu_on_answer(im->lync->cfg.immcu, a.leg, a.code);
	}
}

void im_answer_later(struct im *im, leg_id leg, int code)
{
	struct im_answer *a = xcalloc(1, sizeof(*a));

	a->leg = leg;
	a->code = code;
	list_push_back(&im->later, &a->link);
	timer_start(im->lync->cfg.heap, &im->later_timer, 0);
}

void im_free(struct im **ip)
{
	struct im *im = *ip;
	struct map_iter it;
	struct list *n;

	if (im == NULL)
		return;
	sip_forks_free(&im->forks);
	for (struct map_node *x = map_first(&im->chats, &it); x != NULL;
	     x = map_next(&im->chats, &it))
		chat_free(CONTAINER_OF(x, struct chat, by_id));
	while ((n = list_pop_front(&im->later)) != NULL)
		free(LIST_ITEM(n, struct im_answer, link));
	timer_stop(im->lync->cfg.heap, &im->later_timer);
	sip_dialogs_fini(&im->dialogs);
	map_fini(&im->chats);
	map_fini(&im->sides);
	free(im);
	*ip = NULL;
}
