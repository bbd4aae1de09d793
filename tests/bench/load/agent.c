#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "load.h"

enum { EVENTS = 512, READ_STEP = 4096, INPUT_MAX = 4 << 20, EXPIRE_EVERY_MS = 20 };

struct agent *agents;
void (*agent_on_up)(struct agent *a, bool ok);

static SSL_CTX *tls;
static int epoll_fd;
static uint64_t resumed;

static int keep_session(SSL *ssl, SSL_SESSION *session)
{
	struct agent *a = SSL_get_app_data(ssl);

	SSL_SESSION_free(a->session);
	a->session = session;
	return 1; /* the reference is ours now */
}

void agents_init(void)
{
	int version = opt.tls_version == 12 ? TLS1_2_VERSION : TLS1_3_VERSION;

	agents = calloc((size_t)(opt.users + opt.newcomers), sizeof(*agents));
	epoll_fd = epoll_create1(EPOLL_CLOEXEC);
	tls = SSL_CTX_new(TLS_client_method());
	if (agents == NULL || epoll_fd < 0 || tls == NULL)
		die("no memory");
	SSL_CTX_set_verify(tls, SSL_VERIFY_NONE, NULL);
	SSL_CTX_set_mode(tls, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
				      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
	SSL_CTX_set_session_cache_mode(tls, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
	SSL_CTX_sess_set_new_cb(tls, keep_session);
	SSL_CTX_set_read_ahead(tls, 1);
	SSL_CTX_set_min_proto_version(tls, version);
	SSL_CTX_set_max_proto_version(tls, version);
}

int agent_number(const struct agent *a)
{
	return (int)(a - agents);
}

const char *agent_name(const struct agent *a)
{
	static char names[8][64];
	static unsigned next;
	char *name = names[next++ % 8];

	snprintf(name, sizeof(names[0]), "user%05d", opt.first + agent_number(a));
	return name;
}

/* The ring of those who were there first, and the ring of the newcomers. */
static void ring_of(const struct agent *a, int *start, int *size)
{
	bool new = agent_number(a) >= opt.users;

	*start = new ? opt.users : 0;
	*size = new ? opt.newcomers : opt.users;
}

struct agent *agent_contact(const struct agent *a, int n)
{
	int start, size, half = (opt.contacts + 1) / 2;

	ring_of(a, &start, &size);
	return &agents[start +
		       (agent_number(a) - start + (n < half ? n + 1 : size - (n - half) - 1)) %
			       size];
}

int agent_contact_index(const struct agent *a, const struct agent *contact)
{
	int start, size, half = (opt.contacts + 1) / 2, d;

	ring_of(a, &start, &size);
	if (agent_number(contact) < start || agent_number(contact) >= start + size)
		return -1;
	d = (agent_number(contact) - agent_number(a) + size) % size;
	if (d >= 1 && d <= half)
		return d - 1;
	d = size - d;
	return d >= 1 && d <= opt.contacts - half ? half + d - 1 : -1;
}

uint64_t agents_resumed(void)
{
	return resumed;
}

static void went_up(struct agent *a, bool ok)
{
	a->state = ok ? AGENT_UP : AGENT_GONE;
	if (agent_on_up != NULL)
		agent_on_up(a, ok);
}

void agent_close(struct agent *a)
{
	if (a->fd > 0)
		close(a->fd);
	if (a->ssl != NULL && a->state == AGENT_UP)
		SSL_set_shutdown(a->ssl,
				 SSL_SENT_SHUTDOWN |
					 SSL_RECEIVED_SHUTDOWN); /* else its session is no good */
	SSL_free(a->ssl);
	a->ssl = NULL;
	a->fd = 0;
	free(a->in.p);
	free(a->out.p);
	a->in = a->out = (struct bytes){ 0 };
	a->state = AGENT_NONE;
	a->registered = false;
}

static void lost(struct agent *a)
{
	bool was_up = a->state == AGENT_UP;

	if (opt.verbose)
		fprintf(stderr, "%s: connection lost\n", agent_name(a));
	faults.dropped++;
	agent_close(a);
	a->state = AGENT_GONE;
	if (!was_up)
		went_up(a, false);
}

void agent_connect(struct agent *a, bool resume)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port) };
	struct sockaddr_in from = { .sin_family = AF_INET };
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	int one = 1;

	a->started_ns = now_ns();
	a->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (a->fd < 0)
		die("socket: %s", strerror(errno));
	setsockopt(a->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	from.sin_addr.s_addr = htonl(0x7f000002u + (uint32_t)(agent_number(a) % opt.sources));
	setsockopt(a->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	inet_pton(AF_INET, opt.host, &to.sin_addr);
	a->ssl = SSL_new(tls);
	if (a->ssl == NULL || bind(a->fd, (struct sockaddr *)&from, sizeof(from)) != 0)
		die("bind: %s", strerror(errno));
	SSL_set_fd(a->ssl, a->fd);
	SSL_set_connect_state(a->ssl);
	SSL_set_tlsext_host_name(a->ssl, opt.domain);
	SSL_set_app_data(a->ssl, a);
	if (resume && a->session != NULL)
		SSL_set_session(a->ssl, a->session);
	a->state = AGENT_CONNECTING;
	if (connect(a->fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS) {
		lost(a);
		return;
	}
	ev.data.ptr = a;
	epoll_ctl(epoll_fd, EPOLL_CTL_ADD, a->fd, &ev);
}

/* What came of an OpenSSL call: true, or wait; a dead connection is ended. */
static bool tls_went_well(struct agent *a, int r)
{
	int e;

	if (r > 0)
		return true;
	e = SSL_get_error(a->ssl, r);
	if (e != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE)
		lost(a);
	return false;
}

static void step_up(struct agent *a)
{
	struct sockaddr_in own;
	socklen_t len = sizeof(own);
	char ip[INET_ADDRSTRLEN];

	if (a->state == AGENT_CONNECTING) {
		if (getpeername(a->fd, (struct sockaddr *)&own, &len) != 0)
			return; /* not yet, or never: the handshake will tell */
		len = sizeof(own);
		getsockname(a->fd, (struct sockaddr *)&own, &len);
		inet_ntop(AF_INET, &own.sin_addr, ip, sizeof(ip));
		snprintf(a->address, sizeof(a->address), "%s:%d", ip, ntohs(own.sin_port));
		a->state = AGENT_HANDSHAKE;
	}
	ERR_clear_error();
	if (!tls_went_well(a, SSL_do_handshake(a->ssl)))
		return;
	resumed += (uint64_t)SSL_session_reused(a->ssl);
	went_up(a, true);
}

static void flush(struct agent *a)
{
	size_t done = 0;
	int r;

	while (done < a->out.len) {
		ERR_clear_error();
		r = SSL_write(a->ssl, a->out.p + done, (int)(a->out.len - done));
		if (!tls_went_well(a, r))
			break;
		done += (size_t)r;
	}
	if (a->state != AGENT_UP)
		return;
	a->out.len -= done;
	memmove(a->out.p, a->out.p + done, a->out.len);
}

static void grow(struct bytes *b, size_t more)
{
	if (b->len + more <= b->cap)
		return;
	b->cap = (b->len + more) * 2;
	b->p = realloc(b->p, b->cap);
	if (b->p == NULL)
		die("no memory");
}

void agent_send(struct agent *a, const char *p, size_t len)
{
	int r;

	if (a->state != AGENT_UP)
		return;
	if (a->out.len == 0) {
		ERR_clear_error();
		r = SSL_write(a->ssl, p, (int)len);
		if (!tls_went_well(a, r) && a->state != AGENT_UP)
			return;
		if (r > 0) {
			p += r;
			len -= (size_t)r;
		}
	}
	if (len == 0)
		return;
	grow(&a->out, len);
	memcpy(a->out.p + a->out.len, p, len);
	a->out.len += len;
}

static void read_all(struct agent *a)
{
	size_t used;
	int r;

	while (a->state == AGENT_UP) {
		grow(&a->in, READ_STEP);
		ERR_clear_error();
		r = SSL_read(a->ssl, a->in.p + a->in.len, (int)(a->in.cap - a->in.len));
		if (!tls_went_well(a, r))
			break;
		a->in.len += (size_t)r;
		used = receive(a, a->in.p, a->in.len);
		if (a->state != AGENT_UP)
			break;
		a->in.len -= used;
		memmove(a->in.p, a->in.p + used, a->in.len);
		if (a->in.len > INPUT_MAX)
			die("a message without an end");
	}
	if (a->in.len == 0 && a->in.cap > READ_STEP * 4) {
		free(a->in.p);
		a->in = (struct bytes){ 0 };
	}
}

void agents_pump(uint64_t wait_ns)
{
	struct timespec wait = { .tv_sec = (time_t)(wait_ns / NS_PER_S),
				 .tv_nsec = (long)(wait_ns % NS_PER_S) };
	static uint64_t expired_ns;
	struct epoll_event ev[EVENTS];
	int n = epoll_pwait2(epoll_fd, ev, EVENTS, &wait, NULL);

	for (int i = 0; i < n; i++) {
		struct agent *a = ev[i].data.ptr;

		if (a->state == AGENT_CONNECTING || a->state == AGENT_HANDSHAKE)
			step_up(a);
		if (a->state == AGENT_UP && a->out.len > 0)
			flush(a);
		if (a->state == AGENT_UP)
			read_all(a);
	}
	if (now_ns() - expired_ns > EXPIRE_EVERY_MS * (uint64_t)NS_PER_MS) {
		expired_ns = now_ns();
		txns_expire();
	}
}

void agents_pump_for(double seconds)
{
	uint64_t end = now_ns() + (uint64_t)(seconds * (double)NS_PER_S);

	while (now_ns() < end)
		agents_pump(20 * NS_PER_MS);
}
