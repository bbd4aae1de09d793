#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "net/sockets.h"

static struct addr at(const char *text)
{
	struct addr a;

	assert_int_equal(addr_decode(str_of(text), &a), E_OK);
	return a;
}

static void connect_to(int family, const struct addr *a)
{
	int fd = socket(family, SOCK_STREAM, 0);

	assert_int_equal(connect(fd, &a->sa, a->len), 0);
	sockets_tune(fd);
	close(fd);
}

static void test_dual_stack(void **state)
{
	struct addr any = at("[::]:0"), local, v4 = at("127.0.0.1:0"), v6 = at("[::1]:0");
	int fd;

	(void)state;
	assert_int_equal(sockets_listen(&any, &fd), E_OK);
	assert_int_equal(sockets_local(fd, &local), E_OK);
	assert_int_not_equal(addr_port(&local), 0);
	v4.v4.sin_port = htons(addr_port(&local));
	connect_to(AF_INET, &v4);
	if (addr_is_v6(&local)) { /* not on a host without IPv6 */
		v6.v6.sin6_port = htons(addr_port(&local));
		connect_to(AF_INET6, &v6);
	}
	close(fd);
}

static void test_in_use(void **state)
{
	struct addr a = at("127.0.0.1:0");
	int fd, fd2;

	(void)state;
	assert_int_equal(sockets_listen(&a, &fd), E_OK);
	assert_int_equal(sockets_local(fd, &a), E_OK);
	assert_int_equal(sockets_listen(&a, &fd2), E_EXISTS);
	close(fd);
}

/* In a child, whose fds 3 to 5 are what systemd would pass: a listener, a file, a listener. */
static int inherited_child(void)
{
	struct inherited_socket got[SOCKETS_INHERITED_MAX];
	struct addr a = at("127.0.0.1:0");
	int first, second;
	char pid[32];

	if (sockets_listen(&a, &first) != E_OK || sockets_listen(&a, &second) != E_OK)
		return 1;
	first = fcntl(first, F_DUPFD, 100);
	second = fcntl(second, F_DUPFD, 100);
	if (dup2(first, 3) != 3 || dup2(STDIN_FILENO, 4) != 4 || dup2(second, 5) != 5)
		return 2;
	(void)snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "3", 1);
	setenv("LISTEN_FDNAMES", "sip:junk:web", 1);
	if (sockets_inherited(got) != 2)
		return 3;
	if (got[0].fd != 3 || strcmp(got[0].name, "sip") != 0 || addr_port(&got[0].local) == 0)
		return 4;
	if (got[1].fd != 5 || strcmp(got[1].name, "web") != 0)
		return 5;
	if (!(fcntl(3, F_GETFD) & FD_CLOEXEC) || !(fcntl(5, F_GETFL) & O_NONBLOCK))
		return 6;
	if (getenv("LISTEN_FDS") != NULL || sockets_inherited(got) != 0)
		return 7;
	return 0;
}

static void test_inherited(void **state)
{
	pid_t child;
	int status;

	(void)state;
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(inherited_child());
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void test_not_for_us(void **state)
{
	struct inherited_socket got[SOCKETS_INHERITED_MAX];

	(void)state;
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "2", 1);
	assert_int_equal(sockets_inherited(got), 0);
	setenv("LISTEN_PID", "x", 1);
	setenv("LISTEN_FDS", "99999999999", 1);
	assert_int_equal(sockets_inherited(got), 0);
	assert_null(getenv("LISTEN_PID"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_dual_stack),
		cmocka_unit_test(test_in_use),
		cmocka_unit_test(test_inherited),
		cmocka_unit_test(test_not_for_us),
	};

	log_to_stderr(false);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
