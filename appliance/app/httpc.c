#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/mem.h"
#include "base/num.h"

#include "app/httpc.h"

enum { HEAD_MAX = 32 * 1024, PIECE = 16 * 1024 };
static const size_t body_max = (size_t)64 << 30; /* a whole database, when it goes to a file */

static enum err send_all(int fd, struct str s)
{
	while (s.len > 0) {
		ssize_t n = send(fd, s.p, s.len, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return E_IO;
		s = str_sub(s, (size_t)n, s.len);
	}
	return E_OK;
}

/* Appends what one read brings. */
static enum err read_some(int fd, struct buf *in)
{
	char *p = buf_reserve(in, PIECE);
	ssize_t n;

	if (p == NULL)
		return E_TOOBIG;
	do
		n = recv(fd, p, PIECE, 0);
	while (n < 0 && errno == EINTR);
	if (n <= 0)
		return n == 0 ? E_CLOSED : E_IO;
	buf_commit(in, (size_t)n);
	return E_OK;
}

static enum err head_decode(struct str head, int *status_out, size_t *length_out)
{
	struct str line = str_cut(&head, '\n');
	bool has_length = false;
	uint32_t status;

	if (!str_starts(line, STR("HTTP/1.1 ")) ||
	    num_u32(str_sub(line, 9, 12), 100, 599, &status) != E_OK)
		return E_BAD;
	while (head.p != NULL) {
		struct str value = str_trim(str_cut(&head, '\n'));
		struct str name = str_cut(&value, ':');
		uint64_t n;

		if (!str_ieqz(name, "Content-Length"))
			continue;
		if (num_u64(str_trim(value), 0, body_max, &n) != E_OK)
			return E_BAD;
		*length_out = (size_t)n;
		has_length = true;
	}
	if (status == 204 || status == 304) {
		*length_out = 0;
		has_length = true;
	}
	*status_out = (int)status;
	return has_length ? E_OK : E_BAD;
}

/* The rest of a body of length bytes, whose beginning is in in, into a file. */
static enum err body_to_fd(int fd, struct buf *in, size_t length, int to_fd)
{
	size_t left = length;

	for (;;) {
		struct str s = str_sub(buf_str(in), 0, left);
		enum err e;

		left -= s.len;
		while (s.len > 0) {
			ssize_t n = write(to_fd, s.p, s.len);

			if (n < 0 && errno == EINTR)
				continue;
			if (n <= 0)
				return E_IO;
			s = str_sub(s, (size_t)n, s.len);
		}
		if (left == 0)
			return E_OK;
		buf_reset(in);
		e = read_some(fd, in);
		if (e != E_OK)
			return e;
	}
}

static enum err body_to_memory(int fd, struct buf *in, size_t length, struct httpc_answer *out)
{
	while (in->len < length) {
		enum err e = read_some(fd, in);

		if (e != E_OK)
			return e;
	}
	buf_addc(in, '\0');
	out->body = buf_take(in, &out->len);
	if (out->body == NULL)
		return E_NOMEM;
	out->len--;
	return out->len == length ? E_OK : E_BAD;
}

static enum err read_answer(int fd, struct buf *in, int to_fd, struct httpc_answer *out)
{
	size_t end, length = 0;
	enum err e;

	while ((end = str_search(buf_str(in), STR("\r\n\r\n"))) == in->len) {
		if (in->len > HEAD_MAX)
			return E_TOOBIG;
		e = read_some(fd, in);
		if (e != E_OK)
			return e;
	}
	e = head_decode(str_sub(buf_str(in), 0, end), &out->status, &length);
	if (e != E_OK)
		return e;
	buf_consume(in, end + 4);
	if (to_fd >= 0 && out->status == 200)
		return body_to_fd(fd, in, length, to_fd);
	return body_to_memory(fd, in, length, out);
}

enum err httpc_call(int fd, const struct httpc_request *rq, struct httpc_answer *out)
{
	struct httpc_answer a = { 0 };
	struct buf b;
	enum err e;

	buf_init(&b, HEAD_MAX);
	buf_addf(&b, "%.*s %.*s HTTP/1.1\r\nHost: localhost\r\n", STR_ARG(rq->method),
		 STR_ARG(rq->path));
	if (rq->type.len > 0)
		buf_addf(&b, "Content-Type: %.*s\r\n", STR_ARG(rq->type));
	if (rq->body.len > 0 || !str_eq(rq->method, STR("GET")))
		buf_addf(&b, "Content-Length: %zu\r\n", rq->body.len);
	buf_addz(&b, "\r\n");
	e = buf_err(&b) != E_OK ? buf_err(&b) : send_all(fd, buf_str(&b));
	buf_fini(&b);
	if (e == E_OK)
		e = send_all(fd, rq->body);
	if (e != E_OK)
		return e;
	buf_init(&b, body_max);
	e = read_answer(fd, &b, rq->to_fd, &a);
	buf_fini(&b);
	if (e != E_OK) {
		free(a.body);
		return e;
	}
	*out = a;
	return E_OK;
}
