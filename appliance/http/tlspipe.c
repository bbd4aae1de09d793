#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/heap.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"

#include "http/tlspipe.h"

struct way {
	size_t off, len; /* bytes off..len wait to be written */
	bool ended;	 /* the side that is read is through */
	char buf[HTTP_PIPE_BUF];
};

/* Invariant: a side is read only when the buffer towards the other is empty. */
struct tlspipe {
	struct list node;
	struct loop *loop;
	struct stream *stream; /* owned */
	int pair;	       /* owned */
	uint32_t net_events, pair_events;
	bool pair_hup;	  /* no longer watched */
	struct list *all; /* the server's, longest without an answer first */
	struct timer idle;
	struct way up, down; /* net to server, server to net */
};

/* Frees the pipe: the last thing every caller does with it. */
static void pipe_close(struct tlspipe *p)
{
	timer_stop(loop_heap(p->loop), &p->idle);
	list_del(&p->node);
	loop_del_fd(p->loop, stream_fd(p->stream));
	if (!p->pair_hup)
		loop_del_fd(p->loop, p->pair);
	stream_free(&p->stream);
	close(p->pair);
	free(p);
}

static void on_idle(struct timer *t, void *arg)
{
	(void)t;
	pipe_close(arg);
}

/* Net to server. */
static void move_up(struct tlspipe *p, uint32_t *pair_want)
{
	for (;;) {
		ssize_t n;

		if (p->up.off < p->up.len) {
			n = send(p->pair, p->up.buf + p->up.off, p->up.len - p->up.off,
				 MSG_NOSIGNAL);
			if (n > 0) {
				p->up.off += (size_t)n;
				continue;
			}
			if (errno == EAGAIN) {
				*pair_want |= EPOLLOUT;
				return;
			}
			if (errno == EINTR)
				continue;
			p->up.off = p->up.len =
				0; /* the server closed: its last answer still goes down */
			p->up.ended = true;
		}
		if (p->up.ended)
			return;
		n = stream_read(p->stream, NULL, p->up.buf, sizeof(p->up.buf));
		if (n == E_AGAIN)
			return;
		if (n < 0) {
			p->up.ended = true;
			shutdown(p->pair, SHUT_WR);
			return;
		}
		p->up.off = 0;
		p->up.len = (size_t)n;
	}
}

/* Server to net.  False: nothing more can be sent, close. */
static bool move_down(struct tlspipe *p, uint32_t *net_want, uint32_t *pair_want)
{
	for (;;) {
		ssize_t n;

		if (p->down.off < p->down.len) {
			n = stream_write(p->stream, p->down.buf + p->down.off,
					 p->down.len - p->down.off);
			if (n > 0) {
				p->down.off += (size_t)n;
				list_del(&p->node);
				list_push_back(p->all, &p->node);
				continue;
			}
			if (n != E_AGAIN)
				return false;
			*net_want |= EPOLLOUT;
			return true;
		}
		if (p->down.ended)
			return false;
		n = recv(p->pair, p->down.buf, sizeof(p->down.buf), 0);
		if (n > 0) {
			p->down.off = 0;
			p->down.len = (size_t)n;
		} else if (n < 0 && errno == EAGAIN) {
			*pair_want |= EPOLLIN;
			return true;
		} else if (n == 0 || errno != EINTR) {
			p->down.ended = true;
		}
	}
}

static void pump(struct tlspipe *p)
{
	uint32_t net = 0, pair = 0;

	move_up(p, &pair);
	if (!move_down(p, &net, &pair)) {
		if (p->down.off == p->down.len)
			stream_end_write(p->stream);
		pipe_close(p);
		return;
	}
	if (p->up.off == p->up.len && !p->up.ended)
		net |= EPOLLIN;
	/* After the end of input only errors interest; without any event epoll still reports those. */
	if (net != p->net_events && loop_mod_fd(p->loop, stream_fd(p->stream), net) == E_OK)
		p->net_events = net;
	if (!p->pair_hup && pair != p->pair_events && loop_mod_fd(p->loop, p->pair, pair) == E_OK)
		p->pair_events = pair;
	timer_start(loop_heap(p->loop), &p->idle, clk_ms() + HTTP_IDLE_MS);
}

static void on_net(int fd, uint32_t events, void *arg)
{
	struct tlspipe *p = arg;

	(void)fd;
	/* A hang-up while nothing may be read would be reported for ever. */
	if ((events & (EPOLLERR | EPOLLHUP)) != 0 && (p->up.ended || p->up.off < p->up.len)) {
		pipe_close(p);
		return;
	}
	pump(p);
}

static void on_pair(int fd, uint32_t events, void *arg)
{
	struct tlspipe *p = arg;

	/* The server closed its end.  What it sent before can be read without further events, and the
	 * hang-up would be reported for ever while the client is slow to take it. */
	if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
		p->pair_hup = true;
		loop_del_fd(p->loop, fd);
	}
	pump(p);
}

void tlspipe_start(struct loop *l, struct list *pipes, struct stream *stream, int pair_fd,
		   struct str first)
{
	struct tlspipe *p = xcalloc(1, sizeof(*p));

	assert(first.len <= sizeof(p->up.buf));
	p->loop = l;
	p->stream = stream;
	p->pair = pair_fd;
	p->all = pipes;
	timer_init(&p->idle, on_idle, p);
	if (first.len > 0)
		memcpy(p->up.buf, first.p, first.len);
	p->up.len = first.len;
	p->net_events = p->pair_events = EPOLLIN;
	list_push_back(pipes, &p->node);
	if (loop_add_fd(l, stream_fd(stream), EPOLLIN, on_net, p) != E_OK ||
	    loop_add_fd(l, pair_fd, EPOLLIN, on_pair, p) != E_OK) {
		log_warn("http", "connection dropped: epoll refused it");
		pipe_close(p);
		return;
	}
	pump(p); /* bytes may sit inside the TLS context, and no epoll event announces them */
}

void tlspipe_close_oldest(struct list *pipes)
{
	if (!list_is_empty(pipes))
		pipe_close(LIST_ITEM(pipes->next, struct tlspipe, node));
}

void tlspipe_close_all(struct list *pipes)
{
	while (!list_is_empty(pipes))
		tlspipe_close_oldest(pipes);
}
