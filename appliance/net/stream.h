/* stream.h: one connected byte stream: TLS in the product, plain in tests; nobody above knows which.
 *
 * A stream owns its fd (non-blocking), its TLS context with a reference to its
 * configuration, and its place in the table of unauthenticated sources.  It
 * belongs to one thread at a time: a door makes it and hands it over once. */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include <stdbool.h>
#include <sys/types.h>

#include "net/addr.h"
#include "net/source.h"
#include "net/tls.h"

struct stream; /* opaque */

/* Ciphertext fetched by one recv and then decrypted without further system calls (mbedTLS alone
 * needs three per record).  Owned by the caller; empty again after the stream_read that says E_AGAIN. */
struct stream_ahead {
	unsigned char *p;
	size_t cap, pos, len;
};

struct stream *stream_plain(int fd); /* takes the fd */
MUST_USE enum err stream_tls_server(int fd, struct tls_config *cfg,
				    struct stream **out); /* on failure the fd stays the caller's */
void stream_free(struct stream **sp);			  /* closes, leaves the source table */

int stream_fd(const struct stream *s);
mbedtls_ssl_context *stream_ssl(struct stream *s);	/* NULL for a plain one */
const char *stream_tls_version(const struct stream *s); /* "TLSv1.3"; "" for a plain one; static */
const char *stream_cipher(const struct stream *s);

/* Counted against src until stream_free or stream_leave_source. */
void stream_set_source(struct stream *s, struct source_table *t, uint64_t key);
void stream_leave_source(struct stream *s);

/* E_OK done, E_AGAIN wait for an epoll event, else failed. */
MUST_USE enum err stream_handshake(struct stream *s);
int stream_tls_error(
	const struct stream *s); /* mbedTLS's code behind the last E_BAD, for the log */

/* Bytes read (> 0), E_AGAIN, E_CLOSED (end of file or close_notify), E_IO (socket), E_BAD (TLS).
 * With ahead not NULL the socket itself is not touched: bytes come from there. */
MUST_USE ssize_t stream_read(struct stream *s, struct stream_ahead *ahead, void *p, size_t n);
/* One recv from the socket into ahead, which must be empty.  Same results. */
MUST_USE ssize_t stream_fetch(struct stream *s, struct stream_ahead *ahead);

/* Bytes taken (> 0; at most one TLS record), E_AGAIN, or failed.  After E_AGAIN the same bytes, or
 * more beginning with them, must be offered again: TLS has already sealed them. */
MUST_USE ssize_t stream_write(struct stream *s, const void *p, size_t n);

void stream_end_write(struct stream *s); /* close_notify and FIN, best effort */
size_t stream_trim(
	struct stream *s); /* gives back idle buffer pages; 0 when it holds half a record */

#endif
