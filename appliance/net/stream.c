#include <assert.h>
#include <errno.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/mem.h"

#include "net/pagealloc.h"
#include "net/stream.h"

struct stream_ops {
	ssize_t (*read)(struct stream *s, struct stream_ahead *ahead, void *p, size_t n);
	ssize_t (*write)(struct stream *s, const void *p, size_t n);
	void (*end_write)(struct stream *s);
	size_t (*trim)(struct stream *s);
	void (*fini)(struct stream *s);
};

struct stream {
	const struct stream_ops *ops;
	int fd;			      /* owned */
	struct source_table *sources; /* NULL: not counted */
	uint64_t source_key;
};

/* Invariant: sealed is the length of the plaintext that mbedTLS has encrypted and not yet written
 * out; it answers that very length when it has, so nothing else may be offered before. */
struct tls_stream {
	struct stream base;
	mbedtls_ssl_context ssl;
	struct tls_config *cfg;	    /* a reference */
	struct stream_ahead *ahead; /* during stream_read only */
	size_t sealed;
	enum err io_error; /* behind mbedTLS's last "send failed" or "receive failed" */
	int last_error;	   /* mbedTLS's own */
};

static struct tls_stream *tls_of(struct stream *s)
{
	return CONTAINER_OF(s, struct tls_stream, base);
}

static const struct tls_stream *tls_of_const(const struct stream *s)
{
	return (const struct tls_stream *)(const void *)((const char *)s -
							 offsetof(struct tls_stream, base));
}

/* --- plain --- */

static ssize_t socket_result(ssize_t n)
{
	if (n > 0)
		return n;
	if (n == 0)
		return E_CLOSED;
	switch (errno) {
	case EAGAIN:
	case EINTR:
		return E_AGAIN;
	case EPIPE:
	case ECONNRESET:
		return E_CLOSED;
	case ETIMEDOUT: /* keep-alive or TCP_USER_TIMEOUT */
		return E_TIMEOUT;
	default:
		return E_IO;
	}
}

static ssize_t take_ahead(struct stream_ahead *a, void *p, size_t n)
{
	size_t have = a->len - a->pos;

	if (have == 0)
		return E_AGAIN;
	if (n > have)
		n = have;
	memcpy(p, a->p + a->pos, n);
	a->pos += n;
	return (ssize_t)n;
}

static ssize_t plain_read(struct stream *s, struct stream_ahead *ahead, void *p, size_t n)
{
	if (ahead != NULL)
		return take_ahead(ahead, p, n);
	return socket_result(recv(s->fd, p, n, 0));
}

static ssize_t plain_write(struct stream *s, const void *p, size_t n)
{
	return socket_result(send(s->fd, p, n, MSG_NOSIGNAL));
}

static void plain_end_write(struct stream *s)
{
	shutdown(s->fd, SHUT_WR);
}

static size_t plain_trim(struct stream *s)
{
	(void)s;
	return 0;
}

static void plain_fini(struct stream *s)
{
	free(s);
}

static const struct stream_ops plain_ops = {
	.read = plain_read,
	.write = plain_write,
	.end_write = plain_end_write,
	.trim = plain_trim,
	.fini = plain_fini,
};

struct stream *stream_plain(int fd)
{
	struct stream *s = xcalloc(1, sizeof(*s));

	s->ops = &plain_ops;
	s->fd = fd;
	return s;
}

/* --- TLS --- */

static int bio_recv(void *arg, unsigned char *p, size_t n)
{
	struct tls_stream *t = arg;
	ssize_t r = plain_read(&t->base, t->ahead, p, n);

	if (r >= 0)
		return (int)r;
	if (r == E_AGAIN)
		return MBEDTLS_ERR_SSL_WANT_READ;
	t->io_error = (enum err)r;
	return MBEDTLS_ERR_NET_RECV_FAILED;
}

static int bio_send(void *arg, const unsigned char *p, size_t n)
{
	struct tls_stream *t = arg;
	ssize_t r = plain_write(&t->base, p, n);

	if (r >= 0)
		return (int)r;
	if (r == E_AGAIN)
		return MBEDTLS_ERR_SSL_WANT_WRITE;
	t->io_error = (enum err)r;
	return MBEDTLS_ERR_NET_SEND_FAILED;
}

static ssize_t tls_result(struct tls_stream *t, int r)
{
	switch (r) {
	case 0:
	case MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY:
	case MBEDTLS_ERR_SSL_CONN_EOF:
		return E_CLOSED;
	case MBEDTLS_ERR_SSL_WANT_READ:
	case MBEDTLS_ERR_SSL_WANT_WRITE:
		return E_AGAIN;
	case MBEDTLS_ERR_NET_RECV_FAILED:
	case MBEDTLS_ERR_NET_SEND_FAILED:
		return t->io_error;
	default:
		t->last_error = r;
		return r > 0 ? r : E_BAD;
	}
}

static ssize_t tls_read(struct stream *s, struct stream_ahead *ahead, void *p, size_t n)
{
	struct tls_stream *t = tls_of(s);
	int r;

	t->ahead = ahead;
	r = mbedtls_ssl_read(&t->ssl, p, n);
	t->ahead = NULL;
	return tls_result(t, r);
}

static ssize_t tls_write(struct stream *s, const void *p, size_t n)
{
	struct tls_stream *t = tls_of(s);
	ssize_t r;

	if (t->sealed > 0) {
		assert(n >= t->sealed);
		n = t->sealed;
	} else if (t->ssl.MBEDTLS_PRIVATE(out_left) != 0 &&
		   mbedtls_ssl_is_handshake_over(&t->ssl)) {
		/* Half an alert is stuck; mbedTLS would take its end for the end of our bytes. */
		return E_BAD;
	}
	if (n > MBEDTLS_SSL_OUT_CONTENT_LEN)
		n = MBEDTLS_SSL_OUT_CONTENT_LEN;
	r = tls_result(t, mbedtls_ssl_write(&t->ssl, p, n));
	t->sealed = r == E_AGAIN ? n : 0;
	return r;
}

static void tls_end_write(struct stream *s)
{
	struct tls_stream *t = tls_of(s);

	if (t->sealed == 0 && mbedtls_ssl_is_handshake_over(&t->ssl))
		mbedtls_ssl_close_notify(&t->ssl);
	shutdown(s->fd, SHUT_WR);
}

static size_t tls_trim(struct stream *s)
{
	mbedtls_ssl_context *ssl = &tls_of(s)->ssl;

	/* Between records nothing of value is beyond the first page (counters and headers). */
	if (!mbedtls_ssl_is_handshake_over(ssl) || ssl->MBEDTLS_PRIVATE(in_left) != 0 ||
	    ssl->MBEDTLS_PRIVATE(out_left) != 0 || mbedtls_ssl_check_pending(ssl) != 0)
		return 0;
	return pagealloc_trim(ssl->MBEDTLS_PRIVATE(in_buf)) +
	       pagealloc_trim(ssl->MBEDTLS_PRIVATE(out_buf));
}

static void tls_fini(struct stream *s)
{
	struct tls_stream *t = tls_of(s);

	mbedtls_ssl_free(&t->ssl);
	tls_config_unref(&t->cfg);
	free(t);
}

static const struct stream_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.end_write = tls_end_write,
	.trim = tls_trim,
	.fini = tls_fini,
};

enum err stream_tls_server(int fd, struct tls_config *cfg, struct stream **out)
{
	struct tls_stream *t = xcalloc(1, sizeof(*t));

	t->base.ops = &tls_ops;
	t->cfg = tls_config_ref(cfg);
	mbedtls_ssl_init(&t->ssl);
	if (mbedtls_ssl_setup(&t->ssl, tls_config_mbedtls(cfg)) != 0) {
		tls_fini(&t->base);
		return E_NOMEM;
	}
	t->base.fd = fd;
	mbedtls_ssl_set_bio(&t->ssl, t, bio_send, bio_recv, NULL);
	*out = &t->base;
	return E_OK;
}

enum err stream_handshake(struct stream *s)
{
	struct tls_stream *t = tls_of(s);
	int r;

	if (s->ops != &tls_ops)
		return E_OK;
	r = mbedtls_ssl_handshake(&t->ssl);
	return r == 0 ? E_OK : (enum err)tls_result(t, r);
}

/* --- both --- */

void stream_free(struct stream **sp)
{
	struct stream *s = *sp;
	int fd;

	if (s == NULL)
		return;
	stream_leave_source(s);
	fd = s->fd;
	s->ops->fini(s);
	close(fd);
	*sp = NULL;
}

int stream_fd(const struct stream *s)
{
	return s->fd;
}

mbedtls_ssl_context *stream_ssl(struct stream *s)
{
	return s->ops == &tls_ops ? &tls_of(s)->ssl : NULL;
}

const char *stream_tls_version(const struct stream *s)
{
	return s->ops == &tls_ops ? mbedtls_ssl_get_version(&tls_of_const(s)->ssl) : "";
}

const char *stream_cipher(const struct stream *s)
{
	const char *name = s->ops == &tls_ops ? mbedtls_ssl_get_ciphersuite(&tls_of_const(s)->ssl)
					      : "";

	return name == NULL ? "" : name;
}

int stream_tls_error(const struct stream *s)
{
	return s->ops == &tls_ops ? tls_of_const(s)->last_error : 0;
}

void stream_set_source(struct stream *s, struct source_table *t, uint64_t key)
{
	stream_leave_source(s);
	s->sources = t;
	s->source_key = key;
}

void stream_leave_source(struct stream *s)
{
	if (s->sources == NULL)
		return;
	source_leave(s->sources, s->source_key);
	s->sources = NULL;
}

ssize_t stream_read(struct stream *s, struct stream_ahead *ahead, void *p, size_t n)
{
	return s->ops->read(s, ahead, p, n);
}

ssize_t stream_fetch(struct stream *s, struct stream_ahead *ahead)
{
	ssize_t n;

	assert(ahead->pos == ahead->len);
	ahead->pos = ahead->len = 0;
	n = socket_result(recv(s->fd, ahead->p, ahead->cap, 0));
	if (n > 0)
		ahead->len = (size_t)n;
	return n;
}

ssize_t stream_write(struct stream *s, const void *p, size_t n)
{
	return s->ops->write(s, p, n);
}

void stream_end_write(struct stream *s)
{
	s->ops->end_write(s);
}

size_t stream_trim(struct stream *s)
{
	return s->ops->trim(s);
}
