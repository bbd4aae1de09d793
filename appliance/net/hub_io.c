#include <stdlib.h>
#include <string.h>

#include "base/clk.h"
#include "base/mem.h"

#include "net/hub_int.h"

void conn_ready(struct conn *c)
{
	if (list_is_linked(&c->ready_node))
		return;
	list_push_back(&c->hub->ready, &c->ready_node);
	loop_defer(c->hub->loop, &c->hub->visit);
}

void conn_dirty(struct conn *c)
{
	if (list_is_linked(&c->dirty_node))
		return;
	list_push_back(&c->hub->dirty, &c->dirty_node);
	loop_defer(c->hub->loop, &c->hub->wake);
}

static void touch(struct conn *c)
{
	c->active_ms = clk_ms();
	c->trimmed = false;
}

/* --- input --- */

static size_t input_max(const struct conn *c)
{
	return c->authenticated ? c->hub->cfg.input_max : c->hub->cfg.input_max_unauth;
}

static void keep(struct conn *c, struct str bytes)
{
	if (bytes.len == 0)
		return;
	buf_add(&c->in, bytes);
	if (buf_err(&c->in) != E_OK)
		conn_end(c, buf_err(&c->in));
}

/* Drops what was consumed from the front of the kept bytes; an idle connection keeps no buffer. */
static void consume_kept(struct conn *c, size_t n)
{
	if (n == c->in.len)
		buf_fini(&c->in);
	else if (n > 0)
		buf_consume(&c->in, n);
}

/* Offers what is kept and then fresh, which lies in the hub's scratch memory. */
static void offer(struct conn *c, struct str fresh)
{
	struct hub *h = c->hub;
	bool kept = c->in.len > 0;
	struct str view = fresh;
	ssize_t n;

	c->offer = false;
	if (c->state != CONN_OPEN)
		return;
	if (kept || c->paused) {
		keep(c, fresh);
		c->offer = c->paused;
		if (c->paused || c->state != CONN_OPEN)
			return;
		view = buf_str(&c->in);
	}
	n = h->hooks.on_bytes(h->hooks.arg, c->id, view);
	if (n < 0) {
		conn_drain(c, (enum err)n);
		return;
	}
	if (n > 0 && !c->seen_bytes) {
		c->seen_bytes = true;
		if (!c->authenticated && c->state == CONN_OPEN && timer_is_running(&c->timer))
			timer_start(loop_heap(h->loop), &c->timer,
				    c->info.since_ms + h->cfg.sign_in_ms);
	}
	if (kept)
		consume_kept(c, (size_t)n);
	else
		keep(c, str_sub(view, (size_t)n, view.len));
	if (c->state != CONN_OPEN)
		return;
	c->offer = c->paused && c->in.len > 0;
	if (!c->paused && c->in.len > input_max(c)) {
		stat_add(&h->n.input_full, 1);
		conn_drain(c, E_TOOBIG);
	}
}

/* Decrypts and offers all that ahead and the TLS context hold.  E_AGAIN when that is done. */
static ssize_t read_all(struct conn *c)
{
	struct hub *h = c->hub;
	size_t len = 0;
	ssize_t n;

	for (;;) {
		n = stream_read(c->stream, &h->ahead, h->plain + len, HUB_PLAIN_BYTES - len);
		if (n < 0)
			break;
		len += (size_t)n;
		if (len == HUB_PLAIN_BYTES) {
			offer(c, str_n(h->plain, len));
			len = 0;
		}
	}
	if (len > 0)
		offer(c, str_n(h->plain, len));
	h->ahead.pos = h->ahead.len = 0; /* a broken stream leaves some */
	return n;
}

/* One read from the socket and everything that follows from it. */
static void visit(struct conn *c)
{
	struct hub *h = c->hub;
	ssize_t got, n;

	if (c->state != CONN_OPEN || c->paused)
		return;
	if (c->offer) {
		offer(c, STR_NULL);
		if (c->state != CONN_OPEN || c->paused)
			return;
	}
	got = stream_fetch(c->stream, &h->ahead);
	stat_add(&h->n.reads, 1);
	if (got > 0) {
		stat_add(&h->n.bytes_in, (uint64_t)got);
		touch(c);
	}
	n = read_all(c);
	if (n != E_AGAIN)
		conn_end(c, (enum err)n);
	else if (got < 0 && got != E_AGAIN)
		conn_end(c, (enum err)got);
	if (got == E_AGAIN)
		c->hup = false;
	/* A short read has emptied the socket, and what comes later brings its own edge.  But the edge
	 * of the end may have come together with these bytes. */
	if (c->state == CONN_OPEN && got > 0 && ((size_t)got == h->ahead.cap || c->hup))
		list_push_back(&h->again, &c->ready_node);
}

void hub_visit_ready(struct loop_work *w)
{
	struct hub *h = CONTAINER_OF(w, struct hub, visit);
	struct list *n;

	while ((n = list_pop_front(&h->ready)) != NULL) {
		visit(LIST_ITEM(n, struct conn, ready_node));
		if (!loop_has_time(h->loop))
			break;
	}
	/* Whoever has more to read goes behind all the others, and waits for the next turn. */
	while ((n = list_pop_front(&h->again)) != NULL)
		list_push_back(&h->ready, n);
	if (!list_is_empty(&h->ready))
		loop_defer(h->loop, &h->visit);
}

/* --- output --- */

static struct block *block_new(struct hub *h)
{
	struct block *b = h->spare;

	if (b == NULL) {
		b = xmalloc(sizeof(*b));
	} else {
		h->spare = b->next;
		h->n_spare--;
	}
	b->next = NULL;
	b->pos = b->len = 0;
	return b;
}

static void block_free(struct hub *h, struct block *b)
{
	if (h->n_spare == SPARE_BLOCKS_MAX) {
		free(b);
		return;
	}
	b->next = h->spare; /* the newest first: it is still in the cache */
	h->spare = b;
	h->n_spare++;
}

void hub_free_spare(struct hub *h)
{
	struct block *b;

	while ((b = h->spare) != NULL) {
		h->spare = b->next;
		free(b);
	}
	h->n_spare = 0;
}

static void append(struct conn *c, struct str s)
{
	while (s.len > 0) {
		struct block *b = c->out_tail;
		size_t n;

		if (b == NULL || b->len == BLOCK_BYTES) {
			b = block_new(c->hub);
			if (c->out_tail == NULL)
				c->out_head = b;
			else
				c->out_tail->next = b;
			c->out_tail = b;
		}
		n = BLOCK_BYTES - b->len < s.len ? BLOCK_BYTES - b->len : s.len;
		memcpy(b->p + b->len, s.p, n);
		b->len += n;
		c->out_bytes += n;
		stat_add(&c->hub->n.output_waiting, n);
		s = str_sub(s, n, s.len);
	}
}

static void drop_head(struct conn *c)
{
	struct block *b = c->out_head;

	c->out_bytes -= b->len - b->pos;
	stat_sub(&c->hub->n.output_waiting, b->len - b->pos);
	c->out_head = b->next;
	if (c->out_head == NULL)
		c->out_tail = NULL;
	block_free(c->hub, b);
}

void conn_drop_output(struct conn *c)
{
	while (c->out_head != NULL)
		drop_head(c);
}

enum err hub_send(struct hub *h, conn_id id, struct str bytes)
{
	struct conn *c = hub_conn(h, id);
	size_t max;

	if (c == NULL || c->state != CONN_OPEN)
		return E_GONE;
	max = c->authenticated ? h->cfg.output_max : h->cfg.output_max_unauth;
	if (bytes.len > max || c->out_bytes > max - bytes.len) {
		stat_add(&h->n.output_full, 1);
		conn_end(c, E_FULL);
		return E_FULL;
	}
	append(c, bytes);
	if (!c->write_blocked)
		conn_dirty(c);
	return E_OK;
}

/* Writes until the socket is full, the chain is empty or the turn's share is used. */
bool conn_flush(struct conn *c)
{
	struct hub *h = c->hub;

	for (int i = 0; c->out_head != NULL && i < BLOCKS_PER_FLUSH; i++) {
		struct block *b = c->out_head;
		ssize_t n = stream_write(c->stream, b->p + b->pos, b->len - b->pos);

		stat_add(&h->n.writes, 1);
		if (n == E_AGAIN) {
			c->write_blocked = true;
			return false;
		}
		if (n < 0) {
			conn_drop_output(c);
			conn_end(c, (enum err)n);
			return false;
		}
		b->pos += (size_t)n;
		c->out_bytes -= (size_t)n;
		stat_sub(&h->n.output_waiting, (uint64_t)n);
		stat_add(&h->n.bytes_out, (uint64_t)n);
		touch(c);
		if (b->pos == b->len)
			drop_head(c);
	}
	return c->out_head != NULL;
}
