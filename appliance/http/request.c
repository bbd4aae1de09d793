#include <assert.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "http/guard.h"
#include "http/request_int.h"

struct str http_req_method(const struct http_req *rq)
{
	return rq->method;
}

struct str http_req_path(const struct http_req *rq)
{
	return rq->target.path;
}

struct str http_req_capture(const struct http_req *rq, const char *name)
{
	for (size_t i = 0; i < rq->captures.n; i++)
		if (str_eqz(rq->captures.v[i].name, name))
			return rq->captures.v[i].value;
	return STR_NULL;
}

struct str http_req_query(const struct http_req *rq, const char *name)
{
	return http_target_param(&rq->target, str_of(name));
}

struct str http_req_header(const struct http_req *rq, const char *name)
{
	return str_of(MHD_lookup_connection_value(rq->conn, MHD_HEADER_KIND, name));
}

uint64_t http_req_conn(const struct http_req *rq)
{
	const union MHD_ConnectionInfo *ci = MHD_get_connection_info(
		rq->conn, MHD_CONNECTION_INFO_CONNECTION_FD);

	return ci == NULL ? 0 : (uint64_t)ci->connect_fd;
}

struct str http_req_cookie(const struct http_req *rq, const char *name)
{
	return http_cookie_get(http_req_header(rq, "Cookie"), str_of(name));
}

struct str http_req_body(const struct http_req *rq)
{
	return buf_str(&rq->body);
}

const struct addr *http_req_peer(const struct http_req *rq)
{
	return &rq->peer;
}

bool http_req_is_local(const struct http_req *rq)
{
	return rq->local;
}

struct http_principal *http_req_principal(struct http_req *rq)
{
	return &rq->principal;
}

struct arena *http_req_arena(struct http_req *rq)
{
	return &rq->arena;
}

void http_req_set_ctx(struct http_req *rq, void *ctx, void (*free_fn)(void *ctx))
{
	assert(rq->ctx == NULL);
	rq->ctx = ctx;
	rq->ctx_free = free_fn;
}

void *http_req_ctx(const struct http_req *rq)
{
	return rq->ctx;
}

static void hop_run(struct job *j)
{
	struct http_req *rq = CONTAINER_OF(j, struct http_req, job);

	rq->hop(rq);
}

void http_req_hop(struct http_req *rq, struct queue *q, http_hop_fn *fn)
{
	rq->hop = fn;
	rq->job.fn = hop_run;
	queue_push(q, &rq->job);
}

void http_req_allow_ms(struct http_req *rq, int64_t ms)
{
	http_server_set_deadline(rq, ms);
}

void http_req_add_header(struct http_req *rq, const char *name, struct str value)
{
	assert(rq->n_headers < HTTP_REQ_HEADERS_MAX);
	rq->header[rq->n_headers].name = name;
	if (arena_dup(&rq->arena, value, &rq->header[rq->n_headers].value) != E_OK) {
		log_warn("http", "answer header dropped name=%s: request memory used up", name);
		return;
	}
	rq->n_headers++;
}

/* Takes response; continues on the web thread. */
static void reply(struct http_req *rq, unsigned status, const char *type,
		  struct MHD_Response *response)
{
	assert(rq->answer == NULL);
	if (response == NULL) {
		log_error("http", "no memory for an answer path=%.*s", STR_ARG(rq->target.path));
		status = 500;
		response = MHD_create_response_from_buffer_static(0, "");
		if (response == NULL)
			abort();
	}
	http_guard_headers(response);
	if (type != NULL)
		(void)MHD_add_response_header(response, "Content-Type", type);
	for (size_t i = 0; i < rq->n_headers; i++) {
		char *z = str_z(rq->header[i].value);

		if (MHD_add_response_header(response, rq->header[i].name, z) != MHD_YES)
			log_warn("http", "answer header refused name=%s", rq->header[i].name);
		free(z);
	}
	rq->answer = response;
	rq->answer_status = status;
	if (http_server_is_own_thread(rq->s))
		http_server_on_reply(rq);
	else
		http_req_hop(rq, http_server_queue(rq->s), http_server_on_reply);
}

void http_reply(struct http_req *rq, unsigned status, const char *type, struct str body)
{
	reply(rq, status, type,
	      MHD_create_response_from_buffer_copy(body.len, body.len > 0 ? body.p : ""));
}

void http_reply_take(struct http_req *rq, unsigned status, const char *type, char *body, size_t len)
{
	struct MHD_Response *r = MHD_create_response_from_buffer_with_free_callback(len, body,
										    &free);

	if (r == NULL)
		free(body);
	reply(rq, status, type, r);
}

void http_reply_static(struct http_req *rq, unsigned status, const char *type, struct str body)
{
	reply(rq, status, type, MHD_create_response_from_buffer_static(body.len, body.p));
}

void http_reply_fd(struct http_req *rq, unsigned status, const char *type, int fd, uint64_t size)
{
	struct MHD_Response *r = MHD_create_response_from_fd64(size, fd);

	if (r == NULL)
		close(fd);
	reply(rq, status, type, r);
}
