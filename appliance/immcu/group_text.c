/* group_text.c: the texts a group keeps: for legs on their way through them, and for who comes back.
 *
 *     added ── archive required ─→ held ── on disk ─→ released
 *         └──────────────────────────────────────────→ released
 *                                   └─ the disk refuses ─→ dropped: legs pass over it */
#include <assert.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/group_int.h"

/* Numbers have no gap, and what is asked for is mostly new. */
struct gtext *gt_find(const struct group *g, uint64_t seq)
{
	struct list *n = g->texts.prev;

	if (seq < g->first_seq || seq > g->v.last_seq)
		return NULL;
	for (uint64_t at = g->v.last_seq; at > seq; at--)
		n = n->prev;
	return LIST_ITEM(n, struct gtext, in_group);
}

/* --- reports --- */

static void report(struct gtext *x)
{
	struct groups *gs = x->g->m->groups;
	struct gleg *author = gl_get(x->g->m, x->author_leg);
	const struct group_dialect *d = author == NULL ? NULL : &gs->dialect[author->v.dialect];

	timer_stop(x->g->m->cfg.heap, &x->report);
	if (x->is_reported)
		return;
	x->is_reported = true;
	if (d != NULL && d->on_report != NULL && !author->is_in_hook)
		d->on_report(d->arg, &author->v, x->seq, x->failures, x->n_failures);
	free(x->failures);
	x->failures = NULL;
	x->n_failures = 0;
}

static void on_report(struct timer *t, void *arg)
{
	(void)t;
	report(arg);
}

static void add_failure(struct gtext *x, const struct gleg *l, int code)
{
	if (x->is_reported || x->n_failures == GROUP_FAILURES_MAX)
		return;
	x->failures = xrealloc(x->failures, (x->n_failures + 1) * sizeof(*x->failures));
	x->failures[x->n_failures++] = (struct group_failure){ .account = l->v.account,
							       .endpoint = l->v.endpoint,
							       .code = code };
}

void gt_copy_done(struct gtext *x, const struct gleg *l, int code)
{
	if (code < 300)
		x->is_taken = true;
	if (x->seq < l->counted_from || x->waits == 0)
		return;
	x->waits--;
	if (code >= 300)
		add_failure(x, l, code);
	if (x->waits == 0 &&
	    !x->is_reported) /* by the timer: not from inside what the adapter is doing */
		timer_start(x->g->m->cfg.heap, &x->report, clk_ms());
}

/* --- life --- */

static void drop_renderings(struct gtext *x)
{
	if (x->renderings == NULL)
		return;
	for (int d = 0; d < DIALECTS; d++)
		for (int s = 0; s < GROUP_SHAPES_MAX; s++)
			buf_fini(&x->renderings->buf[d][s]);
	free(x->renderings);
	x->renderings = NULL;
	list_del(&x->in_rendered);
}

void gt_drop_renderings(struct groups *gs)
{
	while (!list_is_empty(&gs->rendered))
		drop_renderings(LIST_ITEM(gs->rendered.next, struct gtext, in_rendered));
}

/* The one place that frees. */
void gt_free(struct gtext *x)
{
	struct group *g = x->g;

	timer_stop(g->m->cfg.heap, &x->report);
	drop_renderings(x);
	list_del(&x->in_group);
	g->n_texts--;
	g->text_bytes -= x->text.size;
	g->m->groups->stats.history_bytes -= x->text.size;
	im_copy_fini(&x->text);
	free(x->failures);
	free(x);
}

/* Whoever has not come further than the text that goes cannot follow. */
static void trim(struct group *g)
{
	while (g->n_texts > GROUP_HISTORY_TEXTS ||
	       (g->text_bytes > GROUP_HISTORY_BYTES && g->n_texts > 1)) {
		struct gtext *x = LIST_ITEM(g->texts.next, struct gtext, in_group);

		if (x->seq > g->released)
			return;
		LIST_EACH (&g->members, n)
			LIST_EACH (&LIST_ITEM(n, struct gmember, in_group)->legs, k) {
				struct gleg *l = LIST_ITEM(k, struct gleg, in_member);

				if (l->v.state == GROUP_LEG_OPEN && l->cursor <= x->seq &&
				    l->counted_from <= x->seq)
					gl_end(l, GROUP_LEG_FULL);
			}
		g->first_seq = x->seq + 1;
		gt_free(x);
	}
}

static struct gtext *text_new(struct group *g, const struct im_text *t, uint64_t seq)
{
	struct gtext *x = xcalloc(1, sizeof(*x));

	x->g = g;
	x->seq = seq;
	im_copy_init(&x->text, t);
	timer_init(&x->report, on_report, x);
	list_init(&x->in_rendered);
	list_push_back(&g->texts, &x->in_group);
	if (g->n_texts++ == 0)
		g->first_seq = seq;
	g->v.last_seq = seq;
	g->text_bytes += x->text.size;
	g->m->groups->stats.history_bytes += x->text.size;
	return x;
}

/* Texts before a gap cannot be told in order with what follows. */
static void drop_all(struct group *g)
{
	LIST_EACH (&g->texts, n)
		gt_free(LIST_ITEM(n, struct gtext, in_group));
}

void gt_restored(struct group *g)
{
	if (g->v.last_seq < g->disk_seq) {
		drop_all(g);
		g->v.last_seq = g->released = g->disk_seq;
	}
	if (g->n_texts == 0)
		g->first_seq = g->v.last_seq + 1;
}

void gt_restore(struct group *g, const struct im_text *t, uint64_t seq)
{
	struct gtext *x;

	if (g->n_texts > 0 && seq != g->v.last_seq + 1)
		drop_all(g);
	x = text_new(g, t, seq);
	x->is_reported = true;
	g->released = seq;
	trim(g);
}

struct gtext *gt_add(struct group *g, const struct im_text *t, group_leg_id author_leg,
		     bool is_held)
{
	struct gtext *x = text_new(g, t, g->v.last_seq + 1);

	x->author_leg = author_leg;
	x->is_held = is_held;
	LIST_EACH (&g->members, n)
		LIST_EACH (&LIST_ITEM(n, struct gmember, in_group)->legs, k) {
			struct gleg *l = LIST_ITEM(k, struct gleg, in_member);

			x->waits += l->v.state == GROUP_LEG_OPEN && !gl_is_own(x, l);
		}
	timer_start(g->m->cfg.heap, &x->report, clk_ms() + (x->waits == 0 ? 0 : GROUP_REPORT_MS));
	if (!is_held && g->released == x->seq - 1)
		g->released = x->seq;
	trim(g);
	return x;
}

static void release(struct group *g)
{
	struct gtext *x;

	while ((x = gt_find(g, g->released + 1)) != NULL && (!x->is_held || x->is_dropped))
		g->released++;
	gl_wake_all(g);
	gl_pump(g->m);
}

int gt_on_stored(struct immcu *m, group_id id, uint64_t seq, enum err err)
{
	struct group *g = g_get(m, id);
	struct gtext *x = g == NULL ? NULL : gt_find(g, seq);
	bool was_held = x != NULL && x->is_held;
	int code = err == E_OK ? 202 : g == NULL ? 404 : 503;

	if (x == NULL)
		return code;
	if (err != E_OK && x->is_taken)
		code = 200; /* somebody has it: the author must not send it again */
	else if (err != E_OK)
		x->is_dropped = true;
	x->is_held = false;
	if (was_held)
		release(g);
	return code;
}

/* --- what a leg is given --- */

void gt_view(const struct gtext *x, const struct gleg *l, struct group_text *out)
{
	*out = (struct group_text){
		.group = x->g->v.id,
		.seq = x->seq,
		.author = directory_get(x->g->m->cfg.directory, x->text.v.from),
		.author_name = x->text.v.from_name,
		.author_display = x->text.v.from_display,
		.t = x->text.v,
		.is_replayed = x->seq < l->counted_from,
	};
	out->t.conversation = x->g->v.conversation;
}

struct str gt_render(struct gtext *x, const struct gleg *l)
{
	struct groups *gs = x->g->m->groups;
	const struct group_dialect *d = &gs->dialect[l->v.dialect];
	struct buf *b;

	if (x->renderings == NULL) {
		x->renderings = xcalloc(1, sizeof(*x->renderings));
		list_push_back(&gs->rendered, &x->in_rendered);
	}
	b = &x->renderings->buf[l->v.dialect][l->v.shape];
	if (!x->renderings->is_made[l->v.dialect][l->v.shape]) {
		struct group_text t;

		x->renderings->is_made[l->v.dialect][l->v.shape] = true;
		buf_init(b, GROUP_RENDERING_MAX);
		/* Shared by all: nothing of one leg may be in it. */
		gt_view(x, l, &t);
		t.is_replayed = false;
		if (d->render != NULL)
			d->render(d->arg, l->v.shape, &t, b);
	}
	return buf_str(b);
}
