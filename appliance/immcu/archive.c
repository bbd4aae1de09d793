/* archive.c: whose texts are kept, and how they get to the disk. */
#include "immcu/archive.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "db/archive.h"

#include "immcu/filter_int.h"
#include "immcu/group_int.h"

/* --- rules --- */

struct rule {
	struct map_node node; /* the key is the rule's id */
	struct archive_rule v;
};

struct archive {
	struct map rules[ARCHIVE_ACCOUNT + 1];
};

struct archive *archive_new(void)
{
	struct archive *a = xcalloc(1, sizeof(*a));

	for (size_t i = 0; i < ARRAY_LEN(a->rules); i++)
		map_init(&a->rules[i]);
	return a;
}

void archive_free(struct archive **ap)
{
	struct archive *a = *ap;
	struct map_iter it;

	if (a == NULL)
		return;
	for (size_t i = 0; i < ARRAY_LEN(a->rules); i++) {
		for (struct map_node *n = map_first(&a->rules[i], &it); n != NULL;
		     n = map_next(&a->rules[i], &it))
			free(CONTAINER_OF(n, struct rule, node));
		map_fini(&a->rules[i]);
	}
	free(a);
	*ap = NULL;
}

static struct rule *rule_get(const struct immcu *m, enum archive_scope scope, int64_t id)
{
	struct map_node *n = map_get_id(&m->archive->rules[scope], (uint64_t)id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct rule, node);
}

static void rule_put(struct immcu *m, const struct archive_rule *v)
{
	struct rule *r = rule_get(m, v->scope, v->id);

	if (r == NULL) {
		r = xcalloc(1, sizeof(*r));
		map_put_id(&m->archive->rules[v->scope], &r->node, (uint64_t)v->id);
	}
	r->v = *v;
}

static void rule_drop(struct immcu *m, enum archive_scope scope, int64_t id)
{
	struct rule *r = rule_get(m, scope, id);

	if (r == NULL)
		return;
	map_del(&m->archive->rules[scope], &r->node);
	free(r);
}

struct archive_rule archive_rule_of(const struct immcu *m, account_id account)
{
	const struct account *a = directory_get(m->cfg.directory, account);
	struct rule *r = rule_get(m, ARCHIVE_ACCOUNT, account);

	if (r == NULL && a != NULL && a->department != 0)
		r = rule_get(m, ARCHIVE_DEPARTMENT, a->department);
	if (r == NULL)
		r = rule_get(m, ARCHIVE_ALL, 0);
	return r != NULL ? r->v
			 : (struct archive_rule){ .scope = ARCHIVE_ALL, .mode = ARCHIVE_OFF };
}

enum archive_mode archive_applies(const struct immcu *m, const account_id *who, size_t count)
{
	enum archive_mode mode = ARCHIVE_OFF;

	for (size_t i = 0; i < count && mode != ARCHIVE_REQUIRED; i++) {
		enum archive_mode one = archive_rule_of(m, who[i]).mode;

		mode = one > mode ? one : mode;
	}
	return mode;
}

void archive_each(const struct immcu *m, archive_rule_fn *fn, void *arg)
{
	struct map_iter it;

	for (size_t i = 0; i < ARRAY_LEN(m->archive->rules); i++)
		for (struct map_node *n = map_first(&m->archive->rules[i], &it); n != NULL;
		     n = map_next(&m->archive->rules[i], &it))
			fn(&CONTAINER_OF(n, struct rule, node)->v, arg);
}

/* --- changing them --- */

struct rule_op {
	struct im_op o;
	struct archive_rule v;
	bool is_drop;
	archive_done_fn *done;
	void *arg;
};

static struct rule_op *rule_of(struct im_op *o)
{
	return CONTAINER_OF(o, struct rule_op, o);
}

static enum err rule_run(struct store_op *op, struct db *db)
{
	struct rule_op *x = rule_of(CONTAINER_OF(op, struct im_op, op));
	const struct db_archive_rule r = {
		.scope = x->v.scope, .id = x->v.id, .mode = x->v.mode, .keep_days = x->v.keep_days
	};

	return x->is_drop ? db_archive_rule_drop(db, r.scope, r.id) : db_archive_rule_put(db, &r);
}

static void rule_free(struct im_op *o)
{
	free(rule_of(o));
}

static void rule_done(struct im_op *o)
{
	struct rule_op *x = rule_of(o);

	if (o->op.err == E_OK && x->is_drop)
		rule_drop(o->m, x->v.scope, x->v.id);
	else if (o->op.err == E_OK)
		rule_put(o->m, &x->v);
	if (x->done != NULL)
		x->done(x->arg, o->op.err);
	rule_free(o);
}

static void rule_submit(struct immcu *m, const struct archive_rule *r, bool is_drop,
			archive_done_fn *done, void *arg)
{
	struct rule_op *x = xcalloc(1, sizeof(*x));

	x->v = *r;
	x->is_drop = is_drop;
	x->done = done;
	x->arg = arg;
	x->o.done = rule_done;
	x->o.free = rule_free;
	im_op_submit(m, &x->o, STORE_DURABLE, rule_run);
}

void archive_set(struct immcu *m, const struct archive_rule *r, archive_done_fn *done, void *arg)
{
	rule_submit(m, r, false, done, arg);
}

void archive_drop(struct immcu *m, enum archive_scope scope, int64_t id, archive_done_fn *done,
		  void *arg)
{
	rule_submit(m, &(struct archive_rule){ .scope = scope, .id = id }, true, done, arg);
}

/* --- texts --- */

static bool is_same(struct str a, struct str b)
{
	return a.p == b.p && a.len == b.len;
}

/* Kept as long as the rule that keeps it longest says. */
static bool keep_until(const struct immcu *m, const account_id *who, size_t count, int64_t at_ms,
		       int64_t *out)
{
	bool is_on = false;

	*out = 1;
	for (size_t i = 0; i < count; i++) {
		struct archive_rule r = archive_rule_of(m, who[i]);
		int64_t until = r.keep_days == 0 ? 0 : at_ms + r.keep_days * 86400000;

		if (r.mode == ARCHIVE_OFF)
			continue;
		is_on = true;
		if (until == 0 || (*out != 0 && until > *out))
			*out = until;
	}
	return is_on;
}

void archive_entry_init(struct archive_entry *a, struct immcu *m, const struct im_text *t,
			int64_t conversation, const account_id *who, size_t count)
{
	const struct account *from = directory_get(m->cfg.directory, t->from);
	struct buf to;

	*a = (struct archive_entry){ .is_on = false };
	if (!keep_until(m, who, count, t->sent_ms, &a->purge_ms))
		return;
	buf_init(&to, GROUP_MEMBERS_MAX * 512);
	for (size_t i = 0; i < count; i++) {
		const struct account *one = directory_get(m->cfg.directory, who[i]);
		struct str uri = one == NULL || who[i] == t->from ? STR_NULL : im_uri_of(m, one);

		if (uri.len == 0)
			continue;
		if (to.len > 0)
			buf_addc(&to, ' ');
		buf_add(&to, uri);
		str_free(&uri);
	}
	a->is_on = true;
	a->conversation = conversation;
	a->at_ms = t->sent_ms;
	a->from = t->from;
	a->from_uri = from == NULL ? STR_NULL : im_uri_of(m, from);
	a->to_uris = str_dup(buf_str(&to));
	a->content_type = str_dup(t->content_type);
	a->plain = str_dup(t->plain);
	if (!is_same(t->plain, t->body))
		a->body = str_dup(t->body);
	buf_fini(&to);
}

void archive_entry_fini(struct archive_entry *a)
{
	str_free(&a->from_uri);
	str_free(&a->to_uris);
	str_free(&a->content_type);
	str_free(&a->plain);
	str_free(&a->body);
	a->is_on = false;
}

enum err archive_entry_put(const struct archive_entry *a, struct db *db)
{
	return db_archive_put(db, &(struct db_archive_text){ .at_ms = a->at_ms,
							     .purge_ms = a->purge_ms,
							     .conversation = a->conversation,
							     .from_uri = a->from_uri,
							     .to_uris = a->to_uris,
							     .content_type = a->content_type,
							     .plain = a->plain,
							     .body = a->body });
}

/* --- a text that does not wait for it --- */

struct keep_op {
	struct im_op o;
	struct archive_entry entry;
};

static struct keep_op *keep_of(struct im_op *o)
{
	return CONTAINER_OF(o, struct keep_op, o);
}

static enum err keep_run(struct store_op *op, struct db *db)
{
	return archive_entry_put(&keep_of(CONTAINER_OF(op, struct im_op, op))->entry, db);
}

static void keep_free(struct im_op *o)
{
	archive_entry_fini(&keep_of(o)->entry);
	free(keep_of(o));
}

static void keep_done(struct im_op *o)
{
	static struct log_rate rate;

	if (o->op.err != E_OK) {
		o->m->stats.archive_failed++;
		if (log_rate_ok(&rate, 1))
			log_error("archive", "event=not-archived conversation=%lld error=\"%s\"",
				  (long long)keep_of(o)->entry.conversation, err_str(o->op.err));
	} else {
		o->m->stats.archived++;
	}
	keep_free(o);
}

static void keep(struct immcu *m, const struct archive_entry *entry)
{
	struct keep_op *x;

	if (!entry->is_on)
		return;
	x = xcalloc(1, sizeof(*x));
	x->entry = *entry;
	x->o.done = keep_done;
	x->o.free = keep_free;
	im_op_submit(m, &x->o, STORE_SOON, keep_run);
}

void archive_pair_text(struct immcu *m, const struct im_text *t, int64_t conversation)
{
	const account_id who[] = { t->from, t->to };
	struct archive_entry entry;

	archive_entry_init(&entry, m, t, conversation, who, 2);
	keep(m, &entry);
}

void archive_group_entry(struct group *g, const struct gtext *x, struct archive_entry *out)
{
	account_id who[GROUP_MEMBERS_MAX + 1];
	size_t count = 0;

	LIST_EACH (&g->members, n)
		if (count < GROUP_MEMBERS_MAX)
			who[count++] = LIST_ITEM(n, struct gmember, in_group)->account;
	archive_entry_init(out, g->m, &x->text.v, g->v.conversation, who, count);
}

void archive_group_text(struct group *g, const struct gtext *x)
{
	struct archive_entry entry;

	if (x->is_held)
		return; /* goes with the text's own operation */
	archive_group_entry(g, x, &entry);
	keep(g->m, &entry);
}

/* --- a text that waits for it --- */

struct hold_op {
	struct im_op o;
	struct archive_entry entry;
	struct im_copy text;
	int64_t conversation;
	uint64_t token;
	im_answer_fn *answer;
	void *arg;
};

static struct hold_op *hold_of(struct im_op *o)
{
	return CONTAINER_OF(o, struct hold_op, o);
}

static enum err hold_run(struct store_op *op, struct db *db)
{
	return archive_entry_put(&hold_of(CONTAINER_OF(op, struct im_op, op))->entry, db);
}

static void hold_free(struct im_op *o)
{
	struct hold_op *x = hold_of(o);

	o->m->stats.live_bytes -= x->text.size;
	archive_entry_fini(&x->entry);
	im_copy_fini(&x->text);
	free(x);
}

static void hold_done(struct im_op *o)
{
	struct hold_op *x = hold_of(o);
	struct immcu *m = o->m;

	if (o->op.err == E_OK) {
		m->stats.archived++;
		if (directory_get(m->cfg.directory, x->text.v.to) != NULL)
			delivery_submit(m, &x->text.v, x->conversation, x->token, x->answer,
					x->arg);
		else
			x->answer(x->arg, x->token, 404, 0);
	} else {
		m->stats.archive_failed++;
		log_error("archive", "event=text-refused conversation=%lld error=\"%s\"",
			  (long long)x->conversation, err_str(o->op.err));
		conversation_on_result(m, x->conversation, 503);
		x->answer(x->arg, x->token, 503, IM_RETRY_AFTER_S);
	}
	hold_free(o);
}

bool archive_hold(struct immcu *m, const struct im_text *t, const struct im_text *written,
		  int64_t conversation, uint64_t token, im_answer_fn *answer, void *arg)
{
	const account_id who[] = { t->from, t->to };
	struct hold_op *x;

	if (archive_applies(m, who, 2) != ARCHIVE_REQUIRED)
		return false;
	x = xcalloc(1, sizeof(*x));
	archive_entry_init(&x->entry, m, written, conversation, who, 2);
	im_copy_init(&x->text, t);
	m->stats.live_bytes += x->text.size;
	x->conversation = conversation;
	x->token = token;
	x->answer = answer;
	x->arg = arg;
	x->o.done = hold_done;
	x->o.free = hold_free;
	im_op_submit(m, &x->o, STORE_DURABLE, hold_run);
	return true;
}

/* --- boot --- */

struct load_op {
	struct store_op op;
	struct immcu *m;
};

static void load_one(const struct db_archive_rule *r, void *arg)
{
	struct archive_rule v = { .id = r->id, .keep_days = r->keep_days };

	if (r->scope < ARCHIVE_ALL || r->scope > ARCHIVE_ACCOUNT || r->mode < ARCHIVE_OFF ||
	    r->mode > ARCHIVE_REQUIRED)
		return; /* no rule this program made */
	v.scope = (enum archive_scope)r->scope;
	v.mode = (enum archive_mode)r->mode;
	rule_put(arg, &v);
}

static enum err load_run(struct store_op *op, struct db *db)
{
	return db_archive_rule_each(db, load_one, CONTAINER_OF(op, struct load_op, op)->m);
}

enum err archive_load(struct immcu *m)
{
	struct load_op x = { .op = { .cls = STORE_QUERY, .run = load_run }, .m = m };

	return store_run_sync(m->cfg.store, &x.op);
}
