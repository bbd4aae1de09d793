#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/mem.h"

#include "net/thread.h"
#include "net/worker.h"

enum { THREADS_MAX = 64 };

struct fifo {
	struct work *head, **tail;
};

/* Invariants (under lock):
 * 1. depth is the number of works in both fifos.
 * 2. heavy_running is true while one thread runs a WORK_HEAVY; no second one is then taken. */
struct worker_pool {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct fifo light, heavy;
	size_t depth, n_threads;
	bool heavy_running, stopping;
	pthread_t thread[THREADS_MAX];
};

static void fifo_put(struct fifo *f, struct work *w)
{
	w->next = NULL;
	*f->tail = w;
	f->tail = &w->next;
}

static struct work *fifo_get(struct fifo *f)
{
	struct work *w = f->head;

	if (w == NULL)
		return NULL;
	f->head = w->next;
	if (f->head == NULL)
		f->tail = &f->head;
	return w;
}

static void on_reply(struct job *j)
{
	struct work *w = CONTAINER_OF(j, struct work, job);

	w->done(w);
}

static void answer(struct work *w, struct queue *reply)
{
	if (reply != NULL) /* without one, run has ended the object */
		queue_push(reply, &w->job);
}

/* Under lock: the next work to run, or NULL when there is none that may run now. */
static struct work *next_work(struct worker_pool *p)
{
	struct work *w = NULL;

	if (!p->heavy_running)
		w = fifo_get(&p->heavy);
	if (w == NULL)
		w = fifo_get(&p->light);
	if (w != NULL)
		p->depth--;
	return w;
}

static void *work_loop(void *arg)
{
	struct worker_pool *p = arg;

	pthread_mutex_lock(&p->lock);
	while (!p->stopping) {
		struct work *w = next_work(p);
		struct queue *reply;
		bool heavy;

		if (w == NULL) {
			pthread_cond_wait(&p->wake, &p->lock);
			continue;
		}
		reply = w->reply;
		heavy = w->cls == WORK_HEAVY;
		p->heavy_running = p->heavy_running || heavy;
		pthread_mutex_unlock(&p->lock);
		w->run(w);
		answer(w, reply);
		pthread_mutex_lock(&p->lock);
		if (heavy) {
			p->heavy_running = false;
			pthread_cond_signal(&p->wake); /* another heavy one may wait for this */
		}
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

struct worker_pool *worker_pool_new(size_t threads)
{
	struct worker_pool *p = xcalloc(1, sizeof(*p));

	assert(threads > 0 && threads <= THREADS_MAX);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->wake, NULL);
	p->light.tail = &p->light.head;
	p->heavy.tail = &p->heavy.head;
	for (size_t i = 0; i < threads; i++) {
		enum err e = thread_start(&p->thread[i], "worker", THREAD_NICE_BACKGROUND,
					  work_loop, p);

		assert(e == E_OK); /* at boot */
		p->n_threads++;
	}
	return p;
}

void worker_pool_stop(struct worker_pool *p)
{
	struct work *w;

	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	pthread_cond_broadcast(&p->wake);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->n_threads; i++)
		pthread_join(p->thread[i], NULL);
	p->n_threads = 0;
	while ((w = next_work(p)) != NULL) {
		w->cancelled = true;
		if (w->reply == NULL)
			w->run(w); /* nobody else would end it */
		else
			answer(w, w->reply);
	}
}

void worker_pool_free(struct worker_pool **pp)
{
	struct worker_pool *p = *pp;

	if (p == NULL)
		return;
	worker_pool_stop(p);
	pthread_cond_destroy(&p->wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
	*pp = NULL;
}

enum err worker_submit(struct worker_pool *p, struct work *w)
{
	enum err e = E_OK;

	assert(w->run != NULL && (w->reply == NULL || w->done != NULL));
	w->job = (struct job){ .fn = on_reply };
	w->cancelled = false;
	pthread_mutex_lock(&p->lock);
	if (p->depth >= WORKER_QUEUE_MAX || p->stopping) {
		e = E_FULL;
	} else {
		fifo_put(w->cls == WORK_HEAVY ? &p->heavy : &p->light, w);
		p->depth++;
		pthread_cond_signal(&p->wake);
	}
	pthread_mutex_unlock(&p->lock);
	return e;
}

size_t worker_depth(struct worker_pool *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->depth;
	pthread_mutex_unlock(&p->lock);
	return n;
}
