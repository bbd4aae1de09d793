#include "registrar/registrar.h"

#include <assert.h>
#include <stdlib.h>

#include "base/clk.h"
#include "base/mem.h"

#include "registrar/registrar_int.h"

const char *dialect_name(enum dialect d)
{
	static const char *const names[DIALECTS] = {
		[DIALECT_SIMPLE] = "simple", [DIALECT_LYNC] = "lync"
	};

	return names[d];
}

const char *registrar_end_name(enum registrar_end why)
{
	switch (why) {
	case END_REMOVED:
		return "removed";
	case END_EXPIRED:
		return "expired";
	case END_REPLACED:
		return "replaced";
	case END_YIELDED:
		return "gave-its-place";
	case END_CONN_CLOSED:
		return "connection-closed";
	case END_BY_ADMIN:
		return "ended-by-admin";
	case END_ACCOUNT:
		return "account-changed";
	}
	return "unknown";
}

/* --- holders --- */

static struct holder *holder_get(const struct map *m, uint64_t id)
{
	struct map_node *n = map_get_id(m, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct holder, node);
}

static struct holder *holder_make(struct map *m, uint64_t id)
{
	struct holder *h = holder_get(m, id);

	if (h == NULL) {
		h = xcalloc(1, sizeof(*h));
		list_init(&h->list);
		map_put_id(m, &h->node, id);
	}
	return h;
}

static void holder_drop(struct map *m, uint64_t id, struct list *node)
{
	struct holder *h = holder_get(m, id);

	list_del(node);
	if (--h->count == 0) {
		map_del(m, &h->node);
		full_forget(h);
		free(h);
	}
}

/* --- entries --- */

static void set(struct str *to, struct str from)
{
	struct str copy = from.len == 0 ? STR_NULL : str_dup(from);

	str_free(to);
	*to = copy;
}

/* The one place that frees. */
static void entry_free(struct entry *x)
{
	str_free(&x->e.contact);
	str_free(&x->e.params);
	str_free(&x->e.instance);
	str_free(&x->e.call_id);
	str_free(&x->e.user_agent);
	free(x);
}

static void unlink_entry(struct entry *x)
{
	struct registrar *r = x->owner;

	timer_stop(r->heap, &x->expiry);
	map_del(&r->by_id, &x->by_id);
	holder_drop(&r->accounts, (uint64_t)x->e.account, &x->in_account);
	holder_drop(&r->conns, x->e.conn, &x->in_conn);
	r->stats.by_dialect[x->e.dialect]--;
}

void entry_end(struct entry *x, enum registrar_end why)
{
	struct registrar *r = x->owner;

	unlink_entry(x);
	r->stats.sign_outs++;
	for (size_t i = 0; i < r->n_hooks; i++)
		if (r->hooks[i].on_sign_out != NULL)
			r->hooks[i].on_sign_out(r->hooks[i].arg, &x->e, why);
	entry_free(x);
}

static void on_expiry(struct timer *t, void *arg)
{
	(void)t;
	entry_end(arg, END_EXPIRED);
}

static struct entry *entry_get(const struct registrar *r, endpoint_id id)
{
	struct map_node *n = map_get_id(&r->by_id, id);

	return n == NULL ? NULL : CONTAINER_OF(n, struct entry, by_id);
}

bool binding_is_of(const struct binding *b, struct str instance, uint32_t reg_id,
		   struct str contact)
{
	if (b->instance.len > 0 || instance.len > 0)
		return str_eq(instance, b->instance) && reg_id == b->reg_id;
	return str_eq(contact, b->contact);
}

static bool is_same_client(const struct endpoint *e, const struct binding *b)
{
	return binding_is_of(b, e->instance, e->reg_id, e->contact);
}

static struct entry *find(const struct registrar *r, account_id account, const struct binding *b)
{
	struct holder *h = holder_get(&r->accounts, (uint64_t)account);

	if (h == NULL)
		return NULL;
	LIST_EACH (&h->list, n)
		if (is_same_client(&entry_in_account(n)->e, b))
			return entry_in_account(n);
	return NULL;
}

static void fill(struct entry *x, const struct registration *reg, const struct binding *b)
{
	set(&x->e.contact, b->contact);
	set(&x->e.params, b->params);
	set(&x->e.instance, b->instance);
	set(&x->e.call_id, reg->call_id);
	set(&x->e.user_agent, reg->user_agent);
	x->e.reg_id = b->reg_id;
	x->e.q_milli = b->q_milli;
	x->e.cseq = reg->cseq;
	x->e.expires_ms = clk_ms() + (int64_t)b->expires_s * 1000;
	timer_start(x->owner->heap, &x->expiry, x->e.expires_ms);
}

/* active_ms 0: as a client that has just come. */
static void add(struct registrar *r, const struct registration *reg, const struct binding *b,
		int64_t active_ms)
{
	struct entry *x = xcalloc(1, sizeof(*x));
	struct holder *account, *conn;

	x->owner = r;
	x->e.id = ++r->last_id;
	x->e.account = reg->account;
	x->e.conn = reg->conn;
	x->e.dialect = reg->dialect;
	x->e.since_ms = clk_wall_ms();
	timer_init(&x->expiry, on_expiry, x);
	map_put_id(&r->by_id, &x->by_id, x->e.id);
	account = holder_make(&r->accounts, (uint64_t)reg->account);
	x->e.active_ms = active_ms != 0 ? active_ms : full_active_ms(account, b);
	conn = holder_make(&r->conns, reg->conn);
	list_push_front(&account->list, &x->in_account);
	list_push_back(&conn->list, &x->in_conn);
	account->count++;
	conn->count++;
	r->stats.by_dialect[reg->dialect]++;
	r->stats.sign_ins++;
	fill(x, reg, b);
	for (size_t i = 0; i < r->n_hooks; i++)
		if (r->hooks[i].on_sign_in != NULL)
			r->hooks[i].on_sign_in(r->hooks[i].arg, &x->e);
}

/* --- registering --- */

/* RFC 3261 10.3 step 7: an older REGISTER of the same Call-ID changes nothing. */
static bool is_stale(const struct endpoint *e, struct str call_id, uint32_t cseq)
{
	return str_eq(e->call_id, call_id) && cseq <= e->cseq;
}

/* excess_out: how many others must go before it. */
static enum err check(const struct registrar *r, const struct registration *reg, size_t *excess_out)
{
	const struct holder *h = holder_get(&r->accounts, (uint64_t)reg->account);
	size_t count = h == NULL ? 0 : h->count;

	for (size_t i = 0; i < reg->count; i++) {
		const struct binding *b = &reg->binding[i];
		const struct entry *x = find(r, reg->account, b);

		if (x != NULL && is_stale(&x->e, reg->call_id, reg->cseq))
			return E_STALE;
		if (x == NULL && b->expires_s > 0)
			count++;
		if (x != NULL && b->expires_s == 0)
			count--;
	}
	*excess_out = count > ENDPOINTS_PER_ACCOUNT ? count - ENDPOINTS_PER_ACCOUNT : 0;
	return E_OK;
}

enum err registrar_put(struct registrar *r, const struct registration *reg)
{
	size_t excess = 0;
	enum err e = check(r, reg, &excess);

	if (e == E_OK && excess > 0)
		e = full_make_room(r, holder_get(&r->accounts, (uint64_t)reg->account), reg,
				   excess);
	if (e != E_OK)
		return e;
	/* Who goes first makes room for who comes: invariant 3. */
	for (size_t i = 0; i < reg->count; i++) {
		struct entry *x = find(r, reg->account, &reg->binding[i]);

		if (x != NULL && reg->binding[i].expires_s == 0)
			entry_end(x, END_REMOVED);
	}
	for (size_t i = 0; i < reg->count; i++) {
		const struct binding *b = &reg->binding[i];
		struct entry *x = find(r, reg->account, b);
		int64_t active_ms = 0;

		if (b->expires_s == 0)
			continue;
		/* The same client on another connection has come back: what hung on the old one ends. */
		if (x != NULL && x->e.conn != reg->conn) {
			active_ms = x->e.active_ms;
			entry_end(x, END_REPLACED);
			x = NULL;
		}
		if (x == NULL) {
			add(r, reg, b, active_ms);
		} else {
			fill(x, reg, b);
			r->stats.refreshes++;
		}
	}
	return E_OK;
}

/* Looked up anew each time: the last one's end frees the holder, and a listener may end others. */
static void end_all(const struct map *m, uint64_t id, size_t node_offset, enum registrar_end why)
{
	struct holder *h;

	while ((h = holder_get(m, id)) != NULL)
		entry_end((struct entry *)(void *)((char *)h->list.next - node_offset), why);
}

enum err registrar_clear(struct registrar *r, account_id account, struct str call_id, uint32_t cseq)
{
	struct holder *h = holder_get(&r->accounts, (uint64_t)account);

	if (h == NULL)
		return E_OK;
	LIST_EACH (&h->list, n)
		if (is_stale(&entry_in_account(n)->e, call_id, cseq))
			return E_STALE;
	end_all(&r->accounts, (uint64_t)account, offsetof(struct entry, in_account), END_REMOVED);
	return E_OK;
}

void registrar_conn_closed(struct registrar *r, conn_id conn)
{
	end_all(&r->conns, conn, offsetof(struct entry, in_conn), END_CONN_CLOSED);
}

void registrar_end_account(struct registrar *r, account_id account, enum registrar_end why)
{
	end_all(&r->accounts, (uint64_t)account, offsetof(struct entry, in_account), why);
}

enum err registrar_end_endpoint(struct registrar *r, endpoint_id id, enum registrar_end why)
{
	struct entry *x = entry_get(r, id);

	if (x == NULL)
		return E_NOTFOUND;
	entry_end(x, why);
	return E_OK;
}

void registrar_set_full(struct registrar *r, enum registrar_full full)
{
	r->full = full;
}

void registrar_touch(struct registrar *r, endpoint_id id)
{
	struct entry *x = entry_get(r, id);

	if (x != NULL)
		x->e.active_ms = clk_ms();
}

void registrar_hold(struct registrar *r, endpoint_id id)
{
	struct entry *x = entry_get(r, id);

	if (x != NULL)
		x->holds++;
}

void registrar_release(struct registrar *r, endpoint_id id)
{
	struct entry *x = entry_get(r, id);

	if (x == NULL)
		return;
	assert(x->holds > 0);
	x->holds--;
	x->e.active_ms = clk_ms();
}

/* --- looking --- */

const struct endpoint *registrar_get(const struct registrar *r, endpoint_id id)
{
	const struct entry *x = entry_get(r, id);

	return x == NULL ? NULL : &x->e;
}

const struct endpoint *registrar_find_instance(const struct registrar *r, account_id account,
					       struct str instance)
{
	struct holder *h = holder_get(&r->accounts, (uint64_t)account);

	if (h == NULL || instance.len == 0)
		return NULL;
	LIST_EACH (&h->list, n)
		if (str_eq(entry_in_account(n)->e.instance, instance))
			return &entry_in_account(n)->e;
	return NULL;
}

const struct endpoint *registrar_find_conn(const struct registrar *r, account_id account,
					   conn_id conn)
{
	struct holder *h = holder_get(&r->conns, conn);

	if (h == NULL)
		return NULL;
	LIST_EACH (&h->list, n) {
		const struct entry *x = LIST_ITEM(n, struct entry, in_conn);

		if (x->e.account == account)
			return &x->e;
	}
	return NULL;
}

size_t registrar_of_account(const struct registrar *r, account_id account, endpoint_id *out,
			    size_t max)
{
	struct holder *h = holder_get(&r->accounts, (uint64_t)account);
	size_t n_out = 0;

	if (h == NULL)
		return 0;
	LIST_EACH (&h->list, n)
		if (n_out < max)
			out[n_out++] = entry_in_account(n)->e.id;
	return n_out;
}

void registrar_each(const struct registrar *r, registrar_each_fn *fn, void *arg)
{
	struct map_iter it;

	for (struct map_node *n = map_first(&r->by_id, &it); n != NULL;
	     n = map_next(&r->by_id, &it))
		fn(&CONTAINER_OF(n, struct entry, by_id)->e, arg);
}

void registrar_stats_get(const struct registrar *r, struct registrar_stats *out)
{
	*out = r->stats;
	out->endpoints = r->by_id.count;
	out->accounts = r->accounts.count;
}

/* --- life --- */

struct registrar *registrar_new(struct heap *heap)
{
	struct registrar *r = xcalloc(1, sizeof(*r));

	r->heap = heap;
	map_init(&r->by_id);
	map_init(&r->accounts);
	map_init(&r->conns);
	return r;
}

void registrar_listen(struct registrar *r, const struct registrar_hooks *h)
{
	assert(r->n_hooks < REGISTRAR_LISTENERS_MAX);
	r->hooks[r->n_hooks++] = *h;
}

void registrar_free(struct registrar **rp)
{
	struct registrar *r = *rp;
	struct map_iter it;

	if (r == NULL)
		return;
	for (struct map_node *n = map_first(&r->by_id, &it); n != NULL;
	     n = map_next(&r->by_id, &it)) {
		struct entry *x = CONTAINER_OF(n, struct entry, by_id);

		unlink_entry(x);
		entry_free(x);
	}
	map_fini(&r->by_id);
	map_fini(&r->accounts);
	map_fini(&r->conns);
	free(r);
	*rp = NULL;
}
