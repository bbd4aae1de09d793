/* focus.c: where groups meet standards clients: addresses, and what the IMMCU tells. */
#include "simple/focus.h"

#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "sip/forward.h"
#include "sip/lex.h"
#include "sip/route.h"

/* --- addresses --- */

static bool is_here(const struct focus *f, const struct uri *u)
{
	return uri_is_sip(u) && u->user.len > 0 && !sip_gruu_is(u) &&
	       sip_stack_is_ours(f->simple->cfg.stack, u);
}

bool focus_is_factory(const struct focus *f, const struct uri *u)
{
	return is_here(f, u) && str_ieqz(u->user, FOCUS_FACTORY);
}

const struct group_info *focus_group_of(const struct focus *f, const struct uri *u)
{
	const struct group_info *g;
	struct buf name;

	if (!is_here(f, u))
		return NULL;
	buf_init(&name, URI_MAX);
	uri_unescape(&name, u->user);
	g = buf_err(&name) == E_OK ? group_find(f->immcu, buf_str(&name)) : NULL;
	buf_fini(&name);
	return g;
}

void focus_uri(const struct focus *f, const struct group_info *g, struct buf *out)
{
	uri_encode_aor(out, g->name, sip_stack_domain(f->simple->cfg.stack));
}

void focus_factory_uri(const struct focus *f, struct buf *out)
{
	uri_encode_aor(out, STR(FOCUS_FACTORY), sip_stack_domain(f->simple->cfg.stack));
}

void focus_endpoint_uri(const struct focus *f, const struct endpoint *e, struct buf *out)
{
	const struct account *a = directory_get(f->simple->cfg.directory, e->account);

	if (a != NULL && e->instance.len > 0)
		sip_gruu_public(out, a->name, sip_stack_domain(f->simple->cfg.stack), e->instance);
	else
		buf_add(out, e->contact);
}

void focus_contact_line(const struct focus *f, const struct group_info *g, struct buf *out)
{
	buf_addz(out, "Contact: <");
	focus_uri(f, g, out);
	buf_addz(out, ">;isfocus;text\r\n");
}

/* Without the Record-Route the remote target is the group's URI, and clients look for it in DNS. */
void focus_dialog_lines(const struct focus *f, const struct group_info *g, conn_id conn,
			struct buf *out)
{
	sip_stack_record_route(f->simple->cfg.stack, conn, out);
	focus_contact_line(f, g, out);
}

const struct endpoint *focus_sender(const struct focus *f, const struct sip_txn *t)
{
	return registrar_find_conn(f->simple->cfg.registrar, (account_id)sip_txn_account(t),
				   sip_txn_conn_id(t));
}

/* Linphone says so of each device in its REGISTER; it finds a room by its GRUU only. */
bool focus_is_room_client(const struct endpoint *e)
{
	struct str specs = sip_param_get(e->params, STR("+org.linphone.specs"));

	return e->instance.len > 0 && str_search(specs, STR("groupchat")) < specs.len;
}

struct str focus_name_of(const struct group_info *g)
{
	return g->subject.len > 0 ? g->subject : g->name;
}

bool focus_is_pair(const struct group_info *g)
{
	return g->organizer == 0 && str_starts(g->conf_id, STR("pair"));
}

void focus_refuse(const struct focus *f, const struct sip_txn *t, int code, const char *reason,
		  const char *headers)
{
	sip_reply(f->simple->cfg.stack, sip_txn_id(t), code, reason, str_of(headers), STR_NULL,
		  STR_NULL);
}

int focus_code_of(enum err e)
{
	return e == E_DENIED ? 403 : e == E_FULL ? 486 : sip_status_of_err(e);
}

/* --- rooms --- */

struct focus_room *focus_room_get(struct focus *f, group_id id)
{
	struct map_node *n = map_get_id(&f->rooms, (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct focus_room, by_id);
}

struct focus_room *focus_room_make(struct focus *f, group_id id)
{
	struct focus_room *r = focus_room_get(f, id);

	if (r == NULL) {
		r = xcalloc(1, sizeof(*r));
		r->id = id;
		list_init(&r->watches);
		map_put_id(&f->rooms, &r->by_id, (uint64_t)id);
	}
	return r;
}

static void room_free(struct focus *f, struct focus_room *r)
{
	map_del(&f->rooms, &r->by_id);
	free(r->welcomed);
	free(r);
}

void focus_room_release(struct focus *f, group_id id)
{
	struct focus_room *r = focus_room_get(f, id);

	if (r != NULL && list_is_empty(&r->watches) &&
	    (r->n_welcomed == 0 || group_get(f->immcu, id) == NULL))
		room_free(f, r);
}

/* --- after somebody left --- */

struct heir {
	account_id oldest;
	bool is_led;
};

static bool look_for_heir(const struct group_member *p, void *arg)
{
	struct heir *h = arg;

	if (h->oldest == 0)
		h->oldest = p->account;
	h->is_led = p->role == GROUP_PRESENTER;
	return !h->is_led;
}

/* A room that people made lasts as long as somebody is in it, and somebody must be able to lead it. */
static void tidy(struct focus *f, group_id id)
{
	const struct group_info *g = group_get(f->immcu, id);
	struct heir h = { 0 };

	if (g == NULL)
		return;
	if (g->members == 0 || (focus_is_pair(g) && g->members < 2)) {
		if (group_end(f->immcu, id, 0) != E_OK)
			log_warn("focus", "group=%lld could not be ended", (long long)id);
		return;
	}
	if (focus_is_pair(g))
		return;
	group_each_member(f->immcu, id, look_for_heir, &h);
	if (!h.is_led && group_set_role(f->immcu, id, 0, h.oldest, GROUP_PRESENTER) != E_OK)
		log_warn("focus", "group=%lld nobody leads it", (long long)id);
}

static void on_tidy(struct timer *t, void *arg)
{
	struct focus *f = arg;
	group_id *ids = f->tidy;
	size_t n = f->n_tidy;

	(void)t;
	f->tidy = NULL;
	f->n_tidy = 0;
	for (size_t i = 0; i < n; i++)
		tidy(f, ids[i]);
	free(ids);
}

static void tidy_soon(struct focus *f, group_id id)
{
	if (f->n_tidy > 0 && f->tidy[f->n_tidy - 1] == id)
		return;
	f->tidy = xrealloc(f->tidy, (f->n_tidy + 1) * sizeof(*f->tidy));
	f->tidy[f->n_tidy++] = id;
	timer_start(f->simple->cfg.heap, &f->tidy_timer, clk_ms());
}

static bool is_peoples(const struct group_info *g)
{
	return g->kind == GROUP_STANDING && g->access == GROUP_CLOSED &&
	       (g->organizer != 0 || focus_is_pair(g));
}

/* --- what the IMMCU tells --- */

static void on_event(void *arg, const struct group_info *g, const struct group_event *ev)
{
	struct focus *f = arg;
	struct focus_room *r;

	focus_tell(f, g, ev);
	if (ev->kind == GROUP_EV_MEMBER_GONE && is_peoples(g))
		tidy_soon(f, g->id);
	r = ev->kind == GROUP_EV_ENDED ? focus_room_get(f, g->id) : NULL;
	if (r != NULL)
		room_free(f, r);
}

/* --- life --- */

struct focus *focus_new(struct simple *s)
{
	struct focus *f = xcalloc(1, sizeof(*f));

	f->simple = s;
	f->immcu = s->cfg.immcu;
	f->started_ms = clk_wall_ms();
	sip_dialogs_init(&f->dialogs);
	map_init(&f->parts);
	map_init(&f->rooms);
	timer_init(&f->tidy_timer, on_tidy, f);
	focus_events_init(f);
	group_set_dialect(f->immcu, DIALECT_SIMPLE,
			  &(struct group_dialect){ .render = focus_render,
						   .send = focus_send,
						   .invite = focus_invite,
						   .on_event = on_event,
						   .on_leg_end = focus_part_on_leg_end,
						   .on_report = focus_on_report,
						   .arg = f });
	return f;
}

void focus_free(struct focus **fp)
{
	struct focus *f = *fp;
	struct map_iter it;

	if (f == NULL)
		return;
	focus_events_fini(f);
	for (struct map_node *n = map_first(&f->parts, &it); n != NULL;
	     n = map_next(&f->parts, &it))
		focus_part_free(CONTAINER_OF(n, struct focus_part, by_id));
	for (struct map_node *n = map_first(&f->rooms, &it); n != NULL;
	     n = map_next(&f->rooms, &it))
		room_free(f, CONTAINER_OF(n, struct focus_room, by_id));
	timer_stop(f->simple->cfg.heap, &f->tidy_timer);
	free(f->tidy);
	map_fini(&f->parts);
	map_fini(&f->rooms);
	sip_dialogs_fini(&f->dialogs);
	free(f);
	*fp = NULL;
}
