/* group_disk.c: what a restart finds of groups: themselves, their members, the last texts. */
#include <stdlib.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"

#include "immcu/filter_int.h"
#include "immcu/group_int.h"

/* Versions may have been told that were not on disk yet: GROUP_EVENTS_KEPT of them in GROUP_SAVE_MS would
 * be a storm, so this is beyond all of them. */
enum { VERSION_JUMP = 1000 };

/* --- the group and its members --- */

struct group_op {
	struct im_op o;
	struct db_group row;	   /* owns its strings */
	struct db_member *members; /* owned */
	size_t count;
	bool is_new;
	group_done_fn *done;
	void *arg;
};

static struct group_op *of(struct im_op *o)
{
	return CONTAINER_OF(o, struct group_op, o);
}

static void op_free(struct im_op *o)
{
	struct group_op *x = of(o);

	str_free(&x->row.name);
	str_free(&x->row.conf_id);
	str_free(&x->row.subject);
	free(x->members);
	free(x);
}

static enum err op_run(struct store_op *op, struct db *db)
{
	struct group_op *x = of(CONTAINER_OF(op, struct im_op, op));

	return x->is_new ? db_group_add(db, &x->row)
			 : db_group_update(db, &x->row, x->members, x->count);
}

/* What the disk did not take goes there with the next change or text, or in a while. */
static void once_more(struct group *g, const struct group_op *x)
{
	static struct log_rate rate;

	if (log_rate_ok(&rate, 1))
		log_error("group", "group=%lld event=not-saved error=\"%s\"", (long long)x->row.id,
			  err_str(x->o.op.err));
	g->is_absent_on_disk |= x->is_new;
	g->is_roster_dirty = true;
	for (size_t i = 0; i < x->count; i++)
		if (x->members[i].state != DB_MEMBER_IN &&
		    gm_get(g, x->members[i].account_id) == NULL)
			gm_note_gone(g, x->members[i].account_id);
	LIST_EACH (&g->members, n)
		LIST_ITEM(n, struct gmember, in_group)->is_dirty = true;
	g_touch(g);
}

static void op_done(struct im_op *o)
{
	struct group_op *x = of(o);
	struct group *g = g_get(o->m, x->row.id);

	if (o->op.err != E_OK && g != NULL)
		once_more(g, x);
	if (x->done != NULL)
		x->done(x->arg, o->op.err, x->row.id);
	op_free(o);
}

static struct group_op *op_new(struct group *g)
{
	struct group_op *x = xcalloc(1, sizeof(*x));

	x->row = (struct db_group){
		.id = g->v.id,
		.kind = g->v.kind,
		.access = g->v.access,
		.is_locked = g->v.is_locked,
		.ends_with_organizer = g->v.ends_with_organizer,
		.name = str_dup(g->v.name),
		.conf_id = str_dup(g->v.conf_id),
		.subject = str_dup(g->v.subject),
		.organizer_id = g->v.organizer,
		.created_ms = g->v.created_ms,
		.last_text_ms = g->last_text_ms,
		.last_seq = (int64_t)g->v.last_seq,
		.version = (int64_t)g->v.version,
	};
	x->o.done = op_done;
	x->o.free = op_free;
	return x;
}

void group_disk_add(struct group *g, group_done_fn *done, void *arg)
{
	struct group_op *x = op_new(g);

	g->is_absent_on_disk = false;
	x->is_new = true;
	x->done = done;
	x->arg = arg;
	im_op_submit(g->m, &x->o, STORE_DURABLE, op_run);
}

/* Who left comes first: he may have come back since. */
static struct group_op *changes_of(struct group *g)
{
	struct group_op *x;

	if (g->is_absent_on_disk)
		group_disk_add(g, NULL, NULL);
	x = op_new(g);
	g->is_roster_dirty = false;
	x->members = xcalloc(g->n_gone + g->v.members + 1, sizeof(*x->members));
	for (size_t i = 0; i < g->n_gone; i++)
		x->members[x->count++] = g->gone[i];
	g->n_gone = 0;
	LIST_EACH (&g->members, n) {
		struct gmember *p = LIST_ITEM(n, struct gmember, in_group);

		if (!p->is_dirty)
			continue;
		p->is_dirty = false;
		x->members[x->count++] = (struct db_member){
			.account_id = p->account,
			.state = DB_MEMBER_IN,
			.role = p->role,
			.is_sticky = p->is_sticky,
			.joined_ms = p->joined_ms,
			.seen_seq = (int64_t)p->seen,
		};
	}
	return x;
}

void group_disk_save(struct group *g)
{
	struct group_op *x = changes_of(g);

	/* One class for all there is of a group: an older state must not come after a newer one. */
	im_op_submit(g->m, &x->o, STORE_DURABLE, op_run);
}

void group_disk_save_now(struct group *g, group_done_fn *done, void *arg)
{
	struct group_op *x = changes_of(g);

	x->done = done;
	x->arg = arg;
	im_op_submit(g->m, &x->o, STORE_DURABLE, op_run);
}

struct delete_op {
	struct im_op o;
	group_id id;
};

static enum err delete_run(struct store_op *op, struct db *db)
{
	return db_group_delete(
		db, CONTAINER_OF(CONTAINER_OF(op, struct im_op, op), struct delete_op, o)->id);
}

static void delete_free(struct im_op *o)
{
	free(CONTAINER_OF(o, struct delete_op, o));
}

void group_disk_delete(struct immcu *m, group_id id)
{
	struct delete_op *x = xcalloc(1, sizeof(*x));

	x->id = id;
	x->o.free = delete_free;
	im_op_submit(m, &x->o, STORE_DURABLE, delete_run);
}

/* --- texts --- */

struct text_op {
	struct im_op o;
	struct im_copy text;
	struct archive_entry entry; /* of a text that waits for it */
	group_id group;
	uint64_t seq, drop_seq;
	uint64_t token;
	im_answer_fn *answer;
	void *arg;
};

static struct text_op *text_of(struct im_op *o)
{
	return CONTAINER_OF(o, struct text_op, o);
}

static void text_free(struct im_op *o)
{
	struct text_op *x = text_of(o);

	im_copy_fini(&x->text);
	archive_entry_fini(&x->entry);
	free(x);
}

static enum err text_run(struct store_op *op, struct db *db)
{
	struct text_op *x = text_of(CONTAINER_OF(op, struct im_op, op));
	const struct im_text *t = &x->text.v;
	const struct db_group_text row = {
		.group_id = x->group,
		.seq = (int64_t)x->seq,
		.at_ms = t->sent_ms,
		.author_id = t->from,
		.author_name = t->from_name,
		.author_display = t->from_display,
		.dialect = str_of(dialect_name(t->dialect)),
		.content_type = t->content_type,
		.content_encoding = t->content_encoding,
		.call_id = t->call_id,
		.message_id = t->message_id,
		.extra = t->headers,
		.notice = t->notice,
		.plain = t->plain,
		.body = t->body,
	};
	enum err e = db_group_text_put(db, &row, (int64_t)x->drop_seq);

	return e == E_OK && x->entry.is_on ? archive_entry_put(&x->entry, db) : e;
}

static void text_done(struct im_op *o)
{
	struct text_op *x = text_of(o);
	struct immcu *m = o->m;
	enum err err = o->op.err;
	struct group *g;
	int code;

	m->stats.archived += err == E_OK && x->entry.is_on;
	code = gt_on_stored(m, x->group, x->seq, err);
	if (err != E_OK && err != E_NOTFOUND) {
		static struct log_rate rate;

		if (log_rate_ok(&rate, 1))
			log_error("group", "group=%lld event=text-not-stored error=\"%s\"",
				  (long long)x->group, err_str(err));
	}
	g = g_get(m, x->group);
	if (g != NULL)
		conversation_on_result(m, g->v.conversation, code);
	if (x->answer != NULL)
		x->answer(x->arg, x->token, code, code == 503 ? IM_RETRY_AFTER_S : 0);
	text_free(o);
}

void group_disk_put_text(struct gtext *t, uint64_t drop_seq, uint64_t token, im_answer_fn *answer,
			 void *arg)
{
	struct text_op *x = xcalloc(1, sizeof(*x));

	/* Accepted for members whom a crash would forget, it would be lost to them. */
	if (t->g->is_roster_dirty)
		group_disk_save(t->g);
	im_copy_init(&x->text, &t->text.v);
	if (t->is_held)
		archive_group_entry(t->g, t, &x->entry);
	x->group = t->g->v.id;
	x->seq = t->seq;
	x->drop_seq = drop_seq;
	x->token = token;
	x->answer = answer;
	x->arg = arg;
	x->o.done = text_done;
	x->o.free = text_free;
	im_op_submit(t->g->m, &x->o, STORE_DURABLE, text_run);
}

/* --- boot --- */

struct load_op {
	struct store_op op;
	struct immcu *m;
};

static void load_group(const struct db_group *r, void *arg)
{
	struct immcu *m = arg;
	struct group *g = g_new(m, r->id);

	g->v.kind = r->kind == GROUP_STANDING ? GROUP_STANDING : GROUP_ADHOC;
	g->v.access = r->access == GROUP_OPEN ? GROUP_OPEN : GROUP_CLOSED;
	g->v.is_locked = r->is_locked;
	g->v.ends_with_organizer = r->ends_with_organizer;
	g->v.name = str_dup(r->name);
	g->v.conf_id = str_dup(r->conf_id);
	g->v.subject = str_dup(r->subject);
	g->v.organizer = r->organizer_id;
	g->v.created_ms = r->created_ms;
	g->v.version = (uint64_t)r->version + VERSION_JUMP;
	g->disk_seq = (uint64_t)r->last_seq;
	g->last_text_ms = r->last_text_ms;
	g_link(g);
}

static void load_member(int64_t group, const struct db_member *r, void *arg)
{
	struct group *g = g_get(arg, group);
	struct gmember *p;

	if (g == NULL)
		return;
	if (r->state == DB_MEMBER_BANNED) {
		gm_ban(g, r->account_id);
		return;
	}
	p = gm_link(g, r->account_id);
	p->role = r->role == GROUP_PRESENTER ? GROUP_PRESENTER : GROUP_ATTENDEE;
	p->is_sticky = r->is_sticky;
	p->joined_ms = r->joined_ms;
	p->seen = (uint64_t)r->seen_seq;
	p->version = g->v.version;
	gm_check_absent(p); /* who had a leg has the time to come back */
}

static void load_text(const struct db_group_text *r, void *arg)
{
	struct group *g = g_get(arg, r->group_id);
	struct im_text t = {
		.from = r->author_id,
		.content_type = r->content_type,
		.content_encoding = r->content_encoding,
		.body = r->body,
		.plain = r->plain,
		.call_id = r->call_id,
		.message_id = r->message_id,
		.headers = r->extra,
		.notice = r->notice,
		.from_name = r->author_name,
		.from_display = r->author_display,
		.sent_ms = r->at_ms,
	};

	for (int i = 0; i < DIALECTS; i++)
		if (str_eqz(r->dialect, dialect_name((enum dialect)i)))
			t.dialect = (enum dialect)i;
	if (g != NULL)
		gt_restore(g, &t, (uint64_t)r->seq);
}

static enum err load_run(struct store_op *op, struct db *db)
{
	struct immcu *m = CONTAINER_OF(op, struct load_op, op)->m;
	enum err e = db_group_last_id(db, &m->groups->last_id);

	if (e == E_OK)
		e = db_group_each(db, load_group, m);
	if (e == E_OK)
		e = db_group_member_each(db, load_member, m);
	return e != E_OK ? e : db_group_text_each(db, load_text, m);
}

enum err group_disk_load(struct immcu *m)
{
	struct load_op x = { .op = { .cls = STORE_QUERY, .run = load_run }, .m = m };
	enum err e = store_run_sync(m->cfg.store, &x.op);
	struct map_iter it;

	for (struct map_node *n = map_first(&m->groups->by_id, &it); n != NULL && e == E_OK;
	     n = map_next(&m->groups->by_id, &it)) {
		struct group *g = CONTAINER_OF(n, struct group, by_id);

		gt_restored(g);
		g_start_timers(g);
	}
	return e;
}
