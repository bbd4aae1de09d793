/* focus_invite.c: asking a client into a group: a room client by INVITE, any other by a text that says where it is. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"
#include "base/rand.h"
#include "sip/build.h"

#include "simple/focus.h"

enum { NAMES_SHOWN = 5 };

/* An INVITE under way; part 0: only to end the room at a client whose dialog was lost. */
struct invitation {
	struct focus *focus;
	uint64_t part;
	conn_id conn;
};

/* --- the welcome of plain clients --- */

struct names {
	struct focus *focus;
	account_id who, by;
	struct buf *out;
	size_t count;
};

static struct str shown(const struct account *a)
{
	return a->display.len > 0 ? a->display : a->name;
}

static bool add_name(const struct group_member *p, void *arg)
{
	struct names *n = arg;
	const struct account *a = directory_get(n->focus->simple->cfg.directory, p->account);

	if (a == NULL || p->account == n->who || p->account == n->by)
		return true;
	if (n->count++ < NAMES_SHOWN)
		buf_addf(n->out, "%s%.*s", n->count == 1 ? " with " : ", ", STR_ARG(shown(a)));
	return true;
}

static void welcome_text(struct focus *f, const struct group_info *g, account_id who, account_id by,
			 struct buf *out)
{
	const struct account *adder = by == who ? NULL
						: directory_get(f->simple->cfg.directory, by);
	struct names n = { .focus = f, .who = who, .by = by, .out = out };

	if (adder != NULL)
		buf_addf(out, "%.*s added you to the group \"", STR_ARG(shown(adder)));
	else
		buf_addz(out, "You are in the group \"");
	buf_add(out, focus_name_of(g));
	buf_addc(out, '"');
	group_each_member(f->immcu, g->id, add_name, &n);
	if (n.count > NAMES_SHOWN)
		buf_addf(out, " and %zu more", n.count - NAMES_SHOWN);
	buf_addz(
		out,
		". Reply here to talk to everyone; /who shows who is here, /add NAME adds somebody, /leave "
		"leaves the group.");
}

static bool was_welcomed(struct focus *f, group_id group, account_id who)
{
	struct focus_room *r = focus_room_make(f, group);

	for (size_t i = 0; i < r->n_welcomed; i++)
		if (r->welcomed[i] == who)
			return true;
	r->welcomed = xrealloc(r->welcomed, (r->n_welcomed + 1) * sizeof(*r->welcomed));
	r->welcomed[r->n_welcomed++] = who;
	return false;
}

/* Once for who is new: not to everybody after each restart, and to who was added while he was away. */
static void welcome(struct focus *f, const struct group_info *g, const struct endpoint *e,
		    account_id by)
{
	struct group_member p;
	bool is_new = group_get_member(f->immcu, g->id, e->account, &p) &&
		      p.joined_ms >= f->started_ms;
	bool is_known = was_welcomed(f, g->id, e->account);
	struct buf text;

	if (by == 0 && (!is_new || is_known))
		return;
	buf_init(&text, IM_BODY_MAX);
	welcome_text(f, g, e->account, by, &text);
	focus_message(f,
		      &(struct focus_out){ .group = g,
					   .to = e,
					   .shape = FOCUS_PLAIN,
					   .body = buf_str(&text),
					   .sent_ms = clk_wall_ms() },
		      NULL, 0);
	buf_fini(&text);
}

/* --- INVITE --- */

static void say(struct focus *f, struct sip_dialog *d, const char *method)
{
	struct sip_out o = { 0 };
	struct buf scratch;

	buf_init(&scratch, SIP_OUT_MAX);
	sip_dialog_request(d, str_of(method), STR_NULL, &scratch, &o);
	if (str_eqz(o.method, "ACK")) {
		if (sip_request_send_once(f->simple->cfg.stack, &o) != E_OK)
			log_debug("focus", "conn=%llu an ACK could not be sent",
				  (unsigned long long)d->conn);
	} else {
		(void)sip_request_send(f->simple->cfg.stack, &o, NULL, NULL);
	}
	buf_fini(&scratch);
}

static void accepted(struct invitation *v, struct focus_part *p, const struct sip_msg *resp)
{
	struct focus *f = v->focus;
	struct sip_msg *m = sip_msg_ref(resp);
	struct sip_dialog d;

	if (sip_dialog_init_uac(&d, m, 1, v->conn) == E_OK) {
		say(f, &d, "ACK");
		if (p == NULL) { /* nobody wants it any more */
			say(f, &d, "BYE");
			sip_dialog_fini(&d);
		} else {
			p->dialog = d;
			p->has_dialog = true;
			sip_dialogs_put(&f->dialogs, &p->dialog);
			focus_part_enter(p, FOCUS_IN);
			group_leg_set_state(f->immcu, p->leg, GROUP_LEG_OPEN);
		}
	} else if (p != NULL) {
		group_leg_close(f->immcu, p->leg, GROUP_LEG_FAILED);
	}
	sip_msg_unref(&m);
}

/* Not now, rather than never. */
static bool is_passing(int code)
{
	return code == 408 || code == 480 || code == 486 || code == 487 || code >= 500;
}

static void refused(struct focus *f, struct focus_part *p, int code)
{
	const struct endpoint *e = registrar_get(f->simple->cfg.registrar, p->endpoint);
	const struct group_info *g;
	group_id group = p->group;

	log_info("focus", "group=%lld endpoint=%llu invitation refused=%d", (long long)group,
		 (unsigned long long)p->endpoint, code);
	if (is_passing(code) || e == NULL) {
		group_leg_close(f->immcu, p->leg, GROUP_LEG_LOST);
		return;
	}
	/* It knows no rooms whatever it said of itself: it takes part as a plain client. */
	g = group_get(f->immcu, group);
	if (g != NULL)
		welcome(f, g, e, 0);
	(void)focus_part_open(f, group, e, FOCUS_PLAIN, GROUP_LEG_OPEN);
}

static void on_answered(void *arg, uint64_t ctx, int code, const struct sip_msg *resp)
{
	struct invitation *v = arg;
	struct focus_part *p = focus_part_get(v->focus, v->part);

	(void)ctx;
	if (code < 300 && resp != NULL)
		accepted(v, p, resp);
	else if (p != NULL)
		refused(v->focus, p, code);
	free(v);
}

static uint64_t send_invite(struct focus *f, const struct group_info *g, const struct endpoint *e,
			    uint64_t part)
{
	struct invitation *v = xcalloc(1, sizeof(*v));
	struct buf from, to, call_id, lines;
	struct sip_out o;
	uint64_t request;

	*v = (struct invitation){ f, part, e->conn };
	buf_init(&from, SIP_HEAD_MAX);
	buf_init(&to, SIP_HEAD_MAX);
	buf_init(&call_id, 64);
	buf_init(&lines, SIP_HEAD_MAX);
	buf_addc(&from, '<');
	focus_uri(f, g, &from);
	buf_addf(&from, ">;tag=%016llx", (unsigned long long)rand_u64());
	/* The GRUU: by the address-of-record the client files another room than by its device. */
	buf_addc(&to, '<');
	focus_endpoint_uri(f, e, &to);
	buf_addc(&to, '>');
	buf_addf(&call_id, "%016llx%016llx", (unsigned long long)rand_u64(),
		 (unsigned long long)rand_u64());
	focus_dialog_lines(f, g, e->conn, &lines);
	sip_build_header(&lines, "Subject", focus_name_of(g));
	buf_addz(&lines,
		 "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, MESSAGE, SUBSCRIBE\r\n");
	if (focus_is_pair(g))
		buf_addz(&lines, "One-To-One-Chat-Room: true\r\n");
	o = (struct sip_out){ .conn = e->conn,
			      .method = STR("INVITE"),
			      .uri = e->contact,
			      .from = buf_str(&from),
			      .to = buf_str(&to),
			      .call_id = buf_str(&call_id),
			      .cseq = 1,
			      .extra_headers = buf_str(&lines),
			      .timeout_ms = FOCUS_INVITE_MS };
	request = sip_request_send(f->simple->cfg.stack, &o, on_answered, v);
	buf_fini(&lines);
	buf_fini(&call_id);
	buf_fini(&to);
	buf_fini(&from);
	return request;
}

void focus_invite_part(struct focus_part *p)
{
	const struct group_info *g = group_get(p->focus->immcu, p->group);
	const struct endpoint *e = registrar_get(p->focus->simple->cfg.registrar, p->endpoint);

	if (g == NULL || e == NULL)
		return; /* its leg ends with them */
	focus_part_enter(p, FOCUS_INVITED);
	p->request = send_invite(p->focus, g, e, p->id);
}

void focus_say_farewell(struct focus_part *p)
{
	const struct group_info *g = group_get(p->focus->immcu, p->group);
	const struct endpoint *e = registrar_get(p->focus->simple->cfg.registrar, p->endpoint);

	if (g != NULL && e != NULL)
		(void)send_invite(p->focus, g, e, 0);
}

static bool invite_waiting(const struct group_leg *l, void *arg)
{
	struct focus_part *p = l->dialect == DIALECT_SIMPLE ? l->ctx : NULL;

	(void)arg;
	if (p != NULL && p->state == FOCUS_WAITING)
		focus_invite_part(p);
	return true;
}

void focus_invite_waiting(struct focus *f, group_id group)
{
	group_each_leg(f->immcu, group, 0, invite_waiting, f);
}

/* --- what the IMMCU asks for --- */

void focus_invite(void *arg, const struct group_info *g, account_id who, const struct endpoint *e,
		  account_id by)
{
	struct focus *f = arg;
	struct focus_part *p;

	(void)who;
	if (!focus_is_room_client(e)) {
		welcome(f, g, e, by);
		(void)focus_part_open(f, g->id, e, FOCUS_PLAIN, GROUP_LEG_OPEN);
		return;
	}
	p = focus_part_open(f, g->id, e, FOCUS_ROOM, GROUP_LEG_INVITED);
	if (p == NULL)
		return;
	if (by != 0)
		focus_invite_part(p);
	else
		focus_part_enter(p, FOCUS_WAITING);
}
