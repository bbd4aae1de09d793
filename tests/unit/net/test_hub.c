#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clk.h"
#include "base/limits.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/conn.h"

enum { PEERS_MAX = 8 };

/* A line server: "echo X" is answered with "X", and so on, see on_line. */
static struct fixture {
	struct loop *loop;
	struct hub *hub;
	int opened, closed, calls;
	conn_id last_open, last_closed;
	enum err last_why;
	size_t longest_view;
	int64_t now;
	conn_id id[PEERS_MAX]; /* of peer[i] */
	int peer[PEERS_MAX];   /* the client's ends */
	int n;
} f;

static void on_open(void *arg, conn_id id, const struct conn_info *info)
{
	assert_ptr_equal(arg, &f);
	assert_string_equal(info->tls_version, "");
	assert_ptr_equal(hub_info(f.hub, id), info);
	f.opened++;
	f.last_open = id;
}

static void send_str(conn_id id, struct str s)
{
	enum err e = hub_send(f.hub, id, s);

	assert_true(e == E_OK || e == E_GONE || e == E_FULL);
}

static ssize_t on_line(conn_id id, struct str line)
{
	if (str_starts(line, STR("echo "))) {
		send_str(id, str_sub(line, 5, line.len));
		send_str(id, STR("\n"));
	} else if (str_eqz(line, "bye")) {
		send_str(id, STR("so long\n"));
		hub_close(f.hub, id, HUB_CLOSE_AFTER_FLUSH);
		assert_int_equal(hub_send(f.hub, id, STR("too late\n")), E_GONE);
	} else if (str_eqz(line, "now")) {
		send_str(id, STR("lost\n"));
		hub_close(f.hub, id, HUB_CLOSE_NOW);
		hub_close(f.hub, id, HUB_CLOSE_NOW);
	} else if (str_eqz(line, "bad")) {
		send_str(id, STR("400\n"));
		return E_BAD;
	} else if (str_eqz(line, "pause")) {
		hub_pause(f.hub, id);
	} else if (str_eqz(line, "killall")) {
		for (int i = 0; i < f.n; i++)
			hub_close(f.hub, f.id[i], HUB_CLOSE_NOW);
	} else if (str_eqz(line, "auth")) {
		hub_set_authenticated(f.hub, id);
	} else if (str_starts(line, STR("tell "))) { /* to peer 1, whoever asks */
		send_str(f.id[1], str_sub(line, 5, line.len));
	}
	return E_OK;
}

static ssize_t on_bytes(void *arg, conn_id id, struct str bytes)
{
	size_t used = 0;

	(void)arg;
	f.calls++;
	if (bytes.len > f.longest_view)
		f.longest_view = bytes.len;
	for (;;) {
		size_t nl = str_find(bytes, '\n', used);
		ssize_t r;

		if (nl == bytes.len)
			return (ssize_t)used;
		r = on_line(id, str_sub(bytes, used, nl));
		if (r < 0)
			return r;
		used = nl + 1;
	}
}

static void on_close(void *arg, conn_id id, enum err why)
{
	(void)arg;
	assert_int_equal(hub_send(f.hub, id, STR("x")), E_GONE);
	assert_non_null(hub_info(f.hub, id));
	f.closed++;
	f.last_closed = id;
	f.last_why = why;
}

static const struct hub_hooks hooks = { on_open, on_bytes, on_close, &f };

static void turn(int n)
{
	for (int i = 0; i < n; i++)
		loop_turn(f.loop, 0);
}

static void set_time(int64_t ms)
{
	f.now = ms;
	clk_set_ms(ms, ms);
}

static void start(const struct hub_cfg *cfg)
{
	memset(&f, 0, sizeof(f));
	set_time(1000);
	f.loop = loop_new();
	f.hub = hub_new(f.loop, &hooks, cfg);
}

static void set_nonblock(int fd)
{
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

/* A new connection; sndbuf > 0 makes its kernel buffer small. */
static int peer_new(const char *first, int sndbuf)
{
	struct addr none = { .len = 0 };
	int sv[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	set_nonblock(sv[0]);
	set_nonblock(sv[1]);
	if (sndbuf > 0)
		setsockopt(sv[0], SOL_SOCKET, SO_SNDBUF, &sndbuf, sizeof(sndbuf));
	f.peer[f.n] = sv[1];
	f.id[f.n] = hub_open(f.hub, stream_plain(sv[0]), &none, &none, str_of(first));
	return f.n++;
}

static void stop(void)
{
	hub_free(&f.hub);
	hub_free(&f.hub);
	assert_int_equal(f.opened, f.closed);
	loop_free(&f.loop);
	for (int i = 0; i < f.n; i++)
		close(f.peer[i]);
	clk_unset();
}

static void say(int i, const char *s)
{
	assert_int_equal(write(f.peer[i], s, strlen(s)), strlen(s));
}

static void expect(int i, const char *s)
{
	char got[512];
	ssize_t n = read(f.peer[i], got, sizeof(got) - 1);

	got[n > 0 ? n : 0] = '\0';
	assert_string_equal(got, s);
}

static void expect_nothing(int i)
{
	char c;

	assert_int_equal(read(f.peer[i], &c, 1), -1);
	assert_int_equal(errno, EAGAIN);
}

static void expect_eof(int i)
{
	char c;

	assert_int_equal(read(f.peer[i], &c, 1), 0);
}

static struct net_stats stats(void)
{
	struct net_stats st;

	hub_stats_get(f.hub, &st);
	return st;
}

/* --- */

static void test_echo_and_one_write(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(2);
	say(a, "echo one\necho two\necho thr");
	turn(2);
	expect(a, "one\ntwo\n");
	assert_int_equal(stats().writes, 1); /* six hub_sends, one write */
	say(a, "ee\n");
	turn(1); /* read, handled and written in one turn */
	expect(a, "three\n");
	assert_int_equal(f.longest_view, strlen("echo one\necho two\necho thr"));
	stop();
}

static void test_byte_by_byte(void **state)
{
	static const char text[] = "echo abc\necho def\n";
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	for (size_t i = 0; i + 1 < sizeof(text); i++) {
		assert_int_equal(write(f.peer[a], text + i, 1), 1);
		turn(1);
	}
	expect(a, "abc\ndef\n");
	stop();
}

/* What the door read is offered without any event. */
static void test_first_bytes(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("echo early\n", 0);
	turn(1);
	expect(a, "early\n");
	say(a, "echo late\n");
	turn(1);
	expect(a, "late\n");
	stop();
}

static void test_no_second_read(void **state)
{
	uint64_t before;
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(3);
	before = stats().reads;
	for (int i = 0; i < 10; i++) {
		say(a, "echo x\n");
		turn(3);
	}
	assert_int_equal(stats().reads - before, 10);
	stop();
}

static void test_partial_writes(void **state)
{
	enum { LINES = 20000 };
	char *got = xcalloc(1, LINES * 8 + 1), want[16];
	size_t have = 0;
	int a;

	(void)state;
	start(NULL);
	a = peer_new("auth\n", 4096);
	turn(1);
	for (int i = 0; i < LINES; i++) {
		(void)snprintf(want, sizeof(want), "%07d\n", i);
		assert_int_equal(hub_send(f.hub, f.id[a], str_of(want)), E_OK);
	}
	assert_int_equal(hub_output_bytes(f.hub, f.id[a]), LINES * 8);
	assert_int_equal(stats().output_waiting, LINES * 8);
	for (int i = 0; i < 100000 && have < LINES * 8; i++) {
		ssize_t n = read(f.peer[a], got + have, 1 + (size_t)(i % 3000));

		if (n > 0)
			have += (size_t)n;
		turn(1);
	}
	assert_int_equal(have, LINES * 8);
	for (int i = 0; i < LINES; i++) {
		(void)snprintf(want, sizeof(want), "%07d\n", i);
		assert_memory_equal(got + i * 8, want, 8);
	}
	assert_int_equal(stats().output_waiting, 0);
	free(got);
	stop();
}

static void test_output_budget(void **state)
{
	static char kib[1024];
	enum err e = E_OK;
	size_t sent = 0;
	int a, b;

	(void)state;
	start(&(struct hub_cfg){ .output_max = 100 * 1024, .output_max_unauth = 10 * 1024 });
	a = peer_new("auth\n", 4096);
	b = peer_new("", 4096);
	turn(1);
	for (; e == E_OK; sent++)
		e = hub_send(f.hub, f.id[a], str_n(kib, sizeof(kib)));
	assert_int_equal(e, E_FULL);
	assert_int_equal(sent, 101);
	assert_int_equal(hub_send(f.hub, f.id[a], STR("x")), E_GONE);
	assert_int_equal(f.closed, 0); /* not inside the call */
	turn(1);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.last_why, E_FULL);
	assert_int_equal(f.last_closed, f.id[a]);
	for (sent = 0, e = E_OK; e == E_OK; sent++)
		e = hub_send(f.hub, f.id[b], str_n(kib, sizeof(kib)));
	assert_int_equal(sent, 11); /* not signed in */
	turn(1);
	assert_int_equal(stats().closed_output_full, 2);
	assert_int_equal(stats().output_waiting, 0);
	stop();
}

static void test_close_after_flush(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(1);
	say(a, "bye\n");
	turn(1);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.last_why, E_GONE);
	assert_null(hub_info(f.hub, f.id[a]));
	expect(a, "so long\n");
	expect_eof(a);
	close(f.peer[a]); /* ends the lingering */
	f.peer[a] = open("/dev/null", O_RDONLY);
	turn(2);
	stop();
}

/* The rest of what the client said stays unread; it must see the answer all the same. */
static void test_linger(void **state)
{
	static char junk[100000];
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(1);
	say(a, "bad\n");
	assert_true(write(f.peer[a], junk, sizeof(junk)) > 0);
	turn(1);
	assert_int_equal(f.last_why, E_BAD);
	expect(a, "400\n");
	expect_eof(a);
	set_time(f.now + NET_LINGER_MS);
	turn(2);
	assert_int_equal(send(f.peer[a], "x", 1, MSG_NOSIGNAL), -1); /* gone */
	stop();
}

static void test_close_now(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	say(a, "now\necho more\n");
	turn(1);
	assert_int_equal(f.closed, 1);
	expect_eof(a);
	stop();
}

static void test_close_others_in_handler(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	for (int i = 0; i < 4; i++)
		peer_new("", 0);
	turn(1);
	for (int i = 1; i < 5; i++)
		say(i, "echo never\n");
	say(a, "killall\n");
	turn(2);
	assert_int_equal(f.closed, 5);
	assert_int_equal(hub_count(f.hub), 0);
	stop();
}

static void test_drain_ends_by_time(void **state)
{
	static char kib[60 * 1024];
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 4096);
	turn(1);
	assert_int_equal(hub_send(f.hub, f.id[a], str_n(kib, sizeof(kib))), E_OK);
	hub_close(f.hub, f.id[a], HUB_CLOSE_AFTER_FLUSH);
	turn(2);
	assert_int_equal(f.closed, 0);
	set_time(f.now + NET_DRAIN_MS);
	turn(2);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.last_why, E_GONE);
	stop();
}

static void test_pause(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(1);
	say(a, "pause\necho one\n"); /* our handler goes on through its view, as it may */
	turn(1);
	expect(a, "one\n");
	say(a, "echo two\n");
	turn(2);
	expect_nothing(a);
	hub_resume(f.hub, f.id[a]);
	turn(1);
	expect(a, "two\n");
	hub_pause(f.hub, f.id[a]);
	say(a, "echo three\n");
	shutdown(f.peer[a], SHUT_WR);
	turn(2);
	expect_nothing(a);
	hub_resume(f.hub, f.id[a]);
	turn(3);
	expect(a, "three\n");
	expect_eof(a);
	stop();
}

static void test_half_close(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(1);
	say(a, "echo last\n");
	shutdown(f.peer[a], SHUT_WR);
	turn(3);
	expect(a, "last\n");
	expect_eof(a);
	assert_int_equal(f.last_why, E_CLOSED);
	stop();
}

static void test_input_cap(void **state)
{
	static char junk[3000];
	int a, b;

	(void)state;
	memset(junk, 'x', sizeof(junk));
	start(&(struct hub_cfg){ .input_max_unauth = 2000, .input_max = 5000 });
	a = peer_new("", 0);
	b = peer_new("auth\n", 0);
	turn(1);
	assert_int_equal(write(f.peer[a], junk, 2000), 2000);
	turn(1);
	assert_int_equal(f.closed, 0);
	say(a, "x");
	turn(1);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.last_why, E_TOOBIG);
	assert_int_equal(write(f.peer[b], junk, 3000), 3000);
	turn(1);
	assert_int_equal(write(f.peer[b], junk, 3000), 3000);
	turn(1);
	assert_int_equal(f.closed, 2);
	assert_int_equal(stats().closed_input_full, 2);
	stop();
}

/* A peer with a lot to say does not keep the others waiting. */
static void test_fair_reads(void **state)
{
	static char flood[150000];
	int a, b, calls;

	(void)state;
	for (size_t i = 0; i < sizeof(flood); i++)
		flood[i] = i % 100 == 99 ? '\n' : 'x';
	start(NULL);
	a = peer_new("auth\n", 0);
	b = peer_new("auth\n", 0);
	turn(1);
	assert_int_equal(write(f.peer[a], flood, sizeof(flood)), sizeof(flood));
	say(b, "echo hi\n");
	calls = f.calls;
	turn(1);
	expect(b, "hi\n");
	assert_int_equal(f.calls - calls, 2);
	assert_true(f.longest_view <= 2 * NET_READ_MAX);
	turn(20);
	assert_true(f.calls - calls >= (int)(sizeof(flood) / NET_READ_MAX));
	stop();
}

static void test_deadlines(void **state)
{
	int silent, slow, tls_dsk, good;

	(void)state;
	start(NULL);
	silent = peer_new("", 0);
	slow = peer_new("echo x\n", 0);
	tls_dsk = peer_new("echo x\n", 0);
	good = peer_new("auth\n", 0);
	turn(1);
	hub_set_deadline(f.hub, f.id[tls_dsk], 150000);
	set_time(1000 + NET_FIRST_REQUEST_MS - 1);
	turn(1);
	assert_int_equal(f.closed, 0);
	set_time(1000 + NET_FIRST_REQUEST_MS);
	turn(1);
	assert_int_equal(f.last_closed, f.id[silent]);
	assert_int_equal(f.last_why, E_TIMEOUT);
	set_time(1000 + NET_SIGN_IN_MS - 1);
	turn(1);
	assert_int_equal(f.closed, 1);
	set_time(1000 + NET_SIGN_IN_MS);
	turn(1);
	assert_int_equal(f.last_closed, f.id[slow]);
	set_time(1000 + 150000);
	turn(1);
	assert_int_equal(f.last_closed, f.id[tls_dsk]);
	set_time(1000 + 100000000);
	turn(1);
	assert_int_equal(f.closed, 3);
	assert_non_null(hub_info(f.hub, f.id[good]));
	assert_int_equal(stats().closed_timeout, 3);
	assert_int_equal(stats().authenticated, 1);
	assert_int_equal(stats().open, 1);
	stop();
}

static void test_caps_drop_oldest_unauthenticated(void **state)
{
	int a, b, c, d;

	(void)state;
	start(&(struct hub_cfg){ .conns_max = 3, .unauth_max = 2 });
	a = peer_new("auth\n", 0);
	turn(1);
	b = peer_new("", 0);
	c = peer_new("", 0);
	turn(1);
	d = peer_new("auth\n", 0);
	turn(1);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.last_closed, f.id[b]);
	hub_set_authenticated(f.hub, f.id[c]);
	peer_new("", 0); /* all signed in: no room, and nobody to drop */
	assert_int_equal(f.id[f.n - 1], 0);
	expect_eof(f.n - 1);
	turn(1);
	assert_int_equal(stats().refused, 1);
	assert_int_equal(stats().closed_unauth_dropped, 1);
	assert_non_null(hub_info(f.hub, f.id[a]));
	assert_non_null(hub_info(f.hub, f.id[d]));
	stop();
}

static void test_ids_are_not_reused(void **state)
{
	conn_id before = 0;

	(void)state;
	start(NULL);
	for (int i = 0; i < 1000; i++) {
		int a = peer_new("", 0);

		assert_true(f.id[a] > before);
		before = f.id[a];
		hub_close(f.hub, f.id[a], HUB_CLOSE_NOW);
		turn(1);
		assert_int_equal(hub_send(f.hub, before, STR("x")), E_GONE);
		hub_close(f.hub, before, HUB_CLOSE_NOW);
		hub_set_authenticated(f.hub, before);
		hub_pause(f.hub, before);
		hub_resume(f.hub, before);
		close(f.peer[a]);
		f.n = 0;
	}
	assert_null(hub_info(f.hub, 0));
	assert_null(hub_info(f.hub, ~(conn_id)0));
	stop();
}

static void count_one(void *arg, conn_id id, const struct conn_info *info)
{
	(void)info;
	(*(int *)arg)++;
	hub_close(f.hub, id, HUB_CLOSE_NOW);
}

static void test_each(void **state)
{
	int n = 0;

	(void)state;
	start(NULL);
	for (int i = 0; i < 5; i++)
		peer_new("", 0);
	turn(1);
	hub_each(f.hub, count_one, &n);
	assert_int_equal(n, 5);
	turn(1);
	assert_int_equal(f.closed, 5);
	stop();
}

static void *adopt(void *arg)
{
	struct addr none = { .len = 0 };
	int *fd = arg;

	hub_adopt(f.hub, stream_plain(*fd), &none, &none, STR("echo adopted\n"));
	return NULL;
}

static void test_adopt_from_other_thread(void **state)
{
	pthread_t t;
	int sv[2];

	(void)state;
	start(NULL);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sv), 0);
	set_nonblock(sv[0]);
	f.peer[f.n++] = sv[1];
	assert_int_equal(pthread_create(&t, NULL, adopt, &sv[0]), 0);
	while (f.opened == 0)
		turn(1);
	pthread_join(t, NULL);
	turn(1);
	expect(0, "adopted\n");
	stop();
}

/* What is sent between turns, or from a later hook, does not wait for the next event. */
static void test_send_outside_a_turn(void **state)
{
	int a;

	(void)state;
	start(NULL);
	a = peer_new("", 0);
	turn(2);
	assert_int_equal(hub_send(f.hub, f.id[a], STR("hello\n")), E_OK);
	loop_turn(f.loop, -1); /* would hang */
	expect(a, "hello\n");
	hub_close(f.hub, f.id[a], HUB_CLOSE_NOW);
	loop_turn(f.loop, -1);
	assert_int_equal(f.closed, 1);
	stop();
}

static void test_peer_dies(void **state)
{
	int a, b;

	(void)state;
	start(NULL);
	a = peer_new("auth\n", 0);
	b = peer_new("auth\n", 0);
	turn(1);
	close(f.peer[b]);
	f.peer[b] = open("/dev/null", O_RDONLY);
	say(a, "tell x\n"); /* writes to b in the turn that sees its end */
	turn(3);
	assert_int_equal(f.closed, 1);
	assert_int_equal(f.last_closed, f.id[b]);
	assert_int_equal(f.last_why, E_CLOSED);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_echo_and_one_write),
		cmocka_unit_test(test_byte_by_byte),
		cmocka_unit_test(test_first_bytes),
		cmocka_unit_test(test_no_second_read),
		cmocka_unit_test(test_partial_writes),
		cmocka_unit_test(test_output_budget),
		cmocka_unit_test(test_close_after_flush),
		cmocka_unit_test(test_linger),
		cmocka_unit_test(test_close_now),
		cmocka_unit_test(test_close_others_in_handler),
		cmocka_unit_test(test_drain_ends_by_time),
		cmocka_unit_test(test_pause),
		cmocka_unit_test(test_half_close),
		cmocka_unit_test(test_input_cap),
		cmocka_unit_test(test_fair_reads),
		cmocka_unit_test(test_deadlines),
		cmocka_unit_test(test_caps_drop_oldest_unauthenticated),
		cmocka_unit_test(test_ids_are_not_reused),
		cmocka_unit_test(test_each),
		cmocka_unit_test(test_adopt_from_other_thread),
		cmocka_unit_test(test_send_outside_a_turn),
		cmocka_unit_test(test_peer_dies),
	};

	log_to_stderr(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
