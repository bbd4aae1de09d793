/* thread.h: starting a thread of the server: named, niced, all signals left to the main thread. */
#ifndef NET_THREAD_H
#define NET_THREAD_H

#include <pthread.h>

#include "base/err.h"

enum { THREAD_NICE_NONE = 0, THREAD_NICE_BACKGROUND = 10 }; /* doors and workers yield to chat */

/* name: at most 15 characters, static.  End it with pthread_join. */
MUST_USE enum err thread_start(pthread_t *out, const char *name, int nice, void *(*fn)(void *arg),
			       void *arg);

#endif
