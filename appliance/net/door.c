#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/list.h"
#include "base/log.h"
#include "base/mem.h"

#include "net/door.h"
#include "net/door_classify.h"
#include "net/sockets.h"
#include "net/source.h"
#include "net/thread.h"

enum { ACCEPTS_PER_EVENT = 8, DOORS_MAX = 64, FIRST_MAX = 16384, LOG_PER_S = 5 };

struct counters {
	_Atomic uint64_t accepted, handshakes, to_sip, to_web, failed_handshake, timed_out,
		refused_source, dropped_full, accept_errors, active, tls12, tls13;
};

/* One thread.  Its guests are listed by age, the oldest in front. */
struct door {
	struct doors *all;
	struct loop *loop;
	pthread_t thread;
	bool running;
	struct list guests;
	size_t n_guests;
	int spare_fd; /* given up for a moment when the process is out of fds */
	struct log_rate rate;
	char *scratch; /* FIRST_MAX bytes */
};

struct doors {
	struct doors_cfg cfg; /* fds and tls in it are not used after the start */
	pthread_mutex_t lock; /* guards tls */
	struct tls_config *tls;
	struct source_table *sources;
	int *fds; /* owned, closed by doors_stop */
	size_t n_fds, n_doors;
	struct counters n;
	struct door door[DOORS_MAX];
};

enum guest_state {
	GUEST_HANDSHAKE, /* E_OK of stream_handshake -> GUEST_FIRST */
	GUEST_FIRST,	 /* classified -> handed over */
};

/* A connection between accept and hand-over. */
struct guest {
	struct list node;
	struct door *door;
	struct stream *stream; /* owned; NULL once handed over */
	enum guest_state state;
	struct timer timer; /* the deadline of the state; partial progress does not move it */
	struct buf first;
	struct addr peer, local;
};

static void count(_Atomic uint64_t *c)
{
	atomic_fetch_add_explicit(c, 1, memory_order_relaxed);
}

/* The one place that frees a guest. */
static void guest_end(struct guest *g)
{
	struct door *d = g->door;

	timer_stop(loop_heap(d->loop), &g->timer);
	list_del(&g->node);
	d->n_guests--;
	atomic_fetch_sub_explicit(&d->all->n.active, 1, memory_order_relaxed);
	if (g->stream != NULL) {
		loop_del_fd(d->loop, stream_fd(g->stream));
		stream_free(&g->stream);
	}
	buf_fini(&g->first);
	free(g);
}

static void log_guest(const struct guest *g, const char *what, int code)
{
	char text[ADDR_PRINT_MAX];

	if (log_rate_ok(&g->door->rate, LOG_PER_S))
		log_info("door", "peer=%s %s code=-0x%04x", addr_print(&g->peer, text), what,
			 (unsigned)-code);
}

static void hand_over(struct guest *g, enum door_kind kind, struct str first)
{
	struct doors *all = g->door->all;
	struct stream *s = g->stream;

	loop_del_fd(g->door->loop, stream_fd(s));
	if (kind == DOOR_SIP && all->cfg.sip != NULL) {
		count(&all->n.to_sip);
		g->stream = NULL;
		hub_adopt(all->cfg.sip, s, &g->peer, &g->local, first);
	} else if (kind == DOOR_HTTP && all->cfg.on_web != NULL) {
		struct door_web w = {
			.stream = s, .peer = g->peer, .local = g->local, .first = first
		};

		count(&all->n.to_web);
		g->stream = NULL;
		all->cfg.on_web(all->cfg.on_web_arg, &w);
	}
	guest_end(g);
}

/* Reads until it is clear what the guest speaks.  The guest may be gone afterwards. */
static void read_first(struct guest *g)
{
	struct door *d = g->door;
	enum door_kind kind = DOOR_UNDECIDED;
	struct str seen = STR_NULL;

	while (kind == DOOR_UNDECIDED) {
		ssize_t n = stream_read(g->stream, NULL, d->scratch, FIRST_MAX);

		if (n == E_AGAIN)
			return;
		if (n < 0) {
			guest_end(
				/* nothing was said: a port check, or a client that changed its
				 * mind */
				g);
			return;
		}
		if (g->first.len == 0) {
			seen = str_n(d->scratch, (size_t)n);
			kind = door_classify(seen);
		}
		if (kind == DOOR_UNDECIDED || g->first.len > 0) {
			buf_add(&g->first, str_n(d->scratch, (size_t)n));
			seen = buf_str(&g->first);
			kind = door_classify(seen);
		}
	}
	hand_over(g, kind, seen);
}

static void on_handshake_done(struct guest *g)
{
	struct door *d = g->door;
	const char *version = stream_tls_version(g->stream);

	count(&d->all->n.handshakes);
	count(strcmp(version, "TLSv1.3") == 0 ? &d->all->n.tls13 : &d->all->n.tls12);
	g->state = GUEST_FIRST;
	timer_start(loop_heap(d->loop), &g->timer, clk_ms() + d->all->cfg.first_request_ms);
}

/* Takes the guest as far as its bytes allow. */
static void step(struct guest *g)
{
	if (g->state == GUEST_HANDSHAKE) {
		enum err e = stream_handshake(g->stream);

		if (e == E_AGAIN)
			return;
		if (e != E_OK) {
			count(&g->door->all->n.failed_handshake);
			log_guest(g, "handshake failed", stream_tls_error(g->stream));
			guest_end(g);
			return;
		}
		on_handshake_done(g);
	}
	/* At once: the first request may have come with the Finished, and the TLS 1.3 ticket goes out
	 * with the next read. */
	read_first(g);
}

static void on_guest(int fd, uint32_t events, void *arg)
{
	(void)fd;
	(void)events;
	step(arg);
}

static void on_deadline(struct timer *t, void *arg)
{
	struct guest *g = arg;

	(void)t;
	count(&g->door->all->n.timed_out);
	log_guest(g, g->state == GUEST_HANDSHAKE ? "handshake timed out" : "no first request", 0);
	guest_end(g);
}

static bool drop_oldest(struct door *d)
{
	if (list_is_empty(&d->guests))
		return false;
	count(&d->all->n.dropped_full);
	guest_end(LIST_ITEM(d->guests.next, struct guest, node));
	return true;
}

static void welcome(struct door *d, int fd, const struct addr *peer)
{
	struct doors *all = d->all;
	struct tls_config *tls;
	struct guest *g;
	uint64_t key;
	enum err e;

	if (source_enter(all->sources, peer, &key) != E_OK) {
		char text[ADDR_PRINT_MAX];

		count(&all->n.refused_source);
		if (log_rate_ok(&d->rate, LOG_PER_S))
			log_warn("door", "peer=%s too many connections of this source",
				 addr_print(peer, text));
		close(fd);
		return;
	}
	if (d->n_guests >= all->cfg.handshakes_max)
		drop_oldest(d);
	g = xcalloc(1, sizeof(*g));
	g->door = d;
	g->peer = *peer;
	buf_init(&g->first, 2 * FIRST_MAX);
	timer_init(&g->timer, on_deadline, g);
	list_push_back(&d->guests, &g->node);
	d->n_guests++;
	count(&all->n.active);

	pthread_mutex_lock(&all->lock);
	tls = tls_config_ref(all->tls);
	pthread_mutex_unlock(&all->lock);
	e = stream_tls_server(fd, tls, &g->stream);
	tls_config_unref(&tls);
	if (e != E_OK) {
		source_leave(all->sources, key);
		close(fd);
		guest_end(g);
		return;
	}
	stream_set_source(g->stream, all->sources, key);
	sockets_tune(fd);
	if (sockets_local(fd, &g->local) != E_OK ||
	    loop_add_fd(d->loop, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, on_guest, g) !=
		    E_OK) {
		guest_end(g);
		return;
	}
	timer_start(loop_heap(d->loop), &g->timer, clk_ms() + all->cfg.handshake_ms);
}

/* Out of fds (or memory): without this the listener stays readable and the loop spins. */
static void accept_failed(struct door *d, int listener)
{
	int fd;

	count(&d->all->n.accept_errors);
	if (log_rate_ok(&d->rate, LOG_PER_S))
		log_error("door", "accept errno=%d", errno);
	if (drop_oldest(d))
		return;
	close(d->spare_fd);
	fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
	if (fd >= 0)
		close(fd);
	d->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static void on_listener(int listener, uint32_t events, void *arg)
{
	struct door *d = arg;

	(void)events;
	for (int i = 0; i < ACCEPTS_PER_EVENT; i++) {
		struct sockaddr_storage ss;
		socklen_t len = sizeof(ss);
		struct addr peer;
		int fd = accept4(listener, (struct sockaddr *)&ss, &len,
				 SOCK_CLOEXEC | SOCK_NONBLOCK);

		if (fd < 0) {
			/* accept(2): errors of the connection itself come here too, and are over.  Out of fds
			 * is said before the queue is looked at: only a fresh event proves that one waits. */
			if (i == 0 && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
				       errno == ENOMEM))
				accept_failed(d, listener);
			return;
		}
		count(&d->all->n.accepted);
		addr_from((struct sockaddr *)&ss, len, &peer);
		welcome(d, fd, &peer);
	}
}

static void *door_main(void *arg)
{
	struct door *d = arg;

	loop_run(d->loop);
	return NULL;
}

static enum err door_open(struct doors *all, struct door *d)
{
	enum err e;

	d->all = all;
	d->loop = loop_new();
	d->spare_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	d->scratch = xmalloc(FIRST_MAX);
	list_init(&d->guests);
	all->n_doors++;
	for (size_t i = 0; i < all->n_fds; i++) {
		e = loop_add_fd(d->loop, all->fds[i], EPOLLIN | EPOLLEXCLUSIVE, on_listener, d);
		if (e != E_OK)
			return e;
	}
	e = thread_start(&d->thread, "door", THREAD_NICE_BACKGROUND, door_main, d);
	d->running = e == E_OK;
	return e;
}

static void door_close(struct door *d)
{
	if (d->running) {
		loop_stop(d->loop);
		pthread_join(d->thread, NULL);
		d->running = false;
	}
	if (d->loop == NULL)
		return;
	while (!list_is_empty(&d->guests))
		guest_end(LIST_ITEM(d->guests.next, struct guest, node));
	for (size_t i = 0; i < d->all->n_fds; i++)
		loop_del_fd(d->loop, d->all->fds[i]);
	loop_free(&d->loop);
	close(d->spare_fd);
	mem_wipe(d->scratch, FIRST_MAX);
	free(d->scratch);
}

static size_t thread_count(size_t wanted)
{
	long n = wanted > 0 ? (long)wanted : sysconf(_SC_NPROCESSORS_ONLN);

	if (n < 1)
		return 1;
	return n > DOORS_MAX ? DOORS_MAX : (size_t)n;
}

enum err doors_start(const struct doors_cfg *cfg, struct doors **out)
{
	struct doors *all = xcalloc(1, sizeof(*all));
	size_t n = thread_count(cfg->threads);
	enum err e = E_OK;

	assert(cfg->tls != NULL);
	all->cfg = *cfg;
	if (all->cfg.per_source_max == 0)
		all->cfg.per_source_max = NET_UNAUTH_PER_SOURCE;
	if (all->cfg.handshakes_max == 0)
		all->cfg.handshakes_max = NET_HANDSHAKES_PER_DOOR;
	if (all->cfg.handshake_ms == 0)
		all->cfg.handshake_ms = NET_HANDSHAKE_MS;
	if (all->cfg.first_request_ms == 0)
		all->cfg.first_request_ms = NET_FIRST_REQUEST_MS;
	pthread_mutex_init(&all->lock, NULL);
	all->tls = tls_config_ref(cfg->tls);
	all->sources = source_table_new(all->cfg.per_source_max);
	all->fds = xcalloc(cfg->n_fds + 1, sizeof(*all->fds));
	memcpy(all->fds, cfg->fds, cfg->n_fds * sizeof(*all->fds));
	all->n_fds = cfg->n_fds;
	for (size_t i = 0; i < n && e == E_OK; i++)
		e = door_open(all, &all->door[i]);
	if (e != E_OK)
		doors_free(&all);
	else
		*out = all;
	return e;
}

void doors_reload(struct doors *d, struct tls_config *tls)
{
	struct tls_config *old;

	tls_config_ref(tls);
	pthread_mutex_lock(&d->lock);
	old = d->tls;
	d->tls = tls;
	pthread_mutex_unlock(&d->lock);
	tls_config_unref(&old);
}

void doors_stop(struct doors *d)
{
	for (size_t i = 0; i < d->n_doors; i++)
		door_close(&d->door[i]);
	d->n_doors = 0;
	for (size_t i = 0; i < d->n_fds; i++)
		close(d->fds[i]);
	d->n_fds = 0;
}

void doors_free(struct doors **dp)
{
	struct doors *d = *dp;

	if (d == NULL)
		return;
	doors_stop(d);
	tls_config_unref(&d->tls);
	source_table_free(&d->sources);
	pthread_mutex_destroy(&d->lock);
	free(d->fds);
	free(d);
	*dp = NULL;
}

static uint64_t get(_Atomic uint64_t *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

void doors_stats_get(struct doors *d, struct door_stats *out)
{
	struct counters *n = &d->n;

	*out = (struct door_stats){
		.accepted = get(&n->accepted),
		.handshakes = get(&n->handshakes),
		.to_sip = get(&n->to_sip),
		.to_web = get(&n->to_web),
		.failed_handshake = get(&n->failed_handshake),
		.timed_out = get(&n->timed_out),
		.refused_source = get(&n->refused_source),
		.dropped_full = get(&n->dropped_full),
		.accept_errors = get(&n->accept_errors),
		.active = get(&n->active),
		.tls12 = get(&n->tls12),
		.tls13 = get(&n->tls13),
	};
	pthread_mutex_lock(&d->lock);
	out->resumed = tls_config_resumed(d->tls);
	pthread_mutex_unlock(&d->lock);
}
