/* fake_group.h: a dialect with legs, for tests of groups.  After fake_im.h. */
#ifndef TESTS_FAKE_GROUP_H
#define TESTS_FAKE_GROUP_H

#include "immcu/archive.h"
#include "immcu/filter.h"
#include "immcu/group.h"

enum { COPIES = 20000, EVENTS = 4096 };

static struct gcopy {
	group_leg_id leg;
	uint64_t seq;
	account_id to;
	char text[96]; /* the rendering */
	bool is_replayed;
} gcopy[COPIES];
static size_t gcopies;

static struct group_event gevent[EVENTS];
static size_t gevents;
static group_leg_id gended[EVENTS];
static enum group_leg_end gended_why[EVENTS];
static size_t gends;
static unsigned renders, invites, reports, report_failures;
static account_id invite_who, invite_by;
static group_leg_id full_leg; /* its connection takes no more */

static void g_render(void *arg, unsigned shape, const struct group_text *t, struct buf *out)
{
	(void)arg;
	renders++;
	buf_addf(out, "%u|%.*s|%.*s%.*s", shape, STR_ARG(t->author_name), STR_ARG(t->t.body),
		 STR_ARG(t->t.notice));
}

static enum err g_send(void *arg, const struct group_leg *leg, const struct group_text *t,
		       struct str rendering)
{
	struct gcopy *c = &gcopy[gcopies];

	(void)arg;
	if (leg->id == full_leg)
		return E_FULL;
	assert_true(gcopies < COPIES);
	c->leg = leg->id;
	c->seq = t->seq;
	c->to = leg->account;
	c->is_replayed = t->is_replayed;
	snprintf(c->text, sizeof(c->text), "%.*s", STR_ARG(rendering));
	gcopies++;
	return E_OK;
}

static void g_invite(void *arg, const struct group_info *g, account_id who,
		     const struct endpoint *e, account_id by)
{
	(void)arg;
	(void)g;
	(void)e;
	invites++;
	invite_who = who;
	invite_by = by;
}

static void g_event(void *arg, const struct group_info *g, const struct group_event *ev)
{
	assert_true(gevents < EVENTS);
	assert_true(g->version == ev->version);
	if (arg != NULL)
		return;
	if (gevents > 0 && gevent[gevents - 1].group == ev->group)
		assert_int_equal(ev->version, gevent[gevents - 1].version + 1);
	gevent[gevents++] = *ev;
}

static void g_leg_end(void *arg, const struct group_leg *leg, enum group_leg_end why)
{
	(void)arg;
	assert_true(gends < EVENTS);
	gended_why[gends] = why;
	gended[gends++] = leg->id;
}

static void g_report(void *arg, const struct group_leg *author, uint64_t seq,
		     const struct group_failure *f, size_t count)
{
	(void)arg;
	(void)author;
	(void)seq;
	(void)f;
	reports++;
	report_failures += (unsigned)count;
}

static __attribute__((unused)) void fake_group_hooks(struct immcu *m)
{
	struct group_dialect d = { .render = g_render,
				   .send = g_send,
				   .invite = g_invite,
				   .on_event = g_event,
				   .on_leg_end = g_leg_end,
				   .on_report = g_report };

	gevents = 0;
	group_set_dialect(m, DIALECT_SIMPLE, &d);
	d.arg = &d; /* events are counted once */
	group_set_dialect(m, DIALECT_LYNC, &d);
}

static __attribute__((unused)) void fake_group_reset(void)
{
	gcopies = gevents = gends = 0;
	renders = invites = reports = report_failures = 0;
	full_leg = 0;
	fake_ops = 0;
	fake_disk_full = false;
}

#endif
