#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <poll.h>
#include <psa/crypto.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "base/log.h"
#include "base/mem.h"
#include "net/door.h"
#include "net/pagealloc.h"
#include "net/sockets.h"
#include "tls_peer.h"

#define TLS12 MBEDTLS_SSL_VERSION_TLS1_2
#define TLS13 MBEDTLS_SSL_VERSION_TLS1_3
#define PING "OPTIONS sip:x SIP/2.0\n"

/* A whole server: a switch with a line echo behind real doors on loopback. */
static struct fixture {
	struct loop *loop;
	struct hub *hub;
	struct doors *doors;
	struct tls_config *tls;
	struct addr at;
	pthread_t thread;
	atomic_int opened, closed;
	atomic_int last_why;
	pthread_mutex_t lock; /* guards web */
	struct door_web web;
	char web_first[256];
	size_t n_web;
} f;

static struct test_cert cert[2];

static void on_open(void *arg, conn_id id, const struct conn_info *info)
{
	(void)arg;
	(void)id;
	assert_true(strncmp(info->tls_version, "TLSv1.", 6) == 0);
	assert_true(info->peer.len > 0 && info->local.len > 0);
	atomic_fetch_add(&f.opened, 1);
}

static ssize_t on_bytes(void *arg, conn_id id, struct str bytes)
{
	size_t used = 0, nl;

	(void)arg;
	while ((nl = str_find(bytes, '\n', used)) < bytes.len) {
		struct str line = str_sub(bytes, used, nl + 1);

		if (str_eqz(line, "auth\n"))
			hub_set_authenticated(f.hub, id);
		if (str_eqz(line, "bye\n"))
			hub_close(f.hub, id, HUB_CLOSE_AFTER_FLUSH);
		else if (hub_send(f.hub, id, line) != E_OK)
			break;
		used = nl + 1;
	}
	return (ssize_t)used;
}

static void on_close(void *arg, conn_id id, enum err why)
{
	(void)arg;
	(void)id;
	atomic_store(&f.last_why, why);
	atomic_fetch_add(&f.closed, 1);
}

static void on_web(void *arg, const struct door_web *w)
{
	assert_ptr_equal(arg, &f);
	pthread_mutex_lock(&f.lock);
	f.web = *w;
	assert_true(w->first.len < sizeof(f.web_first));
	memcpy(f.web_first, w->first.p, w->first.len);
	f.web.first = str_n(f.web_first, w->first.len);
	f.n_web++;
	pthread_mutex_unlock(&f.lock);
}

static void *run(void *arg)
{
	loop_run(arg);
	return NULL;
}

static void start(const char *at, struct doors_cfg cfg, const struct hub_cfg *hub_cfg)
{
	static const struct hub_hooks hooks = { on_open, on_bytes, on_close, &f };
	int fd;

	memset(&f, 0, sizeof(f));
	pthread_mutex_init(&f.lock, NULL);
	f.loop = loop_new();
	f.hub = hub_new(f.loop, &hooks, hub_cfg);
	assert_int_equal(tls_config_new(str_of(cert[0].cert), str_of(cert[0].key), &f.tls), E_OK);
	assert_int_equal(addr_decode(str_of(at), &f.at), E_OK);
	assert_int_equal(sockets_listen(&f.at, &fd), E_OK);
	assert_int_equal(sockets_local(fd, &f.at), E_OK);
	cfg.fds = &fd;
	cfg.n_fds = 1;
	cfg.threads = cfg.threads == 0 ? 2 : cfg.threads;
	cfg.tls = f.tls;
	cfg.sip = f.hub;
	cfg.on_web = on_web;
	cfg.on_web_arg = &f;
	assert_int_equal(doors_start(&cfg, &f.doors), E_OK);
	assert_int_equal(pthread_create(&f.thread, NULL, run, f.loop), 0);
}

static void start_default(void)
{
	start("127.0.0.1:0", (struct doors_cfg){ .threads = 2 }, NULL);
}

/* Runs what is still under way, then ends everything in the order the server does. */
static void stop(void)
{
	doors_stop(f.doors);
	loop_stop(f.loop);
	pthread_join(f.thread, NULL);
	while (queue_depth(loop_queue(f.loop)) > 0)
		queue_run(loop_queue(f.loop), 100);
	stream_free(&f.web.stream);
	hub_free(&f.hub);
	doors_free(&f.doors);
	doors_free(&f.doors);
	loop_free(&f.loop);
	tls_config_unref(&f.tls);
	pthread_mutex_destroy(&f.lock);
	assert_int_equal(f.opened, f.closed);
}

static struct door_stats stats(void)
{
	struct door_stats st;

	doors_stats_get(f.doors, &st);
	return st;
}

static void eventually(bool (*claim)(void))
{
	for (int i = 0; i < 5000; i++) {
		if (claim())
			return;
		usleep(1000);
	}
	fail_msg("did not come true");
}

/* True if the server closes within the time. */
static bool is_closed_within(int fd, int ms)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	char c[256];

	while (poll(&p, 1, ms) == 1) {
		if (recv(fd, c, sizeof(c), 0) <= 0)
			return true;
	}
	return false;
}

static void echo(struct client *c, const char *line)
{
	client_say(c, line, strlen(line));
	client_expect(c, line);
}

/* --- */

static void test_both_versions(void **state)
{
	struct client a, b;

	(void)state;
	start_default();
	client_connect(&a, &f.at, TLS12);
	client_connect(&b, &f.at, TLS13);
	echo(&a, PING);
	echo(&b, PING);
	echo(&a, "two\n");
	echo(&b, "two\n");
	assert_int_equal(stats().tls12, 1);
	assert_int_equal(stats().tls13, 1);
	assert_int_equal(stats().to_sip, 2);
	assert_string_equal(mbedtls_ssl_get_ciphersuite(&a.ssl),
			    "TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256");
	client_close(&a);
	client_close(&b);
	stop();
}

static void test_ipv6(void **state)
{
	struct client a;
	struct addr v6;
	int fd;

	(void)state;
	assert_int_equal(addr_decode(STR("[::1]:0"), &v6), E_OK);
	if (sockets_listen(&v6, &fd) != E_OK)
		skip();
	close(fd);
	start("[::1]:0", (struct doors_cfg){ .threads = 1 }, NULL);
	client_connect(&a, &f.at, TLS13);
	echo(&a, PING);
	client_close(&a);
	stop();
}

/* The first request comes in the same segment as the Finished: no event follows it, neither at the
 * door nor at the hub. */
static void test_request_with_finished(void **state)
{
	struct client a;

	(void)state;
	start_default();
	for (int i = 0; i < 20; i++) {
		client_open(&a, &f.at, TLS13, NULL);
		while (!mbedtls_ssl_is_handshake_over(&a.ssl)) {
			int r;

			/* The Finished is held back until the request is behind it. */
			a.corked = a.corked ||
				   a.ssl.MBEDTLS_PRIVATE(state) == MBEDTLS_SSL_SERVER_FINISHED;
			r = mbedtls_ssl_handshake_step(&a.ssl);
			assert_true(r == 0 || r == MBEDTLS_ERR_SSL_WANT_READ);
		}
		client_say(&a, PING, strlen(PING));
		client_say(&a, "second record\n", 14);
		client_uncork(&a);
		client_expect(&a, PING "second record\n");
		client_close(&a);
	}
	stop();
}

static void resume(mbedtls_ssl_protocol_version version)
{
	struct client a, b;
	uint64_t before;

	start_default();
	client_connect(&a, &f.at, version);
	echo(&a, PING);
	if (version == TLS12)
		client_save_ticket(&a);
	assert_true(a.has_ticket);
	before = stats().resumed;
	client_open(&b, &f.at, version, &a);
	assert_int_equal(client_shake(&b), 0);
	echo(&b, PING);
	assert_int_equal(stats().resumed, before + 1);
	client_close(&a);
	client_close(&b);
	stop();
}

static void test_resume_12(void **state)
{
	(void)state;
	resume(TLS12);
}

static void test_resume_13(void **state)
{
	(void)state;
	resume(TLS13);
}

static void test_reload(void **state)
{
	struct client old, resumed, fresh;
	struct tls_config *next;

	(void)state;
	start_default();
	client_connect(&old, &f.at, TLS12);
	echo(&old, PING);
	client_save_ticket(&old);
	assert_int_equal(client_peer_serial(&old), 1);
	assert_int_equal(tls_config_renew(f.tls, str_of(cert[1].cert), str_of(cert[1].key), &next),
			 E_OK);
	doors_reload(f.doors, next);
	tls_config_unref(&next);
	tls_config_unref(&f.tls); /* the old connection keeps it alive */
	client_connect(&fresh, &f.at, TLS12);
	assert_int_equal(client_peer_serial(&fresh), 2);
	echo(&fresh, PING);
	echo(&old, "still here\n");
	client_open(&resumed, &f.at, TLS12, &old);
	assert_int_equal(client_shake(&resumed), 0);
	echo(&resumed, PING);
	assert_int_equal(stats().resumed, 1);
	client_close(&old);
	client_close(&resumed);
	client_close(&fresh);
	stop();
}

static void test_bad_certificate(void **state)
{
	struct tls_config *c = NULL;

	(void)state;
	assert_int_equal(tls_config_new(str_of(cert[0].cert), str_of(cert[1].key), &c), E_BAD);
	assert_int_equal(tls_config_new(STR("junk"), str_of(cert[1].key), &c), E_BAD);
	assert_int_equal(tls_config_new(str_of(cert[0].cert), STR_NULL, &c), E_BAD);
	assert_null(c);
}

static void test_garbage(void **state)
{
	int fd;

	(void)state;
	start_default();
	fd = client_dial(&f.at);
	assert_int_equal(send(fd, "REGISTER sip:plain SIP/2.0\r\n\r\n", 30, 0), 30);
	assert_true(is_closed_within(fd, 5000));
	close(fd);
	assert_int_equal(stats().failed_handshake, 1);
	stop();
}

static void test_slow_handshake(void **state)
{
	int silent, drip;

	(void)state;
	start("127.0.0.1:0", (struct doors_cfg){ .handshake_ms = 300 }, NULL);
	silent = client_dial(&f.at);
	drip = client_dial(&f.at);
	for (int i = 0; i < 20; i++) {
		if (send(drip, "\x16", 1, MSG_NOSIGNAL) != 1)
			break;
		usleep(30000);
	}
	assert_true(is_closed_within(silent, 3000));
	assert_true(is_closed_within(drip, 3000));
	close(silent);
	close(drip);
	assert_int_equal(stats().active, 0);
	stop();
}

/* After the handshake a byte now and then does not move the deadline. */
static void test_slow_first_request(void **state)
{
	struct client a;

	(void)state;
	start("127.0.0.1:0", (struct doors_cfg){ .first_request_ms = 300 }, NULL);
	client_connect(&a, &f.at, TLS13);
	for (int i = 0; i < 12; i++) {
		if (mbedtls_ssl_write(&a.ssl, (const unsigned char *)"R", 1) != 1)
			break;
		usleep(30000);
	}
	assert_true(is_closed_within(a.fd, 3000));
	assert_int_equal(stats().timed_out, 1);
	client_close(&a);
	stop();
}

static bool one_authenticated(void)
{
	struct net_stats st;

	hub_stats_get(f.hub, &st);
	return st.authenticated == 1;
}

static void test_per_source_cap(void **state)
{
	struct client a, b, d;
	int refused;

	(void)state;
	start("127.0.0.1:0", (struct doors_cfg){ .per_source_max = 2 }, NULL);
	client_connect(&a, &f.at, TLS13);
	client_connect(&b, &f.at, TLS13);
	echo(&b, PING);
	refused = client_dial(&f.at);
	assert_true(is_closed_within(refused, 5000));
	close(refused);
	assert_int_equal(stats().refused_source, 1);
	echo(&b, "auth\n"); /* signed in, it no longer counts */
	eventually(one_authenticated);
	client_connect(&d, &f.at, TLS13);
	echo(&d, PING);
	client_close(&a);
	client_close(&b);
	client_close(&d);
	stop();
}

static void test_full_door_drops_the_oldest(void **state)
{
	struct client a;
	int fd[3];

	(void)state;
	start("127.0.0.1:0", (struct doors_cfg){ .threads = 1, .handshakes_max = 3 }, NULL);
	for (int i = 0; i < 3; i++)
		fd[i] = client_dial(&f.at);
	client_connect(&a, &f.at, TLS13);
	echo(&a, PING);
	assert_true(is_closed_within(fd[0], 5000));
	assert_false(is_closed_within(fd[1], 50));
	assert_int_equal(stats().dropped_full, 1);
	for (int i = 0; i < 3; i++)
		close(fd[i]);
	client_close(&a);
	stop();
}

static bool one_web(void)
{
	bool yes;

	pthread_mutex_lock(&f.lock);
	yes = f.n_web == 1;
	pthread_mutex_unlock(&f.lock);
	return yes;
}

static void test_http_goes_to_web(void **state)
{
	static const char part1[] = "GE", part2[] = "T / HTTP/1.1\r\n\r\n";
	struct client a;
	char got[8];

	(void)state;
	start_default();
	client_connect(&a, &f.at, TLS13);
	client_say(&a, part1, 2);
	usleep(20000);
	client_say(&a, part2, sizeof(part2) - 1);
	eventually(one_web);
	assert_true(str_eqz(f.web.first, "GET / HTTP/1.1\r\n\r\n"));
	assert_non_null(stream_ssl(f.web.stream));
	assert_int_equal(stream_write(f.web.stream, "HTTP/1.1", 8), 8);
	assert_true(client_read(&a, got, 8));
	assert_memory_equal(got, "HTTP/1.1", 8);
	assert_int_equal(stream_read(f.web.stream, NULL, got, 8), E_AGAIN);
	client_close(&a);
	assert_int_equal(stats().to_web, 1);
	assert_int_equal(f.opened, 0);
	stop();
}

/* Records of all sizes both ways, over one connection per version. */
static void bulk(mbedtls_ssl_protocol_version version)
{
	enum { BYTES = 400000 };
	char *sent = xcalloc(1, BYTES), *got = xcalloc(1, BYTES);
	struct client a;

	start_default();
	for (size_t i = 0; i < BYTES; i++)
		sent[i] = (char)(i % 1000 == 999 ? '\n' : 'a' + i % 26);
	client_connect(&a, &f.at, version);
	echo(&a, "REGISTER sip:x SIP/2.0\n");
	echo(&a, "auth\n");
	for (size_t at = 0, n = 1; at < BYTES; at += n, n = n * 3 % 40009 + 1) {
		if (n > BYTES - at)
			n = BYTES - at;
		client_say(&a, sent + at, n);
	}
	assert_true(client_read(&a, got, BYTES));
	assert_memory_equal(sent, got, BYTES);
	client_say(&a, "bye\n", 4);
	assert_int_equal(mbedtls_ssl_read(&a.ssl, (unsigned char *)got, 1),
			 MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY);
	client_close(&a);
	free(sent);
	free(got);
	stop();
}

static void test_bulk_12(void **state)
{
	(void)state;
	bulk(TLS12);
}

static void test_bulk_13(void **state)
{
	(void)state;
	bulk(TLS13);
}

static bool one_closed(void)
{
	return f.closed == 1;
}

/* A damaged record ends that connection only. */
static void test_damaged_record(void **state)
{
	struct client a, b;

	(void)state;
	start_default();
	client_connect(&a, &f.at, TLS13);
	client_connect(&b, &f.at, TLS13);
	echo(&a, PING);
	echo(&b, PING);
	a.corked = true;
	client_say(&a, "x\n", 2);
	a.held[a.n_held - 1] ^= 1;
	client_uncork(&a);
	eventually(one_closed);
	assert_int_equal(f.last_why, E_BAD);
	echo(&b, "unharmed\n");
	client_close(&a);
	client_close(&b);
	stop();
}

static bool both_trimmed(void)
{
	struct net_stats st;

	hub_stats_get(f.hub, &st);
	return st.trims >= 2;
}

static void test_idle_trim(void **state)
{
	struct client a, b;

	(void)state;
	start("127.0.0.1:0", (struct doors_cfg){ .threads = 1 },
	      &(struct hub_cfg){ .idle_trim_ms = 1 });
	client_connect(&a, &f.at, TLS12);
	client_connect(&b, &f.at, TLS13);
	echo(&a, PING);
	echo(&b, PING);
	for (int i = 0; i < 2; i++) {
		eventually(both_trimmed);
		echo(&a, "after the trim\n");
		echo(&b, "after the trim\n");
	}
	client_close(&a);
	client_close(&b);
	stop();
}

static void test_stop_with_guests(void **state)
{
	struct client a;
	int fd[5];

	(void)state;
	start_default();
	for (int i = 0; i < 5; i++)
		fd[i] = client_dial(&f.at);
	client_connect(&a, &f.at, TLS13);
	stop();
	for (int i = 0; i < 5; i++)
		close(fd[i]);
	client_close(&a);
}

/* Leaves the process n free file descriptors. */
static void leave_fds(rlim_t n)
{
	struct rlimit r;
	int lowest = dup(0);

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &r), 0);
	close(lowest);
	r.rlim_cur = (rlim_t)lowest + n;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &r), 0);
}

static bool one_active(void)
{
	return stats().active == 1;
}

/* Without fds the newcomer is turned away, or the oldest guest gives way; the door goes on. */
static void test_out_of_fds(void **state)
{
	struct rlimit before;
	struct client a;
	int first, second;

	(void)state;
	start("127.0.0.1:0", (struct doors_cfg){ .threads = 1 }, NULL);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	leave_fds(1);
	first = client_dial(&f.at);
	assert_true(is_closed_within(first, 5000));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	close(first);

	first = client_dial(&f.at);
	eventually(one_active);
	leave_fds(1);
	second = client_dial(&f.at);
	assert_true(is_closed_within(first, 5000));
	assert_false(is_closed_within(second, 50));
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	assert_int_equal(stats().accept_errors, 2);
	client_connect(&a, &f.at, TLS13);
	echo(&a, PING);
	client_close(&a);
	close(first);
	close(second);
	stop();
}

enum { STORM = 8, PER_THREAD = 20 };

static void *storm(void *arg)
{
	for (int i = 0; i < PER_THREAD; i++) {
		struct client a;

		client_connect(&a, &f.at, i % 2 ? TLS12 : TLS13);
		echo(&a, PING);
		client_close(&a);
	}
	return arg;
}

static void test_storm(void **state)
{
	pthread_t t[STORM];

	(void)state;
	start_default();
	for (int i = 0; i < STORM; i++)
		assert_int_equal(pthread_create(&t[i], NULL, storm, NULL), 0);
	for (int i = 0; i < STORM; i++)
		pthread_join(t[i], NULL);
	assert_int_equal(stats().to_sip, STORM * PER_THREAD);
	stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_versions),
		cmocka_unit_test(test_ipv6),
		cmocka_unit_test(test_request_with_finished),
		cmocka_unit_test(test_resume_12),
		cmocka_unit_test(test_resume_13),
		cmocka_unit_test(test_reload),
		cmocka_unit_test(test_bad_certificate),
		cmocka_unit_test(test_garbage),
		cmocka_unit_test(test_slow_handshake),
		cmocka_unit_test(test_slow_first_request),
		cmocka_unit_test(test_per_source_cap),
		cmocka_unit_test(test_full_door_drops_the_oldest),
		cmocka_unit_test(test_http_goes_to_web),
		cmocka_unit_test(test_bulk_12),
		cmocka_unit_test(test_bulk_13),
		cmocka_unit_test(test_damaged_record),
		cmocka_unit_test(test_idle_trim),
		cmocka_unit_test(test_stop_with_guests),
		cmocka_unit_test(test_out_of_fds),
		cmocka_unit_test(test_storm),
	};

	pagealloc_install();
	log_to_stderr(false);
	if (psa_crypto_init() != PSA_SUCCESS)
		return 1;
	for (unsigned char i = 0; i < 2; i++)
		test_cert_make(&cert[i], (unsigned char)(i + 1));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
