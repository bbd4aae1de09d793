/* The server on a loop of its own, with plain streams in the place of TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "http/server.h"

enum { ANSWER_MAX = 4 << 20, BIG = 1 << 20 };

struct fixture {
	struct loop *loop;
	struct http_server *server;
	struct http_req *parked;
	bool drained;
	struct buf answer;
};

static struct fixture fx;

static void on_echo(struct http_req *rq, void *arg)
{
	(void)arg;
	http_reply(rq, 200, "text/plain", http_req_body(rq));
}

static void on_big(struct http_req *rq, void *arg)
{
	char *p = xcalloc(1, BIG);

	(void)arg;
	memset(p, 'x', BIG);
	http_reply_take(rq, 200, "text/plain", p, BIG);
}

static void on_park(struct http_req *rq, void *arg)
{
	(void)arg;
	fx.parked = rq;
}

static void on_who(struct http_req *rq, void *arg)
{
	(void)arg;
	http_reply(rq, 200, "text/plain", http_req_is_local(rq) ? STR("local") : STR("remote"));
}

static const struct http_route routes[] = {
	{ "POST", "/echo", on_echo, HTTP_PUBLIC, 100 }, { "GET", "/big", on_big, HTTP_PUBLIC, 0 },
	{ "GET", "/park", on_park, HTTP_PUBLIC, 0 },	{ "GET", "/who", on_who, HTTP_PUBLIC, 0 },
	{ "GET", "/secret", on_who, HTTP_ADMIN, 0 },
};
static const unsigned char page[] = "<p>hello", page_gz[] = "zipped";
static const struct http_asset assets[] = {
	{ "/index.html", "text/html", "\"tag\"", page, sizeof(page) - 1, page_gz,
	  sizeof(page_gz) - 1 },
};

static enum err authenticate(void *arg, struct http_req *rq, enum http_auth need)
{
	(void)arg;
	(void)need;
	return http_req_is_local(rq) ? E_OK : E_AUTH;
}

static void on_error(struct http_req *rq, unsigned status, const char *message)
{
	http_reply(rq, status, "text/plain", str_of(message));
}

static int setup(void **state)
{
	const struct http_app app = { .routes = routes,
				      .n_routes = ARRAY_LEN(routes),
				      .authenticate = authenticate,
				      .error = on_error };
	struct http_cfg cfg = {
		.apps = &app, .n_apps = 1, .assets = assets, .n_assets = ARRAY_LEN(assets)
	};

	(void)state;
	log_to_stderr(false);
	signal(SIGPIPE, SIG_IGN);
	fx = (struct fixture){ .loop = loop_new() };
	cfg.loop = fx.loop;
	buf_init(&fx.answer, ANSWER_MAX);
	return http_server_new(&cfg, &fx.server) == E_OK ? 0 : -1;
}

static int teardown(void **state)
{
	(void)state;
	http_server_free(&fx.server);
	loop_free(&fx.loop);
	buf_fini(&fx.answer);
	return 0;
}

static int connect_client(const char *first)
{
	struct door_web w = { .first = str_of(first) };
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	w.stream = stream_plain(fd[0]);
	http_server_on_web(fx.server, &w);
	return fd[1];
}

/* Turns the loop and collects what the client gets, until it contains all of until or the end. */
static void run(int fd, const char *until)
{
	for (int i = 0; i < 2000; i++) {
		char piece[65536];
		ssize_t n;

		loop_turn(fx.loop, 1);
		n = recv(fd, piece, sizeof(piece), 0);
		if (n > 0)
			buf_add(&fx.answer, str_n(piece, (size_t)n));
		if (n == 0 || (until != NULL &&
			       str_search(buf_str(&fx.answer), str_of(until)) < fx.answer.len))
			return;
	}
	fail_msg("no end: %.*s", (int)(fx.answer.len > 300 ? 300 : fx.answer.len), fx.answer.p);
}

static bool answer_has(const char *s)
{
	return str_search(buf_str(&fx.answer), str_of(s)) < fx.answer.len;
}

static void say(int fd, const char *request)
{
	assert_int_equal(send(fd, request, strlen(request), 0), (ssize_t)strlen(request));
}

static void test_echo_byte_by_byte(void **state)
{
	const char *request = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello";
	int fd = connect_client("");

	(void)state;
	for (const char *p = request; *p != '\0'; p++) {
		assert_int_equal(send(fd, p, 1, 0), 1);
		loop_turn(fx.loop, 0);
	}
	run(fd, "hello");
	assert_true(answer_has("HTTP/1.1 200"));
	assert_true(answer_has("Content-Security-Policy: default-src 'none';"));
	assert_true(answer_has("X-Content-Type-Options: nosniff"));
	assert_true(answer_has("Strict-Transport-Security: "));
	/* The connection is kept. */
	buf_reset(&fx.answer);
	say(fd, request);
	run(fd, "hello");
	close(fd);
}

static void test_first_bytes_and_pipelining(void **state)
{
	int fd = connect_client("GET /who HTTP/1.1\r\nHost: x\r\n\r\nPOST /echo HTTP/1.1\r\nHost: "
				"x\r\nContent-Length: 3\r\n\r\nabc");

	(void)state;
	run(fd, "abc");
	assert_true(answer_has("remote"));
	close(fd);
}

static void test_errors(void **state)
{
	static const struct {
		const char *request, *status;
	} cases[] = {
		{ "GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", " 404 " },
		{ "PUT /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		  " 405 " },
		{ "GET /%2e%2e/who HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", " 400 " },
		{ "GET /secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", " 401 " },
		{ "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
		  "101\r\n\r\n",
		  " 413 " },
		{ "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
		  "99999999999999\r\n\r\n",
		  " 413 " },
		{ "POST /echo HTTP/1.1\r\nHost: x\r\nOrigin: https://evil\r\nConnection: "
		  "close\r\nContent-Length: 1\r\n\r\na",
		  " 403 " },
		{ "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: "
		  "close\r\n\r\n"
		  "80\r\n01234567890123456789012345678901234567890123456789012345678901234567890123"
		  "456789012345678901234567890123456789012345678901234567\r\n0\r\n\r\n",
		  " 413 " },
		{ "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: "
		  "2\r\n\r\nab",
		  " 400 " },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int fd = connect_client(cases[i].request);

		buf_reset(&fx.answer);
		run(fd, NULL);
		if (!answer_has(cases[i].status))
			fail_msg("case %zu: %.*s", i, (int)fx.answer.len, fx.answer.p);
		close(fd);
	}
}

static void test_big_answer_to_slow_reader(void **state)
{
	int fd = connect_client("GET /big HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");

	(void)state;
	for (int i = 0; i < 50; i++)
		loop_turn(fx.loop, 0); /* the pipe fills and must hold */
	run(fd, NULL);
	assert_true(fx.answer.len > BIG);
	close(fd);
}

static void test_parked_and_answered_later(void **state)
{
	int fd = connect_client("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	while (fx.parked == NULL)
		loop_turn(fx.loop, 1);
	for (int i = 0; i < 5; i++)
		loop_turn(fx.loop, 1);
	http_reply(fx.parked, 200, "text/plain", STR("later"));
	run(fd, "later");
	close(fd);
}

static void test_parked_client_leaves(void **state)
{
	int fd = connect_client("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	while (fx.parked == NULL)
		loop_turn(fx.loop, 1);
	close(fd);
	for (int i = 0; i < 5; i++)
		loop_turn(fx.loop, 1);
	http_reply(fx.parked, 200, "text/plain", STR("nobody hears"));
	for (int i = 0; i < 20; i++)
		loop_turn(fx.loop, 1);
}

static void test_time_out(void **state)
{
	struct http_stats st;
	int fd;

	(void)state;
	clk_set_ms(1000, 0);
	fd = connect_client("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");
	while (fx.parked == NULL)
		loop_turn(fx.loop, 0);
	clk_set_ms(1000 + HTTP_REPLY_MS, 0);
	run(fd, "in time");
	assert_true(answer_has(" 503 "));
	http_stats_get(fx.server, &st);
	assert_int_equal(st.timed_out, 1);
	http_reply(fx.parked, 200, "text/plain", STR("too late"));
	for (int i = 0; i < 20; i++)
		loop_turn(fx.loop, 0);
	assert_true(recv(fd, &(char){ 0 }, 1, 0) < 0 && errno == EAGAIN);
	close(fd);
	clk_unset();
}

static void on_drained(void *arg)
{
	(void)arg;
	fx.drained = true;
}

static void test_drain_waits(void **state)
{
	int fd = connect_client("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	while (fx.parked == NULL)
		loop_turn(fx.loop, 1);
	http_server_drain(fx.server, on_drained, NULL);
	for (int i = 0; i < 100; i++)
		loop_turn(fx.loop, 1);
	assert_false(fx.drained);
	http_reply(fx.parked, 200, "text/plain", STR("last one"));
	run(fd, "last one");
	while (!fx.drained)
		loop_turn(fx.loop, 10);
	close(fd);
}

static void test_stop_with_parked_request(void **state)
{
	int fd = connect_client("GET /park HTTP/1.1\r\nHost: x\r\n\r\n");
	struct http_req *rq;

	(void)state;
	while (fx.parked == NULL)
		loop_turn(fx.loop, 1);
	rq = fx.parked;
	fx.parked = NULL;
	http_reply(rq, 200, "text/plain", STR("x"));
	close(fd); /* and teardown frees at once */
}

static void test_assets(void **state)
{
	int fd = connect_client("GET / HTTP/1.1\r\nHost: x\r\n\r\n");

	(void)state;
	run(fd, "<p>hello");
	assert_true(answer_has("ETag: \"tag\""));
	buf_reset(&fx.answer);
	say(fd, "GET /index.html HTTP/1.1\r\nHost: x\r\nAccept-Encoding: br, gzip\r\n\r\n");
	run(fd, "zipped");
	assert_true(answer_has("Content-Encoding: gzip"));
	buf_reset(&fx.answer);
	say(fd, "GET / HTTP/1.1\r\nHost: x\r\nIf-None-Match: W/\"a\", \"tag\"\r\n\r\n");
	run(fd, "\r\n\r\n");
	assert_true(answer_has(" 304 "));
	close(fd);
}

static void test_control_is_local(void **state)
{
	int fd[2];

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fd), 0);
	http_server_add_local(fx.server, fd[0]);
	say(fd[1], "GET /secret HTTP/1.1\r\nHost: x\r\n\r\n");
	run(fd[1], "local");
	close(fd[1]);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_echo_byte_by_byte),
		TEST(test_first_bytes_and_pipelining),
		TEST(test_errors),
		TEST(test_big_answer_to_slow_reader),
		TEST(test_parked_and_answered_later),
		TEST(test_parked_client_leaves),
		TEST(test_time_out),
		TEST(test_drain_waits),
		TEST(test_stop_with_parked_request),
		TEST(test_assets),
		TEST(test_control_is_local),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
