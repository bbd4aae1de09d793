#include <signal.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#include "net/thread.h"

struct start {
	const char *name;
	int nice;
	void *(*fn)(void *arg);
	void *arg;
};

static void *begin(void *arg)
{
	struct start s = *(struct start *)arg;

	free(arg);
	pthread_setname_np(pthread_self(), s.name);
	/* Linux sets the priority of one thread when given its id. */
	if (s.nice != THREAD_NICE_NONE)
		setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), s.nice);
	return s.fn(s.arg);
}

enum err thread_start(pthread_t *out, const char *name, int nice, void *(*fn)(void *arg), void *arg)
{
	struct start *s = xcalloc(1, sizeof(*s));
	sigset_t all, old;
	int r;

	*s = (struct start){ name, nice, fn, arg };
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	r = pthread_create(out, NULL, begin, s);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0) {
		log_error("thread", "name=%s errno=%d", name, r);
		free(s);
		return E_IO;
	}
	return E_OK;
}
