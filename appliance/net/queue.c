#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/mem.h"

#include "net/queue.h"

/* Invariants:
 * 1. pushed is a stack, newest first; todo is a list, oldest first, and older than all of pushed.
 * 2. Whoever makes pushed non-empty writes to fd afterwards; the owner reads fd before it takes
 *    pushed.  So a job that is pushed after the read finds pushed either still non-empty (and will
 *    be taken with it) or empty (and wakes again): no wake-up is lost.
 * 3. todo non-empty implies fd is readable. */
struct queue {
	_Atomic(struct job *) pushed;
	atomic_size_t depth;
	int fd;
	struct job *todo; /* owner thread */
};

struct queue *queue_new(void)
{
	struct queue *q = xcalloc(1, sizeof(*q));

	atomic_init(&q->pushed, NULL);
	atomic_init(&q->depth, 0);
	q->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	assert(q->fd >= 0); /* at boot; without it nothing works */
	return q;
}

void queue_free(struct queue **qp)
{
	if (*qp == NULL)
		return;
	close((*qp)->fd);
	free(*qp);
	*qp = NULL;
}

void queue_wake(struct queue *q)
{
	static const uint64_t one = 1;
	ssize_t n;

	/* EAGAIN means the counter is at its top, so the fd is readable: as good. */
	do
		n = write(q->fd, &one, sizeof(one));
	while (n < 0 && errno == EINTR);
}

void queue_push(struct queue *q, struct job *j)
{
	struct job *head = atomic_load_explicit(&q->pushed, memory_order_relaxed);

	atomic_fetch_add_explicit(&q->depth, 1, memory_order_relaxed);
	do
		j->next = head;
	while (!atomic_compare_exchange_weak_explicit(&q->pushed, &head, j, memory_order_release,
						      memory_order_relaxed));
	if (head == NULL)
		queue_wake(q);
}

int queue_fd(const struct queue *q)
{
	return q->fd;
}

/* Reads the wake-ups away, then takes all that was pushed, oldest first. */
static void take(struct queue *q)
{
	struct job *j, *list = NULL;
	uint64_t n;
	ssize_t r;

	do
		r = read(q->fd, &n, sizeof(n));
	while (r < 0 && errno == EINTR);
	j = atomic_exchange_explicit(&q->pushed, NULL, memory_order_acquire);
	while (j != NULL) {
		struct job *next = j->next;

		j->next = list;
		list = j;
		j = next;
	}
	q->todo = list;
}

size_t queue_run(struct queue *q, size_t max)
{
	size_t n = 0;

	if (q->todo == NULL)
		take(q);
	while (q->todo != NULL && n < max) {
		struct job *j = q->todo;

		q->todo = j->next;
		j->next = NULL;
		n++;
		atomic_fetch_sub_explicit(&q->depth, 1, memory_order_relaxed);
		j->fn(j);
	}
	if (q->todo != NULL)
		queue_wake(q); /* invariant 3 */
	return n;
}

size_t queue_depth(const struct queue *q)
{
	return atomic_load_explicit(&q->depth, memory_order_relaxed);
}
