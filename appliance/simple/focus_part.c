/* focus_part.c: an endpoint's share in a group.
 *
 *   WAITING ── FOCUS_RESUME_MS ─→ INVITED ── 2xx ─→ IN
 *      └─ subscribed, wrote, dialled in ────────────↗      INVITED ── refused ─→ ended, or a plain one's part
 */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"

#include "simple/focus.h"

static const char *state_name(enum focus_part_state state)
{
	switch (state) {
	case FOCUS_WAITING:
		return "waiting";
	case FOCUS_INVITED:
		return "invited";
	case FOCUS_IN:
		return "in";
	}
	return "?";
}

struct focus_part *focus_part_get(const struct focus *f, uint64_t id)
{
	struct map_node *n = map_get_id(&f->parts, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct focus_part, by_id);
}

struct focus_part *focus_part_find(const struct focus *f, group_id group, endpoint_id e)
{
	const struct group_leg *l = group_leg_find(f->immcu, group, e);

	return l == NULL || l->dialect != DIALECT_SIMPLE ? NULL : l->ctx;
}

struct focus_part *focus_part_of(const struct focus *f, const struct sip_txn *t)
{
	struct sip_dialog *d = sip_dialogs_get(&f->dialogs, sip_txn_msg(t), sip_txn_conn_id(t));

	return d == NULL ? NULL : CONTAINER_OF(d, struct focus_part, dialog);
}

static void on_wait(struct timer *t, void *arg)
{
	(void)t;
	focus_invite_part(arg);
}

/* The one place where the state changes. */
void focus_part_enter(struct focus_part *p, enum focus_part_state state)
{
	struct heap *h = p->focus->simple->cfg.heap;

	log_debug("focus", "part=%llu group=%lld %s->%s", (unsigned long long)p->id,
		  (long long)p->group, state_name(p->state), state_name(state));
	p->state = state;
	if (state == FOCUS_WAITING)
		timer_start(h, &p->wait, clk_ms() + FOCUS_RESUME_MS);
	else
		timer_stop(h, &p->wait);
}

void focus_part_forget_pending(struct focus_part *p, struct focus_pending *x)
{
	list_del(&x->link);
	str_free(&x->message_id);
	free(x);
	p->n_pending--;
}

static void drop_dialog(struct focus_part *p)
{
	if (!p->has_dialog)
		return;
	p->has_dialog = false;
	sip_dialogs_del(&p->focus->dialogs, &p->dialog);
	sip_dialog_fini(&p->dialog);
}

/* The one teardown. */
void focus_part_free(struct focus_part *p)
{
	timer_stop(p->focus->simple->cfg.heap, &p->wait);
	drop_dialog(p);
	while (!list_is_empty(&p->pending))
		focus_part_forget_pending(p,
					  LIST_ITEM(p->pending.next, struct focus_pending, link));
	map_del(&p->focus->parts, &p->by_id);
	free(p);
}

struct focus_part *focus_part_open(struct focus *f, group_id group, const struct endpoint *e,
				   enum focus_shape shape, enum group_leg_state state)
{
	struct focus_part *p = xcalloc(1, sizeof(*p));
	bool is_room = shape == FOCUS_ROOM;
	struct group_leg_new n = { .account = e->account,
				   .endpoint = e->id,
				   .state = state,
				   .shape = shape,
				   .ctx = p,
				   .takes_typing = is_room,
				   .takes_receipts = is_room,
				   .has_commands = !is_room };
	struct buf label;
	enum err err;

	*p = (struct focus_part){ .focus = f,
				  .id = ++f->last_part,
				  .group = group,
				  .endpoint = e->id,
				  .account = e->account,
				  .conn = e->conn,
				  .shape = shape,
				  .state = FOCUS_IN };
	list_init(&p->pending);
	timer_init(&p->wait, on_wait, p);
	map_put_id(&f->parts, &p->by_id, p->id);
	buf_init(&label, URI_MAX);
	focus_endpoint_uri(f, e, &label);
	n.label = buf_str(&label);
	err = group_leg_open(f->immcu, group, &n, &p->leg);
	buf_fini(&label);
	if (err != E_OK) {
		focus_part_free(p);
		return NULL;
	}
	return p;
}

void focus_part_resume(struct focus *f, const struct group_info *g, const struct endpoint *e)
{
	struct focus_part *p = focus_part_find(f, g->id, e->id);

	if (!focus_is_room_client(e))
		return;
	if (p == NULL || (p->shape == FOCUS_PLAIN && !p->has_dialog)) {
		(void)focus_part_open(f, g->id, e, FOCUS_ROOM, GROUP_LEG_OPEN);
		return;
	}
	if (p->state == FOCUS_WAITING)
		focus_part_enter(p, FOCUS_IN);
	if (p->state == FOCUS_IN)
		group_leg_set_state(f->immcu, p->leg, GROUP_LEG_OPEN);
}

static void say_bye(struct focus_part *p)
{
	struct sip_out o = { 0 };
	struct buf scratch;

	buf_init(&scratch, SIP_OUT_MAX);
	sip_dialog_request(&p->dialog, STR("BYE"), STR_NULL, &scratch, &o);
	/* 481 means gone as well */
	(void)sip_request_send(p->focus->simple->cfg.stack, &o, NULL, NULL);
	buf_fini(&scratch);
}

/* Who comes back later keeps his dialog: only an end for good is said. */
static bool is_for_good(enum group_leg_end why)
{
	switch (why) {
	case GROUP_LEG_LEFT:
	case GROUP_LEG_REMOVED:
	case GROUP_LEG_GROUP_ENDED:
		return true;
	case GROUP_LEG_LOST:
	case GROUP_LEG_FAILED:
	case GROUP_LEG_FULL:
	case GROUP_LEG_REPLACED:
		return false;
	}
	return false;
}

void focus_part_on_leg_end(void *arg, const struct group_leg *leg, enum group_leg_end why)
{
	struct focus_part *p = leg->ctx;

	(void)arg;
	if (p->state == FOCUS_INVITED && why != GROUP_LEG_LOST)
		sip_request_cancel(p->focus->simple->cfg.stack, p->request);
	if (is_for_good(why) && !p->has_left && p->has_dialog)
		say_bye(p);
	else if (is_for_good(why) && !p->has_left && p->shape == FOCUS_ROOM && p->state == FOCUS_IN)
		focus_say_farewell(p);
	focus_part_free(p);
}
