#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/log.h"
#include "base/mem.h"

#include "net/hub_int.h"

enum {
	SLOTS_FIRST = 256,
	SWEEP_MS = 1000,
	SWEEP_PARTS = 5,       /* every connection is looked at every 5 s */
	TRIMS_PER_SWEEP = 128, /* 4 us each */
	LINGERING_MAX = 1024,
	FLUSHES_MIN = 16,
	LINGER_READS = 4,
	END_ROUNDS = 4, /* closes that cause closes, within one turn */
};

static const conn_id SLOT_MASK = ((conn_id)1 << SLOT_BITS) - 1;

static void on_event(int fd, uint32_t events, void *arg);
static void on_timer(struct timer *t, void *arg);
static void on_sweep(struct timer *t, void *arg);
static void on_turn_end(void *arg);

/* --- lookup --- */

struct conn *hub_conn(const struct hub *h, conn_id id)
{
	size_t i = (size_t)(id & SLOT_MASK);
	struct conn *c;

	if (id == 0 || i >= h->n_slots)
		return NULL;
	c = h->slot[i];
	return c != NULL && c->id == id ? c : NULL;
}

static void slots_grow(struct hub *h)
{
	size_t n = h->n_slots == 0 ? SLOTS_FIRST : h->n_slots * 2;

	assert(n <= SLOT_MASK + 1);
	h->slot = xrealloc(h->slot, n * sizeof(*h->slot));
	h->free_slot = xrealloc(h->free_slot, n * sizeof(*h->free_slot));
	for (size_t i = n; i > h->n_slots; i--) {
		h->slot[i - 1] = NULL;
		h->free_slot[h->n_free++] = (uint32_t)(i - 1);
	}
	h->n_slots = n;
}

static void slot_take(struct hub *h, struct conn *c)
{
	uint32_t i;

	if (h->n_free == 0)
		slots_grow(h);
	i = h->free_slot[--h->n_free];
	c->id = ++h->serial << SLOT_BITS | i;
	h->slot[i] = c;
}

static void slot_release(struct hub *h, struct conn *c)
{
	uint32_t i = (uint32_t)(c->id & SLOT_MASK);

	h->slot[i] = NULL;
	h->free_slot[h->n_free++] = i;
}

/* --- the hub --- */

static size_t or_size(size_t v, size_t def)
{
	return v != 0 ? v : def;
}

static int64_t or_ms(int64_t v, int64_t def)
{
	return v != 0 ? v : def;
}

static struct hub_cfg with_defaults(const struct hub_cfg *cfg)
{
	struct hub_cfg c = { .conns_max = 0 };

	if (cfg != NULL)
		c = *cfg;
	c.conns_max = or_size(c.conns_max, NET_CONNS_MAX);
	c.unauth_max = or_size(c.unauth_max, NET_UNAUTH_MAX);
	c.input_max_unauth = or_size(c.input_max_unauth, NET_INPUT_MAX_UNAUTH);
	c.input_max = or_size(c.input_max, NET_INPUT_MAX);
	c.output_max_unauth = or_size(c.output_max_unauth, NET_OUTPUT_MAX_UNAUTH);
	c.output_max = or_size(c.output_max, NET_OUTPUT_MAX);
	c.first_request_ms = or_ms(c.first_request_ms, NET_FIRST_REQUEST_MS);
	c.sign_in_ms = or_ms(c.sign_in_ms, NET_SIGN_IN_MS);
	c.idle_trim_ms = or_ms(c.idle_trim_ms, NET_IDLE_TRIM_MS);
	return c;
}

static void on_wake(struct loop_work *w)
{
	(void)w; /* its only use is that the loop does not sleep */
}

struct hub *hub_new(struct loop *l, const struct hub_hooks *hooks, const struct hub_cfg *cfg)
{
	struct hub *h = xcalloc(1, sizeof(*h));

	h->loop = l;
	h->hooks = *hooks;
	h->cfg = with_defaults(cfg);
	assert(h->cfg.conns_max <= SLOT_MASK);
	list_init(&h->ready);
	list_init(&h->again);
	list_init(&h->dirty);
	list_init(&h->later);
	list_init(&h->dying);
	list_init(&h->lingering);
	list_init(&h->unauth);
	h->visit.fn = hub_visit_ready;
	h->wake.fn = on_wake;
	timer_init(&h->sweep, on_sweep, h);
	h->ahead.cap = NET_READ_MAX;
	h->ahead.p = xmalloc(h->ahead.cap);
	h->plain = xmalloc(HUB_PLAIN_BYTES);
	loop_on_turn_end(l, on_turn_end, h);
	return h;
}

/* The one place that frees a connection. */
static void conn_free(struct conn *c)
{
	struct hub *h = c->hub;

	timer_stop(loop_heap(h->loop), &c->timer);
	list_del(&c->ready_node);
	list_del(&c->dirty_node);
	list_del(&c->end_node);
	loop_del_fd(h->loop, stream_fd(c->stream));
	conn_drop_output(c);
	buf_fini(&c->in);
	stream_free(&c->stream);
	free(c);
}

void hub_free(struct hub **hp)
{
	struct hub *h = *hp;

	if (h == NULL)
		return;
	for (size_t i = 0; i < h->n_slots; i++) {
		if (h->slot[i] != NULL)
			conn_end(h->slot[i], E_GONE);
	}
	on_turn_end(h);
	while (!list_is_empty(&h->lingering))
		conn_free(LIST_ITEM(h->lingering.next, struct conn, end_node));
	loop_off_turn_end(h->loop, on_turn_end, h);
	loop_undefer(&h->visit);
	loop_undefer(&h->wake);
	timer_stop(loop_heap(h->loop), &h->sweep);
	hub_free_spare(h);
	free(h->ahead.p);
	mem_wipe(h->plain, HUB_PLAIN_BYTES);
	free(h->plain);
	free(h->slot);
	free(h->free_slot);
	free(h);
	*hp = NULL;
}

/* --- the beginning of a connection --- */

struct adoption {
	struct job job;
	struct hub *hub;
	struct stream *stream;
	struct addr peer, local;
	struct str first; /* owned */
};

static void on_adoption(struct job *j)
{
	struct adoption *a = CONTAINER_OF(j, struct adoption, job);

	hub_open(a->hub, a->stream, &a->peer, &a->local, a->first);
	str_free(&a->first);
	free(a);
}

void hub_adopt(struct hub *h, struct stream *s, const struct addr *peer, const struct addr *local,
	       struct str first)
{
	struct adoption *a = xcalloc(1, sizeof(*a));

	*a = (struct adoption){ .job = { .fn = on_adoption },
				.hub = h,
				.stream = s,
				.peer = *peer,
				.local = *local,
				.first = str_dup(first) };
	queue_push(loop_queue(h->loop), &a->job);
}

/* The oldest connection that has not signed in makes room; false when there is none. */
static bool drop_oldest_unauth(struct hub *h)
{
	LIST_EACH (&h->unauth, n) {
		struct conn *c = LIST_ITEM(n, struct conn, unauth_node);

		if (c->state == CONN_DYING)
			continue;
		stat_add(&h->n.unauth_dropped, 1);
		conn_end(c, E_FULL);
		return true;
	}
	return false;
}

static bool has_room(struct hub *h)
{
	static struct log_rate rate;

	if (hub_count(h) < h->cfg.conns_max && h->n_unauth < h->cfg.unauth_max)
		return true;
	if (log_rate_ok(&rate, 1))
		log_warn("net", "full connections=%zu unauthenticated=%zu", hub_count(h),
			 h->n_unauth);
	/* The dropped one ends with this turn: the caps may be passed by what one turn brings. */
	return drop_oldest_unauth(h);
}

conn_id hub_open(struct hub *h, struct stream *s, const struct addr *peer, const struct addr *local,
		 struct str first)
{
	struct conn *c;

	if (!has_room(h)) {
		stat_add(&h->n.refused, 1);
		stream_free(&s);
		return 0;
	}
	c = xcalloc(1, sizeof(*c));
	c->hub = h;
	c->stream = s;
	c->active_ms = clk_ms();
	c->info = (struct conn_info){
		.peer = *peer,
		.local = *local,
		.tls_version = stream_tls_version(s),
		.cipher = stream_cipher(s),
		.since_ms = c->active_ms,
	};
	/* What one visit decrypts comes on top of the cap, which is checked after it was offered. */
	buf_init(&c->in, h->cfg.input_max + 2 * HUB_PLAIN_BYTES);
	timer_init(&c->timer, on_timer, c);
	if (loop_add_fd(h->loop, stream_fd(s), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, on_event,
			c) != E_OK) {
		stat_add(&h->n.refused, 1);
		conn_free(c);
		return 0;
	}
	slot_take(h, c);
	h->n_unauth++;
	list_push_back(&h->unauth, &c->unauth_node);
	stat_add(&h->n.open, 1);
	stat_add(&h->n.adopted, 1);
	timer_start(loop_heap(h->loop), &c->timer, c->active_ms + h->cfg.first_request_ms);
	if (!timer_is_running(&h->sweep))
		timer_start(loop_heap(h->loop), &h->sweep, c->active_ms + SWEEP_MS);
	buf_add(&c->in, first);
	c->offer = first.len > 0;
	if (buf_err(&c->in) != E_OK)
		conn_end(c, buf_err(&c->in));
	/* Bytes may sit in the TLS context already, and no edge tells of those. */
	conn_ready(c);
	h->hooks.on_open(h->hooks.arg, c->id, &c->info);
	return c->id;
}

/* --- the end of a connection --- */

void conn_end(struct conn *c, enum err why)
{
	if (c->state == CONN_DYING || c->state == CONN_LINGER)
		return;
	if (c->state == CONN_OPEN)
		c->why = why;
	c->state = CONN_DYING;
	list_push_back(&c->hub->dying, &c->end_node);
	/* Called between turns too: the turn that ends it must come. */
	loop_defer(c->hub->loop, &c->hub->wake);
}

void conn_drain(struct conn *c, enum err why)
{
	struct hub *h = c->hub;

	if (c->state != CONN_OPEN)
		return;
	c->state = CONN_DRAINING;
	c->why = why;
	c->fin_after = true;
	timer_start(loop_heap(h->loop), &c->timer, clk_ms() + NET_DRAIN_MS);
	if (!c->write_blocked)
		conn_dirty(c); /* the flush at the end of the turn sees that it is done */
}

void hub_close(struct hub *h, conn_id id, enum hub_close how)
{
	struct conn *c = hub_conn(h, id);

	if (c == NULL)
		return;
	if (how == HUB_CLOSE_AFTER_FLUSH) {
		conn_drain(c, E_GONE);
		return;
	}
	c->fin_after = false;
	conn_end(c, E_GONE);
}

static void leave_unauth(struct conn *c)
{
	if (!list_is_linked(&c->unauth_node))
		return;
	list_del(&c->unauth_node);
	c->hub->n_unauth--;
	stream_leave_source(c->stream);
}

static void count_close(struct hub *h, const struct conn *c)
{
	stat_sub(&h->n.open, 1);
	stat_add(&h->n.closed, 1);
	if (c->authenticated)
		stat_sub(&h->n.authenticated, 1);
	if (c->why == E_TIMEOUT)
		stat_add(&h->n.timeout, 1);
	else if (c->why == E_IO || c->why == E_BAD)
		stat_add(&h->n.error, 1);
}

static void linger_end(struct conn *c)
{
	c->hub->n_lingering--;
	conn_free(c);
}

/* Throws input away until the peer's FIN.  Without it the kernel answers unread bytes with a reset,
 * which may overtake our last answer. */
static void linger_read(struct conn *c)
{
	struct stream_ahead *a = &c->hub->ahead;
	ssize_t n;
	int i = 0;

	do {
		n = stream_fetch(c->stream, a);
		a->pos = a->len = 0;
	} while (n > 0 && ++i < LINGER_READS);
	if (n < 0 && n != E_AGAIN)
		linger_end(c);
}

static void linger(struct conn *c)
{
	struct hub *h = c->hub;

	c->state = CONN_LINGER;
	list_push_back(&h->lingering, &c->end_node);
	h->n_lingering++;
	timer_start(loop_heap(h->loop), &c->timer, clk_ms() + NET_LINGER_MS);
	linger_read(c); /* what came before brings no edge any more */
}

/* Tells the owner, then frees or lingers. */
static void conn_bury(struct conn *c)
{
	struct hub *h = c->hub;

	list_del(&c->end_node);
	list_del(&c->ready_node);
	list_del(&c->dirty_node);
	timer_stop(loop_heap(h->loop), &c->timer);
	leave_unauth(c);
	count_close(h, c);
	h->hooks.on_close(h->hooks.arg, c->id, c->why);
	slot_release(h, c);
	if (c->why != E_CLOSED && c->why != E_IO)
		stream_end_write(c->stream);
	if (c->fin_after && c->out_head == NULL && h->n_lingering < LINGERING_MAX)
		linger(c);
	else
		conn_free(c);
}

/* Writes for the time the turn has left, but always some; the rest goes first in the next turn. */
static void flush_dirty(struct hub *h)
{
	struct list *n;
	int done = 0;

	while ((done++ < FLUSHES_MIN || loop_turn_us(h->loop) < NET_TURN_MAX_US) &&
	       (n = list_pop_front(&h->dirty)) != NULL) {
		struct conn *c = LIST_ITEM(n, struct conn, dirty_node);

		/* A peer that only closed its own direction may still read the answers of this turn. */
		if (c->state == CONN_DYING && c->why != E_CLOSED)
			continue;
		if (conn_flush(c))
			list_push_back(&h->later, &c->dirty_node);
		if (c->state == CONN_DRAINING && c->out_head == NULL)
			conn_end(c, c->why);
	}
}

static void on_turn_end(void *arg)
{
	struct hub *h = arg;
	struct list *n;

	for (int i = 0; i < END_ROUNDS && !(list_is_empty(&h->dirty) && list_is_empty(&h->dying));
	     i++) {
		flush_dirty(h);
		while ((n = h->dying.next) != &h->dying)
			conn_bury(LIST_ITEM(n, struct conn, end_node));
	}
	while ((n = list_pop_front(&h->later)) != NULL)
		list_push_back(&h->dirty, n);
	if (list_is_empty(&h->dirty) && list_is_empty(&h->dying))
		loop_undefer(&h->wake);
	else
		loop_defer(h->loop, &h->wake);
}

/* --- events --- */

static void on_event(int fd, uint32_t events, void *arg)
{
	struct conn *c = arg;

	(void)fd;
	if (c->state == CONN_LINGER) {
		linger_read(c);
		return;
	}
	if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->hup = true;
	if ((events & EPOLLOUT) && c->write_blocked) {
		c->write_blocked = false;
		conn_dirty(c);
	}
	if (c->state != CONN_OPEN || c->paused) {
		if (events & (EPOLLHUP | EPOLLERR))
			conn_end(c, E_CLOSED);
		return;
	}
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		conn_ready(c);
}

static void on_timer(struct timer *t, void *arg)
{
	struct conn *c = arg;

	(void)t;
	switch (c->state) {
	case CONN_OPEN:
		conn_drain(c, E_TIMEOUT);
		break;
	case CONN_DRAINING:
		conn_end(c, c->why);
		break;
	case CONN_DYING:
		break;
	case CONN_LINGER:
		linger_end(c);
		break;
	}
}

static void on_sweep(struct timer *t, void *arg)
{
	struct hub *h = arg;
	int64_t now = clk_ms();
	size_t part = h->n_slots / SWEEP_PARTS + 1, trims = 0;

	for (size_t i = 0; i < part && trims < TRIMS_PER_SWEEP; i++) {
		struct conn *c = h->slot[h->sweep_at % h->n_slots];

		h->sweep_at = (h->sweep_at + 1) % h->n_slots;
		if (c == NULL || c->trimmed || now - c->active_ms < h->cfg.idle_trim_ms ||
		    c->out_bytes > 0)
			continue;
		if (stream_trim(c->stream) == 0)
			continue;
		c->trimmed = true;
		stat_add(&h->n.trims, 1);
		trims++;
	}
	if (hub_count(h) > 0)
		timer_start(loop_heap(h->loop), t, now + SWEEP_MS);
}

/* --- the rest of the interface --- */

void hub_set_authenticated(struct hub *h, conn_id id)
{
	struct conn *c = hub_conn(h, id);

	if (c == NULL || c->authenticated || c->state == CONN_DYING)
		return;
	c->authenticated = true;
	leave_unauth(c);
	stat_add(&h->n.authenticated, 1);
	if (c->state == CONN_OPEN)
		timer_stop(loop_heap(h->loop), &c->timer);
}

void hub_set_deadline(struct hub *h, conn_id id, int64_t ms)
{
	struct conn *c = hub_conn(h, id);

	if (c != NULL && !c->authenticated && c->state == CONN_OPEN)
		timer_start(loop_heap(h->loop), &c->timer, clk_ms() + ms);
}

void hub_pause(struct hub *h, conn_id id)
{
	struct conn *c = hub_conn(h, id);

	if (c != NULL)
		c->paused = true;
}

void hub_resume(struct hub *h, conn_id id)
{
	struct conn *c = hub_conn(h, id);

	if (c == NULL || !c->paused)
		return;
	c->paused = false;
	c->offer = c->in.len > 0;
	if (c->state == CONN_OPEN)
		conn_ready(c); /* the edges of the meantime are gone */
}

const struct conn_info *hub_info(const struct hub *h, conn_id id)
{
	const struct conn *c = hub_conn(h, id);

	return c == NULL ? NULL : &c->info;
}

size_t hub_output_bytes(const struct hub *h, conn_id id)
{
	const struct conn *c = hub_conn(h, id);

	return c == NULL ? 0 : c->out_bytes;
}

void hub_each(struct hub *h, hub_each_fn *fn, void *arg)
{
	for (size_t i = 0; i < h->n_slots; i++) {
		struct conn *c = h->slot[i];

		if (c != NULL && c->state == CONN_OPEN)
			fn(arg, c->id, &c->info);
	}
}

size_t hub_count(const struct hub *h)
{
	return h->n_slots - h->n_free;
}

static uint64_t stat_get(const _Atomic uint64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

void hub_stats_get(const struct hub *h, struct net_stats *out)
{
	*out = (struct net_stats){
		.open = stat_get(&h->n.open),
		.authenticated = stat_get(&h->n.authenticated),
		.adopted = stat_get(&h->n.adopted),
		.refused = stat_get(&h->n.refused),
		.closed = stat_get(&h->n.closed),
		.closed_timeout = stat_get(&h->n.timeout),
		.closed_output_full = stat_get(&h->n.output_full),
		.closed_input_full = stat_get(&h->n.input_full),
		.closed_unauth_dropped = stat_get(&h->n.unauth_dropped),
		.closed_error = stat_get(&h->n.error),
		.bytes_in = stat_get(&h->n.bytes_in),
		.bytes_out = stat_get(&h->n.bytes_out),
		.reads = stat_get(&h->n.reads),
		.writes = stat_get(&h->n.writes),
		.trims = stat_get(&h->n.trims),
		.output_waiting = stat_get(&h->n.output_waiting),
	};
}
